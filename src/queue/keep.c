/* The queue's housekeeping: one step of it, one person's erasure, and what is wrong right now. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 24 };

static const char sql_maintain[] =
    "select m::text, (select bool_or(v.value::int >= 1000) from jsonb_each_text(m) v) from triage.maintain(1000) m";
static const char sql_tick[] = "select triage.tick($1::bigint)";
static const char sql_erase[] = "select triage.erase_requester($1, $2)::text";
static const char sql_alarms[] = "select name, value, what_to_do from triage.alarms";

int queue_maintain(struct queue *self, bool *ret_more, char **ret_json, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;

    if (pg_query(self->pg, sql_maintain, NULL, 0, &row, reterr) < 0)
        return -1;
    *ret_more = PQgetvalue(row, 0, 1)[0] == 't';
    *ret_json = mem_strdup(PQgetvalue(row, 0, 0));
    return 0;
}

int queue_tick(struct queue *self, int64_t *last, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char number[NUMBER_TEXT_MAX];
    const char *const params[] = {number};

    snprintf(number, sizeof number, "%" PRId64, *last);
    if (pg_query(self->pg, sql_tick, params, 1, &row, reterr) < 0)
        return -1;
    *last = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
    return 0;
}

int queue_erase(struct queue *self, const char *requester, const char *tenant, char **ret_json, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {requester, tenant};

    if (pg_query(self->pg, sql_erase, params, 2, &row, reterr) < 0)
        return -1;
    *ret_json = mem_strdup(PQgetvalue(row, 0, 0));
    return 0;
}

int queue_each_trouble(struct queue *self, void (*take)(void *opaque, const char *name, double value, const char *what_to_do),
                       void *opaque, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *rows = NULL;

    if (pg_query(self->pg, sql_alarms, NULL, 0, &rows, reterr) < 0)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++)
        take(opaque, PQgetvalue(rows, i, 0), strtod(PQgetvalue(rows, i, 1), NULL), PQgetvalue(rows, i, 2));
    return 0;
}
