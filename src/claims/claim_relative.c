/* What a text fixes by another point of time: the hour "45 minutes before departure", the day "two days before roast
 * day", the day of the week that a date falls on. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/calendar.h"
#include "claims/claim_conclusions.h"

enum {
    HOURS_PER_DAY = 24,
    HOURS_MOST = 4 * 60 * 60, /* of a distance between two hours */
    RELATED_BYTES = 160,
    BESIDE_BYTES = 7 /* ", dem ", " the " */
};

/* -1 for "before", 1 for "after" right behind a length of time, 0 for none. */
static int direction_behind(const struct folded *text, size_t end)
{
    static const char *const befores[] = {"before", "prior",  "beforehand", "earlier", "in advance", "ahead",
                                          "vor",    "vorher", "davor",      "zuvor",   "frueher",    "early"};
    static const char *const afters[] = {"after", "later", "afterwards", "nach", "danach", "spaeter", "darauf"};
    size_t at = end + fold_blanks(text, end);

    if (fold_word_of(text, at, befores, ARRAY_LEN(befores)))
        return -1;
    return fold_word_of(text, at, afters, ARRAY_LEN(afters)) ? 1 : 0;
}

/* ---- an hour ---- */

/* The minutes of the day of "14.20", written without any word for time; negative for what is none. */
static double minutes_of(const struct fact *fact)
{
    double hour = floor(fact->value), rest = floor((fact->value - hour) * 100 + .5);

    if (fact->kind == CLAIM_TIME)
        return fact->value;
    if (fact->kind != CLAIM_NUMBER || *fact->unit || fact->bare == false || rest < 1 || rest >= SECONDS_PER_MINUTE ||
        hour >= HOURS_PER_DAY)
        return -1;
    return hour * SECONDS_PER_MINUTE + rest;
}

static bool same_time(double minutes, const struct fact *claim, const struct fact *from)
{
    double apart = fabs(fmod(minutes + MINUTES_PER_DAY, MINUTES_PER_DAY) - minutes_of(claim));

    return apart < 1e-6 || ((*claim->unit || *from->unit) && fabs(apart - MINUTES_PER_FACE) < 1e-6);
}

/* Whether the claim is that long before or after an hour of the texts. */
static bool follows_hour(const struct conclusion *self, double minutes)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; i < self->grounds[g].facts.n; i++) {
            const struct fact *from = &self->grounds[g].facts.items[i];
            if (minutes_of(from) >= 0 && same_time(minutes_of(from) + minutes, self->fact, from))
                return true;
        }
    }
    return false;
}

/* ---- a day of the week ---- */

/* How many days a length of time is; 0 for what is not told in days. */
static int days_of(const struct fact *span)
{
    if (span->kind != CLAIM_DURATION || strcmp(span->unit, "day") != 0 || span->value >= DAYS_OF_WEEK ||
        span->value != floor(span->value))
        return 0;
    return (int)span->value;
}

/* "at least 48 hours before roast day, which is always a Tuesday": a Sunday. */
static bool follows_day(const struct ground *ground, const struct fact *span, int days, int claim)
{
    for (size_t i = 0; i < ground->facts.n; i++) {
        const struct fact *day = &ground->facts.items[i];
        int from = fact_week_day(day);
        size_t apart = day->start > span->start ? day->start - span->start : span->start - day->start;
        if (from >= 0 && apart < RELATED_BYTES && (from + days + DAYS_OF_WEEK) % DAYS_OF_WEEK == claim)
            return true;
    }
    return false;
}

/* The date beside a day of the week, or NULL. */
static const struct fact *date_beside(const struct fact_list *facts, const struct fact *day)
{
    const struct fact *date = day + 1;

    if (date >= facts->items + facts->n || date->kind != CLAIM_DATE || !date->day || !date->month ||
        date->month > MONTHS_OF_YEAR || date->start - day->end > BESIDE_BYTES)
        return NULL;
    return date;
}

