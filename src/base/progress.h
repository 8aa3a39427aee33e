/* A word on standard error now and then, so that long work does not look like a hang. */
#ifndef TRIAGED_BASE_PROGRESS_H
#define TRIAGED_BASE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *name, *unit; /* "evaluate", "rows" */
    size_t total;
    int64_t next_us; /* monotonic */
};

/* The first word comes after some seconds: short work says nothing. */
struct progress progress_begin(const char *name, const char *unit, size_t total);
void progress_at(struct progress *self, size_t done);

#endif
