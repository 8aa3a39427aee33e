/* The pace tells when, the backlog how many; this asks both, and says what a person has to know while nothing moves. */
#include "backfill/turn.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"

#define STILL_US  60000000 /* nothing was finished for so long: say it */
#define SILENT_US 60000000 /* Kafka did not answer for so long: end */
#define SHOWN_US  1000000  /* backing off for less is the ordinary run of things */
#define RETRY_US  500000

int turn_open(struct turn *self, const struct config_kafka *config, const char *topic, double rate,
              size_t backlog_limit, struct err *reterr)
{
    *self = (struct turn){.topic = topic, .group = config->group, .finished_us = clock_mono_us()};
    pace_init(&self->pace, rate, backlog_limit, self->finished_us);
    return backlog_limit ? backlog_open(config, topic, &self->backlog, reterr) : 0;
}

void turn_close(struct turn *self)
{
    backlog_close(self->backlog);
}

static const char *line_start(void)
{
    return isatty(STDERR_FILENO) ? "\r\033[Ktriaged backfill: " : "triaged backfill: ";
}

static void say_unknown(const struct turn *self)
{
    fprintf(
        stderr,
        "%sgroup %s has no position in topic %s: nobody has read it yet, so no more than may wait is put there. Start "
        "a worker ('triaged run'); or give its configuration, or --waiting 0\n",
        line_start(), self->group, self->topic);
    fflush(stderr);
}

static void say_still(const struct turn *self)
{
    fprintf(stderr, "%sgroup %s has finished no ticket of topic %s for a minute: is its worker running?\n",
            line_start(), self->group, self->topic);
    fflush(stderr);
}

/* Each is said once, and again when it was otherwise between. */
static void look(struct turn *self, const struct backlog_count *count, int64_t now)
{
    bool moved = count->finished != self->seen.finished;

    if (moved || count->waiting == 0)
        self->finished_us = now;
    self->said_still = self->said_still && !moved;
    self->seen = *count;
    if (!count->known && !self->said_unknown) {
        self->said_unknown = true;
        say_unknown(self);
    }
    if (count->known && !self->said_still && now - self->finished_us > STILL_US) {
        self->said_still = true;
        say_still(self);
    }
}

/* What can't be counted is not exceeded: nothing is sent until Kafka answers again, for a minute. */
static int count(struct turn *self, int64_t now, bool *ret_counted, struct err *reterr)
{
    struct backlog_count seen = {0};

    *ret_counted = true;
    if (!self->backlog)
        return 0;
    if (backlog_count(self->backlog, self->pace.backlog_limit, &seen, reterr) == 0) {
        self->silent_since_us = 0;
        look(self, &seen, now);
        return 0;
    }
    *ret_counted = false;
    if (!self->silent_since_us)
        self->silent_since_us = now;
    if (reterr->class == ERR_TRANSIENT && clock_mono_us() - self->silent_since_us < SILENT_US)
        return 0;
    if (reterr->class == ERR_TRANSIENT)
        reterr->sysexit = EX_UNAVAILABLE;
    return err_context(reterr, "start it again, it goes on where it stands: what waits on topic %s can't be counted",
                       self->topic);
}

int turn_next(struct turn *self, size_t *ret_batch, int64_t *ret_wait_us, struct err *reterr)
{
    int64_t now = clock_mono_us();
    bool counted;

    *ret_batch = 0;
    *ret_wait_us = self->pace.due_us - now;
    if (*ret_wait_us > 0)
        return 0;
    if (count(self, now, &counted, reterr) < 0)
        return -1;
    *ret_wait_us = RETRY_US;
    if (!counted)
        return 0;
    *ret_batch = pace_batch(&self->pace, self->seen.waiting);
    if (*ret_batch) {
        self->began_us = now;
        self->backoff_since_us = 0;
        return 0;
    }
    if (!self->backoff_since_us)
        self->backoff_since_us = now;
    *ret_wait_us = pace_backoff(&self->pace);
    return 0;
}

void turn_sent(struct turn *self, size_t tickets)
{
    pace_sent(&self->pace, tickets, self->began_us);
}

bool turn_backs_off(const struct turn *self)
{
    return self->backoff_since_us && clock_mono_us() - self->backoff_since_us > SHOWN_US;
}
