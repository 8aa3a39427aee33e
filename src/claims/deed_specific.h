/* What a promise adds to what is told: "by courier", "in full", "straight away", a thing that nobody speaks of. Pure.
 */
#ifndef TRIAGED_CLAIMS_DEED_SPECIFIC_H
#define TRIAGED_CLAIMS_DEED_SPECIFIC_H

#include "claims/deed_content.h"
#include "claims/ground.h"

/* Whether the promise says how, how soon or how much, and no article says so; or names things that neither an article
 * nor the ticket names. */
bool deed_adds(const struct folded *draft, const struct deed *deed, const struct deed_content *content,
               const struct ground *grounds, size_t n);

#endif
