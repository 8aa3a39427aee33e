/* Where a period ends that begins at a date of the texts, the month before or after another one, and how many days of
 * the week there are. */
#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/calendar.h"
#include "claims/claim_conclusions.h"

enum { FRIDAY = 4, BESIDE_BYTES = 8, WORKING_MOST = 20 };

/* ---- the end of a period ---- */

/* "until March 2033", "endet am 3. Mai": what ends. */
static bool tells_end(const struct conclusion *self)
{
    static const char *const words[] = {"until",
                                        "till",
                                        "by",
                                        "to",
                                        "through",
                                        "bis",
                                        "bis zum",
                                        "bis ende",
                                        "until the",
                                        "by the",
                                        "end of",
                                        "until the end of",
                                        "before",
                                        "vor",
                                        "vor dem",
                                        "ende",
                                        "bis mitte",
                                        "bis anfang",
                                        "bis ins",
                                        "bis in den",
                                        "bis einschliesslich",
                                        "ends in",
                                        "ends on",
                                        "ending in",
                                        "endet im",
                                        "endet am",
                                        "expires in",
                                        "expires on",
                                        "endet",
                                        "laeuft im",
                                        "bis zum ende des",
                                        "bis inklusive",
                                        "at the end of",
                                        "ends at the end of"};

    return fold_behind(self->draft, self->fact->start, words, ARRAY_LEN(words));
}

/* A month of a year, or a day of it; "2033" alone is a number. */
static bool is_after(const struct fact *from, const struct fact *claim, double months)
{
    int year = claim->kind == CLAIM_NUMBER ? (int)claim->value : claim->year;
    int end = from->month - 1 + (int)months, month = end % MONTHS_OF_YEAR + 1;

    if (claim->kind == CLAIM_NUMBER)
        return from->year && from->year + end / MONTHS_OF_YEAR == year;
    if (claim->month != month || !year || from->year + end / MONTHS_OF_YEAR != year)
        return false; /* without a year, chance hits too often */
    return !claim->day || (from->day && (claim->day == from->day || claim->day + 1 == from->day));
}

static bool is_a_month(const struct fact *fact)
{
    return fact->kind == CLAIM_DATE && fact->month > 0 && fact->month <= MONTHS_OF_YEAR && !*fact->form;
}

static void support_end(struct claim *claim, const struct conclusion *self, const struct fact *from)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *span = &self->grounds[g].facts.items[i];
            if (span->kind == CLAIM_DURATION && strcmp(span->unit, "month") == 0 && span->value >= 1 &&
                span->value == floor(span->value) && is_after(from, self->fact, span->value))
                ground_bears(&self->grounds[g], g, span->start, span->end, claim);
        }
    }
}

/* ---- working days ---- */

/* The day of the week right before a date, "Tuesday 18 June"; -1 for none. */
static int week_day_before(const struct fact_list *facts, const struct fact *date)
{
    const struct fact *day = date - 1;

    if (date == facts->items || date->start - day->end > BESIDE_BYTES)
        return -1;
    return fact_week_day(day);
}

/* How many days so many working days are from a day of the week on, forward or back. */
static int calendar_days(int week_day, int working, int step)
{
    int days = 0;

    while (working > 0) {
        week_day = (week_day + step + DAYS_OF_WEEK) % DAYS_OF_WEEK;
        days++;
        working -= week_day <= FRIDAY;
    }
    return days;
}

static bool is_working_days_off(const struct conclusion *self, const struct fact *from, int week_day, int working)
{
    int ahead = calendar_days_between(from, self->fact);
    int said = week_day_before(self->facts, self->fact);

    if (said < 0 && !tells_end(self))
        return false;
    if (said >= 0 && (week_day + ahead) % DAYS_OF_WEEK != said &&
        (week_day + DAYS_OF_WEEK * DAYS_OF_YEAR - (DAYS_OF_YEAR - ahead)) % DAYS_OF_WEEK != said)
        return false;
    return calendar_days(week_day, working, 1) == ahead || calendar_days(week_day, working, -1) == DAYS_OF_YEAR - ahead;
}

