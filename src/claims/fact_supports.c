/* Whether a fact of a source tells a fact of the draft: equal in value, or read in another way that means the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

enum { SUFFIX_LEAST = 5, AMOUNT_LEAST = 20 /* smaller numbers stand everywhere */ };

#define VALUE_TOLERANCE 1e-6

static bool same_value(const struct fact *ground, const struct fact *claim)
{
    return fabs(ground->value - claim->value) <= VALUE_TOLERANCE * fmax(1, fabs(claim->value));
}

/* At the end of a sentence "1.8." looks like a day and a month. */
static bool reads_like(const struct fact *date, double value)
{
    if (date->year || *date->form || !date->day)
        return false;
    return fabs(value - (date->day + date->month / 10.0)) < VALUE_TOLERANCE ||
           fabs(value - (date->day + date->month / 100.0)) < VALUE_TOLERANCE;
}

enum { NOON_HOURS = 12, MONTHS_PER_YEAR = 12, MONTH_DAYS_LEAST = 28 };

/* "von zwei bis sechs", "your 7.15 departure": a number without any word for time. */
static bool reads_as_time(const struct fact *number, double minutes)
{
    double hour = floor(number->value), rest = floor((number->value - hour) * 100 + .5);

    if (hour > 2 * NOON_HOURS || rest >= MINUTES_PER_HOUR || (rest == 0 && !number->bare))
        return false;
    hour = hour * MINUTES_PER_HOUR + rest;
    return fabs(fmod(minutes, MINUTES_PER_DAY) - fmod(hour, MINUTES_PER_DAY)) < VALUE_TOLERANCE ||
           (number->value < NOON_HOURS + 1 &&
            fabs(fmod(minutes, MINUTES_PER_FACE) - fmod(hour, MINUTES_PER_FACE)) < VALUE_TOLERANCE);
}

/* A duration without its unit, most often an age: "over 24", "with her six years". */
static bool is_age(const struct fact *duration, const struct fact *number)
{
    return duration->kind == CLAIM_DURATION && number->kind == CLAIM_NUMBER && number->bare &&
           strcmp(duration->unit, "month") == 0 && duration->written > 1 &&
           duration->value == duration->written * MONTHS_PER_YEAR;
}

/* A month is 30 or 31 days to everybody, a year 365. */
static bool months_are_days(const struct fact *months, const struct fact *days)
{
    double m = months->value, d = days->value;

    if (strcmp(months->unit, "month") != 0 || (strcmp(days->unit, "day") != 0 && strcmp(days->unit, "night") != 0))
        return false;
    return d == m * 30 || d == m * 31 || d == m * 28 ||
           (fmod(m, MONTHS_PER_YEAR) == 0 && d == m / MONTHS_PER_YEAR * 365);
}

/* "anderthalb Wochen" is said of ten days. */
static bool about_days(const struct fact *ground, const struct fact *claim)
{
    return strcmp(ground->unit, "day") == 0 && strcmp(claim->unit, "day") == 0 && claim->value != floor(claim->value) &&
           fabs(ground->value - claim->value) < 1;
}

static bool is_often(const struct fact *fact)
{
    return strcmp(fact->unit, FACT_OFTEN) == 0;
}

/* "ein Drittel" is said of 30 to 35 percent, two thirds of twice as much. */
static bool about_third(const struct fact *ground, const struct fact *claim)
{
    double thirds = claim->value * 3 / PERCENT;

    return strcmp(ground->unit, "%") == 0 && strcmp(claim->unit, "%") == 0 && claim->value != floor(claim->value) &&
           fabs(thirds - floor(thirds + .5)) < VALUE_TOLERANCE && ground->value >= 30 * thirds &&
           ground->value <= 35 * thirds;
}

/* Who slept there for 14 nights has had it for two weeks. */
static bool nights_are_days(const struct fact *one, const struct fact *other)
{
    return strcmp(one->unit, "night") == 0 && strcmp(other->unit, "day") == 0 && one->value == other->value;
}

