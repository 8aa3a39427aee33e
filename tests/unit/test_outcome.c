/* What the end of a try means. */
#include <string.h>

#include "cmocka_all.h"

#include "base/attrs.h"
#include "model/outcome.h"

static struct outcome of_status(long status, const char *body)
{
    const struct try_end end = {
        .transport = TRANSPORT_OK, .status = status, .body = body, .len = strlen(body), .detail = ""};

    return outcome_of(&end);
}

static void every_status_ends_with_a_known_reason(UNUSED void **state)
{
    static const char *const reasons[] = {"model_unavailable", "model_timeout", "model_invalid"};

    for (long status = 0; status < 1000; status++) {
        struct outcome outcome = of_status(status, "{}");
        bool known = false;
        assert_true(outcome.ok == (status == 200));
        for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
            known |= strcmp(outcome.err.reason, reasons[i]) == 0;
        assert_true(outcome.ok || known);
        assert_true(outcome.ok || outcome.again == (outcome.err.class == ERR_TRANSIENT));
    }
}

static void only_what_may_pass_is_tried_again(UNUSED void **state)
{
    static const long again[] = {408, 429, 500, 502, 503, 504}, never[] = {301, 302, 307, 400, 401, 403, 404, 413, 422};

    for (size_t i = 0; i < ARRAY_LEN(again); i++)
        assert_true(of_status(again[i], "").again);
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        assert_false(of_status(never[i], "").again);
}

static void refused_request_is_no_fault_of_the_server(UNUSED void **state)
{
    assert_int_equal(of_status(400, "{}").breaker, BREAKER_GOOD);
    assert_int_equal(of_status(401, "{}").breaker, BREAKER_BAD);
    assert_int_equal(of_status(503, "{}").breaker, BREAKER_BAD);
}

static void page_with_status_200_is_no_answer(UNUSED void **state)
{
    static const char *const bodies[] = {"", "  \n", "<!doctype html>", "\x1f\x8b\x08", "[1]", "null"};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct outcome outcome = of_status(200, bodies[i]);
        assert_false(outcome.ok);
        assert_string_equal(outcome.err.reason, "model_invalid");
        assert_int_equal(outcome.breaker, BREAKER_BAD);
    }
    assert_true(of_status(200, " \n{\"choices\":[]}").ok);
}

static void error_names_the_servers_word_and_never_its_message(UNUSED void **state)
{
    struct outcome outcome = of_status(
        400, "{\"error\":{\"type\":\"exceed_context_size_error\",\"message\":\"prompt was: Jane Roe, 12 Elm St\"}}");

    assert_non_null(strstr(outcome.err.text, "exceed_context_size_error"));
    assert_null(strstr(outcome.err.text, "Jane"));
    outcome = of_status(400, "{\"error\":{\"type\":\"Jane Roe, 12 Elm St\"}}");
    assert_null(strstr(outcome.err.text, "Jane"));
}

static void timeout_of_a_try_with_little_time_says_nothing_of_the_server(UNUSED void **state)
{
    struct try_end end = {.transport = TRANSPORT_TIMEOUT, .detail = ""};

    assert_int_equal(outcome_of(&end).breaker, BREAKER_BAD);
    end.short_time = true;
    assert_int_equal(outcome_of(&end).breaker, BREAKER_NOTHING);
    assert_string_equal(outcome_of(&end).err.reason, "model_timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_ends_with_a_known_reason),
        cmocka_unit_test(only_what_may_pass_is_tried_again),
        cmocka_unit_test(refused_request_is_no_fault_of_the_server),
        cmocka_unit_test(page_with_status_200_is_no_answer),
        cmocka_unit_test(error_names_the_servers_word_and_never_its_message),
        cmocka_unit_test(timeout_of_a_try_with_little_time_says_nothing_of_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