static void support_working(struct claim *claim, const struct conclusion *self, const struct fact *from, int week_day)
{
    for (size_t g = 0; week_day >= 0 && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *span = &self->grounds[g].facts.items[i];
            if (span->kind == CLAIM_DURATION && strcmp(span->unit, "wday") == 0 && span->value >= 1 &&
                span->value <= WORKING_MOST && is_working_days_off(self, from, week_day, (int)span->value))
                ground_bears(&self->grounds[g], g, span->start, span->end, claim);
        }
    }
}

/* "bis März 2033", "by Friday 14 June": a limit that follows from a date of the texts. */
static void support_limit(struct claim *claim, const struct conclusion *self)
{
    bool year = self->fact->kind == CLAIM_NUMBER;

    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *from = &self->grounds[g].facts.items[i];
            if (!is_a_month(from))
                continue;
            if (tells_end(self))
                support_end(claim, self, from);
            if (!claim->supported && !year && from->day && self->fact->day)
                support_working(claim, self, from, week_day_before(&self->grounds[g].facts, from));
        }
    }
}

/* ---- the month before or after ---- */

static const char *const nexts[] = {"folgemonat",      "folgemonats",      "following month",  "next month",
                                    "month after",     "naechsten monats", "folgenden monats", "darauffolgenden monats",
                                    "naechsten monat", "folgenden monat",  "subsequent month"};
static const char *const befores[] = {"vormonat",        "vormonats",    "previous month",    "month before",
                                      "preceding month", "prior month",  "vorherigen monats", "vorigen monats",
                                      "monats davor",    "monats zuvor", "monat davor",       "monat zuvor"};

/* Whether the draft's sentence has the month before the claim, or, of a claim with its day, the ticket has it. */
static bool has_month(const struct conclusion *self, int month)
{
    size_t start, end;

    fold_sentence(self->draft, self->fact->start, &start, &end);
    for (const struct fact *one = self->facts->items; one < self->fact; one++) {
        if (is_a_month(one) && one->month == month && one->start >= start)
            return true;
    }
    for (size_t g = 0; self->fact->day && g < self->n; g++) {
        for (size_t i = 0; self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (is_a_month(one) && one->month == month)
                return true;
        }
    }
    return false;
}

/* "by 20 February": the day stands in the text without its month. */
static bool has_day(const struct ground *ground, int day)
{
    for (size_t i = 0; day && i < ground->facts.n; i++) {
        const struct fact *one = &ground->facts.items[i];
        if (one->kind == CLAIM_DATE && one->day == day && !one->month)
            return true;
    }
    return !day;
}

static void support_next_month(struct claim *claim, const struct conclusion *self)
{
    int month = self->fact->month, before = (month + MONTHS_OF_YEAR - 2) % MONTHS_OF_YEAR + 1,
        after = month % MONTHS_OF_YEAR + 1;

    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        if (claim->supported || ground->ticket || !has_day(ground, self->fact->day))
            continue;
        if ((has_month(self, before) && fold_has(&ground->text, 0, ground->text.len, nexts, ARRAY_LEN(nexts))) ||
            (has_month(self, after) && fold_has(&ground->text, 0, ground->text.len, befores, ARRAY_LEN(befores))))
            ground_bears(ground, g, 0, 0, claim);
    }
}

/* "on the 1st", where the text has the first day of a month. */
static void support_first(struct claim *claim, const struct conclusion *self)
{
    static const char *const firsts[] = {"first day of the month",
                                         "first day of a month",
                                         "first day of each month",
                                         "first day of every month",
                                         "first day of the following month",
                                         "first of the month",
                                         "first of each month",
                                         "first of every month",
                                         "monatsersten",
                                         "monatserste",
                                         "ersten tag des monats",
                                         "ersten tag eines monats",
                                         "monatsbeginn",
                                         "monatsanfang",
                                         "start of the month",
                                         "beginning of the month",
                                         "beginning of a month",
                                         "start of a month",
                                         "start of each month",
                                         "ersten des monats",
                                         "ersten eines monats",
                                         "first day of next month",
                                         "first day of the next month",
                                         "monatserster"};

    for (size_t g = 0; g < self->n; g++) {
        const struct ground *ground = &self->grounds[g];
        if (!claim->supported && fold_has(&ground->text, 0, ground->text.len, firsts, ARRAY_LEN(firsts)))
            ground_bears(ground, g, 0, 0, claim);
    }
}

