/* The feeder: reads triage.reviews under read_committed and writes batches to the queue. Its position is the row in
 * Postgres, moved in the transaction that writes the batch; Kafka's committed offset is for lag tools only. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "flow/feeder.h"
#include "kafka/consumer.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum {
    BATCH_RECORDS = 500,
    BATCH_BYTES = 4 * 1024 * 1024,
    RECORD_BYTES_MAX = 1100000, /* of one review request: more can't be produced to the topic */
    RECORD_TOKENS_MAX = 60000,
    POSITIONS_TIMEOUT_MS = 5000,
    WAIT_MS = 200,
    RETRY_US = 1000000,
    LOOK_EVERY_US = 5000000, /* so often the rows are read when there is nothing to write */
};

struct fed_partition {
    int number;
    struct feeder_partition core;
    struct buf records; /* JSON array under way: "[…" */
    int count;
};

struct feeder {
    const struct config *config;
    const _Atomic int *stop;
    int wake_fd;
    struct consumer *consumer;
    struct queue *queue;
    char *cluster;
    struct fed_partition *partitions;
    size_t n_partitions;
    int64_t look_at_us;
};

/* ---- opening ---- */

static void drop_partitions(struct feeder *self)
{
    for (size_t i = 0; i < self->n_partitions; i++)
        buf_free(&self->partitions[i].records);
    mem_free(self->partitions);
    self->partitions = NULL;
    self->n_partitions = 0;
}

static int ensure_queue(struct feeder *self, struct err *reterr)
{
    if (self->queue)
        return 0;
    if (queue_open(&self->config->postgres, "triaged-feeder", &self->queue, reterr) < 0)
        return -1;
    return queue_check_schema(self->queue, reterr);
}

static int open_consumer(struct feeder *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    char group[256], instance[512];
    const struct consumer_settings settings = {
        .config = kafka, .topic = kafka->topic_reviews, .group = group, .instance_id = instance};

    snprintf(group, sizeof group, "%.200s-feeder", kafka->group);
    snprintf(instance, sizeof instance, "%s-%.200s", group, self->config->triage.instance);
    if (consumer_open(&settings, self->wake_fd, &self->consumer, reterr) < 0)
        return -1;
    self->cluster = consumer_cluster_id(self->consumer, POSITIONS_TIMEOUT_MS);
    if (!self->cluster)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Kafka can't be reached, check kafka.bootstrap_servers");
    return 0;
}

static void close_consumer(struct feeder *self)
{
    drop_partitions(self);
    consumer_close(self->consumer);
    mem_free(self->cluster);
    self->consumer = NULL;
    self->cluster = NULL;
}

/* ---- assignment ---- */

static struct queue_partition name_of(const struct feeder *self, int number)
{
    return (struct queue_partition){self->cluster, self->config->kafka.topic_reviews, number};
}

static int start_of(struct feeder *self, const struct consumer_position *position, struct fed_partition *partition,
                    int64_t *ret_start, struct err *reterr)
{
    struct queue_partition name = name_of(self, position->partition);
    bool known;
    int64_t row;

    if (queue_feeder_next(self->queue, &name, &known, &row, reterr) < 0)
        return -1;
    partition->number = position->partition;
    *ret_start = feeder_assigned(&partition->core, known, row, position->low);
    if (*ret_start >= 0)
        return 0;
    return err_set(reterr, ERR_FATAL, EX_CONFIG,
                   "review requests of %s [%d] from offset %lld to %lld are gone before they were read (retention); "
                   "set triage.feeder_position to %lld to go on, see docs/QUEUE.md",
                   self->config->kafka.topic_reviews, position->partition, (long long)row, (long long)position->low,
                   (long long)position->low);
}

static int take_partitions(struct feeder *self, const struct consumer_position *positions, size_t n, struct err *reterr)
{
    int *numbers = mem_array(n, sizeof *numbers);
    int64_t *starts = mem_array(n, sizeof *starts);
    int rc = 0;

    drop_partitions(self);
    self->partitions = mem_array(n, sizeof *self->partitions);
    self->n_partitions = n;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = start_of(self, &positions[i], &self->partitions[i], &starts[i], reterr);
        numbers[i] = positions[i].partition;
    }
    if (rc == 0)
        rc = consumer_assign(self->consumer, numbers, starts, n, reterr);
    mem_free(numbers);
    mem_free(starts);
    return rc;
}

