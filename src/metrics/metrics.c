/* The table of metrics and its storage: relaxed atomics, written from any thread, read by the exporter. */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "base/attrs.h"

enum metric_kind { COUNTER, GAUGE };

static const struct {
    const char *name, *help, *label;
    enum metric_kind kind;
    const char *values[METRIC_LABELS_MAX]; /* of the label; anything else counts as "other" */
} metric_table[] = {
    [METRIC_RECORDS] =
        {"triaged_records_total", "Records read from the ticket topic.", "use", COUNTER, {"admitted", "remembered"}},
    [METRIC_DEADLETTERS] = {"triaged_deadletters_total",
                            "Dead letters.",
                            "reason",
                            COUNTER,
                            {"json_syntax", "utf8_invalid", "nul_character", "duplicate_key", "too_deep",
                             "too_many_tokens", "too_large", "empty_value", "payload_not_json", "schema_violation",
                             "schema_version_unknown", "key_mismatch", "no_profile", "crash_suspect"}},
    [METRIC_TRANSACTIONS] = {"triaged_transactions_total",
                             "Kafka transactions of the lanes.",
                             "end",
                             COUNTER,
                             {"committed", "aborted", "aborted_message", "in_doubt", "fenced"}},
    [METRIC_MODEL_CALLS] = {"triaged_model_calls_total",
                            "Calls of the model server.",
                            "end",
                            COUNTER,
                            {"answered", "unusable", "model_unavailable", "model_timeout", "model_invalid"}},
    [METRIC_MODEL_TOKENS] = {"triaged_model_tokens_total",
                             "Tokens as the model server counts them; cached ones are part of the prompt's.",
                             "kind",
                             COUNTER,
                             {"prompt", "cached", "answer"}},
    [METRIC_IN_FLIGHT] = {"triaged_in_flight", "Tickets admitted and not committed.", NULL, GAUGE, {0}},
    [METRIC_IN_FLIGHT_BYTES] = {"triaged_in_flight_bytes", "The same in bytes of their records.", NULL, GAUGE, {0}},
    [METRIC_WAITING_FOR_MODEL] =
        {"triaged_waiting_for_model", "Tickets that wait for a model answer.", NULL, GAUGE, {0}},
    [METRIC_READY] = {"triaged_ready", "Finished tickets that wait for a transaction.", NULL, GAUGE, {0}},
    [METRIC_PARKED] = {"triaged_parked", "Model calls kept for records of lost partitions.", NULL, GAUGE, {0}},
    [METRIC_WINDOW_RUNS] =
        {"triaged_window_runs", "Finished runs beyond a committed offset, the longest window.", NULL, GAUGE, {0}},
    [METRIC_PARTITIONS] = {"triaged_partitions", "Partitions assigned.", NULL, GAUGE, {0}},
    [METRIC_LAG] =
        {"triaged_lag_records", "Records of the assigned partitions that are not committed.", NULL, GAUGE, {0}},
    [METRIC_BREAKER_OPEN] = {"triaged_model_breaker_open", "Lanes whose model breaker is open.", NULL, GAUGE, {0}},
    [METRIC_FEEDER_RECORDS] =
        {"triaged_feeder_records_total", "Review messages written to the queue.", NULL, COUNTER, {0}},
    [METRIC_FEEDER_LAG] = {"triaged_feeder_lag_records", "Review messages not yet in the queue.", NULL, GAUGE, {0}},
    [METRIC_RELAY_POSITION] =
        {"triaged_relay_position", "Last published sequence number of the outbox.", NULL, GAUGE, {0}},
    [METRIC_RELAY_PUBLISHED] = {"triaged_relay_published_total", "Outbox rows published.", NULL, COUNTER, {0}},
    [METRIC_OUTBOX_BACKLOG] = {"triaged_outbox_backlog", "Outbox rows not yet published.", NULL, GAUGE, {0}},
    [METRIC_QUEUE_OPEN] = {"triaged_queue_open", "Open review items.", NULL, GAUGE, {0}},
    [METRIC_QUEUE_CLAIMED] = {"triaged_queue_claimed", "Claimed review items.", NULL, GAUGE, {0}},
    [METRIC_QUEUE_OLDEST_SECONDS] =
        {"triaged_queue_oldest_seconds", "Age of the oldest unanswered review item.", NULL, GAUGE, {0}},
    [METRIC_QUEUE_OLDEST_TRANSACTION] = {"triaged_queue_oldest_transaction_seconds",
                                         "Age of the oldest open transaction in the database; one that is old slows down the queue.",
                                         NULL,
                                         GAUGE,
                                         {0}},
    [METRIC_REVIEW_SECONDS] =
        {"triaged_review_seconds_sum", "Seconds that reviewers spent on their answers.", NULL, GAUGE, {0}},
    [METRIC_REVIEWS] = {"triaged_review_seconds_count", "Answers of reviewers.", NULL, GAUGE, {0}},
    [METRIC_REBALANCES] = {"triaged_rebalances_total",
                           "Changes of the assignment.",
                           "change",
                           COUNTER,
                           {"assigned", "revoked", "lost", "fenced"}},
    [METRIC_AUDITS] = {"triaged_audits", "Audits with a verdict, under the promise in force.", NULL, GAUGE, {0}},
    [METRIC_AUDIT_ERRORS] = {"triaged_audit_errors", "Those that two reviewers found wrong.", NULL, GAUGE, {0}},
    [METRIC_PROMISE_BROKEN] =
        {"triaged_promise_broken", "1 since the audits contradict the promise in force.", NULL, GAUGE, {0}},
    [METRIC_RECALLS] = {"triaged_recalls_total", "Waiting drafts that were checked again because an article changed: every "
                        "claim still stands, or the draft was marked.", "end", COUNTER, {"stands", "marked"}},
    [METRIC_KNOWLEDGE] = {"triaged_knowledge_changes_total", "Changes of articles that came by their topic: taken into "
                          "force, or refused because an article can't be read.", "end", COUNTER, {"taken", "refused"}},
    [METRIC_RELOADS] = {"triaged_reloads_total", "Reloads asked for by SIGHUP.", "end", COUNTER, {"done", "refused"}},
};
_Static_assert(ARRAY_LEN(metric_table) == METRIC_COUNT, "a metric without a row");

