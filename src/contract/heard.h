/* What triage.control said of a decision, as the member controls of a result: written, and read to decide again. */
#ifndef TRIAGED_CONTRACT_HEARD_H
#define TRIAGED_CONTRACT_HEARD_H

#include "base/json.h"
#include "triage/decision.h"

bool controls_were_heard(const struct decision_controls *controls); /* false: there is nothing to write */
cJSON *heard_json(const struct decision_controls *controls);
/* NULL, or what is no such member: nothing was heard. */
struct decision_controls heard_read(const cJSON *member);

#endif
