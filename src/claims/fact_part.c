/* Parts of a whole: "half an hour", "two thirds", "7/8". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { ENDING_MOST = 4 /* halbstuend-iges, halbjaehr-lich */ };

/* "Viertelstunde", "halbstuendigen", "Dreivierteljahr": the part and its unit are one word. */
static size_t read_part_word(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *head;
        double times;
    } heads[] = {{"dreiviertel", .75}, {"viertel", .25}, {"halb", .5}, {"anderthalb", 1.5}, {"eineinhalb", 1.5}};
    static const struct {
        const char *tail, *unit;
        double times;
    } tails[] = {{"stund", "s", 3600},
                 {"stuend", "s", 3600},
                 {"jahr", "month", 12},
                 {"jaehr", "month", 12},
                 {"taeg", "s", SECONDS_PER_DAY}};
    const char *word = text->text + at;
    size_t letters = fold_letters(text, at), best = 0;
    double times = 1;

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t n = strlen(heads[i].head);
        if (n > best && strncmp(word, heads[i].head, n) == 0)
            best = n, times = heads[i].times;
    }
    for (size_t i = 0; best && i < ARRAY_LEN(tails); i++) {
        size_t n = strlen(tails[i].tail);
        if (strncmp(word + best, tails[i].tail, n) != 0 || letters - best - n > ENDING_MOST)
            continue;
        *fact = (struct fact){.kind = CLAIM_DURATION, .value = times * tails[i].times};
        snprintf(fact->unit, sizeof fact->unit, "%s", tails[i].unit);
        return letters;
    }
    return 0;
}

/* "half a day", "halbe Minute", "anderthalb Stunden", "quarter of an hour", "Viertelstunde". */
size_t fact_read_part(const struct folded *text, size_t at, struct fact *fact)
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
                 {"half", .5},
                 {"quarter", .25},
                 {"three-quarter", .75},
                 {"three quarter", .75},
                 {"three-quarters of a", .75},
                 {"three quarters of a", .75},
                 {"drei viertel", .75},
                 {"a third of an", 1.0 / 3},
                 {"a third of a", 1.0 / 3},
                 {"two thirds of an", 2.0 / 3},
                 {"two thirds of a", 2.0 / 3}};
    static const char *const dozens[] = {"half a dozen", "half dozen", "halbes dutzend"};
    size_t len, unit;

    len = read_part_word(text, at, fact);
    if (len)
        return len;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        len = fold_word(text, at, parts[i].word);
        if (!len)
            continue;
        fact->value = parts[i].times;
        unit = fact_read_unit(text, at + len, fact);
        if (unit && fact->value < 1 && strcmp(fact->unit, "day") == 0) {
            fact->value *= SECONDS_PER_DAY;
            strcpy(fact->unit, "s");
        }
        if (unit)
            return len + unit;
        *fact = (struct fact){.kind = CLAIM_NUMBER};
    }
    len = fold_word_of(text, at, dozens, ARRAY_LEN(dozens));
    if (len)
        fact->value = fact->written = 6;
    return len;
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

/* "1/2", "2/3": what may be a share. */
static size_t read_share_figures(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *figures;
        double share;
    } figures[] = {{"1/2", .5}, {"1/4", .25}, {"3/4", .75}, {"1/3", 1.0 / 3}, {"2/3", 2.0 / 3}};

    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        if (!fold_word(text, at, figures[i].figures))
            continue;
        *fact =
            (struct fact){.kind = CLAIM_MEASURE, .value = PERCENT * figures[i].share, .unit = "%", .ground_only = true};
        fact->written = fact->value;
        return strlen(figures[i].figures);
    }
    return 0;
}

/* What tells "a third off" from "a third parcel", "a quarter of the fare" from a quarter of the year. */
static bool is_shared(const struct folded *text, size_t at)
{
    static const char *const behind[] = {"of the",  "of your", "of it",    "of that", "of this",     "of all",
                                         "of what", "of its",  "of their", "off",     "discount",    "reduction",
                                         "less",    "cheaper", "back",     "refund",  "of a single", "of any",
                                         "of our",  "of my",   "of those", "of these"};
    size_t next = at + fold_blanks(text, at), of = fold_word(text, next, "of");
    double whole;

    if (of && (fold_is_digit(text->text[next + of + 1]) || fact_read_number_word(text, next + of + 1, &whole)))
        return true;
    return fold_word_of(text, next, behind, ARRAY_LEN(behind)) > 0;
}

/* "vier Fünftel", "two-thirds", "ein Viertel", "a third off": a share in percent. */
size_t fact_read_fraction(const struct folded *text, size_t at, struct fact *fact)
{
    static const struct {
        const char *word;
        double of;
        bool one; /* that which only tells a share beside certain words */
    } parts[] = {{"drittel", 3, false},   {"dritteln", 3, false},  {"vierteln", 4, false}, {"fuenfteln", 5, false},
                 {"zehnteln", 10, false}, {"achteln", 8, false},   {"viertel", 4, false},  {"fuenftel", 5, false},
                 {"sechstel", 6, false},  {"achtel", 8, false},    {"zehntel", 10, false}, {"thirds", 3, false},
                 {"fifths", 5, false},    {"quarters", 4, false},  {"tenths", 10, false},  {"sixths", 6, false},
                 {"eighths", 8, false},   {"dritteln", 3, false},  {"vierteln", 4, false}, {"fuenfteln", 5, false},
                 {"achteln", 8, false},   {"zehnteln", 10, false}, {"half", 2, true},      {"third", 3, true},
                 {"quarter", 4, true},    {"fifth", 5, true},      {"sixth", 6, true},     {"eighth", 8, true},
                 {"tenth", 10, true}};
    static const char *const ones[] = {"ein", "einem", "eines", "a", "one"};
    double n = 1;
    size_t len = fact_read_number_word(text, at, &n), word;

    word = read_share_figures(text, at, fact);
    if (word)
        return word;
    if (!len)
        len = fold_word_of(text, at, ones, ARRAY_LEN(ones));
    if (!len)
        return read_gauge(text, at, fact);
    len += text->text[at + len] == '-' ? 1 : fold_blanks(text, at + len);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        word = fold_word(text, at + len, parts[i].word);
        if (!word || (parts[i].one && (n != 1 || !is_shared(text, at + len + word))))
            continue;
        *fact = (struct fact){.kind = CLAIM_MEASURE, .value = PERCENT * n / parts[i].of, .unit = "%"};
        fact->written = fact->value;
        return len + word;
    }
    return 0;
}