static const char *const stage_names[] = {"screen", "classify", "draft", "decide", "commit", "end_to_end"};
_Static_assert(ARRAY_LEN(stage_names) == STAGE_COUNT, "a stage without a name");

static const int64_t bucket_us[] = {10,      25,      50,       100,      250,      500,      1000,   2500,
                                    5000,    10000,   25000,    50000,    100000,   250000,   500000, 1000000,
                                    2500000, 5000000, 10000000, 30000000, 60000000, 120000000};
enum { BUCKETS = ARRAY_LEN(bucket_us), REASON_NONE = REASON_COUNT };

static _Atomic int64_t counters[METRIC_COUNT][METRIC_LABELS_MAX + 1];
static _Atomic int64_t gauges[METRIC_COUNT][METRIC_LANES_MAX];
static _Atomic int64_t outcomes[STATUS_COUNT][REASON_COUNT + 1];
static _Atomic int64_t buckets[STAGE_COUNT][BUCKETS + 1];
static _Atomic int64_t sums_us[STAGE_COUNT];

/* ---- writing ---- */

static size_t label_index(enum metric metric, const char *label)
{
    size_t i = 0;

    if (!label || !metric_table[metric].label)
        return 0;
    while (i < METRIC_LABELS_MAX && metric_table[metric].values[i]) {
        if (strcmp(metric_table[metric].values[i], label) == 0)
            return i;
        i++;
    }
    return METRIC_LABELS_MAX;
}

void metrics_add(enum metric metric, const char *label, int64_t n)
{
    atomic_fetch_add_explicit(&counters[metric][label_index(metric, label)], n, memory_order_relaxed);
}

void metrics_set(enum metric metric, int lane, int64_t value)
{
    if (lane >= 0 && lane < METRIC_LANES_MAX)
        atomic_store_explicit(&gauges[metric][lane], value, memory_order_relaxed);
}

void metrics_outcome(enum result_status status, const struct decision *decision)
{
    size_t reason = decision->n_reasons ? (size_t)decision->reasons[0] : REASON_NONE;

    atomic_fetch_add_explicit(&outcomes[status][reason], 1, memory_order_relaxed);
}

