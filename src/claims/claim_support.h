/* Whether the texts support what a draft claims. Each sets the claim's source where one bears it. Pure. */
#ifndef TRIAGED_CLAIMS_CLAIM_SUPPORT_H
#define TRIAGED_CLAIMS_CLAIM_SUPPORT_H

#include "claims/ground.h"

void claim_fact_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                        const struct ground *grounds, size_t n);

/* What is asked, or said by the way: no claim. */
bool claim_fact_is_open(const struct folded *draft, const struct fact *fact);

/* Whether fact i stands in the texts, but of another thing or day. */
bool claim_fact_is_moved(const struct folded *draft, const struct fact_list *facts, size_t i,
                         const struct ground *grounds, size_t n);

/* "Up to three times", where that sentence has once. */
bool claim_fact_is_beside_other(const struct folded *draft, const struct fact_list *facts, const struct fact *fact,
                                const struct ground *grounds, size_t n);

void claim_deed_support(struct claim *claim, const struct folded *draft, const struct fact_list *facts,
                        const struct deed *deed, const struct ground *grounds, size_t n);

#endif
