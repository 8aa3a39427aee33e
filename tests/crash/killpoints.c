/* Linked into triaged_killpoints in front of libtriage with the linker's --wrap: the same program, which ends itself
 * with SIGKILL at a named step of the delivery protocol. Production code knows nothing of it.
 *
 * TRIAGED_KILL_POINT=NAME:N   at the N-th pass of this point (counted from 1) the process is gone
 * TRIAGED_KILL_TEXT=TEXT      at every record whose value holds TEXT: a ticket that crashes the worker
 * TRIAGED_KILL_WITNESS=FILE   figures that outlive the process (struct witness): read after its end, whoever ended it
 *
 * Records are flushed before a death inside a transaction, so that the open transaction really stands in the broker. */
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/attrs.h"
#include "bridge/bridge.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "lane/lane.h"
#include "queue/queue.h"
#include "triage/flow.h"
#include "triage/ticket.h"

enum { FLUSH_MS = 5000 };

#define POINTS(X)                                                                                                      \
    X(LANE_ASSIGNED, "lane.assigned")           /* partitions are assigned, nothing is read */                         \
    X(LANE_BEGIN, "lane.begin")                 /* a transaction has begun */                                          \
    X(LANE_PRODUCE, "lane.produce")             /* some of its outputs are produced */                                 \
    X(LANE_OFFSETS_BEFORE, "lane.offsets.before") /* all of them, and no position */                                   \
    X(LANE_OFFSETS_AFTER, "lane.offsets.after") /* the position is sent */                                             \
    X(LANE_COMMIT_BEFORE, "lane.commit.before") /* nothing but the commit is missing */                                \
    X(LANE_COMMIT_AFTER, "lane.commit.after")   /* committed, and the lane does not know it yet */                     \
    X(FEEDER_FEED_BEFORE, "feeder.feed.before") /* a batch is read */                                                  \
    X(FEEDER_FEED_AFTER, "feeder.feed.after")   /* it is in Postgres with its position */                              \
    X(FEEDER_COMMIT_AFTER, "feeder.commit.after") /* and the group's offset is told */                                 \
    X(RELAY_BEGIN, "relay.begin")                                                                                      \
    X(RELAY_PRODUCE, "relay.produce")                                                                                  \
    X(RELAY_COMMIT_BEFORE, "relay.commit.before")                                                                      \
    X(RELAY_COMMIT_AFTER, "relay.commit.after") /* published, and Postgres does not know it yet */                     \
    X(RELAY_NOTED, "relay.noted")

enum point {
#define X(id, name) POINT_##id,
    POINTS(X)
#undef X
        POINT_COUNT,
    POINT_NONE = POINT_COUNT
};

static const char *const point_names[] = {
#define X(id, name) name,
    POINTS(X)
#undef X
};

enum role { ROLE_OTHER, ROLE_LANE, ROLE_FEEDER, ROLE_RELAY };

/* 64-bit numbers in the order of the machine; run.py reads them by position. */
struct witness {
    _Atomic int64_t in_flight, in_flight_most;
    _Atomic int64_t passes[POINT_COUNT];
};

static struct witness unwitnessed;
static struct witness *witness = &unwitnessed;
static enum point chosen = POINT_NONE;
static int64_t chosen_pass;
static const char *text;
static _Thread_local enum role role;
static _Thread_local rd_kafka_t *in_transaction;
static _Thread_local int64_t sent; /* messages of this transaction; without any it is not counted */

/* ---- starting ---- */

static void choose(const char *spec)
{
    const char *colon = strrchr(spec, ':');

    for (int i = 0; colon && i < POINT_COUNT; i++) {
        if (strlen(point_names[i]) == (size_t)(colon - spec) && strncmp(point_names[i], spec, strlen(point_names[i])) == 0)
            chosen = (enum point)i;
    }
    chosen_pass = colon ? strtoll(colon + 1, NULL, 10) : 0;
    if (chosen == POINT_NONE || chosen_pass < 1) {
        fprintf(stderr, "killpoints: TRIAGED_KILL_POINT=%s is no point and number\n", spec);
        _exit(64);
    }
}

