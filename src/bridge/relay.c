/* The relay: publishes the outbox to Kafka, each row exactly once. The rows and the relay's position, a record of the
 * compacted positions topic, go in one Kafka transaction; at start and after every error the position is read back from
 * Kafka before anything is numbered. The advisory lock keeps one relay numbering, the transactional.id keeps one
 * writing. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "bridge/holds.h"
#include "flow/relay.h"
#include "kafka/positions.h"
#include "kafka/producer.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum {
    BATCH_ROWS = 500,
    IDLE_WAIT_US = 100000,
    LOCK_WAIT_US = 1000000,
    RETRY_US = 1000000,
    KEEP_EVERY_US = 60000000,
    FIGURES_EVERY_US = 1000000,
    TABLES_EVERY_US = 15000000, /* views over answers of a month */
    TICK_EVERY_US = 1000000,    /* a notification holds up all commits: no more often */
    FIGURES_REST = 20,          /* times as long as they took: they count a large queue */
    HEADERS_BYTES_MAX = 65536,
    NUMBER_TEXT_MAX = 24,
};

#define OUTBOX_HEADER "triaged-outbox" /* the row's number, on every message of the relay */

struct relay {
    const struct config *config;
    const struct controls *controls;
    const _Atomic int *stop;
    struct queue *queue;
    struct producer *producer;
    char position_key[POSITIONS_KEY_MAX];
    bool resumed;
    int64_t position; /* last sequence number that Kafka has */
    int64_t keep_at_us, figures_at_us, tables_at_us, troubles_at_us, tick_at_us;
    int64_t ticked; /* how much of the history was told to listeners */
};

/* ---- starting, and starting again ---- */

static void forget(struct relay *self)
{
    producer_close(self->producer);
    queue_close(self->queue);
    self->producer = NULL;
    self->queue = NULL;
    self->resumed = false;
}

static int ensure_queue(struct relay *self, struct err *reterr)
{
    if (self->queue)
        return 0;
    if (queue_open(&self->config->postgres, "triaged-relay", &self->queue, reterr) < 0 ||
        queue_check_schema(self->queue, reterr) < 0)
        return -1;
    return queue_set_hold(self->queue, self->config->postgres.hold_seconds, reterr);
}

static int ensure_producer(struct relay *self, struct err *reterr)
{
    char name[POSITIONS_KEY_MAX];

    if (self->producer)
        return 0;
    positions_relay_name(&self->config->kafka, name);
    return producer_open(&self->config->kafka, name, &self->producer, reterr);
}

static int refuse(const struct relay_facts *facts, enum relay_resume resume, struct err *reterr)
{
    if (resume == RELAY_POSITION_MISSING)
        return err_set(
            reterr, ERR_FATAL, EX_CONFIG,
            "Kafka has lost the relay's position, and Postgres remembers that results were published; nothing is "
            "sent, so that nothing is doubled: find the last published number and run 'triaged positions relay "
            "--set-position N --reason TEXT'");
    return err_set(reterr, ERR_FATAL, EX_CONFIG,
                   "the relay's position in Kafka is %lld and the outbox ends at %lld: this database is an older copy; "
                   "nothing is sent: restore the newest backup, or accept the copy with 'triaged positions relay "
                   "--accept --reason TEXT'",
                   (long long)facts->position, (long long)facts->last);
}

/* The producer is opened first: that ends a transaction that another relay left open. */
static int resume(struct relay *self, struct err *reterr)
{
    struct relay_facts facts = {0};
    enum relay_resume answer;

    if (self->resumed)
        return 0;
    if (ensure_producer(self, reterr) < 0 ||
        positions_read(&self->config->kafka, self->position_key, &facts.found, &facts.position, reterr) < 0 ||
        queue_outbox_state(self->queue, &facts.last, &facts.remembered, reterr) < 0)
        return -1;
    answer = relay_resume(&facts, &self->position);
    if (answer != RELAY_GOES_ON)
        return refuse(&facts, answer, reterr);
    self->resumed = true;
    log_line(LOG_INFO, "relay.resumes", "position=%lld outbox_last=%lld", (long long)self->position,
             (long long)facts.last);
    /* Postgres may not have heard of the last commit: it must remember that there was one. */
    return facts.found ? queue_outbox_note(self->queue, self->position, reterr) : 0;
}

