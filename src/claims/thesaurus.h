/* Words of a help desk that mean the same, in both languages: "Rückmeldung" and "reply", "gratis" and "free". Pure. */
#ifndef TRIAGED_CLAIMS_THESAURUS_H
#define TRIAGED_CLAIMS_THESAURUS_H

#include <stdbool.h>
#include <stdint.h>

#include "claims/deed_clause.h"

/* The groups that have the word itself, a bit each; 0 when none has it. */
uint64_t thesaurus_groups(const struct word *word);

/* Whether one of these groups has the word, or a part of it: "Ersatzakku" is a replacement. */
bool thesaurus_has(uint64_t groups, const struct word *word);

#endif
