/* Fitting weights: Crammer-Singer by LIBLINEAR (the only file that includes linear.h is fit.c), one-vs-rest by
 * one_vs_rest.c. */
#ifndef TRIAGED_DECIDE_FIT_H
#define TRIAGED_DECIDE_FIT_H

#include "decide/corpus.h"
#include "decide/vector.h"
#include "triage/err.h"

enum fit_solver { FIT_CRAMMER_SINGER, FIT_ONE_VS_REST, FIT_SOLVERS };
const char *fit_solver_name(enum fit_solver solver);

/* Rows chosen from a corpus as weighted vectors over their own vocabulary (document frequency of two and more). */
struct fit_set;
/* keep[i] says whether row i of the corpus takes part. */
struct fit_set *fit_set_new(const struct corpus *corpus, const unsigned char *keep);
void fit_set_free(struct fit_set *self);
const struct vocabulary *fit_set_vocabulary(const struct fit_set *self);
size_t fit_set_rows(const struct fit_set *self); /* of the vocabulary */

/* Weights: (rows + 1) x stride floats, the last row the bias; the caller frees with mem_free. The same set, solver and
 * cost give the same bytes. */
int fit_weights(const struct fit_set *self, enum fit_solver solver, double cost, float **ret_weights,
                struct err *reterr);
size_t fit_stride(size_t n_labels);

/* Raw scores of a corpus row; scores has room for the stride, scratch for FEATURE_LIST_MAX entries. */
void fit_score(const struct fit_set *self, const float *weights, const struct corpus *corpus, size_t row,
               struct entry *scratch, float *scores);

#endif
