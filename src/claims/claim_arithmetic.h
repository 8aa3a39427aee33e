/* Claims that stand in no text, but follow from two that do. Each sets the claim's source where they bear it. Pure. */
#ifndef TRIAGED_CLAIMS_CLAIM_ARITHMETIC_H
#define TRIAGED_CLAIMS_CLAIM_ARITHMETIC_H

#include "claims/ground.h"

/* "three weeks altogether", "15 degrees more", "the other ten". */
void claim_arithmetic_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                              const struct ground *grounds, size_t n);

/* "exactly two weeks later"; "by 30 November" where the source has "before 1 December". */
void claim_calendar_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                            const struct ground *grounds, size_t n);

/* "almost three hours" of 2 h 45, "knapp neun Euro" of 8.99. */
void claim_rounded_support(struct claim *claim, const struct folded *draft, const struct fact *fact,
                           const struct ground *grounds, size_t n);

#endif
