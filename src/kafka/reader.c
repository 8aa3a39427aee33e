/* The plain reader: every partition from its beginning, with end-of-partition events to know when all was seen. */
#include "kafka/reader.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/consumer.h"
#include "kafka/settings.h"

enum { METADATA_TIMEOUT_MS = 10000, DRAIN_MS = 100 };

struct reader {
    rd_kafka_t *client;
    rd_kafka_message_t *message; /* the record last given out */
    int partitions, at_end;
    bool *ended;
    struct record_header headers[CONSUMER_HEADERS_MAX];
};

static int count_partitions(struct reader *self, const char *topic_name, struct err *reterr)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(self->client, topic_name, NULL);
    rd_kafka_resp_err_t code = rd_kafka_metadata(self->client, 0, topic, &metadata, METADATA_TIMEOUT_MS);

    rd_kafka_topic_destroy(topic);
    if (code) {
        kafka_err(reterr, code, "Kafka can't be reached");
        reterr->sysexit = EX_UNAVAILABLE;
        return err_context(reterr, "check kafka.bootstrap_servers");
    }
    self->partitions = metadata->topic_cnt == 1 && !metadata->topics[0].err ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    if (self->partitions == 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s does not exist; run 'triaged topics create'",
                       topic_name);
    return 0;
}

static int assign_all(struct reader *self, const char *topic, const struct reader_start *starts, size_t n_starts,
                      struct err *reterr)
{
    CLEANUP(kafka_list_done)
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(self->partitions);
    rd_kafka_resp_err_t code;

    for (int i = 0; i < self->partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    for (size_t i = 0; i < n_starts; i++) {
        rd_kafka_topic_partition_t *place = rd_kafka_topic_partition_list_find(list, topic, starts[i].partition);
        if (place)
            place->offset = starts[i].offset;
    }
    rd_kafka_poll_set_consumer(self->client);
    code = rd_kafka_assign(self->client, list);
    return code ? kafka_err(reterr, code, "the topic can't be read") : 0;
}

int reader_open(const struct config_kafka *config, const char *topic, bool committed, struct reader **ret_reader,
                struct err *reterr)
{
    return reader_open_at(config, topic, committed, NULL, 0, ret_reader, reterr);
}

int reader_open_at(const struct config_kafka *config, const char *topic, bool committed,
                   const struct reader_start *starts, size_t n_starts, struct reader **ret_reader, struct err *reterr)
{
    const struct kafka_setting settings[] = {
        {"fetch.wait.max.ms", "20"},
        {"isolation.level", committed ? "read_committed" : "read_uncommitted"},
        {NULL, NULL},
    };
    struct reader *self = mem_alloc(sizeof *self);
    rd_kafka_conf_t *conf;

    if (kafka_reader_conf(config, "triaged-reader", settings, &conf, reterr) < 0) {
        mem_free(self);
        return -1;
    }
    if (kafka_open(RD_KAFKA_CONSUMER, conf, &self->client, reterr) < 0 || count_partitions(self, topic, reterr) < 0 ||
        assign_all(self, topic, starts, n_starts, reterr) < 0) {
        reader_close(self);
        return -1;
    }
    self->ended = mem_array((size_t)self->partitions, sizeof *self->ended);
    *ret_reader = self;
    return 0;
}

void reader_close(struct reader *self)
{
    if (!self)
        return;
    if (self->message)
        rd_kafka_message_destroy(self->message);
    if (self->client) {
        rd_kafka_consumer_close(self->client);
        rd_kafka_destroy(self->client);
    }
    mem_free(self->ended);
    mem_free(self);
}

static void read_headers(struct reader *self, struct record *record)
{
    rd_kafka_headers_t *headers;

    record->headers = self->headers;
    record->n_headers = 0;
    if (rd_kafka_message_headers(self->message, &headers))
        return;
    for (size_t i = 0; i < CONSUMER_HEADERS_MAX; i++) {
        struct record_header *header = &self->headers[i];
        if (rd_kafka_header_get_all(headers, i, &header->name, &header->value, &header->len))
            return;
        record->n_headers = i + 1;
    }
}

static void give(struct reader *self, struct reader_record *ret_record)
{
    const rd_kafka_message_t *message = self->message;
    rd_kafka_timestamp_type_t kind;

    if (self->ended[message->partition]) {
        self->ended[message->partition] = false;
        self->at_end--;
    }
    *ret_record = (struct reader_record){
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = rd_kafka_message_timestamp(message, &kind),
        .record = {.key = message->key,
                   .key_len = message->key_len,
                   .value = message->payload,
                   .value_len = message->len},
    };
    read_headers(self, &ret_record->record);
}

int reader_next(struct reader *self, int timeout_ms, struct reader_record *ret_record, struct err *reterr)
{
    for (;;) {
        if (self->message)
            rd_kafka_message_destroy(self->message);
        self->message = rd_kafka_consumer_poll(self->client, timeout_ms);
        if (!self->message)
            return self->at_end == self->partitions ? 2 : 0;
        if (self->message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            self->at_end += !self->ended[self->message->partition];
            self->ended[self->message->partition] = true;
            continue; /* an end may have been passed since: only a quiet queue tells */
        }
        if (self->message->err) {
            if (kafka_err_class(self->message->err) == ERR_TRANSIENT)
                continue;
            return kafka_err(reterr, self->message->err, "the topic can't be read");
        }
        give(self, ret_record);
        return 1;
    }
}

int reader_drain(struct reader *self, reader_take *take, void *opaque, struct err *reterr)
{
    struct reader_record record;

    for (int quiet_ms = 0; quiet_ms < READER_STALL_S * 1000;) {
        int got = reader_next(self, DRAIN_MS, &record, reterr);
        if (got < 0 || (got == 1 && take(opaque, &record, reterr) < 0))
            return -1;
        if (got == 2)
            return 0;
        quiet_ms = got == 1 ? 0 : quiet_ms + DRAIN_MS;
    }
    return err_set(reterr, ERR_TRANSIENT, EX_TEMPFAIL, "try again: Kafka gave nothing for %d s before the topic's end",
                   READER_STALL_S);
}

int reader_each(const struct config_kafka *config, const char *topic, bool committed, reader_take *take, void *opaque,
                struct err *reterr)
{
    struct reader *reader;
    int rc;

    if (reader_open(config, topic, committed, &reader, reterr) < 0)
        return -1;
    rc = reader_drain(reader, take, opaque, reterr);
    reader_close(reader);
    return rc;
}

int reader_partition_count(const struct reader *self)
{
    return self->partitions;
}

int reader_end(struct reader *self, const char *topic, int timeout_ms, int64_t *ret_end, struct err *reterr)
{
    int64_t sum = 0;

    for (int i = 0; i < self->partitions; i++) {
        int64_t low, high;
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(self->client, topic, i, &low, &high, timeout_ms);
        if (code)
            return kafka_err(reterr, code, "the topic's end can't be read");
        sum += high;
    }
    *ret_end = sum;
    return 0;
}
