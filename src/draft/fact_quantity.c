/* Numbers, in digits and in words, with their units: amounts of money, durations, measures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/facts.h"

enum {
    DIGITS_MAX = 15,
    ASKED_MOST = 4, /* "which of the two is yours?" */
    GROUP = 3,
    SECONDS_PER_DAY = 86400,
    SECONDS_PER_HOUR = 3600,
    SECONDS_PER_MINUTE = 60,
    YEAR_LEAST = 1990,
    YEAR_MOST = 2099
};

/* Words of units; values become multiples of the unit. Longer words stand before their own beginnings. */
static const struct {
    const char *word, *unit;
    double times;
    enum claim_kind kind;
} units[] = {
    {"eur", "eur", 1, CLAIM_AMOUNT},
    {"euro", "eur", 1, CLAIM_AMOUNT},
    {"euros", "eur", 1, CLAIM_AMOUNT},
    {"cent", "eur", .01, CLAIM_AMOUNT},
    {"cents", "eur", .01, CLAIM_AMOUNT},
    {"gbp", "gbp", 1, CLAIM_AMOUNT},
    {"pound", "gbp", 1, CLAIM_AMOUNT},
    {"pounds", "gbp", 1, CLAIM_AMOUNT},
    {"pfund", "gbp", 1, CLAIM_AMOUNT},
    {"pence", "gbp", .01, CLAIM_AMOUNT},
    {"p", "gbp", .01, CLAIM_AMOUNT},
    {"usd", "usd", 1, CLAIM_AMOUNT},
    {"dollar", "usd", 1, CLAIM_AMOUNT},
    {"dollars", "usd", 1, CLAIM_AMOUNT},
    {"chf", "chf", 1, CLAIM_AMOUNT},
    {"franken", "chf", 1, CLAIM_AMOUNT},
    {"second", "s", 1, CLAIM_DURATION},
    {"seconds", "s", 1, CLAIM_DURATION},
    {"sec", "s", 1, CLAIM_DURATION},
    {"sekunde", "s", 1, CLAIM_DURATION},
    {"sekunden", "s", 1, CLAIM_DURATION},
    {"minute", "s", 60, CLAIM_DURATION},
    {"minutes", "s", 60, CLAIM_DURATION},
    {"min", "s", 60, CLAIM_DURATION},
    {"mins", "s", 60, CLAIM_DURATION},
    {"minuten", "s", 60, CLAIM_DURATION},
    {"minuetige", "s", 60, CLAIM_DURATION},
    {"hour", "s", 3600, CLAIM_DURATION},
    {"hours", "s", 3600, CLAIM_DURATION},
    {"hrs", "s", 3600, CLAIM_DURATION},
    {"h", "s", 3600, CLAIM_DURATION},
    {"stunde", "s", 3600, CLAIM_DURATION},
    {"stunden", "s", 3600, CLAIM_DURATION},
    {"std", "s", 3600, CLAIM_DURATION},
    {"stuendige", "s", 3600, CLAIM_DURATION},
    {"day", "day", 1, CLAIM_DURATION},
    {"days", "day", 1, CLAIM_DURATION},
    {"tag", "day", 1, CLAIM_DURATION},
    {"tage", "day", 1, CLAIM_DURATION},
    {"tagen", "day", 1, CLAIM_DURATION},
    {"tages", "day", 1, CLAIM_DURATION},
    {"taegige", "day", 1, CLAIM_DURATION},
    {"taegigen", "day", 1, CLAIM_DURATION},
    {"taegiges", "day", 1, CLAIM_DURATION},
    {"kalendertage", "day", 1, CLAIM_DURATION},
    {"kalendertagen", "day", 1, CLAIM_DURATION},
    {"week", "day", 7, CLAIM_DURATION},
    {"weeks", "day", 7, CLAIM_DURATION},
    {"woche", "day", 7, CLAIM_DURATION},
    {"wochen", "day", 7, CLAIM_DURATION},
    {"woechige", "day", 7, CLAIM_DURATION},
    {"fortnight", "day", 14, CLAIM_DURATION},
    {"month", "month", 1, CLAIM_DURATION},
    {"months", "month", 1, CLAIM_DURATION},
    {"monat", "month", 1, CLAIM_DURATION},
    {"monate", "month", 1, CLAIM_DURATION},
    {"monaten", "month", 1, CLAIM_DURATION},
    {"monats", "month", 1, CLAIM_DURATION},
    {"monatige", "month", 1, CLAIM_DURATION},
    {"year", "month", 12, CLAIM_DURATION},
    {"years", "month", 12, CLAIM_DURATION},
    {"yr", "month", 12, CLAIM_DURATION},
    {"jahr", "month", 12, CLAIM_DURATION},
    {"jahre", "month", 12, CLAIM_DURATION},
    {"jahren", "month", 12, CLAIM_DURATION},
    {"jahres", "month", 12, CLAIM_DURATION},
    {"jaehrige", "month", 12, CLAIM_DURATION},
    {"jaehrigen", "month", 12, CLAIM_DURATION},
    {"working day", "wday", 1, CLAIM_DURATION},
    {"working days", "wday", 1, CLAIM_DURATION},
    {"workdays", "wday", 1, CLAIM_DURATION},
    {"business day", "wday", 1, CLAIM_DURATION},
    {"business days", "wday", 1, CLAIM_DURATION},
    {"werktag", "wday", 1, CLAIM_DURATION},
    {"werktage", "wday", 1, CLAIM_DURATION},
    {"werktagen", "wday", 1, CLAIM_DURATION},
    {"werktages", "wday", 1, CLAIM_DURATION},
    {"arbeitstag", "wday", 1, CLAIM_DURATION},
    {"arbeitstage", "wday", 1, CLAIM_DURATION},
    {"arbeitstagen", "wday", 1, CLAIM_DURATION},
    {"percent", "%", 1, CLAIM_MEASURE},
    {"per cent", "%", 1, CLAIM_MEASURE},
    {"prozent", "%", 1, CLAIM_MEASURE},
    {"deg c", "deg", 1, CLAIM_MEASURE},
    {"deg", "deg", 1, CLAIM_MEASURE},
    {"degree", "deg", 1, CLAIM_MEASURE},
    {"degrees", "deg", 1, CLAIM_MEASURE},
    {"grad", "deg", 1, CLAIM_MEASURE},
    {"ghz", "hz", 1e9, CLAIM_MEASURE},
    {"mhz", "hz", 1e6, CLAIM_MEASURE},
    {"v", "volt", 1, CLAIM_MEASURE},
    {"volt", "volt", 1, CLAIM_MEASURE},
    {"volts", "volt", 1, CLAIM_MEASURE},
    {"a", "amp", 1, CLAIM_MEASURE},
    {"amp", "amp", 1, CLAIM_MEASURE},
    {"amps", "amp", 1, CLAIM_MEASURE},
    {"ampere", "amp", 1, CLAIM_MEASURE},
    {"w", "watt", 1, CLAIM_MEASURE},
    {"watt", "watt", 1, CLAIM_MEASURE},
    {"kw", "watt", 1000, CLAIM_MEASURE},
    {"kwh", "kwh", 1, CLAIM_MEASURE},
    {"mm", "m", .001, CLAIM_MEASURE},
    {"cm", "m", .01, CLAIM_MEASURE},
    {"m", "m", 1, CLAIM_MEASURE},
    {"metre", "m", 1, CLAIM_MEASURE},
    {"metres", "m", 1, CLAIM_MEASURE},
    {"meter", "m", 1, CLAIM_MEASURE},
    {"meters", "m", 1, CLAIM_MEASURE},
    {"metern", "m", 1, CLAIM_MEASURE},
    {"km", "m", 1000, CLAIM_MEASURE},
    {"kg", "kg", 1, CLAIM_MEASURE},
    {"g", "kg", .001, CLAIM_MEASURE},
    {"kb", "byte", 1e3, CLAIM_MEASURE},
    {"mb", "byte", 1e6, CLAIM_MEASURE},
    {"gb", "byte", 1e9, CLAIM_MEASURE},
    {"bar", "bar", 1, CLAIM_MEASURE},
    {"l", "litre", 1, CLAIM_MEASURE},
    {"litre", "litre", 1, CLAIM_MEASURE},
    {"litres", "litre", 1, CLAIM_MEASURE},
    {"liter", "litre", 1, CLAIM_MEASURE},
    {"arbeitswoche", "wday", 5, CLAIM_DURATION},
    {"arbeitswochen", "wday", 5, CLAIM_DURATION},
    {"working week", "wday", 5, CLAIM_DURATION},
    {"working weeks", "wday", 5, CLAIM_DURATION},
    {"bankarbeitstag", "wday", 1, CLAIM_DURATION},
    {"bankarbeitstage", "wday", 1, CLAIM_DURATION},
    {"bankarbeitstagen", "wday", 1, CLAIM_DURATION},
    {"banking day", "wday", 1, CLAIM_DURATION},
    {"banking days", "wday", 1, CLAIM_DURATION},
    {"bank day", "wday", 1, CLAIM_DURATION},
    {"bank days", "wday", 1, CLAIM_DURATION},
    {"geschaeftstag", "wday", 1, CLAIM_DURATION},
    {"geschaeftstage", "wday", 1, CLAIM_DURATION},
    {"geschaeftstagen", "wday", 1, CLAIM_DURATION},
    {"night", "night", 1, CLAIM_DURATION},
    {"nights", "night", 1, CLAIM_DURATION},
    {"nacht", "night", 1, CLAIM_DURATION},
    {"naechte", "night", 1, CLAIM_DURATION},
    {"naechten", "night", 1, CLAIM_DURATION},
    {"minuetigen", "s", 60, CLAIM_DURATION},
    {"stuendigen", "s", 3600, CLAIM_DURATION},
    {"stuendiges", "s", 3600, CLAIM_DURATION},
    {"woechigen", "day", 7, CLAIM_DURATION},
    {"woechiges", "day", 7, CLAIM_DURATION},
    {"fortnights", "day", 14, CLAIM_DURATION},
    {"monatigen", "month", 1, CLAIM_DURATION},
    {"monatiges", "month", 1, CLAIM_DURATION},
    {"quarter", "month", 3, CLAIM_DURATION},
    {"quarters", "month", 3, CLAIM_DURATION},
    {"quartal", "month", 3, CLAIM_DURATION},
    {"quartale", "month", 3, CLAIM_DURATION},
    {"quartalen", "month", 3, CLAIM_DURATION},
    {"kilometre", "m", 1000, CLAIM_MEASURE},
    {"kilometres", "m", 1000, CLAIM_MEASURE},
    {"kilometer", "m", 1000, CLAIM_MEASURE},
    {"kilometers", "m", 1000, CLAIM_MEASURE},
    {"kilometern", "m", 1000, CLAIM_MEASURE},
    {"centimetre", "m", .01, CLAIM_MEASURE},
    {"centimetres", "m", .01, CLAIM_MEASURE},
    {"centimeter", "m", .01, CLAIM_MEASURE},
    {"centimeters", "m", .01, CLAIM_MEASURE},
    {"zentimeter", "m", .01, CLAIM_MEASURE},
    {"zentimetern", "m", .01, CLAIM_MEASURE},
    {"millimetre", "m", .001, CLAIM_MEASURE},
    {"millimetres", "m", .001, CLAIM_MEASURE},
    {"millimeter", "m", .001, CLAIM_MEASURE},
    {"millimetern", "m", .001, CLAIM_MEASURE},
    {"mile", "mile", 1, CLAIM_MEASURE},
    {"miles", "mile", 1, CLAIM_MEASURE},
    {"meile", "mile", 1, CLAIM_MEASURE},
    {"meilen", "mile", 1, CLAIM_MEASURE},
    {"inch", "inch", 1, CLAIM_MEASURE},
    {"inches", "inch", 1, CLAIM_MEASURE},
    {"zoll", "inch", 1, CLAIM_MEASURE},
    {"kilo", "kg", 1, CLAIM_MEASURE},
    {"kilos", "kg", 1, CLAIM_MEASURE},
    {"kilogram", "kg", 1, CLAIM_MEASURE},
    {"kilograms", "kg", 1, CLAIM_MEASURE},
    {"kilogramm", "kg", 1, CLAIM_MEASURE},
    {"gram", "kg", .001, CLAIM_MEASURE},
    {"grams", "kg", .001, CLAIM_MEASURE},
    {"gramm", "kg", .001, CLAIM_MEASURE},
    {"mg", "kg", 1e-6, CLAIM_MEASURE},
    {"milligram", "kg", 1e-6, CLAIM_MEASURE},
    {"milligrams", "kg", 1e-6, CLAIM_MEASURE},
    {"milligramm", "kg", 1e-6, CLAIM_MEASURE},
    {"ml", "litre", .001, CLAIM_MEASURE},
    {"litern", "litre", 1, CLAIM_MEASURE},
    {"tb", "byte", 1e12, CLAIM_MEASURE},
    {"gigabyte", "byte", 1e9, CLAIM_MEASURE},
    {"gigabytes", "byte", 1e9, CLAIM_MEASURE},
    {"megabyte", "byte", 1e6, CLAIM_MEASURE},
    {"megabytes", "byte", 1e6, CLAIM_MEASURE},
    {"terabyte", "byte", 1e12, CLAIM_MEASURE},
    {"terabytes", "byte", 1e12, CLAIM_MEASURE},
    {"mbit", "bit", 1e6, CLAIM_MEASURE},
    {"mbps", "bit", 1e6, CLAIM_MEASURE},
    {"gbit", "bit", 1e9, CLAIM_MEASURE},
    {"gbps", "bit", 1e9, CLAIM_MEASURE},
    {"hz", "hz", 1, CLAIM_MEASURE},
    {"khz", "hz", 1e3, CLAIM_MEASURE},
    {"kilowatt", "watt", 1000, CLAIM_MEASURE},
    {"watts", "watt", 1, CLAIM_MEASURE},
    {"qm", "m2", 1, CLAIM_MEASURE},
    {"quadratmeter", "m2", 1, CLAIM_MEASURE},
    {"quadratmetern", "m2", 1, CLAIM_MEASURE},
    {"square metres", "m2", 1, CLAIM_MEASURE},
    {"square meters", "m2", 1, CLAIM_MEASURE},
    {"degrees celsius", "deg", 1, CLAIM_MEASURE},
    {"degree celsius", "deg", 1, CLAIM_MEASURE},
    {"deg celsius", "deg", 1, CLAIM_MEASURE},
    {"grad celsius", "deg", 1, CLAIM_MEASURE},
    {"kilobyte", "byte", 1e3, CLAIM_MEASURE},
    {"kilobytes", "byte", 1e3, CLAIM_MEASURE},
    {"megabit", "bit", 1e6, CLAIM_MEASURE},
    {"megabits", "bit", 1e6, CLAIM_MEASURE},
    {"gigabit", "bit", 1e9, CLAIM_MEASURE},
    {"gigabits", "bit", 1e9, CLAIM_MEASURE},
    {"millilitre", "litre", .001, CLAIM_MEASURE},
    {"millilitres", "litre", .001, CLAIM_MEASURE},
    {"milliliter", "litre", .001, CLAIM_MEASURE},
    {"millilitern", "litre", .001, CLAIM_MEASURE},
    {"cl", "litre", .01, CLAIM_MEASURE},
    {"liters", "litre", 1, CLAIM_MEASURE},
    {"tonne", "kg", 1000, CLAIM_MEASURE},
    {"tonnes", "kg", 1000, CLAIM_MEASURE},
    {"tonnen", "kg", 1000, CLAIM_MEASURE},
    {"ft", "ft", 1, CLAIM_MEASURE},
    {"foot", "ft", 1, CLAIM_MEASURE},
    {"feet", "ft", 1, CLAIM_MEASURE},
    {"weekdays", "wday", 1, CLAIM_DURATION},
    {"working hours", "whour", 1, CLAIM_DURATION},
    {"business hours", "whour", 1, CLAIM_DURATION},
    {"arbeitsstunden", "whour", 1, CLAIM_DURATION},
    {"vierteljahr", "month", 3, CLAIM_DURATION},
    {"vierteljahre", "month", 3, CLAIM_DURATION},
    {"halbjahr", "month", 6, CLAIM_DURATION},
    {"halbjahre", "month", 6, CLAIM_DURATION},
    {"decade", "month", 120, CLAIM_DURATION},
    {"decades", "month", 120, CLAIM_DURATION},
    {"jahrzehnt", "month", 120, CLAIM_DURATION},
    {"jahrzehnte", "month", 120, CLAIM_DURATION},
};

