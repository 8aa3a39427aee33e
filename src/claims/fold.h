/* A text made plain for comparing: lower case, ä as ae, one kind of blank, dash, quote and currency, nothing invisible;
 * with the way back to the bytes it came from. */
#ifndef TRIAGED_CLAIMS_FOLD_H
#define TRIAGED_CLAIMS_FOLD_H

#include <stdbool.h>
#include <stddef.h>

struct folded {
    char *text; /* terminated; bytes from 0x80 are letters that the tables don't know */
    size_t *at; /* for each byte of text, and for its end, the byte of the original */
    size_t len;
    size_t *ends; /* the marks that end a sentence, in their order */
    size_t n_ends;
};

struct folded fold(const char *original);
void folded_done(struct folded *self); /* for CLEANUP */

bool fold_is_digit(char c);
bool fold_is_letter(char c);
bool fold_is_word(char c); /* letter or digit */
/* Whether a word begins at this place. */
bool fold_word_starts(const struct folded *self, size_t at);
/* Bytes of the letters at this place. */
size_t fold_letters(const struct folded *self, size_t at);
size_t fold_blanks(const struct folded *self, size_t at); /* line ends included */
/* Length of `word` when these letters stand here and end here, else 0. */
size_t fold_word(const struct folded *self, size_t at, const char *word);
/* The same for the first of `n` words that stands here. */
size_t fold_word_of(const struct folded *self, size_t at, const char *const *words, size_t n);
/* Whether one of `n` phrases ends right before this place, blanks between. */
bool fold_behind(const struct folded *self, size_t at, const char *const *phrases, size_t n);
/* Whether one of `n` phrases stands between these places. */
bool fold_has(const struct folded *self, size_t start, size_t end, const char *const *phrases, size_t n);
/* The sentence around a place, up to a mark that no word touches: [*ret_start, *ret_end). */
void fold_sentence(const struct folded *self, size_t at, size_t *ret_start, size_t *ret_end);
/* Whether the word ends so, or is that. */
bool fold_ends(const char *word, size_t len, const char *tail);
bool fold_ends_in(const char *word, size_t len, const char *const *tails, size_t n); /* one of them */
/* Whether the word is one of a list: folded words, each between two blanks. */
bool fold_listed(const char *list, const char *word, size_t len);

#endif
