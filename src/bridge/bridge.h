/* The two threads between Kafka and Postgres. feeder: triage.reviews → the queue. relay: the outbox → triage.results and
 * triage.audits. Neither is on the path of a ticket that needs no person: when Postgres is away they wait. */
#ifndef TRIAGED_BRIDGE_BRIDGE_H
#define TRIAGED_BRIDGE_BRIDGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"

/* Each runs until *stop is set (0) or a fatal error (-1): one that no new try can mend, with what to do. */
int feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr);
int relay_run(const struct config *config, const _Atomic int *stop, struct err *reterr);

/* Waits us microseconds, or less when *stop is set meanwhile. */
void bridge_wait(const _Atomic int *stop, int64_t us);

#endif
