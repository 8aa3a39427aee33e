/* All facts of a text, from left to right: at each place the first reader that takes something. */
#include "claims/fact_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

enum { NOON = 12, COMPOUND_LEAST = 3, SUFFIX_LEAST = 5, AMOUNT_LEAST = 20 /* smaller numbers stand everywhere */ };

#define VALUE_TOLERANCE 1e-6
#define PERCENT         100.0

/* "1. " at the start of a line numbers a list and claims nothing. */
static size_t list_mark(const struct folded *text, size_t at)
{
    size_t digits, begin = at;

    while (begin > 0 && text->text[begin - 1] == ' ')
        begin--;
    if (begin > 0 && text->text[begin - 1] != '\n')
        return 0;
    digits = strspn(text->text + at, "0123456789");
    if (!digits || digits > 2 || !strchr(".)", text->text[at + digits]) || text->text[at + digits + 1] != ' ')
        return 0;
    return digits + 1;
}

/* "v6.1": the number of a version. */
static size_t read_version(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = text->text[at] == 'v' ? fact_read_digits(text, at + 1, &fact->value) : 0;

    if (!len || fact->value == floor(fact->value))
        return 0;
    fact->kind = CLAIM_NUMBER;
    fact->written = fact->value;
    return len + 1;
}

/* A quantity without a unit may be a code: 204817. */
static size_t read_figures(const struct folded *text, size_t at, struct fact *fact)
{
    struct fact code;
    size_t len = fact_read_quantity(text, at, fact), code_len;

    if (len && *fact->unit)
        return len;
    if (!len)
        len = fact_read_count(text, at, fact);
    code_len = fact_read_code(text, at, &code);
    if (code_len && code_len >= len) {
        *fact = code;
        return code_len;
    }
    return len;
}

static size_t read_fact(const struct folded *text, size_t at, struct fact *fact)
{
    static size_t (*const readers[])(const struct folded *, size_t, struct fact *) = {
        fact_read_address, fact_read_date, fact_read_time, fact_read_phone, read_version, read_figures,
    };

    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        struct fact found = {0};
        size_t len = readers[i](text, at, &found);
        if (len) {
            *fact = found;
            return len;
        }
    }
    return 0;
}

/* Whether what follows a number is no thing that it counts. */
static bool counts_nothing(const struct folded *text, size_t at)
{
    static const char *const links[] = {
        "to",      "bis",   "and",    "und",     "or",     "oder",    "until",   "till",    "for",     "per",
        "pro",     "je",    "fuer",   "in",      "on",     "at",      "am",      "this",    "from",    "today",
        "morgens", "heute", "abends", "mittags", "can",    "may",     "could",   "will",    "would",   "was",
        "were",    "have",  "has",    "must",    "should", "kann",    "koennen", "darf",    "duerfen", "werden",
        "war",     "waren", "hat",    "haben",   "go",     "gehen",   "davon",   "of them", "ein",     "an",
        "auf",     "is",    "are",    "ist",     "sind",   "instead", "statt",   "wird",    "noch",    "with",
        "mit",     "by",    "bei",    "when",    "if",     "wenn",    "falls"};
    size_t next = at + fold_blanks(text, at);

    if (text->text[at] == '-' && fold_is_letter(text->text[at + 1]))
        return false; /* "eight-digit" */
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        if (fold_word(text, next, links[i]))
            return true;
    }
    return !fold_is_word(text->text[next]);
}

/* "vor zwölf", "ab acht", "until 7": a number of the clock. */
static bool tells_hour(const struct folded *text, size_t at)
{
    static const char *const before[] = {"vor ",   "ab ",   "um ",     "gegen ", "zwischen ", "between ",   "around ",
                                         "until ", "till ", "before ", "at ",    "bis ",      "und ",       "after ",
                                         "auf ",   "by ",   "punkt ",  "seit ",  "since ",    "kurz nach ", "past "};

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncmp(text->text + at - n, before[i], n) == 0 &&
            (at == n || !fold_is_word(text->text[at - n - 1])))
            return true;
    }
    return false;
}

