/* Calls of the queue's SQL functions: one table of statements, one function each that carries its parameters. */
#include "queue/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "queue/pg.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT = 24 };

static const char sql_feeder_next[] = "select triage.feeder_next($1, $2, $3::int)";
static const char sql_feed[] = "select enqueued, duplicates, late, closed, refused from "
                               "triage.feed($1, $2, $3::int, $4::bigint, $5::bigint, $6::jsonb)";
static const char sql_relay_lock[] = "select triage.relay_lock()";
static const char sql_outbox_state[] = "select triage.outbox_last(), triage.outbox_published() is not null";
static const char sql_publish_due[] = "select triage.publish_due($1::int)";
static const char sql_sequence[] = "select triage.sequence_outbox($1::int)";
static const char sql_outbox_after[] = "select sequence_no, kind, key, headers::text, payload::text "
                                       "from triage.outbox_after($1::bigint, $2::int)";
static const char sql_outbox_note[] = "select triage.outbox_note($1::bigint)";
static const char sql_outbox_trim[] = "select triage.outbox_trim($1::bigint)";
static const char sql_relay_recover[] = "select triage.relay_recover($1::bigint)";
static const char sql_set_hold[] = "select triage.set_hold_window($1::int * interval '1 second')";
static const char sql_figures[] =
    "select m.open, m.claimed, m.held, m.outbox_unsequenced + m.outbox_unpublished, m.oldest_open_seconds, "
    "m.answers, m.answer_seconds, m.oldest_transaction_seconds, m.overdue, m.claim_expired, m.feed_refused, "
    "m.outbox_oldest_seconds, (select coalesce(s.manual_seconds, 0) from triage.setting s) from triage.metrics m";

static const char *text_of(int64_t number, char out[NUMBER_TEXT])
{
    snprintf(out, NUMBER_TEXT, "%" PRId64, number);
    return out;
}

static int64_t number_at(const PGresult *result, int column)
{
    return strtoll(PQgetvalue(result, 0, column), NULL, 10);
}

int queue_open(const struct config_postgres *config, const char *application, struct queue **ret_queue,
               struct err *reterr)
{
    struct pg *pg;
    struct queue *self;

    if (pg_open(config, application, &pg, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    self->pg = pg;
    *ret_queue = self;
    return 0;
}

void queue_close(struct queue *self)
{
    if (!self)
        return;
    pg_close(self->pg);
    mem_free(self);
}

/* ---- feeder ---- */

int queue_feeder_next(struct queue *self, const struct queue_partition *partition, bool *ret_known, int64_t *ret_next,
                      struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;
    char number[NUMBER_TEXT];
    const char *const params[] = {partition->cluster, partition->topic, text_of(partition->partition, number)};

    if (pg_query(self->pg, sql_feeder_next, params, 3, &result, reterr) < 0)
        return -1;
    *ret_known = !PQgetisnull(result, 0, 0);
    *ret_next = *ret_known ? number_at(result, 0) : 0;
    return 0;
}

int queue_feed(struct queue *self, const struct queue_partition *partition, const struct queue_batch *batch,
               struct queue_fed *ret_fed, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;
    char number[NUMBER_TEXT], expected[NUMBER_TEXT], next[NUMBER_TEXT];
    const char *const params[] = {partition->cluster,
                                  partition->topic,
                                  text_of(partition->partition, number),
                                  batch->known ? text_of(batch->expected, expected) : NULL,
                                  text_of(batch->next, next),
                                  batch->records};

    if (pg_query(self->pg, sql_feed, params, 6, &result, reterr) < 0)
        return -1;
    *ret_fed = (struct queue_fed){.enqueued = (int)number_at(result, 0),
                                  .duplicates = (int)number_at(result, 1),
                                  .late = (int)number_at(result, 2),
                                  .closed = (int)number_at(result, 3),
                                  .refused = (int)number_at(result, 4)};
    return 0;
}

/* ---- relay ---- */

int queue_relay_lock(struct queue *self, bool *ret_mine, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(self->pg, sql_relay_lock, NULL, 0, &result, reterr) < 0)
        return -1;
    *ret_mine = *PQgetvalue(result, 0, 0) == 't';
    return 0;
}

int queue_outbox_state(struct queue *self, int64_t *ret_last, bool *ret_remembered, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(self->pg, sql_outbox_state, NULL, 0, &result, reterr) < 0)
        return -1;
    *ret_last = number_at(result, 0);
    *ret_remembered = *PQgetvalue(result, 0, 1) == 't';
    return 0;
}

