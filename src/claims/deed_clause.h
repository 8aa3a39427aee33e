/* A sentence as words and clauses, and which words stand where in it. Word lists are words between blanks, folded.
 * Pure.
 */
#ifndef TRIAGED_CLAIMS_DEED_CLAUSE_H
#define TRIAGED_CLAIMS_DEED_CLAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "claims/fold.h"

#define SENTENCE_WORDS_MAX 400 /* what comes later says nothing */
#define CLAUSE_REACH       7   /* words that one looks back from a verb */

struct word {
    const char *at;
    size_t start, len;
    bool clause_end; /* a mark stands behind it */
};

struct sentence {
    struct word words[SENTENCE_WORDS_MAX];
    size_t n;
};

/* Cuts [start, end) of the text, which must outlive the sentence, into words. */
void sentence_split(const struct folded *text, size_t start, size_t end, struct sentence *ret_sentence);

bool word_is(const struct word *word, const char *text, size_t len);
bool word_in(const struct word *word, const char *list);
/* A noun of the list, also in the plural or with another ending. */
bool word_is_thing(const struct word *word, const char *list);

/* First and last word of the clause that holds word i. */
size_t clause_start(const struct sentence *s, size_t i);
size_t clause_last(const struct sentence *s, size_t i);
/* Where to look back to from word i: the start of its clause, at most CLAUSE_REACH words. */
size_t clause_reach(const struct sentence *s, size_t i);
/* Whether a word of the list stands right before or behind word i, in the same clause. */
bool clause_beside(const struct sentence *s, size_t i, const char *list);

/* Whether one of the words [from, to) is of the list; to may lie behind the last word. */
bool words_have(const struct sentence *s, size_t from, size_t to, const char *list);
/* The place of the last word of the list in [from, i), or i when there is none. */
size_t word_before(const struct sentence *s, size_t from, size_t i, const char *list);
/* Whether the word before i, or the one before that, is of the list and in the same clause. */
bool word_shortly_before(const struct sentence *s, size_t i, const char *list);

#endif
