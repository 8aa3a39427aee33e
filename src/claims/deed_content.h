/* What a deed's clause says beside its verb: the words that say something, and whether a text has them. Pure. */
#ifndef TRIAGED_CLAIMS_DEED_CONTENT_H
#define TRIAGED_CLAIMS_DEED_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "claims/deed_clause.h"
#include "claims/deeds.h"
#include "claims/facts.h"

#define CONTENT_WORDS_MAX 48 /* of one clause; what comes later says nothing */

struct deed_content {
    struct word words[CONTENT_WORDS_MAX];
    size_t n;
};

/* The words of the deed's clause that are no little words, not its verb and part of no fact: a fact is checked itself.
 */
void deed_content(const struct folded *draft, const struct fact_list *facts, const struct deed *deed,
                  struct deed_content *ret_content);

/* Whether the sentence has the word, in another form or as the head or tail of a compound. */
bool content_stands(const struct word *word, const struct sentence *s);

/* Whether some sentence of the text has it. */
bool content_stands_in(const struct word *word, const struct folded *text);

#endif
