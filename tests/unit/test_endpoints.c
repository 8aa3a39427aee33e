/* Which of several model servers takes the next call. */
#include "cmocka_all.h"

#include "base/attrs.h"
#include "model/endpoints.h"

enum { LIMIT = 2, OPEN_US = 1000 };

static struct endpoints parsed(const char *urls)
{
    struct endpoints endpoints;
    struct err err = {0};

    if (endpoints_parse(urls, LIMIT, OPEN_US, &endpoints, &err) < 0)
        fail_msg("%s", err.text);
    return endpoints;
}

static void addresses_are_split_and_bad_ones_refused(UNUSED void **state)
{
    static const char *const bad[] = {"", " , ", "127.0.0.1:8080", "ftp://a.example/v1", "http://",
                                      "http://a/v1,http://a/v1/", "http://a/1,http://a/2,http://a/3,http://a/4,http://a/5,"
                                                                  "http://a/6,http://a/7,http://a/8,http://a/9"};
    struct endpoints endpoints = parsed("http://a.example/v1/, https://b.example/v1");
    struct err err = {0};

    assert_int_equal(endpoints.count, 2);
    assert_string_equal(endpoints.at[0].url, "http://a.example/v1");
    assert_string_equal(endpoints.at[1].url, "https://b.example/v1");
    endpoints_done(&endpoints);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(endpoints_parse(bad[i], LIMIT, OPEN_US, &endpoints, &err), -1);
}

static void the_least_loaded_takes_the_call(UNUSED void **state)
{
    struct endpoints endpoints = parsed("http://a/v1,http://b/v1,http://c/v1");
    size_t calls[3] = {0};
    bool probe;

    endpoints.at[1].running = 30;
    for (int i = 0; i < 60; i++) {
        struct endpoint *one = endpoints_admit(&endpoints, NULL, 0, &probe);
        one->running++;
        calls[one - endpoints.at]++;
    }
    assert_int_equal(calls[0], 30);
    assert_int_equal(calls[1], 0);
    assert_int_equal(calls[2], 30);
    endpoints_done(&endpoints);
}

static void of_equals_they_take_turns(UNUSED void **state)
{
    struct endpoints endpoints = parsed("http://a/v1,http://b/v1,http://c/v1");
    size_t calls[3] = {0};
    bool probe;

    for (int i = 0; i < 9; i++)
        calls[endpoints_admit(&endpoints, NULL, 0, &probe) - endpoints.at]++;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(calls[i], 3);
    endpoints_done(&endpoints);
}

static void a_further_try_goes_elsewhere_if_it_can(UNUSED void **state)
{
    struct endpoints endpoints = parsed("http://a/v1,http://b/v1");
    bool probe;

    endpoints.at[1].running = 5;
    assert_ptr_equal(endpoints_admit(&endpoints, &endpoints.at[0], 0, &probe), &endpoints.at[1]);
    assert_ptr_equal(endpoints_admit(&endpoints, &endpoints.at[1], 0, &probe), &endpoints.at[0]);
    breaker_failure(&endpoints.at[1].breaker, false, 0);
    breaker_failure(&endpoints.at[1].breaker, false, 0);
    assert_ptr_equal(endpoints_admit(&endpoints, &endpoints.at[0], 1, &probe), &endpoints.at[0]);
    endpoints_done(&endpoints);
}

static void one_that_fails_is_left_alone_and_probed_later(UNUSED void **state)
{
    struct endpoints endpoints = parsed("http://a/v1,http://b/v1");
    bool probe;

    breaker_failure(&endpoints.at[0].breaker, false, 0);
    breaker_failure(&endpoints.at[0].breaker, false, 0);
    for (int i = 0; i < 10; i++) {
        struct endpoint *one = endpoints_admit(&endpoints, NULL, 1, &probe);
        assert_ptr_equal(one, &endpoints.at[1]);
        one->running++;
    }
    assert_false(endpoints_open(&endpoints, 1));
    assert_ptr_equal(endpoints_admit(&endpoints, NULL, OPEN_US, &probe), &endpoints.at[0]);
    assert_true(probe);
    assert_ptr_equal(endpoints_admit(&endpoints, NULL, OPEN_US, &probe), &endpoints.at[1]); /* one probe at a time */
    assert_false(probe);
    endpoints_done(&endpoints);
}

static void none_takes_it_when_all_have_failed(UNUSED void **state)
{
    struct endpoints endpoints = parsed("http://a/v1,http://b/v1");
    bool probe;

    for (size_t i = 0; i < 2; i++) {
        for (int n = 0; n < LIMIT + (int)i; n++)
            breaker_failure(&endpoints.at[i].breaker, n > LIMIT, 0);
    }
    assert_true(endpoints_open(&endpoints, 1));
    assert_null(endpoints_admit(&endpoints, NULL, 1, &probe));
    assert_int_equal(endpoints_failures(&endpoints), LIMIT);
    endpoints_done(&endpoints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_split_and_bad_ones_refused),
        cmocka_unit_test(the_least_loaded_takes_the_call),
        cmocka_unit_test(of_equals_they_take_turns),
        cmocka_unit_test(a_further_try_goes_elsewhere_if_it_can),
        cmocka_unit_test(one_that_fails_is_left_alone_and_probed_later),
        cmocka_unit_test(none_takes_it_when_all_have_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
