/* What can be told by its shape alone. */
#ifndef TRIAGED_PII_PATTERNS_H
#define TRIAGED_PII_PATTERNS_H

#include "pii/spans.h"
#include "triage/err.h"

/* Cards, IBANs and mail addresses come before the names and addresses of the fields, the rest behind them. */
enum pattern_phase { PHASE_EARLY, PHASE_LATE };

struct patterns;
int patterns_new(struct patterns **ret_patterns, struct err *reterr);
void patterns_free(struct patterns *self);
int patterns_find(struct patterns *self, enum pattern_phase phase, const char *text, size_t len, struct spans *spans,
                  struct err *reterr);

#endif
