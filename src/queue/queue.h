/* The Postgres queue as the program uses it: the feeder's and the relay's calls, the reviewer's calls, and migrations.
 * All rules live in the SQL functions (schemas/postgres); this only carries parameters and rows. */
#ifndef TRIAGED_QUEUE_QUEUE_H
#define TRIAGED_QUEUE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "policy/config.h"
#include "triage/err.h"

#define QUEUE_ERR_STALE "TR010" /* err.reason: another feeder has moved the position */

struct queue; /* one connection */

int queue_open(const struct config_postgres *config, const char *application, struct queue **ret_queue,
               struct err *reterr);
void queue_close(struct queue *self);

/* ---- feeder ---- */

struct queue_partition {
    const char *cluster, *topic;
    int partition;
};

int queue_feeder_next(struct queue *self, const struct queue_partition *partition, bool *ret_known, int64_t *ret_next,
                      struct err *reterr);

struct queue_batch {
    bool known; /* the row is expected to hold `expected`; else to be missing */
    int64_t expected, next;
    const char *records; /* JSON array of review.v1 messages, in order */
};
struct queue_fed {
    int enqueued, duplicates, late, closed, refused;
};
int queue_feed(struct queue *self, const struct queue_partition *partition, const struct queue_batch *batch,
               struct queue_fed *ret_fed, struct err *reterr);

/* ---- relay ---- */

int queue_relay_lock(struct queue *self, bool *ret_mine, struct err *reterr);
/* Last number given, and whether Postgres remembers that anything was published. */
int queue_outbox_state(struct queue *self, int64_t *ret_last, bool *ret_remembered, struct err *reterr);
/* Releases what has passed its hold window and numbers what is visible; gives the last number. */
int queue_sequence(struct queue *self, int limit, int64_t *ret_last, struct err *reterr);
int queue_outbox_note(struct queue *self, int64_t sequence, struct err *reterr);
int queue_outbox_trim(struct queue *self, int64_t sequence, struct err *reterr);
/* After a restored backup: numbering goes on after the position that Kafka holds. For the schema's owner. */
int queue_relay_recover(struct queue *self, int64_t sequence, int64_t *ret_last, struct err *reterr);
int queue_set_hold(struct queue *self, int seconds, struct err *reterr);

struct outbox_row {
    int64_t sequence;
    const char *kind, *key, *headers, *payload; /* borrowed from the rows */
};
struct outbox_rows; /* opaque */
int queue_outbox_after(struct queue *self, int64_t sequence, int limit, struct outbox_rows **ret_rows,
                       struct err *reterr);
size_t outbox_rows_count(const struct outbox_rows *self);
struct outbox_row outbox_rows_at(const struct outbox_rows *self, size_t index);
void outbox_rows_free(struct outbox_rows *self);

/* ---- the watch over the promise ---- */

/* Every verdict of the profile's audits under the promise, in order; label is borrowed for the call. */
int queue_each_verdict(struct queue *self, const char *profile, const char *promise,
                       void (*take)(void *opaque, int64_t number, const char *label, bool wrong), void *opaque,
                       struct err *reterr);
struct queue_alarm {
    const char *profile, *promise, *scope; /* scope "" : all classes together */
    int64_t at_verdict;
    const char *caps; /* JSON array of {key, value}: records for triage.control */
};
/* Writes it down with its caps, once for a promise and scope: *ret_new says whether this was the first time. */
int queue_raise_alarm(struct queue *self, const struct queue_alarm *alarm, bool *ret_new, struct err *reterr);
/* Alarms of the profile's other promises are over. */
int queue_promise_in_force(struct queue *self, const char *profile, const char *promise, struct err *reterr);

/* ---- autonomy ---- */

struct queue_class {
    const char *profile, *label;
    const char *begins; /* its level while none is on record */
};
struct queue_evidence {
    char level[16], since[48], demoted_at[48], demoted_for[72], demoted_promise[80], reviewed_by[260]; /* "" none */
    long labels, looked, overrides;
    double share_of_manual, reviewed_days; /* below 0: not known */
};
/* What triage.autonomy_evidence says of a class. */
int queue_class_evidence(struct queue *self, const struct queue_class *class, int window,
                         struct queue_evidence *ret_evidence, struct err *reterr);

