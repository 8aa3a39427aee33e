/* triaged backfill: old tickets on the ticket topic. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "backfill/backfill.h"
#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "flow/pace.h"

#define NAME       "backfill"
#define RATE_LEAST 0.001
#define RATE_MOST  100000.0

enum { INTERRUPTED = 75 };

struct options {
    struct cmd_common common;
    const char *file, *topic, *to, *job, *per_second;
    int64_t waiting; /* -1 not given */
};

static volatile sig_atomic_t stopping;

static void on_signal(UNUSED int number)
{
    stopping = 1;
}

_Static_assert(PACE_BACKLOG_LIMIT == 8, "the help text says so");

static const struct option_row option_rows[] = {
    ROW_NEEDED("--file", "FILE", OPTION_TEXT, file, "tickets as JSON Lines (schemas/ticket.v1.json)"),
    ROW_EITHER("--topic", "T", OPTION_TEXT, topic,
               "a topic that holds them, such as an archive; up to its end as it is now"),
    ROW_NEEDED("--rate", "N", OPTION_TEXT, per_second, "tickets a second, at most; as 20 or 20/s"),
    ROW_INTEGER("--waiting", "N", waiting, 0, PACE_BACKLOG_LIMIT_MAX,
                "tickets that the worker's group may have before it, at most (default 8; 0: any number)"),
    ROW_TEXT("--to", "TOPIC", to,
             "another topic than the configuration's tickets, one with a worker of its own (default --waiting 0)"),
    ROW_TEXT("--job", "NAME", job,
             "tells this position from others of the same tickets: it goes by the file's SHA-256 or the topic's name, "
             "by where to, and by NAME; another NAME starts over"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Puts old tickets on the ticket topic, marked by the header triage-class: backfill: of the model they get "
             "only what no other ticket wants. It backs off while as many tickets wait there as may, live or old. "
             "Start it again after whatever ended it, and it goes on where it stood: its position is committed to the "
             "positions topic together with the tickets, so none is sent twice.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes =
        "A revision that was decided already becomes a notice (duplicate or stale) and changes nothing. Lines that are "
        "no ticket are counted and passed over. Ctrl-C ends it after the transaction at hand.\n\n"
        "exit codes: 0 all sent, 66 the file is missing, 69 Kafka is away, 75 interrupted: start it again to go on",
    .example = "triaged backfill --file archive.jsonl --rate 20",
};

/* With or without "/s". */
static int take_rate(const char *per_second, double *ret_rate)
{
    char *end;

    *ret_rate = strtod(per_second, &end);
    if (end != per_second && (!*end || strcmp(end, "/s") == 0) && *ret_rate >= RATE_LEAST && *ret_rate <= RATE_MOST)
        return 0;
    fprintf(stderr, "triaged backfill: --rate takes a number from %g to %g, not %s\n", RATE_LEAST, RATE_MOST,
            per_second);
    return EX_USAGE;
}

/* A topic of its own has no live tickets to stand before. */
static size_t waiting_of(const struct options *options)
{
    if (options->waiting >= 0)
        return (size_t)options->waiting;
    return options->to ? 0 : PACE_BACKLOG_LIMIT;
}

static void handle_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int tell(const struct backfill_told *told)
{
    printf("%zu tickets sent in this run, %zu in all", told->done, told->done + told->before);
    printf(told->bad ? "; %zu lines are no ticket\n" : "\n", told->bad);
    if (!stopping)
        return 0;
    fputs("triaged backfill: interrupted; start it again to go on\n", stderr);
    return INTERRUPTED;
}

int cmd_backfill(int argc, char **argv)
{
    struct options options = {.waiting = -1};
    struct backfill_wanted wanted;
    struct backfill_told told;
    struct config *config = NULL;
    struct err err = {0};
    double rate;
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    rc = take_rate(options.per_second, &rate);
    if (rc == 0)
        rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    wanted = (struct backfill_wanted){.file = options.file,
                                      .topic = options.topic,
                                      .to = options.to ? options.to : config->kafka.topic_tickets,
                                      .name = options.job ? options.job : "",
                                      .rate = rate,
                                      .waiting = waiting_of(&options)};
    handle_signals();
    rc = backfill_run(config, &wanted, &stopping, &told, &err) < 0 ? cmd_fail(NAME, &err) : tell(&told);
    config_free(config);
    return rc;
}
