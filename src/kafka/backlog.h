/* What a worker's group has not finished of a topic, seen from outside the group. Counts records, not offsets: markers
 * of transactions and aborted records take offsets too, so lag by offsets would count what nobody will ever finish. */
#ifndef TRIAGED_KAFKA_BACKLOG_H
#define TRIAGED_KAFKA_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"

struct backlog;

struct backlog_count {
    size_t
        waiting; /* records that a worker would still be given, or has in hand; never more than the bound asked for */
    bool known;  /* the group has a position in the topic */
    int64_t finished; /* rises with what is finished: offsets of all partitions */
};

/* The group is the configuration's. Unknown topic: permanent, EX_CONFIG. */
int backlog_open(const struct config_kafka *config, const char *topic, struct backlog **ret_backlog,
                 struct err *reterr);
void backlog_close(struct backlog *self);
/* Counts up to the bound. Takes milliseconds; transient where Kafka does not answer in some seconds. */
int backlog_count(struct backlog *self, size_t bound, struct backlog_count *ret_count, struct err *reterr);

#endif
