/* A quote opens behind a blank and ends before one. Small letters are somebody's own words and no name. */
#include "claims/quotes.h"

#include <string.h>

#include "base/attrs.h"

enum { QUOTE_BYTES_MAX = 60, LETTERS_LEAST = 3, ENDING_MOST = 2 };

static bool is_capital(const char *original, const struct folded *text, size_t at)
{
    char c = original[text->at[at]];

    return c >= 'A' && c <= 'Z';
}

/* Where the quote that is opened at this place ends; 0 when none is. */
static size_t quote_end(const struct folded *text, size_t at)
{
    char mark = text->text[at];
    size_t end = at + 1;

    if ((mark != '"' && mark != '\'') || (at > 0 && !strchr(" \n(", text->text[at - 1])) ||
        !fold_is_word(text->text[at + 1]))
        return 0;
    for (; text->text[end] && text->text[end] != '\n' && end - at < QUOTE_BYTES_MAX; end++) {
        if (text->text[end] == mark && !fold_is_word(text->text[end + 1]))
            return end;
    }
    return 0;
}

/* ---- menus ---- */

/* The words of one step: "Mein Tarif" of "unter Mein Tarif > SIM-Karten"; only the word beside the arrow is sure. */
static size_t step_behind(const struct folded *text, size_t arrow, struct quote *quote)
{
    size_t start = arrow + 1 + strspn(text->text + arrow + 1, " >"), len = fold_letters(text, start);

    *quote = (struct quote){start, start + len};
    return len;
}

static size_t step_before(const struct folded *text, size_t arrow, struct quote *quote)
{
    size_t end = arrow, start;

    while (end > 0 && strchr(" >\"'", text->text[end - 1]))
        end--;
    for (start = end; start > 0 && fold_is_letter(text->text[start - 1]);)
        start--;
    *quote = (struct quote){start, end};
    return end - start;
}

size_t quotes_find(const char *original, const struct folded *text, struct quote *quotes, size_t cap)
{
    size_t n = 0;

    for (size_t at = 0; at < text->len && n + 1 < cap; at++) {
        size_t end = quote_end(text, at);
        if (end && is_capital(original, text, at + 1))
            quotes[n++] = (struct quote){at + 1, end};
        if (text->text[at] != '>')
            continue;
        if (step_before(text, at, &quotes[n]) >= LETTERS_LEAST)
            n++;
        if (step_behind(text, at, &quotes[n]) >= LETTERS_LEAST)
            n++;
    }
    return n;
}

/* ---- in the sources ---- */

static bool word_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t n = fold_word_starts(text, at) ? fold_letters(text, at) : 0, least = n < len ? n : len;
        if (!n || strncmp(text->text + at, word, least) != 0 || (n > len ? n - len : len - n) > ENDING_MOST)
            continue;
        *ret_start = at;
        *ret_end = at + n;
        return true;
    }
    return false;
}

bool quote_stands(const struct folded *text, const struct folded *draft, const struct quote *quote, size_t *ret_start,
                  size_t *ret_end)
{
    bool found = false;

    for (size_t at = quote->start; at < quote->end;) {
        size_t len = fold_letters(draft, at), start, end;
        if (len >= LETTERS_LEAST) {
            if (!word_stands(text, draft->text + at, len, &start, &end))
                return false;
            if (!found)
                *ret_start = start, *ret_end = end;
            found = true;
        }
        at += len ? len : 1;
    }
    if (!found)
        *ret_start = *ret_end = 0; /* figures and short words alone */
    return true;
}