static const struct {
    const char *word;
    int value;
} number_words[] = {
    {"one", 1},        {"two", 2},       {"three", 3},     {"four", 4},      {"five", 5},       {"six", 6},
    {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},      {"eleven", 11},    {"twelve", 12},
    {"thirteen", 13},  {"fourteen", 14}, {"fifteen", 15},  {"sixteen", 16},  {"seventeen", 17}, {"eighteen", 18},
    {"nineteen", 19},  {"twenty", 20},   {"thirty", 30},   {"forty", 40},    {"fifty", 50},     {"sixty", 60},
    {"seventy", 70},   {"eighty", 80},   {"ninety", 90},   {"hundred", 100}, {"eins", 1},       {"zwei", 2},
    {"drei", 3},       {"vier", 4},      {"fuenf", 5},     {"sechs", 6},     {"sieben", 7},     {"acht", 8},
    {"neun", 9},       {"zehn", 10},     {"elf", 11},      {"zwoelf", 12},   {"dreizehn", 13},  {"vierzehn", 14},
    {"fuenfzehn", 15}, {"sechzehn", 16}, {"siebzehn", 17}, {"achtzehn", 18}, {"neunzehn", 19},  {"zwanzig", 20},
    {"dreissig", 30},  {"vierzig", 40},  {"fuenfzig", 50}, {"sechzig", 60},  {"siebzig", 70},   {"achtzig", 80},
    {"neunzig", 90},   {"hundert", 100}, {"dozen", 12},    {"dutzend", 12},
};

