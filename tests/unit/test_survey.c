/* The error rate from labels that were drawn with unequal probabilities. */
#include "cmocka_all.h"

#include <math.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/stats.h"
#include "decide/survey.h"

#define CONFIDENCE 0.95

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6;
}

static void equal_weights_give_the_exact_binomial_interval(UNUSED void **state)
{
    struct survey_unit units[100];
    const double population[SURVEY_STRATA_MAX] = {1000};
    struct survey_estimate estimate;

    for (int i = 0; i < 100; i++)
        units[i] = (struct survey_unit){.weight = 10, .wrong = i < 4};
    survey_estimate(units, 100, population, CONFIDENCE, &estimate);
    assert_true(near(estimate.rate, 0.04));
    /* n - 1 in the variance makes the effective size 99: a shade wider than Clopper-Pearson on 100. */
    assert_true(estimate.n_effective > 98.9 && estimate.n_effective < 100.1);
    assert_true(estimate.low < 0.0111 && estimate.low > 0.0105);
    assert_true(estimate.high > 0.0993 && estimate.high < 0.1005);
}

static void without_an_error_the_bound_is_that_of_the_rule_of_three(UNUSED void **state)
{
    struct survey_unit units[60];
    const double population[SURVEY_STRATA_MAX] = {600};
    struct survey_estimate estimate;

    for (int i = 0; i < 60; i++)
        units[i] = (struct survey_unit){.weight = 10};
    survey_estimate(units, 60, population, CONFIDENCE, &estimate);
    assert_true(estimate.rate == 0 && estimate.low == 0);
    assert_true(near(estimate.high, 1 - pow((1 - CONFIDENCE) / 2, 1.0 / 60)));
}

static void an_audit_counts_for_what_it_stands_for(UNUSED void **state)
{
    struct survey_unit units[] = {{1, 0, false}, {1, 0, false}, {20, 1, true}, {20, 1, false}};
    const double population[SURVEY_STRATA_MAX] = {2, 40};
    struct survey_estimate estimate;

    survey_estimate(units, ARRAY_LEN(units), population, CONFIDENCE, &estimate);
    assert_true(near(estimate.rate, 20.0 / 42));
    assert_int_equal(estimate.errors, 1);
    assert_true(estimate.n_effective < 3);
    assert_true(estimate.low > 0 && estimate.high < 1);
}

static void what_nobody_could_label_is_said_and_not_guessed(UNUSED void **state)
{
    struct survey_unit units[] = {{1, 0, false}, {1, 0, true}};
    const double population[SURVEY_STRATA_MAX] = {30, 0, 10};
    struct survey_estimate estimate;

    survey_estimate(units, ARRAY_LEN(units), population, CONFIDENCE, &estimate);
    assert_true(near(estimate.covered, 0.75));
    assert_true(near(estimate.rate, 0.5));
    survey_estimate(units, 0, population, CONFIDENCE, &estimate);
    assert_true(estimate.covered == 0 && estimate.low == 0 && estimate.high == 1);
}

static void quantiles_invert_the_distribution(UNUSED void **state)
{
    static const double shapes[][2] = {{1, 1}, {0.4, 12.5}, {3, 400}, {50, 2}};

    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        for (double p = 0.025; p < 1; p += 0.19)
            assert_true(
                fabs(stats_beta(shapes[i][0], shapes[i][1], survey_beta_quantile(shapes[i][0], shapes[i][1], p)) - p) <
                1e-9);
    }
    assert_true(survey_beta_quantile(0, 5, 0.5) == 0 && survey_beta_quantile(5, 0, 0.5) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_weights_give_the_exact_binomial_interval),
        cmocka_unit_test(without_an_error_the_bound_is_that_of_the_rule_of_three),
        cmocka_unit_test(an_audit_counts_for_what_it_stands_for),
        cmocka_unit_test(what_nobody_could_label_is_said_and_not_guessed),
        cmocka_unit_test(quantiles_invert_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
