/* Denials: "no celery", "free of nuts", "kein Vertrag", where the articles tell of the thing and never deny it; and the
 * other way round, "you can raise it", where they only deny it. A draft that turns an article round states no number
 * and no promise. Pure. */
#ifndef TRIAGED_CLAIMS_DENIALS_H
#define TRIAGED_CLAIMS_DENIALS_H

#include <stdbool.h>

#include "claims/ground.h"

#define DENIALS_MAX 32 /* of one sentence */

struct denial {
    size_t start, end; /* bytes of the folded text: the words that turn it round */
};

/* The turned statements of the sentence [start, end); returns how many, at most cap. */
size_t denials_find(const struct folded *text, size_t start, size_t end, const struct ground *grounds, size_t n,
                    struct denial *denials, size_t cap);

#endif
