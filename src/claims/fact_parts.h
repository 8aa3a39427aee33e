/* What the readers of facts are put together of. Each takes what stands at this place and says how many bytes that
 * were, 0 for none. */
#ifndef TRIAGED_CLAIMS_FACT_PARTS_H
#define TRIAGED_CLAIMS_FACT_PARTS_H

#include "claims/facts.h"

/* At most `most` digits, no more behind them. */
size_t fact_read_int(const struct folded *text, size_t at, size_t most, int *ret_value);
/* A number in digits or in words, a half with it: "two and a half". */
size_t fact_read_number(const struct folded *text, size_t at, struct fact *fact, bool *ret_spelled);

/* The unit behind a number, blanks or a dash and some words between; the fact's value becomes one of that unit. */
size_t fact_read_unit(const struct folded *text, size_t at, struct fact *fact);
/* 2-4 days, 2 to 4 days: the first number, which ends at `at`, has the unit of the second. */
bool fact_unit_of_range(const struct folded *text, size_t start, size_t at, struct fact *fact);
/* The currency before the number: EUR 9.90. */
size_t fact_read_prefixed(const struct folded *text, size_t at, struct fact *fact);

/* "half a day", "anderthalb Stunden", "quarter of an hour". */
size_t fact_read_part(const struct folded *text, size_t at, struct fact *fact);
/* "two thirds", "7/8". */
size_t fact_read_fraction(const struct folded *text, size_t at, struct fact *fact);

/* A day of the week, a day near by. */
size_t fact_read_day_word(const struct folded *text, size_t at, struct fact *fact);
/* A day with a name of its own: its date. */
size_t fact_read_feast(const struct folded *text, size_t at, struct fact *fact);

#endif
