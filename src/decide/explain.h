/* Why the linear tier chose a label over the next best one: the exact contribution of every n-gram to both scores. */
#ifndef TRIAGED_DECIDE_EXPLAIN_H
#define TRIAGED_DECIDE_EXPLAIN_H

#include "base/json.h"
#include "decide/features.h"
#include "triage/classifier.h"

struct contribution {
    const char *ngram; /* as training first met it in this bucket; borrowed from the model */
    enum feature_block block;
    double to[2]; /* score of the best label, of the next */
};

struct explanation {
    const char *label[2]; /* best, next; borrowed from the model */
    double score[2], bias[2], probability[2];
    double scope_score;
    bool in_scope;
    struct contribution *contributions; /* by difference, largest first */
    size_t n;
    size_t n_flip; /* without so many of the first contributions the next label would win; 0 when none are for the best */
};

/* bias plus all contributions is the score, to the precision of a float. */
void classifier_explain(const struct classifier *model, const struct classifier_text *text,
                        struct explanation *ret_explanation);
void explanation_done(struct explanation *self);

#endif
