/* "we've" is two words, "49,00" no end of a clause. */
#define _GNU_SOURCE
#include "claims/deed_clause.h"

#include <string.h>

#include "base/attrs.h"

bool word_is(const struct word *word, const char *text, size_t len)
{
    return word->len == len && strncmp(word->at, text, len) == 0;
}

/* Whether the word is one of the list (words between blanks). */
bool word_in(const struct word *word, const char *list)
{
    const size_t all = strlen(list);

    for (const char *at = list; (at = memmem(at, all - (size_t)(at - list), word->at, word->len)) != NULL; at++) {
        if ((at == list || at[-1] == ' ') && (at[word->len] == ' ' || !at[word->len]))
            return true;
    }
    return false;
}

/* A noun of the list, also in the plural or with another ending. */
bool word_is_thing(const struct word *word, const char *list)
{
    static const char *const endings[] = {"s", "es", "e", "n", "en", "'s"};
    struct word stem = *word;

    if (word_in(word, list))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t len = strlen(endings[i]);
        stem.len = word->len > len ? word->len - len : 0;
        if (stem.len && strncmp(word->at + stem.len, endings[i], len) == 0 && word_in(&stem, list))
            return true;
    }
    return false;
}

/* "we've" is two words: we 've. */
void sentence_split(const struct folded *text, size_t start, size_t end, struct sentence *out)
{
    out->n = 0;
    for (size_t at = start; at < end && out->n < SENTENCE_WORDS_MAX;) {
        size_t len = fold_letters(text, at);
        bool tail = text->text[at] == '\'' && fold_is_letter(text->text[at + 1]);
        if (tail)
            len = 1 + fold_letters(text, at + 1);
        if (!len) {
            bool inside = fold_is_digit(text->text[at + 1]) && strchr(",-:", text->text[at]); /* 49,00 and 9:30 */
            if (out->n && strchr(",;:-()\n", text->text[at]) && !inside &&
                (text->text[at] != '-' || text->text[at + 1] == ' '))
                out->words[out->n - 1].clause_end = true;
            at++;
            continue;
        }
        out->words[out->n++] = (struct word){.at = text->text + at, .start = at, .len = len};
        at += len;
    }
}

/* First word of the clause that holds word i. */
size_t clause_start(const struct sentence *s, size_t i)
{
    while (i > 0 && !s->words[i - 1].clause_end)
        i--;
    return i;
}

size_t clause_last(const struct sentence *s, size_t i)
{
    while (i + 1 < s->n && !s->words[i].clause_end)
        i++;
    return i;
}

/* Where to look back to: the clause, at most REACH words. */
size_t clause_reach(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    return i - from > CLAUSE_REACH ? i - CLAUSE_REACH : from;
}

/* Right before or behind, in the same clause. */
bool clause_beside(const struct sentence *s, size_t i, const char *list)
{
    return (i > 0 && !s->words[i - 1].clause_end && word_in(&s->words[i - 1], list)) ||
           (i + 1 < s->n && !s->words[i].clause_end && word_in(&s->words[i + 1], list));
}

bool words_have(const struct sentence *s, size_t from, size_t i, const char *list)
{
    for (size_t k = from; k < i && k < s->n; k++) {
        if (word_in(&s->words[k], list))
            return true;
    }
    return false;
}

/* The auxiliary before a participle: its place, or i when there is none. */
size_t word_before(const struct sentence *s, size_t from, size_t i, const char *list)
{
    for (size_t k = i; k > from; k--) {
        if (word_in(&s->words[k - 1], list))
            return k - 1;
    }
    return i;
}

/* Whether the word before i, or the one before that, is one of the list. */
bool word_shortly_before(const struct sentence *s, size_t i, const char *list)
{
    size_t from = clause_start(s, i);

    return words_have(s, i > from + 2 ? i - 2 : from, i, list);
}
