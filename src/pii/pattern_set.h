/* A numbered set of patterns under match limits. */
#ifndef TRIAGED_PII_PATTERN_SET_H
#define TRIAGED_PII_PATTERN_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"

struct pattern_set;

/* Room for n patterns; each is compiled into its place, behind the named groups of `definitions`, before it is searched
 * for. `definitions` is borrowed. */
struct pattern_set *pattern_set_new(size_t n, const char *definitions);
int pattern_set_compile(struct pattern_set *self, size_t place, const char *name, const char *pattern, bool ignore_case,
                        struct err *reterr);
void pattern_set_free(struct pattern_set *self);

struct range {
    size_t start, end; /* bytes, half-open */
};

/* Within `in`, looking behind it to the text's begin: 1 with what was found, 0 when there is none, PCRE2's negative
 * number where the text is too hard. Anchored: only at the begin of `in`. */
int pattern_set_find(struct pattern_set *self, size_t place, const char *text, struct range in, bool anchored,
                     struct range *ret_found);

#endif
