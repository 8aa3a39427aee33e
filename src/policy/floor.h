/* The central floor under every profile: values that a policy may tighten and never loosen, and rules that run before its
 * own. Const after loading. */
#ifndef TRIAGED_POLICY_FLOOR_H
#define TRIAGED_POLICY_FLOOR_H

#include "policy/rules.h"
#include "policy/yaml.h"
#include "triage/err.h"

struct floor;

int floor_load(const char *path, struct floor **ret_floor, struct err *reterr);
void floor_free(struct floor *self);
const char *floor_hash(const struct floor *self); /* SHA-256 hex of the file */
const char *floor_owner(const struct floor *self);
const struct rules *floor_rules(const struct floor *self);

/* The least threshold that a class may have; 0 without a bound. */
double floor_threshold(const struct floor *self, const char *label);

/* Refuses a policy that is looser in any key, or takes the id of a rule of the floor. */
int floor_prove(const struct floor *self, const struct yml *policy, struct err *reterr);

#endif
