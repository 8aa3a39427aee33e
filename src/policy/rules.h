/* The rules of a policy: conditions on a ticket and on what the models said, and what follows when all of them hold. */
#ifndef TRIAGED_POLICY_RULES_H
#define TRIAGED_POLICY_RULES_H

#include "policy/hours.h"
#include "policy/yaml.h"
#include "triage/policy.h"

struct rules; /* const after loading: any number of threads may match at once */

/* list is the sequence of rules, NULL when there is none; the strings of yaml and hours (NULL: none) are borrowed. */
int rules_load(const struct yml *yaml, const struct yml_node *list, const struct hours *hours, struct rules **ret_rules,
               struct err *reterr);
void rules_free(struct rules *self);

/* As policy_match (after false) and policy_match_after (true). */
int rules_match(const struct rules *self, const struct rule_view *view, bool after, struct rule_hit *ret_hit,
                struct err *reterr);
/* Adds what the rules change to changes, which begins with MODE_AUTO and nothing else. */
int rules_change(const struct rules *self, const struct rule_view *view, struct rule_changes *changes,
                 struct err *reterr);

#endif