struct queue_step {
    struct queue_class class;
    const char *from, *to; /* of a step down: from is not asked, to "" as triage.fall says */
    const char *reason, *text, *by, *owner, *promise, *evidence; /* evidence: JSON */
    const char *incident;                                        /* of a step down; "" none */
};
int queue_promote(struct queue *self, const struct queue_step *step, struct err *reterr);
int queue_demote(struct queue *self, const struct queue_step *step, bool *ret_done, struct err *reterr);
int queue_quality_reviewed(struct queue *self, const struct queue_class *class, const char *by, const char *note,
                           struct err *reterr);

struct queue_past_step {
    const char *at, *from, *to, *reason, *text, *by, *owner, *evidence;
};
int queue_each_step(struct queue *self, const struct queue_class *class,
                    void (*take)(void *opaque, const struct queue_past_step *step), void *opaque, struct err *reterr);

struct queue_hold {
    int64_t item;
    const char *key, *profile, *label;
    bool due;
};
int queue_each_hold(struct queue *self, int most,
                    int (*take)(void *opaque, const struct queue_hold *hold, struct err *reterr), void *opaque,
                    struct err *reterr);
int queue_release_hold(struct queue *self, int64_t item, bool *ret_done, struct err *reterr);
int queue_stop_hold(struct queue *self, int64_t item, const char *reason, bool *ret_done, struct err *reterr);

/* ---- the watch over drift ---- */

struct queue_drift {
    int64_t version;                      /* 0: nothing was saved */
    char *classifier, *state, *positions; /* owned; NULL with version 0 */
};
void queue_drift_done(struct queue_drift *self);
int queue_drift_load(struct queue *self, const char *profile, struct queue_drift *ret_drift, struct err *reterr);
/* Replaces what the version says; JSON in all but classifier. *ret_mine false: somebody else wrote since. */
struct queue_drift_change {
    const char *profile, *classifier;
    int64_t version;
    const char *state, *positions, *readings, *events, *decided;
};
int queue_drift_save(struct queue *self, const struct queue_drift_change *change, bool *ret_mine, struct err *reterr);
/* For triage_migrator. *ret_found false: there is no such signal. */
int queue_drift_accept(struct queue *self, const char *profile, const char *signal, const char *scope, bool *ret_found,
                       struct err *reterr);
/* What this worker tells of itself; parts: a line each. */
int queue_worker_seen(struct queue *self, const char *instance, bool ready, const char *parts, struct err *reterr);
/* The document of triage.governance for a period; the caller frees it with mem_free. */
int queue_governance(struct queue *self, const char *since, const char *until, char **ret_json, struct err *reterr);
/* JSON arrays of the views drift_signals and drift_alarms, of one profile or, by "", of all. */
int queue_drift_show(struct queue *self, const char *profile, char **ret_signals, char **ret_alarms, struct err *reterr);
/* Whether this connection is the one that reads for the profile; held until it closes. */
int queue_drift_lock(struct queue *self, const char *profile, bool *ret_mine, struct err *reterr);

/* ---- drafts whose articles have changed ---- */

struct queue_draft {
    int64_t item;
    const char *request, *ticket; /* JSON; ticket "" : none; borrowed for the call */
};
/* Every waiting draft that cites an article in another version than versions ({id: hash}) has it, and that was not
 * checked by this knowledge yet, until take gives -1. take may call queue_rechecked. */
int queue_each_outdated(struct queue *self, const char *versions, const char *knowledge,
                        int (*take)(void *opaque, const struct queue_draft *draft, struct err *reterr), void *opaque,
                        struct err *reterr);
struct queue_recheck {
    int64_t item;
    const char *knowledge;
    const char *finding;     /* JSON {articles, unsupported, stands} */
    const char *unsupported; /* JSON array of claims without a source; NULL: as before */
    const char *reason;      /* JSON {code, text} for the reviewer; NULL: none */
};
int queue_rechecked(struct queue *self, const struct queue_recheck *found, bool *ret_waits, struct err *reterr);

/* ---- housekeeping ---- */

