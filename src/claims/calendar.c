/* The week's days by the C library, the distances without a year. */
#include "claims/calendar.h"

#include <time.h>

enum { FIRST_YEAR = 1900 }; /* of struct tm */

static int day_of_year(const struct fact *date)
{
    static const int before[MONTHS_OF_YEAR] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    return before[date->month - 1] + date->day;
}

int calendar_days_between(const struct fact *one, const struct fact *other)
{
    return (day_of_year(other) - day_of_year(one) + DAYS_OF_YEAR) % DAYS_OF_YEAR;
}

int calendar_week_day(int year, int month, int day)
{
    struct tm date = {.tm_year = year - FIRST_YEAR, .tm_mon = month - 1, .tm_mday = day};

    (void)timegm(&date);
    return (date.tm_wday + DAYS_OF_WEEK - 1) % DAYS_OF_WEEK;
}
