/* What a number counts: money, time, measures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { YEAR_LEAST = 1990, YEAR_MOST = 2099 };

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
    {"quid", "gbp", 1, CLAIM_AMOUNT},
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
    {"werktags", "wday", 1, CLAIM_DURATION}, /* "innerhalb eines Werktags": see is_adverb */
    {"arbeitstags", "wday", 1, CLAIM_DURATION},
    {"arbeitstages", "wday", 1, CLAIM_DURATION},
    {"bankarbeitstags", "wday", 1, CLAIM_DURATION},
    {"bankarbeitstages", "wday", 1, CLAIM_DURATION},
    {"geschaeftstags", "wday", 1, CLAIM_DURATION},
    {"geschaeftstages", "wday", 1, CLAIM_DURATION},
    {"kalendertag", "day", 1, CLAIM_DURATION},
    {"kalendertags", "day", 1, CLAIM_DURATION},
    {"kalendertages", "day", 1, CLAIM_DURATION},
    {"kalenderwoche", "day", 7, CLAIM_DURATION},
    {"kalenderwochen", "day", 7, CLAIM_DURATION},
    {"kalendermonat", "month", 1, CLAIM_DURATION},
    {"kalendermonats", "month", 1, CLAIM_DURATION},
    {"kalendermonate", "month", 1, CLAIM_DURATION},
    {"kalendermonaten", "month", 1, CLAIM_DURATION},
    {"kalenderjahr", "month", 12, CLAIM_DURATION},
    {"kalenderjahrs", "month", 12, CLAIM_DURATION},
    {"kalenderjahres", "month", 12, CLAIM_DURATION},
    {"quartals", "month", 3, CLAIM_DURATION},
    {"vierteljahres", "month", 3, CLAIM_DURATION},
    {"halbjahres", "month", 6, CLAIM_DURATION},
    {"yard", "yard", 1, CLAIM_MEASURE},
    {"yards", "yard", 1, CLAIM_MEASURE},
    {"lb", "lb", 1, CLAIM_MEASURE},
    {"lbs", "lb", 1, CLAIM_MEASURE},
    {"oz", "oz", 1, CLAIM_MEASURE},
    {"ounce", "oz", 1, CLAIM_MEASURE},
    {"ounces", "oz", 1, CLAIM_MEASURE},
    {"pint", "pint", 1, CLAIM_MEASURE},
    {"pints", "pint", 1, CLAIM_MEASURE},
    {"gallon", "gallon", 1, CLAIM_MEASURE},
    {"gallons", "gallon", 1, CLAIM_MEASURE},
    {"dm", "m", .1, CLAIM_MEASURE},
    {"decimetre", "m", .1, CLAIM_MEASURE},
    {"decimetres", "m", .1, CLAIM_MEASURE},
    {"dezimeter", "m", .1, CLAIM_MEASURE},
    {"wh", "kwh", .001, CLAIM_MEASURE},
    {"watt hours", "kwh", .001, CLAIM_MEASURE},
    {"wattstunden", "kwh", .001, CLAIM_MEASURE},
    {"kilowatt hour", "kwh", 1, CLAIM_MEASURE},
    {"kilowatt hours", "kwh", 1, CLAIM_MEASURE},
    {"kilowatt-hours", "kwh", 1, CLAIM_MEASURE},
    {"kilowattstunde", "kwh", 1, CLAIM_MEASURE},
    {"kilowattstunden", "kwh", 1, CLAIM_MEASURE},
    {"mwh", "kwh", 1000, CLAIM_MEASURE},
    {"kubikmeter", "m3", 1, CLAIM_MEASURE},
    {"kubikmetern", "m3", 1, CLAIM_MEASURE},
    {"cubic metre", "m3", 1, CLAIM_MEASURE},
    {"cubic metres", "m3", 1, CLAIM_MEASURE},
    {"cubic meters", "m3", 1, CLAIM_MEASURE},
    {"m\xc2\xb3", "m3", 1, CLAIM_MEASURE},
    {"m\xc2\xb2", "m2", 1, CLAIM_MEASURE},
    {"square metre", "m2", 1, CLAIM_MEASURE},
    {"sq m", "m2", 1, CLAIM_MEASURE},
    {"sqm", "m2", 1, CLAIM_MEASURE},
    {"sq ft", "ft2", 1, CLAIM_MEASURE},
    {"sq. ft", "ft2", 1, CLAIM_MEASURE},
    {"square feet", "ft2", 1, CLAIM_MEASURE},
    {"square foot", "ft2", 1, CLAIM_MEASURE},
};

