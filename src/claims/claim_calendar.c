/* What a person reads off the calendar: how far apart two dates are, and that "before 1 December" is "by 30 November".
 */
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/calendar.h"
#include "claims/claim_conclusions.h"

enum {
    WORDS_BEHIND = 3,
    RANGE_BYTES = 16 /* "vom 5. bis zum 19. Oktober" */
};

static bool is_full(const struct fact *fact)
{
    return fact->kind == CLAIM_DATE && fact->day && fact->month && fact->month <= MONTHS_OF_YEAR && !*fact->form;
}

/* ---- from one date to another ---- */

/* "two weeks later", "three days apart". */
static bool tells_distance(const struct folded *draft, size_t end)
{
    static const char *const words[] = {"later",   "earlier", "afterwards",  "beforehand", "apart",
                                        "spaeter", "frueher", "darauf",      "danach",     "davor",
                                        "vorher",  "zuvor",   "auseinander", "dazwischen", "in between"};
    size_t at = end + fold_blanks(draft, end);

    return fold_word_of(draft, at, words, ARRAY_LEN(words)) > 0;
}

/* "three weeks long", "your two weeks": of what begins and ends in the texts. */
static bool tells_length(const struct folded *draft, const struct fact *fact)
{
    static const char *const behind[] = {"long", "lang", "away", "weg", "off", "urlaub", "holiday"};
    static const char *const before[] = {
        "your",    "ihre",    "ihren", "ihrer", "deine", "deinen", "deiner", "eure",   "euren", "away for", "gone for",
        "off for", "exactly", "genau", "sind",  "waren", "are",    "it's",   "that's", "makes", "macht",    "also"};
    size_t at = fact->end + fold_blanks(draft, fact->end);

    return fold_word_of(draft, at, behind, ARRAY_LEN(behind)) > 0 ||
           fold_behind(draft, fact->start, before, ARRAY_LEN(before));
}

static bool spans(const struct fact *one, const struct fact *other, const struct fact *claim, bool all_days)
{
    int days = calendar_days_between(one, other);

    if (strcmp(claim->unit, "month") == 0)
        return one->day == other->day &&
               (other->month - one->month + MONTHS_OF_YEAR) % MONTHS_OF_YEAR == (int)claim->value &&
               claim->value < MONTHS_OF_YEAR;
    if (strcmp(claim->unit, "night") == 0)
        return days > 0 && days == claim->value;
    return strcmp(claim->unit, "day") == 0 && days > 0 &&
           (days == claim->value || (all_days && days + 1 == claim->value));
}

/* Whether the dates begin and end one thing: "from 3 to 24 July". */
static bool is_range(const struct fact_list *facts, size_t i)
{
    return i + 1 < facts->n && is_full(&facts->items[i]) && is_full(&facts->items[i + 1]) &&
           facts->items[i + 1].start - facts->items[i].end < RANGE_BYTES;
}

static bool follows_after(const struct fact *one, const struct conclusion *self)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct fact *other = &self->grounds[g].facts.items[i];
            if (is_full(other) && spans(one, other, self->fact, false))
                return true;
        }
    }
    return false;
}

static void support_distance(struct claim *claim, const struct conclusion *self)
{
    bool distance = tells_distance(self->draft, self->fact->end), nights = strcmp(self->fact->unit, "night") == 0;
    bool length = nights || tells_length(self->draft, self->fact);

    for (size_t g = 0; (distance || length) && g < self->n; g++) {
        const struct fact_list *facts = &self->grounds[g].facts;
        for (size_t i = 0; !claim->supported && i < facts->n; i++) {
            const struct fact *one = &facts->items[i];
            if (!is_full(one))
                continue;
            if ((distance && follows_after(one, self)) ||
                (length && is_range(facts, i) && spans(one, one + 1, self->fact, true)))
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* ---- limits that are said the other way round ---- */

static const char *const bys[] = {
    "by",        "until",          "till",           "by the",       "bis",
    "bis zum",   "bis am",         "spaetestens am", "spaetestens",  "no later than",
    "latest on", "until the",      "till the",       "on or before", "bis einschliesslich",
    "up to",     "spaetestens zum"};
static const char *const befores[] = {"before", "before the", "vor", "vor dem", "prior to", "earlier than", "ahead of"};
static const char *const afters[] = {"after", "after the", "nach", "nach dem", "later than"};
static const char *const froms[] = {"from",  "from the", "ab",        "ab dem",
                                    "as of", "starting", "beginning", "starting on"};

/* The day before or behind, of which the other side speaks. */
static const struct {
    const char *const *claim, *const *ground;
    size_t n_claim, n_ground;
    bool ground_is_later;
} turned[] = {
    {bys, befores, ARRAY_LEN(bys), ARRAY_LEN(befores), true},
    {befores, bys, ARRAY_LEN(befores), ARRAY_LEN(bys), false},
    {froms, afters, ARRAY_LEN(froms), ARRAY_LEN(afters), false},
    {afters, froms, ARRAY_LEN(afters), ARRAY_LEN(froms), true},
};

/* "in November at the latest", "noch im November": within the month that ends before the first of the next. */
static bool ends_with_month(const struct folded *draft, const struct fact *claim, const struct fact *first)
{
    static const char *const before[] = {"in", "im", "end of", "ende", "of", "late"};

    return !claim->day && claim->month && first->day == 1 && claim->month % MONTHS_OF_YEAR + 1 == first->month &&
           (claim->part == END_OF_MONTH || fold_behind(draft, claim->start, before, ARRAY_LEN(before)));
}

static bool is_turned(const struct folded *draft, const struct fact *claim, const struct folded *text,
                      const struct fact *ground)
{
    if (!is_full(ground) || claim->kind != CLAIM_DATE || *claim->form)
        return false;
    if (!claim->day)
        return fold_behind(text, ground->start, befores, ARRAY_LEN(befores)) && ends_with_month(draft, claim, ground);
    for (size_t i = 0; is_full(claim) && i < ARRAY_LEN(turned); i++) {
        int days =
            turned[i].ground_is_later ? calendar_days_between(claim, ground) : calendar_days_between(ground, claim);
        if (days == 1 && fold_behind(draft, claim->start, turned[i].claim, turned[i].n_claim) &&
            fold_behind(text, ground->start, turned[i].ground, turned[i].n_ground))
            return true;
    }
    return false;
}

void claim_calendar_support(struct claim *claim, const struct conclusion *self)
{
    if (self->fact->kind == CLAIM_DURATION)
        support_distance(claim, self);
    for (size_t g = 0; self->fact->kind == CLAIM_DATE && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *ground = &self->grounds[g].facts.items[i];
            if (is_turned(self->draft, self->fact, &self->grounds[g].text, ground))
                ground_bears(&self->grounds[g], g, ground->start, ground->end, claim);
        }
    }
}
