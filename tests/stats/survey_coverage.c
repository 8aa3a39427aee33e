/* How often the interval of an error rate holds the truth, where some tickets were all looked at and of others a share
 * was audited. Made-up traffic whose rates are known. Prints a table; fails where it holds less often than it says.
 * usage: survey_coverage [--runs N] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "decide/stats.h"
#include "decide/survey.h"

#define CONFIDENCE   0.95
#define CERTAINTY_Z  3.0 /* standard errors that a measured share may lie below what is said */
#define RUNS_DEFAULT 2000

struct traffic {
    const char *name;
    double seen, unseen;           /* tickets that went to people, and that no person saw */
    double seen_rate, unseen_rate; /* of errors */
    double audited;                /* share of the unseen */
};

static const struct traffic traffics[] = {
    {"few errors, 5 % audited", 500, 6000, 0.02, 0.005, 0.05},
    {"some errors, 5 % audited", 500, 6000, 0.10, 0.02, 0.05},
    {"as promised, 5 % audited", 500, 6000, 0.20, 0.05, 0.05},
    {"many errors, 10 % audited", 1000, 3000, 0.30, 0.10, 0.10},
    {"few audits", 50, 400, 0.10, 0.05, 0.05},
    {"audits alone", 0, 2000, 0, 0.03, 0.05},
};

struct measured {
    size_t held, below; /* of the runs; below: the whole interval lies under the truth, which flatters */
    double width;
};

static size_t draw(const struct traffic *traffic, struct survey_unit *units, double audited[2], uint64_t *random)
{
    size_t n = 0;

    for (int i = 0; i < (int)traffic->seen; i++)
        units[n++] =
            (struct survey_unit){.weight = 1, .stratum = 0, .wrong = stats_random_unit(random) < traffic->seen_rate};
    for (int i = 0; i < (int)traffic->unseen; i++) {
        bool wrong = stats_random_unit(random) < traffic->unseen_rate;
        if (stats_random_unit(random) < traffic->audited)
            units[n++] = (struct survey_unit){.weight = 1 / traffic->audited, .stratum = 1, .wrong = wrong};
    }
    audited[0] = traffic->seen;
    audited[1] = traffic->unseen;
    return n;
}

static struct measured measure(const struct traffic *traffic, size_t runs, uint64_t *random)
{
    struct survey_unit *units = mem_array((size_t)(traffic->seen + traffic->unseen), sizeof *units);
    double truth = (traffic->seen * traffic->seen_rate + traffic->unseen * traffic->unseen_rate) /
                   (traffic->seen + traffic->unseen);
    struct measured measured = {0};

    for (size_t r = 0; r < runs; r++) {
        double population[SURVEY_STRATA_MAX] = {0};
        struct survey_estimate estimate;
        size_t n = draw(traffic, units, population, random);
        survey_estimate(units, n, population, CONFIDENCE, &estimate);
        measured.held += estimate.low <= truth && truth <= estimate.high;
        measured.below += estimate.high < truth;
        measured.width += (estimate.high - estimate.low) / (double)runs;
    }
    mem_free(units);
    return measured;
}

int main(int argc, char **argv)
{
    size_t runs = argc == 3 && strcmp(argv[1], "--runs") == 0 ? strtoul(argv[2], NULL, 10) : RUNS_DEFAULT;
    double least = CONFIDENCE - CERTAINTY_Z * sqrt(CONFIDENCE * (1 - CONFIDENCE) / (double)runs);
    uint64_t random = 11;
    int failed = 0;

    puts("| traffic | truth in the 95 % interval | all of it below the truth | mean width |\n|---|---|---|---|");
    for (size_t i = 0; i < sizeof traffics / sizeof traffics[0]; i++) {
        struct measured measured = measure(&traffics[i], runs, &random);
        printf("| %s | %.1f %% | %.1f %% | %.1f points |\n", traffics[i].name,
               100 * (double)measured.held / (double)runs, 100 * (double)measured.below / (double)runs,
               100 * measured.width);
        failed += (double)measured.held / (double)runs < least;
    }
    return failed > 0;
}
