/* The breaker and the backoff. */
#include "model/breaker.h"

enum { BACKOFF_BASE_US = 200000, BACKOFF_CAP_US = 5000000, BACKOFF_DOUBLINGS_MAX = 10 };

bool breaker_open(const struct breaker *self, int64_t now_us)
{
    return self->open_until_us && (now_us < self->open_until_us || self->probing);
}

bool breaker_admit(struct breaker *self, int64_t now_us)
{
    if (!self->open_until_us)
        return true;
    if (breaker_open(self, now_us))
        return false;
    self->probing = true;
    return true;
}

void breaker_success(struct breaker *self)
{
    self->failures = 0;
    self->open_until_us = 0;
    self->probing = false;
}

void breaker_failure(struct breaker *self, int64_t now_us)
{
    self->failures++;
    if (self->failures >= self->limit || self->probing)
        self->open_until_us = now_us + self->open_us;
    self->probing = false;
}

void breaker_forget(struct breaker *self)
{
    self->probing = false;
}

int64_t backoff_us(int try, uint64_t *seed)
{
    int64_t most = BACKOFF_BASE_US;

    for (int i = 0; i < try && i < BACKOFF_DOUBLINGS_MAX; i++)
        most *= 2;
    if (most > BACKOFF_CAP_US)
        most = BACKOFF_CAP_US;
    *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)most);
}
