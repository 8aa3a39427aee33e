/* A lane: one thread with its own consumer, transactional producer, model connections and tickets. Shares nothing but the
 * snapshot, which is const. */
#ifndef TRIAGED_LANE_LANE_H
#define TRIAGED_LANE_LANE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "decide/audit.h"
#include "decide/promise.h"
#include "policy/config.h"
#include "triage/classifier.h"
#include "triage/controls.h"
#include "triage/err.h"
#include "triage/policy.h"

/* What all lanes read; const while they run, but for the controls, which one thread changes. */
struct snapshot {
    const struct config *config;
    struct policy *policy;
    struct classifier *classifier;
    struct controls *controls;
    struct promise promise;
    char promise_id[SHA256_HEX_MAX]; /* of the promise file; "" none asked for */
    unsigned char audit_key[AUDIT_KEY_BYTES];
    char knowledge_hash[SHA256_HEX_MAX];
};

int snapshot_load(const struct config *config, struct snapshot *ret_snapshot, struct err *reterr);
/* Every label that the classifier can give must be a class of the policy. */
int snapshot_check_labels(const struct classifier *classifier, const struct policy *policy, struct err *reterr);
void snapshot_done(struct snapshot *self);

struct lane; /* opaque */

int lane_new(const struct snapshot *snapshot, int number, struct lane **ret_lane, struct err *reterr);
/* Runs until *stop is set and everything is drained, or until a fatal error: then -1. stop 1: drain; 2: at once. */
int lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr);
void lane_free(struct lane *self);

#endif
