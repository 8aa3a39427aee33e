/* A bucket is kept as the time at which it is full again: one number, nothing to refill. */
#include "console/rate.h"

#include <stddef.h>

#include "base/mem.h"

enum { BUCKETS = 4096, PROBES = 8 };

struct bucket {
    uint64_t key;
    int64_t full_at_us; /* 0: never used */
};

struct rate {
    int64_t per_token_us;
    int burst;
    struct bucket buckets[BUCKETS];
};

struct rate *rate_new(int64_t per_token_us, int burst)
{
    struct rate *self = mem_alloc(sizeof *self);

    self->per_token_us = per_token_us;
    self->burst = burst;
    return self;
}

void rate_free(struct rate *self)
{
    mem_free(self);
}

/* The key's own bucket, or the one among its places that is full soonest. */
static struct bucket *find(struct rate *self, uint64_t key)
{
    struct bucket *oldest = NULL;

    for (int i = 0; i < PROBES; i++) {
        struct bucket *at = &self->buckets[(key + (uint64_t)i) % BUCKETS];
        if (at->key == key && at->full_at_us)
            return at;
        if (!oldest || at->full_at_us < oldest->full_at_us)
            oldest = at;
    }
    *oldest = (struct bucket){.key = key};
    return oldest;
}

bool rate_take(struct rate *self, uint64_t key, int64_t now_us, int64_t *ret_wait_us)
{
    struct bucket *bucket = find(self, key);
    int64_t full = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
    int64_t over = full + self->per_token_us - now_us - self->per_token_us * self->burst;

    *ret_wait_us = over > 0 ? over : 0;
    if (over > 0)
        return false;
    bucket->full_at_us = full + self->per_token_us;
    return true;
}
