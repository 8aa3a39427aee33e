/* Time for the shells. Nothing pure calls this: time comes in as a parameter there. */
#ifndef TRIAGED_BASE_CLOCK_H
#define TRIAGED_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_RFC3339_MAX 32

int64_t clock_mono_us(void); /* microseconds, never goes back */
int64_t clock_wall_us(void); /* microseconds since 1970, UTC */
int64_t clock_cpu_us(void);  /* microseconds of CPU used by the calling thread */
/* Writes "2026-11-23T15:24:00.123Z"; returns out. */
char *clock_rfc3339(int64_t wall_us, char out[CLOCK_RFC3339_MAX]);
/* Microseconds since 1970 of an RFC 3339 time, in any zone; -1 when it is none or NULL. Asks no clock. */
int clock_parse(const char *text, int64_t *ret_wall_us);

#endif
