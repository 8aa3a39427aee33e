/* Payment cards and IBANs: what tells them from other long numbers. Pure. */
#ifndef TRIAGED_PII_CHECKSUMS_H
#define TRIAGED_PII_CHECKSUMS_H

#include <stddef.h>

/* How many bytes at text, at most len, are a card number or an IBAN, blanks and hyphens within included; 0: none. */
size_t card_at(const char *text, size_t len);
size_t iban_at(const char *text, size_t len);

#endif
