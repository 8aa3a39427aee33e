/* A model of Kafka that fences only what Kafka fences: transactions by producer epoch, offsets in a transaction by member
 * id and generation of the group (never by partition), group members by static instance id. */
#ifndef TRIAGED_SIM_KAFKA_H
#define TRIAGED_SIM_KAFKA_H

#include "sim.h"

#define SESSION_US (10 * SECOND)
#define TXN_TIMEOUT_US (10 * SECOND)
#define REBALANCE_TIMEOUT_US (30 * SECOND)

struct input_log {
    struct input *at;
    int64_t first, n, cap; /* offsets first … first+n-1 */
};

enum topic { TOPIC_RESULTS, TOPIC_REVIEWS, TOPIC_DEADLETTER };

struct output {
    enum topic topic;
    enum status status; /* of a result */
    bool close;         /* of a review record: word instead of a request */
    uint64_t key;
    int64_t revision;
    int partition;      /* of the input; -1: the relay's */
    int64_t offset;
    enum flow_verdict verdict;
    int64_t sequence;   /* the relay's */
    int item;
    int64_t at;         /* place in its log */
    int lane;           /* who wrote it; -1 the relay */
};

struct review_entry {
    enum log_state state;
    int producer; /* while open */
    struct output output;
};

struct position_entry {
    enum log_state state;
    int producer;
    int key; /* partition of a lane's marker, or RELAY_KEY */
    int64_t value;
};
#define RELAY_KEY PARTITIONS_MAX

struct pending_offset {
    int partition;
    int64_t base;
    char *text;
};

enum txn_phase { TXN_NONE, TXN_OPEN, TXN_ENDING }; /* ENDING: decided, markers still to be written */

struct txn {
    enum txn_phase phase;
    int epoch;
    bool committed;
    int64_t began_us, late_commit_us; /* a commit request still on its way; NEVER none */
    struct output *outputs;
    size_t n, cap;
    struct pending_offset offsets[PARTITIONS_MAX];
    size_t n_offsets;
    bool offsets_open, positions_open, reviews_open[REVIEW_PARTITIONS]; /* a marker is to be written there */
};

struct committed {
    bool has;
    int64_t base;
    char *text;
};

struct member {
    bool present, joined;
    int id, generation;
    unsigned assigned; /* partitions, by bit */
    int64_t seen_us;
};

enum group_state { GROUP_EMPTY, GROUP_STABLE, GROUP_PREPARING };

struct kafka {
    struct input_log inputs[PARTITIONS_MAX];
    int source_txns, open_source; /* number of the open source transaction, -1 none */
    int64_t results_end;
    struct review_entry *reviews[REVIEW_PARTITIONS];
    int64_t n_reviews[REVIEW_PARTITIONS], cap_reviews[REVIEW_PARTITIONS];
    struct position_entry *positions;
    int64_t n_positions, cap_positions;
    struct txn txns[PRODUCERS_MAX];
    struct committed committed[PARTITIONS_MAX];
    enum group_state group;
    int generation, next_member_id;
    int64_t rebalance_deadline_us;
    struct member members[NAMES_MAX];
};

enum answer { KAFKA_OK, KAFKA_WAIT, KAFKA_FENCED, KAFKA_ABORT, KAFKA_MEMBER_FENCED };

struct kafka *kafka_new(void);
void kafka_free(struct kafka *self);

/* The ticket topic. */
struct input *kafka_input(struct kafka *self, int partition, int64_t offset); /* NULL: not there */
int64_t kafka_append(struct kafka *self, int partition, const struct input *input);
int64_t kafka_stable(const struct kafka *self, int partition);  /* last stable offset */
void kafka_source_end(struct sim *sim, bool commit);

/* Producers: id and epoch name one. */
enum answer kafka_init_producer(struct sim *sim, int id, int *ret_epoch);
enum answer kafka_produce(struct sim *sim, int id, int epoch, const struct output *output);
enum answer kafka_put_position(struct sim *sim, int id, int epoch, int key, int64_t value);
struct member_metadata {
    int name, id, generation;
};
enum answer kafka_send_offsets(struct sim *sim, int id, int epoch, const struct member_metadata *member,
                               const struct flow_position *positions, size_t n);
enum answer kafka_end(struct sim *sim, int id, int epoch, bool commit);
void kafka_end_late(struct sim *sim, int id, int64_t at_us); /* the request is on its way; nobody hears of its end */

/* Offsets: WAIT while a transaction holds some of them. */
enum answer kafka_fetch_offset(struct sim *sim, int partition, struct committed *ret_committed);
/* The newest committed record of a key up to the last stable offset, as a reader from the beginning finds it; WAIT while
 * an open transaction hides the log's end. */
enum answer kafka_read_position(struct sim *sim, int key, bool *ret_found, int64_t *ret_value);
int64_t kafka_reviews_stable(const struct kafka *self, int partition);

/* The group: a member id for a name; what happens to members shows when they look. */
int kafka_join(struct sim *sim, int name);
void kafka_remove_member(struct sim *sim, int name);
void kafka_broker_step(struct sim *sim); /* timeouts, markers, rebalances; heartbeats are in member.seen_us */

#endif
