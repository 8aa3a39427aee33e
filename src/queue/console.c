/* One table of statements, and one way to run them: in a pipeline behind the statement that takes the reviewer's role.
 */
#include "queue/console.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/mem.h"
#include "queue/queue_state.h"

enum { GRACE_MS = 2000, NUMBER_TEXT = 24 };

static const char sql_settings[] = "set statement_timeout = '10s'; set lock_timeout = '5s'";
static const char sql_enter[] = "select set_config('role', triage.console_session(decode($1, 'hex')), true)";
static const char sql_enter_proxied[] = "select set_config('role', triage.console_proxied($1), true)";

/* Lists come as JSON arrays. */
#define LIST(n) "(select array_agg(x) from jsonb_array_elements_text($" #n "::jsonb) x)"

static const struct {
    const char *sql;
    int n;
} call_table[] = {
    [CALL_SESSION] = {"select triage.review_session()", 0},
    [CALL_QUEUE] = {"select triage.queue_page($1, $2, $3, $4, $5, $6::boolean, $7::boolean, $8, $9::int, $10) || "
                    "jsonb_build_object('counts', triage.queue_counts(), 'now', clock_timestamp())",
                    10},
    [CALL_COUNTS] = {"select triage.queue_counts()", 0},
    [CALL_MINE] = {"select triage.my_work()", 0},
    [CALL_CLAIM] = {"select triage.claim_next(" LIST(1) ", $2)", 2},
    [CALL_CLAIM_ITEM] = {"select triage.claim_item_page($1::bigint)", 1},
    [CALL_ITEM] = {"select triage.item_page($1::bigint)", 1},
    [CALL_RENEW] = {"select jsonb_build_object('claimed_until', triage.renew($1::bigint, $2::bigint, "
                    "coalesce($3::float8, 0)))",
                    3},
    [CALL_RESOLVE] = {"select jsonb_build_object('state', r.state, 'held_until', r.held_until, 'edit_distance', "
                      "r.edit_distance, 'resolved', jsonb_build_array($1::bigint)) from triage.resolve($1::bigint, "
                      "$2::bigint, $3, $4::triage.outcome, $5, $6, $7::float8) r",
                      7},
    [CALL_RESOLVE_ALIKE] =
        {"select jsonb_build_object('state', (array_agg(r.state order by r.item_id <> $1::bigint))[1], "
         "'held_until', min(r.held_until), 'edit_distance', null, 'resolved', jsonb_agg(r.item_id)) "
         "from triage.resolve_alike($1::bigint, $2::bigint, $3, " LIST(8) "::bigint[], "
                                                                          "$4::triage.outcome, $5, $6, $7::float8) r",
         8},
    [CALL_UNDO] = {"select to_jsonb(u) from triage.undo($1::bigint, $2) u", 2},
    /* Undoing twice is undoing once: the second call tells until when the claim lasts. */
    [CALL_UNDO_ALIKE] =
        {"select to_jsonb(u) || jsonb_build_object('reopened', a.n - 1) from (select count(*) as n from "
         "triage.undo_alike($1::bigint, $2)) a, "
         "lateral triage.undo($1::bigint, case when a.n > 0 then $2 end) u",
         2},
    [CALL_SKIP] = {"select triage.skip($1::bigint, $2::bigint, $3)", 3},
    [CALL_SNOOZE] = {"select triage.snooze($1::bigint, $2::bigint, $3::timestamptz)", 3},
    [CALL_RELEASE] = {"select triage.release($1::bigint, $2::bigint)", 2},
    [CALL_ESCALATE] = {"select triage.escalate($1::bigint, $2::bigint, $3, $4)", 4},
    [CALL_REASSIGN] = {"select to_jsonb(r) from triage.reassign($1::bigint, $2::bigint, $3, $4) r", 4},
    [CALL_FORGET_REASON] = {"select triage.forget_skip_reason($1)", 1},
    [CALL_FIGURES] = {"select triage.figures($1::int, $2)", 2},
    [CALL_OVERVIEW] = {"select triage.overview()", 0},
};
_Static_assert(ARRAY_LEN(call_table) == CALL_COUNT, "a call without a statement");

int console_queue_open(const struct config_postgres *config, struct queue **ret_queue, struct err *reterr)
{
    struct queue *self;

    if (queue_open(config, "triaged-console", &self, reterr) < 0)
        return -1;
    if (pg_run(self->pg, sql_settings, NULL, 0, reterr) < 0) {
        queue_close(self);
        return -1;
    }
    *ret_queue = self;
    return 0;
}

bool console_queue_alive(struct queue *self)
{
    PGconn *connection = pg_handle(self->pg);
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

    if (PQstatus(connection) != CONNECTION_OK)
        return false;
    /* Nothing is awaited: what can be read now is a notice, or the end. */
    if (poll(&socket, 1, 0) > 0 && !PQconsumeInput(connection))
        return false;
    return PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE;
}

