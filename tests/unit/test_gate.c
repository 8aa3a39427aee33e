/* What is refused before anything is done, the cookie, the tokens, the rates. */
#include "cmocka_all.h"

#include <sodium.h>
#include <string.h>

#include "console/gate.h"
#include "console/rate.h"
#include "console/session.h"

static const struct gate_rules rules = {"127.0.0.1:8090, desk.example", "0123456789abcdef"};

static struct gate_headers good(void)
{
    return (struct gate_headers){
        .host = "desk.example", .origin = "https://desk.example", .content_type = "application/json", .content_length = "20"};
}

static unsigned status_of(enum route_id route, struct gate_headers headers)
{
    return gate_check(route, &headers, &rules).status;
}

/* A good request with one header changed. */
static struct gate_headers with(size_t offset, const char *value)
{
    struct gate_headers headers = good();

    *(const char **)((char *)&headers + offset) = value;
    return headers;
}
#define WITH(member, value) with(offsetof(struct gate_headers, member), value)

static void a_good_request_passes(void **state)
{
    (void)state;
    assert_int_equal(status_of(ROUTE_RESOLVE, good()), 0);
    assert_int_equal(status_of(ROUTE_RESOLVE, WITH(content_type, "application/json; charset=utf-8")), 0);
    assert_int_equal(status_of(ROUTE_RESOLVE, WITH(fetch_site, "same-origin")), 0);
    assert_int_equal(status_of(ROUTE_QUEUE, (struct gate_headers){.host = "127.0.0.1:8090"}), 0);
    assert_int_equal(status_of(ROUTE_QUEUE, (struct gate_headers){.host = "DESK.example"}), 0);
}

static void hosts_are_those_on_the_list(void **state)
{
    static const char *const hosts[] = {"", "evil.example", "desk.example.evil.example", "desk.exampl", "127.0.0.1",
                                        "127.0.0.1:8090,desk.example", "127.0.0.1:8090 ", "desk.example:80"};

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (status_of(ROUTE_QUEUE, (struct gate_headers){.host = hosts[i]}) != 421)
            fail_msg("host '%s' passes", hosts[i]);
    }
    assert_int_equal(status_of(ROUTE_PAGE, (struct gate_headers){0}), 421);
    assert_int_equal(status_of(ROUTE_LIVE, (struct gate_headers){0}), 0);
}

static void origins_are_the_hosts(void **state)
{
    static const char *const origins[] = {NULL, "", "null", "https://evil.example", "https://desk.example.evil.example",
                                          "ftp://desk.example", "desk.example", "https://127.0.0.1:8090", "https://desk.example/"};

    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        if (status_of(ROUTE_RESOLVE, WITH(origin, origins[i])) != 403)
            fail_msg("origin '%s' passes", origins[i] ? origins[i] : "none");
    }
    assert_int_equal(status_of(ROUTE_SIGN_OUT, WITH(origin, NULL)), 403);
    assert_int_equal(status_of(ROUTE_QUEUE, WITH(fetch_site, "cross-site")), 403);
    assert_int_equal(status_of(ROUTE_QUEUE, WITH(fetch_site, "same-site")), 403);
    assert_int_equal(status_of(ROUTE_PAGE, WITH(fetch_site, "cross-site")), 0);
}

static struct gate_headers doubled(void)
{
    struct gate_headers headers = good();

    headers.doubled = true;
    return headers;
}

static void bodies_are_json_and_small(void **state)
{
    static const char *const types[] = {NULL, "", "text/plain", "application/jsonp", "application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=application/json"};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(status_of(ROUTE_SIGN_IN, WITH(content_type, types[i])), 415);
    assert_int_equal(status_of(ROUTE_SIGN_OUT, WITH(content_type, NULL)), 0);
    assert_int_equal(status_of(ROUTE_RESOLVE, WITH(content_length, "262144")), 0);
    assert_int_equal(status_of(ROUTE_RESOLVE, WITH(content_length, "262145")), 413);
    assert_int_equal(status_of(ROUTE_RESOLVE, WITH(content_length, "99999999999999999999999")), 413);
    assert_int_equal(status_of(ROUTE_RESOLVE, doubled()), 400);
}

