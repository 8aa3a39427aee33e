/* How the detector behaves: audits to a false alarm while the promise is just kept, and audits until a higher error
 * rate is noticed after a good time. Prints a table; fails when the mean run to a false alarm is below what is
 * promised. usage: run_lengths [--runs N] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/detector.h"
#include "decide/stats.h"

#define MAX_ERROR   0.05
#define RUN_MOST    400000
#define CERTAINTY_Z 3.0 /* standard errors that a mean of simulated runs may lie below the bound */

static int compare(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* Audits after `good` ones at half the promised rate until the alarm; one that comes before counts as 0. */
static size_t run(double alpha, size_t good, double rate, uint64_t *random)
{
    struct detector detector;

    detector_init(&detector, MAX_ERROR, alpha);
    for (size_t i = 0; i < good; i++) {
        if (detector_feed(&detector, stats_random_unit(random) < MAX_ERROR / 2))
            detector_init(&detector, MAX_ERROR, alpha);
    }
    for (size_t n = 1; n < RUN_MOST; n++) {
        if (detector_feed(&detector, stats_random_unit(random) < rate))
            return n;
    }
    return RUN_MOST;
}

struct summary {
    double mean;
    size_t tenth, median, most; /* quantiles .1, .5, .9 */
};

static struct summary summarise(size_t *runs, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)runs[i];
    qsort(runs, n, sizeof *runs, compare);
    return (struct summary){
        .mean = sum / (double)n, .tenth = runs[n / 10], .median = runs[n / 2], .most = runs[n * 9 / 10]};
}

static struct summary simulate(double alpha, size_t good, double rate, size_t n)
{
    size_t *runs = calloc(n, sizeof *runs);
    uint64_t random = 7;
    struct summary summary;

    for (size_t i = 0; i < n; i++)
        runs[i] = run(alpha, good, rate, &random);
    summary = summarise(runs, n);
    free(runs);
    return summary;
}

int main(int argc, char **argv)
{
    static const double alphas[] = {0.01, 0.002, 0.001};
    static const struct {
        double rate;
        size_t good;
    } cases[] = {{0.1, 0}, {0.1, 2000}, {0.1, 10000}, {0.25, 0}, {0.25, 2000}, {0.5, 0}, {0.5, 2000}};
    size_t n = argc > 2 && strcmp(argv[1], "--runs") == 0 ? strtoul(argv[2], NULL, 10) : 1000;
    int bad = 0;

    printf(
        "| 1/alpha | true error rate | after good audits | mean | a tenth within | half within | nine tenths within |\n"
        "|---|---|---|---|---|---|---|\n");
    for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++) {
        struct summary alone = simulate(alphas[a], 0, MAX_ERROR, n);
        double slack = alone.mean * CERTAINTY_Z / sqrt((double)n); /* runs are about exponential */
        printf("| %.0f | 5 %% (kept: false alarms) | 0 | %.0f | %zu | %zu | %zu |\n", 1 / alphas[a], alone.mean,
               alone.tenth, alone.median, alone.most);
        if (alone.mean + slack < 1 / alphas[a])
            bad = 1;
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            struct summary late = simulate(alphas[a], cases[c].good, cases[c].rate, n);
            printf("| %.0f | %.0f %% | %zu | %.0f | %zu | %zu | %zu |\n", 1 / alphas[a], 100 * cases[c].rate,
                   cases[c].good, late.mean, late.tenth, late.median, late.most);
        }
    }
    printf("%s\n", bad ? "not ok: a false alarm comes sooner than 1/alpha audits on average" : "ok");
    return bad;
}
