/* The reviewer's statements. Times leave as seconds from the server's clock, so that nobody compares clocks. */
#define _GNU_SOURCE /* ppoll */
#include "queue/reviewing.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "queue/queue_state.h"

#define SECONDS_TO(time) "extract(epoch from " time " - clock_timestamp())"
/* Rows of a query as one JSON array. */
#define ROWS(query)  "(select coalesce(jsonb_agg(to_jsonb(r)), '[]') from (" query ") r)"
#define ALL_OF(view) "select " ROWS("select * from triage." view)
#define ANSWER                                                                                                         \
    "$1::bigint, $2::bigint, $3, coalesce($4::triage.outcome, case when $5::text is not null then "                    \
    "'relabelled'::triage.outcome"                                                                                     \
    " else triage.outcome_of($1::bigint, $6::text) end), $5, $6, $7::float8"

static const struct {
    const char *sql;
    int n_params;
} statements[REVIEWING_COUNT] = {
    [REVIEWING_LIST] =
        {"select " ROWS("select q.*, " SECONDS_TO(
             "q.due_at") " as due_in_seconds from triage.queue q"
                         " where ($2::text is null or q.review_group = $2) and ($3::text is null or q.label = $3)"
                         " and ($4::text is null or q.state::text = $4) and ($5::bool is null or q.overdue = $5)"
                         " limit $1::int"),
         5},
    [REVIEWING_MINE] =
        {
            "select jsonb_build_object("
            "'claimed', " ROWS("select m.*, " SECONDS_TO("m.due_at") " as due_in_seconds, " SECONDS_TO("m.claimed_"
                                                                                                       "until") " as "
                                                                                                                "claim_"
                                                                                                                "second"
                                                                                                                "s "
                                                                                                                "from "
                                                                                                                "triage"
                                                                                                                ".mine "
                                                                                                                "m "
                                                                                                                "where "
                                                                                                                "m."
                                                                                                                "state "
                                                                                                                "= "
                                                                                                                "'claim"
                                                                                                                "ed'") ", 'held', " ROWS(
                "select h.*, " SECONDS_TO(
                    "h.held_until") " as held_seconds from triage.held h") ", 'notices', " ROWS("select n.*, "
                                                                                                "-" SECONDS_TO("n.at") " as seconds_ago from triage.notices n") ")",
            0},
    [REVIEWING_CLAIM] =
        {"select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('due_in_seconds', " SECONDS_TO(
             "c.due_at") ", 'claim_seconds', " SECONDS_TO("c.claimed_until") ")), '[]') from ("
                                                                             "select * from triage.claim($1, "
                                                                             "coalesce($2::int, 1), "
                                                                             "string_to_array($3, ',')) where $4::text "
                                                                             "is null"
                                                                             " union all select * from "
                                                                             "triage.claim_once($4, coalesce($2::int, "
                                                                             "1), string_to_array($3, ','))"
                                                                             " where $4::text is not null) c",
         4},
    [REVIEWING_SHOW] =
        {"select s || jsonb_build_object('item', (s -> 'item') || jsonb_build_object('due_in_seconds', " SECONDS_TO(
             "(s #>> '{item,due_at}')::timestamptz") "), 'history', (select coalesce(jsonb_agg(h || "
                                                     "jsonb_build_object('seconds_ago', -" SECONDS_TO(
                                                         "(h ->> 'at')::timestamptz") ") order by n), '[]') from "
                                                                                      "jsonb_array_elements(s -> "
                                                                                      "'history') with ordinality x(h, "
                                                                                      "n))) from "
                                                                                      "triage.show($1::bigint) s",
         1},
    [REVIEWING_CLAIM_NO] = {"select " ROWS("select m.item_id, m.claim_no from triage.mine m where m.state = 'claimed'"
                                           " and ($1::bigint is null or m.item_id = $1) limit 2"),
                            1},
    [REVIEWING_RENEW] = {"select to_jsonb(triage.renew($1::bigint, $2::bigint, coalesce($3::float8, 0)))", 3},
    [REVIEWING_RESOLVE] = {"select to_jsonb(r) || jsonb_build_object('held_seconds', " SECONDS_TO(
                               "r.held_until") ") from triage.resolve(" ANSWER ") r",
                           7},
    [REVIEWING_RESOLVE_ALIKE] =
        {"select jsonb_agg(to_jsonb(r) || jsonb_build_object('held_seconds', " SECONDS_TO(
             "r.held_until") ")) from triage.resolve_alike($1::bigint, $2::bigint, $3, string_to_array($8, "
                             "',')::bigint[], "
                             "coalesce($4::triage.outcome, case when $5::text is not null then "
                             "'relabelled'::triage.outcome "
                             "else triage.outcome_of($1::bigint, $6::text) end), $5, $6, $7::float8) r",
         8},
    [REVIEWING_UNDO] =
        {"select coalesce(jsonb_agg(to_jsonb(u)), '[]') from triage.undo_alike($1::bigint, coalesce($2, (select "
         "h.idempotency_key from triage.held h where h.item_id = $1::bigint), '')) u",
         2},
    [REVIEWING_RELEASE] = {"select triage.release($1::bigint, $2::bigint)", 2},
    [REVIEWING_SKIP] = {"select triage.skip($1::bigint, $2::bigint, $3)", 3},
    [REVIEWING_SNOOZE] =
        {"select triage.snooze($1::bigint, $2::bigint, coalesce($3::timestamptz, clock_timestamp() + $4::interval))",
         4},
    [REVIEWING_ESCALATE] = {"select triage.escalate($1::bigint, $2::bigint, $3, $4)", 4},
    [REVIEWING_REASSIGN] = {"select to_jsonb(r) from triage.reassign($1::bigint, $2::bigint, $3, $4) r", 4},
    [REVIEWING_ALIKE] = {"select " ROWS(
                             "select a.*, " SECONDS_TO("a.due_at") " as due_in_seconds from triage.alike($1::bigint, "
                                                                   "coalesce($2::real, 0.8), coalesce($3::int, 50)) a"),
                         3},
    [REVIEWING_REASONS] = {ALL_OF("skip_reasons"), 0},
    [REVIEWING_STATS] =
        {"select jsonb_build_object('ageing', " ROWS(
             "select a.*, extract(epoch from a.oldest) as oldest_seconds from "
             "triage.ageing a order by 1, 2") ", 'sla', " ROWS("select s.*, extract(epoch from s.wait_median) as "
                                                               "wait_median_seconds, extract(epoch from s.wait_p90) as "
                                                               "wait_p90_seconds from triage.sla s order by 1, 2") ")",
         0},
    [REVIEWING_BUDGET] = {"select jsonb_build_object('groups', " ROWS(
                              "select b.*, extract(epoch from b.late_from - clock_timestamp()) as late_in_seconds from "
                              "triage.review_budget b order by 1") ", 'hours', " ROWS("select * from triage.review_forecast") ", 'states', " ROWS("select * from triage.review_states where state <> 'normal' order by 1") ")",
                          0},
    [REVIEWING_STATES] = {ALL_OF("statistics order by 1, 2, 3"), 0},
    [REVIEWING_CLASSES] = {ALL_OF("classes order by 1, 2"), 0},
    [REVIEWING_REVIEWERS] = {ALL_OF("reviewers order by 1"), 0},
    [REVIEWING_AGREEMENT] = {ALL_OF("agreement order by 1, 2"), 0},
};

