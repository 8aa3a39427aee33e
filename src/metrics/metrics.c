/* The table of metrics and its storage: relaxed atomics, written from any thread, read by the exporter. */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "metrics/series.h"

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

static const char *const kind_words[] = {[COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};

static const struct {
    const char *name, *help;
    enum metric_kind kind;
    const char *role; /* of `triaged run --roles` whose process has it; any: each of them */
    const char *labels[2];
    const char *values[METRIC_LABELS_MAX]; /* of the one label; anything else counts as "other". None: whatever comes */
} metric_table[] = {
    [METRIC_RECORDS] = {.name = "triaged_records_total",
                        .help = "Records read from the ticket topic.",
                        .kind = COUNTER,
                        .role = "triage",
                        .labels = {"use"},
                        .values = {"admitted", "remembered"}},
    [METRIC_DEADLETTERS] = {.name = "triaged_deadletters_total",
                            .help = "Dead letters.",
                            .kind = COUNTER,
                            .role = "triage",
                            .labels = {"reason"},
                            .values = {"json_syntax", "utf8_invalid", "nul_character", "duplicate_key", "too_deep",
                                       "too_many_tokens", "too_large", "empty_value", "payload_not_json",
                                       "schema_violation", "schema_version_unknown", "key_mismatch", "no_profile",
                                       "crash_suspect"}},
    [METRIC_TRANSACTIONS] = {.name = "triaged_transactions_total",
                             .help = "Kafka transactions of the lanes.",
                             .kind = COUNTER,
                             .role = "triage",
                             .labels = {"end"},
                             .values = {"committed", "aborted", "aborted_message", "in_doubt", "fenced"}},
    [METRIC_MODEL_CALLS] = {.name = "triaged_model_calls_total",
                            .help = "Calls of the model server.",
                            .kind = COUNTER,
                            .role = "triage",
                            .labels = {"end"},
                            .values = {"answered", "unusable", "model_unavailable", "model_timeout", "model_invalid"}},
    [METRIC_MODEL_TOKENS] = {.name = "triaged_model_tokens_total",
                             .help = "Tokens as the model server counts them; cached ones are part of the prompt's.",
                             .kind = COUNTER,
                             .role = "triage",
                             .labels = {"kind"},
                             .values = {"prompt", "cached", "answer"}},
    [METRIC_IN_FLIGHT] = {.name = "triaged_in_flight",
                          .help = "Tickets admitted and not committed.",
                          .kind = GAUGE,
                          .role = "triage"},
    [METRIC_IN_FLIGHT_BYTES] = {.name = "triaged_in_flight_bytes",
                                .help = "The same in bytes of their records.",
                                .kind = GAUGE,
                                .role = "triage"},
    [METRIC_WAITING_FOR_MODEL] = {.name = "triaged_waiting_for_model",
                                  .help = "Tickets that wait for a model answer.",
                                  .kind = GAUGE,
                                  .role = "triage"},
    [METRIC_PROFILE_TICKETS] = {.name = "triaged_profile_tickets_total",
                                .help = "Decided records by profile and outcome.",
                                .kind = COUNTER,
                                .role = "triage",
                                .labels = {"profile", "outcome"}},
    [METRIC_PROFILE_WAITING] = {.name = "triaged_profile_waiting",
                                .help = "Tickets of the profile that wait for one of the model's slots.",
                                .kind = GAUGE,
                                .role = "triage",
                                .labels = {"profile"}},
    [METRIC_PROFILE_CALLING] = {.name = "triaged_profile_calling",
                                .help = "Slots of the model that the profile has.",
                                .kind = GAUGE,
                                .role = "triage",
                                .labels = {"profile"}},
    [METRIC_READY] = {.name = "triaged_ready",
                      .help = "Finished tickets that wait for a transaction.",
                      .kind = GAUGE,
                      .role = "triage"},
    [METRIC_PARKED] = {.name = "triaged_parked",
                       .help = "Model calls kept for records of lost partitions.",
                       .kind = GAUGE,
                       .role = "triage"},
    [METRIC_WINDOW_RUNS] = {.name = "triaged_window_runs",
                            .help = "Finished runs beyond a committed offset, the longest window.",
                            .kind = GAUGE,
                            .role = "triage"},
    [METRIC_PARTITIONS] = {.name = "triaged_partitions",
                           .help = "Partitions assigned.",
                           .kind = GAUGE,
                           .role = "triage"},
    [METRIC_LAG] = {.name = "triaged_lag_records",
                    .help = "Records of the assigned partitions that are not committed.",
                    .kind = GAUGE,
                    .role = "triage"},
    [METRIC_BREAKER_OPEN] = {.name = "triaged_model_breaker_open",
                             .help = "Lanes whose model breaker is open.",
                             .kind = GAUGE,
                             .role = "triage"},
    [METRIC_FEEDER_RECORDS] = {.name = "triaged_feeder_records_total",
                               .help = "Review messages written to the queue.",
                               .kind = COUNTER,
                               .role = "feeder"},
    [METRIC_FEEDER_LAG] = {.name = "triaged_feeder_lag_records",
                           .help = "Review messages not yet in the queue.",
                           .kind = GAUGE,
                           .role = "feeder"},
    [METRIC_RELAY_AT_WORK] =
        {.name = "triaged_relay_at_work",
         .help =
             "1 where the relay has its turn, reads the queue and can publish; 0 everywhere means that no relay does.",
         .kind = GAUGE,
         .role = "relay"},
    [METRIC_RELAY_POSITION] = {.name = "triaged_relay_position",
                               .help = "Last published sequence number of the outbox.",
                               .kind = GAUGE,
                               .role = "relay"},
    [METRIC_RELAY_PUBLISHED] = {.name = "triaged_relay_published_total",
                                .help = "Outbox rows published.",
                                .kind = COUNTER,
                                .role = "relay"},
    [METRIC_OUTBOX_BACKLOG] = {.name = "triaged_outbox_backlog",
                               .help = "Outbox rows not yet published.",
                               .kind = GAUGE,
                               .role = "relay"},
    [METRIC_QUEUE_OPEN] = {.name = "triaged_queue_open", .help = "Open review items.", .kind = GAUGE, .role = "relay"},
    [METRIC_QUEUE_CLAIMED] = {.name = "triaged_queue_claimed",
                              .help = "Claimed review items.",
                              .kind = GAUGE,
                              .role = "relay"},
    [METRIC_QUEUE_OLDEST_SECONDS] = {.name = "triaged_queue_oldest_seconds",
                                     .help = "Age of the oldest unanswered review item.",
                                     .kind = GAUGE,
                                     .role = "relay"},
    [METRIC_QUEUE_OLDEST_TRANSACTION] =
        {.name = "triaged_queue_oldest_transaction_seconds",
         .help = "Age of the oldest open transaction in the database; one that is old slows down the queue.",
         .kind = GAUGE,
         .role = "relay"},
    [METRIC_REVIEW_SECONDS] = {.name = "triaged_review_seconds_sum",
                               .help = "Seconds that reviewers spent on their answers.",
                               .kind = GAUGE,
                               .role = "relay"},
    [METRIC_REVIEWS] = {.name = "triaged_review_seconds_count",
                        .help = "Answers of reviewers.",
                        .kind = GAUGE,
                        .role = "relay"},
    [METRIC_REBALANCES] = {.name = "triaged_rebalances_total",
                           .help = "Changes of the assignment.",
                           .kind = COUNTER,
                           .role = "triage",
                           .labels = {"change"},
                           .values = {"assigned", "revoked", "lost", "fenced"}},
    [METRIC_AUDITS] = {.name = "triaged_audits",
                       .help = "Audits with a verdict, under the promise in force.",
                       .kind = GAUGE,
                       .role = "watch"},
    [METRIC_AUDIT_ERRORS] = {.name = "triaged_audit_errors",
                             .help = "Those that two reviewers found wrong.",
                             .kind = GAUGE,
                             .role = "watch"},
    [METRIC_PROMISE_BROKEN] = {.name = "triaged_promise_broken",
                               .help = "1 since the audits contradict the promise in force.",
                               .kind = GAUGE,
                               .role = "watch"},
    [METRIC_RECALLS] = {.name = "triaged_recalls_total",
                        .help = "Waiting drafts that were checked again because an article changed: every claim still "
                                "stands, or the draft was marked.",
                        .kind = COUNTER,
                        .role = "watch",
                        .labels = {"end"},
                        .values = {"stands", "marked"}},
    [METRIC_KNOWLEDGE] = {.name = "triaged_knowledge_changes_total",
                          .help = "Changes of articles that came by their topic: taken into force, or refused because "
                                  "an article can't be read.",
                          .kind = COUNTER,
                          .role = "any",
                          .labels = {"end"},
                          .values = {"taken", "refused"}},
    [METRIC_RELOADS] = {.name = "triaged_reloads_total",
                        .help = "Reloads asked for by SIGHUP.",
                        .kind = COUNTER,
                        .role = "any",
                        .labels = {"end"},
                        .values = {"done", "refused"}},
    [METRIC_TICKETS] = {.name = "triaged_tickets_total",
                        .help = "Decided records by outcome and first reason.",
                        .kind = COUNTER,
                        .role = "triage",
                        .labels = {"outcome", "reason"}},
    [METRIC_DECISIONS] = {.name = "triaged_decisions_total",
                          .help = "Decided tickets by class and outcome; class none where there is no label.",
                          .kind = COUNTER,
                          .role = "triage",
                          .labels = {"class", "outcome"}},
    [METRIC_CLASS_MODE] =
        {.name = "triaged_class_mode",
         .help = "What the class may do now, policy, level and caps together: 0 off, 1 shadow, 2 suggest, 3 hold, 4 auto.",
         .kind = GAUGE,
         .role = "triage",
         .labels = {"class"}},
    [METRIC_ENDPOINT_TRIES] =
        {.name = "triaged_model_tries_total",
         .help = "Tries at one model server, each try of a call counted by its end: answered or failed.",
         .kind = COUNTER,
         .role = "triage",
         .labels = {"endpoint", "end"}},
    [METRIC_ENDPOINT_OPEN] = {.name = "triaged_model_endpoint_open",
                              .help = "Lanes whose breaker for this model server is open.",
                              .kind = GAUGE,
                              .role = "triage",
                              .labels = {"endpoint"}},
    [METRIC_QUEUE_OVERDUE] = {.name = "triaged_queue_overdue",
                              .help = "Unanswered review items past their due time.",
                              .kind = GAUGE,
                              .role = "relay"},
    [METRIC_QUEUE_CLAIM_EXPIRED] = {.name = "triaged_queue_claims_expired",
                                    .help = "Claimed review items whose claim has run out.",
                                    .kind = GAUGE,
                                    .role = "relay"},
    [METRIC_FEED_REFUSED] = {.name = "triaged_feed_refused",
                             .help = "Review messages that the queue could not use.",
                             .kind = GAUGE,
                             .role = "relay"},
    [METRIC_OUTBOX_OLDEST] = {.name = "triaged_outbox_oldest_seconds",
                              .help = "Age of the oldest outbox row that is not published.",
                              .kind = GAUGE,
                              .role = "relay"},
    [METRIC_GROUP_OPEN] = {.name = "triaged_group_open",
                           .help = "Unanswered review items of a group.",
                           .kind = GAUGE,
                           .role = "relay",
                           .labels = {"group"}},
    [METRIC_GROUP_OVERDUE] = {.name = "triaged_group_overdue",
                              .help = "Those of them past their due time.",
                              .kind = GAUGE,
                              .role = "relay",
                              .labels = {"group"}},
    [METRIC_GROUP_OLDEST] = {.name = "triaged_group_oldest_seconds",
                             .help = "Age of the oldest of them.",
                             .kind = GAUGE,
                             .role = "relay",
                             .labels = {"group"}},
    [METRIC_CLASS_ANSWERS] = {.name = "triaged_class_answers",
                              .help = "Answers of people to tickets of the class, of the last 30 days.",
                              .kind = GAUGE,
                              .role = "relay",
                              .labels = {"class"}},
    [METRIC_CLASS_OVERRIDDEN] = {.name = "triaged_class_overridden_ratio",
                                 .help = "Share of them that gave another label.",
                                 .kind = GAUGE,
                                 .role = "relay",
                                 .labels = {"class"}},
    [METRIC_CLASS_UNEDITED] = {.name = "triaged_class_unedited_ratio",
                               .help = "Share of them that accepted label and draft as they were.",
                               .kind = GAUGE,
                               .role = "relay",
                               .labels = {"class"}},
    [METRIC_CLASS_REVIEW_SECONDS] = {.name = "triaged_class_review_seconds",
                                     .help = "Median of the active seconds of these answers.",
                                     .kind = GAUGE,
                                     .role = "relay",
                                     .labels = {"class"}},
    [METRIC_CLASS_BYPASSED] =
        {.name = "triaged_class_bypassed",
         .help = "Items of the last 30 days that an agent answered outside the queue: overtaken in review by a "
                 "revision whose newest message is an agent's, as far as that revision came to the queue too.",
         .kind = GAUGE,
         .role = "relay",
         .labels = {"class"}},
    [METRIC_MANUAL_SECONDS] = {.name = "triaged_manual_seconds",
                               .help = "Seconds that one ticket took before there was a queue; 0 unknown.",
                               .kind = GAUGE,
                               .role = "relay"},
    [METRIC_CALIBRATION_AUDITS] =
        {.name = "triaged_calibration_audits",
         .help = "Audits with a verdict of the last 30 days by the confidence that was stated, in ten bins named by their lower bound.",
         .kind = GAUGE,
         .role = "relay",
         .labels = {"bin"}},
    [METRIC_CALIBRATION_STATED] = {.name = "triaged_calibration_stated_ratio",
                                   .help = "Mean of the stated confidence in the bin.",
                                   .kind = GAUGE,
                                   .role = "relay",
                                   .labels = {"bin"}},
    [METRIC_CALIBRATION_RIGHT] = {.name = "triaged_calibration_right_ratio",
                                  .help = "Share of the bin that audits found right.",
                                  .kind = GAUGE,
                                  .role = "relay",
                                  .labels = {"bin"}},
    [METRIC_QUEUE_ALARM] = {.name = "triaged_queue_alarm",
                            .help = "1 for each row of the view triage.alarms.",
                            .kind = GAUGE,
                            .role = "relay",
                            .labels = {"name"}},
    [METRIC_REVIEW_STATE] = {.name = "triaged_review_state",
                             .help = "How far the review budget gives way: 0 normal, 1 thresholds moved, 2 deferring.",
                             .kind = GAUGE,
                             .role = "watch",
                             .labels = {"profile"}},
    [METRIC_PROMISE_EVIDENCE] =
        {.name = "triaged_promise_evidence_ratio",
         .help = "Evidence against the promise in force, of a class or (empty) of all together; 1 is the alarm.",
         .kind = GAUGE,
         .role = "watch",
         .labels = {"scope"}},
    [METRIC_DRIFT_EVIDENCE] = {.name = "triaged_drift_evidence_ratio",
                               .help = "Evidence of drift on a logarithmic scale; 1 is the alarm.",
                               .kind = GAUGE,
                               .role = "watch",
                               .labels = {"signal", "scope"}},
    [METRIC_DRIFT_RECENT] = {.name = "triaged_drift_recent",
                             .help = "Recent mean of the signal.",
                             .kind = GAUGE,
                             .role = "watch",
                             .labels = {"signal", "scope"}},
    [METRIC_DRIFT_LOW] = {.name = "triaged_drift_low",
                          .help = "Lower end of what the reference allows the mean.",
                          .kind = GAUGE,
                          .role = "watch",
                          .labels = {"signal", "scope"}},
    [METRIC_DRIFT_HIGH] = {.name = "triaged_drift_high",
                           .help = "Upper end of it.",
                           .kind = GAUGE,
                           .role = "watch",
                           .labels = {"signal", "scope"}},
    [METRIC_DRIFT_ALARM] = {.name = "triaged_drift_alarm",
                            .help = "1 since the signal has left its reference, 0 in it.",
                            .kind = GAUGE,
                            .role = "watch",
                            .labels = {"signal", "scope"}},
    [METRIC_DRIFT_LEARNING] = {.name = "triaged_drift_learning",
                               .help =
                                   "1 while the first tickets of this classifier are still being taken as reference.",
                               .kind = GAUGE,
                               .role = "watch"},
    [METRIC_STAGE_SECONDS] = {.name = "triaged_stage_seconds",
                              .help = "Time per stage.",
                              .kind = HISTOGRAM,
                              .role = "triage",
                              .labels = {"stage"},
                              .values = {"screen", "classify", "draft", "decide", "commit", "end_to_end"}},
    [METRIC_ENDPOINT_SECONDS] = {.name = "triaged_model_try_seconds",
                                 .help = "Time of one try at a model server.",
                                 .kind = HISTOGRAM,
                                 .role = "triage",
                                 .labels = {"endpoint"}},
};
_Static_assert(ARRAY_LEN(metric_table) == METRIC_COUNT, "a metric without a row");

static _Atomic int64_t counters[METRIC_COUNT][METRIC_LABELS_MAX + 1];
static _Atomic int64_t gauges[METRIC_COUNT][METRIC_LANES_MAX];

/* ---- writing ---- */

static bool dynamic(enum metric metric)
{
    return metric_table[metric].labels[0] && !metric_table[metric].values[0];
}

static size_t label_index(enum metric metric, const char *label)
{
    size_t i = 0;

    if (!label || !metric_table[metric].labels[0])
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

void metrics_series_add(enum metric metric, const char *a, const char *b, int64_t n)
{
    atomic_fetch_add_explicit(&series_of((int)metric, a, b)->count, n, memory_order_relaxed);
}

void metrics_series_set(enum metric metric, const char *a, const char *b, double value)
{
    atomic_store_explicit(&series_of((int)metric, a, b)->value, value, memory_order_relaxed);
}

void metrics_series_observe(enum metric metric, const char *a, int64_t us)
{
    series_observe(series_of((int)metric, a, NULL), us);
}

void metrics_series_forget(enum metric metric)
{
    series_forget((int)metric);
}

void metrics_outcome(enum result_status status, const struct decision *decision)
{
    const char *outcome = result_status_name(status);

    metrics_series_add(METRIC_TICKETS, outcome, decision->n_reasons ? reason_name(decision->reasons[0]) : "none", 1);
    if (!result_status_notice(status))
        metrics_series_add(METRIC_DECISIONS, *decision->label ? decision->label : "none", outcome, 1);
}

void metrics_observe(enum metric_stage stage, int64_t us)
{
    metrics_series_observe(METRIC_STAGE_SECONDS, metric_table[METRIC_STAGE_SECONDS].values[stage], us);
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
    const char *name = metric_table[metric].name, *label = metric_table[metric].labels[0];

    if (!label) {
        buf_printf(out, "%s %" PRId64 "\n", name, counters[metric][0]);
        return;
    }
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric_table[metric].values[i]; i++)
        buf_printf(out, "%s{%s=\"%s\"} %" PRId64 "\n", name, label, metric_table[metric].values[i],
                   counters[metric][i]);
    buf_printf(out, "%s{%s=\"" METRIC_OTHER "\"} %" PRId64 "\n", name, label, counters[metric][METRIC_LABELS_MAX]);
}

/* name="value", with what means something in a value escaped. */
static void render_label(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            buf_putc(out, '\\');
        if (*value == '\n')
            buf_puts(out, "\\n");
        else
            buf_putc(out, *value);
    }
    buf_putc(out, '"');
}

