/* What a draft quotes: the words of a button, a form, a subject line, in quotes, and the steps of a menu, "Help >
 * Deactivate". They are names whatever the language. Pure. */
#ifndef TRIAGED_CLAIMS_QUOTES_H
#define TRIAGED_CLAIMS_QUOTES_H

#include "claims/fold.h"

#define QUOTES_MAX 64 /* of one text */

struct quote {
    size_t start, end; /* bytes of the folded text, without the marks around it */
};

/* The quotes of the text that begin with a capital or a digit, and its menu steps; original is what was folded. Returns
 * how many, at most cap. */
size_t quotes_find(const char *original, const struct folded *text, struct quote *quotes, size_t cap);

/* Whether all words of the quote stand in the other text, and where the first of them does. */
bool quote_stands(const struct folded *text, const struct folded *draft, const struct quote *quote, size_t *ret_start,
                  size_t *ret_end);

#endif