int queue_reviewing(struct queue *self, enum reviewing call, const char *const params[REVIEWING_PARAMS_MAX],
                    char **ret_json, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(self->pg, statements[call].sql, params, statements[call].n_params, &result, reterr) < 0)
        return -1;
    *ret_json = mem_strdup(PQntuples(result) && !PQgetisnull(result, 0, 0) && *PQgetvalue(result, 0, 0)
                               ? PQgetvalue(result, 0, 0)
                               : "null");
    return 0;
}

/* ---- listening ---- */

int queue_listen(struct queue *self, struct err *reterr)
{
    return pg_run(self->pg, "listen triage_queue", NULL, 0, reterr);
}

/* Notifications are many or none: what they say is the same. */
static bool heard(PGconn *connection)
{
    bool any = false;
    PGnotify *notify;

    while ((notify = PQnotifies(connection))) {
        PQfreemem(notify);
        any = true;
    }
    return any;
}

int queue_await(struct queue *self, int milliseconds, const sigset_t *signals, bool *ret_heard, struct err *reterr)
{
    const struct timespec most = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    PGconn *connection = pg_handle(self->pg);
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
    int n;

    *ret_heard = heard(connection);
    if (*ret_heard)
        return 0;
    n = ppoll(&socket, 1, &most, signals);
    if (n < 0 && errno != EINTR)
        return err_set(reterr, ERR_TRANSIENT, EX_OSERR, "cannot wait for Postgres: %s", strerror(errno));
    if (n > 0 && !PQconsumeInput(connection))
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Postgres: %s", PQerrorMessage(connection));
    *ret_heard = heard(connection);
    return 0;
}