/* ---- a call in its pipeline ---- */

static int gone(PGconn *connection, struct err *reterr)
{
    return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres: %s", PQerrorMessage(connection));
}

/* Waits for the next result, which may be NULL, until the deadline. */
static int next_result(PGconn *connection, int64_t deadline_us, PGresult **ret_result, struct err *reterr)
{
    while (PQisBusy(connection)) {
        struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
        int64_t left_ms = (deadline_us - clock_mono_us()) / 1000;
        if (left_ms <= 0)
            return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres did not answer in %d s",
                           CONSOLE_CALL_SECONDS);
        (void)poll(&socket, 1, (int)left_ms);
        if (!PQconsumeInput(connection))
            return gone(connection, reterr);
    }
    *ret_result = PQgetResult(connection);
    return 0;
}

/* The one result of a statement: the first error of the pipeline is the call's. */
static int take_result(struct queue *self, int64_t deadline_us, bool *failed, PGresult **ret_result, struct err *reterr)
{
    PGconn *connection = pg_handle(self->pg);
    PGresult *result = NULL, *end = NULL;

    if (next_result(connection, deadline_us, &result, reterr) < 0)
        return -1;
    if (!result)
        return gone(connection, reterr);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && !*failed) {
        *failed = true;
        pg_failed(self->pg, result, reterr);
    }
    if (next_result(connection, deadline_us, &end, reterr) < 0) {
        PQclear(result);
        return -1;
    }
    PQclear(end);
    *ret_result = result;
    return 0;
}

static int send_call(PGconn *connection, const struct console_who *who, enum console_call call,
                     const char *const *params)
{
    const char *const whom[] = {who->proxied ? who->proxied : who->session};

    return PQsendQueryParams(connection, who->proxied ? sql_enter_proxied : sql_enter, 1, NULL, whom, NULL, NULL, 0) &&
           PQsendQueryParams(connection, call_table[call].sql, call_table[call].n, NULL, params, NULL, NULL, 0) &&
           PQpipelineSync(connection);
}

static void read_reply(const PGresult *entered, const PGresult *answered, bool failed, struct console_reply *reply)
{
    const char *detail = PQresultErrorField(answered, PG_DIAG_MESSAGE_DETAIL);

    if (PQresultStatus(entered) == PGRES_TUPLES_OK)
        snprintf(reply->reviewer, sizeof reply->reviewer, "%s", PQgetvalue(entered, 0, 0));
    if (detail)
        snprintf(reply->detail, sizeof reply->detail, "%s", detail);
    if (!failed && PQntuples(answered) > 0 && !PQgetisnull(answered, 0, 0))
        reply->json = mem_strdup(PQgetvalue(answered, 0, 0));
}

/* The pipeline is one transaction: it ends at the sync, and the role with it. */
static int run_pipeline(struct queue *self, bool *failed, struct console_reply *reply, struct err *reterr)
{
    int64_t deadline_us = clock_mono_us() + (CONSOLE_CALL_SECONDS * 1000 + GRACE_MS) * 1000LL;
    CLEANUP(pgresult_done) PGresult *entered = NULL;
    CLEANUP(pgresult_done) PGresult *answered = NULL;
    CLEANUP(pgresult_done) PGresult *sync = NULL;

    if (take_result(self, deadline_us, failed, &entered, reterr) < 0 ||
        take_result(self, deadline_us, failed, &answered, reterr) < 0 ||
        next_result(pg_handle(self->pg), deadline_us, &sync, reterr) < 0)
        return -1;
    if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        return gone(pg_handle(self->pg), reterr);
    read_reply(entered, answered, *failed, reply);
    return 0;
}

int console_queue_call(struct queue *self, const struct console_who *who, enum console_call call,
                       const char *const *params, struct console_reply *ret_reply, struct err *reterr)
{
    PGconn *connection = pg_handle(self->pg);
    struct console_reply reply = {0};
    bool failed = false;

    if (!PQenterPipelineMode(connection) || !send_call(connection, who, call, params))
        return gone(connection, reterr);
    if (run_pipeline(self, &failed, &reply, reterr) < 0)
        return -1; /* still in the pipeline: not alive any more */
    if (!PQexitPipelineMode(connection)) {
        mem_free(reply.json);
        return gone(connection, reterr);
    }
    *ret_reply = reply;
    return failed ? -1 : 0;
}

/* ---- plain calls ---- */

static int one_value(struct queue *self, const char *sql, const char *const *params, int n, char **ret_text,
                     struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(self->pg, sql, params, n, &result, reterr) < 0)
        return -1;
    *ret_text = PQntuples(result) == 0 || PQgetisnull(result, 0, 0) ? NULL : mem_strdup(PQgetvalue(result, 0, 0));
    return 0;
}

