/* The group member: rebalances are noted in the callback and acted on by the caller; each partition's records come by a
 * queue of its own (rd_kafka_pause_partitions would cost a second each time in librdkafka 2.0.2). */
#include "kafka/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "kafka/settings.h"

enum { FETCH_BATCH = 64 };

struct source {
    int partition;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *fetched[FETCH_BATCH]; /* read from the queue, not popped */
    size_t first, count;
    rd_kafka_message_t **strays; /* came by the main queue: before those of the partition's own */
    size_t first_stray, n_strays, strays_cap;
    rd_kafka_headers_t *headers; /* of the record last peeked: borrowed */
    struct record_header header_list[CONSUMER_HEADERS_MAX];
};

struct consumer {
    rd_kafka_t *client;
    rd_kafka_queue_t *main_queue;
    char *topic;
    int wake_fd;
    bool closing, connected;
    enum consumer_change change;
    int *changed; /* partitions of the change */
    size_t n_changed;
    struct source *sources;
    size_t n_sources;
    struct err fatal;
};

/* ---- opening ---- */

static void note_partitions(struct consumer *self, const rd_kafka_topic_partition_list_t *list)
{
    mem_free(self->changed);
    self->n_changed = (size_t)list->cnt;
    self->changed = mem_array(self->n_changed, sizeof *self->changed);
    for (int i = 0; i < list->cnt; i++)
        self->changed[i] = list->elems[i].partition;
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
                         void *opaque)
{
    struct consumer *self = opaque;

    if (self->closing || (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)) {
        rd_kafka_assign(client, NULL);
        return;
    }
    note_partitions(self, list);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        self->change = CONSUMER_ASSIGN;
    else
        self->change = rd_kafka_assignment_lost(client) ? CONSUMER_LOST : CONSUMER_REVOKE;
}

static void on_error(UNUSED rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    struct consumer *self = opaque;

    if (kafka_err_class((rd_kafka_resp_err_t)code) == ERR_FATAL)
        err_set(&self->fatal, ERR_FATAL, EX_UNAVAILABLE, "the group member was fenced or failed: %s", reason);
}

/* The client's own word on its connections: an idle member learns that no broker is there by nothing else. */
static int on_statistics(UNUSED rd_kafka_t *client, char *json, UNUSED size_t len, void *opaque)
{
    struct consumer *self = opaque;
    CLEANUP(json_done) cJSON *statistics = cJSON_Parse(json); /* from the library: needs no gate */
    const cJSON *broker;
    bool connected = false;

    cJSON_ArrayForEach(broker, json_get(statistics, "brokers"))
        connected |= strcmp(json_str(broker, "state", ""), "UP") == 0;
    self->connected = connected;
    return 0;
}

