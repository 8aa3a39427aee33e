/* Waiting drafts whose articles have changed: out to be checked again, and what was found in. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "queue/queue_state.h"

enum { NUMBER_TEXT_MAX = 24, DRAFTS_AT_ONCE = 100 };

static const char sql_outdated[] =
    "select item_id, request, ticket from triage.drafts_outdated($1::jsonb, $2, $3::bigint, $4::integer)";
static const char sql_rechecked[] = "select triage.draft_rechecked($1::bigint, $2, $3::jsonb, $4::jsonb, $5::jsonb)";

int queue_each_outdated(struct queue *self, const char *versions, const char *knowledge,
                        int (*take)(void *opaque, const struct queue_draft *draft, struct err *reterr), void *opaque,
                        struct err *reterr)
{
    char after[NUMBER_TEXT_MAX] = "0", limit[NUMBER_TEXT_MAX];
    const char *const params[] = {versions, knowledge, after, limit};
    int n = DRAFTS_AT_ONCE;

    snprintf(limit, sizeof limit, "%d", DRAFTS_AT_ONCE);
    while (n == DRAFTS_AT_ONCE) {
        CLEANUP(pgresult_done) PGresult *rows = NULL;
        if (pg_query(self->pg, sql_outdated, params, 4, &rows, reterr) < 0)
            return -1;
        n = PQntuples(rows);
        for (int i = 0; i < n; i++) {
            const struct queue_draft draft = {strtoll(PQgetvalue(rows, i, 0), NULL, 10), PQgetvalue(rows, i, 1),
                                              PQgetvalue(rows, i, 2)};
            if (take(opaque, &draft, reterr) < 0)
                return -1;
        }
        if (n)
            snprintf(after, sizeof after, "%s", PQgetvalue(rows, n - 1, 0));
    }
    return 0;
}

int queue_rechecked(struct queue *self, const struct queue_recheck *found, bool *ret_waits, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *row = NULL;
    char item[NUMBER_TEXT_MAX];
    const char *const params[] = {item, found->knowledge, found->finding, found->unsupported, found->reason};

    snprintf(item, sizeof item, "%" PRId64, found->item);
    if (pg_query(self->pg, sql_rechecked, params, 5, &row, reterr) < 0)
        return -1;
    *ret_waits = PQgetvalue(row, 0, 0)[0] == 't';
    return 0;
}
