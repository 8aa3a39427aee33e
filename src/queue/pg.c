/* The connection, and what SQLSTATEs mean. */
#include "queue/pg.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"

struct pg {
    PGconn *connection;
};

/* By the first characters of the SQLSTATE; the longest match counts. What is not listed is permanent. */
static const struct {
    const char *prefix;
    enum err_class class;
} state_table[] = {
    {"08", ERR_TRANSIENT},    /* connection */
    {"40", ERR_TRANSIENT},    /* serialization failure, deadlock */
    {"53", ERR_TRANSIENT},    /* disk full, out of memory, too many connections */
    {"55P03", ERR_TRANSIENT}, /* lock timeout */
    {"57", ERR_TRANSIENT},    /* shutdown, cancelled, statement timeout */
    {"58", ERR_TRANSIENT},    /* system error */
    {"25006", ERR_TRANSIENT}, /* read-only: a standby, or a failover going on */
    {"25P03", ERR_TRANSIENT}, /* idle in transaction */
    {"XX", ERR_TRANSIENT},
};

static enum err_class class_of(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(state_table); i++) {
        if (strncmp(state, state_table[i].prefix, strlen(state_table[i].prefix)) == 0)
            return state_table[i].class;
    }
    return ERR_PERMANENT;
}

void pgresult_done(PGresult **result)
{
    PQclear(*result);
}

int pg_open(const struct config_postgres *config, const char *application, struct pg **ret_pg, struct err *reterr)
{
    const char *const names[] = {"dbname",           "application_name", "connect_timeout", "keepalives_idle",
                                 "tcp_user_timeout", "password",         NULL};
    const char *const values[] = {config->conninfo, application, "5", "10", "15000",
                                  config->password && *config->password ? config->password : NULL, NULL};
    struct pg *self = mem_alloc(sizeof *self);

    self->connection = PQconnectdbParams(names, values, 1);
    if (PQstatus(self->connection) != CONNECTION_OK) {
        err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres can't be reached, check postgres.conninfo: %s",
                PQerrorMessage(self->connection));
        pg_close(self);
        return -1;
    }
    *ret_pg = self;
    return pg_run(self, "set idle_in_transaction_session_timeout = '10s'", NULL, 0, reterr);
}

void pg_close(struct pg *self)
{
    if (!self)
        return;
    PQfinish(self->connection);
    mem_free(self);
}

PGconn *pg_handle(struct pg *self)
{
    return self->connection;
}

int pg_failed(struct pg *self, const PGresult *result, struct err *reterr)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    enum err_class class = state ? class_of(state) : ERR_TRANSIENT;

    if (PQstatus(self->connection) != CONNECTION_OK)
        class = ERR_TRANSIENT;
    err_set(reterr, class, class == ERR_TRANSIENT ? EX_UNAVAILABLE : EX_SOFTWARE, "%s%s",
            state && strncmp(state, "TR", 2) == 0 ? "" : "Postgres: ", /* the queue's own sentence says what to do */
            text ? text : PQerrorMessage(self->connection));
    if (reterr)
        snprintf(reterr->reason, sizeof reterr->reason, "%s", state ? state : "");
    return -1;
}

int pg_query(struct pg *self, const char *sql, const char *const *params, int n, PGresult **ret_result,
             struct err *reterr)
{
    PGresult *result = n ? PQexecParams(self->connection, sql, n, NULL, params, NULL, NULL, 0)
                         : PQexec(self->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        pg_failed(self, result, reterr);
        PQclear(result);
        return -1;
    }
    *ret_result = result;
    return 0;
}

int pg_run(struct pg *self, const char *sql, const char *const *params, int n, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    return pg_query(self, sql, params, n, &result, reterr);
}
