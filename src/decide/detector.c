/* The sum over a grid of stakes: small ones notice small changes late, large ones large changes soon. */
#include "decide/detector.h"

#include <math.h>

#define SMALLEST_STAKE 0.05 /* of the largest that can't lose everything, 1 / max_error */
#define LARGEST_STAKE  0.6
#define CHANGED_RATE   1.4   /* of max_error: between what is promised and twice that */
#define WEALTH_MOST    1e300 /* below infinity: evidence that large is an alarm at any level */

void detector_init(struct detector *self, double max_error, double alpha)
{
    *self = (struct detector){.max_error = max_error, .threshold = 1 / alpha};
    for (size_t i = 0; i < DETECTOR_BETS; i++)
        self->stakes[i] =
            SMALLEST_STAKE * pow(LARGEST_STAKE / SMALLEST_STAKE, (double)i / (DETECTOR_BETS - 1)) / max_error;
}

double detector_evidence(const struct detector *self)
{
    double sum = 0;

    for (size_t i = 0; i < DETECTOR_BETS; i++)
        sum += self->wealth[i];
    return sum / DETECTOR_BETS;
}

bool detector_feed(struct detector *self, bool wrong)
{
    return detector_feed_value(self, wrong ? 1 : 0);
}

bool detector_feed_value(struct detector *self, double value)
{
    for (size_t i = 0; i < DETECTOR_BETS; i++) {
        double factor = 1 + self->stakes[i] * (value - self->max_error);
        self->wealth[i] = fmin((self->wealth[i] + 1) * factor, WEALTH_MOST);
    }
    self->n++;
    self->since++;
    self->sum += value - CHANGED_RATE * self->max_error;
    if (self->sum <= 0) {
        self->sum = 0;
        self->since = 0;
    }
    return detector_evidence(self) >= self->threshold;
}
