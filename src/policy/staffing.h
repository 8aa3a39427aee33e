/* Staffing: which groups have how many people for reviews, at which hours of the week. Knows the words of the policy,
 * not what is planned with them. */
#ifndef TRIAGED_POLICY_STAFFING_H
#define TRIAGED_POLICY_STAFFING_H

#include "policy/yaml.h"
#include "triage/decision.h"

/* node: the mapping staffing {zone, shifts, relief}. *ret_json as policy_staffing gives it; the caller frees it with
 * mem_free. */
int staffing_load(const struct yml *yaml, const struct yml_node *node, char **ret_json, enum review_state *ret_relief,
                  struct err *reterr);

#endif
