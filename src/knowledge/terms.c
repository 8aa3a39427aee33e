/* Words by Unicode category, folded to lower case; stop words by language. */
#include "knowledge/terms.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/mem.h"

enum { WORD_BYTES_MAX = 64, GRAM_POINTS = 3, CODE_POINT_BYTES = 4 };

/* Both sorted. */
static const char *const stop_english[] = {
    "a",   "am",   "an",  "and",  "are",  "as",    "at",    "be",     "but", "by",     "can",  "could", "do",    "does",
    "for", "from", "had", "has",  "have", "hello", "hi",    "how",    "i",   "if",     "in",   "is",    "it",    "its",
    "me",  "my",   "not", "of",   "on",   "or",    "our",   "please", "so",  "thanks", "that", "the",   "there", "this",
    "to",  "was",  "we",  "what", "when", "where", "which", "who",    "why", "will",   "with", "would", "you",   "your",
};
static const char *const stop_german[] = {
    "aber",  "als",   "am",   "an",  "auch",  "auf",  "aus",   "bei",   "bin",  "bitte", "da",
    "danke", "das",   "dass", "dem", "den",   "der",  "des",   "die",   "ein",  "eine",  "einen",
    "einer", "er",    "es",   "für", "guten", "habe", "haben", "hallo", "hat",  "ich",   "ihr",
    "ihre",  "im",    "in",   "ist", "kann",  "man",  "mein",  "meine", "mich", "mir",   "mit",
    "nach",  "nicht", "noch", "nun", "oder",  "sehr", "sie",   "sind",  "so",   "tag",   "und",
    "uns",   "von",   "vor",  "was", "wenn",  "wie",  "wir",   "wird",  "zu",   "zum",   "zur",
};

struct words {
    const char *at;
    bool german;
    char word[WORD_BYTES_MAX]; /* lower case */
    size_t len;
};

static int by_text(const void *word, const void *row)
{
    return strcmp(word, *(const char *const *)row);
}

static bool is_stop_word(const char *word, bool german)
{
    const char *const *list = german ? stop_german : stop_english;
    size_t n = german ? ARRAY_LEN(stop_german) : ARRAY_LEN(stop_english);

    return bsearch(word, list, n, sizeof *list, by_text) != NULL;
}

static bool is_word_point(utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

/* The next code point, -1 for a byte that is none, 0 at the end. */
static utf8proc_int32_t next_point(const char **at)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t len;

    if (**at == '\0')
        return 0;
    len = utf8proc_iterate((const utf8proc_uint8_t *)*at, -1, &point);
    *at += len > 0 ? len : 1;
    return len > 0 ? point : -1;
}

/* The next run of letters and digits, stop words included; false at the end. A word beyond the bound is cut in two. */
static bool next_run(struct words *self)
{
    utf8proc_int32_t point;

    self->len = 0;
    for (;;) {
        const char *before = self->at;
        point = next_point(&self->at);
        if (point == 0)
            break;
        if (point > 0 && is_word_point(point)) {
            if (self->len + CODE_POINT_BYTES >= WORD_BYTES_MAX) {
                self->at = before;
                break;
            }
            self->len +=
                (size_t)utf8proc_encode_char(utf8proc_tolower(point), (utf8proc_uint8_t *)self->word + self->len);
        } else if (self->len) {
            break;
        }
    }
    self->word[self->len] = '\0';
    return self->len > 0;
}

static bool next_word(struct words *self)
{
    while (next_run(self)) {
        if (!is_stop_word(self->word, self->german))
            return true;
    }
    return false;
}

/* Appends "term" unless it is there. True when it was added. */
static bool add_once(struct buf *out, const char *term, size_t len)
{
    char quoted[WORD_BYTES_MAX + 3];

    quoted[0] = '"';
    memcpy(quoted + 1, term, len);
    memcpy(quoted + 1 + len, "\"", 2);
    if (out->len && strstr(out->data, quoted))
        return false;
    buf_printf(out, "%s%s", out->len ? " OR " : "", quoted);
    return true;
}

void terms_words(const char *question, const char *language, struct buf *out)
{
    struct words words = {.at = question, .german = strncmp(language, "de", 2) == 0};
    int n = 0;

    while (n < TERMS_WORDS_MAX && next_word(&words))
        n += add_once(out, words.word, words.len);
}

void terms_grams(const char *question, const char *language, struct buf *out)
{
    struct words words = {.at = question, .german = strncmp(language, "de", 2) == 0};
    CLEANUP(buf_free) struct buf text = {0};
    int n = 0, n_words = 0;

    while (n_words++ < TERMS_WORDS_MAX && next_word(&words))
        buf_printf(&text, "%s%s", text.len ? " " : "", words.word);
    for (const char *at = buf_str(&text); n < TERMS_GRAMS_MAX && *at; next_point(&at)) {
        const char *end = at;
        int points = 0;
        while (points < GRAM_POINTS && next_point(&end) != 0)
            points++;
        if (points < GRAM_POINTS)
            break;
        n += add_once(out, at, (size_t)(end - at));
    }
}

size_t terms_shared(const char *question, const char *language, const char *text, size_t len)
{
    CLEANUP(buf_free) struct buf asked = {0}, shared = {0};
    CLEANUP(mem_freep) char *part = mem_strndup(text, len);
    struct words words = {.at = part, .german = strncmp(language, "de", 2) == 0};
    size_t n = 0;

    terms_words(question, language, &asked);
    while (asked.len && next_word(&words)) {
        char quoted[WORD_BYTES_MAX + 3];
        snprintf(quoted, sizeof quoted, "\"%s\"", words.word);
        if (strstr(asked.data, quoted))
            n += add_once(&shared, words.word, words.len);
    }
    return n;
}
