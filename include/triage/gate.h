/* The last look at triage.control before a decision goes out: what was decided a moment ago may be stopped, taken over
 * or allowed less by now. Pure. Only lowers: what it gave, looked at again, stays or falls further. */
#ifndef TRIAGE_GATE_H
#define TRIAGE_GATE_H

#include "triage/controls.h"
#include "triage/decision.h"
#include "triage/policy.h"

struct gate {
    const struct controls *controls; /* NULL: nothing is lowered */
    const struct policy *policy;
    const char *key; /* of the ticket */
    int64_t now_wall_us;
};

/* Whether no draft is wanted any more: the ticket is stopped, or a person has it. Gives the reason. */
bool gate_closed(const struct gate *self, const struct decision *decision, enum reason *ret_reason);
/* Makes of a decision what is allowed now; an answer on hold becomes a review that releases itself. True: it changed.
 */
bool gate_apply(const struct gate *self, struct decision *decision);

#endif
