/* What follows from the facts of a text as they stand beside each other: "two 250 g bags" are half a kilo, "6.30 pm to
 * 8 pm" is an hour and a half, who leaves "the next day" after a Tuesday leaves on a Wednesday. It supports, and nobody
 * claims it. */
#include "claims/fact_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"

enum {
    COUNTED_WORDS = 2,   /* "two small bags of 250 g" */
    RELATED_BYTES = 120, /* "on Tuesdays and leave our roastery the next day" */
    FRIDAY = 4
};

static void add_derived(struct fact_list *list, struct fact fact)
{
    fact.ground_only = true;
    fact.bare = false;
    if (list->n < FACTS_MAX)
        facts_add(list, &fact);
}

/* Whether only what is counted and a word such as "of" or "à" stands between a number and the measure of each. */
static bool is_each(const struct folded *text, size_t start, size_t end)
{
    static const char *const links[] = {"x",    "mal",   "times",  "of",       "zu",       "je",   "at",
                                        "each", "zu je", "mit je", "\xc3\xa0", "\xc3\x97", "je zu"};
    size_t words = 0, at = start + fold_blanks(text, start);

    while (at < end) {
        size_t link = fold_word_of(text, at, links, ARRAY_LEN(links)), len = fold_letters(text, at);
        if (link && at + link + fold_blanks(text, at + link) == end)
            return true;
        if (!len || words++ == COUNTED_WORDS)
            return false;
        at += len + fold_blanks(text, at + len);
    }
    return words == 0;
}

/* "two 250 g bags", "2 x 500 ml", "vier Patronen à 30 g", "three packs of six". */
static void derive_product(const struct folded *text, struct fact_list *list, size_t i)
{
    const struct fact count = list->items[i], one = list->items[i + 1];
    struct fact fact = one;
    size_t end = one.start;

    /* "EUR 5" and "of the 5" begin before the digits */
    if (count.kind != CLAIM_NUMBER || *count.unit || count.value < 2 || count.value != floor(count.value) ||
        !*one.unit || one.ground_only || strcmp(one.unit, "%") == 0 || one.kind == CLAIM_TIME || one.value <= 0 ||
        !is_each(text, count.end, end))
        return;
    fact.value *= count.value;
    fact.written = fact.value;
    fact.start = count.start;
    add_derived(list, fact);
}

/* "6.30 pm to 8.00 pm", "von 17.15 Uhr bis 18.45 Uhr". */
static void derive_lasting(const struct folded *text, struct fact_list *list, size_t i)
{
    static const char *const links[] = {"-", "to", "until", "till", "bis", "and", "und", "bis um", "bis gegen"};
    const struct fact from = list->items[i], to = list->items[i + 1];
    struct fact fact = {.kind = CLAIM_DURATION, .unit = "s", .start = from.start, .end = to.end};
    double minutes = to.value - from.value;
    size_t at = from.end + fold_blanks(text, from.end), link;

    link = text->text[at] == '-' ? 1 : fold_word_of(text, at, links, ARRAY_LEN(links));
    if (from.kind != CLAIM_TIME || to.kind != CLAIM_TIME || !link ||
        at + link + fold_blanks(text, at + link) != to.start)
        return;
    if (minutes < 0 && (*from.unit || *to.unit))
        minutes += MINUTES_PER_FACE;
    if (minutes <= 0)
        return;
    fact.value = minutes * SECONDS_PER_MINUTE;
    fact.written = minutes;
    add_derived(list, fact);
}

/* "roasted on Tuesdays and leave the next day": a Wednesday. */
static void derive_neighbour_day(const struct folded *text, struct fact_list *list, size_t i)
{
    static const char *const working[] = {"working", "business", "workday", "weekday"};
    static const char *const werktag[] = {"werk", "arbeits", "bank", "geschaefts"};
    const struct fact day = list->items[i];
    const int number = fact_week_day(&day);

    for (size_t k = i + 1; number >= 0 && k < list->n && list->items[k].start < day.end + RELATED_BYTES; k++) {
        const struct fact *related = &list->items[k];
        bool next = strcmp(related->form, "next day") == 0;
        struct fact fact = {.kind = CLAIM_DATE, .start = day.start, .end = related->end};
        bool works = fold_has(text, related->start, related->end, working, ARRAY_LEN(working));
        if (related->kind != CLAIM_DATE || strcspn(text->text + day.end, ".!?\n;") + day.end < related->start)
            return;
        if (fact_week_day(related) >= 0 || (!next && strcmp(related->form, "day before") != 0))
            return;
        for (size_t w = 0; w < ARRAY_LEN(werktag); w++) {
            const char *found = strstr(text->text + related->start, werktag[w]);
            works |= found && found < text->text + related->end;
        }
        if (works && (next ? number >= FRIDAY : number == 0))
            return; /* whether Saturday is one, is not said */
        snprintf(fact.form, sizeof fact.form, "%s",
                 fact_week_forms[(number + (next ? 1 : DAYS_OF_WEEK - 1)) % DAYS_OF_WEEK]);
        add_derived(list, fact);
        return;
    }
}

/* "jetzt ist schon die elfte Woche rum": so many weeks. */
static void derive_elapsed(const struct folded *text, struct fact_list *list, size_t i)
{
    static const char *const ends[] = {"te", "ten", "ter", "tes", "th", "second", "third"};
    const struct fact number = list->items[i];
    struct fact fact = number;
    bool ordinal = fold_ends_in(text->text + number.start, number.end - number.start, ends, ARRAY_LEN(ends));

    if (number.kind == CLAIM_NUMBER && !*number.unit && ordinal && fold_is_letter(text->text[number.start]) &&
        fact_read_unit(text, number.end, &fact) && fact.kind == CLAIM_DURATION)
        add_derived(list, fact);
}

/* "140x200": the numbers of a size. */
static void derive_size(struct fact_list *list, size_t i)
{
    const struct fact size = list->items[i];
    const char *at = size.form;

    if (size.kind != CLAIM_REFERENCE || strspn(at, "0123456789x\xc3\x97") != strlen(at) || !fold_is_digit(*at))
        return;
    while (*at) {
        char *end;
        struct fact part = {.kind = CLAIM_NUMBER, .start = size.start, .end = size.end};
        part.value = part.written = strtod(at, &end);
        if (end == at)
            return;
        add_derived(list, part);
        at = end + strspn(end, "x\xc3\x97");
    }
}

void facts_derive(const struct folded *text, struct fact_list *list)
{
    size_t n = list->n;

    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n) {
            derive_product(text, list, i);
            derive_lasting(text, list, i);
        }
        derive_neighbour_day(text, list, i);
        derive_elapsed(text, list, i);
        derive_size(list, i);
    }
}
