/* Spans that were found, and those that must stay: who comes first has the place. */
#ifndef TRIAGED_PII_SPANS_H
#define TRIAGED_PII_SPANS_H

#include <stddef.h>

#include "triage/pii.h"

#define SPAN_KEEP PII_KINDS /* no personal data: an order number, a date, a version */

struct spans {
    struct pii_span *items; /* in the order found, until spans_settle */
    size_t n, cap;
};

/* A span that reaches into one of its own kind is joined with it; one that ends in something kept is cut before it; one
 * that begins inside another is dropped. */
void spans_add(struct spans *self, const char *text, int kind, size_t start, size_t end);
/* In the order of the text, without what is kept. */
void spans_settle(struct spans *self);
void spans_free(struct spans *self);

#endif
