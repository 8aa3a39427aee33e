/* What happens by itself, is only guessed, or is the customer's own account: no deed of ours. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_ALONE_H
#define TRIAGED_CLAIMS_DEED_ALONE_H

#include "claims/deed_clause.h"
#include "claims/deeds.h"

/* Whether the deed, found at word i, is none of ours. */
bool deed_happens_alone(const struct sentence *s, size_t i, const struct deed *deed);

#endif
