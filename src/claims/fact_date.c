/* Dates, English and German. */
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { YEAR_LEAST = 1990, YEAR_MOST = 2099, CENTURY = 2000, MONTH_LETTERS = 3, STEM_MAX = 32, DAYS_MOST = 31 };

static const struct {
    const char *name;
    int month;
    bool needs_figure; /* a word of its own besides */
} months[] = {
    {"january", 1, false},  {"jan", 1, true},        {"januar", 1, false},    {"jaenner", 1, false},
    {"february", 2, false}, {"feb", 2, true},        {"februar", 2, false},   {"march", 3, true},
    {"mar", 3, true},       {"maerz", 3, false},     {"april", 4, false},     {"apr", 4, true},
    {"may", 5, true},       {"mai", 5, false},       {"june", 6, false},      {"jun", 6, true},
    {"juni", 6, false},     {"july", 7, false},      {"jul", 7, true},        {"juli", 7, false},
    {"august", 8, false},   {"aug", 8, true},        {"september", 9, false}, {"sep", 9, true},
    {"sept", 9, true},      {"october", 10, false},  {"oct", 10, true},       {"oktober", 10, false},
    {"okt", 10, true},      {"november", 11, false}, {"nov", 11, true},       {"december", 12, false},
    {"dec", 12, true},      {"dezember", 12, false}, {"dez", 12, true},
};

/* ---- parts ---- */

/* At most `most` digits, no more behind them. */
size_t fact_read_int(const struct folded *text, size_t at, size_t most, int *ret_value)
{
    size_t len = strspn(text->text + at, "0123456789");

    if (len == 0 || len > most)
        return 0;
    *ret_value = (int)strtol(text->text + at, NULL, 10);
    return len;
}

static size_t read_month(const struct folded *text, size_t at, int *ret_month, bool *ret_needs_figure)
{
    for (size_t i = 0; i < ARRAY_LEN(months); i++) {
        size_t len = fold_word(text, at, months[i].name);
        if (len) {
            *ret_month = months[i].month;
            *ret_needs_figure = months[i].needs_figure;
            return len + (months[i].needs_figure && text->text[at + len] == '.');
        }
    }
    return 0;
}

/* Blanks and a comma, then a year; nothing when there is none. */
static size_t read_year_behind(const struct folded *text, size_t at, int *ret_year)
{
    size_t skip = strspn(text->text + at, ", ");
    int year;
    size_t len = skip ? fact_read_int(text, at + skip, 4, &year) : 0;

    if (len != 4 || year < YEAR_LEAST || year > YEAR_MOST)
        return 0;
    *ret_year = year;
    return skip + len;
}

static bool valid(const struct fact *fact)
{
    return fact->month >= 1 && fact->month <= 12 && fact->day >= 0 && fact->day <= 31 &&
           (fact->year == 0 || (fact->year >= YEAR_LEAST && fact->year <= YEAR_MOST));
}

/* ---- figures only ---- */

/* 2026-10-03 */
static size_t read_iso(const struct folded *text, size_t at, struct fact *fact)
{
    const char *run = text->text + at;

    if (fact_read_int(text, at, 4, &fact->year) != 4 || run[4] != '-' ||
        fact_read_int(text, at + 5, 2, &fact->month) != 2 || run[7] != '-' ||
        fact_read_int(text, at + 8, 2, &fact->day) != 2)
        return 0;
    return valid(fact) && fact->day && !fold_is_word(text->text[at + 10]) ? 10 : 0;
}

/* 03.10.2026, 3.10., 03/10/2026, 3/10/26: the day first, unless only the other order can be. */
static size_t read_figures(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = fact_read_int(text, at, 2, &fact->day), part;
    char mark = len ? text->text[at + len] : '\0';

    if (!len || (mark != '.' && mark != '/'))
        return 0;
    len++;
    part = fact_read_int(text, at + len, 2, &fact->month);
    if (!part)
        return 0;
    len += part;
    if (text->text[at + len] == mark) {
        part = fact_read_int(text, at + len + 1, 4, &fact->year);
        if (part == 2)
            fact->year += CENTURY;
        if (part == 2 || part == 4)
            len += 1 + part;
        else if (mark == '.' && part == 0)
            len++;
        else
            return 0;
    } else {
        return 0; /* 3.10 and 24/7 are no dates */
    }
    if (fact->month > 12 && fact->day <= 12 && mark == '/') {
        int day = fact->month;
        fact->month = fact->day;
        fact->day = day;
    }
    return valid(fact) && fact->day && !fold_is_word(text->text[at + len]) ? len : 0;
}

/* ---- with a month's name ---- */

