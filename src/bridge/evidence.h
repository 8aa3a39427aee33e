/* The evidence of a class for the ladder: from the queue, the snapshot in force, and triage.control. */
#ifndef TRIAGED_BRIDGE_EVIDENCE_H
#define TRIAGED_BRIDGE_EVIDENCE_H

#include "decide/ladder.h"
#include "queue/queue.h"
#include "snapshot/snapshot.h"

/* ret_found: what the queue said of it. controls: NULL: not asked. */
int evidence_of(struct queue *queue, const struct snapshot *snapshot, const struct controls *controls,
                const struct policy_class *class, struct ladder_evidence *ret_evidence, struct queue_evidence *ret_found,
                struct err *reterr);
/* The same as one JSON object, for the record; owned. */
char *evidence_json(const struct ladder_evidence *evidence, const struct queue_evidence *found, const char *promise);
struct queue_class evidence_class(const struct snapshot *snapshot, const char *label);

#endif