/* Words that may stand between a number and its unit. */
static const char *const between[] = {
    "full",      "whole",      "calendar",     "more",          "further", "additional", "consecutive", "extra",
    "weitere",   "weiteren",   "volle",        "vollen",        "ganze",   "ganzen",     "mehr",        "remaining",
    "restliche", "restlichen", "verbleibende", "verbleibenden", "uebrige", "uebrigen",   "unused",      "spare"};

/* "a" and "ein" are a number before a unit of time, behind one of these. */
static const char *const before_one[] = {
    "to",       "zu",        "have",    "has",    "haben",         "hat",        "is",      "ist",
    "betraegt", "lasts",     "dafuer",  "ihnen",  "runs",          "laeuft",     "gilt",    "bleibt",
    "bleiben",  "gives",     "noch",    "least",  "most",          "mindestens", "maximal", "hoechstens",
    "rund",     "ungefaehr", "roughly", "around", "approximately", "nearly",     "knapp",   "within",
    "in",       "after",     "for",     "about",  "another",       "of",         "with",    "takes",
    "take",     "lasts",     "only",    "than",   "innerhalb",     "binnen",     "nach",    "von",
    "fuer",     "mit",       "um",      "dauert", "dauern",        "nur",        "bis",     "etwa",
    "als",      "hoechstens"};
