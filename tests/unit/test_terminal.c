/* What a terminal shows: widths, cuts, texts made harmless, times in words, tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "cmd/columns.h"
#include "cmd/terminal.h"

static void expect_clean(const char *text, bool lines, const char *wanted)
{
    struct buf out = {0};

    terminal_clean(text, lines, &out);
    assert_string_equal(buf_str(&out), wanted);
    buf_free(&out);
}

static void a_text_moves_no_cursor(void **state)
{
    (void)state;
    expect_clean("a\033[2Jb\033]0;x\007c\rd", true, "a[2Jb]0;xcd");
    expect_clean("\xc2\x9b"
                 "31mred",
                 true, "31mred"); /* C1: CSI in one character */
    expect_clean("one\ntwo\tthree", true, "one\ntwo three");
    expect_clean("one\ntwo\tthree", false, "one two three");
}

static void a_text_turns_no_direction_and_hides_nothing(void **state)
{
    (void)state;
    expect_clean("a\xe2\x80\xae"
                 "b\xe2\x81\xa6"
                 "c\xe2\x80\x8b"
                 "d\xf3\xa0\x81\xa1"
                 "e",
                 false, "abcde");
    expect_clean("\xff\xc0\xaf", false, "???");
    expect_clean("\xe6\xbc", false, "??"); /* cut in the middle of a character */
}

static void widths_are_those_of_the_screen(void **state)
{
    (void)state;
    assert_int_equal(terminal_width("abc"), 3);
    assert_int_equal(terminal_width("\xc3\xa9"), 1);         /* é */
    assert_int_equal(terminal_width("e\xcc\x81"), 1);        /* e and a combining acute */
    assert_int_equal(terminal_width("\xe6\xbc\xa2"), 2);     /* a Chinese character */
    assert_int_equal(terminal_width("\xf0\x9f\x99\x82"), 2); /* an emoji */
    assert_int_equal(terminal_fit("a\xe6\xbc\xa2z", 2), 1);  /* no half of a wide one */
    assert_int_equal(terminal_fit("e\xcc\x81z", 1), 3);      /* a mark stays with its letter */
}

static void times_are_in_words(void **state)
{
    static const struct {
        double seconds;
        const char *span, *due;
    } rows[] = {{0, "0 s", "in 0 s"},       {119, "119 s", "in 119 s"},
                {121, "2 min", "in 2 min"}, {7199, "119 min", "in 119 min"},
                {7200, "2 h", "in 2 h"},    {-10900, "3 h", "3 h late"},
                {200000, "2 d", "in 2 d"},  {-3e9, "34722 d", "34722 d late"}};
    char text[TERMINAL_SPAN_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(terminal_span(rows[i].seconds, text), rows[i].span);
        assert_string_equal(terminal_due(rows[i].seconds, text), rows[i].due);
    }
}

static char *printed(const struct columns *table, int width)
{
    const struct terminal terminal = {.width = width};
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    assert_non_null(memory);
    columns_print(table, &terminal, memory);
    fclose(memory);
    return text;
}

static void a_table_is_cut_where_it_may_be(void **state)
{
    static const struct column titles[] = {{"n", true, false}, {"name", false, true}, {"state", false, false}};
    const char *const one[] = {"7", "a\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2", "open"},
                      *const two[] = {"12", "b", NULL};
    struct columns *table = columns_new(titles, ARRAY_LEN(titles));
    char *whole, *cut;

    (void)state;
    columns_add(table, one, TINT_RED);
    columns_add(table, two, TINT_PLAIN);
    assert_int_equal(columns_rows(table), 2);
    whole = printed(table, 0);
    cut = printed(table, 18);
    assert_string_equal(whole, " n  name         state\n"
                               " 7  a\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2  open\n"
                               "12  b            \n");
    assert_string_equal(cut, " n  name      state\n"
                             " 7  a\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2…  open\n"
                             "12  b         \n");
    free(whole);
    free(cut);
    columns_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_moves_no_cursor),         cmocka_unit_test(a_text_turns_no_direction_and_hides_nothing),
        cmocka_unit_test(widths_are_those_of_the_screen), cmocka_unit_test(times_are_in_words),
        cmocka_unit_test(a_table_is_cut_where_it_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
