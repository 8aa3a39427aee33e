/* "We'll send you a Mini free of charge", where the articles sell it: what is free must be another thing. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_PRICED_H
#define TRIAGED_CLAIMS_DEED_PRICED_H

#include "claims/ground.h"

/* Whether the thing that this deed calls free has a price in an article, and is told to be free in none. */
bool deed_priced(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n);

#endif