/* "per day" supports "in a day". */
static const char *const rates[] = {"per", "pro", "each", "every", "je", "jeden", "jede", "jedes", "jeder"};

/* Or before one of these: "einen Monat Zeit". */
static const char *const behind_one[] = {"lang",   "long",  "later", "spaeter", "zeit",   "time",
                                         "notice", "frist", "ago",   "frueher", "earlier"};
static const char *const articles[] = {"a", "an", "another", "ein", "eine", "einen", "einem", "einer", "eines"};

/* "Which of the two did you pick?" */
static const char *const asks[] = {"did", "do", "does", "is", "are", "would", "haben", "ist", "sind"};

/* What is counted for the talk's sake: "two things". */
static const char *const talk[] = {"things",         "thing",     "steps",         "ways",        "options",
                                   "points",         "questions", "possibilities", "choices",     "alternatives",
                                   "reasons",        "causes",    "cases",         "conditions",  "gruende",
                                   "ursachen",       "faelle",    "varianten",     "bedingungen", "voraussetzungen",
                                   "dinge",          "wege",      "schritte",      "punkte",      "fragen",
                                   "moeglichkeiten", "optionen",  "details",       "angaben"};

/* ---- numbers ---- */

/* Whether a mark at this place separates a group of exactly three digits. */
static bool is_group(const char *at)
{
    return at[0] && strchr(",.' ", at[0]) && strspn(at + 1, "0123456789") == GROUP;
}

