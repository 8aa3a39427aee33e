/* The pace of a backfill: a rate, and what may wait. */
#include "flow/pace.h"

enum { STAND_BACK_FIRST_US = 50000, STAND_BACK_LAST_US = 1000000 };

void pace_init(struct pace *self, double rate, size_t waiting, int64_t now_us)
{
    *self = (struct pace){.rate = rate, .waiting = waiting, .due_us = now_us, .stand_back_us = STAND_BACK_FIRST_US};
}

size_t pace_batch(const struct pace *self, size_t waiting)
{
    double even = self->rate / PACE_BATCHES_A_SECOND;
    size_t batch = even < 1 ? 1 : even > PACE_BATCH_MAX ? PACE_BATCH_MAX : (size_t)even;
    size_t left = self->waiting > waiting ? self->waiting - waiting : 0;

    return self->waiting && batch > left ? left : batch;
}

void pace_sent(struct pace *self, size_t tickets, int64_t began_us)
{
    if (self->due_us < began_us)
        self->due_us = began_us;
    self->due_us += (int64_t)((double)tickets / self->rate * 1e6);
    self->stand_back_us = STAND_BACK_FIRST_US;
}

int64_t pace_stand_back(struct pace *self)
{
    int64_t wait = self->stand_back_us;

    self->stand_back_us = 2 * wait < STAND_BACK_LAST_US ? 2 * wait : STAND_BACK_LAST_US;
    return wait;
}
