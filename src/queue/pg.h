/* One connection to Postgres: parameters in, rows out, errors with a class by SQLSTATE. Only src/queue includes this. */
#ifndef TRIAGED_QUEUE_PG_H
#define TRIAGED_QUEUE_PG_H

#include <libpq-fe.h>

#include "base/attrs.h"
#include "policy/config.h"
#include "triage/err.h"

#define PG_PARAMS_MAX 9

struct pg;

/* Connects with connect_timeout 5 s, keepalives and an application name. Transient: the server can't be reached. */
int pg_open(const struct config_postgres *config, const char *application, struct pg **ret_pg, struct err *reterr);
void pg_close(struct pg *self);
PGconn *pg_handle(struct pg *self);

/* Runs one statement with text parameters (NULL is null). The caller owns *ret_result (PQclear). err.reason is the
 * SQLSTATE where the server gave one. */
int pg_query(struct pg *self, const char *sql, const char *const *params, int n, PGresult **ret_result,
             struct err *reterr);
/* The same for statements whose rows nobody wants; several statements in one text are allowed when n is 0. */
int pg_run(struct pg *self, const char *sql, const char *const *params, int n, struct err *reterr);

/* What a result that is not a good one says: class, sentence, SQLSTATE. Always -1. */
int pg_failed(struct pg *self, const PGresult *result, struct err *reterr);

void pgresult_done(PGresult **result); /* for CLEANUP */

#endif
