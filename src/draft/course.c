/* How a decision comes to its draft, or goes without, and what is kept of the model's call so that it can be gone again
 * without a model. Knows no lane, no server and no clock. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "draft/manifest.h"
#include "triage/draft.h"

enum { RECORD_BYTES_MAX = 1 << 20, ANSWER_BYTES_MAX = 262144, ANSWER_TOKENS_MAX = 20000, HEX = 16 };

/* The word for a call that was answered; every other outcome is a reason code. */
#define ANSWERED "answered"

static const struct json_limits record_limits = {RECORD_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
static const struct json_limits answer_limits = {ANSWER_BYTES_MAX, JSON_DEPTH_MAX, ANSWER_TOKENS_MAX};

/* ---- before the call ---- */

/* An approved answer rests on itself, whole. */
static void name_macro(struct knowledge *knowledge, const struct ticket *ticket, struct decision *decision)
{
    const struct article *macro = knowledge_find(knowledge, decision->draft.macro_id);
    const struct sources sources = {.items = {{.article = macro, .len = strlen(macro->body)}}, .n = 1};
    const struct manifest manifest = {.sources = &sources, .ticket = ticket};

    decision->context = manifest_json(&manifest);
}

static void fill_answer(struct knowledge *knowledge, const struct ticket *ticket, struct decision *decision)
{
    struct err err = {0};

    if (knowledge && draft_macro(knowledge, decision->draft.macro_id, ticket, &decision->draft, &err) == 0) {
        name_macro(knowledge, ticket, decision);
        return;
    }
    decision->status = STATUS_IN_REVIEW;
    decision->draft.macro_id[0] = '\0';
    decision_add_reason(decision, REASON_NO_MACRO);
}

/* What somebody approved comes before what a model writes: it is cheaper, and the same every time. */
static bool take_macro(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_settings *settings,
                       struct decision *decision)
{
    struct err err = {0};

    if (draft_fitting_macro(knowledge, ticket, decision, settings, &decision->draft, &err) != 1)
        return false;
    name_macro(knowledge, ticket, decision);
    decision_add_reason(decision, REASON_MACRO);
    return true;
}

/* Without a draft a suggestion has nothing to offer: a person takes it. A spent budget is no failure: the label stands.
 */
static void go_without(struct decision *decision, enum reason reason)
{
    decision_add_reason(decision, reason);
    if (decision->status == STATUS_SUGGESTED && reason != REASON_DRAFT_BUDGET && reason != REASON_RETRIEVAL_WEAK)
        decision->status = STATUS_IN_REVIEW;
}

bool draft_begin(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_settings *settings,
                 struct decision *decision, struct draft_request *ret_request)
{
    struct err err = {0};
    int made;

    if (decision->status == STATUS_ANSWERED)
        fill_answer(knowledge, ticket, decision);
    if (!decision->wants_draft || !knowledge)
        return false;
    if (take_macro(knowledge, ticket, settings, decision) || !settings->model_name)
        return false;
    made = draft_prompt(knowledge, ticket, decision, settings, ret_request, &err);
    if (made >= 0) {
        decision->context = mem_strdup(ret_request->context);
        decision->retrieval = ret_request->retrieval;
    }
    if (made <= 0)
        go_without(decision, made == 0 ? REASON_RETRIEVAL_WEAK : REASON_MODEL_INVALID);
    return made > 0;
}

/* ---- recording ---- */

static void keep(struct decision *decision, const cJSON *record)
{
    mem_free(decision->recorded);
    decision->recorded = json_text(record);
}

static void copy_number(cJSON *to, const char *as, const cJSON *from, const char *name)
{
    int64_t n = 0;

    (void)json_int64(from, name, &n); /* what the server does not say is 0 */
    cJSON_AddNumberToObject(to, as, n > 0 ? (double)n : 0);
}

/* The answer's content holds placeholders where the prompt did: nothing personal is recorded that the model was not
 * told. */
static void record_answer(cJSON *record, const cJSON *answer)
{
    const cJSON *choice = cJSON_GetArrayItem(json_get(answer, "choices"), 0), *usage = json_get(answer, "usage");
    const char *content = json_str(json_get(choice, "message"), "content", NULL);

    if (!content)
        return;
    if (strlen(content) > DRAFT_RECORDED_BYTES_MAX) {
        cJSON_AddTrueToObject(record, "too_long");
        return;
    }
    cJSON_AddStringToObject(record, "model_answer", content);
    cJSON_AddStringToObject(record, "finish_reason", json_str(choice, "finish_reason", ""));
    copy_number(record, "tokens_in", usage, "prompt_tokens");
    copy_number(record, "tokens_cached", json_get(usage, "prompt_tokens_details"), "cached_tokens");
    copy_number(record, "tokens_out", usage, "completion_tokens");
}

static void record(const struct draft_request *request, const void *answer, size_t len, struct decision *decision)
{
    CLEANUP(json_done) cJSON *doc = NULL, *record = cJSON_CreateObject();
    struct err ignored = {0};

    cJSON_AddStringToObject(record, "outcome", ANSWERED);
    cJSON_AddStringToObject(record, "nonce", request->nonce);
    if (json_parse(answer, len, &answer_limits, &doc, &ignored) ==
        0) /* else there is nothing to keep but the outcome */
        record_answer(record, doc);
    keep(decision, record);
}

/* ---- after the call ---- */

/* What a model finds can send a ticket to a person, and never away from one. */
static void doubt(struct decision *decision, enum reason reason)
{
    decision_add_reason(decision, reason);
    if (decision->status == STATUS_SUGGESTED)
        decision->status = STATUS_IN_REVIEW;
}

/* A label that was not offered is none: a server may ignore the schema. */
static void close_opinion(struct decision *decision)
{
    char *opinion = decision->draft.opinion;
    bool offered = !*opinion;

    for (size_t i = 0; i < decision->n_alternatives; i++)
        offered |= strcmp(opinion, decision->alternatives[i].label) == 0;
    if (!offered)
        memcpy(opinion, DRAFT_OPINION_OTHER, sizeof DRAFT_OPINION_OTHER);
}

bool draft_end(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
               const void *answer, size_t len, struct decision *decision)
{
    struct err err = {0};

    record(request, answer, len, decision);
    if (draft_parse(knowledge, ticket, request, answer, len, &decision->draft, &err) < 0) {
        go_without(decision, REASON_MODEL_INVALID);
        return false;
    }
    decision->model_tokens_in = decision->draft.tokens_in;
    decision->model_tokens_out = decision->draft.tokens_out;
    if (decision->draft.unsupported)
        doubt(decision, REASON_UNSUPPORTED_CLAIM);
    close_opinion(decision);
    if (*decision->draft.opinion && strcmp(decision->draft.opinion, decision->label) != 0)
        doubt(decision, REASON_OPINIONS_DIFFER);
    return true;
}

void draft_forgo(const struct draft_request *request, struct decision *decision, enum reason reason)
{
    CLEANUP(json_done) cJSON *record = cJSON_CreateObject();

    cJSON_AddStringToObject(record, "outcome", reason_name(reason));
    cJSON_AddStringToObject(record, "nonce", request->nonce);
    keep(decision, record);
    go_without(decision, reason);
}

/* ---- again, without a model ---- */

/* The server's answer as far as it counts. Without content it is one that draft_parse refuses, as it did then. */
static char *answer_of(const cJSON *record)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    const char *content = json_str(record, "model_answer", NULL);
    cJSON *choice = cJSON_CreateObject(), *usage;

    cJSON_AddItemToArray(cJSON_AddArrayToObject(doc, "choices"), choice);
    cJSON_AddStringToObject(choice, "finish_reason", json_str(record, "finish_reason", ""));
    if (content)
        cJSON_AddStringToObject(cJSON_AddObjectToObject(choice, "message"), "content", content);
    usage = cJSON_AddObjectToObject(doc, "usage");
    copy_number(usage, "prompt_tokens", record, "tokens_in");
    copy_number(usage, "completion_tokens", record, "tokens_out");
    copy_number(cJSON_AddObjectToObject(usage, "prompt_tokens_details"), "cached_tokens", record, "tokens_cached");
    return json_text(doc);
}

