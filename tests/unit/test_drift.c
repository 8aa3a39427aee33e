/* Drift: what it learns, when it speaks, what it names, and that it can stop anywhere and go on. False alarms and
 * delays are measured by tests/stats/drift.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/drift.h"
#include "decide/stats.h"

#define REFERENCE 400

static uint64_t seed;
static struct drift *drift;

static int begin(UNUSED void **state)
{
    seed = 3;
    drift = drift_new(&(struct drift_settings){.reference = REFERENCE, .false_alarm = 10000});
    return 0;
}

static int end(UNUSED void **state)
{
    drift_free(drift);
    return 0;
}

/* Orders and refunds; so many of a hundred are refunds. */
static void feed(size_t n, int refunds, double confidence)
{
    for (size_t i = 0; i < n; i++) {
        bool refund = stats_random_unit(&seed) * 100 < refunds;
        drift_take(drift, &(struct drift_sample){.label = refund ? "refund" : "order",
                                                 .language = "en",
                                                 .confidence = confidence + 0.1 * stats_random_unit(&seed),
                                                 .words = 20 + (int64_t)(30 * stats_random_unit(&seed)),
                                                 .unknown_words = 0.2 * stats_random_unit(&seed),
                                                 .retrieval = -1});
    }
}

static size_t events(struct drift_event *last)
{
    struct drift_event event;
    size_t n = 0;

    while (drift_next_event(drift, &event)) {
        *last = event;
        n++;
    }
    return n;
}

static void it_says_nothing_while_it_learns(UNUSED void **state)
{
    struct drift_event event;

    assert_true(drift_learning(drift));
    feed(REFERENCE - 1, 20, 0.8);
    assert_true(drift_learning(drift));
    feed(1, 20, 0.8);
    assert_false(drift_learning(drift));
    assert_int_equal(events(&event), 0);
}

static void traffic_that_stays_is_quiet(UNUSED void **state)
{
    struct drift_event event;

    feed(5000, 20, 0.8);
    assert_int_equal(events(&event), 0);
}

static void a_class_that_grows_is_named_and_capped(UNUSED void **state)
{
    struct drift_event event = {0};
    bool named = false;

    feed(REFERENCE, 20, 0.8);
    feed(1500, 60, 0.8);
    while (drift_next_event(drift, &event)) {
        assert_int_equal(event.reading.signal, DRIFT_LABEL_MIX);
        assert_int_equal(event.caps, event.reading.upwards);
        named |= event.caps && strcmp(event.reading.scope, "refund") == 0;
    }
    assert_true(named);
}

static void less_confidence_is_an_alarm_and_more_is_only_told(UNUSED void **state)
{
    struct drift_event event = {0};

    feed(REFERENCE, 20, 0.8);
    feed(1500, 20, 0.6);
    assert_true(events(&event) > 0);
    assert_int_equal(event.reading.signal, DRIFT_CONFIDENCE);
    assert_true(event.caps);
    assert_false(event.reading.upwards);
    assert_non_null(strstr(event.text, "less sure"));
}

static void an_alarm_is_over_when_the_mean_has_been_back_for_long(UNUSED void **state)
{
    struct drift_event event = {0};

    feed(REFERENCE, 20, 0.8);
    feed(1500, 20, 0.6);
    assert_true(events(&event) > 0);
    feed(3000, 20, 0.8);
    assert_true(events(&event) > 0);
    assert_true(event.over);
    assert_false(event.caps);
}

static void an_alarm_is_told_once(UNUSED void **state)
{
    struct drift_event event;

    feed(REFERENCE, 20, 0.8);
    feed(1500, 60, 0.8);
    assert_true(events(&event) > 0);
    feed(500, 60, 0.8);
    assert_int_equal(events(&event), 0);
}

static void what_is_forgotten_is_learnt_anew(UNUSED void **state)
{
    struct drift_event event;

    feed(REFERENCE, 20, 0.8);
    feed(1500, 60, 0.8);
    assert_true(events(&event) > 0);
    assert_true(drift_forget(drift, DRIFT_LABEL_MIX, "refund"));
    assert_true(drift_forget(drift, DRIFT_LABEL_MIX, "order"));
    assert_false(drift_forget(drift, DRIFT_LABEL_MIX, "no such class"));
    feed(4000, 60, 0.8);
    assert_int_equal(events(&event), 0);
}

