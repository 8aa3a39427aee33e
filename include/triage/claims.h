/* The claim check: every number, date, amount, duration, link, address and phone number of a draft, and every promise or
 * action done, must stand in a source or in the ticket. Pure. English and German. */
#ifndef TRIAGE_CLAIMS_H
#define TRIAGE_CLAIMS_H

#include <stddef.h>

#define CLAIMS_MAX 64

enum claim_kind { CLAIM_NUMBER, CLAIM_LINK, CLAIM_EMAIL, CLAIM_PROMISE, CLAIM_KINDS };
const char *claim_kind_name(enum claim_kind kind);

/* A claim without a source: bytes [start, end) of the draft. */
struct claim {
    enum claim_kind kind;
    size_t start, end;
};

/* texts: sources and ticket, n of them. Gives the unsupported claims in the order of the draft, CLAIMS_MAX at most. */
size_t claims_check(const char *draft, const char *const *texts, size_t n, struct claim ret_claims[CLAIMS_MAX]);

#endif