size_t fact_read_digits(const struct folded *text, size_t at, double *ret_value)
{
    const char *run = text->text + at;
    size_t len = strspn(run, "0123456789"), fraction;
    char digits[DIGITS_MAX * 2 + 2];
    size_t n = len;

    if (len == 0 || len > DIGITS_MAX)
        return 0;
    memcpy(digits, run, len);
    while (len <= GROUP * 4 && *run != '0' && n % GROUP <= len && strspn(run, "0123456789") <= GROUP &&
           n + GROUP <= DIGITS_MAX && is_group(run + len)) {
        memcpy(digits + n, run + len + 1, GROUP);
        n += GROUP;
        len += 1 + GROUP;
    }
    digits[n] = '\0';
    fraction = (run[len] == '.' || run[len] == ',') ? strspn(run + len + 1, "0123456789") : 0;
    if (fraction && fraction <= DIGITS_MAX) {
        digits[n++] = '.';
        memcpy(digits + n, run + len + 1, fraction);
        digits[n + fraction] = '\0';
        len += 1 + fraction;
    }
    *ret_value = strtod(digits, NULL);
    return len;
}

static size_t simple_word(const char *at, size_t len, int *ret_value)
{
    for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
        if (strlen(number_words[i].word) == len && strncmp(at, number_words[i].word, len) == 0) {
            *ret_value = number_words[i].value;
            return len;
        }
    }
    return 0;
}

/* "six hundred", "two thousand": the word behind a number below ten; 0 bytes when none stands there. */
static size_t read_hundreds(const struct folded *text, size_t at, double *value)
{
    static const struct {
        const char *word;
        double times;
    } powers[] = {{"hundred", 100}, {"thousand", 1000}, {"tausend", 1000},
                  {"million", 1e6}, {"dozen", 12},      {"dutzend", 12}};
    size_t blanks = fold_blanks(text, at);

    for (size_t i = 0; i < ARRAY_LEN(powers) && *value < 100; i++) {
        size_t len = fold_word(text, at + blanks, powers[i].word);
        if (!len)
            continue;
        *value *= powers[i].times;
        return blanks + len;
    }
    return 0;
}

/* twenty-four; vierundzwanzig */
size_t fact_read_number_word(const struct folded *text, size_t at, double *ret_value)
{
    const char *run = text->text + at, *und;
    size_t len = fold_letters(text, at), more;
    int value, small;

    if (fold_is_digit(run[len]))
        return 0;
    if (simple_word(run, len, &value)) {
        more = value >= 20 && value < 100 && run[len] == '-' ? fold_letters(text, at + len + 1) : 0;
        if (more && simple_word(run + len + 1, more, &small) && small < 10) {
            *ret_value = value + small;
            return len + 1 + more;
        }
        *ret_value = value;
        return len + read_hundreds(text, at + len, ret_value);
    }
    und = strstr(run, "und");
    if (!und || und == run || und + 3 >= run + len || !simple_word(und + 3, (size_t)(run + len - und - 3), &value) ||
        value < 20 || value >= 100)
        return 0;
    if (strncmp(run, "ein", 3) == 0 && und == run + 3)
        small = 1;
    else if (!simple_word(run, (size_t)(und - run), &small) || small >= 10)
        return 0;
    *ret_value = value + small;
    return len;
}

/* ---- units ---- */

static size_t word_of(const struct folded *text, size_t at, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = fold_word(text, at, list[i]);
        if (len)
            return len;
    }
    return 0;
}

static void set_unit(struct fact *fact, size_t row)
{
    fact->kind = units[row].kind;
    fact->value *= units[row].times;
    snprintf(fact->unit, sizeof fact->unit, "%s", units[row].unit);
    if (strcmp(fact->unit, "s") == 0 && fact->value > 0 && fmod(fact->value, SECONDS_PER_DAY) == 0) {
        fact->value /= SECONDS_PER_DAY;
        snprintf(fact->unit, sizeof fact->unit, "day");
    }
}

/* The unit behind a number, blanks or a dash and some words between. Takes the longest. */
static size_t read_unit(const struct folded *text, size_t at, struct fact *fact)
{
    size_t skip = text->text[at] == '-' ? 1 : fold_blanks(text, at), best = 0, row = 0, middle;

    if (text->text[at + skip] == '%') {
        fact->kind = CLAIM_MEASURE;
        strcpy(fact->unit, "%");
        return skip + 1;
    }
    middle = word_of(text, at + skip, between, ARRAY_LEN(between));
    if (middle)
        skip += middle + fold_blanks(text, at + skip + middle);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t len = fold_word(text, at + skip, units[i].word);
        /* "a" and "p" need to touch the number or stand at the end of something: "30 a day" is no current. */
        if (len == 1 && skip && units[i].word[0] == 'a' && text->text[at + skip + 1] == ' ')
            continue;
        if (len > best)
            best = len, row = i;
    }
    if (!best)
        return 0;
    set_unit(fact, row);
    return skip + best;
}