/* "Am Freitag haben wir bis vier offen": an hour, as the sentence tells of when something is open. */
static bool is_open_hour(const struct folded *text, const struct fact *fact)
{
    static const char *const before[] = {"um ",   "ab ",  "at ", "until ", "till ", "bis ",
                                         "from ", "von ", "to ", "and ",   "und "};
    static const char *const opens[] = {"open",      "opens",      "close",       "closes",    "closed",
                                        "shut",      "shuts",      "offen",       "geoeffnet", "oeffnet",
                                        "schliesst", "schliessen", "geschlossen", "erreichbar"};
    bool told = false;
    size_t at = fact->start;

    for (size_t i = 0; i < ARRAY_LEN(before) && !told; i++) {
        size_t n = strlen(before[i]);
        told = at >= n && strncmp(text->text + at - n, before[i], n) == 0;
    }
    if (!told || !fact->bare || *fact->unit || fact->value > NOON)
        return false;
    while (at > 0 && !strchr(".!?\n;,", text->text[at - 1]))
        at--;
    for (; at < text->len && (at < fact->end || !strchr(".!?\n;,", text->text[at])); at++) {
        if (fold_word_starts(text, at) && fold_word_of(text, at, opens, ARRAY_LEN(opens)))
            return true;
    }
    return false;
}

void facts_add(struct fact_list *list, const struct fact *fact)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->items = mem_grow(list->items, list->cap, sizeof *list->items);
    }
    list->items[list->n++] = *fact;
}

/* "within three working days, the door within ten": the unit that a number leaves out is the one before it in its
 * sentence. What it may be supports, and nobody claims it. */
static void add_left_out(const struct folded *text, struct fact_list *list)
{
    const struct fact *number = &list->items[list->n - 1], *before = NULL;
    struct fact fact = *number;

    if (!number->bare || *number->unit || list->n < 2 || list->n == FACTS_MAX || tells_hour(text, number->start))
        return;
    for (size_t i = list->n - 1; i > 0 && !before; i--) {
        const struct fact *one = &list->items[i - 1];
        if ((one->kind == CLAIM_DURATION || one->kind == CLAIM_AMOUNT) && one->written > 0 && one->value > 0)
            before = one;
    }
    if (!before)
        return;
    for (size_t at = before->end; at < number->start; at++) {
        if (strchr("!?\n", text->text[at]) || (text->text[at] == '.' && !fold_is_word(text->text[at + 1])))
            return;
    }
    fact.kind = before->kind;
    fact.value = number->written * before->value / before->written;
    fact.ground_only = true;
    fact.bare = false;
    snprintf(fact.unit, sizeof fact.unit, "%s", before->unit);
    facts_add(list, &fact);
}

/* "10 Freiminuten", "14 Urlaubstage": what is counted ends in its unit. */
static void add_compound_unit(const struct folded *text, struct fact_list *list)
{
    static const char *const units[] = {"sekunden", "minuten", "stunden", "tage",   "tagen",   "wochen",
                                        "monate",   "monaten", "jahre",   "jahren", "naechte", "naechten"};
    const struct fact *number = &list->items[list->n - 1];
    size_t at = number->end + fold_blanks(text, number->end), len = fold_letters(text, at);
    struct fact fact = *number;

    if (number->kind != CLAIM_NUMBER || *number->unit || list->n == FACTS_MAX)
        return;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t n = strlen(units[i]);
        if (len < n + COMPOUND_LEAST || strncmp(text->text + at + len - n, units[i], n) != 0 ||
            !fact_read_unit(text, at + len - n, &fact))
            continue;
        fact.ground_only = true;
        facts_add(list, &fact);
        return;
    }
}

/* "beim Nordpad 11 149 Euro": the blank may be none of a thousand's. */
static void add_ungrouped(const struct folded *text, struct fact_list *list)
{
    const struct fact whole = list->items[list->n - 1];
    size_t digits = strspn(text->text + whole.start, "0123456789"), at = whole.start + digits + 1;
    struct fact fact = {0};

    if (!digits || text->text[at - 1] != ' ' || !fold_is_digit(text->text[at]) || list->n == FACTS_MAX ||
        (whole.kind != CLAIM_AMOUNT && whole.kind != CLAIM_NUMBER) || !fact_read_quantity(text, at, &fact))
        return;
    fact.start = at;
    fact.end = whole.end;
    fact.ground_only = true;
    facts_add(list, &fact);
}

/* "two photos, one of the item and one of the label": the draft counts what it names itself. */
static bool counts_named(const struct folded *text, const struct fact *fact)
{
    static const char *const ones[] = {"one", "eins", "eines", "einer", "einmal", "the other", "das andere"};
    int n = 0;

    if (fact->kind != CLAIM_NUMBER || *fact->unit)
        return false;
    for (size_t at = fact->end; at < text->len && !strchr(".!?\n;", text->text[at]); at++) {
        for (size_t i = 0; fold_word_starts(text, at) && i < ARRAY_LEN(ones); i++)
            n += fold_word(text, at, ones[i]) > 0;
    }
    return n > 1 && n == fact->value;
}

