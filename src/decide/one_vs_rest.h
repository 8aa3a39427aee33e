/* One-vs-rest L2-loss SVMs for all labels at once, by dual coordinate descent: what LIBLINEAR's -s 1 solves label by
 * label, several times faster because each text is visited once for all labels and most pairs of text and label drop out
 * early. Source: Hsieh et al., A dual coordinate descent method for large-scale linear SVM (ICML 2008). */
#ifndef TRIAGED_DECIDE_ONE_VS_REST_H
#define TRIAGED_DECIDE_ONE_VS_REST_H

#include <stddef.h>
#include <stdint.h>

struct sparse_rows {
    size_t n;              /* rows */
    const size_t *starts;  /* n + 1 of them, into the two below */
    const uint32_t *index; /* of a feature */
    const float *value;
    const uint32_t *labels; /* one a row, below n_labels */
    size_t n_features, n_labels, stride; /* stride: floats of a row of weights, at least n_labels */
};

/* weights: n_features x stride, zeroed by the caller. The same rows and cost give the same bytes. */
void one_vs_rest(const struct sparse_rows *rows, double cost, float *weights);

#endif
