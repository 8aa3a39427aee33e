/* What must hold of a request's headers before anything is done for it: the host it was meant for, the page it comes
 * from, its type, its token. Pure. */
#ifndef TRIAGED_CONSOLE_GATE_H
#define TRIAGED_CONSOLE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "console/router.h"

#define GATE_BODY_MAX     (256 << 10) /* bytes of a request's body */
#define GATE_COOKIE_NAME  "__Host-triaged"
#define GATE_TOKEN_LEN    43 /* 32 bytes as base64url */
#define GATE_SECRET_LEAST 16

/* NULL: not sent. A header that was sent twice is in `doubled`. */
struct gate_headers {
    const char *host, *origin, *fetch_site, *content_type, *content_length, *cookie, *csrf, *proxy_user, *proxy_secret;
    bool doubled;
};

struct gate_rules {
    const char *hosts;        /* allowed, separated by commas */
    const char *proxy_secret; /* "" no proxy */
};

/* status 0: nothing is against it. code and text are for the answer, static. */
struct gate_refusal {
    unsigned status;
    const char *code, *text;
};

struct gate_refusal gate_check(enum route_id route, const struct gate_headers *headers, const struct gate_rules *rules);
/* Whether the request has the proxy's secret, compared in constant time. */
bool gate_is_proxied(const struct gate_headers *headers, const struct gate_rules *rules);
/* The session's id of the cookie header: GATE_TOKEN_LEN characters; false when there is none, or more than one. */
bool gate_cookie(const char *cookie, char out[GATE_TOKEN_LEN + 1]);
/* Whether a token that was sent is the one expected, in constant time. */
bool gate_same(const char *sent, const char *expected);

#endif
