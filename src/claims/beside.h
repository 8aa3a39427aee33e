/* What stands beside a day or a number of times in its sentence: the right day may be said of the wrong thing. Pure. */
#ifndef TRIAGED_CLAIMS_BESIDE_H
#define TRIAGED_CLAIMS_BESIDE_H

#include "claims/ground.h"

/* "up to three times per order", where that sentence of a text has once. */
bool beside_other_often(const struct folded *draft, const struct fact *claim, const struct ground *grounds, size_t n);

/* "weekdays except Saturdays", "closed on Sundays and Mondays": days on which nothing is. */
bool beside_left_out(const struct folded *text, const struct fact *fact);

/* "closed on Thursday afternoons", where that sentence of an article has Wednesday. facts: of the draft. */
bool beside_other_day(const struct folded *draft, const struct fact_list *facts, const struct fact *claim,
                      const struct ground *grounds, size_t n);

#endif
