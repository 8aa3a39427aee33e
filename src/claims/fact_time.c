/* Times of the day, English and German. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { NOON = 12, FACE_HOURS = 12, DAY_HOURS = 24, DECIMAL = 10 };

/* 1 for am, 2 for pm, 3 for Uhr, 4 for o'clock, 0 for none. */
static int read_half(const struct folded *text, size_t at, size_t *ret_len)
{
    static const struct {
        const char *word;
        int half;
    } halves[] = {{"a.m.", 1},    {"am", 1},       {"p.m.", 2},   {"pm", 2},  {"uhr", 3},
                  {"o'clock", 4}, {"o' clock", 4}, {"oclock", 4}, {"ish", 4}, {"-ish", 4}};
    size_t blanks = fold_blanks(text, at);

    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        size_t len = strlen(halves[i].word);
        if (strncmp(text->text + at + blanks, halves[i].word, len) == 0 &&
            !fold_is_letter(text->text[at + blanks + len])) {
            *ret_len = blanks + len;
            return halves[i].half;
        }
    }
    return 0;
}

/* "sieben Uhr morgens", "eight o'clock". */
static size_t read_spelled_time(const struct folded *text, size_t at, struct fact *ret_fact)
{
    int hour;
    size_t len = fold_is_digit(text->text[at]) ? 0 : fact_read_hour(text, at, &hour), word = 0;

    if (!len || read_half(text, at + len, &word) == 0)
        return 0;
    *ret_fact = (struct fact){.kind = CLAIM_TIME, .value = hour * MINUTES_PER_HOUR};
    if (hour <= NOON)
        strcpy(ret_fact->unit, "12h");
    return len + word;
}

/* "after midnight". */
static bool is_behind_about(const struct folded *text, size_t at)
{
    static const char *const words[] = {"after ", "past ",  "around ", "about ", "before ",
                                        "nach ",  "gegen ", "vor ",    "kurz "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (at >= n && strncmp(text->text + at - n, words[i], n) == 0)
            return true;
    }
    return false;
}

/* "noon". */
static size_t read_turn_of_day(const struct folded *text, size_t at, struct fact *ret_fact)
{
    static const struct {
        const char *word;
        int hour;
    } turns[] = {{"noon", 12}, {"midday", 12}, {"midnight", 24}, {"mitternacht", 24}};

    for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
        size_t len = fold_word(text, at, turns[i].word);
        if (len) {
            *ret_fact = (struct fact){.kind = CLAIM_TIME, .value = turns[i].hour * MINUTES_PER_HOUR};
            if (turns[i].hour > NOON)
                snprintf(ret_fact->form, sizeof ret_fact->form, "%s",
                         is_behind_about(text, at) ? "about midnight" : "midnight");
            return len;
        }
    }
    return 0;
}

/* What the other end of a range says of this one: "8 bis 16 Uhr", "from 9 to 5 pm". */
static int half_of_range(const struct folded *text, size_t at, int hour)
{
    static const char *const links[] = {"bis", "to", "until", "till", "and", "und", "-"};
    size_t blanks = fold_blanks(text, at), word;
    int other, half;

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t to = at + blanks, len = strlen(links[i]), minutes = 0;
        if (strncmp(text->text + to, links[i], len) != 0)
            continue;
        to += len;
        to += fold_blanks(text, to);
        len = fact_read_int(text, to, 2, &other);
        if (!len)
            continue;
        to += len;
        if ((text->text[to] == ':' || text->text[to] == '.') && fact_read_int(text, to + 1, 2, &(int){0}) == 2)
            minutes = 3;
        half = read_half(text, to + minutes, &word);
        if (half)
            return half == 2 && hour % NOON > other % NOON ? 1 : half;
    }
    return 0;
}

/* "7.30", "19.00". */
static bool is_dotted(const struct folded *text, size_t at)
{
    int hour, minute;
    size_t len = fact_read_int(text, at, 2, &hour);

    return len && hour <= 24 && text->text[at + len] == '.' && fact_read_int(text, at + len + 1, 2, &minute) == 2 &&
           minute < MINUTES_PER_HOUR && minute % 5 == 0 && !fold_is_digit(text->text[at + len + 3]);
}

/* "7.30 to 19.00", "8.00-16.30": either end of it. */
static bool is_dotted_range(const struct folded *text, size_t at, size_t end)
{
    static const char *const links[] = {" to ", " until ", " till ", " bis ", "-", " - "};

    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t len = strlen(links[i]);
        if (strncmp(text->text + end, links[i], len) == 0 && is_dotted(text, at) && is_dotted(text, end + len))
            return true;
        for (size_t back = 4; back <= 5 && at >= len + back; back++) {
            if (strncmp(text->text + at - len, links[i], len) == 0 && is_dotted(text, at) &&
                is_dotted(text, at - len - back) && fold_word_starts(text, at - len - back))
                return true;
        }
    }
    return false;
}

