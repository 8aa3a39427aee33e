/* What every Kafka client of ours is set to, and what its errors mean. Only files of src/kafka include this. */
#ifndef TRIAGED_KAFKA_SETTINGS_H
#define TRIAGED_KAFKA_SETTINGS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "policy/config.h"
#include "triage/err.h"

#define KAFKA_PRODUCE_BYTES_MAX       1000000 /* of one message; a larger result becomes a small dead letter */
#define KAFKA_TRANSACTION_DEADLINE_MS 8000    /* below transaction.timeout.ms: then the outcome is read, not guessed */
#define KAFKA_SLICE_MS                100     /* one try of a blocking call */

struct kafka_setting {
    const char *name, *value;
};

/* Bootstrap servers, kafka.properties, client.id and the log callback, then the given settings (ended by a NULL name).
 * The caller owns *ret_conf until it opens a client with it. */
int kafka_conf(const struct config_kafka *config, const char *client_id, const struct kafka_setting *settings,
               rd_kafka_conf_t **ret_conf, struct err *reterr);
/* The same of a consumer that reads outside any group: it joins none and commits nothing, begins with the first record
 * kept, and is told where a partition ends. */
int kafka_reader_conf(const struct config_kafka *config, const char *client_id, const struct kafka_setting *settings,
                      rd_kafka_conf_t **ret_conf, struct err *reterr);
int kafka_open(rd_kafka_type_t type, rd_kafka_conf_t *conf_take, rd_kafka_t **ret_client, struct err *reterr);

/* The class of an error code, and the sentence; always -1. */
int kafka_err(struct err *reterr, rd_kafka_resp_err_t code, const char *what);
enum err_class kafka_err_class(rd_kafka_resp_err_t code);
/* True when the message itself is at fault, whatever the state of the cluster. */
bool kafka_err_blames_message(rd_kafka_resp_err_t code);

void kafka_list_done(rd_kafka_topic_partition_list_t **list); /* for CLEANUP */
void kafka_error_done(rd_kafka_error_t **error);
void kafka_message_done(rd_kafka_message_t **message);

#endif
