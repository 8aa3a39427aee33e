/* Token buckets, by a key each: how often an address may try to sign in, how often a session may ask. Pure but for its
 * memory, which is bounded: where it is full, the bucket that was not used for longest makes room. */
#ifndef TRIAGED_CONSOLE_RATE_H
#define TRIAGED_CONSOLE_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate;

/* Each key gains a token every per_token_us, up to burst. */
struct rate *rate_new(int64_t per_token_us, int burst);
void rate_free(struct rate *self);
/* Takes a token of the key. False: there is none; *ret_wait_us says when there will be. */
bool rate_take(struct rate *self, uint64_t key, int64_t now_us, int64_t *ret_wait_us);

#endif
