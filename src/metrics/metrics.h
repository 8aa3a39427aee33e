/* Figures of the running process: counters, gauges and histograms in one table (metrics.c), written without locks from any
 * thread and rendered as Prometheus text. Decisions never read them. */
#ifndef TRIAGED_METRICS_METRICS_H
#define TRIAGED_METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "triage/decision.h"

enum metric {
    METRIC_RECORDS,             /* records read, by lane role */
    METRIC_DEADLETTERS,         /* by reason: metrics_count_label */
    METRIC_TRANSACTIONS,        /* by end */
    METRIC_MODEL_CALLS,         /* by end */
    METRIC_MODEL_TOKENS,        /* by kind */
    METRIC_IN_FLIGHT,
    METRIC_IN_FLIGHT_BYTES,
    METRIC_WAITING_FOR_MODEL,
    METRIC_READY,
    METRIC_PARKED,
    METRIC_WINDOW_RUNS,
    METRIC_PARTITIONS,
    METRIC_LAG,
    METRIC_BREAKER_OPEN,
    METRIC_FEEDER_RECORDS,
    METRIC_FEEDER_LAG,
    METRIC_RELAY_POSITION,
    METRIC_RELAY_PUBLISHED,
    METRIC_OUTBOX_BACKLOG,
    METRIC_QUEUE_OPEN,
    METRIC_QUEUE_CLAIMED,
    METRIC_QUEUE_OLDEST_SECONDS,
    METRIC_QUEUE_OLDEST_TRANSACTION, /* anywhere in the database, seconds */
    METRIC_REVIEW_SECONDS,      /* time that reviewers spent, sum */
    METRIC_REVIEWS,
    METRIC_REBALANCES,
    METRIC_AUDITS,              /* with a verdict, under the promise in force */
    METRIC_AUDIT_ERRORS,
    METRIC_PROMISE_BROKEN,
    METRIC_RELOADS,
    METRIC_RECALLS,             /* waiting drafts whose articles have changed, by what the check found */
    METRIC_KNOWLEDGE,           /* changes that came by the topic, by end */
    METRIC_COUNT
};

enum metric_stage { STAGE_SCREEN, STAGE_CLASSIFY, STAGE_DRAFT, STAGE_DECIDE_TOTAL, STAGE_COMMIT, STAGE_END_TO_END, STAGE_COUNT };

#define METRIC_LABELS_MAX 16 /* values of the one label that a metric may have */
#define METRIC_LANES_MAX 64

/* Counters and gauges. lane: gauges are kept per lane and summed; counters ignore it. */
void metrics_add(enum metric metric, const char *label, int64_t n);
void metrics_set(enum metric metric, int lane, int64_t value);
/* triaged_tickets_total{outcome,reason}: one count per decided record; reason is the first of the decision. */
void metrics_outcome(enum result_status status, const struct decision *decision);
void metrics_observe(enum metric_stage stage, int64_t us);

/* Parts of the process that must work for it to be ready; each starts out not ready once declared. */
enum health { HEALTH_LANES, HEALTH_FEEDER, HEALTH_RELAY, HEALTH_CONTROL, HEALTH_WATCH, HEALTH_KNOWLEDGE, HEALTH_RECALL, HEALTH_COUNT };
void health_declare(enum health part, int count); /* this role runs here, in so many threads */
/* trouble: what keeps thread `which` of the part from working, borrowed static text; "" it works. */
void health_set(enum health part, int which, const char *trouble);
/* Marks that a loop has turned; /livez turns red when a declared loop stands still for HEALTH_STALL_SECONDS. */
#define HEALTH_STALL_SECONDS 60
#define HEALTH_READY_SECONDS 10 /* the same for /readyz: above the deadline of a transaction */
void health_beat(enum health part, int which, int64_t now_us);

/* The whole page in Prometheus text format 0.0.4. */
void metrics_render(struct buf *out);
bool health_ready(struct buf *ret_text, int64_t now_us);
bool health_alive(struct buf *ret_text, int64_t now_us);
void metrics_print_reference(struct buf *out); /* docs/METRICS.md */

#endif
