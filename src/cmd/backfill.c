/* triaged backfill: puts old tickets on the ticket topic in the background class, each of them once, at a rate and no
 * more than may wait there. Where it stands is a record of the positions topic, in the transaction that carries the
 * tickets: whoever kills it loses and doubles nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/backfill_turn.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/positions.h"
#include "kafka/producer.h"
#include "kafka/reader.h"
#include "triage/ticket.h"

#define NAME         "backfill"
#define CLASS_HEADER "triage-class"
#define CLASS_WORD   "backfill"
#define RATE_LEAST   0.001
#define RATE_MOST    100000.0
#define PAUSE_US     200000 /* so long at most a wait does not look whether it was interrupted */
#define SAY_EVERY_US 1000000

enum {
    READ_MS = 100,
    QUIET_TRIES = 300,
    OPEN_TRIES = 60, /* seconds that an open transaction of before may take to end */
    INTERRUPTED = 75
};

struct options {
    struct cmd_common common;
    const char *file, *topic, *to, *job, *per_second;
    double rate;     /* as per_second says */
    int64_t waiting; /* -1 not given */
};

struct job {
    const struct options *options;
    const struct config *config;
    char file_hash[SHA256_HEX_MAX]; /* "" of a topic */
    char id[SHA256_HEX_MAX];        /* of the job in positions */
    struct producer *producer;
    struct turn turn;
    int64_t *positions; /* where to go on: bytes of the file, or an offset of each partition */
    size_t n_positions;
    size_t total, done, before, bad; /* tickets; before: sent by an earlier run */
    size_t in_batch, batch;          /* tickets sent in the transaction at hand, and how many it may carry */
    bool said_backoff;
    bool moved; /* something was read since the last commit, sent or passed over */
    int64_t began_us, say_us;
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
static int take_rate(struct options *self)
{
    char *end;

    self->rate = strtod(self->per_second, &end);
    if (end != self->per_second && (!*end || strcmp(end, "/s") == 0) && self->rate >= RATE_LEAST &&
        self->rate <= RATE_MOST)
        return 0;
    fprintf(stderr, "triaged backfill: --rate takes a number from %g to %g, not %s\n", RATE_LEAST, RATE_MOST,
            self->per_second);
    return EX_USAGE;
}

static const char *target_of(const struct job *self)
{
    return self->options->to ? self->options->to : self->config->kafka.topic_tickets;
}

/* ---- where it stands ---- */

static void name_job(struct job *self)
{
    const struct options *options = self->options;
    const struct positions_job job = {.kind = options->file ? "file" : "topic",
                                      .source = options->file ? self->file_hash : options->topic,
                                      .target = target_of(self),
                                      .name = options->job ? options->job : ""};

    positions_job_id(&self->config->kafka, &job, self->id);
}

/* Whatever a killed predecessor left open has ended when the producer is open; readers may see that a moment later. */
static int read_position(const struct job *self, size_t part, int64_t *ret_position, struct err *reterr)
{
    const struct timespec second = {.tv_sec = 1};
    char key[POSITIONS_KEY_MAX];
    bool found = false;
    int rc;

    positions_job_key(&self->config->kafka, self->id, part, key);
    for (int i = 0;; i++) {
        rc = positions_read(&self->config->kafka, key, &found, ret_position, reterr);
        if (rc == 0 || reterr->class != ERR_TRANSIENT || i == OPEN_TRIES || stopping)
            break;
        nanosleep(&second, NULL);
    }
    if (rc == 0 && !found)
        *ret_position = 0;
    return rc;
}

static int open_job(struct job *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    char transactional_id[POSITIONS_KEY_MAX];

    name_job(self);
    positions_job_name(kafka, self->id, transactional_id);
    if (producer_open(kafka, transactional_id, &self->producer, reterr) < 0)
        return -1;
    for (size_t part = 0; part < self->n_positions; part++) {
        if (read_position(self, part, &self->positions[part], reterr) < 0)
            return -1;
    }
    return 0;
}

/* ---- sending ---- */

static int send_positions(struct job *self, struct err *reterr)
{
    for (size_t part = 0; part < self->n_positions; part++) {
        struct message message;
        char key[POSITIONS_KEY_MAX];
        enum produce_end end;
        positions_job_key(&self->config->kafka, self->id, part, key);
        positions_message(key, self->positions[part], &message);
        end = producer_send(self->producer, self->config->kafka.topic_positions, &message, reterr);
        message_free(&message);
        if (end != PRODUCE_OK)
            return -1;
    }
    return 0;
}

/* A line each second where somebody looks on, else each ten; and at once when it begins to back off. */
static void say(struct job *self, bool last)
{
    int64_t now = clock_mono_us();
    double seconds = (double)(now - self->began_us) / 1e6, rate = seconds > 0 ? (double)self->done / seconds : 0;
    size_t done = self->done + self->before;
    bool terminal = isatty(STDERR_FILENO), backs_off = !last && turn_backs_off(&self->turn);

    if (!last && now < self->say_us && (!backs_off || self->said_backoff))
        return;
    self->said_backoff = backs_off;
    self->say_us = now + SAY_EVERY_US * (terminal ? 1 : 10);
    fprintf(stderr, "%striaged backfill: %zu of %zu sent, %.1f a second", terminal ? "\r\033[K" : "", done, self->total,
            rate);
    if (backs_off)
        fprintf(stderr, ", waits for the worker: %zu or more wait on topic %s", self->turn.seen.waiting,
                self->turn.topic);
    else if (!last && rate > 0 && self->total >= done)
        fprintf(stderr, ", %.0f s left", (double)(self->total - done) / rate);
    fputs(terminal && !last ? "" : "\n", stderr);
    fflush(stderr);
}

/* Ends the transaction at hand. What is unclear is not tried again here: a new start reads where it stands. */
static int commit(struct job *self, struct err *reterr)
{
    size_t n = self->in_batch;

    if (!self->moved)
        return 0;
    self->in_batch = 0;
    self->moved = false;
    if (send_positions(self, reterr) < 0)
        return -1;
    if (producer_commit(self->producer, NULL, NULL, NULL, 0, reterr) != TXN_END_COMMITTED) {
        reterr->sysexit = EX_UNAVAILABLE;
        return err_context(reterr,
                           "start it again, it goes on where it stands: the last tickets could not be committed");
    }
    self->done += n;
    turn_sent(&self->turn, n);
    say(self, false);
    return 0;
}

/* ---- whose turn it is ---- */

static void pause_us(int64_t us)
{
    const struct timespec pause = {.tv_nsec = (us < PAUSE_US ? us : PAUSE_US) * 1000};

    nanosleep(&pause, NULL);
}

/* 1: it is ours, for so many tickets as self->batch says; 0: a signal ended the wait. No transaction is open meanwhile.
 */
static int await_turn(struct job *self, struct err *reterr)
{
    int64_t wait_us, until_us;

    while (!stopping) {
        if (turn_next(&self->turn, &self->batch, &wait_us, reterr) < 0)
            return -1;
        if (self->batch)
            return 1;
        say(self, false);
        for (until_us = clock_mono_us() + wait_us; !stopping && wait_us > 0; wait_us = until_us - clock_mono_us())
            pause_us(wait_us);
    }
    return 0;
}

/* 1: a transaction is open; 0: a signal came before it was our turn. */
static int begin_if_needed(struct job *self, struct err *reterr)
{
    int turn;

    if (self->moved)
        return 1;
    turn = await_turn(self, reterr);
    if (turn <= 0)
        return turn;
    if (producer_begin(self->producer, reterr) < 0)
        return -1;
    self->moved = true;
    return 1;
}

/* Takes the message. next: the position behind it. */
static int send_ticket(struct job *self, struct message *message_take, size_t part, int64_t next, struct err *reterr)
{
    enum produce_end end;
    int begun = begin_if_needed(self, reterr);

    if (begun <= 0) {
        message_free(message_take);
        return begun;
    }
    message_add_header(message_take, CLASS_HEADER, CLASS_WORD);
    end = producer_send(self->producer, target_of(self), message_take, reterr);
    message_free(message_take);
    if (end == PRODUCE_FULL)
        return -1;
    self->bad += end == PRODUCE_POISON;
    self->in_batch += end == PRODUCE_OK;
    self->positions[part] = next;
    return self->in_batch < self->batch ? 0 : commit(self, reterr);
}

static int pass_over(struct job *self, size_t part, int64_t next, struct err *reterr)
{
    int begun = begin_if_needed(self, reterr);

    if (begun <= 0)
        return begun;
    self->bad++;
    self->positions[part] = next;
    return 0;
}

/* ---- a file ---- */

/* Its hash and how many lines there are. */
static int look_at_file(struct job *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *bytes = mem_alloc(BUFSIZ);
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    FILE *in = fopen(self->options->file, "re");
    size_t len;
    char last = '\n';

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", self->options->file, strerror(errno));
    crypto_hash_sha256_init(&hash);
    while ((len = fread(bytes, 1, BUFSIZ, in)) > 0) {
        crypto_hash_sha256_update(&hash, (const unsigned char *)bytes, len);
        for (size_t i = 0; i < len; i++)
            self->total += bytes[i] == '\n';
        last = bytes[len - 1];
    }
    self->total += last != '\n';
    fclose(in);
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(self->file_hash, sizeof self->file_hash, digest, sizeof digest);
    return 0;
}

static int message_of(const char *line, size_t len, struct message *ret_message, struct err *reterr)
{
    static const struct json_limits limits = {TICKET_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *row = NULL;
    const cJSON *source;
    char key[TICKET_KEY_MAX];

    if (json_parse(line, len, &limits, &row, reterr) < 0)
        return -1;
    source = json_get(row, "source");
    const char *const parts[4] = {json_str(row, "tenant", ""), json_str(source, "system", ""),
                                  json_str(source, "instance", ""), json_str(row, "ticket_id", "")};
    if (ticket_key(parts, key, reterr) < 0)
        return -1;
    *ret_message = (struct message){
        .key = mem_strdup(key), .key_len = strlen(key), .value = mem_strndup(line, len), .value_len = len};
    return 0;
}

static int send_line(struct job *self, const char *line, size_t len, int64_t next, struct err *reterr)
{
    struct message message = {0};
    struct err why = {0};

    while (len > 0 && strchr(" \t\r\n", line[len - 1]))
        len--;
    if (len == 0)
        return 0;
    if (message_of(line, len, &message, &why) < 0)
        return pass_over(self, 0, next, reterr);
    return send_ticket(self, &message, 0, next, reterr);
}

static int send_lines(struct job *self, FILE *in, struct err *reterr)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int64_t at = 0, from = self->positions[0];
    int rc = 0;

    while (rc == 0 && !stopping && (len = getline(&line, &cap, in)) >= 0) {
        at += len;
        if (at <= from)
            self->before++;
        else
            rc = send_line(self, line, (size_t)len, at, reterr);
    }
    free(line);
    return rc;
}

static int send_file(struct job *self, struct err *reterr)
{
    FILE *in;
    int rc;

    self->n_positions = 1;
    self->positions = mem_array(1, sizeof *self->positions);
    if (open_job(self, reterr) < 0)
        return -1;
    in = fopen(self->options->file, "re");
    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", self->options->file, strerror(errno));
    rc = send_lines(self, in, reterr);
    fclose(in);
    return rc;
}

/* ---- a topic ---- */

/* Headers of before are kept, but for a class that it had. */
static struct message copy_of(const struct record *record)
{
    struct message message = {.key = record->key ? mem_strndup(record->key, record->key_len) : NULL,
                              .key_len = record->key_len,
                              .value = record->value ? mem_strndup(record->value, record->value_len) : NULL,
                              .value_len = record->value_len};

