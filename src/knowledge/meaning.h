/* The articles' vectors: what a question and an article have in common beyond their words. English only, because the
 * encoder is. Titles and passages of the body are embedded apart: a title is a question's nearest kin, and one passage
 * of a long body may be what was asked for. */
#ifndef TRIAGED_KNOWLEDGE_MEANING_H
#define TRIAGED_KNOWLEDGE_MEANING_H

#include <stddef.h>

#include "knowledge/vectors.h"
#include "triage/encoder.h"
#include "triage/err.h"

#define PASSAGES_MAX 32 /* of one article; what comes later in it is found by its words alone */

struct meaning; /* const when finished: then any thread may search it, each with an encoder of its own */

struct meaning *meaning_new(void);
void meaning_free(struct meaning *self);

/* article: the caller's number, 0 and up. */
void meaning_add(struct meaning *self, size_t article, const char *title, const char *body);
/* Embeds what was added and is not among the known vectors (NULL: none; of the same encoder). Once, after the last
 * meaning_add. ret_made: how many had to be made. */
int meaning_finish(struct meaning *self, struct encoder *encoder, const struct vectors *known, size_t *ret_made,
                   struct err *reterr);
const struct vectors *meaning_vectors(const struct meaning *self); /* to keep, or as known ones of the next */

/* Adds to scores[article]: nothing to an article that is not near the question at all. */
int meaning_search(const struct meaning *self, struct encoder *encoder, const char *question, double *scores,
                   size_t n_scores, struct err *reterr);

#endif
