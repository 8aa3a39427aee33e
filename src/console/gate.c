/* A browser sends Origin with every POST and DELETE, and a page of another site can set neither our header nor our
 * type: each of these alone stops a forged request; they are asked for together. */
#include "console/gate.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"

enum { HOST_MAX = 256, SECRET_HASH = 32 };

static const struct gate_refusal host_refused = {
    421, "host", "use one of the console's own names: this one is not in console.hosts"};
static const struct gate_refusal doubled_refused = {400, "bad_request", "send each header once"};
static const struct gate_refusal origin_refused = {403, "origin",
                                                   "use the console's own page: the request comes from another one"};
static const struct gate_refusal type_refused = {415, "content_type", "send JSON, as application/json"};
static const struct gate_refusal size_refused = {413, "too_large", "send at most 262144 bytes"};

static bool host_allowed(const char *host, const char *allowed)
{
    size_t len = strlen(host);

    if (len == 0 || len >= HOST_MAX)
        return false;
    while (*allowed) {
        size_t n = strcspn(allowed, ", ");
        if (n == len && strncasecmp(allowed, host, n) == 0)
            return true;
        allowed += n + strspn(allowed + n, ", ");
    }
    return false;
}

/* TLS ends at the proxy, so the scheme is not known here: both are taken. */
static bool origin_is(const char *origin, const char *host)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; origin && i < ARRAY_LEN(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (strncmp(origin, schemes[i], n) == 0)
            return strcasecmp(origin + n, host) == 0;
    }
    return false;
}

static bool type_is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t n = sizeof json - 1;

    return type && strncasecmp(type, json, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* More digits than the largest body has are too many in any case. */
static bool length_fits(const char *length)
{
    long value = 0;

    for (; length && *length >= '0' && *length <= '9' && value <= GATE_BODY_MAX; length++)
        value = value * 10 + (*length - '0');
    return value <= GATE_BODY_MAX;
}

static bool from_elsewhere(const char *fetch_site)
{
    return fetch_site && strcmp(fetch_site, "same-origin") != 0 && strcmp(fetch_site, "none") != 0;
}

struct gate_refusal gate_check(enum route_id route, const struct gate_headers *headers, const struct gate_rules *rules)
{
    bool probe = route == ROUTE_LIVE || route == ROUTE_READY; /* asked for by address, by whatever watches over us */
    bool page = route == ROUTE_PAGE;                          /* may be followed to from anywhere */

    if (headers->doubled)
        return doubled_refused;
    if (!probe && (!headers->host || !host_allowed(headers->host, rules->hosts)))
        return host_refused;
    if (!probe && !page && from_elsewhere(headers->fetch_site))
        return origin_refused;
    if (!length_fits(headers->content_length))
        return size_refused;
    if (!route_changes(route))
        return (struct gate_refusal){0};
    if (!origin_is(headers->origin, headers->host))
        return origin_refused;
    if (route_has_body(route) && !type_is_json(headers->content_type))
        return type_refused;
    return (struct gate_refusal){0};
}

/* Both sides are hashed first, so that neither length nor contents show in the time it takes. */
static bool same_text(const char *a, const char *b)
{
    unsigned char hash_a[SECRET_HASH], hash_b[SECRET_HASH];

    crypto_generichash(hash_a, sizeof hash_a, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(hash_b, sizeof hash_b, (const unsigned char *)b, strlen(b), NULL, 0);
    return sodium_memcmp(hash_a, hash_b, sizeof hash_a) == 0;
}

bool gate_is_proxied(const struct gate_headers *headers, const struct gate_rules *rules)
{
    return *rules->proxy_secret && headers->proxy_secret && headers->proxy_user && *headers->proxy_user &&
           same_text(headers->proxy_secret, rules->proxy_secret);
}

bool gate_same(const char *sent, const char *expected)
{
    return sent && *expected && same_text(sent, expected);
}

static bool is_token(const char *text, size_t len)
{
    return len == GATE_TOKEN_LEN &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") >= GATE_TOKEN_LEN;
}

bool gate_cookie(const char *cookie, char out[GATE_TOKEN_LEN + 1])
{
    static const char name[] = GATE_COOKIE_NAME "=";
    int found = 0;

    while (cookie && *cookie) {
        size_t len;
        cookie += strspn(cookie, "; \t");
        len = strcspn(cookie, ";");
        if (len >= sizeof name - 1 && memcmp(cookie, name, sizeof name - 1) == 0) {
            if (found++ || !is_token(cookie + sizeof name - 1, len - (sizeof name - 1)))
                return false;
            memcpy(out, cookie + sizeof name - 1, GATE_TOKEN_LEN);
            out[GATE_TOKEN_LEN] = '\0';
        }
        cookie += len;
    }
    return found == 1;
}
