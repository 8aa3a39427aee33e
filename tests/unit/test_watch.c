/* The detector and the watch: when they speak, and whom they name. Run lengths are measured by tests/stats/run_lengths.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "decide/detector.h"
#include "decide/watch.h"

#define MOST 20000
static struct watch_verdict verdicts[MOST];
static size_t n_verdicts;

static int reset(UNUSED void **state)
{
    n_verdicts = 0;
    return 0;
}

static void add(const char *label, size_t n, size_t wrong_each)
{
    for (size_t i = 1; i <= n; i++) {
        struct watch_verdict *one = &verdicts[n_verdicts++];
        *one = (struct watch_verdict){.number = (int64_t)n_verdicts, .wrong = wrong_each && i % wrong_each == 0};
        strcpy(one->label, label);
    }
}

static struct watch_finding judge(const char *label)
{
    struct watch_finding finding;

    watch_judge(verdicts, n_verdicts, label, 0.05, 0.001, &finding);
    return finding;
}

static void nothing_says_nothing(UNUSED void **state)
{
    struct watch_finding finding = judge(NULL);

    assert_false(finding.alarm);
    assert_int_equal(finding.n, 0);
}

static void a_kept_promise_is_quiet(UNUSED void **state)
{
    add("order", 10000, 40);
    assert_false(judge(NULL).alarm);
    assert_int_equal(judge(NULL).errors, 250);
}

static void only_errors_alarm_soon(UNUSED void **state)
{
    struct watch_finding finding;

    add("order", 100, 1);
    finding = judge(NULL);
    assert_true(finding.alarm);
    assert_true(finding.at < 10);
    assert_int_equal(finding.n, finding.at);
}

static void a_long_good_time_makes_nobody_deaf(UNUSED void **state)
{
    struct watch_finding finding;

    add("order", 10000, 0);
    add("order", 1000, 8);
    finding = judge(NULL);
    assert_true(finding.alarm);
    assert_true(finding.at > 10000 && finding.at < 10200);
    assert_true(finding.stretch <= (size_t)finding.at - 9990);
}

static void the_class_that_carries_the_errors_is_named(UNUSED void **state)
{
    struct watch_finding finding;

    for (int i = 0; i < 200; i++) {
        add("good", 4, 0);
        add("bad", 1, 1);
    }
    finding = judge(NULL);
    assert_true(finding.alarm);
    assert_int_equal(finding.n_culprits, 1);
    assert_string_equal(finding.culprits[0], "bad");
}

static void old_errors_of_another_class_are_not_held_against_it(UNUSED void **state)
{
    struct watch_finding finding;

    add("old", 20, 10);
    add("old", 3000, 0);
    add("new", 300, 3);
    finding = judge(NULL);
    assert_true(finding.alarm);
    assert_int_equal(finding.n_culprits, 1);
    assert_string_equal(finding.culprits[0], "new");
}

static void a_class_alone_is_judged_by_its_own(UNUSED void **state)
{
    add("good", 1000, 0);
    add("bad", 100, 2);
    assert_false(judge("good").alarm);
    assert_int_equal(judge("good").n, 1000);
    assert_true(judge("bad").alarm);
    assert_string_equal(judge("bad").culprits[0], "bad");
}

static void the_same_verdicts_give_the_same_finding(UNUSED void **state)
{
    struct watch_finding one, other;

    add("a", 500, 9);
    add("b", 500, 7);
    one = judge(NULL);
    other = judge(NULL);
    assert_memory_equal(&one, &other, sizeof one);
}

static void evidence_stays_finite(UNUSED void **state)
{
    struct detector detector;
    bool alarm = false;

    detector_init(&detector, 0.0001, 1e-9);
    for (int i = 0; i < 100000; i++)
        alarm = detector_feed(&detector, true);
    assert_true(alarm);
    assert_true(detector_evidence(&detector) < 1e301);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_says_nothing, reset),
        cmocka_unit_test_setup(a_kept_promise_is_quiet, reset),
        cmocka_unit_test_setup(only_errors_alarm_soon, reset),
        cmocka_unit_test_setup(a_long_good_time_makes_nobody_deaf, reset),
        cmocka_unit_test_setup(the_class_that_carries_the_errors_is_named, reset),
        cmocka_unit_test_setup(old_errors_of_another_class_are_not_held_against_it, reset),
        cmocka_unit_test_setup(a_class_alone_is_judged_by_its_own, reset),
        cmocka_unit_test_setup(the_same_verdicts_give_the_same_finding, reset),
        cmocka_unit_test_setup(evidence_stays_finite, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
