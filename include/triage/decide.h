/* Ticket in, decision out: screen (rules, spam, language) ▸ linear tier ▸ policy. Pure: reads no clock, does no I/O. */
#ifndef TRIAGE_DECIDE_H
#define TRIAGE_DECIDE_H

#include "triage/classifier.h"
#include "triage/controls.h"
#include "triage/decision.h"
#include "triage/policy.h"
#include "triage/ticket.h"

struct decider; /* policy and classifier snapshots with their scratch; one per lane */
struct promise;

/* All borrowed; they outlive the decider. */
struct decider_parts {
    const struct policy *policy;
    const struct classifier *classifier;
    const struct promise *promise;   /* NULL: none asked for; the policy's thresholds alone say what needs no person */
    const struct controls *controls; /* NULL: nothing is capped */
    const struct classifier *priority; /* NULL: priority is not guessed; its labels are words of result_priority_of */
    const char *encoder_dir;           /* "" or NULL: where encoder_find finds it */
    int64_t (*clock_us)(void); /* monotonic, for screen_us of decisions; NULL: not timed. Nothing else rests on it */
};

/* Fails when the classifier has a label that the policy does not name, and says which. When the model was trained with
 * an encoder and that can't be had, the linear tier decides alone: nothing is under the promise then, and decider_lacks
 * says what is missing. */
int decider_new(const struct decider_parts *parts, struct decider **ret_decider, struct err *reterr);
const char *decider_lacks(const struct decider *self); /* "" nothing */
/* The encoder that the classifier was trained with, for others of the same thread; NULL: none. Borrowed. */
struct encoder *decider_encoder(struct decider *self);
void decider_free(struct decider *self);
/* For deciding again what was decided under triage.control: what it said then counts in place of the controls; NULL, as
 * at first: the controls. */
void decider_obey(struct decider *self, const struct control_answer *said);

/* How the review budget stands, for the decisions that follow; at first normal. In tight and over a class counts as
 * confident wherever the promise certifies it; in over what is of low risk and not urgent is deferred. */
void decider_budget(struct decider *self, const struct control_budget *budget);

/* Everything that can be decided without a model call. Sets status to ANSWERED (the macro id in draft.macro_id, its
 * text still to be filled from the knowledge), IGNORED, SUGGESTED or IN_REVIEW, with label, alternatives and reasons,
 * and wants_draft where a draft is worth a model call. */
void decider_decide(struct decider *self, const struct ticket *ticket, struct decision *ret_decision);

/* Plain text of the newest customer message: quoted replies and signatures cut off, invisible characters removed.
 * The caller frees with mem_free. */
char *ticket_plain_text(const struct ticket *ticket);

#endif