static void open_witness(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    void *at;

    if (fd < 0 || ftruncate(fd, sizeof *witness) < 0)
        _exit(74);
    at = mmap(NULL, sizeof *witness, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        _exit(74);
    close(fd);
    witness = at;
}

__attribute__((constructor)) static void start(void)
{
    if (getenv("TRIAGED_KILL_POINT"))
        choose(getenv("TRIAGED_KILL_POINT"));
    if (getenv("TRIAGED_KILL_WITNESS"))
        open_witness(getenv("TRIAGED_KILL_WITNESS"));
    text = getenv("TRIAGED_KILL_TEXT");
}

/* ---- dying ---- */

static void die(void)
{
    if (in_transaction)
        rd_kafka_flush(in_transaction, FLUSH_MS);
    kill(getpid(), SIGKILL);
}

static void pass(enum point point)
{
    int64_t passed = ++witness->passes[point];

    if (point == chosen && passed == chosen_pass)
        die();
}

static void pass_of(enum point lane, enum point relay)
{
    if (role == ROLE_LANE)
        pass(lane);
    else if (role == ROLE_RELAY)
        pass(relay);
}

/* ---- which thread it is ---- */

int __real_lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr);
int __wrap_lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr);
int __real_feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr);
int __wrap_feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr);
int __real_relay_run(const struct config *config, const _Atomic int *stop, struct err *reterr);
int __wrap_relay_run(const struct config *config, const _Atomic int *stop, struct err *reterr);

int __wrap_lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr)
{
    role = ROLE_LANE;
    return __real_lane_run(self, stop, reterr);
}

int __wrap_feeder_run(const struct config *config, const _Atomic int *stop, struct err *reterr)
{
    role = ROLE_FEEDER;
    return __real_feeder_run(config, stop, reterr);
}

int __wrap_relay_run(const struct config *config, const _Atomic int *stop, struct err *reterr)
{
    role = ROLE_RELAY;
    return __real_relay_run(config, stop, reterr);
}

/* ---- reading ---- */

int __real_consumer_assign(struct consumer *self, const int *partitions, const int64_t *starts, size_t n,
                           struct err *reterr);
int __wrap_consumer_assign(struct consumer *self, const int *partitions, const int64_t *starts, size_t n,
                           struct err *reterr);
void __real_flow_feed(struct flow *self, const struct flow_event *event);
void __wrap_flow_feed(struct flow *self, const struct flow_event *event);
int __real_ticket_decode(const struct record *in, struct ticket **ret_ticket, struct ticket_identity *ret_identity,
                         struct err *reterr);
int __wrap_ticket_decode(const struct record *in, struct ticket **ret_ticket, struct ticket_identity *ret_identity,
                         struct err *reterr);

int __wrap_consumer_assign(struct consumer *self, const int *partitions, const int64_t *starts, size_t n,
                           struct err *reterr)
{
    int rc = __real_consumer_assign(self, partitions, starts, n, reterr);

    if (rc == 0 && role == ROLE_LANE)
        pass(POINT_LANE_ASSIGNED);
    return rc;
}

/* What is admitted and not committed, after every event: one lane is assumed. */
void __wrap_flow_feed(struct flow *self, const struct flow_event *event)
{
    struct flow_figures figures;

    __real_flow_feed(self, event);
    flow_figures(self, &figures);
    witness->in_flight = (int64_t)figures.in_flight;
    if (witness->in_flight > witness->in_flight_most)
        witness->in_flight_most = (int64_t)figures.in_flight;
}

int __wrap_ticket_decode(const struct record *in, struct ticket **ret_ticket, struct ticket_identity *ret_identity,
                         struct err *reterr)
{
    if (text && in->value && memmem(in->value, in->value_len, text, strlen(text)))
        die();
    return __real_ticket_decode(in, ret_ticket, ret_identity, reterr);
}

/* ---- the transaction ---- */

rd_kafka_error_t *__real_rd_kafka_begin_transaction(rd_kafka_t *client);
rd_kafka_error_t *__wrap_rd_kafka_begin_transaction(rd_kafka_t *client);
enum produce_end __real_producer_send(struct producer *self, const char *topic, const struct message *message,
                                      struct err *reterr);
enum produce_end __wrap_producer_send(struct producer *self, const char *topic, const struct message *message,
                                      struct err *reterr);
rd_kafka_error_t *__real_rd_kafka_send_offsets_to_transaction(rd_kafka_t *client,
                                                              const rd_kafka_topic_partition_list_t *offsets,
                                                              const rd_kafka_consumer_group_metadata_t *group,
                                                              int timeout_ms);