void facts_find(const struct folded *text, struct fact_list *ret_list)
{
    struct fact_list list = {0};

    for (size_t at = 0; at < text->len && list.n < FACTS_MAX;) {
        struct fact fact;
        bool begins = fold_word_starts(text, at) || strchr("+(", text->text[at]);
        size_t mark = begins ? list_mark(text, at) : 0;
        size_t len = begins && !mark ? read_fact(text, at, &fact) : 0;
        if (len) {
            fact.start = at;
            fact.end = at + len;
            fact.bare = fact.kind == CLAIM_NUMBER && (counts_nothing(text, fact.end) || tells_hour(text, at));
            fact.hour = is_open_hour(text, &fact);
            fact.ground_only |= counts_named(text, &fact);
            facts_add(&list, &fact);
            add_left_out(text, &list);
            add_ungrouped(text, &list);
            add_compound_unit(text, &list);
        }
        if (!len && !mark && fold_is_letter(text->text[at]))
            len = fold_letters(text, at);
        at += len ? len : mark ? mark : 1;
    }
    *ret_list = list;
}

void facts_done(struct fact_list *self)
{
    mem_free(self->items);
    *self = (struct fact_list){0};
}

/* ---- support ---- */

static bool same_value(const struct fact *ground, const struct fact *claim)
{
    return fabs(ground->value - claim->value) <= VALUE_TOLERANCE * fmax(1, fabs(claim->value));
}

/* At the end of a sentence "1.8." looks like a day and a month. */
static bool reads_like(const struct fact *date, double value)
{
    if (date->year || *date->form || !date->day)
        return false;
    return fabs(value - (date->day + date->month / 10.0)) < VALUE_TOLERANCE ||
           fabs(value - (date->day + date->month / 100.0)) < VALUE_TOLERANCE;
}

enum {
    MINUTES_PER_HOUR = 60,
    MINUTES_PER_FACE = 720,
    MINUTES_PER_DAY = 1440,
    NOON_HOURS = 12,
    MONTHS_PER_YEAR = 12,
    MONTH_DAYS_LEAST = 28
};

/* "von zwei bis sechs", "your 7.15 departure": a number without any word for time. */
static bool reads_as_time(const struct fact *number, double minutes)
{
    double hour = floor(number->value), rest = floor((number->value - hour) * 100 + .5);

    if (hour > 2 * NOON_HOURS || rest >= MINUTES_PER_HOUR || (rest == 0 && !number->bare))
        return false;
    hour = hour * MINUTES_PER_HOUR + rest;
    return fabs(fmod(minutes, MINUTES_PER_DAY) - fmod(hour, MINUTES_PER_DAY)) < VALUE_TOLERANCE ||
           (number->value < NOON_HOURS + 1 &&
            fabs(fmod(minutes, MINUTES_PER_FACE) - fmod(hour, MINUTES_PER_FACE)) < VALUE_TOLERANCE);
}

/* A duration without its unit, most often an age: "over 24", "with her six years". */
static bool is_age(const struct fact *duration, const struct fact *number)
{
    return duration->kind == CLAIM_DURATION && number->kind == CLAIM_NUMBER && number->bare &&
           strcmp(duration->unit, "month") == 0 && duration->written > 1 &&
           duration->value == duration->written * MONTHS_PER_YEAR;
}

/* A month is 30 or 31 days to everybody, a year 365. */
static bool months_are_days(const struct fact *months, const struct fact *days)
{
    double m = months->value, d = days->value;

    if (strcmp(months->unit, "month") != 0 || strcmp(days->unit, "day") != 0)
        return false;
    return d == m * 30 || d == m * 31 || d == m * 28 ||
           (fmod(m, MONTHS_PER_YEAR) == 0 && d == m / MONTHS_PER_YEAR * 365);
}

/* "anderthalb Wochen" is said of ten days. */
static bool about_days(const struct fact *ground, const struct fact *claim)
{
    return strcmp(ground->unit, "day") == 0 && strcmp(claim->unit, "day") == 0 && claim->value != floor(claim->value) &&
           fabs(ground->value - claim->value) < 1;
}

static bool is_often(const struct fact *fact)
{
    return strcmp(fact->unit, FACT_OFTEN) == 0;
}

