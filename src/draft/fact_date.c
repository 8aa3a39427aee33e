/* Dates and times of the day, English and German. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/facts.h"

enum { YEAR_LEAST = 1990, YEAR_MOST = 2099, CENTURY = 2000, WEEKDAY_LETTERS = 3 };

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

/* Days of the week and words for days near by; equal forms mean the same. */
static const struct {
    const char *word, *form;
} day_words[] = {
    {"monday", "mon"},
    {"mondays", "mon"},
    {"montag", "mon"},
    {"montags", "mon"},
    {"tuesday", "tue"},
    {"tuesdays", "tue"},
    {"dienstag", "tue"},
    {"dienstags", "tue"},
    {"wednesday", "wed"},
    {"wednesdays", "wed"},
    {"mittwoch", "wed"},
    {"mittwochs", "wed"},
    {"thursday", "thu"},
    {"thursdays", "thu"},
    {"donnerstag", "thu"},
    {"donnerstags", "thu"},
    {"friday", "fri"},
    {"fridays", "fri"},
    {"freitag", "fri"},
    {"freitags", "fri"},
    {"saturday", "sat"},
    {"saturdays", "sat"},
    {"samstag", "sat"},
    {"samstags", "sat"},
    {"sonnabend", "sat"},
    {"sunday", "sun"},
    {"sundays", "sun"},
    {"sonntag", "sun"},
    {"sonntags", "sun"},
    {"day after tomorrow", "day after tomorrow"},
    {"the day after", "next day"},
    {"am tag nach", "next day"},
    {"am tag danach", "next day"},
    {"am tag darauf", "next day"},
    {"folgetag", "next day"},
    {"am naechsten tag", "next day"},
    {"am folgenden tag", "next day"},
    {"the next day", "next day"},
    {"the following day", "next day"},
    {"next working day", "next day"},
    {"next business day", "next day"},
    {"naechsten werktag", "next day"},
    {"naechsten arbeitstag", "next day"},
    {"folgenden werktag", "next day"},
    {"following working day", "next day"},
    {"following business day", "next day"},
    {"working day after", "next day"},
    {"business day after", "next day"},
    {"darauffolgenden werktag", "next day"},
    {"darauffolgenden tag", "next day"},
    {"darauffolgenden arbeitstag", "next day"},
    {"folgenden arbeitstag", "next day"},
    {"naechster werktag", "next day"},
    {"folgewerktag", "next day"},
    {"werktag danach", "next day"},
    {"werktag darauf", "next day"},
    {"am tag vorher", "day before"},
    {"zum tag vorher", "day before"},
    {"zum tag davor", "day before"},
    {"zum tag zuvor", "day before"},
    {"tags zuvor", "day before"},
    {"tags davor", "day before"},
    {"einen tag vorher", "day before"},
    {"einen tag davor", "day before"},
    {"einen tag zuvor", "day before"},
    {"a day before", "day before"},
    {"a day earlier", "day before"},
    {"vortags", "day before"},
    {"vortages", "day before"},
    {"the day before", "day before"},
    {"the previous day", "day before"},
    {"am tag vor", "day before"},
    {"am tag zuvor", "day before"},
    {"am tag davor", "day before"},
    {"vortag", "day before"},
    {"this morning", "today"},
    {"this afternoon", "today"},
    {"this evening", "today"},
    {"today", "today"},
    {"heute", "today"},
    {"tonight", "today"},
    {"tomorrow", "tomorrow"},
    {"yesterday", "yesterday"},
    {"gestern", "yesterday"},
    {"uebermorgen", "day after tomorrow"},
    {"overnight", "overnight"},
    {"weekend", "weekend"},
    {"wochenende", "weekend"},
    {"next week", "next week"},
    {"naechste woche", "next week"},
    {"naechster woche", "next week"},
    {"this week", "this week"},
    {"diese woche", "this week"},
    {"dieser woche", "this week"},
    {"weekday", "weekdays"},
    {"weekdays", "weekdays"},
    {"werktags", "weekdays"},
    {"wochentags", "weekdays"},
    {"working days", "weekdays"},
    {"business days", "weekdays"},
    {"werktagen", "weekdays"},
    {"arbeitstagen", "weekdays"},
    {"weekends", "weekend"},
    {"wochenenden", "weekend"},
    {"christmas", "christmas"},
    {"weihnachten", "christmas"},
    {"easter", "easter"},
    {"ostern", "easter"},
    {"seven days a week", "daily"},
    {"7 days a week", "daily"},
    {"sieben tage die woche", "daily"},
    {"sieben tagen die woche", "daily"},
    {"sieben tagen in der woche", "daily"},
    {"every day", "daily"},
    {"daily", "daily"},
    {"taeglich", "daily"},
    {"jeden tag", "daily"},
};

