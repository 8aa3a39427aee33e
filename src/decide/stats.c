/* Calibration error, temperature, exact binomial bounds, ranking. */
#include "decide/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PERFECT_DRAWS 200      /* simulated data sets */
#define PERFECT_SEED 20260101
#define TEMPERATURE_START 0.2
#define LOG_TEMPERATURE_LOW (-7.0)
#define LOG_TEMPERATURE_HIGH 5.0
#define NEWTON_STEPS 50
#define STEP_MOST 2.0     /* of log temperature and slope together */
#define STEP_LEAST 1e-6
#define LOSS_EPS 1e-9
#define LOSS_MOST 20.0    /* one impossible row must not decide alone */
#define BETA_STEPS 500
#define BETA_TINY 1e-300
#define BETA_EPS 1e-14
#define UPPER_STEPS 200
#define UPPER_EPS 1e-13

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

/* ---- calibration ---- */

static double clamped(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

static double largest(const float *scores, size_t n)
{
    float max = scores[0];

    for (size_t i = 1; i < n; i++)
        max = scores[i] > max ? scores[i] : max;
    return (double)max;
}

/* One over the temperature that holds for a row with this largest score. */
static double steepness(const struct calibration *calibration, double max)
{
    return exp(-clamped(log(calibration->temperature) + calibration->slope * max, LOG_TEMPERATURE_LOW,
                        LOG_TEMPERATURE_HIGH));
}

void stats_softmax(const float *scores, size_t n, const struct calibration *calibration, double *ret_probabilities)
{
    double max = largest(scores, n), steep = steepness(calibration, max), sum = 0;

    for (size_t i = 0; i < n; i++) {
        ret_probabilities[i] = exp(((double)scores[i] - max) * steep);
        sum += ret_probabilities[i];
    }
    for (size_t i = 0; i < n; i++)
        ret_probabilities[i] /= sum;
}

/* Loss with gradient and curvature over (log temperature, slope). */
struct slope_sums {
    double loss, g0, g1, h00, h01, h11;
};

static void add_row_sums(struct slope_sums *sums, const float *scores, size_t n, uint32_t label,
                         const struct calibration *calibration)
{
    double max = largest(scores, n), steep = steepness(calibration, max), z = 0, mean = 0, square = 0, over, curve;

    for (size_t k = 0; k < n; k++) {
        double d = (double)scores[k] - max, e = exp(d * steep);
        z += e;
        mean += e * d;
        square += e * d * d;
    }
    mean /= z;
    over = steep * (mean - ((double)scores[label] - max)); /* d loss / d log steepness */
    curve = over + steep * steep * (square / z - mean * mean);
    sums->loss += clamped(log(z) - ((double)scores[label] - max) * steep, 0, LOSS_MOST);
    sums->g0 -= over;
    sums->g1 -= over * max;
    sums->h00 += curve;
    sums->h01 += curve * max;
    sums->h11 += curve * max * max;
}

static void loss_at(const struct scored *scored, const struct calibration *calibration, struct slope_sums *ret_sums)
{
    *ret_sums = (struct slope_sums){0};
    for (size_t i = 0; i < scored->n; i++)
        add_row_sums(ret_sums, scored->scores + i * scored->stride, scored->n_labels, scored->labels[i], calibration);
}

/* Newton's step, damped until the curvature is positive. */
static void newton_step(const struct slope_sums *sums, double *ret_d0, double *ret_d1)
{
    double damp = 1e-9 * (fabs(sums->h00) + fabs(sums->h11)) + 1e-12;

    for (;;) {
        double a = sums->h00 + damp, b = sums->h11 + damp, det = a * b - sums->h01 * sums->h01;
        if (a > 0 && det > 1e-12 * fabs(a * b)) {
            *ret_d0 = -(b * sums->g0 - sums->h01 * sums->g1) / det;
            *ret_d1 = -(a * sums->g1 - sums->h01 * sums->g0) / det;
            return;
        }
        damp *= 10;
    }
}

/* The largest share of the step that lowers the loss is taken; false when none does. */
static bool take_step(const struct scored *scored, struct calibration *at, struct slope_sums *sums)
{
    double d0, d1, share;

    newton_step(sums, &d0, &d1);
    for (share = clamped(STEP_MOST / (fabs(d0) + fabs(d1) + 1e-12), 0, 1); share > STEP_LEAST; share /= 2) {
        const struct calibration next = {at->temperature * exp(share * d0), at->slope + share * d1};
        struct slope_sums there;
        loss_at(scored, &next, &there);
        if (there.loss < sums->loss) {
            bool go_on = sums->loss - there.loss > LOSS_EPS * sums->loss;
            *at = next;
            *sums = there;
            return go_on;
        }
    }
    return false;
}

struct calibration stats_calibrate(const struct scored *scored, double *ret_nll)
{
    struct calibration at = {.temperature = TEMPERATURE_START, .slope = 0};
    struct slope_sums sums;

    loss_at(scored, &at, &sums);
    for (int i = 0; i < NEWTON_STEPS && scored->n > 0; i++) {
        if (!take_step(scored, &at, &sums))
            break;
    }
    *ret_nll = scored->n ? sums.loss / (double)scored->n : 0;
    return at;
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

/* Minus the derivative of the cdf by p. */
static double cdf_slope(size_t k, size_t n, double p)
{
    double a = (double)(n - k), b = (double)k + 1;

    return exp(lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * log1p(-p) + (b - 1) * log(p));
}

/* Newton's method, kept inside a bracket that shrinks. */
double stats_binomial_upper(size_t k, size_t n, double delta)
{
    double low = 0, high = 1, p = ((double)k + 1) / ((double)n + 1);

    if (k >= n)
        return 1;
    for (int i = 0; i < UPPER_STEPS && high - low > UPPER_EPS; i++) {
        double over = stats_binomial_cdf(k, n, p) - delta, next;
        if (over > 0)
            low = p;
        else
            high = p;
        next = p + over / cdf_slope(k, n, p);
        if (fabs(next - p) < UPPER_EPS)
            return fmin(next + UPPER_EPS, 1);
        p = next > low && next < high ? next : (low + high) / 2;
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
