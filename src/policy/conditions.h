/* What a rule asks: typed conditions on a ticket, and on what a model said of it. All of a set must hold. */
#ifndef TRIAGED_POLICY_CONDITIONS_H
#define TRIAGED_POLICY_CONDITIONS_H

#include <stdbool.h>

#include "policy/hours.h"
#include "policy/yaml.h"
#include "triage/policy.h"

struct conditions; /* const after loading: any number of threads may ask at once */

/* node is the mapping under 'when', where its path; the strings of yaml and hours (NULL: the policy names none) are
 * borrowed. */
int conditions_load(const struct yml *yaml, const struct yml_node *node, const char *where, const struct hours *hours,
                    struct conditions **ret_conditions, struct err *reterr);
void conditions_free(struct conditions *self);
bool conditions_need_label(const struct conditions *self); /* true: they can only be asked after the models */

struct matcher; /* one question, with the scratch of its patterns */
int matcher_new(const struct rule_view *view, struct matcher **ret_matcher, struct err *reterr);
void matcher_free(struct matcher *self);
/* 1 all hold, 0 not, -1 a pattern ran into its limit. */
int conditions_hold(const struct conditions *self, const struct matcher *matcher);

#endif