/* Words that may stand between a number and its unit. */
static const char *const between[] = {
    "full",      "whole",      "calendar",     "more",          "further", "additional", "consecutive", "extra",
    "weitere",   "weiteren",   "volle",        "vollen",        "ganze",   "ganzen",     "mehr",        "remaining",
    "restliche", "restlichen", "verbleibende", "verbleibenden", "uebrige", "uebrigen",   "unused",      "spare"};

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

/* "26 Year 4 children": the name of a class. */
static bool names_class(const struct folded *text, size_t at, size_t len)
{
    return fold_word(text, at, "year") == len && text->text[at + len] == ' ' && fold_is_digit(text->text[at + len + 1]);
}

/* "von 9 bis 17 Uhr werktags", "8-12 werktags": when, not how long. */
static bool is_adverb(const char *word, const struct fact *fact)
{
    return strcmp(word, "werktags") == 0 && fact->value > 1;
}

/* The unit behind a number, blanks or a dash and some words between. Takes the longest. */
size_t fact_read_unit(const struct folded *text, size_t at, struct fact *fact)
{
    size_t skip = text->text[at] == '-' ? 1 : fold_blanks(text, at), best = 0, row = 0, middle;

    if (text->text[at + skip] == '%') {
        fact->kind = CLAIM_MEASURE;
        strcpy(fact->unit, "%");
        return skip + 1;
    }
    middle = fold_word_of(text, at + skip, between, ARRAY_LEN(between));
    if (middle)
        skip += middle + fold_blanks(text, at + skip + middle);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t len = fold_word(text, at + skip, units[i].word);
        /* "a" and "p" need to touch the number or stand at the end of something: "30 a day" is no current. */
        if (len == 1 && skip && units[i].word[0] == 'a' && text->text[at + skip + 1] == ' ')
            continue;
        if (len > best && !is_adverb(units[i].word, fact))
            best = len, row = i;
    }
    if (!best || (fact->value > 1 && names_class(text, at + skip, best)))
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

/* "2, 3 oder 5 Euro", behind the first number: the comma, where more numbers and at last "or" or "and" follow. */
static size_t read_list(const struct folded *text, size_t at)
{
    static const char *const links[] = {"or", "oder", "and", "und", "to", "bis"};
    size_t next = at;
    double value;

    while (text->text[next] == ',' && text->text[next + 1] == ' ') {
        size_t len = fact_read_digits(text, next + 2, &value);
        if (!len)
            len = fact_read_number_word(text, next + 2, &value);
        if (!len)
            return 0;
        next += 2 + len;
    }
    return next > at ? next + fold_blanks(text, next) +
                           (fold_word_of(text, next + fold_blanks(text, next), links, ARRAY_LEN(links)) ? 0 : text->len)
                     : 0;
}

/* 2-4 days, 2 to 4 days: the first number has the unit of the second. */
bool fact_unit_of_range(const struct folded *text, size_t start, size_t at, struct fact *fact)
{
    static const char *const links[] = {"-", "to", "bis", "plus", "and", "und", "or", "oder"};
    size_t list = read_list(text, at), next = list && list < text->len ? list : at + fold_blanks(text, at);
    struct fact other = {.value = fact->value, .written = fact->value};
    double value;

    if (fact->value >= YEAR_LEAST && fact->value <= YEAR_MOST)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        size_t len = i == 0 ? text->text[next] == '-' : fold_word(text, next, links[i]);
        size_t number = next + len + fold_blanks(text, next + len);
        size_t digits;
        if (!len || (strspn(links[i], "anund") == 3 && !list && !stands_between(text, start)))
            continue;
        digits = fact_read_digits(text, number, &value);
        if (!digits)
            digits = fact_read_number_word(text, number, &value);
        if (digits && fact_read_unit(text, number + digits, &other)) {
            *fact = other;
            return true;
        }
    }
    return false;
}

/* The currency before the number: EUR 9.90. */
size_t fact_read_prefixed(const struct folded *text, size_t at, struct fact *fact)
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
