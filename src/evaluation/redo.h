/* Decides a past ticket again, as a worker would with these files: with the recorded answer of the model, or without.
 */
#ifndef TRIAGED_EVALUATION_REDO_H
#define TRIAGED_EVALUATION_REDO_H

#include <stdbool.h>

#include "base/json.h"
#include "policy/config.h"
#include "triage/decide.h"
#include "triage/draft.h"
#include "triage/result.h"

/* What differs from the configuration; NULL: as it says. promise "": none. */
struct redo_files {
    const char *policy, *floor, *classifier, *promise, *knowledge;
};

struct redo; /* policy, models, articles and a decider; one thread */

/* live: recorded answers are passed over and the model server is asked. */
int redo_open(const struct config *config, const struct redo_files *files, bool live, struct redo **ret_redo,
              struct err *reterr);
void redo_close(struct redo *self);
struct policy *redo_policy(struct redo *self);   /* to try thresholds out, before anything is decided */
const char *redo_lacks(const struct redo *self); /* why the encoder is missing; "" it is not */

/* What the results of this redo would name. Its strings are of the redo. */
struct provenance redo_provenance(const struct redo *self);

const char *redo_model_name(const struct redo *self); /* of drafts */
struct promise_words redo_promise(const struct redo *self);

enum redo_answers {
    REDO_RECORDED,   /* the recorded answer counts, whatever the prompt is now */
    REDO_SAME_PROMPT /* it counts where the prompt is the same to the byte */
};
enum redo_end {
    REDO_DECIDED,
    REDO_UNDRAFTED, /* the model is due and there is no answer to this prompt: decided but for the draft */
};
/* past: the result of then, for the recorded call and what triage.control said, the review budget with it; capped: that
 * holds again. The caller clears the decision. without_articles: decided as a worker whose articles were not read. */
struct redo_ask {
    const struct ticket *ticket;
    const cJSON *past;
    enum redo_answers answers;
    bool capped, without_articles;
};
int redo_decide(struct redo *self, const struct redo_ask *ask, struct decision *ret_decision, enum redo_end *ret_end,
                struct err *reterr);

#endif