static int assign(struct feeder *self, const int *partitions, size_t n, struct err *reterr)
{
    struct consumer_position *positions = mem_array(n, sizeof *positions);
    int rc;

    for (size_t i = 0; i < n; i++)
        positions[i].partition = partitions[i];
    rc = consumer_read_positions(self->consumer, positions, n, POSITIONS_TIMEOUT_MS, reterr);
    if (rc == 0)
        rc = take_partitions(self, positions, n, reterr);
    consumer_positions_done(positions, n);
    mem_free(positions);
    return rc;
}

static int serve_group(struct feeder *self, struct err *reterr)
{
    const int *partitions;
    size_t n;

    switch (consumer_poll(self->consumer, &partitions, &n, reterr)) {
    case CONSUMER_NONE:
        return 0;
    case CONSUMER_ASSIGN:
        return assign(self, partitions, n, reterr);
    case CONSUMER_REVOKE:
    case CONSUMER_LOST:
        drop_partitions(self);
        consumer_unassign(self->consumer);
        return 0;
    case CONSUMER_FATAL:
        close_consumer(self);
        if (reterr->class == ERR_FATAL)
            reterr->class = ERR_TRANSIENT; /* fenced: another feeder has our name; its writes fence ours in Postgres */
        return -1;
    }
    return 0;
}

/* ---- records ---- */

/* Only our own lanes write here; whatever else stands there goes to the queue's table of refused records. */
static void add_record(struct fed_partition *partition, const struct consumer_record *in)
{
    const struct json_limits limits = {RECORD_BYTES_MAX, JSON_DEPTH_MAX + 8, RECORD_TOKENS_MAX};
    struct err err = {0};

    buf_puts(&partition->records, partition->count ? "," : "[");
    if (in->record.value && json_gate(in->record.value, in->record.value_len, &limits, &err) == 0)
        buf_add(&partition->records, in->record.value, in->record.value_len);
    else
        buf_printf(&partition->records, "{\"type\":\"unreadable\",\"offset\":%lld,\"reason\":\"%s\"}",
                   (long long)in->offset, in->record.value ? err.reason : "empty_value");
    partition->count++;
}

static bool read_one(struct feeder *self, struct fed_partition *partition)
{
    struct consumer_record in;
    struct err err = {0};
    bool broken;

    if (partition->core.stopped || partition->count >= BATCH_RECORDS || partition->records.len >= BATCH_BYTES)
        return false;
    if (!consumer_peek(self->consumer, partition->number, &in, &broken, &err)) {
        if (broken)
            log_line(LOG_ERROR, "feeder.broken", "partition=%d text=\"%s\"", partition->number, err.text);
        return false;
    }
    if (in.end) {
        if (in.offset > partition->core.next)
            feeder_takes(&partition->core, in.offset - 1);
    } else if (feeder_takes(&partition->core, in.offset)) {
        add_record(partition, &in);
    }
    consumer_pop(self->consumer, partition->number);
    return true;
}

static void written(struct feeder *self, struct fed_partition *partition, const struct queue_fed *fed)
{
    feeder_written(&partition->core);
    consumer_commit_plain(self->consumer, partition->number, partition->core.expected);
    metrics_add(METRIC_FEEDER_RECORDS, NULL, partition->count);
    if (fed->refused)
        log_line(LOG_ERROR, "feeder.refused", "partition=%d count=%d see=triage.feed_refused", partition->number,
                 fed->refused);
    if (partition->count)
        log_line(LOG_INFO, "feeder.fed", "partition=%d enqueued=%d duplicates=%d late=%d closed=%d next=%lld",
                 partition->number, fed->enqueued, fed->duplicates, fed->late, fed->closed,
                 (long long)partition->core.expected);
    buf_reset(&partition->records);
    partition->count = 0;
}

static int stale(struct feeder *self, struct fed_partition *partition, struct err *reterr)
{
    feeder_stale(&partition->core);
    log_line(LOG_WARN, "feeder.stale", "partition=%d text=\"%s\"", partition->number, reterr->text);
    close_consumer(self); /* joins again and reads the row as it is now */
    reterr->class = ERR_TRANSIENT;
    return -1;
}

/* An idle feeder would not notice that the database was replaced by an older copy, and what that copy lacks would wait
 * for the next request. */