/* ---- publishing ---- */

static int read_headers(const char *text, struct message *message, struct err *reterr)
{
    const struct json_limits limits = {HEADERS_BYTES_MAX, 4, 1000};
    CLEANUP(json_done) cJSON *headers = NULL;
    const cJSON *header;

    if (json_parse(text, strlen(text), &limits, &headers, reterr) < 0)
        return err_context(reterr, "headers of an outbox row");
    cJSON_ArrayForEach(header, headers)
    {
        if (cJSON_IsString(header))
            message_add_header(message, header->string, header->valuestring);
    }
    return 0;
}

static const char *topic_of(const struct relay *self, const char *kind)
{
    const struct config_kafka *kafka = &self->config->kafka;

    if (strcmp(kind, "control") == 0)
        return kafka->topic_control;
    return strcmp(kind, "audit") == 0 ? kafka->topic_audits : kafka->topic_results;
}

static int send_row(struct relay *self, const struct outbox_row *row, struct err *reterr)
{
    struct message message = {.key = mem_strdup(row->key),
                              .key_len = strlen(row->key),
                              .value = mem_strdup(row->payload),
                              .value_len = strlen(row->payload)};
    char number[NUMBER_TEXT_MAX];
    int rc = read_headers(row->headers, &message, reterr);

    snprintf(number, sizeof number, "%" PRId64, row->sequence);
    message_add_header(&message, OUTBOX_HEADER, number); /* from it the position can be found again if Kafka loses it */
    if (rc == 0 && producer_send(self->producer, topic_of(self, row->kind), &message, reterr) != PRODUCE_OK)
        rc = err_context(reterr, "outbox row %lld", (long long)row->sequence);
    message_free(&message);
    return rc;
}

static int send_position(struct relay *self, int64_t position, struct err *reterr)
{
    struct message message;
    enum produce_end end;

    positions_message(self->position_key, position, &message);
    end = producer_send(self->producer, self->config->kafka.topic_positions, &message, reterr);
    message_free(&message);
    return end == PRODUCE_OK ? 0 : -1;
}

