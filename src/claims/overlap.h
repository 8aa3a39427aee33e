/* Words that say something, compared by their beginnings. Pure. */
#ifndef TRIAGED_CLAIMS_OVERLAP_H
#define TRIAGED_CLAIMS_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

#include "claims/fold.h"

#define OVERLAP_LETTERS 4 /* that two words must have in common at their beginning, unless they are equal */

/* bag, bags; erstatten, erstattet. */
bool words_alike(const char *one, size_t n, const char *other, size_t m);
/* Articles, auxiliaries, prepositions, currencies: they stand everywhere. */
bool word_is_little(const char *word, size_t len);

/* Whether a word like this one stands between these places. */
bool overlap_stands(const struct folded *text, size_t start, size_t end, const char *word, size_t len);

#endif
