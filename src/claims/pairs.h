/* Facts that a source gives in pairs: "15 to 29 minutes late: 25 %, 30 to 59 minutes: 50 %". Pure. */
#ifndef TRIAGED_CLAIMS_PAIRS_H
#define TRIAGED_CLAIMS_PAIRS_H

#include "claims/facts.h"

/* Whether a list of the source pairs fact i of the draft with another fact of the draft's sentence [start, end), as the
 * draft does. */
bool fact_is_paired(const struct fact_list *draft, size_t i, size_t start, size_t end, const struct folded *ground,
                    const struct fact_list *facts);

#endif