static void render_histogram(const struct series *series, struct buf *out)
{
    const char *name = metric_table[series->family].name;
    CLEANUP(buf_free) struct buf label = {0};
    int64_t count = 0;

    render_label(&label, metric_table[series->family].labels[0], series->a);
    for (size_t i = 0; i < SERIES_BUCKETS; i++) {
        count += series->buckets[i];
        buf_printf(out, "%s_bucket{%s,le=\"%g\"} %" PRId64 "\n", name, buf_str(&label),
                   (double)series_bucket_us[i] / 1e6, count);
    }
    count += series->buckets[SERIES_BUCKETS];
    buf_printf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRId64 "\n", name, buf_str(&label), count);
    buf_printf(out, "%s_sum{%s} %.6f\n", name, buf_str(&label), (double)series->count / 1e6);
    buf_printf(out, "%s_count{%s} %" PRId64 "\n", name, buf_str(&label), count);
}

static void render_series(const struct series *series, struct buf *out)
{
    enum metric metric = (enum metric)series->family;

    if (metric_table[metric].kind == HISTOGRAM) {
        render_histogram(series, out);
        return;
    }
    buf_printf(out, "%s{", metric_table[metric].name);
    render_label(out, metric_table[metric].labels[0], series->a);
    if (metric_table[metric].labels[1]) {
        buf_putc(out, ',');
        render_label(out, metric_table[metric].labels[1], series->b);
    }
    if (metric_table[metric].kind == COUNTER)
        buf_printf(out, "} %" PRId64 "\n", series->count);
    else
        buf_printf(out, "} %.9g\n", series->value + (double)series->count);
}

