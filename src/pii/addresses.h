/* The parts of a postal address around one that was found: flats and floors, houses with a name, streets without a
 * street's ending before a postcode, towns and countries behind it. */
#ifndef TRIAGED_PII_ADDRESSES_H
#define TRIAGED_PII_ADDRESSES_H

#include "pii/spans.h"
#include "triage/err.h"

struct addresses;
int addresses_new(struct addresses **ret_addresses, struct err *reterr);
void addresses_free(struct addresses *self);
/* Each address of spans grows over its parts, but never into what is kept. */
void addresses_grow(struct addresses *self, const char *text, size_t len, struct spans *spans);

#endif
