/* One table of routes, compared segment by segment with the undecoded path. */
#include "console/router.h"

#include <string.h>

#include "base/attrs.h"

enum { ITEM_DIGITS_MAX = 16, CONTROL_END = 0x20, DELETE_CHARACTER = 0x7f };
#define ITEM_MAX 9007199254740991LL

/* In a pattern '#' stands for an item's number and '*' for a static file's name. */
static const struct {
    const char *pattern;
    enum method method;
    bool open, body;
} route_table[] = {
    [ROUTE_PAGE] = {"/", METHOD_GET, true, false},
    [ROUTE_STATIC] = {"/static/*", METHOD_GET, true, false},
    [ROUTE_LIVE] = {"/livez", METHOD_GET, true, false},
    [ROUTE_READY] = {"/readyz", METHOD_GET, true, false},
    [ROUTE_SIGN_IN] = {"/api/session", METHOD_POST, true, true},
    [ROUTE_SESSION] = {"/api/session", METHOD_GET, false, false},
    [ROUTE_SIGN_OUT] = {"/api/session", METHOD_DELETE, false, false},
    [ROUTE_QUEUE] = {"/api/queue", METHOD_GET, false, false},
    [ROUTE_MINE] = {"/api/mine", METHOD_GET, false, false},
    [ROUTE_CLAIM] = {"/api/claim", METHOD_POST, false, true},
    [ROUTE_ITEM] = {"/api/items/#", METHOD_GET, false, false},
    [ROUTE_CLAIM_ITEM] = {"/api/items/#/claim", METHOD_POST, false, true},
    [ROUTE_RENEW] = {"/api/items/#/renew", METHOD_POST, false, true},
    [ROUTE_RESOLVE] = {"/api/items/#/resolve", METHOD_POST, false, true},
    [ROUTE_UNDO] = {"/api/items/#/undo", METHOD_POST, false, true},
    [ROUTE_SKIP] = {"/api/items/#/skip", METHOD_POST, false, true},
    [ROUTE_SNOOZE] = {"/api/items/#/snooze", METHOD_POST, false, true},
    [ROUTE_RELEASE] = {"/api/items/#/release", METHOD_POST, false, true},
    [ROUTE_ESCALATE] = {"/api/items/#/escalate", METHOD_POST, false, true},
    [ROUTE_REASSIGN] = {"/api/items/#/reassign", METHOD_POST, false, true},
    [ROUTE_FORGET_REASON] = {"/api/skip_reasons", METHOD_DELETE, false, true},
    [ROUTE_EVENTS] = {"/api/events", METHOD_GET, false, false},
    [ROUTE_FIGURES] = {"/api/figures", METHOD_GET, false, false},
    [ROUTE_OVERVIEW] = {"/api/overview", METHOD_GET, false, false},
};
_Static_assert(ARRAY_LEN(route_table) == ROUTE_COUNT, "a route without a row");

static const char *const query_names[] = {"group", "label", "risk",  "state", "q", "overdue",
                                          "mine",  "limit", "after", "days",  "v", "profile"};
_Static_assert(ARRAY_LEN(query_names) == QUERY_COUNT, "a query parameter without a name");

static const struct {
    const char *name;
    enum method method;
} method_table[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_HEAD}, {"POST", METHOD_POST}, {"DELETE", METHOD_DELETE}};

enum method router_method(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(method_table); i++) {
        if (strcmp(name, method_table[i].name) == 0)
            return method_table[i].method;
    }
    return METHOD_OTHER;
}

bool route_changes(enum route_id route)
{
    return route_table[route].method != METHOD_GET;
}

bool route_is_open(enum route_id route)
{
    return route_table[route].open;
}

bool route_has_body(enum route_id route)
{
    return route_table[route].body;
}

const char *route_pattern(enum route_id route)
{
    return route_table[route].pattern;
}

/* ---- the path ---- */

/* A number without sign and leading zero; moves *at past it. */
static bool take_item(const char **at, const char *end, int64_t *ret_item)
{
    const char *p = *at;
    int64_t item = 0;

    if (p == end || *p == '0')
        return false;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (p - *at == ITEM_DIGITS_MAX)
            return false;
        item = item * 10 + (*p - '0');
    }
    if (p == *at || item > ITEM_MAX)
        return false;
    *at = p;
    *ret_item = item;
    return true;
}

