/* A group member that reads one topic, partition by partition: each partition has a queue of its own that is simply left
 * alone when the reader is full. Static membership, range assignor, read_committed, no auto commit. It never assigns by
 * itself: the caller is told of a change, reads positions, and then assigns. Not thread-safe: one per lane. */
#ifndef TRIAGED_KAFKA_CONSUMER_H
#define TRIAGED_KAFKA_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"
#include "triage/ticket.h"

#define CONSUMER_HEADERS_MAX 64 /* headers of a record that we look at */

struct consumer; /* opaque */

struct consumer_settings {
    const struct config_kafka *config;
    const char *topic, *group;
    const char *instance_id; /* static membership; "" for a dynamic member */
    bool stays_out;          /* never joins: only reads positions */
};

/* wake_fd is an eventfd that is written whenever something may be there to read. */
int consumer_open(const struct consumer_settings *settings, int wake_fd, struct consumer **ret_consumer,
                  struct err *reterr);
/* Leaves: a static member keeps its place for the session timeout. Pending changes of assignment are dropped. */
void consumer_close(struct consumer *self);

enum consumer_change { CONSUMER_NONE, CONSUMER_ASSIGN, CONSUMER_REVOKE, CONSUMER_LOST, CONSUMER_FATAL };

/* Serves the main queue; never waits. On ASSIGN, REVOKE and LOST the partitions stand in *ret_partitions until the caller
 * has called consumer_assign or consumer_unassign. FATAL: reterr says why (fenced, unknown topic, authorisation). */
enum consumer_change consumer_poll(struct consumer *self, const int **ret_partitions, size_t *ret_n,
                                   struct err *reterr);

/* Some broker is connected, as of the last second; true until the first word of it. Needs consumer_poll to be called. */
bool consumer_connected(const struct consumer *self);

struct consumer_position {
    int partition;
    bool committed;  /* a position stands */
    int64_t offset;  /* committed offset, when committed */
    char *metadata;  /* owned: mem_free; "" none */
    int64_t low, high; /* watermarks: first offset kept, end */
};

/* Committed positions with metadata, and watermarks. Times out (transient) while another transaction holds offsets. */
int consumer_read_positions(struct consumer *self, struct consumer_position *positions, size_t n, int timeout_ms,
                            struct err *reterr);
void consumer_positions_done(struct consumer_position *positions, size_t n); /* frees the metadata */
/* How many partitions the topic has. */
int consumer_partition_count(struct consumer *self, int timeout_ms, int *ret_count, struct err *reterr);

/* Takes the partitions, each from start on. */
int consumer_assign(struct consumer *self, const int *partitions, const int64_t *starts, size_t n, struct err *reterr);
void consumer_unassign(struct consumer *self);

struct consumer_record {
    int64_t offset;
    int64_t timestamp_ms; /* -1 unknown */
    struct record record; /* borrowed until consumer_pop */
    bool end;             /* no record: the end of the partition was reached; offset is that end */
};

/* The next record of a partition without taking it, or false. Errors of the partition (position out of range) are
 * returned as -1 in *ret_broken with a text. */
bool consumer_peek(struct consumer *self, int partition, struct consumer_record *ret_record, bool *ret_broken,
                   struct err *reterr);
void consumer_pop(struct consumer *self, int partition);
/* The cluster's id; the caller frees with mem_free; NULL when Kafka can't be reached in time. */
char *consumer_cluster_id(struct consumer *self, int timeout_ms);

/* Records of the partition from next on, as far as the last fetch knew. */
int64_t consumer_lag(struct consumer *self, int partition, int64_t next);

/* A plain commit of one partition's offset: for lag tools of readers whose position lives elsewhere (the feeder). */
void consumer_commit_plain(struct consumer *self, int partition, int64_t offset);

void *consumer_handle(struct consumer *self); /* for the producer of the same folder */

#endif
