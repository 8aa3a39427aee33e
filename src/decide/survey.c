/* Weights, their mean of errors, and how many equal draws they are worth. */
#include "decide/survey.h"

#include <math.h>

#include "decide/stats.h"

#define QUANTILE_STEPS 100

double survey_beta_quantile(double a, double b, double p)
{
    double low = 0, high = 1;

    if (a <= 0)
        return 0;
    if (b <= 0)
        return 1;
    for (int i = 0; i < QUANTILE_STEPS; i++) {
        double middle = (low + high) / 2;
        if (stats_beta(a, b, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* Within a stratum the weights keep their proportions and add up to what it holds. */
static void set_strata_right(struct survey_unit *units, size_t n, const double population[SURVEY_STRATA_MAX],
                             struct survey_estimate *estimate)
{
    double sums[SURVEY_STRATA_MAX] = {0}, all = 0, covered = 0;

    for (size_t i = 0; i < n; i++)
        sums[units[i].stratum] += units[i].weight;
    for (unsigned s = 0; s < SURVEY_STRATA_MAX; s++) {
        all += population[s];
        covered += sums[s] > 0 ? population[s] : 0;
    }
    for (size_t i = 0; i < n; i++)
        units[i].weight *= population[units[i].stratum] / sums[units[i].stratum];
    estimate->covered = all > 0 ? covered / all : 0;
}

/* The variance of Hájek's ratio by linearisation, without a correction for a finite population: the promise is about
 * tickets to come. */
static double variance(const struct survey_unit *units, size_t n, double rate, double sum)
{
    double squares = 0;

    for (size_t i = 0; i < n; i++) {
        double part = units[i].weight * ((double)units[i].wrong - rate);
        squares += part * part;
    }
    return n > 1 ? squares / (sum * sum) * (double)n / (double)(n - 1) : 0;
}

static double effective(const struct survey_unit *units, size_t n, double rate, double sum)
{
    double squares = 0, kish, spread = variance(units, n, rate, sum);

    for (size_t i = 0; i < n; i++)
        squares += units[i].weight * units[i].weight;
    kish = sum * sum / squares;
    return spread > 0 && rate > 0 && rate < 1 ? fmin(fmin(rate * (1 - rate) / spread, kish), (double)n) : kish;
}

void survey_estimate(struct survey_unit *units, size_t n, const double population[SURVEY_STRATA_MAX], double confidence,
                     struct survey_estimate *ret)
{
    struct survey_estimate estimate = {.n = n, .high = 1};
    double sum = 0, wrong = 0, tail = (1 - confidence) / 2, hits;

    set_strata_right(units, n, population, &estimate);
    for (size_t i = 0; i < n; i++) {
        sum += units[i].weight;
        wrong += units[i].wrong ? units[i].weight : 0;
        estimate.errors += units[i].wrong;
    }
    if (sum > 0) {
        estimate.rate = wrong / sum;
        estimate.n_effective = effective(units, n, estimate.rate, sum);
        hits = estimate.rate * estimate.n_effective;
        estimate.low = survey_beta_quantile(hits, estimate.n_effective - hits + 1, tail);
        estimate.high = survey_beta_quantile(hits + 1, estimate.n_effective - hits, 1 - tail);
    }
    *ret = estimate;
}