int console_queue_attempt(struct queue *self, const char *name, char **ret_hash, int *ret_wait, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;
    const char *const params[] = {name};

    if (pg_query(self->pg, "select password_hash, wait_seconds from triage.console_attempt($1)", params, 1, &result,
                 reterr) < 0)
        return -1;
    *ret_hash = PQgetisnull(result, 0, 0) ? NULL : mem_strdup(PQgetvalue(result, 0, 0));
    *ret_wait = atoi(PQgetvalue(result, 0, 1)); // NOLINT(cert-err34-c): a number by the function's type
    return 0;
}

int console_queue_sign_in(struct queue *self, const char *name, const char *session, const struct console_times *times,
                          struct err *reterr)
{
    char idle[NUMBER_TEXT], most[NUMBER_TEXT];
    const char *const params[] = {name, session, idle, most};

    snprintf(idle, sizeof idle, "%d", times->idle_seconds);
    snprintf(most, sizeof most, "%d", times->most_seconds);
    return pg_run(self->pg,
                  "select triage.console_sign_in($1, decode($2, 'hex'), $3::int * interval '1 second', "
                  "$4::int * interval '1 second')",
                  params, 4, reterr);
}

int console_queue_sign_out(struct queue *self, const char *session, struct err *reterr)
{
    const char *const params[] = {session};

    return pg_run(self->pg, "select triage.console_sign_out(decode($1, 'hex'))", params, 1, reterr);
}

/* ---- news ---- */

int console_queue_listen(struct queue *self, struct err *reterr)
{
    return pg_run(self->pg, "listen triage_queue", NULL, 0, reterr);
}

int console_queue_wait(struct queue *self, int timeout_ms, bool *ret_notified, struct err *reterr)
{
    PGconn *connection = pg_handle(self->pg);
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
    PGnotify *notice;

    *ret_notified = false;
    if (poll(&socket, 1, timeout_ms) > 0 && !PQconsumeInput(connection))
        return gone(connection, reterr);
    while ((notice = PQnotifies(connection))) {
        *ret_notified = true;
        PQfreemem(notice);
    }
    return PQstatus(connection) == CONNECTION_OK ? 0 : gone(connection, reterr);
}

int console_queue_pulse(struct queue *self, int64_t last, const char *reviewers, char **ret_json, struct err *reterr)
{
    char number[NUMBER_TEXT];
    const char *const params[] = {number, reviewers};

    snprintf(number, sizeof number, "%" PRId64, last);
    return one_value(self, "select triage.console_pulse($1::bigint, " LIST(2) ")", params, 2, ret_json, reterr);
}

int console_queue_alive_sessions(struct queue *self, const char *sessions, const char *names, char **ret_json,
                                 struct err *reterr)
{
    const char *const params[] = {sessions, names};

    return one_value(self, "select to_jsonb(triage.console_alive(" LIST(1) ", " LIST(2) "))", params, 2, ret_json,
                     reterr);
}

/* ---- accounts ---- */

int console_account_add(struct queue *self, const char *name, const char *hash, bool auditor, char **ret_how,
                        struct err *reterr)
{
    const char *const enrol[] = {name, auditor ? "true" : "false"};
    const char *const account[] = {name, hash};
    char *how = NULL;

    if (pg_run(self->pg, "begin", NULL, 0, reterr) < 0)
        return -1;
    if (one_value(self, "select triage.console_enrol($1, $2::boolean)", enrol, 2, &how, reterr) < 0 ||
        pg_run(self->pg, "select triage.console_account_set($1, $2)", account, 2, reterr) < 0 ||
        pg_run(self->pg, "commit", NULL, 0, reterr) < 0) {
        (void)pg_run(self->pg, "rollback", NULL, 0, NULL);
        mem_free(how);
        return -1;
    }
    *ret_how = how;
    return 0;
}

static int found_call(struct queue *self, const char *sql, const char *const *params, int n, bool *ret_found,
                      struct err *reterr)
{
    CLEANUP(mem_freep) char *found = NULL;

    if (one_value(self, sql, params, n, &found, reterr) < 0)
        return -1;
    *ret_found = found && *found == 't';
    return 0;
}

int console_account_lock(struct queue *self, const char *name, bool lock, bool *ret_found, struct err *reterr)
{
    const char *const params[] = {name, lock ? "true" : "false"};

    return found_call(self, "select triage.console_account_lock($1, $2::boolean)", params, 2, ret_found, reterr);
}

int console_account_remove(struct queue *self, const char *name, bool *ret_found, struct err *reterr)
{
    const char *const params[] = {name};

    if (found_call(self, "select triage.console_account_remove($1)", params, 1, ret_found, reterr) < 0)
        return -1;
    return *ret_found ? pg_run(self->pg, "select triage.console_dismiss($1)", params, 1, reterr) : 0;
}

int console_account_list(struct queue *self, char **ret_json, struct err *reterr)
{
    return one_value(self, "select coalesce(jsonb_agg(to_jsonb(a)), '[]') from triage.console_accounts() a", NULL, 0,
                     ret_json, reterr);
}
