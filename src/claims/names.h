/* Names of products, places and people in an English text: words with a capital letter that begin no sentence. German
 * writes every noun with one; there only words with a capital within are found. Pure. */
#ifndef TRIAGED_CLAIMS_NAMES_H
#define TRIAGED_CLAIMS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "claims/fold.h"

#define NAMES_MAX 128 /* of one text */

struct name {
    size_t start, end; /* bytes of the folded text; one word */
};

/* The names of the sentence [start, end); original is what was folded. Returns how many were added. */
size_t names_find(const char *original, const struct folded *text, size_t start, size_t end, struct name *names,
                  size_t cap);
/* Where the word stands in another text, alone or with an ending of the plural or of the genitive. */
bool name_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start, size_t *ret_end);

#endif
