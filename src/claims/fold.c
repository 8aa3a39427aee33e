/* Folding: a table for what has a plain form, everything else stays. */
#include "claims/fold.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/text.h"

enum { PLAIN_MAX = 6 }; /* longest plain form of one code point */

static const struct {
    int32_t from, to; /* range of code points */
    char plain[PLAIN_MAX + 1];
} forms[] = {
    {0xa0, 0xa0, " "},     {0xa3, 0xa3, " gbp "}, {0xb0, 0xb0, " deg "},     {0xc4, 0xc4, "ae"},
    {0xd6, 0xd6, "oe"},    {0xdc, 0xdc, "ue"},    {0xdf, 0xdf, "ss"},        {0xe4, 0xe4, "ae"},
    {0xf6, 0xf6, "oe"},    {0xfc, 0xfc, "ue"},    {0x1e9e, 0x1e9e, "ss"},    {0x2000, 0x200a, " "},
    {0x2010, 0x2015, "-"}, {0x2018, 0x201b, "'"}, {0x201c, 0x201f, "\""},    {0x2028, 0x2029, "\n"},
    {0x202f, 0x202f, " "}, {0x205f, 0x205f, " "}, {0x20ac, 0x20ac, " eur "}, {0x2212, 0x2212, "-"},
    {0x3000, 0x3000, " "}, {0x60, 0x60, "'"},     {0xb4, 0xb4, "'"},         {0xab, 0xab, "\""},
    {0xbb, 0xbb, "\""},    {0x24, 0x24, " usd "}, {0xbc, 0xbc, ".25"},       {0xbd, 0xbd, ".5"},
    {0xbe, 0xbe, ".75"},
};

static size_t plain_form(int32_t point, char out[PLAIN_MAX + 1])
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (point >= forms[i].from && point <= forms[i].to) {
            memcpy(out, forms[i].plain, PLAIN_MAX + 1);
            return strlen(out);
        }
    }
    if (text_invisible(point))
        return 0;
    if (point == '\t')
        point = ' ';
    return (size_t)utf8proc_encode_char(utf8proc_tolower(point), (utf8proc_uint8_t *)out);
}

/* A mark that no word touches. */
static bool ends_sentence(const struct folded *self, size_t at)
{
    char c = self->text[at];

    return (c == '.' || c == '!' || c == '?' || c == '\n') && !fold_is_word(self->text[at + 1]);
}

static void find_ends(struct folded *self)
{
    self->ends = mem_array(self->len + 1, sizeof *self->ends);
    for (size_t at = 0; at < self->len; at++) {
        if (ends_sentence(self, at))
            self->ends[self->n_ends++] = at;
    }
}

struct folded fold(const char *original)
{
    size_t len = strlen(original);
    struct folded self = {.text = mem_alloc(len * PLAIN_MAX + 1),
                          .at = mem_array(len * PLAIN_MAX + 1, sizeof *self.at)};

    for (size_t i = 0; i < len;) {
        char plain[PLAIN_MAX + 1];
        utf8proc_int32_t point;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)original + i, (utf8proc_ssize_t)(len - i), &point);
        size_t bytes = n > 0 ? plain_form(point, plain) : 0;
        for (size_t k = 0; k < bytes; k++) {
            self.at[self.len] = i;
            self.text[self.len++] = plain[k];
        }
        i += n > 0 ? (size_t)n : 1;
    }
    self.text[self.len] = '\0';
    self.at[self.len] = len;
    find_ends(&self);
    return self;
}

void folded_done(struct folded *self)
{
    mem_free(self->text);
    mem_free(self->at);
    mem_free(self->ends);
    *self = (struct folded){0};
}

bool fold_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool fold_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

bool fold_is_word(char c)
{
    return fold_is_digit(c) || fold_is_letter(c);
}

bool fold_word_starts(const struct folded *self, size_t at)
{
    return fold_is_word(self->text[at]) && (at == 0 || !fold_is_word(self->text[at - 1]));
}

size_t fold_letters(const struct folded *self, size_t at)
{
    size_t len = 0;

    while (fold_is_letter(self->text[at + len]))
        len++;
    return len;
}

size_t fold_blanks(const struct folded *self, size_t at)
{
    return strspn(self->text + at, " \n");
}

size_t fold_word(const struct folded *self, size_t at, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(self->text + at, word, len) != 0 || fold_is_word(self->text[at + len]))
        return 0;
    return len;
}

size_t fold_word_of(const struct folded *self, size_t at, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = fold_word(self, at, words[i]);
        if (len)
            return len;
    }
    return 0;
}

bool fold_ends(const char *word, size_t len, const char *tail)
{
    size_t n = strlen(tail);

    return len >= n && strncmp(word + len - n, tail, n) == 0;
}

bool fold_ends_in(const char *word, size_t len, const char *const *tails, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fold_ends(word, len, tails[i]))
            return true;
    }
    return false;
}

bool fold_listed(const char *list, const char *word, size_t len)
{
    for (const char *at = list; (at = strchr(at, ' ')) && at[1]; at++) {
        if (strncmp(at + 1, word, len) == 0 && at[1 + len] == ' ')
            return true;
    }
    return false;
}

bool fold_behind(const struct folded *self, size_t at, const char *const *phrases, size_t n)
{
    while (at > 0 && strchr(" \n", self->text[at - 1]))
        at--;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(phrases[i]);
        if (at >= len && strncmp(self->text + at - len, phrases[i], len) == 0 &&
            (at == len || !fold_is_word(self->text[at - len - 1])))
            return true;
    }
    return false;
}

bool fold_has(const struct folded *self, size_t start, size_t end, const char *const *phrases, size_t n)
{
    for (size_t at = start; at < end && at < self->len; at++) {
        if (fold_word_starts(self, at) && fold_word_of(self, at, phrases, n))
            return true;
    }
    return false;
}

void fold_sentence(const struct folded *self, size_t at, size_t *ret_start, size_t *ret_end)
{
    size_t low = 0, high = self->n_ends; /* the first end at the place or behind it */

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (self->ends[mid] < at)
            low = mid + 1;
        else
            high = mid;
    }
    *ret_start = low > 0 ? self->ends[low - 1] + 1 : 0;
    *ret_end = low < self->n_ends ? self->ends[low] : self->len;
}
