/* The delivery state machine of one lane. Pure: events in, commands out; no I/O, no clock, no thread. The shell (src/lane)
 * feeds it events, and after each event carries out every command that flow_next gives before it feeds the next; events
 * that answer a command may be fed as soon as that command was carried out. After the last of several ASSIGNED, REVOKING
 * or LOST the shell feeds a TICK.
 *
 * Terms. A *ticket* here is one admitted input record, known by a handle (never 0, never used again soon). An *epoch* is
 * one assignment of a partition to this lane; work of an older epoch is never emitted. *Ready* tickets are finished and
 * wait for a transaction; the *set* is what the running transaction carries. *Parked* calls belong to tickets of a lost
 * partition, kept in case the same record comes back. A *share* is a part of the model's slots: fair.h says who is next.
 *
 * Invariants (names of faults.md): a position is committed only together with the outputs of every ticket that it passes
 * (I1); tickets of one key leave in the order they came (I4); nothing of an older epoch is emitted (I5); no list grows
 * beyond flow_settings (I7); positions never go back (I10); in_flight counts admitted and not yet committed (I11).
 * States and transitions: docs/STATES.md, kept equal to the table by a test. */
#ifndef TRIAGE_FLOW_H
#define TRIAGE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/err.h"
#include "triage/window.h"

#define FLOW_IN_FLIGHT_MAX 65536
#define FLOW_PARTITIONS_MAX 4096
#define FLOW_ISOLATE_TAKEOVERS 3 /* so many takeovers without progress: one ticket at a time, without a model */
#define FLOW_ISOLATED_RECORDS 64 /* so many go alone; the culprit may stand far behind the first open one */
#define FLOW_SUSPECT_TAKEOVERS 4 /* one more: the first open ticket becomes a dead letter */
#define FLOW_SHARES_MAX 16 /* PROFILES_MAX: each profile is a share of the model's slots */
#define FLOW_BLAMED_ABORTS_MAX 3 /* a set that aborted so often is split until the culprit is alone */

struct flow_settings {
    size_t in_flight;          /* tickets admitted and not committed */
    int64_t in_flight_bytes;   /* the same in bytes of their records; one ticket is always let in */
    size_t model_slots;        /* calls at once */
    size_t dedup_memory;       /* records per partition in which a repeat is recognised */
    size_t commit_batch;       /* most tickets of one transaction */
    int64_t commit_interval_us; /* under load a ready ticket waits this long for company */
    int64_t model_deadline_us; /* from the decision to draft, until the ticket goes on without */
    int64_t stall_us;          /* no answer for this long while calls run: newcomers don't wait for a model */
    size_t n_shares;           /* 0: one */
    uint32_t weights[FLOW_SHARES_MAX]; /* of the shares; 0: 1 */
    bool overflow;             /* beyond half of in_flight waiting for the model, somebody goes on without it at once; false:
                                * nothing more is admitted until there is room */
};

/* ---- events ---- */

enum flow_record_kind {
    FLOW_TICKET,
    FLOW_WITHDRAWAL, /* an event with a revision of its own */
    FLOW_TOMBSTONE,  /* key known, no revision */
    FLOW_BAD,        /* can't be decoded; key_id 0 or revision 0 when they could not be told */
    FLOW_OPAQUE,     /* not looked at: flow_suspect said so */
};

struct flow_record {
    int partition;
    int64_t offset;
    enum flow_record_kind kind;
    uint64_t key_id;       /* keyed hash of the record key; 0 unknown */
    int64_t revision;      /* 0 unknown */
    uint64_t content_hash;
    int64_t bytes;         /* > 0 */
    uint64_t tag;          /* the shell's, given back with the first command about the ticket */
    unsigned share;        /* of the model's slots: its profile; below n_shares */
    uint64_t sender;       /* keyed hash of who wrote it; 0 unknown */
    bool background;       /* gets only what nobody else wants of the model */
};