/* A statement with one number, giving one number. */
static int number_call(struct queue *self, const char *sql, int64_t argument, int64_t *ret_number, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;
    char number[NUMBER_TEXT];
    const char *const params[] = {text_of(argument, number)};

    if (pg_query(self->pg, sql, params, 1, &result, reterr) < 0)
        return -1;
    if (ret_number)
        *ret_number = number_at(result, 0);
    return 0;
}

int queue_sequence(struct queue *self, int limit, int64_t *ret_last, struct err *reterr)
{
    if (number_call(self, sql_publish_due, limit, NULL, reterr) < 0)
        return -1;
    return number_call(self, sql_sequence, limit, ret_last, reterr);
}

int queue_outbox_note(struct queue *self, int64_t sequence, struct err *reterr)
{
    return number_call(self, sql_outbox_note, sequence, NULL, reterr);
}

int queue_outbox_trim(struct queue *self, int64_t sequence, struct err *reterr)
{
    return number_call(self, sql_outbox_trim, sequence, NULL, reterr);
}

int queue_relay_recover(struct queue *self, int64_t sequence, int64_t *ret_last, struct err *reterr)
{
    return number_call(self, sql_relay_recover, sequence, ret_last, reterr);
}

int queue_set_hold(struct queue *self, int seconds, struct err *reterr)
{
    return number_call(self, sql_set_hold, seconds, NULL, reterr);
}

struct outbox_rows {
    PGresult *result;
};

int queue_outbox_after(struct queue *self, int64_t sequence, int limit, struct outbox_rows **ret_rows,
                       struct err *reterr)
{
    char after[NUMBER_TEXT], most[NUMBER_TEXT];
    const char *const params[] = {text_of(sequence, after), text_of(limit, most)};
    PGresult *result = NULL;

    if (pg_query(self->pg, sql_outbox_after, params, 2, &result, reterr) < 0)
        return -1;
    *ret_rows = mem_alloc(sizeof **ret_rows);
    (*ret_rows)->result = result;
    return 0;
}

size_t outbox_rows_count(const struct outbox_rows *self)
{
    return (size_t)PQntuples(self->result);
}

struct outbox_row outbox_rows_at(const struct outbox_rows *self, size_t index)
{
    int row = (int)index;

    return (struct outbox_row){.sequence = strtoll(PQgetvalue(self->result, row, 0), NULL, 10),
                               .kind = PQgetvalue(self->result, row, 1),
                               .key = PQgetvalue(self->result, row, 2),
                               .headers = PQgetvalue(self->result, row, 3),
                               .payload = PQgetvalue(self->result, row, 4)};
}

void outbox_rows_free(struct outbox_rows *self)
{
    if (!self)
        return;
    PQclear(self->result);
    mem_free(self);
}

/* ---- metrics ---- */

int queue_figures(struct queue *self, struct queue_figures *ret_figures, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(self->pg, sql_figures, NULL, 0, &result, reterr) < 0)
        return -1;
    *ret_figures = (struct queue_figures){.open = number_at(result, 0),
                                          .claimed = number_at(result, 1),
                                          .held = number_at(result, 2),
                                          .outbox_backlog = number_at(result, 3),
                                          .oldest_seconds = strtod(PQgetvalue(result, 0, 4), NULL),
                                          .reviews = number_at(result, 5),
                                          .review_seconds = strtod(PQgetvalue(result, 0, 6), NULL),
                                          .oldest_transaction_seconds = strtod(PQgetvalue(result, 0, 7), NULL),
                                          .overdue = number_at(result, 8),
                                          .claim_expired = number_at(result, 9),
                                          .feed_refused = number_at(result, 10),
                                          .outbox_oldest_seconds = strtod(PQgetvalue(result, 0, 11), NULL),
                                          .manual_seconds = strtod(PQgetvalue(result, 0, 12), NULL)};
    return 0;
}
