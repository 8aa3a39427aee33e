/* The pace of a backfill: a rate, and a limit of the backlog. */
#include "flow/pace.h"

enum { BACKOFF_FIRST_US = 50000, BACKOFF_LAST_US = 1000000 };

void pace_init(struct pace *self, double rate, size_t backlog_limit, int64_t now_us)
{
    *self =
        (struct pace){.rate = rate, .backlog_limit = backlog_limit, .due_us = now_us, .backoff_us = BACKOFF_FIRST_US};
}

size_t pace_batch(const struct pace *self, size_t backlog)
{
    double even = self->rate / PACE_BATCHES_A_SECOND;
    size_t batch = even < 1 ? 1 : even > PACE_BATCH_MAX ? PACE_BATCH_MAX : (size_t)even;
    size_t left = self->backlog_limit > backlog ? self->backlog_limit - backlog : 0;

    return self->backlog_limit && batch > left ? left : batch;
}

void pace_sent(struct pace *self, size_t tickets, int64_t began_us)
{
    if (self->due_us < began_us)
        self->due_us = began_us;
    self->due_us += (int64_t)((double)tickets / self->rate * 1e6);
    self->backoff_us = BACKOFF_FIRST_US;
}

int64_t pace_backoff(struct pace *self)
{
    int64_t wait = self->backoff_us;

    self->backoff_us = 2 * wait < BACKOFF_LAST_US ? 2 * wait : BACKOFF_LAST_US;
    return wait;
}
