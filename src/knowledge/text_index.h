/* The full-text index of articles: BM25 over titles and over bodies, each with its own lengths, and over the titles'
 * trigrams; the scores are added. Titles and bodies apart because a title's few words say more, and a long body would
 * drown them. Source of the parts: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009). */
#ifndef TRIAGED_KNOWLEDGE_TEXT_INDEX_H
#define TRIAGED_KNOWLEDGE_TEXT_INDEX_H

#include <stddef.h>

#include "triage/err.h"

struct text_index; /* in memory; one thread at a time */

int text_index_new(struct text_index **ret_index, struct err *reterr);
void text_index_free(struct text_index *self);

/* article: the caller's number, 0 and up. language "en" or "" is stemmed. A body is indexed in parts, one a heading. */
int text_index_add(struct text_index *self, size_t article, const char *language, const char *title, const char *body,
                   struct err *reterr);

/* After the last text_index_add: makes searches cheap. The index is right without it, too. */
int text_index_merge(struct text_index *self, struct err *reterr);

/* Adds to scores[article], higher is better; the best part counts for its article. language of the question, or "". */
int text_index_search(struct text_index *self, const char *question, const char *language, double *scores,
                      size_t n_scores, struct err *reterr);

#endif