/* All rows and the position, or nothing. Any end but a commit starts over from what Kafka holds. */
static int publish(struct relay *self, const struct outbox_rows *rows, struct err *reterr)
{
    size_t n = outbox_rows_count(rows);
    int64_t position = outbox_rows_at(rows, n - 1).sequence;

    if (producer_begin(self->producer, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct outbox_row row = outbox_rows_at(rows, i);
        if (send_row(self, &row, reterr) < 0)
            return -1;
    }
    if (send_position(self, position, reterr) < 0)
        return -1;
    if (producer_commit(self->producer, NULL, NULL, NULL, 0, reterr) != TXN_END_COMMITTED)
        return -1;
    self->position = position;
    metrics_add(METRIC_RELAY_PUBLISHED, NULL, (int64_t)n);
    log_line(LOG_INFO, "relay.published", "count=%zu position=%lld", n, (long long)position);
    return queue_outbox_note(self->queue, position, reterr);
}

static int publish_some(struct relay *self, bool *ret_any, struct err *reterr)
{
    struct outbox_rows *rows = NULL;
    int64_t last;
    int rc = 0;

    if (queue_sequence(self->queue, BATCH_ROWS, &last, reterr) < 0)
        return -1;
    *ret_any = last > self->position;
    if (!*ret_any)
        return 0;
    if (queue_outbox_after(self->queue, self->position, BATCH_ROWS, &rows, reterr) < 0)
        return -1;
    if (outbox_rows_count(rows))
        rc = publish(self, rows, reterr);
    else
        *ret_any = false;
    outbox_rows_free(rows);
    return rc;
}

/* ---- housekeeping and figures ---- */

static void tell_trouble(UNUSED void *opaque, const char *name, double value, const char *what_to_do)
{
    metrics_series_set(METRIC_QUEUE_ALARM, name, NULL, 1);
    log_line(LOG_WARN, "queue.alarm", "name=%s value=%.0f text=\"%s\"", name, value, what_to_do);
}

/* Tells listeners each second whether anything happened; once a minute the housekeeping. */
static int keep_house(struct relay *self, struct err *reterr)
{
    int64_t now = clock_mono_us();
    char *done;
    bool more;

    if (now >= self->tick_at_us) {
        self->tick_at_us = now + TICK_EVERY_US;
        if (queue_tick(self->queue, &self->ticked, reterr) < 0)
            return -1;
    }
    if (now < self->keep_at_us)
        return 0;
    self->keep_at_us = now + KEEP_EVERY_US;
    if (queue_outbox_trim(self->queue, self->position, reterr) < 0 ||
        queue_maintain(self->queue, &more, &done, reterr) < 0)
        return -1;
    log_line(LOG_DEBUG, "relay.keeps_house", "done=%s", done);
    mem_free(done);
    return 0;
}

/* What triage.alarms says, once a minute. */
static int tell_troubles(struct relay *self, struct err *reterr)
{
    int64_t now = clock_mono_us();

    if (now < self->troubles_at_us)
        return 0;
    self->troubles_at_us = now + KEEP_EVERY_US;
    metrics_series_forget(METRIC_QUEUE_ALARM);
    return queue_each_trouble(self->queue, tell_trouble, NULL, reterr);
}

static int tell_figures(struct relay *self, struct err *reterr)
{
    struct queue_figures figures;
    int64_t now = clock_mono_us(), took;

    metrics_set(METRIC_RELAY_POSITION, 0, self->position);
    if (now < self->figures_at_us)
        return 0;
    self->figures_at_us = now + FIGURES_EVERY_US;
    if (queue_figures(self->queue, &figures, reterr) < 0)
        return -1;
    metrics_set(METRIC_QUEUE_OPEN, 0, figures.open);
    metrics_set(METRIC_QUEUE_CLAIMED, 0, figures.claimed);
    metrics_set(METRIC_QUEUE_OLDEST_SECONDS, 0, (int64_t)figures.oldest_seconds);
    metrics_set(METRIC_OUTBOX_BACKLOG, 0, figures.outbox_backlog);
    metrics_set(METRIC_REVIEWS, 0, figures.reviews);
    metrics_set(METRIC_REVIEW_SECONDS, 0, (int64_t)figures.review_seconds);
    metrics_set(METRIC_QUEUE_OLDEST_TRANSACTION, 0, (int64_t)figures.oldest_transaction_seconds);
    metrics_set(METRIC_QUEUE_OVERDUE, 0, figures.overdue);
    metrics_set(METRIC_QUEUE_CLAIM_EXPIRED, 0, figures.claim_expired);
    metrics_set(METRIC_FEED_REFUSED, 0, figures.feed_refused);
    metrics_set(METRIC_OUTBOX_OLDEST, 0, (int64_t)figures.outbox_oldest_seconds);
    metrics_set(METRIC_MANUAL_SECONDS, 0, (int64_t)figures.manual_seconds);
    took = clock_mono_us() - now;
    if (took * FIGURES_REST > FIGURES_EVERY_US)
        self->figures_at_us = now + took * FIGURES_REST;
    return 0;
}

/* Which figure each number of a row is. */
static const struct {
    enum queue_table table;
    enum metric metrics[QUEUE_NUMBERS_MAX];
    size_t n;
} table_metrics[] = {
    {QUEUE_GROUPS, {METRIC_GROUP_OPEN, METRIC_GROUP_OVERDUE, METRIC_GROUP_OLDEST}, 3},
    {QUEUE_CLASSES,
     {METRIC_CLASS_ANSWERS, METRIC_CLASS_OVERRIDDEN, METRIC_CLASS_UNEDITED, METRIC_CLASS_REVIEW_SECONDS,
      METRIC_CLASS_BYPASSED},
     5},
    {QUEUE_CALIBRATION, {METRIC_CALIBRATION_AUDITS, METRIC_CALIBRATION_STATED, METRIC_CALIBRATION_RIGHT}, 3},
};

static void tell_row(void *opaque, const struct queue_row *row)
{
    const size_t *table = opaque;

    for (size_t i = 0; i < table_metrics[*table].n; i++)
        metrics_series_set(table_metrics[*table].metrics[i], *row->name ? row->name : "none", NULL, row->numbers[i]);
}

static void forget_tables(void)
{
    for (size_t t = 0; t < ARRAY_LEN(table_metrics); t++) {
        for (size_t i = 0; i < table_metrics[t].n; i++)
            metrics_series_forget(table_metrics[t].metrics[i]);
    }
}

static int tell_tables(struct relay *self, struct err *reterr)
{
    int64_t now = clock_mono_us(), took;

    if (now < self->tables_at_us)
        return 0;
    forget_tables();
    for (size_t t = 0; t < ARRAY_LEN(table_metrics); t++) {
        if (queue_each_row(self->queue, table_metrics[t].table, tell_row, &t, reterr) < 0)
            return -1;
    }
    took = clock_mono_us() - now;
    self->tables_at_us = now + (took * FIGURES_REST > TABLES_EVERY_US ? took * FIGURES_REST : TABLES_EVERY_US);
    return 0;
}

/* What was read of the queue is no longer known: an old figure would stand beside that of the relay now at work. */
static void hush(struct relay *self)
{
    static const enum metric figures[] = {METRIC_QUEUE_OPEN,
                                          METRIC_QUEUE_CLAIMED,
                                          METRIC_QUEUE_OLDEST_SECONDS,
                                          METRIC_OUTBOX_BACKLOG,
                                          METRIC_REVIEWS,
                                          METRIC_REVIEW_SECONDS,
                                          METRIC_QUEUE_OLDEST_TRANSACTION,
                                          METRIC_QUEUE_OVERDUE,
                                          METRIC_QUEUE_CLAIM_EXPIRED,
                                          METRIC_FEED_REFUSED,
                                          METRIC_OUTBOX_OLDEST,
                                          METRIC_MANUAL_SECONDS};

    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        metrics_set(figures[i], 0, 0);
    forget_tables();
    metrics_series_forget(METRIC_QUEUE_ALARM);
    self->figures_at_us = self->tables_at_us = self->troubles_at_us = 0;
}

/* ---- the loop ---- */

/* Needs Postgres only: an alarm must say that answers wait while Kafka is away. */
static int tell(struct relay *self, struct err *reterr)
{
    if (tell_figures(self, reterr) < 0 || tell_tables(self, reterr) < 0 || tell_troubles(self, reterr) < 0) {
        hush(self);
        return -1;
    }
    return 0;
}

/* Whether it is this relay's turn. */
static int take_turn(struct relay *self, bool *ret_mine, struct err *reterr)
{
    *ret_mine = false;
    if (ensure_queue(self, reterr) == 0 && queue_relay_lock(self->queue, ret_mine, reterr) == 0) {
        if (!*ret_mine)
            hush(self);
        return 0;
    }
    hush(self);
    return -1;
}

static int turn(struct relay *self, struct err *reterr)
{
    bool mine, any = false;

    if (take_turn(self, &mine, reterr) < 0)
        return -1;
    if (!mine) {
        health_set(HEALTH_RELAY, 0, "");
        metrics_set(METRIC_RELAY_AT_WORK, 0, 0);
        self->resumed = false;
        bridge_wait(self->stop, LOCK_WAIT_US);
        return 0;
    }
    if (tell(self, reterr) < 0 || resume(self, reterr) < 0 || holds_look(self->controls, self->queue, reterr) < 0 ||
        publish_some(self, &any, reterr) < 0 || keep_house(self, reterr) < 0)
        return -1;
    health_set(HEALTH_RELAY, 0, "");
    metrics_set(METRIC_RELAY_AT_WORK, 0, 1);
    if (!any)
        bridge_wait(self->stop, IDLE_WAIT_US);
    return 0;
}

int relay_run(const struct config *config, const struct controls *controls, const _Atomic int *stop, struct err *reterr)
{
    struct relay self = {.config = config, .controls = controls, .stop = stop};
    int rc = 0;

    positions_relay_key(&config->kafka, self.position_key);
    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(HEALTH_RELAY, 0, clock_mono_us());
        if (turn(&self, &err) == 0)
            continue;
        health_set(HEALTH_RELAY, 0, "the relay can't publish");
        metrics_set(METRIC_RELAY_AT_WORK, 0, 0);
        forget(&self);
        if (err.sysexit == EX_CONFIG && err.class != ERR_TRANSIENT) {
            *reterr = err;
            rc = err_context(reterr, "relay");
            break;
        }
        log_line(LOG_WARN, "relay.waits", "text=\"%s\"", err.text);
        bridge_wait(stop, RETRY_US);
    }
    forget(&self);
    return rc;
}
