/* What the files of flow share: tickets, partitions, the transaction. Nobody outside src/flow includes this. */
#ifndef TRIAGED_FLOW_FLOW_STATE_H
#define TRIAGED_FLOW_FLOW_STATE_H

#include "flow/fair.h"
#include "flow/memory.h"
#include "triage/flow.h"

struct ticket_slot {
    enum flow_state state;
    uint32_t generation;
    int partition;
    uint32_t epoch;
    struct flow_record record;
    enum flow_verdict verdict;
    bool word, poison, replaced;
    int64_t deadline_us;
    struct fair_item turn;                /* while it waits for a slot */
    struct ticket_slot *next_of_key;      /* the ticket held behind this one */
    struct ticket_slot *adopts;           /* parked ticket whose call this one takes over when it starts */
    struct ticket_slot *adopted_by;       /* of a parked ticket */
    struct ticket_slot *next, *prev;      /* in the list of its state */
    struct slot_list *list;
};

struct slot_list {
    struct ticket_slot *first, *last;
    size_t count;
};

enum partition_state {
    PARTITION_NONE,       /* not ours */
    PARTITION_ANNOUNCING, /* ours; the takeover is being written */
    PARTITION_ACTIVE,
    PARTITION_REVOKING,
    PARTITION_FOREIGN,    /* a doubt showed another's commit: wait for the group to say so */
    PARTITION_STOPPED,    /* metadata unreadable */
};

struct partition {
    enum partition_state state;
    uint32_t epoch;
    struct window window;    /* as committed, plus offsets that do not exist */
    struct window candidate; /* as the running transaction would leave it */
    struct memory memory;
    int64_t next_offset;     /* the next that can be delivered */
    int64_t base_assigned;
    int takeovers, takeovers_read;
    int isolated_left;       /* commits with progress until isolation ends; 0: not isolated */
    int64_t isolated_from_us; /* in isolation: its turn to be alone begins */
    bool flush;              /* commit its position even without a ticket */
    bool announced;          /* something was committed since the assignment */
    size_t open;             /* tickets admitted and not committed */
    size_t ready;
    int64_t seen_base;       /* last position read or written: -1 none */
    char *seen_text;
    char *stop_reason;
};

enum txn_state { TXN_IDLE, TXN_COMMITTING, TXN_DOUBT };

/* One position of the set, with what the shell need not know. */
struct position_note {
    uint32_t epoch;
    int takeovers;
    bool progress;
};

struct key_chain; /* last unfinished ticket of each key */

struct flow {
    struct flow_settings settings;
    size_t model_waiting_max; /* half of in_flight */
    size_t held_max;          /* a quarter: with overflow, beyond it a key that holds up others goes without the model */
    size_t background_slots;  /* of the model that background tickets may have at once */
    int64_t now_us;

    struct ticket_slot *slots;
    size_t n_slots;
    struct slot_list unused;
    struct slot_list held, deciding, waiting, calling, ready, set, parked;
    size_t parked_calls;
    struct key_chain *chains;
    struct fair *fair; /* who of `waiting` is next */
    size_t calling_of[FLOW_SHARES_MAX], calling_in_background;

    struct partition *partitions;
    size_t n_partitions;
    uint32_t last_epoch;
    int alone; /* partition in isolation that has the lane for itself; -1 none */

    size_t in_flight;
    int64_t in_flight_bytes;
    int64_t ready_since_us;
    bool model_ok;
    int64_t model_progress_us; /* when a call last ended, or calls began to run */

    enum txn_state txn;
    struct flow_position *positions;
    struct position_note *notes;
    size_t n_positions, positions_cap;
    size_t set_max;          /* shrinks while a culprit is looked for */
    int blamed_aborts;
    int64_t retry_at_us, retry_delay_us;
    bool settled_as_committed;

    bool more;               /* input is at hand: a transaction can wait for company */
    bool stopping, drained;
    struct flow_command *commands; /* ring */
    size_t command_head, command_count, command_cap;
    uint64_t transitions[FLOW_STATE_COUNT][FLOW_STATE_COUNT];
};

/* slots.c: the ground floor; then fair.c, chain.c, admit.c, partition.c, commit.c and flow.c, each leaning on those before it */
void flow_add_slot(struct flow *self, struct ticket_slot *slot); /* a new one, FREE */
struct ticket_slot *flow_slot_of(struct flow *self, uint64_t handle); /* NULL: gone */
void flow_command(struct flow *self, const struct flow_command *command);
struct flow_command flow_about(const struct flow *self, enum flow_command_kind kind, const struct ticket_slot *ticket);
uint64_t flow_handle(const struct flow *self, const struct ticket_slot *ticket);
void flow_move(struct flow *self, struct ticket_slot *ticket, enum flow_state to);
void flow_move_front(struct flow *self, struct ticket_slot *ticket, enum flow_state to);
struct partition *flow_partition(struct flow *self, int partition);
bool flow_owns(const struct flow *self, const struct ticket_slot *ticket);
bool partition_takes_commits(const struct partition *self);

/* chain.c: per key, the last ticket that is not finished */
struct key_chain *chain_new(size_t capacity);
void chain_free(struct key_chain *self);
struct ticket_slot *chain_last(const struct key_chain *self, int partition, uint64_t key_id); /* NULL: none */
void chain_put(struct key_chain *self, int partition, uint64_t key_id, struct ticket_slot *last);
void chain_remove(struct key_chain *self, int partition, uint64_t key_id);

/* admit.c: from a record to a finished decision */
void admit_record(struct flow *self, const struct flow_record *record);
void admit_decided(struct flow *self, struct ticket_slot *ticket, const struct flow_event *event);
void admit_model_ended(struct flow *self, struct ticket_slot *ticket, bool answered);
void admit_unwanted(struct flow *self, struct ticket_slot *ticket);
void admit_model_state(struct flow *self, bool ok);
void admit_expire(struct flow *self);
void admit_fill_slots(struct flow *self);
void admit_drop(struct flow *self, struct ticket_slot *ticket, bool park);
void admit_release(struct flow *self, struct ticket_slot *ticket, bool committed);

/* partition.c: assignment and loss */
void partition_assigned(struct flow *self, const struct flow_event *event);
void partition_revoking(struct flow *self, int partition);
void partition_lost(struct flow *self, int partition);
void partition_end(struct flow *self, int partition, int64_t end);
int64_t partition_wake_us(const struct flow *self);
void partition_see(struct partition *self, int64_t base, const char *text);

/* commit.c: the transaction */
void commit_maybe_begin(struct flow *self);
void commit_done(struct flow *self);
void commit_aborted(struct flow *self, bool blame);
void commit_in_doubt(struct flow *self);
void commit_settled(struct flow *self, int partition, int64_t base, const char *text);
void commit_settled_all(struct flow *self);
int64_t commit_wake_us(const struct flow *self);

#endif
