/* Migrations: plain numbered SQL, each in one transaction, in order, once, under an advisory lock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "queue/queue_state.h"

/* A step that waits for a table makes everybody wait behind it, so it gives up soon and tries again: before the server
 * looks for deadlocks (deadlock_timeout, 1 s), so that it is never a client that is ended. */
enum { STEP_ATTEMPTS = 120, STEP_PAUSE_MS = 500 };
#define BUSY_TABLE "55P03" /* lock_not_available */
#define DEADLOCK   "40P01"

static const char sql_begin[] = "begin; set local lock_timeout = '300ms'";
static const char sql_lock[] = "select pg_advisory_lock(hashtextextended('triaged.migrate', 0))";
static const char sql_unlock[] = "select pg_advisory_unlock(hashtextextended('triaged.migrate', 0))";
static const char sql_has_table[] = "select to_regclass('triage.migration') is not null";
static const char sql_find[] = "select sha256 from triage.migration where number = $1::int";
static const char sql_note[] = "insert into triage.migration (number, name, sha256) values ($1::int, $2, $3)";

static int has_table(struct pg *pg, bool *ret_has, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;

    if (pg_query(pg, sql_has_table, NULL, 0, &result, reterr) < 0)
        return -1;
    *ret_has = *PQgetvalue(result, 0, 0) == 't';
    return 0;
}

/* 1 applied, 0 not yet, -1 error: among them a file that was changed after it was applied. */
static int is_applied(struct pg *pg, const struct migration *migration, struct err *reterr)
{
    CLEANUP(pgresult_done) PGresult *result = NULL;
    char number[16], hash[SHA256_HEX_MAX];
    const char *const params[] = {number};
    bool has;

    if (has_table(pg, &has, reterr) < 0)
        return -1;
    if (!has)
        return 0;
    snprintf(number, sizeof number, "%d", migration->number);
    if (pg_query(pg, sql_find, params, 1, &result, reterr) < 0)
        return -1;
    if (PQntuples(result) == 0)
        return 0;
    if (strcmp(PQgetvalue(result, 0, 0), sha256_hex(migration->sql, strlen(migration->sql), hash)) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "migration %03d_%s was applied with another text; this program and the database are of different "
                       "versions, use the program that the database was migrated with or a newer one",
                       migration->number, migration->name);
    return 1;
}

static int run_file(struct pg *pg, const struct migration *migration, struct err *reterr)
{
    char number[16], hash[SHA256_HEX_MAX];
    const char *const params[] = {number, migration->name, hash};

    snprintf(number, sizeof number, "%d", migration->number);
    sha256_hex(migration->sql, strlen(migration->sql), hash);
    if (pg_run(pg, sql_begin, NULL, 0, reterr) < 0)
        return -1;
    if (pg_run(pg, migration->sql, NULL, 0, reterr) < 0 || pg_run(pg, sql_note, params, 3, reterr) < 0 ||
        pg_run(pg, "commit", NULL, 0, reterr) < 0) {
        (void)pg_run(pg, "rollback", NULL, 0, NULL);
        return err_context(reterr, "migration %03d_%s", migration->number, migration->name);
    }
    return 0;
}

static int run_patiently(struct pg *pg, const struct migration *migration, struct err *reterr)
{
    const struct timespec pause = {.tv_nsec = STEP_PAUSE_MS * 1000000L};

    for (int attempt = 1;; attempt++) {
        if (run_file(pg, migration, reterr) == 0)
            return 0;
        if (attempt == STEP_ATTEMPTS || (strcmp(reterr->reason, BUSY_TABLE) != 0 && strcmp(reterr->reason, DEADLOCK) != 0))
            return -1;
        nanosleep(&pause, NULL);
    }
}

static int migrate_all(struct pg *pg, int *applied, struct err *reterr)
{
    for (unsigned i = 0; i < migration_table_len; i++) {
        int done = is_applied(pg, &migration_table[i], reterr);
        if (done < 0)
            return -1;
        if (done)
            continue;
        if (run_patiently(pg, &migration_table[i], reterr) < 0)
            return -1;
        (*applied)++;
    }
    return 0;
}

int queue_migrate(struct queue *self, int *ret_applied, int *ret_total, struct err *reterr)
{
    int applied = 0;
    int rc;

    if (pg_run(self->pg, "set client_min_messages = warning", NULL, 0, reterr) < 0 ||
        pg_run(self->pg, sql_lock, NULL, 0, reterr) < 0)
        return -1;
    rc = migrate_all(self->pg, &applied, reterr);
    (void)pg_run(self->pg, sql_unlock, NULL, 0, NULL);
    *ret_applied = applied;
    *ret_total = (int)migration_table_len;
    return rc;
}

int queue_check_schema(struct queue *self, struct err *reterr)
{
    for (unsigned i = 0; i < migration_table_len; i++) {
        int done = is_applied(self->pg, &migration_table[i], reterr);
        if (done < 0)
            return -1;
        if (!done)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "the database lacks migration %03d_%s; run 'triaged db migrate'",
                           migration_table[i].number, migration_table[i].name);
    }
    return 0;
}
