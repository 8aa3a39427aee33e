/* The statistics of calibration and promises. Pure functions over arrays; the same input gives the same bytes. */
#ifndef TRIAGED_DECIDE_STATS_H
#define TRIAGED_DECIDE_STATS_H

#include <stddef.h>
#include <stdint.h>

#define STATS_ECE_BINS 15

/* One prediction for the top label. */
struct outcome {
    double confidence; /* 0..1 */
    unsigned char correct;
};

struct reliability_bin {
    size_t n;
    double confidence, accuracy; /* means; 0 without rows */
};

/* Expected calibration error of the top label, equal-width bins; bins may be NULL.
 * Source: Guo et al., On calibration of modern neural networks (ICML 2017). */
double stats_ece(const struct outcome *outcomes, size_t n, struct reliability_bin bins[STATS_ECE_BINS]);
/* What a perfectly calibrated model with these confidences would show on average: simulated with a fixed seed. */
double stats_ece_if_perfect(const struct outcome *outcomes, size_t n);

/* From scores to probabilities: softmax(score / t) with t = temperature * exp(slope * largest score). With slope 0 this is
 * plain temperature scaling (Guo et al.); the slope lets texts with much known wording be judged more soberly, and brings
 * the error of linear margins down to what chance alone leaves. */
struct calibration {
    double temperature, slope;
};
void stats_softmax(const float *scores, size_t n, const struct calibration *calibration, double *ret_probabilities);

/* Scores of n rows (stride apart, n_labels each) and the true labels: the calibration with the least mean negative log
 * likelihood, and that mean. Newton's method with analytic derivatives. */
struct scored {
    const float *scores;
    const uint32_t *labels;
    size_t n, n_labels, stride;
};
struct calibration stats_calibrate(const struct scored *scored, double *ret_nll);

/* Regularised incomplete beta function, 0..1. Source: Press et al., Numerical Recipes (continued fraction by Lentz). */
double stats_beta(double a, double b, double x);
/* Upper Clopper-Pearson bound: the largest error rate that k errors of n do not contradict at level delta.
 * Source: Clopper and Pearson (Biometrika 26, 1934). */
double stats_binomial_upper(size_t k, size_t n, double delta);
/* The chance of at most k errors of n at error rate p: the exact p-value against "the rate is p or more". */
double stats_binomial_cdf(size_t k, size_t n, double p);
/* Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. */
double stats_auroc(const double *positives, size_t n_positives, const double *negatives, size_t n_negatives);

/* SplitMix64: a small generator for simulations. Source: Steele et al., Fast splittable pseudorandom number generators
 * (OOPSLA 2014). */
uint64_t stats_random(uint64_t *state);
double stats_random_unit(uint64_t *state); /* [0, 1) */

#endif