/* The other end's month: "12 to 19 July", "5. bis 28. Juli". */
static bool month_of_range(const struct folded *text, size_t at, int *ret_month)
{
    static const char *const links[] = {"to", "until", "till", "bis", "and", "und", "-"};
    bool needs_figure;
    int day;

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t len = strlen(links[i]), next = at + len;
        if (strncmp(text->text + at, links[i], len) != 0)
            continue;
        next += fold_blanks(text, next);
        len = fact_read_int(text, next, 2, &day);
        next += len;
        if (!len || day > 31)
            continue;
        next += text->text[next] == '.' ? 1 : fold_letters(text, next) == 2 ? 2 : 0;
        next += fold_blanks(text, next);
        if (read_month(text, next, ret_month, &needs_figure))
            return true;
    }
    return false;
}

/* 3 October, 3rd of October 2026, 3. Oktober */
static size_t read_day_month(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", ".", ""};
    size_t len = fact_read_int(text, at, 2, &fact->day), part = 0;
    bool needs_figure;

    if (!len)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(endings) && !part; i++) {
        size_t next = at + len;
        if (strncmp(text->text + next, endings[i], strlen(endings[i])) != 0)
            continue;
        next += strlen(endings[i]);
        next += fold_blanks(text, next);
        if (fold_word(text, next, "of"))
            next += 2 + fold_blanks(text, next + 2);
        part = read_month(text, next, &fact->month, &needs_figure);
        if (part)
            part += next - at - len;
        else if (month_of_range(text, next, &fact->month))
            return valid(fact) && fact->day ? len + strlen(endings[i]) : 0;
    }
    if (!part || !valid(fact) || !fact->day)
        return 0;
    len += part;
    return len + read_year_behind(text, at + len, &fact->year);
}

/* "fifteenth", "twenty-first", "zehnten", "einunddreissigsten": a day of the month in words. */
static size_t read_ordinal_day(const struct folded *text, size_t at, int *ret_day)
{
    static const struct {
        const char *word;
        int day;
    } ordinals[] = {{"first", 1},          {"second", 2},        {"third", 3},          {"fourth", 4},
                    {"fifth", 5},          {"sixth", 6},         {"seventh", 7},        {"eighth", 8},
                    {"ninth", 9},          {"tenth", 10},        {"eleventh", 11},      {"twelfth", 12},
                    {"thirteenth", 13},    {"fourteenth", 14},   {"fifteenth", 15},     {"sixteenth", 16},
                    {"seventeenth", 17},   {"eighteenth", 18},   {"nineteenth", 19},    {"twentieth", 20},
                    {"thirtieth", 30},     {"twenty-first", 21}, {"twenty-second", 22}, {"twenty-third", 23},
                    {"twenty-fourth", 24}, {"twenty-fifth", 25}, {"twenty-sixth", 26},  {"twenty-seventh", 27},
                    {"twenty-eighth", 28}, {"twenty-ninth", 29}, {"thirty-first", 31},  {"erste", 1},
                    {"ersten", 1},         {"dritte", 3},        {"dritten", 3},        {"siebte", 7},
                    {"siebten", 7},        {"achte", 8},         {"achten", 8},         {"zweite", 2},
                    {"zweiten", 2}};
    static const char *const ends[] = {"sten", "ste", "ten", "te"};
    char stem[STEM_MAX];
    size_t letters = fold_letters(text, at);
    struct folded word = {.text = stem};
    double value;

    for (size_t i = 0; i < ARRAY_LEN(ordinals); i++) {
        size_t len = fold_word(text, at, ordinals[i].word);
        *ret_day = ordinals[i].day;
        if (len)
            return len;
    }
    for (size_t i = 0; i < ARRAY_LEN(ends) && letters < STEM_MAX; i++) {
        size_t n = strlen(ends[i]);
        if (letters <= n || strncmp(text->text + at + letters - n, ends[i], n) != 0)
            continue;
        word.len = letters - n;
        memcpy(stem, text->text + at, word.len);
        stem[word.len] = '\0';
        if (fact_read_number_word(&word, 0, &value) == word.len && value >= 1 && value <= DAYS_MOST) {
            *ret_day = (int)value;
            return letters;
        }
    }
    return 0;
}

/* "the third of May", "am dritten Mai". */
static size_t read_ordinal_month(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = read_ordinal_day(text, at, &fact->day), month;
    bool needs_figure;

    if (!len)
        return 0;
    len += fold_blanks(text, at + len);
    if (fold_word(text, at + len, "of"))
        len += 2 + fold_blanks(text, at + len + 2);
    month = read_month(text, at + len, &fact->month, &needs_figure);
    return month ? len + month + read_year_behind(text, at + len + month, &fact->year) : 0;
}

