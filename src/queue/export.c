/* Rows out of the queue for training and calibrating, in steps, so that neither side holds them all. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attrs.h"
#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 32, ROWS_AT_ONCE = 1000 };

static const char sql_rows[] = "select number, row_json::text from triage.export_rows($1, $2::float8, $3::float8, "
                               "$4::timestamptz, $5::bigint, $6::int, $7::boolean)";

int queue_export(struct queue *self, const struct queue_export *wanted, int (*take)(void *opaque, const char *json),
                 void *opaque, struct err *reterr)
{
    char share[NUMBER_TEXT_MAX], audits[NUMBER_TEXT_MAX], after[NUMBER_TEXT_MAX] = "0", limit[NUMBER_TEXT_MAX];
    const char *const params[] = {wanted->purpose, share, audits, wanted->since, after, limit, wanted->even ? "t" : "f"};
    int n = ROWS_AT_ONCE;

    snprintf(share, sizeof share, "%.9g", wanted->calibration_share);
    snprintf(audits, sizeof audits, "%.9g", wanted->audit_share);
    snprintf(limit, sizeof limit, "%d", ROWS_AT_ONCE);
    while (n == ROWS_AT_ONCE) {
        CLEANUP(pgresult_done) PGresult *rows = NULL;
        if (pg_query(self->pg, sql_rows, params, ARRAY_LEN(params), &rows, reterr) < 0)
            return -1;
        n = PQntuples(rows);
        for (int i = 0; i < n; i++) {
            if (take(opaque, PQgetvalue(rows, i, 1)) != 0)
                return 0;
        }
        if (n)
            snprintf(after, sizeof after, "%s", PQgetvalue(rows, n - 1, 0));
    }
    return 0;
}
