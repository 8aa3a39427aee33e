/* Facts that stand in a source, but beside something else: "up to three bags" where the article has two bags and three
 * floors. A number is compared with the words around it, in the draft and in the sources. Pure. */
#ifndef TRIAGED_CLAIMS_MOVED_H
#define TRIAGED_CLAIMS_MOVED_H

#include "claims/ground.h"

/* Whether an article has another value where the draft has this one, and no source has this one there. */
bool fact_moved(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n);

#endif
