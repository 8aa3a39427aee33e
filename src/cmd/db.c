/* triaged db migrate, maintain and erase: what is done to the queue's database by hand. */
#include <stdio.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"

struct options {
    struct cmd_common common;
    const char *requester, *tenant;
};

/* Takes the options, opens configuration and database, does one thing, closes both. */
static int with_queue(const struct option_table *table, int argc, char **argv,
                      int (*work)(struct queue *queue, const struct options *options, struct err *reterr))
{
    struct options options = {0};
    struct config *config = NULL;
    struct queue *queue = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(table, argc, argv, &options, &config, &rc))
        return rc;
    if (queue_open(&config->postgres, "triaged-db", &queue, &err) < 0 || work(queue, &options, &err) < 0)
        rc = cmd_fail(table->command, &err);
    queue_close(queue);
    config_free(config);
    return rc;
}

/* ---- migrate ---- */

static int migrate(struct queue *queue, UNUSED const struct options *options, struct err *reterr)
{
    int applied, total;

    if (queue_migrate(queue, &applied, &total, reterr) < 0)
        return -1;
    printf("%d of %d migrations applied, %d were there\n", applied, total, total - applied);
    return 0;
}

int cmd_db_migrate(int argc, char **argv)
{
    static const struct option_table table = {
        .command = "db migrate",
        .about = "Brings the schema triage of the database in postgres.conninfo up to this program's version. Safe to "
                 "run again, and while workers run: each step is one transaction under a lock, and waits only briefly "
                 "for a table before it lets the others go first.",
        OPTION_CONFIGURED,
        .example = "triaged db migrate",
    };

    return with_queue(&table, argc, argv, migrate);
}

/* ---- maintain ---- */

static int maintain(struct queue *queue, UNUSED const struct options *options, struct err *reterr)
{
    bool more = true;

    while (more) {
        char *done;
        if (queue_maintain(queue, &more, &done, reterr) < 0)
            return -1;
        puts(done);
        mem_free(done);
    }
    return 0;
}

int cmd_db_maintain(int argc, char **argv)
{
    static const struct option_table table = {
        .command = "db maintain",
        .about = "Forgets keys that were not heard of for long, ends abandoned claims, marks older items by their text "
                 "and deletes closed items by setting.keep_items, until nothing is left to do; a line for each step. A "
                 "running relay does one step a minute by itself.",
        OPTION_CONFIGURED,
        .example = "triaged db maintain",
    };

    return with_queue(&table, argc, argv, maintain);
}

/* ---- erase ---- */

static int erase(struct queue *queue, const struct options *options, struct err *reterr)
{
    char *done;

    if (queue_erase(queue, options->requester, options->tenant, &done, reterr) < 0)
        return -1;
    puts(done);
    mem_free(done);
    return 0;
}

int cmd_db_erase(int argc, char **argv)
{
    static const struct option_row rows[] = {
        ROW_NEEDED("--requester", "ID", OPTION_TEXT, requester, "the person: requester.id of the tickets"),
        ROW_TEXT("--tenant", "TENANT", tenant, "only of this tenant"),
    };
    static const struct option_table table = {
        .command = "db erase",
        .about = "Forgets one person: deletes the items of the tickets with this requester.id, their texts and "
                 "answers; what is unfinished is withdrawn first and has its ending published. Prints what was done. "
                 "The topics and the helpdesk are not touched. The database user needs the role triage_migrator.",
        OPTION_ROWS(rows),
        OPTION_CONFIGURED,
        .example = "triaged db erase --requester 4711 --tenant acme",
    };

    return with_queue(&table, argc, argv, erase);
}
