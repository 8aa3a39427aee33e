/* Which use case a ticket belongs to. Without triage.profiles_file there is one, of the keys of triage.* themselves;
 * with it, a table: the first row whose conditions hold, and the last row may have none. Contract:
 * schemas/profiles.v1.json. */
#ifndef TRIAGED_POLICY_PROFILES_H
#define TRIAGED_POLICY_PROFILES_H

#include "policy/config.h"
#include "triage/policy.h"
#include "triage/ticket.h"

#define PROFILE_WEIGHT_MAX 1000

/* One row; what it does not give is the value of the same key of triage.*. */
struct profile {
    const char *name; /* "" without a table: the policy's own */
    const char *policy_file, *classifier_file, *promise_file, *priority_classifier_file;
    const char *knowledge_dir, *knowledge_vectors_file;
    const char *audit_key; /* the secret itself, "" none */
    int audit_percent;
    int draft_budget; /* drafts per hour and lane, 0: none, -1: no bound */
    int weight;       /* its part of the model's slots against those of others */
};

struct profiles; /* const after loading */

/* config is borrowed and outlives it. */
int profiles_load(const struct config *config, struct profiles **ret_profiles, struct err *reterr);
void profiles_free(struct profiles *self);
size_t profiles_count(const struct profiles *self);
const struct profile *profiles_at(const struct profiles *self, size_t index); /* NULL beyond the last */
/* The row of that name; without a name the only one. Several and no name, or none of that name: an error that lists
 * them. */
int profiles_named(const struct profiles *self, const char *name, size_t *ret_index, struct err *reterr);
/* -1: no row takes it. Asks for nothing of the ticket but what rows may ask: tenant, source, channel and tags. */
int profiles_match(const struct profiles *self, const struct ticket *ticket);
/* Makes the configuration that of one profile: its files stand under triage.* then, and there is no table any more. Without
 * a table and a name nothing changes. For commands that look at one profile at a time. */
int profiles_choose(struct config *config, const char *name, struct err *reterr);
void profiles_print(const struct profiles *self, FILE *out); /* YAML comments, secrets left out */

#endif
