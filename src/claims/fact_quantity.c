/* Numbers with what they count: amounts of money, durations, measures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum {
    ASKED_MOST = 4 /* "which of the two is yours?" */
};

/* "a" and "ein" are a number before a unit of time, behind one of these. */
static const char *const before_one[] = {
    "to",       "zu",        "have",      "has",    "haben",         "hat",        "is",      "ist",
    "betraegt", "lasts",     "dafuer",    "ihnen",  "runs",          "laeuft",     "gilt",    "bleibt",
    "bleiben",  "gives",     "noch",      "least",  "most",          "mindestens", "maximal", "hoechstens",
    "rund",     "ungefaehr", "roughly",   "around", "approximately", "nearly",     "almost",  "beinahe",
    "fast",     "knapp",     "within",    "in",     "after",         "for",        "about",   "another",
    "of",       "with",      "takes",     "take",   "lasts",         "only",       "than",    "took",
    "lasted",   "taken",     "spent",     "waited", "needs",         "need",       "wait",    "given",
    "allow",    "allows",    "innerhalb", "binnen", "nach",          "von",        "fuer",    "mit",
    "um",       "dauert",    "dauern",    "nur",    "bis",           "etwa",       "als",     "hoechstens"};
/* "per day" supports "in a day". */
/* "The first week" is as long as any. */
static const char *const rates[] = {"per",  "pro",   "each",  "every", "je",     "jeden",
                                    "jede", "jedes", "jeder", "first", "ersten", "erste"};

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

/* "a minute and a half", "two hours and a quarter": the part of one that is added; 0 bytes when none stands there. */
static size_t read_part_more(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *words;
        double times;
    } parts[] = {{"and a half", .5},
                 {"und eine halbe", .5},
                 {"und ein halbes", .5},
                 {"and a quarter", .25},
                 {"and three quarters", .75}};
    size_t blanks = fold_blanks(text, at);
    double one = fact->written > 0 ? fact->value / fact->written : fact->value;

    for (size_t i = 0; fact->kind == CLAIM_DURATION && i < ARRAY_LEN(parts); i++) {
        size_t len = fold_word(text, at + blanks, parts[i].words);
        if (!len)
            continue;
        fact->value += parts[i].times * one;
        return blanks + len;
    }
    return 0;
}

/* "an hour and ten minutes", "2 Stunden 30 Minuten", "an hour and ten": the minutes behind hours; 0 bytes for none. */
static size_t read_minutes_more(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const links[] = {"and", "und"};
    struct fact minutes = {.kind = CLAIM_NUMBER};
    size_t len = fold_blanks(text, at), link, number, unit, next;

    if (strcmp(fact->unit, "s") != 0 || fmod(fact->value, SECONDS_PER_HOUR) != 0)
        return 0;
    link = fold_word_of(text, at + len, links, ARRAY_LEN(links));
    len += link + (link ? fold_blanks(text, at + len + link) : 0);
    number = fact_read_digits(text, at + len, &minutes.value);
    if (!number)
        number = fact_read_number_word(text, at + len, &minutes.value);
    if (!number || minutes.value >= SECONDS_PER_MINUTE)
        return 0;
    unit = fact_read_unit(text, at + len + number, &minutes);
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
    link = fold_word_of(text, at + len, links, ARRAY_LEN(links));
    len += link + (link ? fold_blanks(text, at + len + link) : 0);
    number = fold_is_digit(text->text[at + len]) && strspn(text->text + at + len, "0123456789") != 2
                 ? 0
                 : fact_read_digits(text, at + len, &rest);
    if (!number)
        number = fact_read_number_word(text, at + len, &rest);
    if (!number || rest < 1 || rest > 99 || rest != floor(rest))
        return 0;
    len += number;
    name = fold_word_of(text, at + len + fold_blanks(text, at + len), small, ARRAY_LEN(small));
    if (name)
        name += fold_blanks(text, at + len);
    else if (link || rest < 5 || fact_read_unit(text, at + len, &none))
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
    static const char *const english[] = {"a", "an"}, *const bounds[] = {"over", "under", "below", "beyond"};

    return !fold_word_of(text, at, english, ARRAY_LEN(english)) || back == at ||
           fold_word_of(text, back, before_one, ARRAY_LEN(before_one)) ||
           fold_word_of(text, back, bounds, ARRAY_LEN(bounds));
}

/* Whether an amount ends here: "£45 a month", "45 Euro in einem Monat". */
static bool is_behind_amount(const struct folded *text, size_t at)
{
    static const char *const money[] = {"eur", "euro", "euros", "pounds", "pence", "cent", "cents", "dollars", "p"};

    while (at > 0 && text->text[at - 1] == ' ')
        at--;
    if (at > 0 && fold_is_digit(text->text[at - 1])) {
        while (at > 0 && (fold_is_digit(text->text[at - 1]) || strchr(".,", text->text[at - 1])))
            at--;
        return fold_behind(text, at, money, ARRAY_LEN(money)) ||
               fold_behind(text, at, (const char *[]){"gbp", "usd"}, 2);
    }
    return fold_behind(text, at, money, ARRAY_LEN(money));
}

