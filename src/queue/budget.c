/* The review budget: who is at work goes in, which groups lack people comes out. */
#include <stdio.h>
#include <stdlib.h>

#include "queue/queue_state.h"

static const char sql_staffing[] = "select triage.set_staffing($1, nullif($2, '')::jsonb)";
static const char sql_overload[] = "select review_group, lacking_hours from triage.review_budget where overloaded";

static const char sql_relief[] =
    "select state, left_seconds, known, overloaded, streak, lacking_hours from triage.relief_plan($1, $2)";
static const char sql_set_relief[] =
    "select triage.set_relief($1, $2, $3, $4::triage.review_state, $5::triage.review_state)";

int queue_set_staffing(struct queue *self, const char *profile, const char *staffing, bool *ret_new, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile, staffing};

    if (pg_query(self->pg, sql_staffing, params, 2, &row, reterr) < 0)
        return -1;
    *ret_new = *PQgetvalue(row, 0, 0) == 't';
    return 0;
}

int queue_each_overload(struct queue *self, void (*take)(void *opaque, const char *group, double lacking_hours),
                        void *opaque, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *rows = NULL;

    if (pg_query(self->pg, sql_overload, NULL, 0, &rows, reterr) < 0)
        return -1;
    for (int i = 0; i < PQntuples(rows); i++)
        take(opaque, PQgetvalue(rows, i, 0), strtod(PQgetvalue(rows, i, 1), NULL));
    return 0;
}

int queue_relief(struct queue *self, const char *profile, const char *group, struct queue_relief *ret_relief,
                 struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {profile, group};

    if (pg_query(self->pg, sql_relief, params, 2, &row, reterr) < 0)
        return -1;
    snprintf(ret_relief->state, sizeof ret_relief->state, "%s", PQgetvalue(row, 0, 0));
    ret_relief->left_seconds = strtod(PQgetvalue(row, 0, 1), NULL);
    ret_relief->known = *PQgetvalue(row, 0, 2) == 't';
    ret_relief->overloaded = *PQgetvalue(row, 0, 3) == 't';
    ret_relief->streak = (int)strtol(PQgetvalue(row, 0, 4), NULL, 10);
    ret_relief->lacking_hours = strtod(PQgetvalue(row, 0, 5), NULL);
    return 0;
}

int queue_set_relief(struct queue *self, const struct queue_relief_step *step, bool *ret_done, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    const char *const params[] = {step->profile, step->group, step->owner, step->from, step->to};

    if (pg_query(self->pg, sql_set_relief, params, 5, &row, reterr) < 0)
        return -1;
    *ret_done = *PQgetvalue(row, 0, 0) == 't';
    return 0;
}