static void the_cookie_is_one_token(void **state)
{
    static const char id[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-";
    static const char *const bad[] = {
        NULL, "", "__Host-triaged=", "__Host-triaged=short", "x__Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-",
        "__Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-x", "__Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_'",
        "__host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-",
        "__Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-; __Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-"};
    char found[SESSION_ID_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(gate_cookie(bad[i], found));
    assert_true(gate_cookie("a=b; __Host-triaged=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-; c=d", found));
    assert_string_equal(found, id);
}

static void the_proxy_needs_the_secret(void **state)
{
    struct gate_headers headers = {.proxy_user = "ann", .proxy_secret = "0123456789abcdef"};
    const struct gate_rules none = {"x", ""};

    (void)state;
    assert_true(gate_is_proxied(&headers, &rules));
    assert_false(gate_is_proxied(&headers, &none));
    headers.proxy_secret = "0123456789abcdeg";
    assert_false(gate_is_proxied(&headers, &rules));
    headers.proxy_secret = "";
    assert_false(gate_is_proxied(&headers, &none));
    headers = (struct gate_headers){.proxy_user = "", .proxy_secret = "0123456789abcdef"};
    assert_false(gate_is_proxied(&headers, &rules));
}

static void tokens_belong_to_their_session(void **state)
{
    char one[SESSION_ID_MAX], other[SESSION_ID_MAX], token[SESSION_ID_MAX], again[SESSION_ID_MAX];

    (void)state;
    assert_true(sodium_init() >= 0);
    session_new_id(one);
    session_new_id(other);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), GATE_TOKEN_LEN);
    session_csrf(one, token);
    session_csrf(one, again);
    assert_string_equal(token, again);
    assert_string_not_equal(token, one);
    assert_true(gate_same(token, again));
    session_csrf(other, again);
    assert_false(gate_same(token, again));
    assert_false(gate_same(NULL, token));
    assert_false(gate_same("", ""));
    session_csrf_proxied("ann", "secret", token);
    session_csrf_proxied("bob", "secret", again);
    assert_string_not_equal(token, again);
}

static void passwords_fit_their_hash_alone(void **state)
{
    char hash[PASSWORD_HASH_MAX];
    struct err err;

    (void)state;
    assert_true(sodium_init() >= 0);
    assert_int_equal(password_hash("short", hash, &err), -1);
    assert_int_equal(password_hash("long enough", hash, &err), 0);
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_true(password_fits("long enough", hash));
    assert_false(password_fits("Long enough", hash));
    assert_false(password_fits("long enough", NULL));
}

static void rates_are_by_key_and_refill(void **state)
{
    struct rate *rate = rate_new(1000000, 3);
    int64_t wait = 0;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(rate_take(rate, 7, 1000000, &wait));
    assert_false(rate_take(rate, 7, 1000000, &wait));
    assert_true(wait == 1000000);
    assert_true(rate_take(rate, 8, 1000000, &wait));
    assert_false(rate_take(rate, 7, 1500000, &wait));
    assert_true(rate_take(rate, 7, 2000000, &wait));
    assert_false(rate_take(rate, 7, 2000000, &wait));
    for (int i = 0; i < 3; i++)
        assert_true(rate_take(rate, 7, 60000000, &wait));
    assert_false(rate_take(rate, 7, 60000000, &wait));
    rate_free(rate);
}

static void a_flood_of_keys_takes_no_memory(void **state)
{
    struct rate *rate = rate_new(1000000, 1);
    int64_t wait;

    (void)state;
    for (uint64_t key = 0; key < 100000; key++)
        assert_true(rate_take(rate, key * 977, (int64_t)key + 1, &wait));
    rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_request_passes),
        cmocka_unit_test(hosts_are_those_on_the_list),
        cmocka_unit_test(origins_are_the_hosts),
        cmocka_unit_test(bodies_are_json_and_small),
        cmocka_unit_test(the_cookie_is_one_token),
        cmocka_unit_test(the_proxy_needs_the_secret),
        cmocka_unit_test(tokens_belong_to_their_session),
        cmocka_unit_test(passwords_fit_their_hash_alone),
        cmocka_unit_test(rates_are_by_key_and_refill),
        cmocka_unit_test(a_flood_of_keys_takes_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