/* Days that have a name of their own. */
static const struct {
    const char *name;
    int day, month;
} feasts[] = {
    {"christmas eve", 24, 12},  {"heiligabend", 24, 12}, {"heiligen abend", 24, 12}, {"christmas day", 25, 12},
    {"new year's eve", 31, 12}, {"silvester", 31, 12},   {"new year's day", 1, 1},   {"neujahr", 1, 1},
};

/* Short names count only beside another day, as in mon-fri, or before the day of a month. */
static const struct {
    const char *word, *form;
} short_days[] = {
    {"mon", "mon"}, {"tue", "tue"}, {"wed", "wed"},  {"thu", "thu"},  {"fri", "fri"},  {"sat", "sat"},
    {"sun", "sun"}, {"mo", "mon"},  {"di", "tue"},   {"mi", "wed"},   {"do", "thu"},   {"fr", "fri"},
    {"sa", "sat"},  {"so", "sun"},  {"tues", "tue"}, {"weds", "wed"}, {"thur", "thu"}, {"thurs", "thu"},
};

/* ---- parts ---- */

/* At most `most` digits, no more behind them. */
static size_t read_int(const struct folded *text, size_t at, size_t most, int *ret_value)
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
    size_t len = skip ? read_int(text, at + skip, 4, &year) : 0;

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

    if (read_int(text, at, 4, &fact->year) != 4 || run[4] != '-' || read_int(text, at + 5, 2, &fact->month) != 2 ||
        run[7] != '-' || read_int(text, at + 8, 2, &fact->day) != 2)
        return 0;
    return valid(fact) && fact->day && !fold_is_word(text->text[at + 10]) ? 10 : 0;
}

/* 03.10.2026, 3.10., 03/10/2026, 3/10/26: the day first, unless only the other order can be. */
static size_t read_figures(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = read_int(text, at, 2, &fact->day), part;
    char mark = len ? text->text[at + len] : '\0';

    if (!len || (mark != '.' && mark != '/'))
        return 0;
    len++;
    part = read_int(text, at + len, 2, &fact->month);
    if (!part)
        return 0;
    len += part;
    if (text->text[at + len] == mark) {
        part = read_int(text, at + len + 1, 4, &fact->year);
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
        len = read_int(text, next, 2, &day);
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
    size_t len = read_int(text, at, 2, &fact->day), part = 0;
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

/* "the 20th of each month", "zum 15. des Folgemonats": a day of any month. */
static size_t read_day_of_month(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const behind[] = {
        "of the month",          "of each month",     "of every month",  "of a month",         "of the following month",
        "of the previous month", "des monats",        "des folgemonats", "des vormonats",      "jeden monats",
        "eines monats",          "of the next month", "of next month",   "of your next month", "des naechsten monats",
        "des folgenden monats",  "des monats danach"};
    static const char *const firsts[] = {"first", "ersten", "erste"};
    size_t len = read_int(text, at, 2, &fact->day), next;

    for (size_t i = 0; i < ARRAY_LEN(firsts) && !len; i++) {
        len = fold_word(text, at, firsts[i]);
        fact->day = 1;
    }
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

/* October 3rd, 2026; October 2026; October */
static size_t read_month_first(const struct folded *text, size_t at, struct fact *fact)
{
    bool needs_figure = false;
    size_t len = read_month(text, at, &fact->month, &needs_figure), blanks, part;
    int day;

    if (!len)
        return 0;
    blanks = fold_blanks(text, at + len);
    part = blanks ? read_int(text, at + len + blanks, 2, &day) : 0;
    if (part && day >= 1 && day <= 31) {
        fact->day = day;
        len += blanks + part;
        if (fold_letters(text, at + len) == 2)
            len += 2;
        return len + read_year_behind(text, at + len, &fact->year);
    }
    part = read_year_behind(text, at + len, &fact->year);
    return needs_figure && !part ? 0 : len + part;
}

/* ---- words for days ---- */

static const char *const day_links[] = {"-", "bis", "to", "and", "und", "or", "oder", "&", "/"};

/* A day of the week, short or long, at this place. */
static bool is_day(const struct folded *text, size_t at)
{
    for (size_t i = 0; i < ARRAY_LEN(short_days); i++) {
        if (fold_word(text, at, short_days[i].word))
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        if (strlen(day_words[i].form) == WEEKDAY_LETTERS && fold_word(text, at, day_words[i].word))
            return true;
    }
    return false;
}

static size_t skip_back(const struct folded *text, size_t at, const char *marks)
{
    while (at > 0 && strchr(marks, text->text[at - 1]))
        at--;
    return at;
}

/* "Mo-Fr", "Mo. bis Fr.", "Tues and Thurs": a day beside another one. */
static bool in_range(const struct folded *text, size_t at, size_t len)
{
    size_t next = at + len + strspn(text->text + at + len, ". "), before = skip_back(text, at, " ");

    for (size_t i = 0; i < ARRAY_LEN(day_links); i++) {
        size_t n = strlen(day_links[i]), start;
        if (strncmp(text->text + next, day_links[i], n) == 0 &&
            is_day(text, next + n + strspn(text->text + next + n, " ")))
            return true;
        if (before < n || strncmp(text->text + before - n, day_links[i], n) != 0)
            continue;
        start = skip_back(text, before - n, ". ");
        while (start > 0 && fold_is_letter(text->text[start - 1]))
            start--;
        if (is_day(text, start))
            return true;
    }
    return false;
}

/* "Thurs 9 Oct", "Do, 9.10.": the words "do" and "so" need their mark. */
static bool before_figure(const struct folded *text, size_t at, size_t len)
{
    size_t marks = strspn(text->text + at + len, ".,");
    size_t blanks = strspn(text->text + at + len + marks, " ");

    size_t figure = at + len + marks + blanks, digits = strspn(text->text + figure, "0123456789:.");
    bool word = strncmp(text->text + at, "do", 2) == 0 || strncmp(text->text + at, "so", 2) == 0;
    bool hours = digits && text->text[figure + digits] == '-';

    return blanks && (marks || len > 2 || !word || hours) && digits;
}

static size_t read_feast(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(feasts); i++) {
        size_t len = fold_word(text, at, feasts[i].name);
        if (len) {
            fact->day = feasts[i].day;
            fact->month = feasts[i].month;
            return len;
        }
    }
    return 0;
}

/* "morgen" is tomorrow, but "guten Morgen" and "an dem Morgen" are not. */
static bool is_a_morning(const struct folded *text, size_t at)
{
    static const char *const before[] = {"guten ", "am ",     "dem ",    "den ",     "der ",       "des ",
                                         "ein ",   "einem ",  "einen ",  "jeden ",   "jedem ",     "eines ",
                                         "jenem ", "diesem ", "diesen ", "frueher ", "naechsten ", "selben "};

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncmp(text->text + at - n, before[i], n) == 0)
            return true;
    }
    return false;
}

