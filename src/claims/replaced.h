/* A value in the place of an article's own: "a refund within 30 days" where the article refunds within 14. Pure. */
#ifndef TRIAGED_CLAIMS_REPLACED_H
#define TRIAGED_CLAIMS_REPLACED_H

#include "claims/claim_conclusions.h"

/* Whether the words around the claim stand around an article's value of its unit that the draft doesn't name. The value
 * `apart`, which the claim is reckoned with, is none; NULL for none. */
bool fact_replaces(const struct conclusion *self, const struct fact *apart);

#endif