enum flow_event_kind {
    FLOW_EV_ASSIGNED,     /* position: base and window as read; start: first offset that will be delivered */
    FLOW_EV_REVOKING,     /* the partition goes in order: finished work may still commit, nothing new is admitted */
    FLOW_EV_LOST,         /* the partition is gone (or revocation ended): drop its work */
    FLOW_EV_RECORD,
    FLOW_EV_END,          /* end of partition: everything below offset that was not delivered does not exist */
    FLOW_EV_DECIDED,      /* the shell decided the ticket; needs_model */
    FLOW_EV_MODEL_ENDED,  /* the call ended, with an answer or not; the shell holds the finished decision */
    FLOW_EV_UNWANTED,     /* no draft of the ticket is wanted any more: finish it now, and forget a parked call */
    FLOW_EV_MODEL_STATE,  /* ok: the model can be used; not ok: its breaker is open */
    FLOW_EV_POISON,       /* while emitting: this ticket's output can never be produced */
    FLOW_EV_COMMITTED,
    FLOW_EV_ABORTED,      /* nothing of the set is visible; blame: some record of the set may be the cause */
    FLOW_EV_IN_DOUBT,     /* the set may or may not be visible */
    FLOW_EV_SETTLED,      /* one position read after a doubt: partition, base, text */
    FLOW_EV_SETTLED_ALL,  /* no more of them */
    FLOW_EV_STOP,         /* drain: admit nothing, finish what runs */
    FLOW_EV_STOP_NOW,     /* the drain's deadline: commit what is finished, drop the rest */
    FLOW_EV_TICK,         /* the shell's turn is over; more: input is at hand that may be fed at once */
    FLOW_EV_COUNT
};

struct flow_event {
    enum flow_event_kind kind;
    int64_t now_us; /* monotonic; never goes back */
    int partition;
    int64_t base;            /* ASSIGNED, SETTLED: committed position; END: offset of the end */
    int64_t start;           /* ASSIGNED: first offset that will be delivered, <= base */
    const char *text;        /* ASSIGNED, SETTLED: metadata of that position, "" none; borrowed */
    struct flow_record record;
    uint64_t ticket;         /* DECIDED, MODEL_ENDED, UNWANTED, POISON */
    int64_t due_us;          /* DECIDED with needs_model: when somebody must have it, monotonic; 0: the model's deadline */
    uint32_t cost;           /* DECIDED with needs_model: estimate of its call, in tokens; 0: 1 */
    bool flag;               /* ASSIGNED: a position was committed; DECIDED: needs_model; MODEL_ENDED: answered; MODEL_STATE: ok; ABORTED: blame;
                              * TICK: more */
};

/* ---- commands ---- */

enum flow_verdict {
    FLOW_NEW,               /* decide it */
    FLOW_WITHDRAWN,         /* a withdrawal or tombstone that counts */
    FLOW_DUPLICATE,         /* this revision was seen */
    FLOW_DUPLICATE_DIFFERS, /* seen, with other content */
    FLOW_STALE,             /* a newer revision was seen */
    FLOW_UNDECODABLE,       /* dead letter and, where the identity is known and new, a failed result */
    FLOW_UNDECODABLE_AGAIN, /* dead letter only: its revision has its outcome */
    FLOW_SUSPECT,           /* dead letter crash_suspect */
};

enum flow_without {
    FLOW_MODEL_BUSY,        /* too many wait already, and none is answered; or it gave way */
    FLOW_MODEL_UNAVAILABLE, /* breaker open */
    FLOW_MODEL_LATE,        /* its deadline passed */
    FLOW_MODEL_ISOLATED,    /* one at a time after crashes */
    FLOW_MODEL_UNWANTED,    /* UNWANTED came */
};

