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
/* Asked before a draft is begun. True: it is stopped or taken over, gets none, and was made what is allowed. */
bool gate_keeps_undrafted(const struct gate *self, struct decision *decision);
/* Makes of a decision what is allowed now; an answer on hold becomes a review that releases itself. True: it changed.
 */
bool gate_apply(const struct gate *self, struct decision *decision);
/* The same with what triage.control says at hand: for deciding again what was decided under it. What changed the
 * decision is kept in its controls. */
bool gate_obey(const struct control_answer *said, struct decision *decision);

#endif
