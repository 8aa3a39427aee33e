/* What the customer gets, pays or need not pay by the rules, with nobody who commits to it. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_BY_RULE_H
#define TRIAGED_CLAIMS_DEED_BY_RULE_H

#include "claims/deed_clause.h"
#include "claims/deeds.h"
#include "claims/ground.h"

/* Whether the deed, found at word i, is only what follows from a rule or a condition. */
bool deed_by_rule(const struct sentence *s, size_t i, const struct deed *deed);

/* "A free training session": whether the thing behind "free" stands in no text. */
bool deed_frees_new(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n);

#endif
