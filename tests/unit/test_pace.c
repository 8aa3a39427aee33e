/* The pace of a backfill: what its header promises, on times made up here. */
#include "cmocka_all.h"

#include "base/attrs.h"
#include "flow/pace.h"

enum { SECOND = 1000000 };

/* Sends what it may, as soon as it may, where `waiting` wait, until the end. Returns how many. */
static size_t sent_until(struct pace *pace, size_t waiting, int64_t now_us, int64_t end_us)
{
    size_t sent = 0;

    for (; now_us < end_us; now_us += SECOND / 1000) {
        size_t batch = now_us < pace->due_us ? 0 : pace_batch(pace, waiting);
        if (batch)
            pace_sent(pace, batch, now_us);
        sent += batch;
    }
    return sent;
}

static void the_rate_is_kept_and_never_exceeded(void **state)
{
    static const double rates[] = {0.5, 1, 3, 20, 100, 100000};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        struct pace pace;
        size_t sent;
        pace_init(&pace, rates[i], 0, 0);
        sent = sent_until(&pace, 0, 0, 10 * SECOND);
        assert_true((double)sent <= 10 * rates[i] + (double)pace_batch(&pace, 0));
        assert_true((double)sent >= 9.5 * rates[i]);
    }
}

static void what_was_not_sent_is_not_made_up_for(void **state)
{
    struct pace pace;
    (void)state;

    pace_init(&pace, 20, 10, 0);
    assert_int_equal(sent_until(&pace, 10, 0, 60 * SECOND), 0);
    assert_in_range(sent_until(&pace, 0, 60 * SECOND, 61 * SECOND), 19, 25);
}

static void a_batch_is_never_more_than_what_is_left(void **state)
{
    struct pace pace;
    (void)state;

    pace_init(&pace, 1000, 12, 0);
    for (size_t waiting = 0; waiting < 12; waiting++)
        assert_int_equal(pace_batch(&pace, waiting), 12 - waiting);
    assert_int_equal(pace_batch(&pace, 12), 0);
    assert_int_equal(pace_batch(&pace, PACE_BACKLOG_LIMIT_MAX), 0);
    pace_init(&pace, 8, 12, 0);
    assert_int_equal(pace_batch(&pace, 0), 2);
    assert_int_equal(pace_batch(&pace, 11), 1);
}

static void without_a_bound_only_the_rate_counts(void **state)
{
    struct pace pace;
    (void)state;

    pace_init(&pace, 1000, 0, 0);
    assert_int_equal(pace_batch(&pace, 0), 250);
    assert_int_equal(pace_batch(&pace, PACE_BACKLOG_LIMIT_MAX), 250);
    pace_init(&pace, 100000, 0, 0);
    assert_int_equal(pace_batch(&pace, 0), PACE_BATCH_MAX);
}

static void it_backs_off_longer_and_longer_up_to_a_second(void **state)
{
    struct pace pace;
    int64_t last = 0, wait;
    (void)state;

    pace_init(&pace, 20, 12, 0);
    for (int i = 0; i < 10; i++) {
        wait = pace_backoff(&pace);
        assert_true(wait > last || wait == SECOND);
        last = wait;
    }
    assert_int_equal(last, SECOND);
    pace_sent(&pace, 1, 0);
    assert_true(pace_backoff(&pace) < SECOND / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_kept_and_never_exceeded),
        cmocka_unit_test(what_was_not_sent_is_not_made_up_for),
        cmocka_unit_test(a_batch_is_never_more_than_what_is_left),
        cmocka_unit_test(without_a_bound_only_the_rate_counts),
        cmocka_unit_test(it_backs_off_longer_and_longer_up_to_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
