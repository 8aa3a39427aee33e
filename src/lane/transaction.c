/* A lane's transactions: outputs and position in one commit, and what each end of it means for flow. */
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kafka/positions.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

enum {
    SETTLE_READ_MS = 2000,          /* one try to read the positions */
    SETTLE_WAIT_US = 200000,        /* between tries */
    SETTLE_DEADLINE_US = 120000000, /* then the lane gives up: a restart settles it the same way */
    FENCE_BACKOFF_US = 2000000,
};

/* ---- producing ---- */

static const char *topic_of(const struct lane *self, enum work_topic topic)
{
    const struct config_kafka *kafka = &self->config->kafka;
    const char *const topics[] = {[WORK_RESULTS] = kafka->topic_results,
                                  [WORK_REVIEWS] = kafka->topic_reviews,
                                  [WORK_DEADLETTER] = kafka->topic_deadletter};

    return topics[topic];
}

void txn_begin(struct lane *self)
{
    struct err err = {0};

    self->txn_failed = self->txn_blamed = false;
    self->begun_us = clock_mono_us();
    if (producer_begin(self->producer, &err) < 0) {
        self->txn_failed = true;
        log_line(LOG_WARN, "transaction.failed", "lane=%d step=begin text=\"%s\"", self->number, err.text);
    }
}

/* True when the transaction can go on. */
static bool send(struct lane *self, const char *topic, const struct message *message, bool *ret_poison)
{
    struct err err = {0};
    enum produce_end end = producer_send(self->producer, topic, message, &err);

    if (end == PRODUCE_OK)
        return true;
    *ret_poison = end == PRODUCE_POISON;
    self->txn_failed = true;
    log_line(LOG_WARN, "transaction.failed", "lane=%d step=produce topic=%s text=\"%s\"", self->number, topic,
             err.text);
    return false;
}

void txn_emit(struct lane *self, const struct flow_command *command)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;
    bool poison = false;

    if (self->txn_failed)
        return;
    work_build_outputs(work, self->config->kafka.topic_tickets);
    for (size_t i = 0; i < work->n_outputs; i++) {
        if (!send(self, topic_of(self, work->output_topics[i]), &work->outputs[i], &poison))
            break;
    }
    if (poison)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_POISON, .ticket = command->ticket});
}

void txn_replace(struct lane *self, const struct flow_command *command)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;

    work_replace_outputs(work, self->config->kafka.topic_tickets);
}

/* The first commit of an assignment leaves a marker, so that a group whose offsets expired is told from a new one. */
static void send_markers(struct lane *self, const struct flow_position *positions, size_t n)
{
    for (size_t i = 0; i < n && !self->txn_failed; i++) {
        char key[POSITIONS_KEY_MAX];
        struct message marker;
        bool poison = false;
        if (!positions[i].announce)
            continue;
        positions_lane_key(&self->config->kafka, positions[i].partition, key);
        positions_message(key, 0, &marker);
        send(self, self->config->kafka.topic_positions, &marker, &poison);
        message_free(&marker);
    }
}

/* ---- ending ---- */

static const char *const end_names[] = {
    [TXN_END_COMMITTED] = "committed", [TXN_END_ABORTED] = "aborted", [TXN_END_ABORTED_BLAMED] = "aborted_message",
    [TXN_END_IN_DOUBT] = "in_doubt",   [TXN_END_FENCED] = "fenced",
};

static void feed_end(struct lane *self, enum txn_end end)
{
    switch (end) {
    case TXN_END_COMMITTED:
        metrics_observe(STAGE_COMMIT, clock_mono_us() - self->begun_us);
        lane_tell_health(self);
        self->made_room = true; /* also when it only wrote takeovers: their partitions may be read now */
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_COMMITTED});
        break;
    case TXN_END_ABORTED:
    case TXN_END_ABORTED_BLAMED:
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_ABORTED, .flag = end == TXN_END_ABORTED_BLAMED});
        break;
    case TXN_END_IN_DOUBT:
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_IN_DOUBT});
        break;
    case TXN_END_FENCED:
        self->fenced = true; /* the loop drops everything before anything else is done */
        break;
    }
}

