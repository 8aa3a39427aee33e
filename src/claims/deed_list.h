/* What all patterns of deeds share: the list that they add to. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_LIST_H
#define TRIAGED_CLAIMS_DEED_LIST_H

#include "claims/deed_clause.h"
#include "claims/deeds.h"

/* Adds the deed with the words [from, to] as its place, and its last word as the verb of FAMILY_ANY. */
void deed_add(struct deed_list *list, const struct sentence *s, size_t from, size_t to, struct deed deed);

/* The family of what the customer gets: FAMILY_REFUND where the clause speaks of money, else the one given. */
int deed_got(const struct sentence *s, size_t i, int family);

/* A question claims nothing as done: takes the actions out, from the item `first` on. */
void deeds_leave_asked(struct deed_list *list, size_t first);

#endif
