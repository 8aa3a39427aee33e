/* What follows from the texts where no value of theirs is said again: sums and differences, rounded, read off the
 * calendar, within a range, in another unit, at the end of a period. Each sets the claim's source where the texts bear
 * it. Pure. */
#ifndef TRIAGED_CLAIMS_CLAIM_CONCLUSIONS_H
#define TRIAGED_CLAIMS_CLAIM_CONCLUSIONS_H

#include "claims/ground.h"

/* A fact of the draft among its neighbours, and the texts. */
struct conclusion {
    const struct folded *draft;
    const struct fact_list *facts; /* of the draft */
    const struct fact *fact;       /* one of them */
    const struct ground *grounds;
    size_t n;
    const bool *borne; /* of each fact of the draft before this one, whether the texts bear it */
    bool stands;       /* a text has the value, but says it of something else */
};

/* The fact with another unit, or as the end of a name and a number. */
void claim_reading_support(struct claim *claim, const struct conclusion *self);
/* "three sizes", where a text names small, medium and large. */
void claim_counted_support(struct claim *claim, const struct conclusion *self);
/* "three weeks altogether", "15 degrees more", "the other ten". */
void claim_arithmetic_support(struct claim *claim, const struct conclusion *self);
/* "exactly two weeks later"; "by 30 November" where the source has "before 1 December". */
void claim_calendar_support(struct claim *claim, const struct conclusion *self);
/* "by 13:35" of "45 minutes before departure"; the day of the week of a date. */
void claim_relative_support(struct claim *claim, const struct conclusion *self);
/* "almost three hours" of 2 h 45, "knapp neun Euro" of 8.99. */
void claim_rounded_support(struct claim *claim, const struct conclusion *self);
/* "around 20 degrees" of 15-25; "more than four" said as "five or more". */
void claim_range_support(struct claim *claim, const struct conclusion *self);
/* "10 cm" of 4 inches, "one inch" of "an inch". */
void claim_converted_support(struct claim *claim, const struct conclusion *self);
/* "one euro plus ten times 25 cents", "eight times that", "five adults for 26 children". */
void claim_worked_support(struct claim *claim, const struct conclusion *self);
/* "until March 2033" of ten years, "six days a week" of Monday to Saturday. */
void claim_period_support(struct claim *claim, const struct conclusion *self);
/* "four bags" of "bags A to D", "three pages" of "pages 14, 15 and 32". */
void claim_labelled_support(struct claim *claim, const struct conclusion *self);
/* "£93.50", where the draft has eleven bags at £8.50 each: of two values, of which the draft names one. */
void claim_reckoned_support(struct claim *claim, const struct conclusion *self);
/* "three days on" of Tuesday and Friday; "so until 4 February" of ten days before the 14th. */
void claim_dated_support(struct claim *claim, const struct conclusion *self);

/* All of them, until one bears it. */
void claim_conclusion_support(struct claim *claim, const struct conclusion *self);

/* "Tuesday, 2 February", where the text has that date with a year in which it is a Monday. */
bool claim_day_is_other(const struct conclusion *self);

/* "two small things", "do ring today", "for example in August": no claim about the matter. */
bool claim_is_by_the_way(const struct conclusion *self);

/* Whether the draft says with a word ("almost", "about") that its value is a round one of this exact one. */
bool claim_rounds(const struct folded *draft, const struct fact *fact, double exact);

#endif
