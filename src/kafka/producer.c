/* The transactional producer: what each end of a transaction call means stands here and nowhere else. */
#include "kafka/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kafka/settings.h"

enum {
    INIT_DEADLINE_MS = 15000, /* a predecessor's open transaction has to end first */
    INIT_SLICE_MS = 1000,
    METADATA_MS = 5000,
    PRODUCER_TOPICS = 6,
};

struct producer {
    rd_kafka_t *client;
    rd_kafka_topic_t *topics[PRODUCER_TOPICS]; /* known from the start, so that no first message waits for metadata */
    bool message_failed; /* a delivery report of this transaction said that its message is at fault */
    bool broken;         /* an abort failed: only a new producer helps */
};

static void on_delivery(UNUSED rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    struct producer *self = opaque;

    if (message->err && kafka_err_blames_message(message->err))
        self->message_failed = true;
}

static int init_transactions(struct producer *self, struct err *reterr)
{
    int64_t deadline = clock_mono_us() + INIT_DEADLINE_MS * 1000LL;

    for (;;) {
        CLEANUP(kafka_error_done) rd_kafka_error_t *error = rd_kafka_init_transactions(self->client, INIT_SLICE_MS);
        if (!error)
            return 0;
        if (rd_kafka_error_is_retriable(error) && clock_mono_us() < deadline)
            continue;
        kafka_err(reterr, rd_kafka_error_code(error), rd_kafka_error_string(error));
        if (rd_kafka_error_is_retriable(error))
            reterr->class = ERR_TRANSIENT;
        return err_context(reterr, "the transactional producer can't start");
    }
}

/* A first message to an unknown topic waits up to a second for its leader. Asked beforehand, for all at once. */
static void learn_topics(struct producer *self, const struct config_kafka *config)
{
    const char *const names[PRODUCER_TOPICS] = {config->topic_results, config->topic_reviews, config->topic_deadletter,
                                                config->topic_positions, config->topic_audits, config->topic_control};
    const struct rd_kafka_metadata *metadata = NULL;

    for (size_t i = 0; i < PRODUCER_TOPICS; i++)
        self->topics[i] = rd_kafka_topic_new(self->client, names[i], NULL);
    if (rd_kafka_metadata(self->client, 0, NULL, &metadata, METADATA_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
}

int producer_open(const struct config_kafka *config, const char *transactional_id, struct producer **ret_producer,
                  struct err *reterr)
{
    char timeout[16], bytes[16];
    const struct kafka_setting fixed[] = {
        {"transactional.id", transactional_id},
        {"transaction.timeout.ms", timeout},
        {"message.timeout.ms", timeout},
        {"linger.ms", "0"},
        {"retry.backoff.ms", "5"},
        {"message.max.bytes", bytes},
        {"batch.size", "65536"}, /* a topic's max.message.bytes is held against whole batches */
        {"partitioner", "murmur2_random"},
        {"queue.buffering.max.messages", "200000"},
        {"reconnect.backoff.max.ms", "1000"},
        {NULL, NULL},
    };
    struct producer *self = mem_alloc(sizeof *self);
    rd_kafka_conf_t *conf;

    snprintf(timeout, sizeof timeout, "%d", config->transaction_timeout_ms);
    snprintf(bytes, sizeof bytes, "%d", KAFKA_PRODUCE_BYTES_MAX);
    if (kafka_conf(config, transactional_id, fixed, &conf, reterr) < 0) {
        mem_free(self);
        return -1;
    }
    rd_kafka_conf_set_opaque(conf, self);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    if (kafka_open(RD_KAFKA_PRODUCER, conf, &self->client, reterr) < 0 || init_transactions(self, reterr) < 0) {
        producer_close(self);
        return -1;
    }
    learn_topics(self, config);
    *ret_producer = self;
    return 0;
}

void producer_close(struct producer *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < PRODUCER_TOPICS; i++) {
        if (self->topics[i])
            rd_kafka_topic_destroy(self->topics[i]);
    }
    if (self->client) {
        rd_kafka_purge(self->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_destroy(self->client);
    }
    mem_free(self);
}

bool producer_broken(const struct producer *self)
{
    return self->broken;
}

void producer_poll(struct producer *self)
{
    rd_kafka_poll(self->client, 0);
}

int producer_begin(struct producer *self, struct err *reterr)
{
    CLEANUP(kafka_error_done) rd_kafka_error_t *error = NULL;

    self->message_failed = false;
    if (self->broken)
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the producer has to be made anew");
    error = rd_kafka_begin_transaction(self->client);
    if (!error)
        return 0;
    self->broken = true;
    return kafka_err(reterr, rd_kafka_error_code(error), rd_kafka_error_string(error));
}

static rd_kafka_headers_t *headers_of(const struct message *message)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->n_headers);

    for (size_t i = 0; i < message->n_headers; i++)
        rd_kafka_header_add(headers, message->header_names[i], -1, message->header_values[i],
                            (ssize_t)message->header_lens[i]);
    return headers;
}

