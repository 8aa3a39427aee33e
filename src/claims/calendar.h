/* Days between dates and days of the week, worked out. Pure. */
#ifndef TRIAGED_CLAIMS_CALENDAR_H
#define TRIAGED_CLAIMS_CALENDAR_H

#include "claims/facts.h"

/* Days from one date to the next time that the other comes, 0 to 364. Both have a day and a month of 1 to 12. February
 * has 28 days: whoever works it out for a leap year is a day off. */
int calendar_days_between(const struct fact *one, const struct fact *other);

/* The day of the week, Monday 0. */
int calendar_week_day(int year, int month, int day);

#endif
