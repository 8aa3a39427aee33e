/* Patterns under limits: what the text of strangers can't do to whoever searches it. */
#include "cmocka_all.h"

#include <string.h>

#include "base/attrs.h"
#include "base/pattern.h"

static int find(const char *pattern, unsigned how, const struct pattern_limits *limits, const char *text)
{
    struct pattern_fault fault;
    struct pattern *self = pattern_new(pattern, strlen(pattern), how, &fault);
    struct pattern_scratch *scratch = pattern_scratch_new(limits);
    int rc;

    assert_non_null(self);
    rc = pattern_matches(self, scratch, text, strlen(text));
    pattern_scratch_free(scratch);
    pattern_free(self);
    return rc;
}

static void a_text_that_is_too_hard_ends_at_the_limit(UNUSED void **state)
{
    static const struct pattern_limits few = {.match = 1000}, shallow = {.depth = 10}, none = {0};
    static const char hard[] = "aaaaaaaaaaaaaaaaaaaaaaaa!";

    assert_true(find("^(a+)+$", 0, &few, hard) < 0);
    assert_true(find("^(a+)+$", PATTERN_FAST, &few, hard) < 0);
    assert_true(find("^(a|b)+c", 0, &shallow, "aaaaaaaaaaaaaaaaaaaaaaaa!c") < 0);
    assert_int_equal(find("a+!", 0, &none, hard), 1);
}

static void how_it_is_read_is_said_with_the_pattern(UNUSED void **state)
{
    static const struct pattern_limits limits = {.match = 1000};
    struct pattern_fault fault;

    assert_int_equal(find("grund", 0, &limits, "Grund"), 0);
    assert_int_equal(find("grund", PATTERN_ANY_CASE, &limits, "Grund"), 1);
    assert_int_equal(find("^.$", PATTERN_UTF, &limits, "\xc3\xa4"), 1);
    assert_int_equal(find("^.$", 0, &limits, "\xc3\xa4"), 0);
    assert_true(find("b", PATTERN_UTF, &limits,
                     "\xff"
                     "b") < 0);
    assert_int_equal(find("b", PATTERN_UTF | PATTERN_ANY_BYTES, &limits,
                          "\xff"
                          "b"),
                     1);
    assert_null(pattern_new("a\\Cb", 4, PATTERN_UTF | PATTERN_WHOLE_ONLY, &fault));
    assert_null(pattern_new("ab(c", 4, 0, &fault));
    assert_int_equal(fault.at, 4);
    assert_true(fault.code > 0 && *fault.text);
}

static void what_is_found_is_told_by_its_bytes_and_stays_within_them(UNUSED void **state)
{
    static const struct pattern_limits limits = {.match = 1000};
    struct pattern_fault fault;
    struct pattern *self = pattern_new("\\bb+", 4, 0, &fault);
    struct pattern_scratch *scratch = pattern_scratch_new(&limits);
    size_t span[2] = {0};

    assert_int_equal(pattern_find(self, scratch, "bb a bbb", 1, 8, false, span), 1);
    assert_int_equal(span[0], 5); /* the begin of the text is looked at: no word begins at 1 */
    assert_int_equal(span[1], 8);
    assert_int_equal(pattern_find(self, scratch, "bb a bbb", 0, 1, true, span), 1);
    assert_int_equal(span[1], 1);
    assert_int_equal(pattern_find(self, scratch, "bb a bbb", 3, 8, true, span), 0);
    pattern_scratch_free(scratch);
    pattern_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_too_hard_ends_at_the_limit),
        cmocka_unit_test(how_it_is_read_is_said_with_the_pattern),
        cmocka_unit_test(what_is_found_is_told_by_its_bytes_and_stays_within_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
