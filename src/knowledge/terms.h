/* A question as search terms: its words without those that say nothing, and its trigrams. Pure. */
#ifndef TRIAGED_KNOWLEDGE_TERMS_H
#define TRIAGED_KNOWLEDGE_TERMS_H

#include <stddef.h>

#include "base/buf.h"

#define TERMS_WORDS_MAX 64 /* of one question; what comes later is left out */
#define TERMS_GRAMS_MAX 256

/* Each writes an FTS5 query: any of the terms, each quoted, so that nothing of a ticket is read as an operator. Nothing
 * is written when no term is left. language "de" drops German stop words, any other English ones. */
void terms_words(const char *question, const char *language, struct buf *out);
void terms_grams(const char *question, const char *language, struct buf *out);

/* How many different words of the question, stop words aside, stand in the first len bytes of the text. */
size_t terms_shared(const char *question, const char *language, const char *text, size_t len);

#endif
