/* Times as they are written in tickets, records and answers. */
#include "base/attrs.h"
#include "base/clock.h"
#include "cmocka_all.h"

static int64_t read(const char *text)
{
    int64_t us = -1;

    return clock_parse(text, &us) == 0 ? us : -1;
}

static void a_time_is_read_as_it_was_written(UNUSED void **state)
{
    char out[CLOCK_RFC3339_MAX];

    assert_string_equal(clock_rfc3339(read("2026-11-23T15:24:00.123Z"), out), "2026-11-23T15:24:00.123Z");
    assert_int_equal(read("1970-01-01T00:00:01Z"), 1000000);
    assert_int_equal(read("2028-03-01T00:00:00Z") - read("2028-02-29T00:00:00Z"), 86400 * 1000000LL);
}

static void a_zone_is_taken_off(UNUSED void **state)
{
    assert_int_equal(read("2026-11-23T16:24:00+01:00"), read("2026-11-23T15:24:00Z"));
    assert_int_equal(read("2026-11-23T10:54:00-04:30"), read("2026-11-23T15:24:00Z"));
}

static void small_letters_and_a_blank_are_as_good(UNUSED void **state)
{
    assert_int_equal(read("2026-11-23t15:24:00z"), read("2026-11-23T15:24:00Z"));
    assert_int_equal(read("2026-11-23 15:24:00Z"), read("2026-11-23T15:24:00Z"));
}

static void a_fraction_is_cut_at_microseconds(UNUSED void **state)
{
    assert_int_equal(read("1970-01-01T00:00:00.1234567Z"), 123456);
    assert_int_equal(read("1970-01-01T00:00:00.5Z"), 500000);
}

static void what_is_no_time_is_refused(UNUSED void **state)
{
    static const char *const wrong[] = {"",
                                        "2026-11-23",
                                        "2026-11-23T15:24:00",
                                        "2026-11-23T15:24Z",
                                        "2026-13-23T15:24:00Z",
                                        "2026-11-00T15:24:00Z",
                                        "2026-02-29T15:24:00Z",
                                        "2026-11-31T15:24:00Z",
                                        "2026-11-23T24:24:00Z",
                                        "2026-11-23T15:60:00Z",
                                        "2026-11-23T15:24:61Z",
                                        "2026-11-23T15:24:00.Z",
                                        "2026-11-23T15:24:00+1:00",
                                        "2026-11-23T15:24:00+24:00",
                                        "2026-11-23T15:24:00Z ",
                                        "+026-11-23T15:24:00Z",
                                        "yesterday"};

    assert_int_equal(read(NULL), -1);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(read(wrong[i]), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_read_as_it_was_written), cmocka_unit_test(a_zone_is_taken_off),
        cmocka_unit_test(small_letters_and_a_blank_are_as_good), cmocka_unit_test(a_fraction_is_cut_at_microseconds),
        cmocka_unit_test(what_is_no_time_is_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
