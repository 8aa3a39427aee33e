/* triaged db migrate, maintain and erase: what is done to the queue's database by hand. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"

struct db_options {
    struct cmd_common common;
    const char *requester, *tenant;
};

/* Opens configuration and database, does one thing, closes both. */
static int with_queue(const char *name, const struct db_options *options,
                      int (*work)(struct queue *queue, const struct db_options *options, struct err *reterr))
{
    struct config *config = NULL;
    struct queue *queue = NULL;
    struct err err = {0};
    int rc = cmd_load_config(&options->common, &config);

    if (rc)
        return rc;
    if (queue_open(&config->postgres, "triaged-db", &queue, &err) < 0 || work(queue, options, &err) < 0)
        rc = cmd_fail(name, &err);
    queue_close(queue);
    config_free(config);
    return rc;
}

static int parse_common(const char *name, struct db_options *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&self->common, argc, argv, &i);
        if (taken < 0)
            return EX_USAGE;
        if (!taken)
            return cmd_misuse(name, argv[i]);
    }
    return 0;
}

/* ---- migrate ---- */

static int migrate(struct queue *queue, UNUSED const struct db_options *options, struct err *reterr)
{
    int applied, total;

    if (queue_migrate(queue, &applied, &total, reterr) < 0)
        return -1;
    printf("%d of %d migrations applied, %d were there\n", applied, total, total - applied);
    return 0;
}

int cmd_db_migrate(int argc, char **argv)
{
    struct db_options options = {0};
    int rc;

    if (cmd_wants_help(argc, argv)) {
        puts("usage: triaged db migrate [--config FILE] [--set section.key=value]\n\n"
             "Brings the schema triage of the database in postgres.conninfo up to this program's version.\n"
             "Safe to run again, and while workers run: each step is one transaction under a lock, and waits only\n"
             "briefly for a table before it lets the others go first.");
        return 0;
    }
    rc = parse_common("db migrate", &options, argc, argv);
    return rc ? rc : with_queue("db migrate", &options, migrate);
}

/* ---- maintain ---- */

static int maintain(struct queue *queue, UNUSED const struct db_options *options, struct err *reterr)
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
    struct db_options options = {0};
    int rc;

    if (cmd_wants_help(argc, argv)) {
        puts("usage: triaged db maintain [--config FILE] [--set section.key=value]\n\n"
             "Forgets keys that were not heard of for long, ends abandoned claims, marks older items by their text and\n"
             "deletes closed items by setting.keep_items, until nothing is left to do; a line for each step. A running\n"
             "relay does one step a minute by itself.");
        return 0;
    }
    rc = parse_common("db maintain", &options, argc, argv);
    return rc ? rc : with_queue("db maintain", &options, maintain);
}

/* ---- erase ---- */

static int erase(struct queue *queue, const struct db_options *options, struct err *reterr)
{
    char *done;

    if (queue_erase(queue, options->requester, options->tenant, &done, reterr) < 0)
        return -1;
    puts(done);
    mem_free(done);
    return 0;
}

static int parse_erase(struct db_options *self, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&self->common, argc, argv, &i);
        const char **to = strcmp(argv[i], "--requester") == 0 ? &self->requester
                          : strcmp(argv[i], "--tenant") == 0  ? &self->tenant
                                                              : NULL;
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        if (!to)
            return cmd_misuse("db erase", argv[i]);
        if (i + 1 >= argc)
            return cmd_needs_value("db erase", argv[i]);
        *to = argv[++i];
    }
    if (self->requester)
        return 0;
    fputs("triaged db erase: --requester is needed; try 'triaged db erase --help'\n", stderr);
    return EX_USAGE;
}

int cmd_db_erase(int argc, char **argv)
{
    struct db_options options = {0};
    int rc;

    if (cmd_wants_help(argc, argv)) {
        puts("usage: triaged db erase --requester ID [--tenant TENANT] [--config FILE] [--set section.key=value]\n\n"
             "Forgets one person: deletes the items of the tickets with this requester.id, their texts and answers; what\n"
             "is unfinished is withdrawn first and has its ending published. Prints what was done. The topics and the\n"
             "helpdesk are not touched. The database user needs the role triage_migrator.");
        return 0;
    }
    rc = parse_erase(&options, argc, argv);
    return rc ? rc : with_queue("db erase", &options, erase);
}
