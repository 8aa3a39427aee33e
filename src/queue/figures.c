/* Views of figures, row by row, and the state of drift. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/version.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 24 };

static const char *const table_sql[] = {
    [QUEUE_GROUPS] = "select a.review_group, sum(a.items), sum(a.overdue), extract(epoch from max(a.oldest)) "
                     "from triage.ageing a group by 1",
    [QUEUE_CLASSES] = "select c.label, sum(c.answers), sum(c.overridden * c.answers) / sum(c.answers), "
                      "sum(c.unedited * c.answers) / sum(c.answers), max(c.median_seconds), sum(c.bypassed) "
                      "from triage.class_figures c group by 1",
    [QUEUE_CALIBRATION] =
        "select to_char(c.bin / 10.0, 'FM0.0'), sum(c.audits), sum(c.stated * c.audits) / sum(c.audits), "
        "sum(c.right * c.audits) / sum(c.audits) from triage.calibration c group by c.bin",
};

int queue_each_row(struct queue *self, enum queue_table table, void (*take)(void *opaque, const struct queue_row *row),
                   void *opaque, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *rows = NULL;

    if (pg_query(self->pg, table_sql[table], NULL, 0, &rows, reterr) < 0)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++) {
        struct queue_row row = {.name = PQgetvalue(rows, i, 0)};
        for (int c = 1; c < PQnfields(rows) && c <= QUEUE_NUMBERS_MAX; c++)
            row.numbers[c - 1] = strtod(PQgetvalue(rows, i, c), NULL);
        take(opaque, &row);
    }
    return 0;
}

/* ---- drift ---- */

void queue_drift_done(struct queue_drift *self)
{
    mem_free(self->classifier);
    mem_free(self->state);
    mem_free(self->positions);
    *self = (struct queue_drift){0};
}

int queue_drift_load(struct queue *self, const char *profile, struct queue_drift *ret_drift, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile};

    if (pg_query(self->pg, "select version, classifier, state, positions from triage.drift_load($1)", params, 1, &row,
                 reterr) < 0)
        return -1;
    *ret_drift = (struct queue_drift){0};
    if (PQntuples(row) == 1)
        *ret_drift = (struct queue_drift){.version = strtoll(PQgetvalue(row, 0, 0), NULL, 10),
                                          .classifier = mem_strdup(PQgetvalue(row, 0, 1)),
                                          .state = mem_strdup(PQgetvalue(row, 0, 2)),
                                          .positions = mem_strdup(PQgetvalue(row, 0, 3))};
    return 0;
}

int queue_drift_save(struct queue *self, const struct queue_drift_change *change, bool *ret_mine, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char version[NUMBER_TEXT_MAX];
    const char *const params[] = {change->profile,   change->classifier, version,        change->state,
                                  change->positions, change->readings,   change->events, change->decided};

    snprintf(version, sizeof version, "%" PRId64, change->version);
    if (pg_query(self->pg,
                 "select triage.drift_save($1, $2, $3::bigint, $4::jsonb, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb)",
                 params, 8, &row, reterr) < 0)
        return -1;
    *ret_mine = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}

int queue_drift_accept(struct queue *self, const char *profile, const char *signal, const char *scope, bool *ret_found,
                       struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile, signal, scope};

    if (pg_query(self->pg, "select triage.drift_accept($1, $2, $3)", params, 3, &row, reterr) < 0)
        return -1;
    *ret_found = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}

int queue_governance(struct queue *self, const char *since, const char *until, char **ret_json, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {since, until};

    if (pg_query(self->pg,
                 "select triage.governance($1::timestamp at time zone 'UTC', $2::timestamp at time zone 'UTC')", params,
                 2, &row, reterr) < 0)
        return -1;
    *ret_json = mem_strdup(PQgetvalue(row, 0, 0));
    return 0;
}

int queue_worker_seen(struct queue *self, const char *instance, bool ready, const char *parts, struct err *reterr)
{
    const char *const params[] = {instance, version_build(), ready ? "true" : "false", parts};

    return pg_run(self->pg, "select triage.worker_seen($1, $2, $3::boolean, left($4, 1000))", params, 4, reterr);
}

static int json_of_profile(struct queue *self, const char *sql, const char *profile, char **ret_json,
                           struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile};

    if (pg_query(self->pg, sql, params, 1, &row, reterr) < 0)
        return -1;
    *ret_json = mem_strdup(PQgetvalue(row, 0, 0));
    return 0;
}

int queue_drift_show(struct queue *self, const char *profile, char **ret_signals, char **ret_alarms, struct err *reterr)
{
    char *signals = NULL;

    if (json_of_profile(self,
                        "select coalesce(jsonb_agg(s order by s.profile, s.alarm desc, s.evidence desc, s.signal, "
                        "s.scope), '[]') from triage.drift_signals s where $1 in ('', s.profile)",
                        profile, &signals, reterr) < 0 ||
        json_of_profile(self,
                        "select coalesce(jsonb_agg(a order by a.alarm_id desc), '[]') from triage.drift_alarms a "
                        "where $1 in ('', a.profile)",
                        profile, ret_alarms, reterr) < 0) {
        mem_free(signals);
        return -1;
    }
    *ret_signals = signals;
    return 0;
}

int queue_drift_lock(struct queue *self, const char *profile, bool *ret_mine, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile};

    if (pg_query(self->pg,
                 "select exists (select from pg_locks l where l.locktype = 'advisory' and l.pid = pg_backend_pid() "
                 "and l.classid::bigint = (hashtext('triage drift')::bigint & 4294967295) "
                 "and l.objid::bigint = (hashtext($1)::bigint & 4294967295)) "
                 "or pg_try_advisory_lock(hashtext('triage drift'), hashtext($1))",
                 params, 1, &row, reterr) < 0)
        return -1;
    *ret_mine = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}
