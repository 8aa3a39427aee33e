/* A promise that a text tells in other words. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_TOLD_H
#define TRIAGED_CLAIMS_DEED_TOLD_H

#include "claims/deed_content.h"

/* Whether the words of the promise's clause stand together in the text, in one sentence or two neighbouring ones. */
bool deed_told(const struct deed *deed, const struct deed_content *content, const struct folded *text,
               size_t *ret_start, size_t *ret_end);

/* Whether one of the words stands in the sentence at this place of the text, or in one beside it. */
bool deed_thing_near(const struct deed_content *content, const struct folded *text, size_t place);

#endif