static void answers_of_people_count_for_their_class_alone(UNUSED void **state)
{
    struct drift_event event = {0};

    for (size_t i = 0; i < 4000; i++)
        drift_take(drift, &(struct drift_sample){.label = i % 2 ? "order" : "refund",
                                                 .language = "",
                                                 .reviewed = true,
                                                 .overridden = i > 1000 && i % 2 ? i % 4 == 1 : i % 10 == 0});
    assert_true(drift_learning(drift));
    assert_int_equal(events(&event), 1);
    assert_int_equal(event.reading.signal, DRIFT_OVERRIDE);
    assert_string_equal(event.reading.scope, "order");
    assert_true(event.caps);
}

static void its_state_goes_into_a_text_and_back(UNUSED void **state)
{
    struct err err;

    for (int i = 0; i < 30; i++) {
        CLEANUP(mem_freep) char *before = NULL;
        CLEANUP(mem_freep) char *after = NULL;
        struct drift *copy;
        feed(61, i < 15 ? 20 : 60, 0.8);
        before = drift_save(drift);
        assert_int_equal(drift_load(before, &copy, &err), 0);
        after = drift_save(copy);
        assert_string_equal(before, after);
        drift_free(drift);
        drift = copy;
    }
    assert_false(drift_learning(drift));
}

/* jsonb writes 1e120 with 121 digits, and a worker that can't read its state can't start. */
static void a_state_has_no_number_of_many_digits_however_strong_the_drift(UNUSED void **state)
{
    CLEANUP(mem_freep) char *text = NULL;

    feed(REFERENCE, 20, 0.8);
    feed(30000, 100, 0.1);
    text = drift_save(drift);
    for (const char *c = text; (c = strchr(c, 'e')); c++) {
        if (c > text && c[-1] >= '0' && c[-1] <= '9')
            assert_in_range(labs(strtol(c + 1, NULL, 10)), 0, 40);
    }
}

static void a_state_that_is_none_is_an_error(UNUSED void **state)
{
    struct drift *copy;
    struct err err;

    assert_int_equal(drift_load("{}", &copy, &err), -1);
    assert_int_equal(drift_load("nonsense", &copy, &err), -1);
}

static size_t seen;
static void look(UNUSED void *opaque, const struct drift_reading *reading)
{
    seen++;
    if (reading->learning)
        return;
    assert_true(reading->low <= reading->reference && reading->reference <= reading->high);
    assert_true(reading->evidence >= 0 && reading->evidence < 1);
}

static void readings_say_where_each_signal_stands(UNUSED void **state)
{
    seen = 0;
    feed(3000, 20, 0.8);
    drift_each(drift, look, NULL);
    assert_in_range(seen, 8, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_nothing_while_it_learns, begin, end),
        cmocka_unit_test_setup_teardown(traffic_that_stays_is_quiet, begin, end),
        cmocka_unit_test_setup_teardown(a_class_that_grows_is_named_and_capped, begin, end),
        cmocka_unit_test_setup_teardown(less_confidence_is_an_alarm_and_more_is_only_told, begin, end),
        cmocka_unit_test_setup_teardown(an_alarm_is_over_when_the_mean_has_been_back_for_long, begin, end),
        cmocka_unit_test_setup_teardown(an_alarm_is_told_once, begin, end),
        cmocka_unit_test_setup_teardown(what_is_forgotten_is_learnt_anew, begin, end),
        cmocka_unit_test_setup_teardown(answers_of_people_count_for_their_class_alone, begin, end),
        cmocka_unit_test_setup_teardown(its_state_goes_into_a_text_and_back, begin, end),
        cmocka_unit_test_setup_teardown(a_state_has_no_number_of_many_digits_however_strong_the_drift, begin, end),
        cmocka_unit_test_setup_teardown(a_state_that_is_none_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(readings_say_where_each_signal_stands, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
