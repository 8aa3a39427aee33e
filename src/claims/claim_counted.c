/* A count that the source gives by naming what is counted: "three sizes" of "small, medium and large", "twice a year"
 * of two dates. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_conclusions.h"
#include "claims/overlap.h"

enum {
    COUNT_LEAST = 2,
    NAMED_LEAST = 3, /* "A and B" stands everywhere */
    COUNT_MOST = 6,
    GAP_BYTES = 16, /* ". Januar und zum " */
    ITEM_WORDS = 3,
    SHARED_LEAST = 2
};

/* ---- so many times in a period ---- */

enum period { NO_PERIOD, YEAR, WEEK, DAY };

static enum period period_behind(const struct folded *text, size_t at)
{
    static const struct {
        const char *words;
        enum period period;
    } periods[] = {{"a year", YEAR},       {"per year", YEAR},  {"each year", YEAR}, {"every year", YEAR},
                   {"im jahr", YEAR},      {"pro jahr", YEAR},  {"jaehrlich", YEAR}, {"yearly", YEAR},
                   {"a week", WEEK},       {"per week", WEEK},  {"each week", WEEK}, {"every week", WEEK},
                   {"in der woche", WEEK}, {"pro woche", WEEK}, {"die woche", WEEK}, {"woechentlich", WEEK},
                   {"weekly", WEEK},       {"a day", DAY},      {"per day", DAY},    {"each day", DAY},
                   {"am tag", DAY},        {"pro tag", DAY},    {"taeglich", DAY},   {"daily", DAY}};
    size_t next = at + fold_blanks(text, at);

    for (size_t i = 0; i < ARRAY_LEN(periods); i++) {
        if (fold_word(text, next, periods[i].words))
            return periods[i].period;
    }
    return NO_PERIOD;
}

/* Whether the fact is one point of the period. */
static bool is_point(const struct fact *fact, enum period period)
{
    switch (period) {
    case YEAR:
        return fact->kind == CLAIM_DATE && fact->month && !fact->year && !*fact->form;
    case WEEK:
        return fact_week_day(fact) >= 0;
    case DAY:
        return fact->kind == CLAIM_TIME;
    case NO_PERIOD:
        break;
    }
    return false;
}

/* Whether only "and", a comma and the like stand between two points. */
static bool are_joined(const struct folded *text, const struct fact *one, const struct fact *other)
{
    static const char *const links[] = {"and", "und", "sowie"};

    return other->start >= one->end && other->start - one->end < GAP_BYTES &&
           (fold_has(text, one->end, other->start, links, ARRAY_LEN(links)) || text->text[one->end] == ',');
}

/* How many points stand joined from fact i on. */
static size_t points_at(const struct ground *ground, size_t i, enum period period)
{
    const struct fact_list *facts = &ground->facts;
    size_t n = 0;

    while (i + n < facts->n && is_point(&facts->items[i + n], period) &&
           (!n || are_joined(&ground->text, &facts->items[i + n - 1], &facts->items[i + n])))
        n++;
    return n;
}

static void support_times(struct claim *claim, const struct conclusion *self)
{
    const enum period period = period_behind(self->draft, self->fact->end);

    for (size_t g = 0; period != NO_PERIOD && g < self->n; g++) {
        for (size_t i = 0, points; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n;
             i += points + !points) {
            points = points_at(&self->grounds[g], i, period);
            if (points == (size_t)self->fact->value)
                ground_bears(&self->grounds[g], g, self->grounds[g].facts.items[i].start,
                             self->grounds[g].facts.items[i + points - 1].end, claim);
        }
    }
}

/* ---- so many that are named ---- */

/* Words between two places; more than an item has where there is a mark. */
static size_t item_words(const struct folded *text, size_t start, size_t end)
{
    size_t words = 0;

    for (size_t at = start; at < end; at++) {
        if (strchr(".;:!?()\n", text->text[at]))
            return ITEM_WORDS + 1;
        words += fold_word_starts(text, at);
    }
    return words;
}

/* "small, medium and large": how many items are named up to the link at this place, and where the first one ends. */
static size_t items_before(const struct folded *text, size_t link, size_t *ret_start)
{
    size_t items = 2, end = link;

    for (size_t at = link; at > 0;) {
        at--;
        if (strchr(".;:!?()\n", text->text[at]))
            break;
        if (text->text[at] != ',')
            continue;
        if (item_words(text, at + 1, end) > ITEM_WORDS || !item_words(text, at + 1, end))
            break;
        items++;
        end = *ret_start = at;
    }
    return items;
}

/* How many words of weight of the draft's sentence stand in the other one. */
static int shared_words(const struct folded *draft, size_t at, const struct folded *text, size_t other)
{
    size_t start, end, from, to;
    int n = 0;

    fold_sentence(draft, at, &start, &end);
    fold_sentence(text, other, &from, &to);
    for (size_t k = start; k < end;) {
        size_t len = fold_letters(draft, k);
        n += len >= OVERLAP_LETTERS && !word_is_little(draft->text + k, len) &&
             overlap_stands(text, from, to, draft->text + k, len);
        k += len ? len : 1;
    }
    return n;
}

/* Whether a thing stands right behind the number: "three of the bottles" counts no kinds. */
static bool counts_thing(const struct folded *draft, const struct fact *fact)
{
    size_t at = fact->end + fold_blanks(draft, fact->end), len = fold_letters(draft, at);

    return len >= OVERLAP_LETTERS && !word_is_little(draft->text + at, len);
}

/* Whether a text counts the same thing otherwise: "three codes", where an article has five of them. */
static bool is_counted_otherwise(const struct conclusion *self)
{
    const struct folded *draft = self->draft;
    size_t at = self->fact->end + fold_blanks(draft, self->fact->end), len = fold_letters(draft, at);

    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct folded *text = &self->grounds[g].text;
            const struct fact *fact = &self->grounds[g].facts.items[i];
            size_t thing = fact->end + fold_blanks(text, fact->end);
            if (fact->kind == CLAIM_NUMBER && fact->value != self->fact->value &&
                words_alike(text->text + thing, fold_letters(text, thing), draft->text + at, len))
                return true;
        }
    }
    return false;
}

static void support_named(struct claim *claim, const struct conclusion *self)
{
    static const char *const links[] = {"and", "und", "or", "oder"};

    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        const struct folded *text = &ground->text;
        for (size_t at = 0, start = 0; !claim->supported && !ground->ticket && at < text->len; at++) {
            if (!fold_word_starts(text, at) || !fold_word_of(text, at, links, ARRAY_LEN(links)) ||
                items_before(text, at, &start) != (size_t)self->fact->value)
                continue;
            if (shared_words(self->draft, self->fact->start, text, at) >= SHARED_LEAST)
                ground_bears(ground, g, start, at, claim);
        }
    }
}

void claim_counted_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    if (fact->kind != CLAIM_NUMBER || fact->value < COUNT_LEAST || fact->value > COUNT_MOST ||
        fact->value != floor(fact->value))
        return;
    if (strcmp(fact->unit, FACT_OFTEN) == 0)
        support_times(claim, self);
    else if (!*fact->unit && fact->value >= NAMED_LEAST && counts_thing(self->draft, fact) &&
             !is_counted_otherwise(self))
        support_named(claim, self);
}