/* "in a month" and "for a month" of "£45 a month" and of "per month". */
static bool is_rate(const struct fact *ground, const struct fact *claim)
{
    return (*claim->unit == RATE_MARK || claim->written == 1) && ground->kind == CLAIM_DURATION &&
           claim->kind == CLAIM_DURATION && ground->value == claim->value &&
           strcmp(claim->unit + (*claim->unit == RATE_MARK), ground->unit + (*ground->unit == RATE_MARK)) == 0;
}

/* A number without a unit meets others without. With a fraction (4.99) or from AMOUNT_LEAST it also meets an amount,
 * and an amount it; with nothing counted behind it whatever was counted before: "3 weeks in green, otherwise ten". */
static bool quantity_supports(const struct fact *ground, const struct fact *claim)
{
    bool money = (ground->kind == CLAIM_AMOUNT && claim->kind == CLAIM_NUMBER) ||
                 (ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_AMOUNT);

    if (claim->hour && ground->kind != CLAIM_NUMBER && ground->kind != CLAIM_TIME)
        return false; /* "open until four" rests on no four weeks */
    if (*claim->unit == RATE_MARK || *ground->unit == RATE_MARK)
        return is_rate(ground, claim);
    if (is_often(claim) || is_often(ground))
        return ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_NUMBER && same_value(ground, claim);
    if (ground->kind == CLAIM_DATE)
        return claim->kind == CLAIM_NUMBER &&
               (reads_like(ground, claim->value) || (claim->bare && ground->day == claim->value) ||
                ground->year == claim->value);
    if (ground->kind == CLAIM_TIME)
        return claim->kind == CLAIM_NUMBER && reads_as_time(claim, ground->value);
    if (claim->hour && ground->kind == CLAIM_NUMBER && ground->bare && ground->value == claim->value + NOON_HOURS)
        return true; /* "from ten to four", where the source has 10-16 */
    if (is_age(ground, claim) || is_age(claim, ground))
        return ground->written == claim->written;
    if ((ground->kind == CLAIM_MEASURE && claim->kind == CLAIM_NUMBER) ||
        (ground->kind == CLAIM_NUMBER && claim->kind == CLAIM_MEASURE))
        return ground->written == claim->written; /* a unit that only one of them names, or names in its own way */
    if (claim->bare && claim->kind == CLAIM_NUMBER && ground->kind != CLAIM_NUMBER)
        return ground->written == claim->written;
    if (about_third(ground, claim))
        return true;
    if (nights_are_days(ground, claim) || nights_are_days(claim, ground))
        return true;
    if ((months_are_days(ground, claim) && !(ground->ground_only && ground->value == 1)) ||
        months_are_days(claim, ground) || about_days(ground, claim))
        return true;
    if (!same_value(ground, claim))
        return false;
    if (ground->kind == claim->kind)
        return strcmp(ground->unit, claim->unit) == 0;
    return money &&
           (claim->value != floor(claim->value) || (claim->kind == CLAIM_AMOUNT && claim->value >= AMOUNT_LEAST));
}

static bool date_supports(const struct fact *ground, const struct fact *claim)
{
    if (*claim->form || *ground->form)
        return strcmp(ground->form, claim->form) == 0;
    if ((!ground->month && ground->day) || (!claim->month && claim->day))
        return ground->day == claim->day;
    if (ground->month == claim->month && ground->part == END_OF_MONTH && claim->day >= MONTH_DAYS_LEAST)
        return true; /* "until the end of May" */
    if (ground->part && claim->part && ground->part != claim->part)
        return false;
    return ground->month == claim->month && (ground->day == claim->day || !claim->day) &&
           (ground->year == claim->year || !ground->year || !claim->year);
}

/* "within one working day" is the next day. */
static bool is_next_day(const struct fact *ground, const struct fact *claim)
{
    return (strcmp(claim->form, "next day") == 0 || strcmp(claim->form, "day before") == 0) &&
           ground->kind == CLAIM_DURATION && ground->value == 1 &&
           (strcmp(ground->unit, "day") == 0 || strcmp(ground->unit, "wday") == 0);
}

static bool ends_alike(const char *one, const char *other)
{
    size_t a = strlen(one), b = strlen(other), least = a < b ? a : b;

    return a == b ? strcmp(one, other) == 0 : least >= SUFFIX_LEAST && strcmp(one + a - least, other + b - least) == 0;
}