static int reason_of(const char *outcome)
{
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (strcmp(reason_name((enum reason)reason), outcome) == 0)
            return reason;
    }
    return -1;
}

int draft_replay(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
                 const char *recorded, struct decision *decision, struct err *reterr)
{
    CLEANUP(json_done) cJSON *record = NULL;
    CLEANUP(mem_freep) char *answer = NULL;
    const char *outcome;
    int reason;

    if (json_parse(recorded, strlen(recorded), &record_limits, &record, reterr) < 0)
        return err_context(reterr, "the recorded call is not one JSON document");
    if (json_get(record, "too_long"))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the model's answer was too long to be recorded");
    outcome = json_str(record, "outcome", "");
    reason = reason_of(outcome);
    if (strcmp(outcome, ANSWERED) != 0 && reason < 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the recorded call has the unknown outcome %s", outcome);
    if (reason >= 0) {
        draft_forgo(request, decision, (enum reason)reason);
        return 0;
    }
    answer = answer_of(record);
    draft_end(knowledge, ticket, request, answer, strlen(answer), decision);
    return 0;
}

int draft_recorded_nonce(const char *recorded, uint64_t *ret_nonce)
{
    CLEANUP(json_done) cJSON *record = NULL;
    struct err ignored = {0};
    const char *nonce;

    if (json_parse(recorded, strlen(recorded), &record_limits, &record, &ignored) < 0)
        return -1;
    nonce = json_str(record, "nonce", "");
    if (!*nonce)
        return -1;
    *ret_nonce = strtoull(nonce, NULL, HEX);
    return 0;
}
