/* What tickets took: sums over results, for costs and plans. Reads results as JSON Lines; knows no Kafka and no rates.
 */
#ifndef TRIAGED_EVALUATION_LEDGER_H
#define TRIAGED_EVALUATION_LEDGER_H

#include <stddef.h>
#include <stdio.h>

#include "triage/decision.h"
#include "triage/err.h"

#define LEDGER_NO_LABEL "(none)" /* label of what ended without one */

/* Of one class, or of all. */
struct ledger_sum {
    char label[LABEL_MAX];
    size_t tickets, alone, reviewed, suggested, other; /* ended; without a person, by one, with the helpdesk, else */
    size_t drafts;                                     /* tickets that asked the model */
    double cpu_s, model_s, reviewer_s, suggested_model_s;
    double tokens_in, tokens_out;
    double correct; /* resolved and right: see ledger_read */
};

struct ledger {
    struct ledger_sum all, classes[LABELS_MAX];
    size_t n_classes, open, bad_lines; /* open: in review, not ended yet */
};

/* Takes every result that ends a ticket. Reviewed counts as right unless the person sent it on (escalated, wrong_input,
 * wrong_policy); what ended without a person counts with one minus its certified error, or unseen_error where nothing
 * was promised. What the helpdesk got as a suggestion ends elsewhere and counts for neither. */
int ledger_read(FILE *in, double unseen_error, struct ledger **ret_ledger, struct err *reterr);
void ledger_free(struct ledger *self);

#endif
