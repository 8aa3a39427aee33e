/* The topics and their settings: one table makes them, checks them, and documents them. */
#ifndef TRIAGED_KAFKA_TOPICS_H
#define TRIAGED_KAFKA_TOPICS_H

#include "base/buf.h"
#include "policy/config.h"
#include "triage/err.h"

/* Creates what is missing. ret_report gets a line per topic. */
int topics_create(const struct config_kafka *config, struct buf *ret_report, struct err *reterr);
/* Checks existence, partitions and settings of every topic, and whether the keys of recent tickets lie where our
 * partitioner puts them. 0 all right; -1 with the first fault and what to do; ret_report has a line per topic. */
int topics_check(const struct config_kafka *config, struct buf *ret_report, struct err *reterr);

/* Java's default partition of a key: murmur2, sign bit cleared. */
int topics_partition_of(const void *key, size_t len, int partitions);

#endif