static int open_client(struct consumer *self, const struct consumer_settings *settings, struct err *reterr)
{
    char session[16];
    const struct kafka_setting fixed[] = {
        {"group.id", settings->group},
        {"group.instance.id", settings->instance_id},
        {"session.timeout.ms", session},
        {"heartbeat.interval.ms", "1000"},
        {"partition.assignment.strategy", "range"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"isolation.level", "read_committed"},
        {"enable.partition.eof", "true"},
        {"fetch.wait.max.ms", "50"},
        {"queued.min.messages", "2000"},
        {"queued.max.messages.kbytes", "16384"},
        {"reconnect.backoff.max.ms", "1000"},
        {"statistics.interval.ms", "1000"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf;

    snprintf(session, sizeof session, "%d", settings->config->session_timeout_ms);
    if (kafka_conf(settings->config, settings->instance_id, fixed, &conf, reterr) < 0)
        return -1;
    rd_kafka_conf_set_opaque(conf, self);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    return kafka_open(RD_KAFKA_CONSUMER, conf, &self->client, reterr);
}

static int subscribe(struct consumer *self, struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t code;

    rd_kafka_poll_set_consumer(self->client);
    self->main_queue = rd_kafka_queue_get_consumer(self->client);
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(self->main_queue, self->wake_fd, &one, sizeof one);
    rd_kafka_topic_partition_list_add(topics, self->topic, RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(self->client, topics);
    return code ? kafka_err(reterr, code, "the topic can't be subscribed to") : 0;
}

int consumer_open(const struct consumer_settings *settings, int wake_fd, struct consumer **ret_consumer,
                  struct err *reterr)
{
    struct consumer *self = mem_alloc(sizeof *self);

    self->wake_fd = wake_fd;
    self->connected = true;
    self->topic = mem_strdup(settings->topic);
    if (open_client(self, settings, reterr) < 0 || (!settings->stays_out && subscribe(self, reterr) < 0)) {
        consumer_close(self);
        return -1;
    }
    *ret_consumer = self;
    return 0;
}

static void drop_sources(struct consumer *self)
{
    for (size_t i = 0; i < self->n_sources; i++) {
        struct source *source = &self->sources[i];
        for (size_t j = 0; j < source->count; j++)
            rd_kafka_message_destroy(source->fetched[source->first + j]);
        for (size_t j = source->first_stray; j < source->n_strays; j++)
            rd_kafka_message_destroy(source->strays[j]);
        mem_free(source->strays);
        rd_kafka_queue_destroy(source->queue);
    }
    mem_free(self->sources);
    self->sources = NULL;
    self->n_sources = 0;
}

void consumer_close(struct consumer *self)
{
    if (!self)
        return;
    self->closing = true;
    drop_sources(self);
    if (self->client) {
        if (self->change != CONSUMER_NONE)
            rd_kafka_assign(self->client, NULL);
        rd_kafka_consumer_close(self->client);
    }
    if (self->main_queue)
        rd_kafka_queue_destroy(self->main_queue);
    if (self->client)
        rd_kafka_destroy(self->client);
    mem_free(self->changed);
    mem_free(self->topic);
    mem_free(self);
}

/* ---- changes ---- */

static struct source *source_of(struct consumer *self, int partition)
{
    for (size_t i = 0; i < self->n_sources; i++) {
        if (self->sources[i].partition == partition)
            return &self->sources[i];
    }
    return NULL;
}

/* librdkafka forwards an assigned partition to the main queue, from a thread of its own; what it fetches before (or while)
 * open_sources cuts it off comes by the main queue. Dropped there, it would look like a gap in the partition. */
static void keep_stray(struct source *source, rd_kafka_message_t *message_take)
{
    rd_kafka_queue_forward(source->queue, NULL);
    if (source->n_strays == source->strays_cap) {
        source->strays_cap = source->strays_cap ? 2 * source->strays_cap : FETCH_BATCH;
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        source->strays = mem_grow(source->strays, source->strays_cap, sizeof *source->strays);
    }
    source->strays[source->n_strays++] = message_take;
}

/* To the end, or to a change: no partition's own queue may be read while an older record of it lies here. */
static void serve_main_queue(struct consumer *self)
{
    while (self->change == CONSUMER_NONE) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(self->client, 0);
        struct source *source = message && message->rkt ? source_of(self, message->partition) : NULL;
        if (!message)
            return;
        if (source) {
            keep_stray(source, message);
            continue;
        }
        if (message->err && kafka_err_class(message->err) != ERR_TRANSIENT && !self->fatal.class)
            kafka_err(&self->fatal, message->err, "the group can't be read");
        rd_kafka_message_destroy(message);
    }
}

enum consumer_change consumer_poll(struct consumer *self, const int **ret_partitions, size_t *ret_n, struct err *reterr)
{
    serve_main_queue(self);
    if (self->fatal.class) {
        *reterr = self->fatal;
        return CONSUMER_FATAL;
    }
    *ret_partitions = self->changed;
    *ret_n = self->n_changed;
    return self->change;
}

bool consumer_connected(const struct consumer *self)
{
    return self->connected;
}

void *consumer_handle(struct consumer *self)
{
    return self->client;
}

int consumer_partition_count(struct consumer *self, int timeout_ms, int *ret_count, struct err *reterr)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(self->client, self->topic, NULL);
    rd_kafka_resp_err_t code = rd_kafka_metadata(self->client, 0, topic, &metadata, timeout_ms);

    rd_kafka_topic_destroy(topic);
    if (code)
        return kafka_err(reterr, code, "the topic's partitions can't be read");
    *ret_count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    return 0;
}

static int read_committed(struct consumer *self, struct consumer_position *positions, size_t n, int timeout_ms,
                          struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    rd_kafka_resp_err_t code;

    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, self->topic, positions[i].partition);
    code = rd_kafka_committed(self->client, list, timeout_ms);
    for (int i = 0; !code && i < list->cnt; i++)
        code = list->elems[i].err;
    if (code)
        return kafka_err(reterr, code, "the committed positions can't be read");
    for (size_t i = 0; i < n; i++) {
        const rd_kafka_topic_partition_t *one =
            rd_kafka_topic_partition_list_find(list, self->topic, positions[i].partition);
        positions[i].committed = one->offset >= 0;
        positions[i].offset = one->offset >= 0 ? one->offset : -1;
        positions[i].metadata = mem_strndup(one->metadata ? one->metadata : "", one->metadata ? one->metadata_size : 0);
    }
    return 0;
}

int consumer_read_positions(struct consumer *self, struct consumer_position *positions, size_t n, int timeout_ms,
                            struct err *reterr)
{
    for (size_t i = 0; i < n; i++)
        positions[i].metadata = NULL;
    if (read_committed(self, positions, n, timeout_ms, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
            self->client, self->topic, positions[i].partition, &positions[i].low, &positions[i].high, timeout_ms);
        if (code) {
            consumer_positions_done(positions, n);
            return kafka_err(reterr, code, "the partition's first and last offsets can't be read");
        }
    }
    return 0;
}

