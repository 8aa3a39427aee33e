/* The breaker: see breaker.h for its states. */
#include "model/breaker.h"

bool breaker_open(const struct breaker *self, int64_t now_us)
{
    return self->open_until_us && (now_us < self->open_until_us || self->probing);
}

bool breaker_admit(struct breaker *self, int64_t now_us, bool *ret_probe)
{
    if (breaker_open(self, now_us))
        return false;
    *ret_probe = self->open_until_us != 0;
    self->probing = *ret_probe;
    return true;
}

void breaker_success(struct breaker *self)
{
    self->failures = 0;
    self->open_until_us = 0;
    self->probing = false;
}

void breaker_failure(struct breaker *self, bool probe, int64_t now_us)
{
    if (self->open_until_us && !probe)
        return;
    self->failures++;
    if (probe || self->failures >= self->limit)
        self->open_until_us = now_us + self->open_us;
    self->probing = false;
}

void breaker_forget(struct breaker *self, bool probe)
{
    if (probe)
        self->probing = false;
}
