/* How far the review budget gives way: from the plans of one group to a state, one step at a time. The plans come every
 * few minutes and are counted where they are made, so that who looks seldom decides the same. Pure. */
#ifndef TRIAGED_DECIDE_RELIEF_H
#define TRIAGED_DECIDE_RELIEF_H

#include <stdbool.h>

#include "triage/decision.h"

/* Plans in a row, of which one comes about every five minutes. */
enum {
    RELIEF_TIGHT_AFTER = 2, /* that say overloaded, before thresholds move */
    RELIEF_OVER_AFTER = 8,  /* and before reviews are deferred: half an hour with moved thresholds was not enough */
    RELIEF_CLEAR_AFTER = 6  /* that say people keep up, for each step back */
};

struct relief_plan {
    bool known;      /* there is a plan, not older than CONTROL_BUDGET_LASTS_MAX_S, of a group that is staffed */
    bool overloaded; /* people can't do in time what is expected */
    int streak;      /* plans in a row that say so, or say the opposite; at least 1 */
};

/* most: the furthest that the policy allows. Without a plan the answer is normal. */
enum review_state relief_next(enum review_state now, enum review_state most, const struct relief_plan *plan);

#endif