/* "closes at 18.00", "bis 20.00": a full hour, where no money or measure stands behind it. */
static bool is_full_hour(const struct folded *text, size_t at, size_t end)
{
    static const char *const before[] = {"at ",  "by ",    "from ",   "until ", "till ",     "to ",      "before ",
                                         "um ",  "ab ",    "bis ",    "after ", "zwischen ", "between ", "and ",
                                         "und ", "gegen ", "around ", "since ", "seit "};
    struct fact none = {.kind = CLAIM_NUMBER};

    if (!is_dotted(text, at) || strncmp(text->text + end - 2, "00", 2) != 0 || fact_read_unit(text, end, &none))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncmp(text->text + at - n, before[i], n) == 0)
            return true;
    }
    return false;
}

/* 18:00, 6 pm, 6.30 pm, 18 Uhr, 18 Uhr 30. Minutes of the day are the value. */
static size_t read_time(const struct folded *text, size_t at, struct fact *ret_fact)
{
    int hour, minute = 0, half;
    size_t len = fact_read_clock(text, at, ret_fact), part, word = 0;
    bool colon;

    if (!len)
        len = read_spelled_time(text, at, ret_fact);
    if (!len)
        len = read_turn_of_day(text, at, ret_fact);
    if (len)
        return len;
    len = fact_read_int(text, at, 2, &hour);
    if (!len || hour > 24)
        return 0;
    colon = text->text[at + len] == ':';
    part = colon || text->text[at + len] == '.' ? fact_read_int(text, at + len + 1, 2, &minute) : 0;
    if (part == 2 && minute < MINUTES_PER_HOUR)
        len += 1 + part;
    else
        colon = false, minute = 0;
    half = read_half(text, at + len, &word);
    if (half == 1 && hour > NOON)
        half = 0, word = 0; /* "um 19:40 am Rathausplatz" */
    if (!half && !colon)
        half = half_of_range(text, at + len, hour);
    if (!half && part == 2 && (is_dotted_range(text, at, at + len) || is_full_hour(text, at, at + len)))
        half = 3;
    if (!half && !colon)
        return 0;
    if (half == 1 || half == 2)
        hour = hour % NOON + (half == 2 ? NOON : 0);
    *ret_fact = (struct fact){.kind = CLAIM_TIME, .value = hour * MINUTES_PER_HOUR + minute};
    if (half == 4 && hour <= NOON)
        strcpy(ret_fact->unit, "12h");
    return len + word;
}

/* ---- the part of the day ---- */

static const struct {
    const char *words;
    int first, last; /* hours, of which twelve begin here */
} parts[] = {
    {"in the morning", 0, 12}, {"in the afternoon", 12, 23}, {"in the evening", 12, 24}, {"at night", 18, 29},
    {"morgens", 0, 12},        {"vormittags", 0, 12},        {"frueh", 0, 12},           {"in der frueh", 0, 12},
    {"am morgen", 0, 12},      {"am vormittag", 0, 12},      {"mittags", 11, 22},        {"nachmittags", 12, 23},
    {"am nachmittag", 12, 23}, {"abends", 12, 24},           {"am abend", 12, 24},       {"nachts", 18, 29},
    {"in der nacht", 18, 29},  {"am mittag", 11, 22},
};

/* "seven in the evening", "zwei Uhr nachmittags": which half of the day an hour on the face is of; 0 bytes for none. */
static size_t read_part_of_day(const struct folded *text, size_t at, struct fact *fact)
{
    size_t blanks = fold_blanks(text, at);

    for (size_t i = 0; blanks && i < ARRAY_LEN(parts); i++) {
        size_t len = fold_word(text, at + blanks, parts[i].words);
        double value = fact->value;
        if (!len)
            continue;
        while (value >= (double)FACE_HOURS * MINUTES_PER_HOUR)
            value -= (double)FACE_HOURS * MINUTES_PER_HOUR;
        while (value < (double)parts[i].first * MINUTES_PER_HOUR)
            value += (double)FACE_HOURS * MINUTES_PER_HOUR;
        if (value >= (double)DAY_HOURS * MINUTES_PER_HOUR)
            value -= (double)DAY_HOURS * MINUTES_PER_HOUR;
        if (value > (double)parts[i].last * MINUTES_PER_HOUR)
            return 0;
        fact->value = value;
        *fact->unit = '\0';
        return blanks + len;
    }
    return 0;
}

/* "ten in the morning", "8.30 in the evening": an hour with nothing but its part of the day. */
static size_t read_hour_of_part(const struct folded *text, size_t at, struct fact *ret_fact)
{
    int hour, minute = 0;
    size_t len = fact_read_hour(text, at, &hour), part;

    if (!len && is_dotted(text, at))
        len = fact_read_int(text, at, 2, &hour) + 3, minute = (int)strtol(text->text + at + len - 2, NULL, DECIMAL);
    if (!len || hour > NOON)
        return 0;
    *ret_fact = (struct fact){.kind = CLAIM_TIME, .value = hour * MINUTES_PER_HOUR + minute};
    part = read_part_of_day(text, at + len, ret_fact);
    return part ? len + part : 0;
}

size_t fact_read_time(const struct folded *text, size_t at, struct fact *ret_fact)
{
    size_t len = read_time(text, at, ret_fact);

    if (!len)
        return read_hour_of_part(text, at, ret_fact);
    if (*ret_fact->unit || (ret_fact->value >= MINUTES_PER_HOUR && ret_fact->value <= MINUTES_PER_FACE))
        len += read_part_of_day(text, at + len, ret_fact); /* "9 Uhr abends" */
    return len;
}
