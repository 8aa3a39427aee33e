/* The wait between tries. */
#include "model/backoff.h"

enum { DOUBLINGS_MAX = 10, US_PER_S = 1000000 };

/* splitmix64 (Steele, Lea and Flood, 2014): good enough to spread clients, and it can be replayed. */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t backoff_us(int tries, uint64_t *seed)
{
    int64_t most = BACKOFF_BASE_US;

    for (int i = 0; i < tries && i < DOUBLINGS_MAX; i++)
        most *= 2;
    if (most > BACKOFF_CAP_US)
        most = BACKOFF_CAP_US;
    return (int64_t)(next_random(seed) % (uint64_t)most);
}

bool backoff_next(int tries, int64_t retry_after_s, int64_t now_us, int64_t deadline_us, uint64_t *seed,
                  int64_t *ret_at_us)
{
    int64_t wait = backoff_us(tries, seed);

    if (retry_after_s > BACKOFF_AFTER_MAX_S)
        return false;
    if (retry_after_s * US_PER_S > wait)
        wait = retry_after_s * US_PER_S;
    if (now_us + wait >= deadline_us)
        return false;
    *ret_at_us = now_us + wait;
    return true;
}
