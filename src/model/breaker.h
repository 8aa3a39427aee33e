/* A circuit breaker and the wait between tries. Pure: the clock and the seed are parameters. */
#ifndef TRIAGED_MODEL_BREAKER_H
#define TRIAGED_MODEL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

/* closed: calls go. open: none go until open_until. Then one probe goes; its end closes or opens again. */
struct breaker {
    int limit;        /* failures in a row that open it */
    int64_t open_us;  /* how long it stays open */
    int failures;
    int64_t open_until_us; /* 0: closed */
    bool probing;
};

bool breaker_open(const struct breaker *self, int64_t now_us);
/* Whether a call may go now; after the wait it lets one probe through. */
bool breaker_admit(struct breaker *self, int64_t now_us);
void breaker_success(struct breaker *self);
void breaker_failure(struct breaker *self, int64_t now_us);
/* A call that was let through ended without telling anything of the server (it was cancelled). */
void breaker_forget(struct breaker *self);

/* Full jitter: uniform in [0, min(cap, base * 2^try)), in microseconds. Source: Brooker, Exponential backoff and jitter. */
int64_t backoff_us(int try, uint64_t *seed);

#endif
