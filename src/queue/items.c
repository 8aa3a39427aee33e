/* Reads the hot table in single-row mode, so that a million items need no memory here. */
#include "queue/items.h"

#include <stdlib.h>
#include <sysexits.h>

#include "queue/queue_state.h"

static const char sql_items[] = "select review_id, key, origin, state, revision from triage.item";

static void take_row(const PGresult *row, void (*take)(void *, const struct item_row *), void *opaque)
{
    const struct item_row item = {.review_id = PQgetvalue(row, 0, 0),
                                  .key = PQgetvalue(row, 0, 1),
                                  .origin = PQgetvalue(row, 0, 2),
                                  .state = PQgetvalue(row, 0, 3),
                                  .revision = strtoll(PQgetvalue(row, 0, 4), NULL, 10)};

    take(opaque, &item);
}

int queue_each_item(struct queue *self, void (*take)(void *opaque, const struct item_row *row), void *opaque,
                    struct err *reterr)
{
    PGconn *connection = pg_handle(self->pg);
    PGresult *row;
    int rc = 0;

    if (!PQsendQuery(connection, sql_items) || !PQsetSingleRowMode(connection))
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres: %s", PQerrorMessage(connection));
    while ((row = PQgetResult(connection))) {
        ExecStatusType status = PQresultStatus(row);
        if (status == PGRES_SINGLE_TUPLE)
            take_row(row, take, opaque);
        else if (status != PGRES_TUPLES_OK)
            rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres: %s", PQerrorMessage(connection));
        PQclear(row);
    }
    return rc;
}
