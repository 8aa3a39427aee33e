#include "decide/relief.h"

static enum review_state up(enum review_state now, int streak)
{
    if (now == REVIEW_NORMAL)
        return streak >= RELIEF_TIGHT_AFTER ? REVIEW_TIGHT : now;
    return streak >= RELIEF_OVER_AFTER ? REVIEW_OVER : now;
}

/* From over the first six plans lead to tight, and six more to normal. */
static enum review_state down(enum review_state now, int streak)
{
    if (now == REVIEW_OVER)
        return streak >= RELIEF_CLEAR_AFTER ? REVIEW_TIGHT : now;
    return streak >= 2 * RELIEF_CLEAR_AFTER ? REVIEW_NORMAL : now;
}

enum review_state relief_next(enum review_state now, enum review_state most, const struct relief_plan *plan)
{
    enum review_state next;

    if (!plan->known)
        return REVIEW_NORMAL;
    next = plan->overloaded ? up(now, plan->streak) : down(now, plan->streak);
    return next < most ? next : most;
}