/* "ein Drittel" is said of 30 to 35 percent, two thirds of twice as much. */
static bool about_third(const struct fact *ground, const struct fact *claim)
{
    double thirds = claim->value * 3 / PERCENT;

    return strcmp(ground->unit, "%") == 0 && strcmp(claim->unit, "%") == 0 && claim->value != floor(claim->value) &&
           fabs(thirds - floor(thirds + .5)) < VALUE_TOLERANCE && ground->value >= 30 * thirds &&
           ground->value <= 35 * thirds;
}

/* Who slept there for 14 nights has had it for two weeks. */
static bool nights_are_days(const struct fact *one, const struct fact *other)
{
    return strcmp(one->unit, "night") == 0 && strcmp(other->unit, "day") == 0 && one->value == other->value;
}

/* "in a month" of "£45 a month" and of "per month". */
static bool is_rate(const struct fact *ground, const struct fact *claim)
{
    return *claim->unit == RATE_MARK && ground->kind == CLAIM_DURATION && ground->value == claim->value &&
           strcmp(claim->unit + 1, ground->unit + (*ground->unit == RATE_MARK)) == 0;
}

/* A number without a unit meets others without. With a fraction (4.99) or from AMOUNT_LEAST it also meets an amount,
 * and an amount it; with nothing counted behind it whatever was counted before: "3 weeks in green, otherwise ten". */
static bool quantity_supports(const struct fact *ground, const struct fact *claim)
{
    bool money = (ground->kind == CLAIM_AMOUNT && claim->kind == CLAIM_NUMBER) ||
                 (ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_AMOUNT);

    if (claim->hour && ground->kind != CLAIM_NUMBER && ground->kind != CLAIM_TIME)
        return false; /* "open until four" rests on no four weeks */
    if (*claim->unit == RATE_MARK || *ground->unit == RATE_MARK)
        return is_rate(ground, claim);
    if (is_often(claim) || is_often(ground))
        return ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_NUMBER && same_value(ground, claim);
    if (ground->kind == CLAIM_DATE)
        return claim->kind == CLAIM_NUMBER &&
               (reads_like(ground, claim->value) || (claim->bare && ground->day == claim->value) ||
                ground->year == claim->value);
    if (ground->kind == CLAIM_TIME)
        return claim->kind == CLAIM_NUMBER && reads_as_time(claim, ground->value);
    if (claim->hour && ground->kind == CLAIM_NUMBER && ground->bare && ground->value == claim->value + NOON_HOURS)
        return true; /* "from ten to four", where the source has 10-16 */
    if (is_age(ground, claim) || is_age(claim, ground))
        return ground->written == claim->written;
    if ((ground->kind == CLAIM_MEASURE && claim->kind == CLAIM_NUMBER) ||
        (ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_MEASURE))
        return ground->written == claim->written; /* a unit that only one of them names, or names in its own way */
    if (claim->bare && claim->kind == CLAIM_NUMBER && ground->kind != CLAIM_NUMBER)
        return ground->written == claim->written;
    if (about_third(ground, claim))
        return true;
    if (nights_are_days(ground, claim) || nights_are_days(claim, ground))
        return true;
    if (months_are_days(ground, claim) || months_are_days(claim, ground) || about_days(ground, claim))
        return true;
    if (!same_value(ground, claim))
        return false;
    if (ground->kind == claim->kind)
        return strcmp(ground->unit, claim->unit) == 0;
    return money &&
           (claim->value != floor(claim->value) || (claim->kind == CLAIM_AMOUNT && claim->value >= AMOUNT_LEAST));
}

static bool date_supports(const struct fact *ground, const struct fact *claim)
{
    if (*claim->form || *ground->form)
        return strcmp(ground->form, claim->form) == 0;
    if ((!ground->month && ground->day) || (!claim->month && claim->day))
        return ground->day == claim->day;
    if (ground->month == claim->month && ground->part == END_OF_MONTH && claim->day >= MONTH_DAYS_LEAST)
        return true; /* "until the end of May" */
    if (ground->part && claim->part && ground->part != claim->part)
        return false;
    return ground->month == claim->month && (ground->day == claim->day || !claim->day) &&
           (ground->year == claim->year || !ground->year || !claim->year);
}

/* "within one working day" is the next day. */
static bool is_next_day(const struct fact *ground, const struct fact *claim)
{
    return (strcmp(claim->form, "next day") == 0 || strcmp(claim->form, "day before") == 0) &&
           ground->kind == CLAIM_DURATION && ground->value == 1 &&
           (strcmp(ground->unit, "day") == 0 || strcmp(ground->unit, "wday") == 0);
}