enum produce_end producer_send(struct producer *self, const char *topic, const struct message *message,
                               struct err *reterr)
{
    rd_kafka_headers_t *headers = headers_of(message);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        self->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(message->key, message->key_len),
        RD_KAFKA_V_VALUE(message->value, message->value_len), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);

    if (!code)
        return PRODUCE_OK;
    rd_kafka_headers_destroy(headers);
    kafka_err(reterr, code, "a message can't be produced");
    return kafka_err_blames_message(code) ? PRODUCE_POISON : PRODUCE_FULL;
}

/* ---- ends ---- */

static bool is_fence(const rd_kafka_error_t *error)
{
    return rd_kafka_error_is_fatal(error) || kafka_err_class(rd_kafka_error_code(error)) == ERR_FATAL;
}

enum txn_end producer_abort(struct producer *self, bool blame, struct err *reterr)
{
    int64_t deadline = clock_mono_us() + KAFKA_TRANSACTION_DEADLINE_MS * 1000LL;

    for (;;) {
        CLEANUP(kafka_error_done) rd_kafka_error_t *error =
            rd_kafka_abort_transaction(self->client, KAFKA_SLICE_MS);
        if (!error)
            break;
        if (rd_kafka_error_is_retriable(error) && clock_mono_us() < deadline)
            continue;
        kafka_err(reterr, rd_kafka_error_code(error), rd_kafka_error_string(error));
        if (is_fence(error))
            return TXN_END_FENCED;
        self->broken = true; /* nothing was committed: the next producer of this id aborts it */
        break;
    }
    /* only now: the delivery reports of what failed came while it was aborted */
    return blame || self->message_failed ? TXN_END_ABORTED_BLAMED : TXN_END_ABORTED;
}

static rd_kafka_topic_partition_list_t *offsets_of(const char *topic, const struct flow_position *positions, size_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);

    for (size_t i = 0; i < n; i++) {
        rd_kafka_topic_partition_t *one = rd_kafka_topic_partition_list_add(list, topic, positions[i].partition);
        one->offset = positions[i].base;
        one->metadata_size = strlen(positions[i].text);
        one->metadata = strdup(positions[i].text); /* freed by the list, with free */
    }
    return list;
}

/* 0 sent, -1 not: then *ret_end says how the transaction ends. Nothing can be visible yet. */
static int send_offsets(struct producer *self, struct consumer *consumer, const rd_kafka_topic_partition_list_t *list,
                        int64_t deadline, enum txn_end *ret_end, struct err *reterr)
{
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer_handle(consumer));
    int sent = -1;

    for (;;) {
        CLEANUP(kafka_error_done) rd_kafka_error_t *error =
            rd_kafka_send_offsets_to_transaction(self->client, list, group, KAFKA_SLICE_MS);
        if (!error) {
            sent = 0;
            break;
        }
        if (rd_kafka_error_is_retriable(error) && clock_mono_us() < deadline)
            continue;
        kafka_err(reterr, rd_kafka_error_code(error), rd_kafka_error_string(error));
        *ret_end = is_fence(error) ? TXN_END_FENCED : producer_abort(self, false, NULL);
        break;
    }
    rd_kafka_consumer_group_metadata_destroy(group);
    return sent;
}

static enum txn_end commit(struct producer *self, int64_t deadline, struct err *reterr)
{
    for (;;) {
        CLEANUP(kafka_error_done) rd_kafka_error_t *error =
            rd_kafka_commit_transaction(self->client, KAFKA_SLICE_MS);
        if (!error)
            return TXN_END_COMMITTED;
        if (rd_kafka_error_is_retriable(error) && clock_mono_us() < deadline)
            continue;
        kafka_err(reterr, rd_kafka_error_code(error), rd_kafka_error_string(error));
        if (rd_kafka_error_txn_requires_abort(error))
            return producer_abort(self, false, NULL);
        self->broken = true;
        return is_fence(error) ? TXN_END_FENCED : TXN_END_IN_DOUBT;
    }
}

enum txn_end producer_commit(struct producer *self, struct consumer *consumer, const char *topic,
                             const struct flow_position *positions, size_t n, struct err *reterr)
{
    int64_t deadline = clock_mono_us() + KAFKA_TRANSACTION_DEADLINE_MS * 1000LL;

    if (n) {
        CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = offsets_of(topic, positions, n);
        enum txn_end end;
        if (send_offsets(self, consumer, list, deadline, &end, reterr) < 0)
            return end;
    }
    return commit(self, deadline, reterr);
}