void consumer_positions_done(struct consumer_position *positions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free(positions[i].metadata);
        positions[i].metadata = NULL;
    }
}

/* Each partition's queue is cut off from the main one, so that leaving it alone holds nobody else back. */
static void open_sources(struct consumer *self, const int *partitions, size_t n)
{
    static const uint64_t one = 1;

    drop_sources(self);
    self->sources = mem_array(n, sizeof *self->sources);
    self->n_sources = n;
    for (size_t i = 0; i < n; i++) {
        struct source *source = &self->sources[i];
        source->partition = partitions[i];
        source->queue = rd_kafka_queue_get_partition(self->client, self->topic, partitions[i]);
        rd_kafka_queue_forward(source->queue, NULL);
        rd_kafka_queue_io_event_enable(source->queue, self->wake_fd, &one, sizeof one);
    }
    serve_main_queue(self);
}

int consumer_assign(struct consumer *self, const int *partitions, const int64_t *starts, size_t n, struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    rd_kafka_resp_err_t code;

    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, self->topic, partitions[i])->offset = starts[i];
    self->change = CONSUMER_NONE;
    code = rd_kafka_assign(self->client, list);
    if (code)
        return kafka_err(reterr, code, "the partitions can't be assigned");
    open_sources(self, partitions, n);
    return 0;
}

void consumer_unassign(struct consumer *self)
{
    self->change = CONSUMER_NONE;
    drop_sources(self);
    rd_kafka_assign(self->client, NULL);
}

/* ---- records ---- */

static bool fetch(struct source *source)
{
    ssize_t n;

    if (source->count)
        return true;
    source->first = 0;
    for (; source->first_stray < source->n_strays && source->count < FETCH_BATCH; source->count++)
        source->fetched[source->count] = source->strays[source->first_stray++];
    if (source->count)
        return true;
    source->first_stray = source->n_strays = 0;
    n = rd_kafka_consume_batch_queue(source->queue, 0, source->fetched, FETCH_BATCH);
    source->count = n > 0 ? (size_t)n : 0;
    return source->count > 0;
}

static void read_headers(struct source *source, const rd_kafka_message_t *message, struct record *record)
{
    rd_kafka_headers_t *headers;

    record->headers = source->header_list;
    record->n_headers = 0;
    if (rd_kafka_message_headers(message, &headers))
        return;
    for (size_t i = 0; i < CONSUMER_HEADERS_MAX; i++) {
        struct record_header *header = &source->header_list[i];
        if (rd_kafka_header_get_all(headers, i, &header->name, &header->value, &header->len))
            return;
        record->n_headers = i + 1;
    }
}

static void read_record(struct source *source, const rd_kafka_message_t *message, struct consumer_record *ret_record)
{
    rd_kafka_timestamp_type_t kind;

    *ret_record = (struct consumer_record){.offset = message->offset};
    if (message->err) {
        ret_record->end = true;
        return;
    }
    ret_record->timestamp_ms = rd_kafka_message_timestamp(message, &kind);
    ret_record->record = (struct record){.key = message->key,
                                         .key_len = message->key_len,
                                         .value = message->payload,
                                         .value_len = message->len};
    read_headers(source, message, &ret_record->record);
}

bool consumer_peek(struct consumer *self, int partition, struct consumer_record *ret_record, bool *ret_broken,
                   struct err *reterr)
{
    struct source *source = source_of(self, partition);
    const rd_kafka_message_t *message;

    *ret_broken = false;
    if (self->change != CONSUMER_NONE || !source || !fetch(source))
        return false; /* a change first: what the main queue still holds may be older */
    message = source->fetched[source->first];
    if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        *ret_broken = true;
        err_set(reterr, ERR_PERMANENT, 0, "partition %d at offset %lld can't be read: %s", partition,
                (long long)message->offset, rd_kafka_message_errstr(message));
        return false;
    }
    read_record(source, message, ret_record);
    return true;
}

void consumer_pop(struct consumer *self, int partition)
{
    struct source *source = source_of(self, partition);

    if (!source || !source->count)
        return;
    rd_kafka_message_destroy(source->fetched[source->first]);
    source->first++;
    source->count--;
}

char *consumer_cluster_id(struct consumer *self, int timeout_ms)
{
    char *id = rd_kafka_clusterid(self->client, timeout_ms);
    char *copy = mem_strdup(id);

    if (id)
        rd_kafka_mem_free(self->client, id);
    return copy;
}

int64_t consumer_lag(struct consumer *self, int partition, int64_t next)
{
    int64_t low = 0, high = 0;

    if (rd_kafka_get_watermark_offsets(self->client, self->topic, partition, &low, &high) || high < next)
        return 0;
    return high - (next < low ? low : next);
}

void consumer_commit_plain(struct consumer *self, int partition, int64_t offset)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, self->topic, partition)->offset = offset;
    (void)rd_kafka_commit(self->client, list, 1); /* for lag tools only: a failure changes nothing */
}
