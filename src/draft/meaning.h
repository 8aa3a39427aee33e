/* The articles' vectors: what a question and an article have in common beyond their words. English only, because the
 * encoder is. Titles and passages of the body are embedded apart: a title is a question's nearest kin, and one passage
 * of a long body may be what was asked for. */
#ifndef TRIAGED_DRAFT_MEANING_H
#define TRIAGED_DRAFT_MEANING_H

#include <stddef.h>

#include "triage/encoder.h"
#include "triage/err.h"

#define PASSAGES_MAX 32 /* of one article; what comes later in it is found by its words alone */

struct meaning;

struct meaning *meaning_new(struct encoder *encoder); /* borrows the encoder, which must outlive it */
void meaning_free(struct meaning *self);

/* article: the caller's number, 0 and up. */
int meaning_add(struct meaning *self, size_t article, const char *title, const char *body, struct err *reterr);

/* Adds to scores[article]: nothing to an article that is not near the question at all. */
int meaning_search(struct meaning *self, const char *question, double *scores, size_t n_scores, struct err *reterr);

#endif
