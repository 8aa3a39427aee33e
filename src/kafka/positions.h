/* The compacted topic of positions: where the relay stands, and a marker for every partition that a lane ever had. */
#ifndef TRIAGED_KAFKA_POSITIONS_H
#define TRIAGED_KAFKA_POSITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"
#include "triage/result.h"

#define POSITIONS_KEY_MAX 512

/* Keys of the topic. */
void positions_lane_key(const struct config_kafka *config, int partition, char out[POSITIONS_KEY_MAX]);
void positions_relay_key(const struct config_kafka *config, char out[POSITIONS_KEY_MAX]);

/* The key of an operator's skip of a partition, so that it stands on record. */
void positions_skip_key(const struct config_kafka *config, int partition, int64_t to, char out[POSITIONS_KEY_MAX]);
/* The transactional id of the relay: whoever opens it fences every other. */
void positions_relay_name(const struct config_kafka *config, char out[POSITIONS_KEY_MAX]);

/* A message that sets key to the number (a marker's number is 0). */
void positions_message(const char *key, int64_t number, struct message *ret_message);

/* Reads the topic to its end under read_committed: whether the key has a value, and its number. */
int positions_read(const struct config_kafka *config, const char *key, bool *ret_found, int64_t *ret_number,
                   struct err *reterr);

#endif
