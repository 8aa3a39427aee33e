/* The model servers of one lane, with a breaker and a count of calls each, and which of them takes the next call.
 * Pure: the clock is a parameter. It counts the calls of its own lane; what other lanes send a server it does not see. */
#ifndef TRIAGED_MODEL_ENDPOINTS_H
#define TRIAGED_MODEL_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/breaker.h"
#include "triage/err.h"

#define ENDPOINTS_MAX 8

struct endpoint {
    char *url; /* without a slash at its end; owned */
    struct breaker breaker;
    size_t running; /* calls; the caller counts */
};

struct endpoints {
    struct endpoint at[ENDPOINTS_MAX];
    size_t count;
    size_t turn; /* of equals the next one takes the call, so that none lies idle */
};

/* urls: http or https, separated by commas or spaces; 1 to ENDPOINTS_MAX of them, none twice. limit and open_us: of each
 * breaker. */
int endpoints_parse(const char *urls, int limit, int64_t open_us, struct endpoints *ret_endpoints, struct err *reterr);
void endpoints_done(struct endpoints *self);

/* The least loaded one whose breaker lets a call through, `failed` (NULL: none) only when there is no other; NULL when
 * all breakers are open. *ret_probe as breaker_admit says. */
struct endpoint *endpoints_admit(struct endpoints *self, const struct endpoint *failed, int64_t now_us,
                                 bool *ret_probe);
/* Whether no call may go anywhere now. */
bool endpoints_open(const struct endpoints *self, int64_t now_us);
int endpoints_failures(const struct endpoints *self); /* in a row, of the one with the fewest */

#endif
