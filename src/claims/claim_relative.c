/* What a text fixes by another point of time: the hour "45 minutes before departure", the day "two days before roast
 * day", the day of the week that a date falls on. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/claim_arithmetic.h"

enum {
    HOURS_PER_DAY = 24,
    SECONDS_PER_MINUTE = 60,
    MINUTES_PER_DAY = 1440,
    MINUTES_PER_FACE = 720,
    HOURS_MOST = 4 * 60 * 60, /* of a distance between two hours */
    WEEK = 7,
    RELATED_BYTES = 160,
    BESIDE_BYTES = 7, /* ", dem ", " the " */
    MARCH = 3,
    MONTHS = 12
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

static bool same_time(double minutes, const struct fact *claim, const struct fact *from)
{
    double apart = fabs(fmod(minutes + MINUTES_PER_DAY, MINUTES_PER_DAY) - claim->value);

    return apart < 1e-6 || ((*claim->unit || *from->unit) && fabs(apart - MINUTES_PER_FACE) < 1e-6);
}

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

/* Whether the claim is that long before or after an hour of the texts. */
static bool follows_hour(const struct fact *claim, double minutes, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < grounds[g].facts.n; i++) {
            const struct fact *from = &grounds[g].facts.items[i];
            if (minutes_of(from) >= 0 && same_time(minutes_of(from) + minutes, claim, from))
                return true;
        }
    }
    return false;
}

/* ---- a day of the week ---- */

/* How many days a length of time is; 0 for what is not told in days. */
static int days_of(const struct fact *span)
{
    if (span->kind != CLAIM_DURATION || strcmp(span->unit, "day") != 0 || span->value >= WEEK ||
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
        if (from >= 0 && apart < RELATED_BYTES && (from + days + WEEK) % WEEK == claim)
            return true;
    }
    return false;
}

/* The day of the week of a date: Sakamoto's method. Monday 0. */
static int week_day_of(int year, int month, int day)
{
    static const int offsets[MONTHS] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int y = month < MARCH ? year - 1 : year;
    int sunday_first = (y + y / 4 - y / 100 + y / 400 + offsets[month - 1] + day) % WEEK;

    return (sunday_first + WEEK - 1) % WEEK;
}

/* The date beside day i of the draft, or NULL. */
static const struct fact *date_beside(const struct fact_list *facts, size_t i)
{
    const struct fact *date = &facts->items[i] + 1;

    if (i + 1 >= facts->n || date->kind != CLAIM_DATE || !date->day || !date->month || date->month > MONTHS ||
        date->start - facts->items[i].end > BESIDE_BYTES)
        return NULL;
    return date;
}

/* "Saturday, 22 November", where the text has the 22.11.2025. */
static void support_calendar_day(struct claim *claim, const struct fact_list *facts, size_t i, int day,
                                 const struct ground *grounds, size_t n)
{
    const struct fact *date = date_beside(facts, i);

    for (size_t g = 0; date && g < n; g++) {
        for (size_t k = 0; !claim->supported && k < grounds[g].facts.n; k++) {
            const struct fact *other = &grounds[g].facts.items[k];
            if (other->kind == CLAIM_DATE && other->year && other->day == date->day && other->month == date->month &&
                (!date->year || date->year == other->year) && week_day_of(other->year, other->month, other->day) == day)
                ground_bears(&grounds[g], g, other->start, other->end, claim);
        }
    }
}

bool claim_day_is_other(const struct fact_list *facts, size_t i, const struct ground *grounds, size_t n)
{
    const int day = fact_week_day(&facts->items[i]);
    const struct fact *date = day < 0 ? NULL : date_beside(facts, i);
    bool other = false;

    for (size_t g = 0; date && g < n; g++) {
        for (size_t k = 0; k < grounds[g].facts.n; k++) {
            const struct fact *one = &grounds[g].facts.items[k];
            const struct fact *theirs = fact_week_day(one) < 0 ? NULL : date_beside(&grounds[g].facts, k);
            if (theirs && theirs->day == date->day && theirs->month == date->month)
                return false; /* what a text says itself: fact_week_contradicts */
            other |= one->kind == CLAIM_DATE && one->year && one->day == date->day && one->month == date->month &&
                     (!date->year || date->year == one->year) && week_day_of(one->year, one->month, one->day) != day;
        }
    }
    return other;
}

void claim_relative_support(struct claim *claim, const struct fact_list *facts, size_t i, const struct ground *grounds,
                            size_t n)
{
    const struct fact *fact = &facts->items[i];
    const int day = fact_week_day(fact);

    if (fact->kind != CLAIM_TIME && day < 0)
        return;
    for (size_t g = 0; g < n; g++) {
        for (size_t k = 0; !claim->supported && !grounds[g].ticket && k < grounds[g].facts.n; k++) {
            const struct fact *span = &grounds[g].facts.items[k];
            int sign = span->kind == CLAIM_DURATION ? direction_behind(&grounds[g].text, span->end) : 0;
            bool clocked = strcmp(span->unit, "s") == 0 && span->value <= HOURS_MOST;
            if (!sign)
                continue;
            if ((day < 0 && clocked && follows_hour(fact, sign * span->value / SECONDS_PER_MINUTE, grounds, n)) ||
                (day >= 0 && days_of(span) && follows_day(&grounds[g], span, sign * days_of(span), day)))
                ground_bears(&grounds[g], g, span->start, span->end, claim);
        }
    }
    if (day >= 0 && !claim->supported)
        support_calendar_day(claim, facts, i, day, grounds, n);
}
