/* The review budget: who is at work goes in, which groups lack people comes out. */
#include <stdlib.h>

#include "queue/queue_state.h"

static const char sql_staffing[] = "select triage.set_staffing($1, nullif($2, '')::jsonb)";
static const char sql_overload[] = "select review_group, lacking_hours from triage.review_budget where overloaded";

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
