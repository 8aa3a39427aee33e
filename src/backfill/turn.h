/* Whether it is a backfill's turn: its rate is due and fewer tickets wait on the topic than may. */
#ifndef TRIAGED_BACKFILL_TURN_H
#define TRIAGED_BACKFILL_TURN_H

#include <stdbool.h>

#include "flow/pace.h"
#include "kafka/backlog.h"
#include "policy/config.h"
#include "triage/err.h"

struct turn {
    const char *topic, *group;
    struct pace pace;
    struct backlog *backlog; /* NULL: without a limit */
    struct backlog_count seen;
    int64_t began_us;         /* of the turn at hand */
    int64_t backoff_since_us; /* backs off since; 0: it does not */
    int64_t finished_us;      /* when something was last finished of the topic */
    int64_t silent_since_us;  /* Kafka does not answer since; 0: it does */
    bool said_unknown, said_still;
};

/* backlog_limit: the most tickets that may wait; 0: no limit. */
int turn_open(struct turn *self, const struct config_kafka *config, const char *topic, double rate,
              size_t backlog_limit, struct err *reterr);
void turn_close(struct turn *self);
/* *ret_batch tickets may be sent now; 0: ask again in *ret_wait_us. Says on stderr, once, why nothing may ever move. */
int turn_next(struct turn *self, size_t *ret_batch, int64_t *ret_wait_us, struct err *reterr);
/* So many were sent in this turn. */
void turn_sent(struct turn *self, size_t tickets);
/* For the progress line: it has backed off for a second. */
bool turn_backs_off(const struct turn *self);

#endif