/* ---- so many days of the week, one day behind ---- */

static bool tells_week(const struct conclusion *self)
{
    static const char *const words[] = {"a week",        "per week",     "each week", "every week",
                                        "die woche",     "in der woche", "pro woche", "of the week",
                                        "of every week", "woechentlich", "der woche"};
    size_t at = self->fact->end + fold_blanks(self->draft, self->fact->end);

    return fold_word_of(self->draft, at, words, ARRAY_LEN(words)) > 0;
}

/* How many days of the week the sentence around fact i tells. */
static int days_told(const struct ground *ground, size_t i)
{
    size_t start, end;
    int days = 0;

    fold_sentence(&ground->text, ground->facts.items[i].start, &start, &end);
    for (int day = 0; day < DAYS_OF_WEEK; day++) {
        bool held = false;
        for (size_t k = 0; k < ground->facts.n; k++) {
            const struct fact *one = &ground->facts.items[k];
            held |= one->kind == CLAIM_DATE && one->start >= start && one->start < end &&
                    fact_week_holds(&ground->text, &ground->facts, k, day);
        }
        days += held;
    }
    return days;
}

static void support_week(struct claim *claim, const struct conclusion *self)
{
    for (size_t g = 0; g < self->n; g++) {
        for (size_t i = 0; !claim->supported && !self->grounds[g].ticket && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (one->kind == CLAIM_DATE && *one->form && days_told(&self->grounds[g], i) == self->fact->value)
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

/* "one day after it is scanned", where the text has "the day after". */
static void support_day_beside(struct claim *claim, const struct conclusion *self)
{
    static const char *const afters[] = {"after", "later", "nach", "nachdem", "spaeter", "danach", "darauf"};
    static const char *const earlier[] = {"before", "earlier",    "vor",   "bevor",   "vorher",    "davor",
                                          "zuvor",  "in advance", "ahead", "frueher", "beforehand"};
    size_t at = self->fact->end + fold_blanks(self->draft, self->fact->end);
    const char *form = fold_word_of(self->draft, at, afters, ARRAY_LEN(afters))     ? "next day"
                       : fold_word_of(self->draft, at, earlier, ARRAY_LEN(earlier)) ? "day before"
                                                                                    : NULL;

    for (size_t g = 0; form && g < self->n; g++) {
        for (size_t i = 0; !claim->supported && i < self->grounds[g].facts.n; i++) {
            const struct fact *one = &self->grounds[g].facts.items[i];
            if (one->kind == CLAIM_DATE && strcmp(one->form, form) == 0)
                ground_bears(&self->grounds[g], g, one->start, one->end, claim);
        }
    }
}

void claim_period_support(struct claim *claim, const struct conclusion *self)
{
    const struct fact *fact = self->fact;
    bool days = fact->kind == CLAIM_DURATION && (strcmp(fact->unit, "day") == 0 || strcmp(fact->unit, "wday") == 0);
    bool year = fact->kind == CLAIM_NUMBER && !*fact->unit && fact->bare && fact->value > 1990 && fact->value < 2100;

    if (is_a_month(fact) || year)
        support_limit(claim, self);
    if (!claim->supported && is_a_month(fact) && !fact->year)
        support_next_month(claim, self);
    if (!claim->supported && fact->kind == CLAIM_DATE && fact->day == 1 && !fact->month && !*fact->form)
        support_first(claim, self);
    if (!claim->supported && days && fact->value > 1 && fact->value <= DAYS_OF_WEEK && tells_week(self))
        support_week(claim, self);
    if (!claim->supported && days && fact->value == 1)
        support_day_beside(claim, self);
}
