/* What the end of one try of a call means: for the call, for a next try, and for the breaker. Pure. */
#ifndef TRIAGED_MODEL_OUTCOME_H
#define TRIAGED_MODEL_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"

enum transport_end {
    TRANSPORT_OK, /* a whole response came */
    TRANSPORT_TIMEOUT,
    TRANSPORT_UNREACHED, /* no connection: refused, no such host */
    TRANSPORT_BROKEN,    /* a connection that ended too early */
    TRANSPORT_TOO_LARGE, /* more bytes than we take */
    TRANSPORT_TLS,       /* the server's certificate is not good */
    TRANSPORT_ENDS
};

struct try_end {
    enum transport_end transport;
    long status;      /* HTTP; only with TRANSPORT_OK */
    const char *body; /* borrowed; may be NULL when len is 0 */
    size_t len;
    bool short_time; /* the try had little of the time that a call is given: its timeout says nothing of the server */
    const char *detail; /* for a person, "" when there is none; never from the response */
};

enum breaker_word { BREAKER_GOOD, BREAKER_BAD, BREAKER_NOTHING };

struct outcome {
    bool ok;
    bool again; /* another try may end better */
    enum breaker_word breaker;
    struct err err; /* when not ok */
};

struct outcome outcome_of(const struct try_end *end);

#endif
