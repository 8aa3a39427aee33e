/* What classifier.c shares with training, explaining and calibrating: the raw scores and where they come from. */
#ifndef TRIAGED_DECIDE_LINEAR_H
#define TRIAGED_DECIDE_LINEAR_H

#include "decide/model_file.h"
#include "decide/vector.h"
#include "triage/classifier.h"

#define LINEAR_STRIDE_UNIT 8 /* floats: rows are padded to it */

/* temperature * log sum exp(score / temperature): high when some class fits. */
double linear_energy(const float *scores, size_t n, double temperature);
/* scores[0..stride) = bias + sum of value * row, in the order of the entries. */
void linear_scores(const float *weights, size_t stride, size_t n_rows, const struct entry *entries, size_t n,
                   float *scores);

struct classifier_view { /* read-only insight for training reports, explain and tests */
    const struct model_params *params;
    struct vocabulary vocabulary;
    const float *weights;
    const struct model_sequence *sequence;
    const char *report;
};
void classifier_look(const struct classifier *self, struct classifier_view *ret_view);
const char *classifier_ngram(const struct classifier *self, uint32_t row);
/* Raw scores of every label; scores has room for classifier_label_count. Returns the number of entries, borrowed from
 * the scratch until the next call. */
size_t classifier_scores(const struct classifier *self, struct classifier_scratch *scratch,
                         const struct classifier_text *text, float *scores, const struct entry **ret_entries);
/* The block of a feature of the last text. */
enum feature_block classifier_block(const struct classifier_scratch *scratch, uint32_t feature);
/* All probabilities, in the order of the labels, and the scope score. */
void classifier_probabilities(const struct classifier *self, struct classifier_scratch *scratch,
                              const struct classifier_text *text, double *probabilities, double *ret_scope);
#endif
