/* Calibration error, temperature, exact binomial bounds, ranking. */
#include "decide/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "decide/linear.h"

#define PERFECT_DRAWS 200      /* simulated data sets */
#define PERFECT_SEED 20260101
#define TEMPERATURE_LOW 0.01
#define TEMPERATURE_HIGH 10.0
#define TEMPERATURE_STEPS 60   /* of the golden section: the interval shrinks by .618 each */
#define GOLDEN 0.6180339887498949
#define LIKELIHOOD_LEAST 1e-9  /* one impossible row must not decide alone */
#define BETA_STEPS 500
#define BETA_TINY 1e-300
#define BETA_EPS 1e-14
#define BISECTIONS 100

/* ---- calibration error ---- */

static size_t bin_of(double confidence)
{
    size_t bin = (size_t)(confidence * STATS_ECE_BINS);

    return bin < STATS_ECE_BINS ? bin : STATS_ECE_BINS - 1;
}

double stats_ece(const struct outcome *outcomes, size_t n, struct reliability_bin bins[STATS_ECE_BINS])
{
    struct reliability_bin sums[STATS_ECE_BINS] = {0};
    double ece = 0;

    for (size_t i = 0; i < n; i++) {
        struct reliability_bin *bin = &sums[bin_of(outcomes[i].confidence)];
        bin->n++;
        bin->confidence += outcomes[i].confidence;
        bin->accuracy += outcomes[i].correct;
    }
    for (size_t b = 0; b < STATS_ECE_BINS && n > 0; b++) {
        ece += fabs(sums[b].accuracy - sums[b].confidence) / (double)n;
        if (sums[b].n > 0) {
            sums[b].confidence /= (double)sums[b].n;
            sums[b].accuracy /= (double)sums[b].n;
        }
    }
    if (bins)
        memcpy(bins, sums, sizeof sums);
    return ece;
}

double stats_ece_if_perfect(const struct outcome *outcomes, size_t n)
{
    struct outcome *drawn = mem_array(n, sizeof *drawn);
    uint64_t state = PERFECT_SEED;
    double sum = 0;

    for (int draw = 0; draw < PERFECT_DRAWS; draw++) {
        for (size_t i = 0; i < n; i++) {
            drawn[i].confidence = outcomes[i].confidence;
            drawn[i].correct = stats_random_unit(&state) < outcomes[i].confidence;
        }
        sum += stats_ece(drawn, n, NULL);
    }
    mem_free(drawn);
    return sum / PERFECT_DRAWS;
}

/* ---- temperature ---- */

static double nll_of_row(const float *scores, size_t n_labels, uint32_t label, double temperature)
{
    double max = (double)scores[0], sum = 0, likelihood;

    for (size_t k = 1; k < n_labels; k++)
        max = (double)scores[k] > max ? (double)scores[k] : max;
    for (size_t k = 0; k < n_labels; k++)
        sum += exp(((double)scores[k] - max) / temperature);
    likelihood = exp(((double)scores[label] - max) / temperature) / sum;
    return -log(likelihood > LIKELIHOOD_LEAST ? likelihood : LIKELIHOOD_LEAST);
}

static double nll(const struct scored *scored, double temperature)
{
    double sum = 0;

    for (size_t i = 0; i < scored->n; i++)
        sum += nll_of_row(scored->scores + i * scored->stride, scored->n_labels, scored->labels[i], temperature);
    return scored->n ? sum / (double)scored->n : 0;
}

/* Golden section over the logarithm of the temperature. */
double stats_temperature(const struct scored *scored, double *ret_nll)
{
    double low = log(TEMPERATURE_LOW), high = log(TEMPERATURE_HIGH);
    double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
    double at_a = nll(scored, exp(a)), at_b = nll(scored, exp(b));

    for (int i = 0; i < TEMPERATURE_STEPS && high - low > 1e-4; i++) {
        if (at_a < at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - GOLDEN * (high - low);
            at_a = nll(scored, exp(a));
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + GOLDEN * (high - low);
            at_b = nll(scored, exp(b));
        }
    }
    *ret_nll = at_a < at_b ? at_a : at_b;
    return exp((low + high) / 2);
}

/* ---- the binomial ---- */

static double away_from_zero(double x)
{
    return fabs(x) < BETA_TINY ? BETA_TINY : x;
}

static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;

    for (int m = 1; m <= BETA_STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change;
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        h *= d * c;
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        change = d * c;
        h *= change;
        if (fabs(change - 1) < BETA_EPS)
            break;
    }
    return h;
}

double stats_beta(double a, double b, double x)
{
    double front;

    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double stats_binomial_cdf(size_t k, size_t n, double p)
{
    if (k >= n)
        return 1;
    return stats_beta((double)(n - k), (double)k + 1, 1 - p);
}

double stats_binomial_upper(size_t k, size_t n, double delta)
{
    double low = 0, high = 1;

    if (k >= n)
        return 1;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (stats_binomial_cdf(k, n, middle) > delta)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* ---- ranking ---- */

struct ranked {
    double score;
    unsigned char positive;
};

static int by_score(const void *a, const void *b)
{
    double one = ((const struct ranked *)a)->score, other = ((const struct ranked *)b)->score;

    return (one > other) - (one < other);
}

/* The rank sum of the positives, ties at their middle rank. */
static double rank_sum(const struct ranked *all, size_t n)
{
    double sum = 0;

    for (size_t i = 0, end; i < n; i = end) {
        size_t positives = 0;
        for (end = i; end < n && all[end].score == all[i].score; end++)
            positives += all[end].positive;
        sum += (double)positives * ((double)(i + 1) + (double)end) / 2;
    }
    return sum;
}

double stats_auroc(const double *positives, size_t n_positives, const double *negatives, size_t n_negatives)
{
    size_t n = n_positives + n_negatives;
    struct ranked *all = mem_array(n, sizeof *all);
    double p = (double)n_positives, result;

    for (size_t i = 0; i < n_positives; i++)
        all[i] = (struct ranked){positives[i], 1};
    for (size_t i = 0; i < n_negatives; i++)
        all[n_positives + i] = (struct ranked){negatives[i], 0};
    qsort(all, n, sizeof *all, by_score);
    result = n_positives && n_negatives ? (rank_sum(all, n) - p * (p + 1) / 2) / (p * (double)n_negatives) : 0;
    mem_free(all);
    return result;
}

/* ---- random numbers ---- */

uint64_t stats_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

double stats_random_unit(uint64_t *state)
{
    return (double)(stats_random(state) >> 11) * 0x1.0p-53;
}