/* "between 2 and 4 days"; "rather than 20 and four gigabytes" is no range. */
static bool stands_between(const struct folded *text, size_t at)
{
    static const char *const words[] = {"between ", "zwischen ", "in ", "nach ", "after ", "for "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (at >= n && strncmp(text->text + at - n, words[i], n) == 0)
            return true;
    }
    return false;
}

/* 2-4 days, 2 to 4 days: the first number has the unit of the second. */
static bool unit_of_range(const struct folded *text, size_t start, size_t at, struct fact *fact)
{
    static const char *const links[] = {"-", "to", "bis", "and", "und", "or", "oder"};
    size_t next = at + fold_blanks(text, at);
    struct fact other = {.value = fact->value, .written = fact->value};
    double value;

    if (fact->value >= YEAR_LEAST && fact->value <= YEAR_MOST)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t len = i == 0 ? text->text[next] == '-' : fold_word(text, next, links[i]);
        size_t number = next + len + fold_blanks(text, next + len);
        size_t digits;
        if (!len || (strspn(links[i], "anund") == 3 && !stands_between(text, start)))
            continue;
        digits = fact_read_digits(text, number, &value);
        if (!digits)
            digits = fact_read_number_word(text, number, &value);
        if (digits && read_unit(text, number + digits, &other)) {
            *fact = other;
            return true;
        }
    }
    return false;
}

/* ---- quantities ---- */

/* "zweieinhalb": a number's word and a half. */
static size_t read_half_word(const struct folded *text, size_t at, double *ret_value)
{
    static const char tail[] = "einhalb";
    size_t len = fold_letters(text, at), head = len > sizeof tail - 1 ? len - (sizeof tail - 1) : 0;
    int whole;

    if (!head || strncmp(text->text + at + head, tail, sizeof tail - 1) != 0 ||
        !simple_word(text->text + at, head, &whole))
        return 0;
    *ret_value = whole + .5;
    return len;
}

static size_t read_number(const struct folded *text, size_t at, struct fact *fact, bool *ret_spelled)
{
    size_t len = fact_read_digits(text, at, &fact->value), half;

    *ret_spelled = len == 0;
    if (!len)
        len = read_half_word(text, at, &fact->value);
    if (!len)
        len = fact_read_number_word(text, at, &fact->value);
    half = len ? fold_word(text, at + len + fold_blanks(text, at + len), "and a half") : 0;
    if (half) {
        half += fold_blanks(text, at + len);
        fact->value += .5;
    }
    return len + half;
}

/* The currency before the number: EUR 9.90. */
static size_t read_prefixed(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(units) && units[i].kind == CLAIM_AMOUNT; i++) {
        size_t len = units[i].times == 1 ? fold_word(text, at, units[i].word) : 0, number;
        if (!len && units[i].times == 1 && strlen(units[i].word) == 3 &&
            strncmp(text->text + at, units[i].word, 3) == 0 && fold_is_digit(text->text[at + 3]))
            len = 3;
        if (!len)
            continue;
        len += fold_blanks(text, at + len);
        number = fact_read_digits(text, at + len, &fact->value);
        if (number) {
            fact->written = fact->value;
            set_unit(fact, i);
            return len + number;
        }
    }
    return 0;
}

/* "half a day", "halbe Minute", "anderthalb Stunden", "quarter of an hour", "Viertelstunde". */
static size_t read_part(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *word;
        double times;
    } parts[] = {{"half an", .5},
                 {"half a", .5},
                 {"halbe", .5},
                 {"halben", .5},
                 {"halbes", .5},
                 {"halber", .5},
                 {"anderthalb", 1.5},
                 {"eineinhalb", 1.5},
                 {"one and a half", 1.5},
                 {"a quarter of an", .25},
                 {"quarter of an", .25},
                 {"a quarter of a", .25},
                 {"quarter of a", .25},
                 {"three quarters of an", .75},
                 {"three-quarters of an", .75},
                 {"dreiviertel", .75},
                 {"drei viertel", .75}};
    size_t len, unit;

    len = fold_word(text, at, "viertelstunde");
    if (len) {
        *fact = (struct fact){.kind = CLAIM_DURATION, .value = 900, .unit = "s"};
        return len;
    }
    len = fold_word(text, at, "dreiviertelstunde");
    if (len) {
        *fact = (struct fact){.kind = CLAIM_DURATION, .value = 2700, .unit = "s"};
        return len;
    }
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        len = fold_word(text, at, parts[i].word);
        if (!len)
            continue;
        fact->value = parts[i].times;
        unit = read_unit(text, at + len, fact);
        if (unit && fact->value < 1 && strcmp(fact->unit, "day") == 0) {
            fact->value *= SECONDS_PER_DAY;
            strcpy(fact->unit, "s");
        }
        if (unit)
            return len + unit;
        *fact = (struct fact){.kind = CLAIM_NUMBER};
    }
    len = fold_word(text, at, "half a dozen");
    if (len)
        fact->value = fact->written = 6;
    return len;
}

