/* How far the review budget gives way: from plans to states, with hysteresis. */
#include "base/attrs.h"
#include "cmocka_all.h"
#include "decide/relief.h"

/* A queue's plans one by one, as the worker would see them. */
struct run {
    enum review_state state, most;
    bool overloaded;
    int streak;
};

static enum review_state plan(struct run *run, bool overloaded)
{
    run->streak = run->streak && run->overloaded == overloaded ? run->streak + 1 : 1;
    run->overloaded = overloaded;
    run->state = relief_next(run->state, run->most, &(struct relief_plan){true, overloaded, run->streak});
    return run->state;
}

static enum review_state plans(struct run *run, bool overloaded, int n)
{
    while (n-- > 0)
        plan(run, overloaded);
    return run->state;
}

static void one_bad_plan_changes_nothing(UNUSED void **state)
{
    struct run run = {.most = REVIEW_OVER};

    assert_int_equal(plan(&run, true), REVIEW_NORMAL);
    assert_int_equal(plan(&run, false), REVIEW_NORMAL);
    for (int i = 0; i < 100; i++)
        assert_int_equal(plan(&run, i % 2 == 0), REVIEW_NORMAL);
}

static void it_gives_way_step_by_step_and_comes_back_step_by_step(UNUSED void **state)
{
    struct run run = {.most = REVIEW_OVER};

    assert_int_equal(plans(&run, true, RELIEF_TIGHT_AFTER), REVIEW_TIGHT);
    assert_int_equal(plans(&run, true, RELIEF_OVER_AFTER - RELIEF_TIGHT_AFTER - 1), REVIEW_TIGHT);
    assert_int_equal(plan(&run, true), REVIEW_OVER);
    assert_int_equal(plans(&run, false, RELIEF_CLEAR_AFTER - 1), REVIEW_OVER);
    assert_int_equal(plan(&run, false), REVIEW_TIGHT);
    assert_int_equal(plans(&run, false, RELIEF_CLEAR_AFTER - 1), REVIEW_TIGHT);
    assert_int_equal(plan(&run, false), REVIEW_NORMAL);
}

static void a_relapse_on_the_way_back_begins_the_count_anew(UNUSED void **state)
{
    struct run run = {.most = REVIEW_OVER};

    plans(&run, true, RELIEF_OVER_AFTER);
    plans(&run, false, RELIEF_CLEAR_AFTER - 1);
    assert_int_equal(plan(&run, true), REVIEW_OVER);
    assert_int_equal(plans(&run, false, RELIEF_CLEAR_AFTER - 1), REVIEW_OVER);
    assert_int_equal(plan(&run, false), REVIEW_TIGHT);
}

static void plans_that_nobody_looked_at_are_counted(UNUSED void **state)
{
    assert_int_equal(relief_next(REVIEW_NORMAL, REVIEW_OVER, &(struct relief_plan){true, true, 100}), REVIEW_TIGHT);
    assert_int_equal(relief_next(REVIEW_TIGHT, REVIEW_OVER, &(struct relief_plan){true, true, 100}), REVIEW_OVER);
    assert_int_equal(relief_next(REVIEW_OVER, REVIEW_OVER, &(struct relief_plan){true, false, 100}), REVIEW_TIGHT);
}

static void without_a_plan_it_is_normal(UNUSED void **state)
{
    for (int now = REVIEW_NORMAL; now < REVIEW_STATES; now++)
        assert_int_equal(relief_next((enum review_state)now, REVIEW_OVER, &(struct relief_plan){false, true, 100}),
                         REVIEW_NORMAL);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Over random plans and policies: never beyond what the policy allows, never two steps at once, never against the plan.
 */
static void it_never_goes_beyond_the_policy_nor_two_steps_at_once(UNUSED void **state)
{
    uint32_t seed = 7;

    for (int i = 0; i < 200000; i++) {
        enum review_state now = (enum review_state)(next_random(&seed) % REVIEW_STATES);
        enum review_state most = (enum review_state)(next_random(&seed) % REVIEW_STATES);
        const struct relief_plan plan = {true, next_random(&seed) % 2, 1 + (int)(next_random(&seed) % 20)};
        enum review_state next = relief_next(now, most, &plan);
        assert_true(next <= most);
        assert_true(next <= now + 1);
        assert_true(plan.overloaded || next <= now);
        assert_true(!plan.overloaded || next >= now || next == most);
        assert_true(plan.overloaded || next + 1 >= now || next == most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bad_plan_changes_nothing),
        cmocka_unit_test(it_gives_way_step_by_step_and_comes_back_step_by_step),
        cmocka_unit_test(a_relapse_on_the_way_back_begins_the_count_anew),
        cmocka_unit_test(plans_that_nobody_looked_at_are_counted),
        cmocka_unit_test(without_a_plan_it_is_normal),
        cmocka_unit_test(it_never_goes_beyond_the_policy_nor_two_steps_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
