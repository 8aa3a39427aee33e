/* How long ago something was, and a date that lies so long before or after another one. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/calendar.h"
#include "claims/claim_conclusions.h"

enum { BEFORE_BYTES = 200, GONE_MOST = 6 };

/* ---- a date ---- */

static bool is_dated(const struct fact *fact)
{
    return fact->kind == CLAIM_DATE && fact->month && fact->month <= MONTHS_OF_YEAR && !*fact->form;
}

/* Whether the claim lies that long after a date, or, turned round, before it. */
static bool lies_after(const struct fact *from, const struct fact *claim, const struct fact *span)
{
    int months = (claim->month - from->month + MONTHS_OF_YEAR) % MONTHS_OF_YEAR;

    if (strcmp(span->unit, "month") == 0)
        return span->value == months && months && (claim->day == from->day || !claim->day);
    if (!claim->day)
        return false;
    return (strcmp(span->unit, "day") == 0 || strcmp(span->unit, "night") == 0) && span->value >= 1 &&
           calendar_days_between(from, claim) == span->value;
}

/* "so until 4 February", "also um den 28. März": what the reader is to conclude. */
static bool tells_conclusion(const struct conclusion *self)
{
    static const char *const words[] = {"also am",    "also bis",     "also um den",  "also bis zum",  "also ab",
                                        "also vom",   "so by",        "so until",     "so on",         "that is",
                                        "that's",     "i.e.",         "d. h. bis",    "that is until", "that is by",
                                        "up to",      "takes you to", "is until",     "so that's",     "also zum",
                                        "that means", "das ist der",  "das waere der"};

    return fold_behind(self->draft, self->fact->start, words, ARRAY_LEN(words));
}

/* "five days before your next delivery on 8 February": the date is where one counts from. */
static bool is_counted_from(const struct conclusion *self, const struct fact *from, const struct fact *span)
{
    static const char *const words[] = {"before", "after", "from", "vor", "nach", "ab"};

    if (from > span && from < self->fact)
        return false; /* "four weeks after 2 September is 30 September" */
    return span < self->fact && fold_has(self->draft, span->end, self->fact->start, words, ARRAY_LEN(words)) &&
           !tells_conclusion(self);
}

/* Whether a length of time that the draft names by the claim, or, of a conclusion, an article, leads from one to the
 * other. */
static bool leads(const struct conclusion *self, const struct fact *from, size_t start, size_t end)
{
    bool concluded = tells_conclusion(self);

    for (size_t i = 0; i < self->facts->n; i++) {
        const struct fact *span = &self->facts->items[i];
        if (span->kind == CLAIM_DURATION && span->start >= start && span->start < end &&
            (span > self->fact || self->borne[i]) && !is_counted_from(self, from, span) &&
            (lies_after(from, self->fact, span) || lies_after(self->fact, from, span)))
            return true;
    }
    for (size_t g = 0; concluded && g < self->n; g++) {
        for (size_t i = 0; !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *span = &self->grounds[g].facts.items[i];
            if (span->kind == CLAIM_DURATION && span->value > 1 &&
                (lies_after(from, self->fact, span) || lies_after(self->fact, from, span)))
                return true;
        }
    }
    return false;
}

static void support_date(struct claim *claim, const struct conclusion *self)
{
    size_t start, end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    for (size_t i = 0; i < self->facts->n && !claim->supported; i++) {
        const struct fact *from = &self->facts->items[i];
        if (from < self->fact && is_dated(from) && from->day && self->borne[i] && from->start + BEFORE_BYTES > start &&
            leads(self, from, start, end))
            ground_bears(&self->grounds[0], 0, 0, 0, claim);
    }
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *from = &self->grounds[g].facts.items[i];
            if (is_dated(from) && from->day && leads(self, from, start, end))
                ground_bears(&self->grounds[g], g, from->start, from->end, claim);
        }
    }
}

/* ---- how long ago ---- */

/* "three days on", "erst zwei Tage her". */
static bool tells_gone(const struct conclusion *self)
{
    static const char *const behind[] = {"on",   "in",   "her", "ago",     "after", "later", "late", "past",
                                         "gone", "nach", "old", "overdue", "into",  "is a",  "are"};
    static const char *const before[] = {"vor", "seit", "after", "nach", "for"};

    return fold_word_of(self->draft, self->fact->end + fold_blanks(self->draft, self->fact->end), behind,
                        ARRAY_LEN(behind)) ||
           fold_behind(self->draft, self->fact->start, before, ARRAY_LEN(before));
}

/* "It says Tuesday, now it's Friday": from one day of the week to the next that the ticket names. */
static bool lie_apart(const struct fact_list *facts, size_t i, int days)
{
    int one = fact_week_day(&facts->items[i]);

    for (size_t k = i + 1; one >= 0 && k < facts->n; k++) {
        int other = fact_week_day(&facts->items[k]);
        if (other >= 0 && (other - one + DAYS_OF_WEEK) % DAYS_OF_WEEK == days)
            return true;
    }
    return false;
}

static void support_gone(struct claim *claim, const struct conclusion *self)
{
    static const char *const twos[] = {"vorgestern", "day before yesterday", "two days ago"};
    const int days = (int)self->fact->value;

    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        if (days == 2 && ground->ticket && fold_has(&ground->text, 0, ground->text.len, twos, ARRAY_LEN(twos)))
            ground_bears(ground, g, 0, 0, claim);
        for (size_t i = 0; !claim->supported && ground->ticket && i < ground->facts.n; i++) {
            const struct fact *one = &ground->facts.items[i];
            if ((days == 1 && strcmp(one->form, "yesterday") == 0) || lie_apart(&ground->facts, i, days))
                ground_bears(ground, g, one->start, one->end, claim);
        }
    }
}

void claim_dated_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;

    if (self->n && is_dated(fact))
        support_date(claim, self);
    if (fact->kind == CLAIM_DURATION && strcmp(fact->unit, "day") == 0 && fact->value >= 1 &&
        fact->value <= GONE_MOST && fact->value == floor(fact->value) && tells_gone(self))
        support_gone(claim, self);
}
