/* The feeder's protocol for one partition. */
#include "flow/feeder.h"

int64_t feeder_assigned(struct feeder_partition *self, bool known, int64_t row, int64_t low)
{
    *self = (struct feeder_partition){.known = known, .expected = row, .next = known ? row : low};
    if (known && row < low)
        return -1;
    return self->next;
}

bool feeder_takes(struct feeder_partition *self, int64_t offset)
{
    if (self->stopped || offset < self->next)
        return false;
    self->next = offset + 1;
    return true;
}

bool feeder_pending(const struct feeder_partition *self)
{
    return !self->stopped && (self->known ? self->next > self->expected : self->next > 0);
}

void feeder_written(struct feeder_partition *self)
{
    self->known = true;
    self->expected = self->next;
}

void feeder_saw_row(struct feeder_partition *self, bool known, int64_t row)
{
    if (known != self->known || (known && row != self->expected))
        feeder_stale(self);
}

void feeder_stale(struct feeder_partition *self)
{
    self->stopped = true;
}