static int look_at_rows(struct feeder *self, struct err *reterr)
{
    int64_t now = clock_mono_us();

    if (now < self->look_at_us)
        return 0;
    self->look_at_us = now + LOOK_EVERY_US;
    for (size_t i = 0; i < self->n_partitions; i++) {
        struct fed_partition *partition = &self->partitions[i];
        struct queue_partition name = name_of(self, partition->number);
        bool known;
        int64_t row;
        if (queue_feeder_next(self->queue, &name, &known, &row, reterr) < 0)
            return -1;
        feeder_saw_row(&partition->core, known, row);
        if (!partition->core.stopped)
            continue;
        err_set(reterr, ERR_TRANSIENT, 0, "the row of this partition is not what this feeder wrote");
        return stale(self, partition, reterr);
    }
    return 0;
}

static int write_batch(struct feeder *self, struct fed_partition *partition, struct err *reterr)
{
    struct queue_partition name = name_of(self, partition->number);
    struct queue_batch batch = {
        .known = partition->core.known, .expected = partition->core.expected, .next = partition->core.next};
    struct queue_fed fed;
    size_t len = partition->records.len;

    if (!feeder_pending(&partition->core))
        return 0;
    buf_puts(&partition->records, partition->count ? "]" : "[]");
    batch.records = buf_str(&partition->records);
    if (queue_feed(self->queue, &name, &batch, &fed, reterr) == 0) {
        written(self, partition, &fed);
        return 0;
    }
    partition->records.len = len; /* the same batch again, later */
    if (strcmp(reterr->reason, QUEUE_ERR_STALE) != 0)
        return -1;
    return stale(self, partition, reterr);
}

/* What is not in Postgres yet: told also while Postgres is away, which is when it grows. */
static void tell_lag(const struct feeder *self)
{
    int64_t lag = 0;

    for (size_t i = 0; self->consumer && i < self->n_partitions; i++) {
        const struct fed_partition *one = &self->partitions[i];
        lag += consumer_lag(self->consumer, one->number, one->core.known ? one->core.expected : one->core.next);
    }
    metrics_set(METRIC_FEEDER_LAG, 0, lag);
}

static int feed(struct feeder *self, bool *ret_more, struct err *reterr)
{
    *ret_more = false;
    for (size_t i = 0; i < self->n_partitions; i++) {
        while (read_one(self, &self->partitions[i]))
            *ret_more = true;
    }
    for (size_t i = 0; i < self->n_partitions; i++) {
        if (write_batch(self, &self->partitions[i], reterr) < 0)
            return -1;
    }
    tell_lag(self);
    return look_at_rows(self, reterr);
}

/* ---- the loop ---- */

static void wait_for_records(struct feeder *self)
{
    struct pollfd wake = {.fd = self->wake_fd, .events = POLLIN};
    uint64_t count;

    if (poll(&wake, 1, WAIT_MS) > 0 && read(self->wake_fd, &count, sizeof count) < 0)
        return;
}

static int turn(struct feeder *self, struct err *reterr)
{
    bool more = false;

    if (ensure_queue(self, reterr) < 0 || (!self->consumer && open_consumer(self, reterr) < 0) ||
        serve_group(self, reterr) < 0 || feed(self, &more, reterr) < 0)
        return -1;
    health_set(HEALTH_FEEDER, 0, "");
    if (!more)
        wait_for_records(self);
    return 0;
}

/* After an error the connection is made anew: a broken session must not be trusted. */
static void recover(struct feeder *self, const struct err *err)
{
    health_set(HEALTH_FEEDER, 0, "the feeder can't reach Postgres or Kafka");
    log_line(LOG_WARN, "feeder.waits", "text=\"%s\"", err->text);
    queue_close(self->queue);
    self->queue = NULL;
    if (self->consumer && !self->cluster)
        close_consumer(self);
    tell_lag(self);
    bridge_wait(self->stop, RETRY_US);
}

int feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr)
{
    struct feeder self = {.config = config, .stop = stop};
    int rc = 0;

    self.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self.wake_fd < 0)
        return err_set(reterr, ERR_FATAL, EX_OSERR, "the feeder can't start: %s", strerror(errno));
    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(HEALTH_FEEDER, 0, clock_mono_us());
        if (turn(&self, &err) == 0)
            continue;
        if (err.class == ERR_TRANSIENT) {
            recover(&self, &err);
            continue;
        }
        *reterr = err;
        rc = err_context(reterr, "feeder");
    }
    close_consumer(&self);
    queue_close(self.queue);
    close(self.wake_fd);
    return rc;
}