/* "the first three in a year": whether a number's word ends here. */
static bool is_behind_count(const struct folded *text, size_t at)
{
    size_t end, start;
    double value;

    while (at > 0 && text->text[at - 1] == ' ')
        at--;
    for (end = start = at; start > 0 && fold_is_word(text->text[start - 1]);)
        start--;
    return end > start && (fact_read_number_word(text, start, &value) == end - start ||
                           strspn(text->text + start, "0123456789") == end - start);
}

/* "monthly", "vierteljährlich", "fortnightly": how long each takes. */
static size_t read_period(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *word, *unit;
        double value;
    } periods[] = {{"weekly", "day", 7},
                   {"woechentlich", "day", 7},
                   {"fortnightly", "day", 14},
                   {"biweekly", "day", 14},
                   {"zweiwoechentlich", "day", 14},
                   {"every other week", "day", 14},
                   {"monthly", "month", 1},
                   {"monatlich", "month", 1},
                   {"quarterly", "month", 3},
                   {"vierteljaehrlich", "month", 3},
                   {"quartalsweise", "month", 3},
                   {"half-yearly", "month", 6},
                   {"halbjaehrlich", "month", 6},
                   {"yearly", "month", 12},
                   {"annually", "month", 12},
                   {"annual", "month", 12},
                   {"jaehrlich", "month", 12},
                   {"every other day", "day", 2},
                   {"jeden zweiten tag", "day", 2},
                   {"hourly", "s", 3600},
                   {"stuendlich", "s", 3600},
                   {"every other month", "month", 2}};

    for (size_t i = 0; i < ARRAY_LEN(periods); i++) {
        size_t len = fold_word(text, at, periods[i].word);
        if (!len)
            continue;
        *fact = (struct fact){
            .kind = CLAIM_DURATION, .value = periods[i].value, .written = periods[i].value, .ground_only = true};
        memcpy(fact->unit, periods[i].unit, strlen(periods[i].unit) + 1);
        return len;
    }
    return 0;
}

/* "£45 a month", "up to £45 in a month": how much in each; of those only another rate tells. */
static size_t read_rate(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const ins[] = {"in", "within", "innerhalb"};
    size_t back = at, len = fold_word_of(text, at, articles, ARRAY_LEN(articles)), unit;
    struct fact rate = {.kind = CLAIM_NUMBER, .value = 1};
    bool within = fold_behind(text, at, ins, 1);

    if (!len || fold_word(text, at, "another"))
        return 0;
    while (within && back > 0 && text->text[back - 1] == ' ')
        back--;
    unit = is_behind_amount(text, within ? back - 2 : at) || (within && is_behind_count(text, back - 2))
               ? fact_read_unit(text, at + len, &rate)
               : 0;
    if (!unit || rate.kind != CLAIM_DURATION || strlen(rate.unit) + 2 > sizeof fact->unit)
        return 0;
    *fact = rate;
    fact->unit[0] = RATE_MARK;
    memcpy(fact->unit + 1, rate.unit, strlen(rate.unit) + 1);
    fact->ground_only = !within;
    return len + unit;
}

/* "within a week", "nach einem Monat". */
static size_t read_article(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const predicates[] = {"is", "was", "isn't", "ist", "war", "not", "kein"};
    size_t len, unit, back = at;
    bool lasts;

    len = fact_read_part(text, at, fact);
    if (!len)
        len = read_period(text, at, fact);
    if (!len)
        len = read_rate(text, at, fact);
    if (len)
        return len;
    len = fold_word_of(text, at, rates, ARRAY_LEN(rates));
    if (len) {
        fact->value = 1;
        fact->ground_only = true;
        unit = fact_read_unit(text, at + len, fact);
        return unit && fact->kind == CLAIM_DURATION ? len + unit : 0;
    }
    len = fold_word_of(text, at, articles, ARRAY_LEN(articles));
    while (back > 0 && text->text[back - 1] == ' ')
        back--;
    while (back > 0 && fold_is_letter(text->text[back - 1]))
        back--;
    if (!len)
        return 0;
    fact->value = 1;
    unit = fact_read_unit(text, at + len, fact);
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
    if (fold_behind(text, at, predicates, ARRAY_LEN(predicates)) && (strcmp(fact->unit, "wday") == 0))
        return 0; /* "Saturday is a working day" */
    lasts = fold_word_of(text, at + len + fold_blanks(text, at + len), behind_one, ARRAY_LEN(behind_one)) > 0;
    fact->ground_only = fold_word(text, at, "another") ||
                        !(lasts || (back < at && fold_word_of(text, back, before_one, ARRAY_LEN(before_one))));
    return fact->ground_only && !may_support(text, at, back) ? 0 : len;
}

