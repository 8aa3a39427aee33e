/* A lane: one thread with its own consumer, transactional producer, model connections and tickets. Shares nothing but the
 * snapshot in force, which never changes; after a reload it takes the new one for what it admits from then on. */
#ifndef TRIAGED_LANE_LANE_H
#define TRIAGED_LANE_LANE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "snapshot/snapshot.h"
#include "triage/err.h"

struct lane; /* opaque */

/* The snapshots are borrowed. */
int lane_new(struct snapshots *snapshots, int number, struct lane **ret_lane, struct err *reterr);
/* Runs until *stop is set and everything is drained, or until a fatal error: then -1. stop 1: drain; 2: at once. */
int lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr);
void lane_free(struct lane *self);

#endif