void metrics_render(struct buf *out)
{
    size_t n, at = 0;
    struct series **list = series_list(&n);

    for (size_t i = 0; i < METRIC_COUNT; i++) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric_table[i].name, metric_table[i].help,
                   metric_table[i].name, kind_words[metric_table[i].kind]);
        for (; at < n && list[at]->family == (int)i; at++)
            render_series(list[at], out);
        if (metric_table[i].kind == HISTOGRAM || dynamic((enum metric)i))
            continue;
        if (metric_table[i].kind == COUNTER)
            render_counter((enum metric)i, out);
        else
            buf_printf(out, "%s %" PRId64 "\n", metric_table[i].name, gauge_sum((enum metric)i));
    }
    mem_free(list);
}

const char *metrics_name(enum metric metric)
{
    return metric_table[metric].name;
}

static void print_labels(enum metric metric, struct buf *out)
{
    for (size_t i = 0; i < 2 && metric_table[metric].labels[i]; i++)
        buf_printf(out, "%s`%s`", i ? ", " : "", metric_table[metric].labels[i]);
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric_table[metric].values[i]; i++)
        buf_printf(out, "%s%s", i ? ", " : ": ", metric_table[metric].values[i]);
}

void metrics_print_reference(struct buf *out)
{
    buf_puts(
        out,
        "# Metrics\n\nPrinted by `triaged config --metrics`. A worker serves them at `http.listen`, path `/metrics`, "
        "as "
        "Prometheus text;\n`/livez` and `/readyz` stand beside. A gauge of lanes is their sum; a counter starts at 0 "
        "with the process.\n\n"
        "*role* says in which process a figure is: that of `triaged run --roles` with this role, or any. What comes "
        "out "
        "of Postgres\nis read by the relay, of which one is at work; every other relay shows nothing of the queue.\n\n"
        "A label whose values are not listed takes whatever classes, groups and servers there are, at most 512 for a "
        "metric; what\nis beyond counts as `other`. No label ever holds a ticket's id or a person's name.\n\n");
    buf_puts(out, "| metric | type | role | label | meaning |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        buf_printf(out, "| `%s` | %s | %s | ", metric_table[i].name, kind_words[metric_table[i].kind],
                   metric_table[i].role);
        print_labels((enum metric)i, out);
        buf_printf(out, " | %s |\n", metric_table[i].help);
    }
}
