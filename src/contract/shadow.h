/* What a candidate would have decided, as a result carries it beside what was decided. Pure. */
#ifndef TRIAGED_CONTRACT_SHADOW_H
#define TRIAGED_CONTRACT_SHADOW_H

#include "triage/decision.h"
#include "triage/result.h"

/* The object `shadow` of result.v1: the candidate's hashes, and of status, label, confidence, reasons and rule_id those
 * that differ from the decision. Both are compared before a draft was written. The caller frees the text with mem_free.
 */
char *shadow_json(const struct decision *decision, const struct decision *candidate,
                  const struct provenance *provenance);

#endif
