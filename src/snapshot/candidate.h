/* The candidate of a canary: a policy, classifier and promise that stand in for those of one profile. Only src/snapshot
 * includes this. */
#ifndef TRIAGED_SNAPSHOT_CANDIDATE_H
#define TRIAGED_SNAPSHOT_CANDIDATE_H

#include <stdbool.h>

#include "decide/promise.h"
#include "policy/config.h"
#include "policy/profiles.h"
#include "triage/classifier.h"
#include "triage/policy.h"

struct candidate {
    int of; /* index of the profile; -1: there is no candidate */
    struct policy *policy;
    struct classifier *classifier;
    struct promise promise;
    bool promised;
};

/* names: of the profiles, as their policies say; rows of the table in the same order. */
int candidate_load(const struct config *config, const struct profiles *table, const char *const *names,
                   struct candidate *ret_candidate, struct err *reterr);
void candidate_done(struct candidate *self);

#endif