/* One bounded step; *ret_more: there is more to do. The caller frees *ret_json, counts by name, with mem_free. */
int queue_maintain(struct queue *self, bool *ret_more, char **ret_json, struct err *reterr);
/* Notifies who listens on the channel triage_queue, when anything happened since *last, and moves it. */
int queue_tick(struct queue *self, int64_t *last, struct err *reterr);
/* Forgets the person with this requester id, of one tenant or (NULL) of all. For triage_migrator. */
int queue_erase(struct queue *self, const char *requester, const char *tenant, char **ret_json, struct err *reterr);
/* What is wrong right now (triage.alarms); the texts are borrowed for the call. */
int queue_each_trouble(struct queue *self,
                       void (*take)(void *opaque, const char *name, double value, const char *what_to_do), void *opaque,
                       struct err *reterr);

struct queue_export {
    const char *purpose;                   /* "train" or "calibrate" */
    const char *since;                     /* a time as Postgres reads it, or NULL */
    double calibration_share, audit_share; /* 0..1; of the tickets, of what no person sees */
    bool even;                             /* thinned out by weight */
};
/* Each row as JSON text, in the order of the answers, until take returns other than 0. For triage_migrator. */
int queue_export(struct queue *self, const struct queue_export *wanted, int (*take)(void *opaque, const char *json),
                 void *opaque, struct err *reterr);

/* ---- the review budget ---- */

/* Takes over who reviews when, as a policy says (policy_staffing); "" nothing. *ret_new: it changed. */
int queue_set_staffing(struct queue *self, const char *profile, const char *staffing, bool *ret_new,
                       struct err *reterr);
#define QUEUE_STATE_MAX 16 /* bytes of a word with the terminator */
/* How far a profile gives way, and what the plan of its group says. */
struct queue_relief {
    char state[QUEUE_STATE_MAX]; /* normal, tight or over */
    double left_seconds; /* for which the state still holds; 0: nobody confirmed it */
    bool known;          /* there is a plan of the last hour, and the group is staffed */
    bool overloaded;
    int streak;          /* plans in a row that say so, or say the opposite */
    double lacking_hours;
};
int queue_relief(struct queue *self, const char *profile, const char *group, struct queue_relief *ret_relief,
                 struct err *reterr);
struct queue_relief_step {
    const char *profile, *group, *owner;
    const char *from, *to; /* the same: confirmed */
};
/* *ret_done: it changed, and its record is on the way to triage.control; not when the state is another by now. */
int queue_set_relief(struct queue *self, const struct queue_relief_step *step, bool *ret_done, struct err *reterr);
/* Groups whose reviews cannot be done in time; the texts are borrowed for the call. */
int queue_each_overload(struct queue *self, void (*take)(void *opaque, const char *group, double lacking_hours),
                        void *opaque, struct err *reterr);

/* ---- metrics ---- */

struct queue_figures {
    int64_t open, claimed, held, outbox_backlog;
    double oldest_seconds;
    int64_t reviews;
    double review_seconds, oldest_transaction_seconds;
    int64_t overdue, claim_expired, feed_refused;
    double outbox_oldest_seconds;
    double manual_seconds; /* 0: not known */
};
int queue_figures(struct queue *self, struct queue_figures *ret_figures, struct err *reterr);

/* Rows of a view of figures, as numbers: which view and which columns stands in a table in figures.c. */
enum queue_table { QUEUE_GROUPS, QUEUE_CLASSES, QUEUE_CALIBRATION };
#define QUEUE_NUMBERS_MAX 6
struct queue_row {
    const char *name;                  /* of the group or class, or the lower end of the bin; borrowed for the call */
    double numbers[QUEUE_NUMBERS_MAX]; /* groups: open, overdue, oldest seconds; classes: answers, overridden, unedited,
                                        * median seconds, bypassed; calibration: audits, stated, right */
};
int queue_each_row(struct queue *self, enum queue_table table, void (*take)(void *opaque, const struct queue_row *row),
                   void *opaque, struct err *reterr);

/* ---- migrations ---- */

/* Applies what is missing of the numbered files that were built in, in one transaction each, under an advisory lock.
 * An applied file whose text has changed since is an error. */
int queue_migrate(struct queue *self, int *ret_applied, int *ret_total, struct err *reterr);
/* 0 when everything is applied, -1 with what to do. */
int queue_check_schema(struct queue *self, struct err *reterr);

#endif