static size_t read_day_word(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        size_t len = fold_word(text, at, day_words[i].word);
        if (len) {
            snprintf(fact->form, sizeof fact->form, "%s", day_words[i].form);
            /* "every day" is said by the way; the days of a week are counted */
            fact->ground_only = strcmp(fact->form, "daily") == 0 && len < sizeof "7 days a week" - 1;
            return len;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(short_days); i++) {
        size_t len = fold_word(text, at, short_days[i].word);
        if (len && (in_range(text, at, len) || before_figure(text, at, len))) {
            snprintf(fact->form, sizeof fact->form, "%s", short_days[i].form);
            return len;
        }
    }
    if (fold_word(text, at, "morgen") && !is_a_morning(text, at)) {
        snprintf(fact->form, sizeof fact->form, "tomorrow");
        return 6;
    }
    return 0;
}

/* "since the 9th", "seit dem 9. bei Ihnen": a day of a month that is not said. */
static size_t read_bare_day(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const ends[] = {".", "st", "nd", "rd", "th"};
    static const char *const before[] = {"dem ", "den ", "vom ", "zum ", "am ", "the "};
    size_t len = read_int(text, at, 2, &fact->day);
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
        read_iso,         read_figures, read_day_of_month, read_day_month,
        read_month_first, read_feast,   read_day_word,     read_bare_day};

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

/* ---- times ---- */

enum { MINUTES_PER_HOUR = 60, NOON = 12 };

/* 1 for am, 2 for pm, 3 for Uhr, 4 for o'clock, 0 for none. */
static int read_half(const struct folded *text, size_t at, size_t *ret_len)
{
    static const struct {
        const char *word;
        int half;
    } halves[] = {{"a.m.", 1}, {"am", 1}, {"p.m.", 2}, {"pm", 2}, {"uhr", 3}, {"o'clock", 4}};
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
        len = read_int(text, to, 2, &other);
        if (!len)
            continue;
        to += len;
        if ((text->text[to] == ':' || text->text[to] == '.') && read_int(text, to + 1, 2, &(int){0}) == 2)
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
    size_t len = read_int(text, at, 2, &hour);

    return len && hour <= 24 && text->text[at + len] == '.' && read_int(text, at + len + 1, 2, &minute) == 2 &&
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

/* 18:00, 6 pm, 6.30 pm, 18 Uhr, 18 Uhr 30. Minutes of the day are the value. */
size_t fact_read_time(const struct folded *text, size_t at, struct fact *ret_fact)
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
    len = read_int(text, at, 2, &hour);
    if (!len || hour > 24)
        return 0;
    colon = text->text[at + len] == ':';
    part = colon || text->text[at + len] == '.' ? read_int(text, at + len + 1, 2, &minute) : 0;
    if (part == 2 && minute < MINUTES_PER_HOUR)
        len += 1 + part;
    else
        colon = false, minute = 0;
    half = read_half(text, at + len, &word);
    if (!half && !colon)
        half = half_of_range(text, at + len, hour);
    if (!half && part == 2 && is_dotted_range(text, at, at + len))
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
