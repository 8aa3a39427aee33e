/* triaged send: puts tickets from a JSON Lines file on the ticket topic, as an integrator would. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/sender.h"
#include "triage/ticket.h"

enum { LINE_BYTES_MAX = 8 << 20, FINISH_MS = 60000, REPEAT_MAX = 100000000, RATE_MAX = 1000000000 };

struct options {
    struct cmd_common common;
    const char *file, *malformed;
    int64_t repeat;
    double rate; /* tickets a second, 0: as fast as it goes */
};

struct send_job {
    const struct options *options;
    const struct config *config;
    struct sender *sender;
    long sent;
    int64_t began_us;
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--file", "FILE", file, "the tickets, ticket.v1 documents as JSON Lines"),
    ROW_TEXT("--malformed", "FILE", malformed,
             "rows {name, key, value_b64 | repeat and times | tombstone, headers}: sent as they are"),
    ROW_INTEGER("--repeat", "N", repeat, 1, REPEAT_MAX,
                "sends the file N times; from the second time on ticket ids get the suffix -2, -3 …"),
    ROW_NUMBER("--rate", "R", rate, 0, RATE_MAX, "at most so many tickets a second (default 0: as fast as it goes)"),
};
static const struct option_table table_of_options = {
    .command = "send",
    .about =
        "Puts each row of a JSON Lines file of ticket.v1 documents on the ticket topic, with the record key and the "
        "partitioner that triaged expects. For tests and for trying things out. Give --file, --malformed, or both.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .example = "triaged send --file tickets.jsonl --rate 10",
};

/* ---- reading rows ---- */

typedef int row_verb(struct send_job *job, cJSON *row, long round, struct err *reterr);

static int each_row(struct send_job *job, const char *path, long round, row_verb *verb, struct err *reterr)
{
    const struct json_limits limits = {LINE_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    long number = 0;
    int rc = 0;

    if (!file)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    while (rc == 0 && (len = getline(&line, &cap, file)) > 0) {
        CLEANUP(json_done) cJSON *row = NULL;
        number++;
        if (len == 1)
            continue;
        if (json_parse(line, (size_t)len, &limits, &row, reterr) < 0)
            rc = err_context(reterr, "%s line %ld", path, number);
        else
            rc = verb(job, row, round, reterr);
        if (rc < 0 && !reterr->sysexit)
            reterr->sysexit = EX_DATAERR;
    }
    free(line);
    fclose(file);
    return rc;
}

static void keep_rate(struct send_job *job)
{
    int64_t due;
    int64_t now = clock_mono_us();

    if (job->options->rate <= 0)
        return;
    due = job->began_us + (int64_t)((double)job->sent / job->options->rate * 1e6);
    if (due > now) {
        const struct timespec wait = {.tv_sec = (due - now) / 1000000, .tv_nsec = (due - now) % 1000000 * 1000};
        nanosleep(&wait, NULL);
    }
}

static int send_one(struct send_job *job, struct message *message_take, struct err *reterr)
{
    int rc;

    keep_rate(job);
    rc = sender_send(job->sender, job->config->kafka.topic_tickets, message_take, reterr);
    job->sent += rc == 0;
    message_free(message_take);
    return rc;
}

/* ---- tickets ---- */

static void set_repeat_id(cJSON *row, long round)
{
    struct buf id = {0};

    if (round == 1)
        return;
    buf_printf(&id, "%s-%ld", json_str(row, "ticket_id", ""), round);
    cJSON_ReplaceItemInObjectCaseSensitive(row, "ticket_id", cJSON_CreateString(buf_str(&id)));
    buf_free(&id);
}

static int send_ticket(struct send_job *job, cJSON *row, long round, struct err *reterr)
{
    const cJSON *source = json_get(row, "source");
    char key[TICKET_KEY_MAX];
    struct message message = {0};

    set_repeat_id(row, round);
    const char *const parts[4] = {json_str(row, "tenant", ""), json_str(source, "system", ""),
                                  json_str(source, "instance", ""), json_str(row, "ticket_id", "")};
    if (ticket_key(parts, key, reterr) < 0)
        return -1;
    message.key = mem_strdup(key);
    message.key_len = strlen(key);
    message.value = json_text(row);
    message.value_len = strlen(message.value);
    return send_one(job, &message, reterr);
}

/* ---- malformed payloads ---- */

static int take_value(const cJSON *row, struct message *message, struct err *reterr)
{
    const char *coded = json_str(row, "value_b64", NULL);
    const char *repeat = json_str(row, "repeat", NULL);
    int64_t times = 0;
    size_t len = coded ? strlen(coded) : 0;

    if (json_bool(row, "tombstone", false))
        return 0;
    if (repeat && json_int64(row, "times", &times) == 0 && times > 0 && times <= LINE_BYTES_MAX) {
        struct buf value = {0};
        for (int64_t i = 0; i < times; i++)
            buf_puts(&value, repeat);
        message->value_len = value.len;
        message->value = buf_take(&value);
        return 0;
    }
    message->value = mem_alloc(len + 1);
    if (!coded || sodium_base642bin((unsigned char *)message->value, len + 1, coded, len, "\n", &message->value_len,
                                    NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "row %s has no readable value_b64",
                       json_str(row, "name", "?"));
    return 0;
}

static int send_malformed(struct send_job *job, cJSON *row, UNUSED long round, struct err *reterr)
{
    struct message message = {.key = mem_strdup(json_str(row, "key", NULL))};
    const cJSON *header;

    message.key_len = message.key ? strlen(message.key) : 0;
    if (take_value(row, &message, reterr) < 0) {
        message_free(&message);
        return -1;
    }
    cJSON_ArrayForEach(header, json_get(row, "headers"))
    {
        if (cJSON_IsString(header))
            message_add_header(&message, header->string, header->valuestring);
    }
    return send_one(job, &message, reterr);
}

/* ---- the command ---- */

static int send_all(struct send_job *job, struct err *reterr)
{
    long failed = 0;

    job->began_us = clock_mono_us();
    for (long round = 1; job->options->file && round <= job->options->repeat; round++) {
        if (each_row(job, job->options->file, round, send_ticket, reterr) < 0)
            return -1;
    }
    if (job->options->malformed && each_row(job, job->options->malformed, 1, send_malformed, reterr) < 0)
        return -1;
    if (sender_finish(job->sender, FINISH_MS, &failed, reterr) < 0)
        return -1;
    if (failed)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "%ld of %ld records were not delivered", failed,
                       job->sent);
    printf("%ld records sent to %s in %.1f s\n", job->sent, job->config->kafka.topic_tickets,
           (double)(clock_mono_us() - job->began_us) / 1e6);
    return 0;
}

int cmd_send(int argc, char **argv)
{
    struct options options = {.repeat = 1};
    struct send_job job = {.options = &options};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    if (!options.file && !options.malformed) {
        fputs("triaged send: give --file or --malformed; try 'triaged send --help'\n", stderr);
        return EX_USAGE;
    }
    rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    job.config = config;
    if (sender_open(&config->kafka, &job.sender, &err) < 0 || send_all(&job, &err) < 0)
        rc = cmd_fail("send", &err);
    sender_close(job.sender);
    config_free(config);
    return rc;
}
