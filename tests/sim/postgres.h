/* A model of the queue in Postgres: what schemas/postgres promises to feeder, relay and reviewers, no more. Its steps are
 * transactions; tests/queue proves them against the real thing. */
#ifndef TRIAGED_SIM_POSTGRES_H
#define TRIAGED_SIM_POSTGRES_H

#include "kafka.h"
#include "sim.h"

enum { ITEMS_MAX = 512, OUTBOX_MAX = 512, FEED_BATCH_MAX = 32 };

enum item_state { ITEM_OPEN, ITEM_CLAIMED, ITEM_HELD, ITEM_RELEASED, ITEM_SUPERSEDED };

struct item {
    uint64_t key;
    int64_t revision;
    enum item_state state;
    int claim_no, claimed_by;
    int64_t claimed_until_us, held_until_us;
    int answers; /* accepted and not undone */
    bool locked; /* a transaction that publishes it is open */
};

struct outbox_row {
    int item;
    uint64_t key; /* the message is complete */
    int64_t revision;
    enum status status;
    bool visible, gone;
    int64_t commit_us, sequence;
};

/* What a backup holds. */
struct tables {
    bool feeder_known[REVIEW_PARTITIONS];
    int64_t feeder_next[REVIEW_PARTITIONS];
    int64_t key_seen[KEYS_MAX];
    struct item items[ITEMS_MAX];
    int n_items;
    struct outbox_row outbox[OUTBOX_MAX]; /* its index is outbox_id */
    int n_outbox;
    int64_t last_sequence, published; /* published -1: null */
};

struct postgres {
    struct tables now, backup, newest; /* newest: what was replaced by an older copy */
    bool has_backup, is_copy, down;
    int64_t down_until_us;
    int session; /* counts restarts: older connections are gone */
    int relay_lock; /* connection that holds the advisory lock, -1 none */
};

enum pg_answer { PG_OK, PG_WAIT, PG_STALE, PG_GONE, PG_REFUSED };

struct postgres *postgres_new(void);

enum pg_answer pg_feed(struct sim *sim, int partition, bool known, int64_t expected, int64_t next,
                       const struct output *records, int n);
enum pg_answer pg_resolve(struct sim *sim, int item, int claim_no, int reviewer);
int pg_claim(struct sim *sim, int reviewer, int *ret_claim_no); /* item or -1 */
void pg_undo(struct sim *sim, int item);
void pg_step(struct sim *sim); /* leases end, answers are published, open transactions commit */

bool pg_relay_lock(struct sim *sim, int connection);
int64_t pg_sequence(struct sim *sim);
int pg_outbox_after(struct sim *sim, int64_t position, struct outbox_row *rows, int most);
void pg_note(struct sim *sim, int64_t position);

void pg_restart(struct sim *sim, int64_t down_us);
void pg_take_backup(struct sim *sim);
void pg_restore_older(struct sim *sim);
void pg_restore_newest(struct sim *sim);

#endif
