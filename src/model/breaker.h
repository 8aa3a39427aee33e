/* A circuit breaker. Pure: the clock is a parameter.
 * closed: calls go. open: none go until open_until_us. Then one probe goes; its end closes the breaker or opens it
 * again. */
#ifndef TRIAGED_MODEL_BREAKER_H
#define TRIAGED_MODEL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker {
    int limit;             /* failures in a row that open it */
    int64_t open_us;       /* how long it stays open */
    int failures;          /* in a row */
    int64_t open_until_us; /* 0: closed */
    bool probing;
};

/* Whether no call may go now. */
bool breaker_open(const struct breaker *self, int64_t now_us);

/* Whether a call may go now; *ret_probe says that it is the probe: its end has to be told with that word. */
bool breaker_admit(struct breaker *self, int64_t now_us, bool *ret_probe);
void breaker_success(struct breaker *self);
/* Calls that began before it opened end later: only the probe's failure opens an open breaker anew. */
void breaker_failure(struct breaker *self, bool probe, int64_t now_us);
/* A call ended without telling anything of the server: it was cancelled, or had no time of its own. */
void breaker_forget(struct breaker *self, bool probe);

#endif
