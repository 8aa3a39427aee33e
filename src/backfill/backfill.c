#include "backfill/backfill.h"

#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "backfill/job.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kafka/positions.h"

#define CLASS_WORD   "backfill"
#define PAUSE_US     200000 /* so long at most a wait does not look whether it was interrupted */
#define SAY_EVERY_US 1000000

enum { OPEN_TRIES = 60 /* seconds that an open transaction of before may take to end */ };

/* ---- where it stands ---- */

static void name_job(struct job *self)
{
    const struct backfill_wanted *wanted = self->wanted;
    const struct positions_job job = {.kind = wanted->file ? "file" : "topic",
                                      .source = wanted->file ? self->file_hash : wanted->topic,
                                      .target = wanted->to,
                                      .name = wanted->name};

    positions_job_id(self->kafka, &job, self->id);
}

/* Whatever a killed predecessor left open has ended when the producer is open; readers may see that a moment later. */
static int read_position(const struct job *self, size_t part, int64_t *ret_position, struct err *reterr)
{
    const struct timespec second = {.tv_sec = 1};
    char key[POSITIONS_KEY_MAX];
    bool found = false;
    int rc;

    positions_job_key(self->kafka, self->id, part, key);
    for (int i = 0;; i++) {
        rc = positions_read(self->kafka, key, &found, ret_position, reterr);
        if (rc == 0 || reterr->class != ERR_TRANSIENT || i == OPEN_TRIES || *self->stop)
            break;
        nanosleep(&second, NULL);
    }
    if (rc == 0 && !found)
        *ret_position = 0;
    return rc;
}

int job_open(struct job *self, size_t n_positions, struct err *reterr)
{
    char transactional_id[POSITIONS_KEY_MAX];

    self->n_positions = n_positions;
    self->positions = mem_array(n_positions, sizeof *self->positions);
    name_job(self);
    positions_job_name(self->kafka, self->id, transactional_id);
    if (producer_open(self->kafka, transactional_id, &self->producer, reterr) < 0)
        return -1;
    for (size_t part = 0; part < n_positions; part++) {
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
        positions_job_key(self->kafka, self->id, part, key);
        positions_message(key, self->positions[part], &message);
        end = producer_send(self->producer, self->kafka->topic_positions, &message, reterr);
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
    double seconds = (double)(now - self->began_us) / 1e6, rate = seconds > 0 ? (double)self->told.done / seconds : 0;
    size_t done = self->told.done + self->told.before;
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

int job_commit(struct job *self, struct err *reterr)
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
    self->told.done += n;
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

    while (!*self->stop) {
        if (turn_next(&self->turn, &self->batch, &wait_us, reterr) < 0)
            return -1;
        if (self->batch)
            return 1;
        say(self, false);
        for (until_us = clock_mono_us() + wait_us; !*self->stop && wait_us > 0; wait_us = until_us - clock_mono_us())
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

int job_send(struct job *self, struct message *message_take, size_t part, int64_t next, struct err *reterr)
{
    enum produce_end end;
    int begun = begin_if_needed(self, reterr);

    if (begun <= 0) {
        message_free(message_take);
        return begun;
    }
    message_add_header(message_take, BACKFILL_CLASS_HEADER, CLASS_WORD);
    end = producer_send(self->producer, self->wanted->to, message_take, reterr);
    message_free(message_take);
    if (end == PRODUCE_FULL)
        return -1;
    self->told.bad += end == PRODUCE_POISON;
    self->in_batch += end == PRODUCE_OK;
    self->positions[part] = next;
    return self->in_batch < self->batch ? 0 : job_commit(self, reterr);
}

int job_pass_over(struct job *self, size_t part, int64_t next, struct err *reterr)
{
    int begun = begin_if_needed(self, reterr);

    if (begun <= 0)
        return begun;
    self->told.bad++;
    self->positions[part] = next;
    return 0;
}

/* ---- all of it ---- */

static int run(struct job *self, struct err *reterr)
{
    const struct backfill_wanted *wanted = self->wanted;
    int rc;

    if (turn_open(&self->turn, self->kafka, wanted->to, wanted->rate, wanted->waiting, reterr) < 0)
        return -1;
    if (wanted->file && job_look_at_file(self, reterr) < 0)
        return -1;
    self->began_us = clock_mono_us();
    rc = wanted->file ? job_send_file(self, reterr) : job_send_topic(self, reterr);
    if (rc == 0)
        rc = job_commit(self, reterr);
    if (rc == 0)
        say(self, true);
    return rc;
}

int backfill_run(const struct config *config, const struct backfill_wanted *wanted, const volatile sig_atomic_t *stop,
                 struct backfill_told *ret_told, struct err *reterr)
{
    struct job job = {.wanted = wanted, .kafka = &config->kafka, .stop = stop};
    int rc = run(&job, reterr);

    *ret_told = job.told;
    turn_close(&job.turn);
    producer_close(job.producer);
    mem_free(job.positions);
    return rc;
}