enum flow_command_kind {
    FLOW_DECIDE,         /* ticket, verdict, word; answer with DECIDED before anything else about the ticket */
    FLOW_CALL_MODEL,     /* ticket, deadline_us */
    FLOW_CANCEL_MODEL,   /* ticket: no MODEL_ENDED is wanted any more */
    FLOW_FINISH,         /* ticket, without: finish the decision without a draft, now; no answer is expected */
    FLOW_ADOPT,          /* ticket takes over decision and call (or answer) of parked ticket `other`; flag: answered */
    FLOW_REPLACE,        /* ticket: put a small dead letter in place of its outputs; no answer is expected */
    FLOW_BEGIN,          /* begin a transaction */
    FLOW_EMIT,           /* ticket: produce its outputs */
    FLOW_COMMIT,         /* send flow_positions, commit; answer COMMITTED, ABORTED or IN_DOUBT */
    FLOW_SETTLE,         /* new producer, read the positions of flow_positions; answer SETTLED…, SETTLED_ALL */
    FLOW_RELEASE,        /* ticket: free what the shell holds; flag: committed */
    FLOW_STOP_PARTITION, /* partition: its metadata can't be read (text in flow_stop_reason): consume nothing of it */
    FLOW_DRAINED,        /* after STOP: everything is committed or dropped; given once */
    FLOW_COMMAND_COUNT
};

struct flow_command {
    enum flow_command_kind kind;
    uint64_t ticket, other;
    uint64_t tag;               /* of the record */
    int partition;
    enum flow_verdict verdict;
    enum flow_without without;
    bool word;                  /* DECIDE: send word to reviews: an older revision may be open there */
    bool flag;
    int64_t deadline_us;
};

struct flow_position {
    int partition;
    int64_t base;
    char text[WINDOW_TEXT_MAX + 1];
    bool announce; /* the first commit since this partition was assigned */
};

/* ---- the machine ---- */

struct flow;

struct flow *flow_new(const struct flow_settings *settings);
void flow_free(struct flow *self);

void flow_feed(struct flow *self, const struct flow_event *event);
bool flow_next(struct flow *self, struct flow_command *ret_command);

/* Whether the record at this offset is only remembered when it is fed: it has its outcome, no command will name it. */
bool flow_skips(const struct flow *self, int partition, int64_t offset);
/* Whether the record at this offset may be fed now; if not, leave the partition's queue alone. Asking for the first record
 * of a partition that is not done yet also asks for its takeover to be written: only then do crashes count against it. */
bool flow_admits(struct flow *self, int partition, int64_t offset);
/* True when the record at this offset must not be looked into, also when it is only remembered: it is the suspect of
 * repeated crashes, or was given up as one. */
bool flow_suspect(const struct flow *self, int partition, int64_t offset);
/* The positions of the running or doubtful transaction; valid until the next event. */
size_t flow_positions(const struct flow *self, const struct flow_position **ret_positions);
/* When the next TICK is due, monotonic microseconds; INT64_MAX: never. */
int64_t flow_wake_us(const struct flow *self);
/* Nothing of a revoking partition is ready or in the set: the revocation may be completed. */
bool flow_revocable(const struct flow *self);
const char *flow_stop_reason(const struct flow *self, int partition);

/* After a reload; from the next call on. */
void flow_set_weight(struct flow *self, unsigned share, uint32_t weight);

/* Figures for metrics and tests. */
struct flow_figures {
    size_t in_flight, held, deciding, waiting, calling, ready, in_set, parked;
    int64_t in_flight_bytes;
    size_t partitions, window_runs_max;
    size_t waiting_for_model; /* waiting + calling, never above in_flight / 2 */
    size_t waiting_of[FLOW_SHARES_MAX], calling_of[FLOW_SHARES_MAX]; /* the same by share */
};
void flow_figures(const struct flow *self, struct flow_figures *ret_figures);

/* ---- the table behind docs/STATES.md ---- */

enum flow_state {
    FLOW_STATE_FREE,
    FLOW_STATE_HELD,     /* an earlier ticket of its key is not finished */
    FLOW_STATE_DECIDING,
    FLOW_STATE_WAITING,  /* for a model slot */
    FLOW_STATE_CALLING,
    FLOW_STATE_READY,    /* finished, waits for a transaction */
    FLOW_STATE_IN_SET,
    FLOW_STATE_PARKED,   /* partition lost, call still running */
    FLOW_STATE_KEPT,     /* partition lost, answer kept */
    FLOW_STATE_COUNT
};
const char *flow_state_name(enum flow_state state);
bool flow_transition_allowed(enum flow_state from, enum flow_state to);
/* How often each transition was taken in this process by this machine; for the simulation's report. */
uint64_t flow_transition_count(const struct flow *self, enum flow_state from, enum flow_state to);

#endif
