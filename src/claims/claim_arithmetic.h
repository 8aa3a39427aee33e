/* Claims that stand in no text, but follow from two that do. Each sets the claim's source where they bear it. Pure. */
#ifndef TRIAGED_CLAIMS_CLAIM_ARITHMETIC_H
#define TRIAGED_CLAIMS_CLAIM_ARITHMETIC_H

#include "claims/ground.h"

/* "three weeks altogether", "15 degrees more", "the other ten". of: which of the draft's facts. */
void claim_arithmetic_support(struct claim *claim, const struct folded *draft, const struct fact_list *facts, size_t of,
                              const struct ground *grounds, size_t n);

/* "exactly two weeks later"; "by 30 November" where the source has "before 1 December". */
void claim_calendar_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                            const struct ground *grounds, size_t n);

/* "by 13:35" of "45 minutes before departure"; the day of the week of a date. i: which of the draft's facts. */
void claim_relative_support(struct claim *claim, const struct fact_list *facts, size_t i, const struct ground *grounds,
                            size_t n);

/* "Tuesday, 2 February", where the text has that date with a year in which it is a Monday. */
bool claim_day_is_other(const struct fact_list *facts, size_t i, const struct ground *grounds, size_t n);

/* "almost three hours" of 2 h 45, "knapp neun Euro" of 8.99. */
void claim_rounded_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                           const struct ground *grounds, size_t n);

#endif
