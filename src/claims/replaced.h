/* A value in the place of an article's own: "a refund within 30 days" where the article refunds within 14. Pure. */
#ifndef TRIAGED_CLAIMS_REPLACED_H
#define TRIAGED_CLAIMS_REPLACED_H

#include "claims/ground.h"

/* Whether the words around the claim stand around an article's value of its unit that the draft doesn't name. */
bool fact_replaces(const struct folded *draft, const struct fact_list *facts, const struct fact *claim,
                   const struct ground *grounds, size_t n);

#endif
