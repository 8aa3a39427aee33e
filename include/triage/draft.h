/* Drafts: what is asked of the model and what is made of its answer. Pure but for the knowledge handle: the call itself
 * is the model edge's. */
#ifndef TRIAGE_DRAFT_H
#define TRIAGE_DRAFT_H

#include <stdbool.h>

#include "triage/decide.h"
#include "triage/decision.h"
#include "triage/err.h"
#include "triage/knowledge.h"
#include "triage/ticket.h"

#define DRAFT_TEXT_MAX 4000     /* bytes of a draft that we accept */
#define DRAFT_ARTICLES_MAX 3    /* sources in one prompt */
#define DRAFT_OPINION_OTHER "other" /* the model's word for none of the labels it was offered */

#define DRAFT_RETRIEVAL_LEAST 1.0 /* as measured; see retrieval_least */
#define DRAFT_PROMPT_TOKENS_MAX 3072 /* of one prompt, before the server counts */
#define DRAFT_RECORDED_BYTES_MAX 16384 /* of a model's answer that a result keeps */
#define DRAFT_NONCE_MAX 17 /* hex digits and the terminator */

struct pii;
struct pii_vault;

struct draft_request {
    char *body; /* JSON of an OpenAI-compatible chat completion; owned, NULL: none was made */
    char *context; /* JSON: what stands in it and what was left out, also of a prompt that was not made; owned */
    char sources[DRAFT_ARTICLES_MAX][ARTICLE_ID_MAX];
    size_t n_sources;
    double retrieval; /* strength of the best article, 0..1: one half is just enough for a draft */
    bool asks_label;
    const char *commitments; /* borrowed from the settings */
    struct pii_vault *vault; /* what the placeholders of the prompt stand for; owned, NULL when nothing was masked */
    char nonce[DRAFT_NONCE_MAX]; /* stands around the ticket's text; an answer that holds it is refused */
};

struct draft_settings {
    const char *model_name;
    int max_tokens;
    bool label_opinion;     /* asks which of the best labels fits, too */
    struct pii *pii;        /* finds what must not reach prompt, index and model; NULL: nothing is masked */
    const char *commitments; /* policy_commitments, borrowed; NULL: none */
    double retrieval_least; /* best score below this times knowledge_least: no draft, retrieval_weak; 0: whatever is found */
    uint64_t nonce;         /* randomness for the delimiter around ticket text; a parameter, so that runs can be replayed */
};

/* SHA-256 hex of the constant part of every prompt: what a result's provenance names. */
const char *draft_prompt_hash(void);

/* 1 made, 0 retrieval is weak (no draft, but a context), -1 error. The caller frees the request in any case. */
int draft_prompt(struct knowledge *knowledge, const struct ticket *ticket, const struct decision *decision,
                 const struct draft_settings *settings, struct draft_request *ret_request, struct err *reterr);
void draft_request_free(struct draft_request *self);

/* Reads the HTTP body of the model's answer. Validates everything: finish_reason, fenced code, citations within the
 * sources, length (trimmed to the last whole sentence), control characters, markup, endless repetition. Sets
 * draft->unsupported by the claim check, and the token counts that the server tells. Reason on failure: model_invalid. */
int draft_parse(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
                const void *answer, size_t len, struct draft *ret_draft, struct err *reterr);

/* The claim check of a draft against the ticket and the articles that it cites. */
struct claim_report;
void draft_claims(struct knowledge *knowledge, const struct ticket *ticket, const struct draft *draft,
                  struct claim_report *ret_report);

/* The same as draft.unsupported has it: JSON, or NULL when every claim has its source. The caller frees it. */
char *draft_unsupported(struct knowledge *knowledge, const struct ticket *ticket, const struct draft *draft);

/* Makes a draft of a macro (text, citation of itself), its slots filled from the ticket. -1 when it is unknown, was
 * superseded, is for agents, was approved by nobody, or has a slot without exactly one value in the ticket. */
int draft_macro(struct knowledge *knowledge, const char *macro_id, const struct ticket *ticket, struct draft *ret_draft,
                struct err *reterr);
/* 1 when an approved macro for the decision's label is among the best articles for the ticket, and its draft; 0 when none
 * is, -1 error. */
int draft_fitting_macro(struct knowledge *knowledge, const struct ticket *ticket, const struct decision *decision,
                        const struct draft_settings *settings, struct draft *ret_draft, struct err *reterr);

/* ---- one ticket's way to its draft: lanes and replays go it alike ---- */

/* After decider_decide: the approved answer of an answered ticket, else a macro that fits, else a prompt. True when the
 * model has to be called with ret_request; settings->model_name NULL: there is no model. Without knowledge (NULL) nothing
 * but an answer that can't be filled is changed. */
bool draft_begin(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_settings *settings,
                 struct decision *decision, struct draft_request *ret_request);
/* The server answered: its answer is recorded, checked, and becomes the draft. False when it can't be used. */
bool draft_end(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
               const void *answer, size_t len, struct decision *decision);
/* No answer is to be had, and why: recorded, too. */
void draft_forgo(const struct draft_request *request, struct decision *decision, enum reason reason);
/* Ends the decision as the recorded call ended (decision.recorded of then, as JSON): draft_end or draft_forgo. The request
 * comes from draft_begin with the nonce of the record (draft_recorded_nonce). -1 when the record can't be used. */
int draft_replay(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
                 const char *recorded, struct decision *decision, struct err *reterr);
int draft_recorded_nonce(const char *recorded, uint64_t *ret_nonce); /* -1: it holds none */

#endif
