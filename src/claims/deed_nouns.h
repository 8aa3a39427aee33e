/* What is got by its noun: "you'll get a reply", "Sie erhalten Ersatz". Pure. */
#ifndef TRIAGED_CLAIMS_DEED_NOUNS_H
#define TRIAGED_CLAIMS_DEED_NOUNS_H

#include "claims/deed_clause.h"
#include "claims/deeds.h"

/* The family whose verb says the same ("we reply", "wir ersetzen"), or -1 when the deed's clause has no such noun.
 * ret_noun points into the draft. */
int deed_noun_family(const struct folded *draft, const struct deed *deed, struct word *ret_noun);

#endif
