/* The offset window and its text. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "triage/window.h"

static void base_moves_over_what_is_contiguous(void **state)
{
    struct window window;
    (void)state;

    window_init(&window, 10);
    window_mark(&window, 12, 14);
    assert_int_equal(window.base, 10);
    assert_true(window_is_done(&window, 9));
    assert_false(window_is_done(&window, 11));
    assert_true(window_is_done(&window, 13));
    window_mark(&window, 10, 12);
    assert_int_equal(window.base, 14);
    assert_int_equal(window.n_runs, 0);
    window_free(&window);
}

static void touching_runs_become_one(void **state)
{
    struct window window;
    (void)state;

    window_init(&window, 0);
    window_mark(&window, 5, 6);
    window_mark(&window, 7, 8);
    assert_int_equal(window.n_runs, 2);
    window_mark(&window, 6, 7);
    assert_int_equal(window.n_runs, 1);
    window_mark(&window, 2, 20);
    assert_int_equal(window.n_runs, 1);
    assert_int_equal(window_end(&window), 20);
    assert_int_equal(window.base, 0);
    window_free(&window);
}

static void text_comes_back_as_it_was(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 500; seed++) {
        struct window window, back;
        char text[WINDOW_TEXT_MAX + 1];
        struct err err = {0};
        int takeovers = -1;
        srand(seed);
        window_init(&window, (int64_t)rand() * rand());
        for (int i = 0; i < rand() % 200; i++) {
            int64_t from = window.base + rand() % 5000;
            window_mark(&window, from, from + 1 + rand() % 20);
        }
        assert_int_equal(window_encode(&window, (int)(seed % 9), text, &err), 0);
        assert_int_equal(window_decode(text, window.base, &back, &takeovers, &err), 0);
        assert_int_equal(takeovers, seed % 9);
        assert_true(window_equal(&window, &back));
        window_free(&window);
        window_free(&back);
    }
}

static void text_never_exceeds_its_bound(void **state)
{
    (void)state;
    for (int open = 0; open < 300; open += 7) {
        struct window window;
        char text[WINDOW_TEXT_MAX + 1];
        struct err err = {0};
        window_init(&window, 1000000);
        for (int i = 0; i <= open; i++) /* every second stretch done: the worst that `open` unfinished ones can do */
            window_mark(&window, window.base + 1 + i * 37, window.base + 1 + i * 37 + 36);
        assert_int_equal(window_encode(&window, 999, text, &err), 0);
        assert_true(strlen(text) <= window_text_bound((size_t)open, window_end(&window) - window.base));
        window_free(&window);
    }
}

static void too_many_runs_are_refused_not_cut(void **state)
{
    struct window window;
    char text[WINDOW_TEXT_MAX + 1];
    struct err err = {0};
    (void)state;

    window_init(&window, 0);
    for (int i = 0; i < 3000; i++)
        window_mark(&window, 2 * i + 1, 2 * i + 2);
    assert_int_equal(window_encode(&window, 0, text, &err), -1);
    window_free(&window);
}

static void damaged_or_foreign_text_is_refused(void **state)
{
    struct window window, back;
    char text[WINDOW_TEXT_MAX + 1];
    struct err err = {0};
    int takeovers;
    (void)state;

    window_init(&window, 100);
    window_mark(&window, 105, 130);
    assert_int_equal(window_encode(&window, 1, text, &err), 0);
    assert_int_equal(window_decode(text, 101, &back, &takeovers, &err), -1); /* written for another base */
    for (size_t i = 0; i < strlen(text); i++) {
        char damaged[WINDOW_TEXT_MAX + 1];
        snprintf(damaged, sizeof damaged, "%s", text);
        damaged[i] = damaged[i] == 'Q' ? 'R' : 'Q';
        assert_int_equal(window_decode(damaged, 100, &back, &takeovers, &err), -1);
    }
    assert_int_equal(window_decode("w2.0..00000000", 100, &back, &takeovers, &err), -1);
    assert_int_equal(window_decode("NONE", 100, &back, &takeovers, &err), -1);
    assert_int_equal(window_decode("w1.", 100, &back, &takeovers, &err), -1);
    window_free(&window);
}

static void no_text_is_an_empty_window(void **state)
{
    struct window window;
    struct err err = {0};
    int takeovers = 7;
    (void)state;

    assert_int_equal(window_decode("", 42, &window, &takeovers, &err), 0);
    assert_int_equal(window.base, 42);
    assert_int_equal(takeovers, 0);
    assert_int_equal(window.n_runs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_moves_over_what_is_contiguous), cmocka_unit_test(touching_runs_become_one),
        cmocka_unit_test(text_comes_back_as_it_was),          cmocka_unit_test(text_never_exceeds_its_bound),
        cmocka_unit_test(too_many_runs_are_refused_not_cut),  cmocka_unit_test(damaged_or_foreign_text_is_refused),
        cmocka_unit_test(no_text_is_an_empty_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
