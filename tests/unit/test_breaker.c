/* The breaker and the backoff, with a clock of the test's own. */
#include "cmocka_all.h"

#include "base/attrs.h"
#include "model/backoff.h"
#include "model/breaker.h"

enum { LIMIT = 3, OPEN_US = 1000, DRAWS = 2000 };

static struct breaker opened_at(int64_t now)
{
    struct breaker breaker = {.limit = LIMIT, .open_us = OPEN_US};

    for (int i = 0; i < LIMIT; i++)
        breaker_failure(&breaker, false, now);
    return breaker;
}

static void breaker_opens_after_failures_in_a_row_only(UNUSED void **state)
{
    struct breaker breaker = {.limit = LIMIT, .open_us = OPEN_US};

    for (int round = 0; round < 10; round++) {
        breaker_failure(&breaker, false, 5);
        breaker_failure(&breaker, false, 6);
        breaker_success(&breaker);
    }
    assert_false(breaker_open(&breaker, 7));
    breaker = opened_at(7);
    assert_true(breaker_open(&breaker, 7));
    assert_true(breaker_open(&breaker, 7 + OPEN_US - 1));
    assert_false(breaker_open(&breaker, 7 + OPEN_US));
}

static void half_open_breaker_lets_one_probe_through(UNUSED void **state)
{
    struct breaker breaker = opened_at(7);
    bool probe = false;

    assert_false(breaker_admit(&breaker, 8, &probe));
    assert_true(breaker_admit(&breaker, 7 + OPEN_US, &probe));
    assert_true(probe);
    assert_false(breaker_admit(&breaker, 7 + OPEN_US, &probe));
    assert_false(breaker_admit(&breaker, 7 + 50 * OPEN_US, &probe));
}

static void good_probe_closes_and_bad_probe_opens_again(UNUSED void **state)
{
    struct breaker breaker = opened_at(7);
    bool probe = false;

    assert_true(breaker_admit(&breaker, 2000, &probe));
    breaker_failure(&breaker, probe, 2100);
    assert_true(breaker_open(&breaker, 2100 + OPEN_US - 1));
    assert_true(breaker_admit(&breaker, 2100 + OPEN_US, &probe));
    breaker_success(&breaker);
    assert_true(breaker_admit(&breaker, 2100 + OPEN_US, &probe));
    assert_false(probe);
    assert_true(breaker_admit(&breaker, 2100 + OPEN_US, &probe));
}

static void late_failures_do_not_keep_the_breaker_open(UNUSED void **state)
{
    struct breaker breaker = opened_at(7);
    bool probe = false;

    breaker_failure(&breaker, false, 7 + OPEN_US - 1);
    assert_false(breaker_open(&breaker, 7 + OPEN_US));
    assert_true(breaker_admit(&breaker, 7 + OPEN_US, &probe));
    breaker_failure(&breaker, false, 7 + OPEN_US + 1); /* not the probe's: the probe is still out */
    assert_false(breaker_admit(&breaker, 7 + OPEN_US + 2, &(bool){false}));
    breaker_success(&breaker);
    assert_false(breaker_open(&breaker, 7 + OPEN_US + 3));
}

static void cancelled_probe_makes_room_for_another(UNUSED void **state)
{
    struct breaker breaker = opened_at(7);
    bool probe = false;

    assert_true(breaker_admit(&breaker, 5000, &probe));
    breaker_forget(&breaker, false); /* another call was cancelled */
    assert_true(breaker_open(&breaker, 5000));
    breaker_forget(&breaker, probe);
    assert_true(breaker_admit(&breaker, 5000, &probe));
    assert_true(probe);
}

static void backoff_stays_within_its_doubling_bound(UNUSED void **state)
{
    uint64_t seed = 1;

    for (int tries = 0; tries < 70; tries++) {
        int64_t bound = tries < 5 ? (int64_t)BACKOFF_BASE_US << tries : BACKOFF_CAP_US;
        for (int i = 0; i < DRAWS / 70; i++) {
            int64_t wait = backoff_us(tries, &seed);
            assert_true(wait >= 0 && wait < bound);
        }
    }
}

static void backoff_spreads_over_its_whole_range(UNUSED void **state)
{
    uint64_t seed = 7;
    int quarters[4] = {0};

    for (int i = 0; i < DRAWS; i++)
        quarters[backoff_us(0, &seed) * 4 / BACKOFF_BASE_US]++;
    for (int i = 0; i < 4; i++)
        assert_in_range(quarters[i], DRAWS / 5, DRAWS * 3 / 10);
}

static void backoff_of_one_seed_can_be_replayed(UNUSED void **state)
{
    uint64_t one = 99, two = 99;

    for (int i = 0; i < 100; i++)
        assert_int_equal(backoff_us(i % 6, &one), backoff_us(i % 6, &two));
}

static void retry_waits_for_the_server_and_never_beyond_the_deadline(UNUSED void **state)
{
    uint64_t seed = 3;
    int64_t at = -1;

    assert_true(backoff_next(1, 2, 100, 2000101, &seed, &at));
    assert_int_equal(at, 2000100);
    at = -1;
    assert_false(backoff_next(1, 2, 100, 2000100, &seed, &at));
    assert_false(backoff_next(1, INT64_MAX, 100, INT64_MAX, &seed, &at));
    assert_false(backoff_next(1, 0, 100, 100, &seed, &at));
    assert_int_equal(at, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaker_opens_after_failures_in_a_row_only),
        cmocka_unit_test(half_open_breaker_lets_one_probe_through),
        cmocka_unit_test(good_probe_closes_and_bad_probe_opens_again),
        cmocka_unit_test(late_failures_do_not_keep_the_breaker_open),
        cmocka_unit_test(cancelled_probe_makes_room_for_another),
        cmocka_unit_test(backoff_stays_within_its_doubling_bound),
        cmocka_unit_test(backoff_spreads_over_its_whole_range),
        cmocka_unit_test(backoff_of_one_seed_can_be_replayed),
        cmocka_unit_test(retry_waits_for_the_server_and_never_beyond_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
