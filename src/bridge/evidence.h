/* The evidence of a class for the ladder: from the queue, the snapshot in force, and triage.control. */
#ifndef TRIAGED_BRIDGE_EVIDENCE_H
#define TRIAGED_BRIDGE_EVIDENCE_H

#include "decide/ladder.h"
#include "queue/queue.h"
#include "snapshot/snapshot.h"

struct evidence_source {
    struct queue *queue;
    const struct snapshot_profile *profile;
    const struct controls *controls; /* NULL: not asked */
};

/* ret_found: what the queue said of it. */
int evidence_of(const struct evidence_source *source, const struct policy_class *class, struct ladder_evidence *ret_evidence, struct queue_evidence *ret_found,
                struct err *reterr);
/* The same as one JSON object, for the record; owned. */
char *evidence_json(const struct ladder_evidence *evidence, const struct queue_evidence *found, const char *promise);
struct queue_class evidence_class(const struct snapshot_profile *profile, const char *label);

#endif
