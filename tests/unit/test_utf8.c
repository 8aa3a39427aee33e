/* Text is cut between characters and counted in code points. */
#include "cmocka_all.h"

#include <string.h>

#include "base/attrs.h"
#include "base/utf8.h"

static const char greeting[] = "Grüße €"; /* 7 characters of 1, 1, 2, 2, 1, 1 and 3 bytes */

static void what_fits_stays_whole(UNUSED void **state)
{
    assert_int_equal(utf8_cut(greeting, strlen(greeting), strlen(greeting)), strlen(greeting));
    assert_int_equal(utf8_cut(greeting, strlen(greeting), 99), strlen(greeting));
    assert_int_equal(utf8_cut("", 0, 0), 0);
}

static void a_cut_never_halves_a_character(UNUSED void **state)
{
    static const size_t ends[] = {0, 1, 2, 2, 4, 4, 6, 7, 8, 8, 8, 11};

    for (size_t max = 0; max < sizeof ends / sizeof *ends; max++)
        assert_int_equal(utf8_cut(greeting, strlen(greeting), max), ends[max]);
}

static void code_points_are_counted(UNUSED void **state)
{
    assert_int_equal(utf8_count(greeting, strlen(greeting)), 7);
    assert_int_equal(utf8_count(greeting, 4), 3);
    assert_int_equal(utf8_count("", 0), 0);
}

static void a_line_has_no_control_characters_and_fits(UNUSED void **state)
{
    char line[10];

    assert_string_equal(utf8_line("a\nb\tc", 5, line, sizeof line), "a b c");
    assert_string_equal(utf8_line(greeting, strlen(greeting), line, sizeof line), "Grüße ");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays_whole),
        cmocka_unit_test(a_cut_never_halves_a_character),
        cmocka_unit_test(code_points_are_counted),
        cmocka_unit_test(a_line_has_no_control_characters_and_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