/* "a minute and a half": the value of one more half; 0 bytes when it does not stand there. */
static size_t read_half_more(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const tails[] = {"and a half", "und eine halbe", "und ein halbes"};
    size_t blanks = fold_blanks(text, at), len = word_of(text, at + blanks, tails, ARRAY_LEN(tails));

    if (!len || fact->kind != CLAIM_DURATION)
        return 0;
    fact->value *= 1.5;
    return blanks + len;
}

/* "an hour and ten minutes", "2 Stunden 30 Minuten", "an hour and ten": the minutes behind hours; 0 bytes for none. */
static size_t read_minutes_more(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const links[] = {"and", "und"};
    struct fact minutes = {.kind = CLAIM_NUMBER};
    size_t len = fold_blanks(text, at), link, number, unit, next;

    if (strcmp(fact->unit, "s") != 0 || fmod(fact->value, SECONDS_PER_HOUR) != 0)
        return 0;
    link = word_of(text, at + len, links, ARRAY_LEN(links));
    len += link + (link ? fold_blanks(text, at + len + link) : 0);
    number = fact_read_digits(text, at + len, &minutes.value);
    if (!number)
        number = fact_read_number_word(text, at + len, &minutes.value);
    if (!number || minutes.value >= SECONDS_PER_MINUTE)
        return 0;
    unit = read_unit(text, at + len + number, &minutes);
    next = at + len + number + fold_blanks(text, at + len + number);
    if (unit ? strcmp(minutes.unit, "s") != 0 || minutes.value >= SECONDS_PER_HOUR
             : !link || fmod(minutes.value, 5) != 0 ||
                   !(fold_word(text, next, "late") || !fold_is_word(text->text[next])))
        return 0;
    fact->value += unit ? minutes.value : minutes.value * SECONDS_PER_MINUTE;
    return len + number + unit;
}

/* "34 pounds 90", "nine pounds fifty", "8 Euro und 50 Cent": the rest of an amount; 0 bytes for none. */
static size_t read_pence(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const links[] = {"and", "und"}, *const small[] = {"pence", "p", "cent", "cents"};
    size_t len = fold_blanks(text, at), link, number, name;
    struct fact none = {.kind = CLAIM_NUMBER};
    double rest;

    if (fact->kind != CLAIM_AMOUNT || !len || fact->value != floor(fact->value))
        return 0;
    link = word_of(text, at + len, links, ARRAY_LEN(links));
    len += link + (link ? fold_blanks(text, at + len + link) : 0);
    number = fold_is_digit(text->text[at + len]) && strspn(text->text + at + len, "0123456789") != 2
                 ? 0
                 : fact_read_digits(text, at + len, &rest);
    if (!number)
        number = fact_read_number_word(text, at + len, &rest);
    if (!number || rest < 1 || rest > 99 || rest != floor(rest))
        return 0;
    len += number;
    name = word_of(text, at + len + fold_blanks(text, at + len), small, ARRAY_LEN(small));
    if (name)
        name += fold_blanks(text, at + len);
    else if (link || rest < 5 || read_unit(text, at + len, &none))
        return 0; /* "8 euros and 30 days", "5 euros 20 minutes" */
    fact->value += rest / 100;
    fact->written = fact->value;
    return len + name;
}

/* "einen Euro fuenfzig", "a pound twenty"; without the rest it only supports: "a pound an hour". */
static size_t read_one_amount(const struct folded *text, size_t at, struct fact *fact)
{
    size_t pence = read_pence(text, at, fact);

    fact->written = fact->value;
    fact->ground_only = !pence;
    return pence;
}

/* What lasts a month, said by the way: "eine Stunde gesperrt", "another month"; "8 pounds a night" is a rate. */
static bool may_support(const struct folded *text, size_t at, size_t back)
{
    static const char *const english[] = {"a", "an"};

    return !word_of(text, at, english, ARRAY_LEN(english)) || back == at ||
           word_of(text, back, before_one, ARRAY_LEN(before_one));
}

/* "within a week", "nach einem Monat". */
static size_t read_article(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len, unit, back = at;
    bool lasts;

    len = read_part(text, at, fact);
    if (len)
        return len;
    len = word_of(text, at, rates, ARRAY_LEN(rates));
    if (len) {
        fact->value = 1;
        fact->ground_only = true;
        unit = read_unit(text, at + len, fact);
        return unit && fact->kind == CLAIM_DURATION ? len + unit : 0;
    }
    len = word_of(text, at, articles, ARRAY_LEN(articles));
    while (back > 0 && text->text[back - 1] == ' ')
        back--;
    while (back > 0 && fold_is_letter(text->text[back - 1]))
        back--;
    if (!len)
        return 0;
    fact->value = 1;
    unit = read_unit(text, at + len, fact);
    if (unit && fact->kind == CLAIM_AMOUNT &&
        fold_is_digit(text->text[at + len + unit + fold_blanks(text, at + len + unit)]))
        return 0; /* "a £10 surcharge" */
    if (unit && fact->kind == CLAIM_AMOUNT)
        return len + unit + read_one_amount(text, at + len + unit, fact);
    if (!unit || fact->kind != CLAIM_DURATION)
        return 0;
    len += unit;
    fact->written = 1;
    if (strcmp(fact->unit, "s") == 0 && fact->value == 1 &&
        fold_is_letter(text->text[at + len + fold_blanks(text, at + len)]))
        return 0; /* "a second time" */
    if (read_minutes_more(text, at + len, &(struct fact){.unit = "s"}) && strcmp(fact->unit, "s") == 0)
        return len;
    lasts = word_of(text, at + len + fold_blanks(text, at + len), behind_one, ARRAY_LEN(behind_one)) > 0;
    fact->ground_only = fold_word(text, at, "another") ||
                        !(lasts || (back < at && word_of(text, back, before_one, ARRAY_LEN(before_one))));
    return fact->ground_only && !may_support(text, at, back) ? 0 : len;
}

