/* Parts of a whole: "half an hour", "two thirds", "7/8". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/fact_parts.h"

enum { SECONDS_PER_DAY = 86400 };

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
        unit = fact_read_unit(text, at + len, fact);
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
size_t fact_read_fraction(const struct folded *text, size_t at, struct fact *fact)
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