static bool ends_alike(const char *one, const char *other)
{
    size_t a = strlen(one), b = strlen(other), least = a < b ? a : b;

    return a == b ? strcmp(one, other) == 0 : least >= SUFFIX_LEAST && strcmp(one + a - least, other + b - least) == 0;
}

/* The same address, or the front page of the same site. */
static bool link_supports(const char *ground, const char *claim)
{
    size_t len = strlen(claim);

    return strncmp(ground, claim, len) == 0 && (ground[len] == '\0' || (ground[len] == '/' && !strchr(claim, '/')));
}

/* A time on a clock face is either half of the day's. */
static bool same_time(const struct fact *ground, const struct fact *claim)
{
    double apart = fabs(ground->value - claim->value);
    bool face = *ground->unit || *claim->unit;

    bool midnight = *claim->form && apart <= 1; /* 23:59 */

    if (*ground->form && !*claim->form &&
        (strcmp(ground->form, "about midnight") == 0 || fmod(claim->value, MINUTES_PER_DAY) != 0))
        return false; /* "after midnight" in a mail is no hour of ours */
    return apart < VALUE_TOLERANCE || midnight || fabs(apart - MINUTES_PER_DAY) < VALUE_TOLERANCE ||
           (face && fabs(apart - MINUTES_PER_FACE) < VALUE_TOLERANCE);
}

/* Opening hours are often written without any word for time: "8-20", "6.30 to 10.30". */
static bool bare_at(const struct fact *ground, double minutes)
{
    double hour = floor(minutes / MINUTES_PER_HOUR), rest = minutes - hour * MINUTES_PER_HOUR;

    if (ground->kind == CLAIM_DATE)
        return rest > 0 && !ground->year && !*ground->form && ground->day == (int)hour && ground->month == (int)rest;
    return ground->kind == CLAIM_NUMBER && reads_as_time(ground, minutes);
}

/* "five past six" is 18.05, too. */
static bool bare_time(const struct fact *ground, const struct fact *claim)
{
    return bare_at(ground, claim->value) ||
           (*claim->unit && bare_at(ground, fmod(claim->value + MINUTES_PER_FACE, MINUTES_PER_DAY)));
}

/* 3/5 is a share or the third of May. */
static bool is_day_and_month(const struct fact *ground, const struct fact *claim)
{
    char form[FACT_FORM_MAX];

    snprintf(form, sizeof form, "%d/%d", ground->day, ground->month);
    return ground->kind == CLAIM_DATE && strcmp(form, claim->form) == 0;
}

bool fact_supports(const struct fact *ground, const struct fact *claim)
{
    switch (claim->kind) {
    case CLAIM_NUMBER:
    case CLAIM_MEASURE:
    case CLAIM_AMOUNT:
    case CLAIM_DURATION:
        return quantity_supports(ground, claim);
    case CLAIM_TIME:
        return (ground->kind == CLAIM_TIME && same_time(ground, claim)) || bare_time(ground, claim);
    case CLAIM_DATE:
        if (strcmp(claim->form, "tomorrow") == 0 && strcmp(ground->form, "next day") == 0)
            return true; /* of what is today */
        return (ground->kind == CLAIM_DATE && date_supports(ground, claim)) || is_next_day(ground, claim) ||
               (ground->kind == CLAIM_NUMBER &&
                (reads_like(claim, ground->value) || (!claim->month && claim->day && claim->day == ground->value)));
    case CLAIM_REFERENCE:
        if (is_day_and_month(ground, claim))
            return true; /* fall through */
    case CLAIM_PHONE:    /* 116 116 reads like a number */
        if (ground->kind == CLAIM_NUMBER)
            return strspn(claim->form, "0123456789") == strlen(claim->form) &&
                   ground->value == strtod(claim->form, NULL);
        return (ground->kind == CLAIM_REFERENCE || ground->kind == CLAIM_PHONE) &&
               ends_alike(ground->form, claim->form);
    case CLAIM_LINK:
        return ground->kind == CLAIM_LINK && link_supports(ground->form, claim->form);
    case CLAIM_EMAIL:
        return ground->kind == CLAIM_EMAIL && strcmp(ground->form, claim->form) == 0;
    case CLAIM_NAME:
    case CLAIM_PROMISE:
    case CLAIM_ACTION:
    case CLAIM_DENIAL:
    case CLAIM_KINDS:
        break;
    }
    return false;
}