    for (size_t i = 0; i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        CLEANUP(mem_freep) char *value = header->value ? mem_strndup(header->value, header->len) : NULL;
        if (value && strcmp(header->name, CLASS_HEADER) != 0)
            message_add_header(&message, header->name, value);
    }
    return message;
}

static int send_record(struct job *self, const struct reader_record *record, struct err *reterr)
{
    struct message message;

    self->total++;
    if (record->offset < self->positions[record->partition]) {
        self->before++;
        return 0;
    }
    message = copy_of(&record->record);
    return send_ticket(self, &message, (size_t)record->partition, record->offset + 1, reterr);
}

static int send_records(struct job *self, struct reader *reader, struct err *reterr)
{
    struct reader_record record;
    int got = 0, quiet = 0, rc = 0;

    while (rc == 0 && !stopping && quiet < QUIET_TRIES && (got = reader_next(reader, READ_MS, &record, reterr)) != 2 &&
           got >= 0) {
        quiet = got == 0 ? quiet + 1 : 0;
        rc = got == 1 ? send_record(self, &record, reterr) : commit(self, reterr); /* none stays open while it waits */
    }
    if (rc == 0 && got == 0 && !stopping)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE,
                       "start it again, it goes on where it stands: topic %s gave nothing for %d s before its end",
                       self->options->topic, QUIET_TRIES * READ_MS / 1000);
    return got < 0 ? -1 : rc;
}

