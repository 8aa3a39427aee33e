/* Sentence ends: a mark and a blank, but not behind an abbreviation, an initial or the number of a day. */
#include "claims/sentences.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/deed_forms.h"

static const char *const abbreviations[] = {"e.g",  "i.e", "z.b", "d.h",  "no", "nr",   "approx", "ca",
                                            "mr",   "mrs", "ms",  "dr",   "st", "bzw",  "ggf",    "inkl",
                                            "zzgl", "tel", "str", "incl", "vs", "evtl", "a.m",    "p.m"};

static bool is_abbreviation(const struct folded *text, size_t start, size_t dot)
{
    size_t word = dot;

    while (word > start && (fold_is_word(text->text[word - 1]) || text->text[word - 1] == '.'))
        word--;
    if (dot - word == 1 && fold_is_letter(text->text[word]))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(abbreviations); i++) {
        if (strlen(abbreviations[i]) == dot - word && strncmp(text->text + word, abbreviations[i], dot - word) == 0)
            return true;
    }
    return false;
}

/* "GBP 20. Breakfast is included." */
static bool is_sum(const struct folded *text, size_t start, size_t digits)
{
    static const char *const currencies[] = {"eur ", "gbp ", "usd "};

    for (size_t i = 0; i < ARRAY_LEN(currencies); i++) {
        if (digits >= start + 4 && strncmp(text->text + digits - 4, currencies[i], 4) == 0)
            return true;
    }
    return false;
}

/* "3. Oktober", "1. Unplug": a short number, a dot and no line end. */
static bool is_ordinal(const struct folded *text, size_t start, size_t dot)
{
    size_t digits = dot;

    while (digits > start && fold_is_digit(text->text[digits - 1]))
        digits--;
    return dot > digits && dot - digits <= 2 && !is_sum(text, start, digits) && text->text[dot + 1] == ' ' &&
           (digits == start || text->text[digits - 1] == ' ' || text->text[digits - 1] == '\n') &&
           fold_is_letter(text->text[dot + 2]) && (digits == start || text->text[digits - 1] == ' ');
}

/* "zum 31.01. ist", "ab 3.4. um": what only goes on behind a date. */
static bool is_date_within(const struct folded *text, size_t start, size_t dot)
{
    static const char *const on[] = {"ist",  "sind", "wird", "werden", "wurde", "war",     "hat",  "haben",
                                     "habe", "und",  "oder", "um",     "ab",    "bis",     "kann", "geht",
                                     "bei",  "von",  "in",   "im",     "an",    "zu",      "fuer", "per",
                                     "mit",  "nach", "gilt", "muss",   "vor",   "zwischen"};

    if (dot < start + 4 || !fold_is_digit(text->text[dot - 1]) || text->text[dot + 1] != ' ' ||
        !(text->text[dot - 2] == '.' || text->text[dot - 3] == '.'))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(on); i++) {
        if (fold_word(text, dot + 2, on[i]))
            return true;
    }
    return deed_form_german(text->text + dot + 2, fold_letters(text, dot + 2)); /* "zum 30.6. beendet" */
}

/* A line end inside a wrapped sentence is a blank; before an empty line, a list entry or behind a mark it ends one. */
static bool line_ends(const struct folded *text, size_t start, size_t at)
{
    char before = at > start ? text->text[at - 1] : '\n', next = text->text[at + 1];

    return strchr("\n-*#", next) || fold_is_digit(next) || strchr(".:!?,;", before);
}

static bool ends_here(const struct folded *text, size_t start, size_t at)
{
    char c = text->text[at], next = text->text[at + 1];

    if (c == '\n')
        return line_ends(text, start, at);
    if (!strchr(".!?", c) || (next && !strchr(" \n\"')", next)))
        return false;
    return c != '.' ||
           (!is_abbreviation(text, start, at) && !is_ordinal(text, start, at) && !is_date_within(text, start, at));
}

bool sentence_next(const struct folded *text, size_t *at, size_t *ret_start, size_t *ret_end)
{
    size_t start = *at + fold_blanks(text, *at), end = start;

    if (start >= text->len)
        return false;
    while (end < text->len && !ends_here(text, start, end))
        end++;
    if (end < text->len && text->text[end] != '\n')
        end++;
    while (end < text->len && strchr("\"')", text->text[end]))
        end++;
    *at = end;
    while (end > start && strchr(" \n", text->text[end - 1]))
        end--;
    *ret_start = start;
    *ret_end = end;
    return true;
}
