/* Looks at the clock only every few steps. */
#include "base/progress.h"

#include <stdio.h>

#include "base/clock.h"

#define EVERY_US            3000000
#define STEPS_BETWEEN_LOOKS 64

struct progress progress_begin(const char *name, const char *unit, size_t total)
{
    return (struct progress){name, unit, total, clock_mono_us() + EVERY_US};
}

void progress_at(struct progress *self, size_t done)
{
    int64_t now;

    if (done % STEPS_BETWEEN_LOOKS != 0 || (now = clock_mono_us()) < self->next_us)
        return;
    self->next_us = now + EVERY_US;
    fprintf(stderr, "triaged %s: %zu of %zu %s\n", self->name, done, self->total, self->unit);
}
