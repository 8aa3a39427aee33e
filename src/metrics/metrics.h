/* Figures of the running process: counters, gauges and histograms in one table (metrics.c), written without locks from
 * any thread and rendered as Prometheus text. Decisions never read them. A label is of a fixed list, or a class, group,
 * endpoint or the like: few, and bounded by the table; never an id. */
#ifndef TRIAGED_METRICS_METRICS_H
#define TRIAGED_METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "policy/config.h"
#include "triage/decision.h"

enum metric {
    METRIC_RECORDS,      /* records read, by lane role */
    METRIC_DEADLETTERS,  /* by reason: metrics_count_label */
    METRIC_TRANSACTIONS, /* by end */
    METRIC_MODEL_CALLS,  /* by end */
    METRIC_MODEL_TOKENS, /* by kind */
    METRIC_IN_FLIGHT,
    METRIC_IN_FLIGHT_BYTES,
    METRIC_WAITING_FOR_MODEL,
    METRIC_PROFILE_TICKETS, /* profile, outcome */
    METRIC_PROFILE_WAITING, /* profile */
    METRIC_PROFILE_CALLING, /* profile */
    METRIC_READY,
    METRIC_PARKED,
    METRIC_WINDOW_RUNS,
    METRIC_PARTITIONS,
    METRIC_LAG,
    METRIC_BREAKER_OPEN,
    METRIC_FEEDER_RECORDS,
    METRIC_FEEDER_LAG,
    METRIC_RELAY_AT_WORK, /* 1 in the process whose relay has the turn and can publish */
    METRIC_RELAY_POSITION,
    METRIC_RELAY_PUBLISHED,
    METRIC_OUTBOX_BACKLOG,
    METRIC_QUEUE_OPEN,
    METRIC_QUEUE_CLAIMED,
    METRIC_QUEUE_OLDEST_SECONDS,
    METRIC_QUEUE_OLDEST_TRANSACTION, /* anywhere in the database, seconds */
    METRIC_REVIEW_SECONDS,           /* time that reviewers spent, sum */
    METRIC_REVIEWS,
    METRIC_REBALANCES,
    METRIC_AUDITS, /* with a verdict, under the promise in force */
    METRIC_AUDIT_ERRORS,
    METRIC_PROMISE_BROKEN,
    METRIC_RELOADS,
    METRIC_RECALLS,        /* waiting drafts whose articles have changed, by what the check found */
    METRIC_KNOWLEDGE,      /* changes that came by the topic, by end */
    METRIC_TICKETS,        /* outcome, reason: metrics_outcome */
    METRIC_DECISIONS,      /* class, outcome: metrics_outcome */
    METRIC_CLASS_MODE,     /* class: what it may do now, 0 off to 3 auto */
    METRIC_ENDPOINT_TRIES, /* endpoint, end */
    METRIC_ENDPOINT_OPEN,  /* endpoint */
    METRIC_QUEUE_OVERDUE,
    METRIC_QUEUE_CLAIM_EXPIRED,
    METRIC_FEED_REFUSED,
    METRIC_OUTBOX_OLDEST,        /* seconds */
    METRIC_GROUP_OPEN,           /* group */
    METRIC_GROUP_OVERDUE,        /* group */
    METRIC_GROUP_OLDEST,         /* group: seconds */
    METRIC_CLASS_ANSWERS,        /* class: of people */
    METRIC_CLASS_OVERRIDDEN,     /* class: share */
    METRIC_CLASS_UNEDITED,       /* class: share */
    METRIC_CLASS_REVIEW_SECONDS, /* class: median */
    METRIC_CLASS_BYPASSED,       /* class */
    METRIC_MANUAL_SECONDS,
    METRIC_CALIBRATION_AUDITS, /* bin */
    METRIC_CALIBRATION_STATED, /* bin */
    METRIC_CALIBRATION_RIGHT,  /* bin */
    METRIC_QUEUE_ALARM,        /* name */
    METRIC_REVIEW_STATE,       /* profile: enum review_state */
    METRIC_PROMISE_EVIDENCE,
    METRIC_DRIFT_EVIDENCE, /* signal, scope */
    METRIC_DRIFT_RECENT,   /* signal, scope */
    METRIC_DRIFT_LOW,      /* signal, scope */
    METRIC_DRIFT_HIGH,     /* signal, scope */
    METRIC_DRIFT_ALARM,    /* signal, scope */
    METRIC_DRIFT_LEARNING,
    METRIC_STAGE_SECONDS,    /* stage: metrics_observe */
    METRIC_ENDPOINT_SECONDS, /* endpoint: metrics_series_observe */
    METRIC_COUNT
};

enum metric_stage {
    STAGE_SCREEN,
    STAGE_CLASSIFY,
    STAGE_DRAFT,
    STAGE_DECIDE_TOTAL,
    STAGE_COMMIT,
    STAGE_END_TO_END,
    STAGE_COUNT
};

#define METRIC_LABELS_MAX 16 /* values of the one label that a metric may have */
#define METRIC_LANES_MAX  CONFIG_LANES_MAX
#define METRIC_VALUE_MAX  128     /* bytes of a label's value with the terminator; longer ones are cut */
#define METRIC_OTHER      "other" /* stands for values beyond a metric's bound */

/* Counters and gauges. lane: gauges are kept per lane and summed; counters ignore it. */
void metrics_add(enum metric metric, const char *label, int64_t n);
void metrics_set(enum metric metric, int lane, int64_t value);
/* Metrics whose label values are not listed in the table: b is NULL where there is one label. */
void metrics_series_add(enum metric metric, const char *a, const char *b,
                        int64_t n); /* counters; gauges go up and down */
void metrics_series_set(enum metric metric, const char *a, const char *b, double value); /* gauges */
void metrics_series_observe(enum metric metric, const char *a, int64_t us);              /* histograms */
/* Takes the metric's gauges out of sight until they are set again: what is no longer there does not stand on. */
void metrics_series_forget(enum metric metric);
/* One count per decided record: by outcome and first reason, and by class and outcome. */
void metrics_outcome(enum result_status status, const struct decision *decision);
void metrics_observe(enum metric_stage stage, int64_t us);

/* Parts of the process that must work for it to be ready; each starts out not ready once declared. */
enum health {
    HEALTH_LANES,
    HEALTH_FEEDER,
    HEALTH_RELAY,
    HEALTH_CONTROL,
    HEALTH_WATCH,
    HEALTH_KNOWLEDGE,
    HEALTH_RECALL,
    HEALTH_DRIFT,
    HEALTH_AUTONOMY,
    HEALTH_BUDGET,
    HEALTH_COUNT
};
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
const char *metrics_name(enum metric metric);
void metrics_print_reference(struct buf *out); /* docs/METRICS.md */

#endif
