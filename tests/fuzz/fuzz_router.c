/* Any bytes as a request line and headers, a line each: method, target, Host, Origin, Cookie, Content-Type, Content-Length,
 * Sec-Fetch-Site. What is taken for a route holds nothing but what the route may hold. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "console/gate.h"
#include "console/router.h"

enum { LINES = 8, INPUT_MAX = 3 * ROUTER_URI_MAX };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void split(char *text, const char *lines[LINES])
{
    for (size_t i = 0; i < LINES; i++) {
        lines[i] = text ? strsep(&text, "\n") : NULL;
    }
}

static void check_routed(const struct routed *routed)
{
    const char *end = routed->text + sizeof routed->text;

    must(routed->route < ROUTE_COUNT);
    must(routed->item >= 0 && routed->item <= 9007199254740991LL);
    must((routed->item > 0) == (strchr(route_pattern(routed->route), '#') != NULL));
    must((*routed->name != '\0') == (routed->route == ROUTE_STATIC));
    must(!strpbrk(routed->name, "/\\%?&\"'<> ") && strlen(routed->name) < sizeof routed->name);
    for (int i = 0; i < QUERY_COUNT; i++) {
        const char *value = routed->query[i];
        must(!value || (value >= routed->text && value + strlen(value) < end));
        for (; value && *value; value++)
            must((unsigned char)*value >= 0x20 && *value != 0x7f);
    }
}

static void check_gate(const struct routed *routed, const char *const lines[LINES])
{
    const struct gate_rules rules = {"desk.example", "0123456789abcdef"};
    const struct gate_headers headers = {.host = lines[2],
                                         .origin = lines[3],
                                         .cookie = lines[4],
                                         .content_type = lines[5],
                                         .content_length = lines[6],
                                         .fetch_site = lines[7]};
    struct gate_refusal refusal = gate_check(routed->route, &headers, &rules);
    char token[GATE_TOKEN_LEN + 1];

    must(refusal.status == 0 || (refusal.status >= 400 && refusal.status < 500 && refusal.code && refusal.text));
    if (!refusal.status && route_changes(routed->route))
        must(headers.origin && strstr(headers.origin, "://"));
    if (gate_cookie(headers.cookie, token))
        must(strlen(token) == GATE_TOKEN_LEN && !strpbrk(token, "; \t\"'"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[INPUT_MAX + 1];
    const char *lines[LINES];
    struct routed routed;
    unsigned status;

    if (size > INPUT_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    split(text, lines);
    if (!lines[1])
        return 0;
    status = router_route(router_method(lines[0]), lines[1], &routed);
    must(status == 200 || status == 400 || status == 404 || status == 405 || status == 414);
    if (status == 200) {
        check_routed(&routed);
        check_gate(&routed, lines);
    }
    return 0;
}
