/* The group's committed offsets as an operator sees and sets them, from outside the group. */
#ifndef TRIAGED_KAFKA_OFFSETS_H
#define TRIAGED_KAFKA_OFFSETS_H

#include "kafka/consumer.h"
#include "policy/config.h"
#include "triage/err.h"

/* Positions of every partition of the ticket topic for the worker's group. The caller frees with offsets_done. */
int offsets_read(const struct config_kafka *config, struct consumer_position **ret_positions, size_t *ret_n,
                 struct err *reterr);
void offsets_done(struct consumer_position *positions, size_t n);

/* Sets the group's offset of one partition, without metadata. The broker refuses while the group has members: permanent,
 * with what to do. */
int offsets_set(const struct config_kafka *config, int partition, int64_t offset, struct err *reterr);

#endif
