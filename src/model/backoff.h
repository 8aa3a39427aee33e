/* When to try again. Pure: the clock and the seed are parameters. */
#ifndef TRIAGED_MODEL_BACKOFF_H
#define TRIAGED_MODEL_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_BASE_US     200000
#define BACKOFF_CAP_US      5000000
#define BACKOFF_AFTER_MAX_S 86400 /* a server's Retry-After beyond this is as good as never */

/* Full jitter: uniform in [0, min(cap, base * 2^tries)), in microseconds, tries from 0.
 * Source: Brooker, Exponential Backoff And Jitter (2015). */
int64_t backoff_us(int tries, uint64_t *seed);

/* When the next try may begin: after the jitter, and not before the server's own wish (retry_after_s, 0 when it had
 * none). False when that is not before the deadline: then there is no next try. */
bool backoff_next(int tries, int64_t retry_after_s, int64_t now_us, int64_t deadline_us, uint64_t *seed,
                  int64_t *ret_at_us);

#endif
