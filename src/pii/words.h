/* The values of a ticket's fields, found again in its text: folded, inflected, in part. */
#ifndef TRIAGED_PII_WORDS_H
#define TRIAGED_PII_WORDS_H

#include "pii/spans.h"
#include "triage/pii.h"

/* Addresses, phones, mail addresses, and what is to be kept. */
void words_find(const char *text, const struct pii_field *fields, size_t n_fields, struct spans *spans);

/* Names: after the streets by shape, which may be called after somebody. */
void words_find_names(const char *text, const struct pii_field *fields, size_t n_fields, struct spans *spans);

#endif
