/* The facts that a text states in figures: numbers with their units, dates, codes, addresses. Each has a form in which
 * two ways to write the same thing are equal. Pure. */
#ifndef TRIAGED_CLAIMS_FACTS_H
#define TRIAGED_CLAIMS_FACTS_H

#include <stdbool.h>

#include "claims/fold.h"
#include "triage/claims.h"

#define FACT_FORM_MAX 160
#define FACT_OFTEN    "x"  /* the unit of how often something is */
#define RATE_MARK     '/'  /* before the unit of time that an amount is given for */
#define FACTS_MAX     4096 /* of one text; what comes later supports nothing */

#define PERCENT 100.0 /* of the whole */

enum {
    SECONDS_PER_MINUTE = 60,
    SECONDS_PER_HOUR = 3600,
    SECONDS_PER_DAY = 86400,
    MINUTES_PER_HOUR = 60,
    MINUTES_PER_FACE = 720, /* of a clock: twelve hours */
    MINUTES_PER_DAY = 1440,
    DAYS_OF_WEEK = 7,
    DAYS_OF_YEAR = 365,
    MONTHS_OF_YEAR = 12
};

struct fact {
    enum claim_kind kind;
    size_t start, end;                                                    /* bytes of the folded text */
    double value;                                                         /* of a number, whatever its unit */
    double written;                                                       /* the number as it stands there */
    char unit[12];                                                        /* of a number; "" for none */
    int year, month, day;                                                 /* of a date; 0 for what is not said */
    enum { NO_PART, BEGIN_OF_MONTH, MIDDLE_OF_MONTH, END_OF_MONTH } part; /* of a month without a day */
    bool ground_only;                                                     /* supports, but nobody claims it */
    bool bare;                /* a number with nothing counted behind it: "another thirty", "from 7 to 4" */
    bool hour;                /* such a number, where something is open at it */
    char form[FACT_FORM_MAX]; /* of a code, an address, a weekday */
};

struct fact_list {
    struct fact *items;
    size_t n, cap;
};

void facts_find(const struct folded *text, struct fact_list *ret_list);
void facts_add(struct fact_list *list, const struct fact *fact); /* bounded by the caller */
/* Adds behind them what follows from facts that stand beside each other. */
void facts_derive(const struct folded *text, struct fact_list *list);
void facts_done(struct fact_list *self); /* for CLEANUP */

/* Whether a text with the fact `ground` supports the fact `claim`. */
bool fact_supports(const struct fact *ground, const struct fact *claim);

/* The forms of the days of the week, Monday first. */
extern const char *const fact_week_forms[DAYS_OF_WEEK];
/* Whether they are of one kind and in one unit, so that their values can be compared. */
bool fact_is_alike(const struct fact *one, const struct fact *other);

/* Monday 0 to Sunday 6; -1 for what is no single day of the week. */
int fact_week_day(const struct fact *fact);

/* Whether the days that the fact at i tells hold this day: "Mon-Fri" holds Wednesday. */
bool fact_week_holds(const struct folded *text, const struct fact_list *facts, size_t i, int day);

/* Whether the days of the week that the text tells hold those of the claim; ret_index: the fact that does. */
bool fact_week_supports(const struct folded *text, const struct fact_list *facts, const struct fact *claim,
                        size_t *ret_index);

/* Whether the draft gives a date another day of the week than the source does. i: the day of the week's fact. */
bool fact_week_contradicts(const struct fact_list *draft, size_t i, const struct fact_list *ground);

/* Whether the draft pairs a day with another one than the source does: "Tuesdays and Fridays". i: the first day. */
bool fact_week_pairs_other(const struct folded *draft, const struct fact_list *facts, size_t i,
                           const struct folded *ground, const struct fact_list *theirs);

/* The readers: each takes what begins at this place and says how many bytes that were, 0 for none. */
size_t fact_read_address(const struct folded *text, size_t at, struct fact *ret_fact); /* link, e-mail */
size_t fact_read_phone(const struct folded *text, size_t at, struct fact *ret_fact);
size_t fact_read_code(const struct folded *text, size_t at, struct fact *ret_fact);
size_t fact_read_date(const struct folded *text, size_t at, struct fact *ret_fact);
/* "half past five", "zehn nach zwei": either half of the day. */
size_t fact_read_clock(const struct folded *text, size_t at, struct fact *ret_fact);
/* An hour, in digits or in words: its bytes. */
size_t fact_read_hour(const struct folded *text, size_t at, int *ret_hour);
size_t fact_read_time(const struct folded *text, size_t at, struct fact *ret_fact);
/* "twice", "the third", "half of". */
size_t fact_read_count(const struct folded *text, size_t at, struct fact *ret_fact);
size_t fact_read_quantity(const struct folded *text, size_t at, struct fact *ret_fact);

/* A number in digits: 1,000 and 1.000 and 1 000 are the same, 9,90 and 9.90 too. */
size_t fact_read_digits(const struct folded *text, size_t at, double *ret_value);
/* A number in words. "a" and "ein" are none. */
size_t fact_read_number_word(const struct folded *text, size_t at, double *ret_value);

#endif