/* "7/8": what a gauge shows. */
static size_t read_gauge(const struct folded *text, size_t at, struct fact *fact)
{
    const char *run = text->text + at;
    char *slash, *end;
    long part = strtol(run, &slash, 10), whole;

    if (!fold_is_digit(*run) || *slash != '/' || !fold_is_digit(slash[1]))
        return 0;
    whole = strtol(slash + 1, &end, 10);
    if (part > whole || part < 1 || whole > 16 || *end == '/' || fold_is_word(*end) ||
        (at > 0 && text->text[at - 1] == '/'))
        return 0;
    *fact = (struct fact){.kind = CLAIM_REFERENCE};
    snprintf(fact->form, sizeof fact->form, "%ld/%ld", part, whole);
    return (size_t)(end - run);
}

/* "vier Fünftel", "two thirds", "ein Viertel": a share in percent. */
static size_t read_fraction(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *word;
        double of;
    } parts[] = {{"drittel", 3}, {"viertel", 4}, {"fuenftel", 5}, {"zehntel", 10},
                 {"thirds", 3},  {"fifths", 5},  {"quarters", 4}, {"tenths", 10}};
    static const struct {
        const char *figures;
        double share;
    } figures[] = {{"1/2", .5}, {"1/4", .25}, {"3/4", .75}, {"1/3", 1.0 / 3}, {"2/3", 2.0 / 3}};
    double n = 1;
    size_t len = fact_read_number_word(text, at, &n), word;

    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        if (!fold_word(text, at, figures[i].figures))
            continue;
        *fact = (struct fact){.kind = CLAIM_MEASURE, .value = 100 * figures[i].share, .unit = "%", .ground_only = true};
        fact->written = fact->value;
        return strlen(figures[i].figures);
    }

    if (!len)
        len = fold_word(text, at, "ein");
    if (!len)
        return read_gauge(text, at, fact);
    len += fold_blanks(text, at + len);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        word = fold_word(text, at + len, parts[i].word);
        if (!word)
            continue;
        *fact = (struct fact){.kind = CLAIM_MEASURE, .value = 100 * n / parts[i].of, .unit = "%"};
        fact->written = fact->value;
        return len + word;
    }
    return 0;
}

size_t fact_read_quantity(const struct folded *text, size_t at, struct fact *ret_fact)
{
    struct fact fact = {.kind = CLAIM_NUMBER};
    bool spelled;
    size_t len = read_prefixed(text, at, &fact), unit, pence;

    if (!len)
        len = read_part(text, at, &fact);
    if (!len)
        len = read_fraction(text, at, &fact);
    if (!len)
        len = read_article(text, at, &fact);
    if (len) {
        len += read_half_more(text, at + len, &fact);
        len += read_minutes_more(text, at + len, &fact);
        *ret_fact = fact;
        return len;
    }
    fact = (struct fact){.kind = CLAIM_NUMBER};
    len = read_number(text, at, &fact, &spelled);
    if (!len)
        return 0;
    fact.written = fact.value;
    unit = read_unit(text, at + len, &fact);
    pence = unit ? read_pence(text, at + len + unit, &fact) : 0;
    unit += pence;
    if (unit && fact.kind == CLAIM_AMOUNT && !pence &&
        fold_is_digit(text->text[at + len + unit + fold_blanks(text, at + len + unit)])) {
        fact = (struct fact){
            .kind = CLAIM_NUMBER, .value = fact.written, .written = fact.written}; /* "two EUR 318 entries" */
        unit = 0;
    }
    if (!unit && !unit_of_range(text, at, at + len, &fact) && spelled) {
        size_t next = at + len + fold_blanks(text, at + len);
        bool of_those = (at >= 4 && strncmp(text->text + at - 4, "the ", 4) == 0 && !fold_is_letter(text->text[next]) &&
                         text->text[next] != '-') ||
                        (at >= 7 && strncmp(text->text + at - 7, "of the ", 7) == 0);
        if (fact.value < 2) {
            fact.ground_only = true; /* "one photo" is said by the way */
            *ret_fact = fact;
            return len;
        }
        if (of_those || word_of(text, next, talk, ARRAY_LEN(talk)) ||
            (fact.value <= ASKED_MOST && word_of(text, next, asks, ARRAY_LEN(asks))))
            return 0;
    }
    if (unit)
        unit += read_minutes_more(text, at + len + unit, &fact);
    *ret_fact = fact;
    return len + unit;
}
