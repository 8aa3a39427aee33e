/* The statistics, on data whose truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/stats.h"

#define DRAWS 2000
#define SEED 7

static void near(double got, double want, double tolerance)
{
    if (fabs(got - want) > tolerance)
        fail_msg("got %.10g, want %.10g within %g", got, want, tolerance);
}

static void beta_agrees_with_closed_forms(UNUSED void **state)
{
    near(stats_beta(1, 1, 0.3), 0.3, 1e-12);
    near(stats_beta(2, 1, 0.3), 0.09, 1e-12);
    near(stats_beta(1, 3, 0.2), 1 - pow(0.8, 3), 1e-12);
    near(stats_beta(5, 3, 0.4), 1 - stats_beta(3, 5, 0.6), 1e-12);
    near(stats_beta(2000, 30, 0.985), 0.443605075172, 1e-9); /* the exact sum, by fractions */
}

static void binomial_cdf_agrees_with_its_sum(UNUSED void **state)
{
    const double p = 0.07;
    double sum = 0, term = pow(1 - p, 40);

    for (size_t k = 0; k < 40; k++) {
        sum += term;
        near(stats_binomial_cdf(k, 40, p), sum, 1e-10);
        term *= (double)(40 - k) / (double)(k + 1) * p / (1 - p);
    }
    near(stats_binomial_cdf(40, 40, p), 1, 0);
}

static void upper_bound_of_no_errors_is_the_rule_of_three(UNUSED void **state)
{
    near(stats_binomial_upper(0, 100, 0.05), 1 - pow(0.05, 0.01), 1e-9);
    near(stats_binomial_upper(5, 100, 0.05), 0.1022534, 1e-5);
    near(stats_binomial_upper(3, 3, 0.1), 1, 0);
}

/* The bound lies below the true rate in at most delta of all samples. */
static void upper_bound_holds_as_often_as_it_says(UNUSED void **state)
{
    const double rate = 0.05, delta = 0.1;
    uint64_t random = SEED;
    size_t broken = 0;

    for (int draw = 0; draw < DRAWS; draw++) {
        size_t errors = 0;
        for (int i = 0; i < 300; i++)
            errors += stats_random_unit(&random) < rate;
        broken += stats_binomial_upper(errors, 300, delta) < rate;
    }
    assert_true(broken > 0);
    assert_true((double)broken / DRAWS <= delta + 3 * sqrt(delta * (1 - delta) / DRAWS));
}

static void calibration_error_of_a_known_shift_is_the_shift(UNUSED void **state)
{
    struct outcome outcomes[1000];

    for (size_t i = 0; i < 1000; i++)
        outcomes[i] = (struct outcome){.confidence = 0.9, .correct = i % 10 < 8};
    near(stats_ece(outcomes, 1000, NULL), 0.1, 1e-9);
    near(stats_ece(outcomes, 0, NULL), 0, 0);
}

static void perfectly_calibrated_data_show_about_what_is_expected(UNUSED void **state)
{
    struct outcome *outcomes = mem_array(5000, sizeof *outcomes);
    uint64_t random = SEED;

    for (size_t i = 0; i < 5000; i++) {
        outcomes[i].confidence = 0.3 + 0.7 * stats_random_unit(&random);
        outcomes[i].correct = stats_random_unit(&random) < outcomes[i].confidence;
    }
    near(stats_ece(outcomes, 5000, NULL), stats_ece_if_perfect(outcomes, 5000), 0.012);
    mem_free(outcomes);
}

/* Labels drawn from softmax(score / t), t = 0.4 exp(0.5 largest): both are found again. */
static void calibration_is_found_again(UNUSED void **state)
{
    enum { N = 40000, LABELS = 4 };
    const struct calibration truth = {0.4, 0.5};
    float *scores = mem_array(N * LABELS, sizeof *scores);
    uint32_t *labels = mem_array(N, sizeof *labels);
    const struct scored scored = {scores, labels, N, LABELS, LABELS};
    struct calibration found;
    uint64_t random = SEED;
    double nll;

    for (size_t i = 0; i < N; i++) {
        double probabilities[LABELS], draw;
        for (size_t k = 0; k < LABELS; k++)
            scores[i * LABELS + k] = (float)(2 * stats_random_unit(&random) - 1);
        stats_softmax(scores + i * LABELS, LABELS, &truth, probabilities);
        draw = stats_random_unit(&random);
        for (labels[i] = 0; labels[i] + 1 < LABELS && draw >= probabilities[labels[i]]; labels[i]++)
            draw -= probabilities[labels[i]];
    }
    found = stats_calibrate(&scored, &nll);
    near(found.temperature, truth.temperature, 0.02);
    near(found.slope, truth.slope, 0.08);
    assert_true(nll > 0);
    mem_free(scores);
    mem_free(labels);
}

static void calibration_survives_data_without_errors(UNUSED void **state)
{
    const float scores[] = {1, -1, -1, 1, 2, -2, -2, 2};
    const uint32_t labels[] = {0, 1, 0, 1};
    const struct scored scored = {scores, labels, 4, 2, 2};
    double nll, probabilities[2];
    struct calibration found = stats_calibrate(&scored, &nll);

    stats_softmax(scores, 2, &found, probabilities);
    assert_true(isfinite(found.temperature) && isfinite(found.slope) && isfinite(nll));
    assert_true(probabilities[0] > 0.99 && probabilities[0] <= 1);
}

static void auroc_counts_ties_half(UNUSED void **state)
{
    const double positives[] = {3, 2, 2}, negatives[] = {1, 2};

    near(stats_auroc(positives, 3, negatives, 2), (2 + 1.5 + 1.5) / 6.0, 1e-12);
    near(stats_auroc(positives, 3, negatives, 0), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta_agrees_with_closed_forms),
        cmocka_unit_test(binomial_cdf_agrees_with_its_sum),
        cmocka_unit_test(upper_bound_of_no_errors_is_the_rule_of_three),
        cmocka_unit_test(upper_bound_holds_as_often_as_it_says),
        cmocka_unit_test(calibration_error_of_a_known_shift_is_the_shift),
        cmocka_unit_test(perfectly_calibrated_data_show_about_what_is_expected),
        cmocka_unit_test(calibration_is_found_again),
        cmocka_unit_test(calibration_survives_data_without_errors),
        cmocka_unit_test(auroc_counts_ties_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
