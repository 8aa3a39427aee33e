/* Patterns over the text of strangers: PCRE2, always under limits. */
#ifndef TRIAGED_BASE_PATTERN_H
#define TRIAGED_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern; /* const after it was made: any number of threads may ask at once, each with a scratch of its own */

enum pattern_how {
    PATTERN_ANY_CASE = 1,
    PATTERN_UTF = 2,        /* characters and their classes instead of bytes */
    PATTERN_ANY_BYTES = 4,  /* with the former: what is not UTF-8 ends a match, and is no error */
    PATTERN_WHOLE_ONLY = 8, /* with the former: no \C, which would cut characters */
    PATTERN_FAST = 16,      /* translated into machine code where that can be had */
};

#define PATTERN_FAULT_TEXT_MAX 128

/* Why a pattern does not compile. */
struct pattern_fault {
    int code;
    size_t at; /* byte of the pattern */
    char text[PATTERN_FAULT_TEXT_MAX];
};

/* how: enum pattern_how, added up. NULL: it does not compile. */
struct pattern *pattern_new(const char *text, size_t len, unsigned how, struct pattern_fault *ret_fault);
void pattern_free(struct pattern *self);

/* Of one attempt: steps, depth of nesting, memory in KiB. 0: PCRE2's own. */
struct pattern_limits {
    uint32_t match, depth, heap_kib;
};

struct pattern_scratch; /* what matching needs besides; one thread */
struct pattern_scratch *pattern_scratch_new(const struct pattern_limits *limits); /* NULL: no memory */
void pattern_scratch_free(struct pattern_scratch *self);

/* Within text[start, end), looking behind it to the text's begin: 1 with where it was found (ret_span may be NULL), 0
 * where it is not, PCRE2's negative number where the text is too hard or ill-formed. anchored: only at start. */
int pattern_find(const struct pattern *self, struct pattern_scratch *scratch, const char *text, size_t start,
                 size_t end, bool anchored, size_t ret_span[2]);
/* The same over all of it, whatever is found. */
int pattern_matches(const struct pattern *self, struct pattern_scratch *scratch, const char *text, size_t len);

#endif
