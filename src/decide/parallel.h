/* Independent jobs in processes of their own: the solver draws from the C library's one random generator, so threads
 * would make its result depend on their timing. What a job finds out it writes to shared memory. */
#ifndef TRIAGED_DECIDE_PARALLEL_H
#define TRIAGED_DECIDE_PARALLEL_H

#include <stddef.h>

#include "triage/err.h"

/* Memory that jobs and their parent share, zeroed; parallel_free with the same size. */
void *parallel_alloc(size_t bytes);
void parallel_free(void *p, size_t bytes);

/* Runs job(context, i) for every i < n, as many at a time as there are processors. A job that returns other than 0 or
 * dies makes the whole fail. */
int parallel_run(size_t n, int (*job)(void *context, size_t i), void *context, struct err *reterr);

#endif
