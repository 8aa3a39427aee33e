/* Values by label, for labels whose values are known only when they come: found or made without a lock, never taken
 * away. Knows no names of metrics; a family is a small number of the caller's. */
#ifndef TRIAGED_METRICS_SERIES_H
#define TRIAGED_METRICS_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/metrics.h"

#define SERIES_FAMILY_MOST 512   /* values of one family; what is beyond counts as "other" */
#define SERIES_SLOTS       65536 /* above what all families may have */
#define SERIES_BUCKETS     22    /* of a histogram; one more takes the rest */

extern const int64_t series_bucket_us[SERIES_BUCKETS]; /* upper bounds */

struct series {
    int family;
    char a[METRIC_VALUE_MAX], b[METRIC_VALUE_MAX]; /* b "" with one label */
    _Atomic int64_t count;                         /* of a counter; sum of microseconds of a histogram */
    _Atomic double value;                          /* of a gauge */
    _Atomic bool shown;
    _Atomic int64_t buckets[SERIES_BUCKETS + 1];
};

/* Any thread. b NULL: one label. */
struct series *series_of(int family, const char *a, const char *b);
void series_observe(struct series *self, int64_t us);
void series_forget(int family);
/* All that are shown, by family and labels. The caller frees the list, not the series, with mem_free. */
struct series **series_list(size_t *ret_n);

#endif