/* "the 20th of each month", "zum 15. des Folgemonats": a day of any month. */
static size_t read_day_of_month(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const behind[] = {
        "of the month",          "of each month",     "of every month",  "of a month",         "of the following month",
        "of the previous month", "des monats",        "des folgemonats", "des vormonats",      "jeden monats",
        "eines monats",          "of the next month", "of next month",   "of your next month", "des naechsten monats",
        "des folgenden monats",  "des monats danach"};
    size_t len = fact_read_int(text, at, 2, &fact->day), next;

    if (!len)
        len = read_ordinal_day(text, at, &fact->day);
    if (!len || fact->day < 1 || fact->day > 31)
        return 0;
    next = at + len;
    next += text->text[next] == '.' ? 1 : fold_is_digit(text->text[at]) && fold_letters(text, next) == 2 ? 2 : 0;
    next += fold_blanks(text, next);
    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        size_t more = fold_word(text, next, behind[i]);
        if (more)
            return next + more - at;
    }
    return 0;
}

/* "Ende Mai", "mid-June", "the beginning of March": what stands before the month's name. */
static int part_of_month(const struct folded *text, size_t at)
{
    static const struct {
        const char *words;
        int part;
    } parts[] = {{"end of ", END_OF_MONTH},       {"ende ", END_OF_MONTH},        {"ende des ", END_OF_MONTH},
                 {"late ", END_OF_MONTH},         {"mid-", MIDDLE_OF_MONTH},      {"mid ", MIDDLE_OF_MONTH},
                 {"middle of ", MIDDLE_OF_MONTH}, {"mitte ", MIDDLE_OF_MONTH},    {"mitte des ", MIDDLE_OF_MONTH},
                 {"early ", BEGIN_OF_MONTH},      {"start of ", BEGIN_OF_MONTH},  {"beginning of ", BEGIN_OF_MONTH},
                 {"anfang ", BEGIN_OF_MONTH},     {"beginn des ", BEGIN_OF_MONTH}};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        size_t n = strlen(parts[i].words);
        if (at >= n && strncmp(text->text + at - n, parts[i].words, n) == 0)
            return parts[i].part;
    }
    return NO_PART;
}

/* "in March", "until May": a word of its own that can only be the month. */
static bool is_month_by_context(const struct folded *text, size_t at, size_t len)
{
    static const char *const before[] = {"in ", "until ", "till ", "since ", "during ", "from ", "of ", "through "};

    if (len < MONTH_LETTERS || text->text[at + len] == '-')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at > n && strncmp(text->text + at - n, before[i], n) == 0 && !fold_is_word(text->text[at - n - 1]))
            return true;
    }
    return false;
}

/* October 3rd, 2026; October 2026; October */
static size_t read_month_first(const struct folded *text, size_t at, struct fact *fact)
{
    bool needs_figure = false;
    size_t len = read_month(text, at, &fact->month, &needs_figure), blanks, part;
    int day;

    if (!len)
        return 0;
    blanks = fold_blanks(text, at + len);
    part = blanks ? fact_read_int(text, at + len + blanks, 2, &day) : 0;
    if (part && strchr(".,", text->text[at + len + blanks + part]) &&
        fold_is_digit(text->text[at + len + blanks + part + 1]))
        part = 0; /* "ab August 4,80 Euro" */
    if (part && day >= 1 && day <= 31) {
        fact->day = day;
        len += blanks + part;
        if (fold_letters(text, at + len) == 2)
            len += 2;
        return len + read_year_behind(text, at + len, &fact->year);
    }
    part = read_year_behind(text, at + len, &fact->year);
    fact->part = part_of_month(text, at);
    return needs_figure && !part && !fact->part && !is_month_by_context(text, at, len) ? 0 : len + part;
}

/* "since the 9th", "seit dem 9. bei Ihnen": a day of a month that is not said. */
static size_t read_bare_day(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const ends[] = {".", "st", "nd", "rd", "th"};
    static const char *const before[] = {"dem ", "den ", "vom ", "zum ", "am ", "the "};
    size_t len = fact_read_int(text, at, 2, &fact->day);
    bool dated = false;

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        dated |= at >= n && strncmp(text->text + at - n, before[i], n) == 0;
    }
    if (!len || !dated || fact->day < 1 || fact->day > 31)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = strlen(ends[i]);
        if (strncmp(text->text + at + len, ends[i], n) == 0 && !fold_is_word(text->text[at + len + n])) {
            return len + n;
        }
    }
    return 0;
}

size_t fact_read_date(const struct folded *text, size_t at, struct fact *ret_fact)
{
    static size_t (*const readers[])(const struct folded *, size_t, struct fact *) = {
        read_iso,         read_figures,    read_day_of_month,  read_ordinal_month, read_day_month,
        read_month_first, fact_read_feast, fact_read_day_word, read_bare_day};

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct fact fact = {.kind = CLAIM_DATE};
        size_t len = readers[i](text, at, &fact);
        if (len) {
            *ret_fact = fact;
            return len;
        }
    }
    return 0;
}
