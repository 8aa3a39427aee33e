/* An error rate from labels that were drawn with known, unequal probabilities: what reviewers saw counts once, an audit
 * counts for all that it stands for. Pure. Sources: Hájek's ratio of Horvitz-Thompson sums (Särndal, Swensson and
 * Wretman, Model assisted survey sampling, 1992); the interval is Clopper-Pearson at the effective sample size, after
 * Korn and Graubard (Survey Methodology 24, 1998), with Kish's effective size (1965) where the variance can't be
 * estimated: no error seen, or nothing but errors. */
#ifndef TRIAGED_DECIDE_SURVEY_H
#define TRIAGED_DECIDE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#define SURVEY_STRATA_MAX 4

/* One labelled unit. */
struct survey_unit {
    double weight; /* one through the probability that it was labelled; above 0 */
    unsigned stratum;
    bool wrong;
};

struct survey_estimate {
    size_t n, errors; /* labelled units, and those among them that are wrong */
    double rate;      /* 0 without units */
    double low, high; /* 0 and 1 without units */
    double n_effective;
    double covered; /* of the population, what lies in strata with a labelled unit; 0..1 */
};

/* population[s]: how many units the stratum holds in truth; a stratum without a labelled unit is left out, and lowers
 * covered. confidence: of the interval, two-sided. Changes the weights: they become those after the strata are set
 * right. */
void survey_estimate(struct survey_unit *units, size_t n, const double population[SURVEY_STRATA_MAX], double confidence,
                     struct survey_estimate *ret);
/* The p-quantile of the beta distribution; 0 for a 0, 1 for b 0. */
double survey_beta_quantile(double a, double b, double p);

#endif
