/* The compacted topic of positions: where the relay stands, and a marker for every partition that a lane ever had. */
#ifndef TRIAGED_KAFKA_POSITIONS_H
#define TRIAGED_KAFKA_POSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
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

/* A backfill: what differs in any of these is another one, and has positions of its own. */
struct positions_job {
    const char *kind, *source; /* file and its SHA-256, or topic and its name */
    const char *target;        /* the topic that is filled */
    const char *name;          /* as asked for, of any length; "" none */
};
/* Names it in keys and in its transactional id: a hash of all of it and of the group. */
void positions_job_id(const struct config_kafka *config, const struct positions_job *job, char out[SHA256_HEX_MAX]);
void positions_job_key(const struct config_kafka *config, const char *id, size_t part, char out[POSITIONS_KEY_MAX]);
void positions_job_name(const struct config_kafka *config, const char *id, char out[POSITIONS_KEY_MAX]);

/* A message that sets key to the number (a marker's number is 0). */
void positions_message(const char *key, int64_t number, struct message *ret_message);

/* Reads the topic to its end under read_committed: whether the key has a value, and its number. */
int positions_read(const struct config_kafka *config, const char *key, bool *ret_found, int64_t *ret_number,
                   struct err *reterr);

#endif