void metrics_observe(enum metric_stage stage, int64_t us)
{
    size_t i = 0;

    while (i < BUCKETS && us > bucket_us[i])
        i++;
    atomic_fetch_add_explicit(&buckets[stage][i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&sums_us[stage], us, memory_order_relaxed);
}

/* ---- rendering ---- */

static int64_t gauge_sum(enum metric metric)
{
    int64_t sum = 0;

    for (size_t i = 0; i < METRIC_LANES_MAX; i++)
        sum += atomic_load_explicit(&gauges[metric][i], memory_order_relaxed);
    return sum;
}

static void render_counter(enum metric metric, struct buf *out)
{
    const char *name = metric_table[metric].name;

    if (!metric_table[metric].label) {
        buf_printf(out, "%s %" PRId64 "\n", name, counters[metric][0]);
        return;
    }
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric_table[metric].values[i]; i++)
        buf_printf(out, "%s{%s=\"%s\"} %" PRId64 "\n", name, metric_table[metric].label, metric_table[metric].values[i],
                   counters[metric][i]);
    buf_printf(out, "%s{%s=\"other\"} %" PRId64 "\n", name, metric_table[metric].label,
               counters[metric][METRIC_LABELS_MAX]);
}

static void render_outcomes(struct buf *out)
{
    buf_puts(out, "# HELP triaged_tickets_total Decided records by outcome and first reason.\n"
                  "# TYPE triaged_tickets_total counter\n");
    for (size_t s = 0; s < STATUS_COUNT; s++) {
        for (size_t r = 0; r <= REASON_COUNT; r++) {
            int64_t n = outcomes[s][r];
            if (n)
                buf_printf(out, "triaged_tickets_total{outcome=\"%s\",reason=\"%s\"} %" PRId64 "\n",
                           result_status_name((enum result_status)s),
                           r == REASON_COUNT ? "none" : reason_name((enum reason)r), n);
        }
    }
}

static void render_stage(enum metric_stage stage, struct buf *out)
{
    int64_t count = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        count += buckets[stage][i];
        buf_printf(out, "triaged_stage_seconds_bucket{stage=\"%s\",le=\"%g\"} %" PRId64 "\n", stage_names[stage],
                   (double)bucket_us[i] / 1e6, count);
    }
    count += buckets[stage][BUCKETS];
    buf_printf(out, "triaged_stage_seconds_bucket{stage=\"%s\",le=\"+Inf\"} %" PRId64 "\n", stage_names[stage], count);
    buf_printf(out, "triaged_stage_seconds_sum{stage=\"%s\"} %.6f\n", stage_names[stage], (double)sums_us[stage] / 1e6);
    buf_printf(out, "triaged_stage_seconds_count{stage=\"%s\"} %" PRId64 "\n", stage_names[stage], count);
}

void metrics_render(struct buf *out)
{
    render_outcomes(out);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric_table[i].name, metric_table[i].help,
                   metric_table[i].name, metric_table[i].kind == COUNTER ? "counter" : "gauge");
        if (metric_table[i].kind == COUNTER)
            render_counter((enum metric)i, out);
        else
            buf_printf(out, "%s %" PRId64 "\n", metric_table[i].name, gauge_sum((enum metric)i));
    }
    buf_puts(out, "# HELP triaged_stage_seconds Time per stage.\n# TYPE triaged_stage_seconds histogram\n");
    for (size_t i = 0; i < STAGE_COUNT; i++)
        render_stage((enum metric_stage)i, out);
}

void metrics_print_reference(struct buf *out)
{
    buf_puts(out, "# Metrics\n\nPrinted by `triaged config --metrics`. The worker serves them at `http.listen`, path "
                  "`/metrics`, as "
                  "Prometheus text;\n`/livez` and `/readyz` stand beside. A gauge of lanes is their sum; a counter "
                  "starts at 0 with "
                  "the process.\n\n");
    buf_puts(out,
             "| metric | type | label | meaning |\n|---|---|---|---|\n"
             "| `triaged_tickets_total` | counter | `outcome`, `reason` | Decided records by outcome and first reason. "
             "|\n| `triaged_stage_seconds` | histogram | `stage` | Time per stage: screen, classify, draft, decide, "
             "commit, end_to_end. |\n");
    for (size_t i = 0; i < METRIC_COUNT; i++)
        buf_printf(out, "| `%s` | %s | %s%s%s | %s |\n", metric_table[i].name,
                   metric_table[i].kind == COUNTER ? "counter" : "gauge", metric_table[i].label ? "`" : "",
                   metric_table[i].label ? metric_table[i].label : "", metric_table[i].label ? "`" : "",
                   metric_table[i].help);
}
