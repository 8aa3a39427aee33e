/* The rules of a policy that run before the models: conditions on a ticket, and what follows when all of them hold. */
#ifndef TRIAGED_POLICY_RULES_H
#define TRIAGED_POLICY_RULES_H

#include "policy/yaml.h"
#include "triage/policy.h"

struct rules; /* const after loading: any number of threads may match at once */

/* list is the sequence of rules, NULL when there is none; the strings of yaml are borrowed. */
int rules_load(const struct yml *yaml, const struct yml_node *list, struct rules **ret_rules, struct err *reterr);
void rules_free(struct rules *self);

/* As policy_match. */
int rules_match(const struct rules *self, const struct ticket *ticket, struct rule_hit *ret_hit, struct err *reterr);

#endif