/* Whether the text has this date with its year. */
static bool is_dated(const struct fact *one, const struct fact *date)
{
    return one->kind == CLAIM_DATE && one->year && one->day == date->day && one->month == date->month &&
           (!date->year || date->year == one->year);
}

/* "Saturday, 22 November", where the text has the 22.11.2025. */
static void support_calendar_day(struct claim *claim, const struct conclusion *self, int day)
{
    const struct fact *date = date_beside(self->facts, self->fact);

    for (size_t g = 0; date && g < self->n; g++) {
        for (size_t k = 0; !claim->supported && k < self->grounds[g].facts.n; k++) {
            const struct fact *other = &self->grounds[g].facts.items[k];
            if (is_dated(other, date) && calendar_week_day(other->year, other->month, other->day) == day)
                ground_bears(&self->grounds[g], g, other->start, other->end, claim);
        }
    }
}

bool claim_day_is_other(const struct conclusion *self)
{
    const int day = fact_week_day(self->fact);
    const struct fact *date = day < 0 ? NULL : date_beside(self->facts, self->fact);
    bool other = false;

    for (size_t g = 0; date && g < self->n; g++) {
        for (size_t k = 0; k < self->grounds[g].facts.n; k++) {
            const struct fact *one = &self->grounds[g].facts.items[k];
            const struct fact *theirs = fact_week_day(one) < 0 ? NULL : date_beside(&self->grounds[g].facts, one);
            if (theirs && theirs->day == date->day && theirs->month == date->month)
                return false; /* what a text says itself: fact_week_contradicts */
            other |= is_dated(one, date) && calendar_week_day(one->year, one->month, one->day) != day;
        }
    }
    return other;
}

/* "on Wednesday", where the ticket's day is Thursday, and an article tells of the evening before it. */
static void support_day_before(struct claim *claim, const struct conclusion *self, int day)
{
    static const char *const befores[] = {"day before",  "evening before", "night before", "vortag",
                                          "vorabend",    "tag vorher",     "abend vorher", "tag zuvor",
                                          "abend zuvor", "tag davor",      "abend davor"};
    bool before = false;
    size_t start, end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    for (size_t i = 0; i < self->facts->n; i++) {
        const struct fact *other = &self->facts->items[i];
        if (other != self->fact && other->start >= start && other->start < end && fact_week_day(other) >= 0)
            return; /* "who books on Friday is answered on Tuesday" */
    }

    for (size_t g = 0; g < self->n; g++) {
        const struct folded *text = &self->grounds[g].text;
        before |= !self->grounds[g].ticket && fold_has(text, 0, text->len, befores, ARRAY_LEN(befores));
    }
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (before && fact_week_day(one) == (day + 1) % DAYS_OF_WEEK)
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

void claim_relative_support(struct claim *claim, const struct conclusion *self)
{
    const int day = fact_week_day(self->fact);

    if (day < 0 && minutes_of(self->fact) < 0)
        return;
    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        for (size_t k = 0; !claim->supported && !ground->ticket && k < ground->facts.n; k++) {
            const struct fact *span = &ground->facts.items[k];
            int sign = span->kind == CLAIM_DURATION ? direction_behind(&ground->text, span->end) : 0;
            bool clocked = strcmp(span->unit, "s") == 0 && span->value <= HOURS_MOST;
            if (!sign)
                continue;
            if ((day < 0 && clocked && follows_hour(self, sign * span->value / SECONDS_PER_MINUTE)) ||
                (day >= 0 && days_of(span) && follows_day(ground, span, sign * days_of(span), day)))
                ground_bears(ground, g, span->start, span->end, claim);
        }
    }
    if (day >= 0 && !claim->supported)
        support_calendar_day(claim, self, day);
    if (day >= 0 && !claim->supported && !date_beside(self->facts, self->fact))
        support_day_before(claim, self, day);
}
