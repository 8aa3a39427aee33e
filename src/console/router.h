/* Which of the console's routes a request line means, and what its query asks for. Pure: bytes in, a row of the table
 * out. Nothing of a path ever names a file: static files are found by their name in a list made at build time. */
#ifndef TRIAGED_CONSOLE_ROUTER_H
#define TRIAGED_CONSOLE_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTER_URI_MAX  4096 /* bytes of a request target */
#define ROUTER_NAME_MAX 64   /* bytes of a static file's name with the terminator */

enum route_id {
    ROUTE_PAGE,
    ROUTE_STATIC,
    ROUTE_LIVE,
    ROUTE_READY,
    ROUTE_SIGN_IN,
    ROUTE_SESSION,
    ROUTE_SIGN_OUT,
    ROUTE_QUEUE,
    ROUTE_MINE,
    ROUTE_CLAIM,
    ROUTE_ITEM,
    ROUTE_CLAIM_ITEM,
    ROUTE_RENEW,
    ROUTE_RESOLVE,
    ROUTE_UNDO,
    ROUTE_SKIP,
    ROUTE_SNOOZE,
    ROUTE_RELEASE,
    ROUTE_ESCALATE,
    ROUTE_REASSIGN,
    ROUTE_FORGET_REASON,
    ROUTE_EVENTS,
    ROUTE_FIGURES,
    ROUTE_OVERVIEW,
    ROUTE_COUNT
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_DELETE, METHOD_OTHER };

/* What a query may hold; a parameter that is not among these is left alone. */
enum query_id {
    QUERY_GROUP,
    QUERY_LABEL,
    QUERY_RISK,
    QUERY_STATE,
    QUERY_TEXT,
    QUERY_OVERDUE,
    QUERY_MINE,
    QUERY_LIMIT,
    QUERY_AFTER,
    QUERY_DAYS,
    QUERY_VERSION,
    QUERY_PROFILE,
    QUERY_COUNT
};

struct routed {
    enum route_id route;
    int64_t item;                   /* of /api/items/ID…, 1..2^53-1; else 0 */
    char name[ROUTER_NAME_MAX];     /* of /static/NAME */
    const char *query[QUERY_COUNT]; /* decoded, valid UTF-8 without control characters; NULL: not given */
    char text[ROUTER_URI_MAX];      /* what query points into */
};

enum method router_method(const char *name);
/* 200, or the status of the refusal: 400 a target that is not well-formed, 404 none of ours, 405 another method, 414
 * too long. */
unsigned router_route(enum method method, const char *target, struct routed *ret_routed);

bool route_changes(enum route_id route); /* POST and DELETE: needs Origin, and a JSON body where there is one */
bool route_is_open(enum route_id route); /* without a session */
bool route_has_body(enum route_id route);
const char *route_pattern(enum route_id route); /* for the log: never what the client sent */

#endif