static int send_topic(struct job *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    struct reader *reader = NULL;
    int rc;

    if (strcmp(self->options->topic, target_of(self)) == 0)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--topic %s: give another one than that which is filled",
                       self->options->topic);
    if (reader_open(kafka, self->options->topic, true, &reader, reterr) < 0)
        return -1;
    self->n_positions = (size_t)reader_partition_count(reader);
    self->positions = mem_array(self->n_positions, sizeof *self->positions);
    rc = open_job(self, reterr);
    if (rc == 0)
        rc = send_records(self, reader, reterr);
    reader_close(reader);
    return rc;
}

/* ---- the command ---- */

/* A topic of its own has no live tickets to stand before. */
static int open_turn(struct job *self, struct err *reterr)
{
    double waiting = self->options->waiting;

    if (waiting < 0)
        waiting = self->options->to ? 0 : PACE_BACKLOG_LIMIT;
    return turn_open(&self->turn, &self->config->kafka, target_of(self), self->options->rate, (size_t)waiting, reterr);
}

static int run(struct job *self, struct err *reterr)
{
    int rc;

    if (open_turn(self, reterr) < 0)
        return -1;
    if (self->options->file && look_at_file(self, reterr) < 0)
        return -1;
    self->began_us = clock_mono_us();
    rc = self->options->file ? send_file(self, reterr) : send_topic(self, reterr);
    if (rc == 0)
        rc = commit(self, reterr);
    if (rc == 0)
        say(self, true);
    return rc;
}

static void handle_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int cmd_backfill(int argc, char **argv)
{
    struct options options = {.waiting = -1};
    struct job job = {.options = &options};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    rc = take_rate(&options);
    if (rc == 0)
        rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    job.config = config;
    handle_signals();
    if (run(&job, &err) < 0) {
        rc = cmd_fail(NAME, &err);
    } else {
        printf("%zu tickets sent in this run, %zu in all", job.done, job.done + job.before);
        printf(job.bad ? "; %zu lines are no ticket\n" : "\n", job.bad);
        if (stopping)
            fputs("triaged backfill: interrupted; start it again to go on\n", stderr);
        rc = stopping ? INTERRUPTED : 0;
    }
    turn_close(&job.turn);
    producer_close(job.producer);
    mem_free(job.positions);
    config_free(config);
    return rc;
}
