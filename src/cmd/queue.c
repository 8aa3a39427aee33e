/* triaged queue: the review queue from a terminal. A verb's options are parsed, the queue is opened, the verb makes one
 * call of an SQL function, and its answer is printed. The verbs stand in queue_verbs.c, the rules in the SQL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/queue.h"

/* How the program ends by what the queue refused. The sentence is the queue's. */
static const struct {
    const char *state;
    int exit;
    const char *hint; /* NULL: the sentence says what to do */
} refusals[] = {
    {"TR001", EX_TEMPFAIL, NULL},
    {"TR002", EX_NOINPUT, NULL},
    {"TR003", EX_DATAERR, NULL},
    {"TR004", EX_USAGE, NULL},
    {"TR005", EX_DATAERR, NULL},
    {"TR006", EX_USAGE, NULL},
    {"TR007", EX_DATAERR, NULL},
    {"TR008", EX_TEMPFAIL, NULL},
    {"TR030", EX_NOPERM, NULL},
    {"42501", EX_NOPERM, "ask for the role of this call (docs/QUEUE.md, Functions)"},
    {"42P01", EX_CONFIG, "run 'triaged db migrate'"},
    {"42883", EX_CONFIG, "run 'triaged db migrate'"},
    {"22007", EX_USAGE, "give a time or span that Postgres reads, such as '2026-12-01 09:00' or 2h"},
    {"22008", EX_USAGE, "give a time or span that Postgres reads, such as '2026-12-01 09:00' or 2h"},
    {"22P02", EX_USAGE, "give numbers where numbers are wanted"},
};

static int fail(const struct queue_verb *verb, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (strcmp(err->reason, refusals[i].state) == 0) {
            err->sysexit = refusals[i].exit;
            if (refusals[i].hint)
                err_context(err, "%s", refusals[i].hint);
        }
    }
    return cmd_fail(verb->options.command, err);
}

static int show(const struct queue_verb *verb, const struct queue_call *call, const char *json)
{
    const struct terminal terminal = terminal_of(stdout);

    if (call->options.json && json) {
        puts(json);
    } else if (verb->print && json) {
        cJSON *answer = cJSON_Parse(json); /* made by Postgres from jsonb: no gate needed */
        verb->print(answer, &terminal, stdout);
        cJSON_Delete(answer);
    } else if (json) {
        puts("done");
    }
    return fflush(stdout) == 0 ? 0 : EX_IOERR;
}

/* Words without a name are the item and its claim. */
static int take_words(const struct queue_verb *verb, const struct option_words *words, struct queue_call *call)
{
    const char **const into[] = {&call->item, &call->claim};

    for (int i = 0; i < words->n && i < (int)ARRAY_LEN(into); i++) {
        if (!*words->at[i] || strspn(words->at[i], "0123456789") != strlen(words->at[i]))
            return cmd_misuse(verb->options.command, words->at[i]);
        *into[i] = words->at[i];
    }
    return 0;
}

static int run_verb(const struct queue_verb *verb, int argc, char **argv)
{
    struct queue_call call = {.options = {.seconds = -1}};
    struct config *config = NULL;
    struct err err = {0};
    char *json = NULL;
    int rc;

    if (!options_parse(&verb->options, argc, argv, &call.options, &rc))
        return rc;
    rc = take_words(verb, &call.options.words, &call);
    if (rc == 0)
        rc = cmd_load_config(&call.options.common, &config);
    if (rc)
        return rc;
    call.config = config;
    if (queue_open(&config->postgres, "triaged-queue", &call.queue, &err) < 0 || verb->run(&call, &json, &err) < 0)
        rc = fail(verb, &err);
    else
        rc = show(verb, &call, json);
    mem_free(json);
    queue_close(call.queue);
    config_free(config);
    return rc;
}

static int usage(FILE *out)
{
    fprintf(out, "usage: triaged queue VERB [ITEM [CLAIM]] [OPTION...]   ('triaged queue VERB --help' tells more)\n\n");
    for (size_t i = 0; i < queue_verbs_len; i++)
        fprintf(out, "  %-15s%s\n", queue_verb_name(&queue_verbs[i]), queue_verbs[i].options.about);
    return out == stdout ? 0 : EX_USAGE;
}

int cmd_queue(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    for (size_t i = 0; i < queue_verbs_len; i++) {
        if (strcmp(argv[1], queue_verb_name(&queue_verbs[i])) == 0)
            return run_verb(&queue_verbs[i], argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(stdout);
    return cmd_misuse("queue", argv[1]);
}