rd_kafka_error_t *__wrap_rd_kafka_send_offsets_to_transaction(rd_kafka_t *client,
                                                              const rd_kafka_topic_partition_list_t *offsets,
                                                              const rd_kafka_consumer_group_metadata_t *group,
                                                              int timeout_ms);
rd_kafka_error_t *__real_rd_kafka_commit_transaction(rd_kafka_t *client, int timeout_ms);
rd_kafka_error_t *__wrap_rd_kafka_commit_transaction(rd_kafka_t *client, int timeout_ms);

rd_kafka_error_t *__wrap_rd_kafka_begin_transaction(rd_kafka_t *client)
{
    rd_kafka_error_t *error = __real_rd_kafka_begin_transaction(client);

    if (!error) {
        in_transaction = client;
        sent = 0;
        pass_of(POINT_LANE_BEGIN, POINT_RELAY_BEGIN);
    }
    return error;
}

enum produce_end __wrap_producer_send(struct producer *self, const char *topic, const struct message *message,
                                      struct err *reterr)
{
    enum produce_end end = __real_producer_send(self, topic, message, reterr);

    if (end == PRODUCE_OK) {
        sent++;
        pass_of(POINT_LANE_PRODUCE, POINT_RELAY_PRODUCE);
    }
    return end;
}

rd_kafka_error_t *__wrap_rd_kafka_send_offsets_to_transaction(rd_kafka_t *client,
                                                              const rd_kafka_topic_partition_list_t *offsets,
                                                              const rd_kafka_consumer_group_metadata_t *group,
                                                              int timeout_ms)
{
    rd_kafka_error_t *error;

    if (sent)
        pass(POINT_LANE_OFFSETS_BEFORE);
    error = __real_rd_kafka_send_offsets_to_transaction(client, offsets, group, timeout_ms);
    if (!error && sent)
        pass(POINT_LANE_OFFSETS_AFTER);
    return error;
}

rd_kafka_error_t *__wrap_rd_kafka_commit_transaction(rd_kafka_t *client, int timeout_ms)
{
    rd_kafka_error_t *error;

    if (sent)
        pass_of(POINT_LANE_COMMIT_BEFORE, POINT_RELAY_COMMIT_BEFORE);
    error = __real_rd_kafka_commit_transaction(client, timeout_ms);
    if (!error) {
        in_transaction = NULL;
        if (sent)
            pass_of(POINT_LANE_COMMIT_AFTER, POINT_RELAY_COMMIT_AFTER);
    }
    return error;
}

/* ---- Postgres ---- */

int __real_queue_feed(struct queue *self, const struct queue_partition *partition, const struct queue_batch *batch,
                      struct queue_fed *ret_fed, struct err *reterr);
int __wrap_queue_feed(struct queue *self, const struct queue_partition *partition, const struct queue_batch *batch,
                      struct queue_fed *ret_fed, struct err *reterr);
void __real_consumer_commit_plain(struct consumer *self, int partition, int64_t offset);
void __wrap_consumer_commit_plain(struct consumer *self, int partition, int64_t offset);
int __real_queue_outbox_note(struct queue *self, int64_t sequence, struct err *reterr);
int __wrap_queue_outbox_note(struct queue *self, int64_t sequence, struct err *reterr);

int __wrap_queue_feed(struct queue *self, const struct queue_partition *partition, const struct queue_batch *batch,
                      struct queue_fed *ret_fed, struct err *reterr)
{
    int rc;

    pass(POINT_FEEDER_FEED_BEFORE);
    rc = __real_queue_feed(self, partition, batch, ret_fed, reterr);
    if (rc == 0)
        pass(POINT_FEEDER_FEED_AFTER);
    return rc;
}

void __wrap_consumer_commit_plain(struct consumer *self, int partition, int64_t offset)
{
    __real_consumer_commit_plain(self, partition, offset);
    pass(POINT_FEEDER_COMMIT_AFTER);
}

int __wrap_queue_outbox_note(struct queue *self, int64_t sequence, struct err *reterr)
{
    int rc = __real_queue_outbox_note(self, sequence, reterr);

    if (rc == 0)
        pass(POINT_RELAY_NOTED);
    return rc;
}
