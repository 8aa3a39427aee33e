/* Who works for us: "unsere Apothekerin", "one of our drivers", "a member of the crew", "jemand von uns". Pure. */
#ifndef TRIAGED_CLAIMS_DEED_PERSONS_H
#define TRIAGED_CLAIMS_DEED_PERSONS_H

#include "claims/deed_clause.h"

/* Whether the word names a person by trade or place, or people that work together. */
bool person_word(const struct word *word);

/* Whether the words [from, to), all of them, name a person of ours. */
bool person_of_ours(const struct sentence *s, size_t from, size_t to);

/* Whether one is named right behind word i, pronouns and adverbs between: "wird sich unser Teamleiter". */
bool person_behind(const struct sentence *s, size_t i);

#endif