void txn_commit(struct lane *self)
{
    const struct flow_position *positions;
    size_t n = flow_positions(self->flow, &positions);
    struct err err = {0};
    enum txn_end end;

    if (self->fenced)
        return;
    send_markers(self, positions, n);
    end = self->txn_failed
              ? producer_abort(self->producer, self->txn_blamed, &err)
              : producer_commit(self->producer, self->consumer, self->config->kafka.topic_tickets, positions, n, &err);
    metrics_add(METRIC_TRANSACTIONS, end_names[end], 1);
    if (end != TXN_END_COMMITTED) {
        health_set(HEALTH_LANES, self->number, "transactions fail");
        log_line(LOG_WARN, "transaction.ended", "lane=%d end=%s text=\"%s\"", self->number, end_names[end], err.text);
    }
    if (end == TXN_END_ABORTED && producer_broken(self->producer))
        end = TXN_END_IN_DOUBT; /* only a new producer can go on; settling makes one and finds nothing committed */
    feed_end(self, end);
}

/* ---- settling a doubt ---- */

static int new_producer(struct lane *self, struct err *reterr)
{
    producer_close(self->producer);
    self->producer = NULL;
    return producer_open(&self->config->kafka, self->name, &self->producer, reterr);
}

static int read_settled(struct lane *self, struct consumer_position *settled, size_t n, struct err *reterr)
{
    if (!self->producer && new_producer(self, reterr) < 0)
        return -1;
    return consumer_read_positions(self->consumer, settled, n, SETTLE_READ_MS, reterr);
}

static void nap(int64_t us)
{
    const struct timespec wait = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

    nanosleep(&wait, NULL);
}

static int settle_positions(struct lane *self, struct consumer_position *settled, size_t n, struct err *reterr)
{
    int64_t deadline = clock_mono_us() + SETTLE_DEADLINE_US;

    producer_close(self->producer);
    self->producer = NULL;
    while (read_settled(self, settled, n, reterr) < 0) {
        if (reterr->class == ERR_FATAL || clock_mono_us() > deadline)
            return -1;
        health_beat(HEALTH_LANES, self->number, clock_mono_us());
        nap(SETTLE_WAIT_US);
    }
    return 0;
}

void txn_settle(struct lane *self)
{
    const struct flow_position *positions;
    size_t n = flow_positions(self->flow, &positions);
    struct consumer_position *settled = mem_array(n, sizeof *settled);
    struct err err = {0};

    for (size_t i = 0; i < n; i++)
        settled[i].partition = positions[i].partition;
    if (settle_positions(self, settled, n, &err) < 0) {
        log_line(LOG_ERROR, "transaction.unsettled", "lane=%d text=\"%s\"", self->number, err.text);
        self->fenced = true;
        mem_free(settled);
        return;
    }
    for (size_t i = 0; i < n; i++)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_SETTLED,
                                            .partition = settled[i].partition,
                                            .base = settled[i].offset,
                                            .text = settled[i].metadata});
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_SETTLED_ALL});
    consumer_positions_done(settled, n);
    mem_free(settled);
}

/* ---- opening, and after a fence ---- */

int txn_open(struct lane *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    const struct consumer_settings settings = {
        .config = kafka, .topic = kafka->topic_tickets, .group = kafka->group, .instance_id = self->name};

    if (!self->producer && producer_open(kafka, self->name, &self->producer, reterr) < 0)
        return -1;
    if (!self->consumer && consumer_open(&settings, self->wake_fd, &self->consumer, reterr) < 0)
        return -1;
    return 0;
}

static bool fenced_too_often(struct lane *self)
{
    int64_t now = clock_mono_us();

    memmove(self->fences, self->fences + 1, (LANE_FENCES_MAX - 1) * sizeof *self->fences);
    self->fences[LANE_FENCES_MAX - 1] = now;
    return self->fences[0] && now - self->fences[0] < LANE_FENCE_WINDOW_US;
}

/* Our turn is lost: whatever is held is dropped, nothing of it may be written. */
int txn_close_fenced(struct lane *self, struct err *reterr)
{
    self->fenced = false;
    metrics_add(METRIC_REBALANCES, "fenced", 1);
    health_set(HEALTH_LANES, self->number, "fenced");
    for (size_t i = 0; i < self->n_partitions; i++)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_LOST, .partition = self->partitions[i].partition});
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_ABORTED});
    self->n_partitions = 0;
    producer_close(self->producer);
    consumer_close(self->consumer);
    self->producer = NULL;
    self->consumer = NULL;
    if (fenced_too_often(self))
        return err_set(reterr, ERR_FATAL, EX_CONFIG,
                       "another process uses instance %s; give each process its own --instance",
                       self->config->triage.instance);
    self->reopen_at_us = clock_mono_us() + FENCE_BACKOFF_US;
    log_line(LOG_WARN, "lane.fenced", "lane=%d wait_ms=%d", self->number, FENCE_BACKOFF_US / 1000);
    return 0;
}
