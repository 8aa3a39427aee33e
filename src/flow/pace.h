/* When a backfill may begin its next transaction, and with how many tickets. Pure: the time and what waits are told.
 *
 * Invariants: what is sent within any time is never more than the rate gives it, and one batch; what was not sent is
 * not made up for later. The backlog with what is sent never exceeds its limit. docs/SIMULATE.md has the states. */
#ifndef TRIAGED_FLOW_PACE_H
#define TRIAGED_FLOW_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_BATCH_MAX         500 /* tickets of one transaction */
#define PACE_BATCHES_A_SECOND  4   /* at least, so that a low rate is even */
#define PACE_BACKLOG_LIMIT     8   /* the limit unless another is asked for */
#define PACE_BACKLOG_LIMIT_MAX 1000

struct pace {
    double rate;          /* tickets a second, at most; > 0 */
    size_t backlog_limit; /* tickets that may wait; 0: no limit */
    int64_t due_us;       /* no transaction begins before */
    int64_t backoff_us;   /* how long it backs off the next time */
};

void pace_init(struct pace *self, double rate, size_t backlog_limit, int64_t now_us);
/* Tickets of the next transaction with such a backlog: 0 means back off. Without a limit the backlog is not looked at.
 */
size_t pace_batch(const struct pace *self, size_t backlog);
/* So many were sent in a transaction whose turn began then: the next is due when the rate has room for them. */
void pace_sent(struct pace *self, size_t tickets, int64_t began_us);
/* Backs off: how long until the backlog is counted again. */
int64_t pace_backoff(struct pace *self);

#endif