/* "a fiver", "einen Zehner": a note. */
static size_t read_note(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *word, *unit;
        double value;
    } notes[] = {{"fiver", "gbp", 5},      {"tenner", "gbp", 10},     {"fuenfer", "eur", 5},    {"zehner", "eur", 10},
                 {"zwanziger", "eur", 20}, {"fuenfziger", "eur", 50}, {"hunderter", "eur", 100}};
    static const char *const ones[] = {"a", "ein", "einen", "einem"};
    size_t len = fold_word_of(text, at, ones, ARRAY_LEN(ones)), blanks = len ? fold_blanks(text, at + len) : 0, word;

    for (size_t i = 0; blanks && i < ARRAY_LEN(notes); i++) {
        word = fold_word(text, at + len + blanks, notes[i].word);
        if (!word || text->text[at + len + blanks + word] == '-')
            continue;
        *fact = (struct fact){.kind = CLAIM_AMOUNT, .value = notes[i].value, .written = notes[i].value};
        snprintf(fact->unit, sizeof fact->unit, "%s", notes[i].unit);
        return len + blanks + word;
    }
    return 0;
}

/* "two times", "5-mal": the word behind a number that counts how often; 0 bytes for none. */
static size_t read_times(const struct folded *text, size_t at)
{
    static const char *const words[] = {"times", "mal"};
    size_t blanks = text->text[at] == '-' ? 1 : fold_blanks(text, at);
    size_t len = fold_word_of(text, at + blanks, words, ARRAY_LEN(words));

    return len ? blanks + len : 0;
}

/* What has its number and its unit in one: "EUR 9.90", "a fiver", "half an hour", "two thirds", "a week". */
static size_t read_in_one(const struct folded *text, size_t at, struct fact *fact)
{
    size_t len = fact_read_prefixed(text, at, fact);

    if (!len)
        len = read_note(text, at, fact);
    if (!len)
        len = fact_read_part(text, at, fact);
    if (!len)
        len = fact_read_fraction(text, at, fact);
    return len ? len : read_article(text, at, fact);
}

size_t fact_read_quantity(const struct folded *text, size_t at, struct fact *ret_fact)
{
    struct fact fact = {.kind = CLAIM_NUMBER};
    bool spelled;
    size_t len = read_in_one(text, at, &fact), unit, pence, times;

    if (len) {
        len += read_part_more(text, at + len, &fact);
        len += read_minutes_more(text, at + len, &fact);
        *ret_fact = fact;
        return len;
    }
    fact = (struct fact){.kind = CLAIM_NUMBER};
    len = fact_read_number(text, at, &fact, &spelled);
    if (!len)
        return 0;
    fact.written = fact.value;
    times = read_times(text, at + len);
    if (times) {
        strcpy(fact.unit, FACT_OFTEN);
        *ret_fact = fact;
        return len + times;
    }
    unit = fact_read_unit(text, at + len, &fact);
    pence = unit ? read_pence(text, at + len + unit, &fact) : 0;
    unit += pence;
    if (unit && fact.kind == CLAIM_AMOUNT && !pence &&
        fold_is_digit(text->text[at + len + unit + fold_blanks(text, at + len + unit)])) {
        fact = (struct fact){
            .kind = CLAIM_NUMBER, .value = fact.written, .written = fact.written}; /* "two EUR 318 entries" */
        unit = 0;
    }
    if (!unit && !fact_unit_of_range(text, at, at + len, &fact) && spelled) {
        size_t next = at + len + fold_blanks(text, at + len);
        bool of_those = (at >= 4 && strncmp(text->text + at - 4, "the ", 4) == 0 && !fold_is_letter(text->text[next]) &&
                         text->text[next] != '-') ||
                        (at >= 7 && strncmp(text->text + at - 7, "of the ", 7) == 0);
        if (fact.value < 2) {
            fact.ground_only = true; /* "one photo" is said by the way */
            *ret_fact = fact;
            return len;
        }
        if (of_those && fact.value > 2) {
            fact.ground_only = true; /* "two of the twelve" */
            *ret_fact = fact;
            return len;
        }
        if (of_those || fold_word_of(text, next, talk, ARRAY_LEN(talk)) ||
            (fact.value <= ASKED_MOST && fold_word_of(text, next, asks, ARRAY_LEN(asks))))
            return 0;
    }
    if (unit) {
        unit += read_part_more(text, at + len + unit, &fact);
        unit += read_minutes_more(text, at + len + unit, &fact);
    }
    *ret_fact = fact;
    return len + unit;
}
