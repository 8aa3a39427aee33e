/* What makes a deed none: a condition, a negation, somebody else's report. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_CONDITION_H
#define TRIAGED_CLAIMS_DEED_CONDITION_H

#include "claims/deed_clause.h"

/* Whether one of the words [from, to) denies. */
bool clause_negated(const struct sentence *s, size_t from, size_t to);

/* Whether word i stands behind a condition or a purpose of its clause, or is what the customer reports. */
bool clause_conditional(const struct sentence *s, size_t i);

/* Whether the sentence begins with a condition, and the clause of word i comes behind it. */
bool clause_follows_condition(const struct sentence *s, size_t i);

/* Whether word i is what its clause charges somebody by: "we charge", "stellen wir in Rechnung", "ziehen wir ab". */
bool clause_charges(const struct sentence *s, size_t i);

#endif