/* The same address, or the front page of the same site. */
static bool link_supports(const char *ground, const char *claim)
{
    size_t len = strlen(claim);

    return strncmp(ground, claim, len) == 0 && (ground[len] == '\0' || (ground[len] == '/' && !strchr(claim, '/')));
}

/* A time on a clock face is either half of the day's. */
static bool same_time(const struct fact *ground, const struct fact *claim)
{
    double apart = fabs(ground->value - claim->value);
    bool face = *ground->unit || *claim->unit;

    bool midnight = *claim->form && apart <= 1; /* 23:59 */

    if (*ground->form && !*claim->form &&
        (strcmp(ground->form, "about midnight") == 0 || fmod(claim->value, MINUTES_PER_DAY) != 0))
        return false; /* "after midnight" in a mail is no hour of ours */
    return apart < VALUE_TOLERANCE || midnight || fabs(apart - MINUTES_PER_DAY) < VALUE_TOLERANCE ||
           (face && fabs(apart - MINUTES_PER_FACE) < VALUE_TOLERANCE);
}

/* Opening hours are often written without any word for time: "8-20", "6.30 to 10.30". */
static bool bare_at(const struct fact *ground, double minutes)
{
    double hour = floor(minutes / MINUTES_PER_HOUR), rest = minutes - hour * MINUTES_PER_HOUR;

    if (ground->kind == CLAIM_DATE)
        return rest > 0 && !ground->year && !*ground->form && ground->day == (int)hour && ground->month == (int)rest;
    return ground->kind == CLAIM_NUMBER && reads_as_time(ground, minutes);
}

/* "five past six" is 18.05, too. */
static bool bare_time(const struct fact *ground, const struct fact *claim)
{
    return bare_at(ground, claim->value) ||
           (*claim->unit && bare_at(ground, fmod(claim->value + MINUTES_PER_FACE, MINUTES_PER_DAY)));
}

/* 3/5 is a share or the third of May. */
static bool is_day_and_month(const struct fact *ground, const struct fact *claim)
{
    char form[FACT_FORM_MAX];

    snprintf(form, sizeof form, "%d/%d", ground->day, ground->month);
    return ground->kind == CLAIM_DATE && strcmp(form, claim->form) == 0;
}

bool fact_supports(const struct fact *ground, const struct fact *claim)
{
    switch (claim->kind) {
    case CLAIM_NUMBER:
    case CLAIM_MEASURE:
    case CLAIM_AMOUNT:
    case CLAIM_DURATION:
        return quantity_supports(ground, claim);
    case CLAIM_TIME:
        return (ground->kind == CLAIM_TIME && same_time(ground, claim)) || bare_time(ground, claim);
    case CLAIM_DATE:
        if (strcmp(claim->form, "tomorrow") == 0 && strcmp(ground->form, "next day") == 0)
            return true; /* of what is today */
        return (ground->kind == CLAIM_DATE && date_supports(ground, claim)) || is_next_day(ground, claim) ||
               (claim->month && (ground->kind == CLAIM_MEASURE || ground->kind == CLAIM_AMOUNT) &&
                reads_like(claim, ground->written)) || /* "stops at 2.4." */
               (ground->kind == CLAIM_NUMBER &&
                (reads_like(claim, ground->value) || (!claim->month && claim->day && claim->day == ground->value)));
    case CLAIM_REFERENCE:
        if (is_day_and_month(ground, claim))
            return true; /* fall through */
    case CLAIM_PHONE:    /* 116 116 reads like a number */
        if (ground->kind == CLAIM_NUMBER)
            return strspn(claim->form, "0123456789") == strlen(claim->form) &&
                   ground->value == strtod(claim->form, NULL);
        return (ground->kind == CLAIM_REFERENCE || ground->kind == CLAIM_PHONE) &&
               ends_alike(ground->form, claim->form);
    case CLAIM_LINK:
        return ground->kind == CLAIM_LINK && link_supports(ground->form, claim->form);
    case CLAIM_EMAIL:
        return ground->kind == CLAIM_EMAIL && strcmp(ground->form, claim->form) == 0;
    case CLAIM_NAME:
    case CLAIM_PROMISE:
    case CLAIM_ACTION:
    case CLAIM_DENIAL:
    case CLAIM_KINDS:
        break;
    }
    return false;
}