static bool name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

static bool take_name(const char **at, const char *end, char out[ROUTER_NAME_MAX])
{
    size_t n = 0;

    for (; *at < end && name_character(**at); (*at)++) {
        if (n + 1 == ROUTER_NAME_MAX)
            return false;
        out[n++] = **at;
    }
    out[n] = '\0';
    return n > 0;
}

static bool path_fits(const char *pattern, const char *path, const char *end, struct routed *routed)
{
    for (; *pattern; pattern++) {
        if (*pattern == '#') {
            if (!take_item(&path, end, &routed->item))
                return false;
        } else if (*pattern == '*') {
            if (!take_name(&path, end, routed->name))
                return false;
        } else if (path == end || *path++ != *pattern) {
            return false;
        }
    }
    return path == end;
}

/* ---- the query ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes up to end into out, which is large enough; NULL when an escape is not whole. */
static char *decode(const char *p, const char *end, char *out)
{
    for (; p < end; p++) {
        if (*p == '%') {
            int high = end - p > 2 ? hex_digit(p[1]) : -1;
            int low = end - p > 2 ? hex_digit(p[2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            *out++ = (char)(high * 16 + low);
            p += 2;
        } else {
            *out++ = *p == '+' ? ' ' : *p;
        }
    }
    return out;
}

/* How many bytes of the next code point; 0 when it is not valid UTF-8, or a control character. */
static size_t code_point(const unsigned char *p, const unsigned char *end)
{
    static const struct {
        unsigned char first_least, first_most, second_least, second_most;
        size_t bytes;
    } forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                 {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                 {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    if (*p < DELETE_CHARACTER)
        return *p >= CONTROL_END;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (*p < forms[i].first_least || *p > forms[i].first_most)
            continue;
        if ((size_t)(end - p) < forms[i].bytes || p[1] < forms[i].second_least || p[1] > forms[i].second_most)
            return 0;
        for (size_t k = 2; k < forms[i].bytes; k++) {
            if (p[k] < 0x80 || p[k] > 0xbf)
                return 0;
        }
        return forms[i].bytes;
    }
    return 0;
}

static bool is_text(const char *begin, const char *end)
{
    const unsigned char *p = (const unsigned char *)begin, *last = (const unsigned char *)end;

    while (p < last) {
        size_t bytes = code_point(p, last);
        if (!bytes)
            return false;
        p += bytes;
    }
    return true;
}

static int query_of(const char *name, size_t len)
{
    for (size_t i = 0; i < QUERY_COUNT; i++) {
        if (strlen(query_names[i]) == len && memcmp(query_names[i], name, len) == 0)
            return (int)i;
    }
    return -1;
}

/* False: not well-formed, or one of ours twice. */
static bool take_query(const char *query, struct routed *routed)
{
    char *out = routed->text;

    while (*query) {
        const char *end = query + strcspn(query, "&");
        const char *equals = memchr(query, '=', (size_t)(end - query));
        int id = equals ? query_of(query, (size_t)(equals - query)) : -1;
        if (id >= 0) {
            char *stop = routed->query[id] ? NULL : decode(equals + 1, end, out);
            if (!stop || !is_text(out, stop))
                return false;
            *stop = '\0';
            routed->query[id] = out;
            out = stop + 1;
        }
        query = *end ? end + 1 : end;
    }
    return true;
}

/* ---- both ---- */

unsigned router_route(enum method method, const char *target, struct routed *ret_routed)
{
    enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    const char *end = target + strcspn(target, "?");
    bool other_method = false;

    if (strnlen(target, ROUTER_URI_MAX) == ROUTER_URI_MAX)
        return 414;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        memset(ret_routed, 0, sizeof *ret_routed);
        if (!path_fits(route_table[i].pattern, target, end, ret_routed))
            continue;
        if (route_table[i].method != wanted) {
            other_method = true;
            continue;
        }
        ret_routed->route = (enum route_id)i;
        return !*end || take_query(end + 1, ret_routed) ? 200 : 400;
    }
    return other_method ? 405 : 404;
}
