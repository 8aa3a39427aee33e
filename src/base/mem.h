/* Allocation that does not fail: a worker without memory can do nothing useful, so it ends at once with a message and
 * the restart takes over (nothing is lost: see docs/STATES.md). Sizes are bounded by the callers' named constants. */
#ifndef TRIAGED_BASE_MEM_H
#define TRIAGED_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t bytes);                    /* zeroed */
void *mem_array(size_t count, size_t bytes);      /* zeroed, overflow checked */
void *mem_grow(void *p, size_t count, size_t bytes);
char *mem_strdup(const char *s);                  /* NULL gives NULL */
char *mem_strndup(const char *s, size_t len);
void *mem_dup(const void *p, size_t bytes);
void mem_free(void *p);
void mem_freep(void *pp); /* for CLEANUP: takes the address of a pointer */

#endif
