/* Is the promise still kept? An e-detector over audits in their order: for each audit it bets against "errors are at
 * most max_error", starts a new bet with every audit, and adds the wealth of all bets up (the Shiryaev-Roberts form).
 * It alarms when the sum reaches 1/alpha. As long as the promise holds, whatever came before, the mean number of audits
 * to a false alarm is at least 1/alpha; a plain test martingale would have lost its money in a long good time and go
 * deaf. Assumes that each audit errs with probability at most max_error given all before it. Sources: Shin, Ramdas and
 * Rinaldo, E-detectors: a nonparametric framework for sequential change detection (NEJSDS 2023); Waudby-Smith and
 * Ramdas, Estimating means of bounded random variables by betting (JRSS B 2024); for where a change began, Page,
 * Continuous inspection schemes (Biometrika 41, 1954). */
#ifndef TRIAGED_DECIDE_DETECTOR_H
#define TRIAGED_DECIDE_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>

#define DETECTOR_BETS 12

struct detector {
    double max_error, threshold;  /* 1/alpha */
    double stakes[DETECTOR_BETS]; /* of one audit: wealth is multiplied by 1 + stake * (wrong - max_error) */
    double wealth[DETECTOR_BETS];
    size_t n;     /* audits seen */
    size_t since; /* audits since about where a change began, if there was one: the last low of a cumulative sum */
    double sum;   /* Page's CUSUM, for that alone */
};

/* max_error in (0, 1); alpha in (0, 1]. */
void detector_init(struct detector *self, double max_error, double alpha);
/* Takes the next audit. True: alarm; feeding on is allowed and alarms again. */
bool detector_feed(struct detector *self, bool wrong);
/* The same for a value of 0..1, such as a share: it bets against "the mean is at most max_error, given all before". The
 * bound on the mean run to a false alarm is the same: the bets are fair for any such value. */
bool detector_feed_value(struct detector *self, double value);
/* The evidence: the sum of wealth, at most 1/alpha unless it alarms. */
double detector_evidence(const struct detector *self);

#endif
