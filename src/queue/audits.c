/* The watch's side of the queue: verdicts out, alarms in. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 24, VERDICTS_AT_ONCE = 10000 };

static const char sql_verdicts[] =
    "select verdict_no, label, wrong from triage.audit_verdicts($1, $2, $3::bigint, $4::integer)";
static const char sql_in_force[] = "select triage.promise_in_force($1, $2)";
static const char sql_alarm[] = "select triage.raise_alarm($1, $2, $3, $4::bigint, $5::jsonb)";

int queue_each_verdict(struct queue *self, const char *profile, const char *promise,
                       void (*take)(void *opaque, int64_t number, const char *label, bool wrong), void *opaque,
                       struct err *reterr)
{
    char after[NUMBER_TEXT_MAX] = "0", limit[NUMBER_TEXT_MAX];
    const char *const params[] = {profile, promise, after, limit};
    int n = VERDICTS_AT_ONCE;

    snprintf(limit, sizeof limit, "%d", VERDICTS_AT_ONCE);
    while (n == VERDICTS_AT_ONCE) {
        CLEANUP(pgresult_done) PGresult *rows = NULL;
        if (pg_query(self->pg, sql_verdicts, params, 4, &rows, reterr) < 0)
            return -1;
        n = PQntuples(rows);
        for (int i = 0; i < n; i++)
            take(opaque, strtoll(PQgetvalue(rows, i, 0), NULL, 10), PQgetvalue(rows, i, 1),
                 PQgetvalue(rows, i, 2)[0] == 't');
        if (n)
            snprintf(after, sizeof after, "%s", PQgetvalue(rows, n - 1, 0));
    }
    return 0;
}

int queue_raise_alarm(struct queue *self, const struct queue_alarm *alarm, bool *ret_new, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char at[NUMBER_TEXT_MAX];
    const char *const params[] = {alarm->profile, alarm->promise, alarm->scope, at, alarm->caps};

    snprintf(at, sizeof at, "%" PRId64, alarm->at_verdict);
    if (pg_query(self->pg, sql_alarm, params, 5, &row, reterr) < 0)
        return -1;
    *ret_new = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}

int queue_promise_in_force(struct queue *self, const char *profile, const char *promise, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile, promise};

    return pg_query(self->pg, sql_in_force, params, 2, &row, reterr);
}
