/* The threads beside the lanes. feeder: triage.reviews → the queue. relay: the outbox → triage.results and
 * triage.audits. Neither is on the path of a ticket that needs no person: when Postgres is away they wait. */
#ifndef TRIAGED_BRIDGE_BRIDGE_H
#define TRIAGED_BRIDGE_BRIDGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "policy/config.h"
#include "snapshot/snapshot.h"
#include "triage/controls.h"
#include "triage/err.h"

/* Each runs until *stop is set (0) or a fatal error (-1): one that no new try can mend, with what to do. */
int feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr);
/* Also releases answers on hold, as the controls allow. */
int relay_run(const struct config *config, const struct controls *controls, const _Atomic int *stop, struct err *reterr);

/* Reads triage.control into the controls, for as long as the lanes run. */
int control_run(const struct config *config, struct controls *controls, const _Atomic int *stop, struct err *reterr);

/* Reads the topic of articles, where there is one, for as long as the lanes run, and puts each change in force. */
int knowledge_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);

/* Reads the verdicts of audits of the promise in force again and again; an alarm lowers the classes that carry the errors to
 * suggest. */
int watch_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);

/* Reads the topic of results and holds what it says against how it was; an alarm of drift that speaks against a class lowers
 * it to suggest. */
int drift_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);

/* Takes classes down whose evidence does not hold any more, where autonomy is earned. */
bool autonomy_is_earned(struct snapshots *snapshots); /* by some profile */
int autonomy_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);
/* Tells the queue who reviews when, as the policies say, and the log which groups cannot do what is due. */
int budget_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);

/* Checks waiting drafts again whose articles have changed. */
int recall_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr);

/* An operator's word on where the relay goes on, when it refuses to guess. Both stop when a relay runs; the transaction
 * fences one that comes back. */
/* Kafka lost the position: sequence is the last number that was published. Replaces what stands in the positions topic. */
int recover_set_position(const struct config *config, int64_t sequence, struct err *reterr);
/* The database is an older copy: its numbering goes on behind the position in Kafka, which is given back. */
int recover_accept_copy(const struct config *config, int64_t *ret_position, struct err *reterr);

/* Waits us microseconds, or less when *stop is set meanwhile. */
void bridge_wait(const _Atomic int *stop, int64_t us);

#endif
