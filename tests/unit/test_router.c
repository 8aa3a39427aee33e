/* Which route a request line means, and that nothing else gets through. */
#include "cmocka_all.h"

#include <string.h>

#include "console/router.h"

static unsigned route(const char *method, const char *target, struct routed *routed)
{
    return router_route(router_method(method), target, routed);
}

static void every_route_is_found(void **state)
{
    static const struct {
        const char *method, *target;
        enum route_id route;
        int64_t item;
    } table[] = {
        {"GET", "/", ROUTE_PAGE, 0},
        {"HEAD", "/", ROUTE_PAGE, 0},
        {"GET", "/?x=1", ROUTE_PAGE, 0},
        {"GET", "/static/app.js?v=abc", ROUTE_STATIC, 0},
        {"POST", "/api/session", ROUTE_SIGN_IN, 0},
        {"GET", "/api/session", ROUTE_SESSION, 0},
        {"DELETE", "/api/session", ROUTE_SIGN_OUT, 0},
        {"GET", "/api/items/17", ROUTE_ITEM, 17},
        {"POST", "/api/items/9007199254740991/claim", ROUTE_CLAIM_ITEM, 9007199254740991},
        {"POST", "/api/items/1/resolve", ROUTE_RESOLVE, 1},
        {"DELETE", "/api/skip_reasons", ROUTE_FORGET_REASON, 0},
        {"GET", "/livez", ROUTE_LIVE, 0},
    };
    struct routed routed;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(route(table[i].method, table[i].target, &routed), 200);
        assert_int_equal(routed.route, table[i].route);
        assert_true(routed.item == table[i].item);
    }
}

static void other_paths_are_none(void **state)
{
    static const char *const targets[] = {
        "", "//", "/index.html", "/api", "/api/", "/api/queue/", "/api/queue/x", "/API/queue", "/api/items/", "/api/items/0",
        "/api/items/017", "/api/items/-1", "/api/items/+1", "/api/items/1.0", "/api/items/9007199254740992",
        "/api/items/99999999999999999999", "/api/items/1/", "/api/items/1/claim/", "/api/items/%31", "/static/", "/static",
        "/static/../secret", "/static/..%2fsecret", "/static/%2e%2e/x", "/static/a/b", "/static/a\\b", "/static//etc/passwd",
        "/static/a%00.js", "/../../etc/passwd", "http://elsewhere/", "*", "/api/queue\x01", "/static/\xff",
    };
    struct routed routed;

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (route("GET", targets[i], &routed) != 404)
            fail_msg("%s is found", targets[i]);
    }
}

static void another_method_is_said_to_be_one(void **state)
{
    struct routed routed;

    (void)state;
    assert_int_equal(route("POST", "/", &routed), 405);
    assert_int_equal(route("PUT", "/api/session", &routed), 405);
    assert_int_equal(route("GET", "/api/items/1/claim", &routed), 405);
    assert_int_equal(route("get", "/", &routed), 405);
    assert_int_equal(route("HEAD", "/api/claim", &routed), 405);
}

static void queries_are_decoded(void **state)
{
    struct routed routed;

    (void)state;
    assert_int_equal(route("GET", "/api/queue?q=a+b%26c%C3%A9&group=&unknown=%zz&limit=5", &routed), 200);
    assert_string_equal(routed.query[QUERY_TEXT], "a b&c\xc3\xa9");
    assert_string_equal(routed.query[QUERY_GROUP], "");
    assert_string_equal(routed.query[QUERY_LIMIT], "5");
    assert_null(routed.query[QUERY_LABEL]);
    assert_int_equal(route("GET", "/api/queue?q", &routed), 200);
    assert_null(routed.query[QUERY_TEXT]);
}

static void queries_that_are_not_well_formed_are_refused(void **state)
{
    static const char *const targets[] = {
        "/api/queue?q=%",         "/api/queue?q=%4",       "/api/queue?q=%4g",          "/api/queue?q=%00",
        "/api/queue?q=%0a",       "/api/queue?q=%7f",      "/api/queue?q=%c3",          "/api/queue?q=%c0%af",
        "/api/queue?q=%ed%a0%80", "/api/queue?q=%ff",      "/api/queue?q=%f5%80%80%80", "/api/queue?q=a&q=b",
        "/api/queue?q=%e0%80%af", "/api/queue?q=a%f0%9f%98",
    };
    struct routed routed;

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (route("GET", targets[i], &routed) != 400)
            fail_msg("%s is taken", targets[i]);
    }
}

static void a_long_target_is_refused(void **state)
{
    char target[ROUTER_URI_MAX + 10];
    struct routed routed;

    (void)state;
    memset(target, 'a', sizeof target);
    memcpy(target, "/api/queue?q=", 13);
    target[ROUTER_URI_MAX - 1] = '\0';
    assert_int_equal(route("GET", target, &routed), 200);
    target[ROUTER_URI_MAX - 1] = 'a';
    target[ROUTER_URI_MAX] = '\0';
    assert_int_equal(route("GET", target, &routed), 414);
}

static void what_changes_something_is_known(void **state)
{
    (void)state;
    for (int i = 0; i < ROUTE_COUNT; i++) {
        enum route_id id = (enum route_id)i;
        if (route_has_body(id))
            assert_true(route_changes(id));
        if (route_is_open(id) && id != ROUTE_SIGN_IN)
            assert_false(route_changes(id));
    }
    assert_true(route_changes(ROUTE_SIGN_OUT));
    assert_false(route_is_open(ROUTE_SESSION));
    assert_false(route_is_open(ROUTE_EVENTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_found),
        cmocka_unit_test(other_paths_are_none),
        cmocka_unit_test(another_method_is_said_to_be_one),
        cmocka_unit_test(queries_are_decoded),
        cmocka_unit_test(queries_that_are_not_well_formed_are_refused),
        cmocka_unit_test(a_long_target_is_refused),
        cmocka_unit_test(what_changes_something_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
