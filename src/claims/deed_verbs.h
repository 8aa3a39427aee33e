/* Verbs in their forms: "answers" and "answering" of "answer", "antwortet" of "antworten", "tauschen ... aus" of
 * "austauschen". Pure. */
#ifndef TRIAGED_CLAIMS_DEED_VERBS_H
#define TRIAGED_CLAIMS_DEED_VERBS_H

#include <stdbool.h>

#include "claims/deed_clause.h"

/* Whether word i is one of the list, a word between blanks each, or ends with its particle at the clause's end: "ruft
 * ... an". */
bool verb_parted_in(const struct sentence *s, size_t i, const char *list);

/* Whether the word is a form of an infinitive of the list. */
bool verb_form_in(const struct word *word, const char *list);

#endif
