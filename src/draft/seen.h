/* A ticket as search and model see it: what a person would read, with placeholders for personal data. */
#ifndef TRIAGED_DRAFT_SEEN_H
#define TRIAGED_DRAFT_SEEN_H

#include <stdbool.h>

#include "triage/err.h"
#include "triage/ticket.h"

struct pii;
struct pii_vault;

struct seen_text {
    char *subject, *text;
    bool subject_hidden, text_hidden;   /* something was taken out that only a machine reads */
    bool subject_doubted, text_doubted; /* sentences were left out that may speak to a machine */
};

/* pii NULL: nothing is masked; else vault (NULL: of no interest) takes what the placeholders stand for. On failure it
 * is to be freed, too. */
int seen_make(struct pii *pii, struct pii_vault *vault, const struct ticket *ticket, struct seen_text *ret_seen,
              struct err *reterr);
void seen_free(struct seen_text *self); /* also for CLEANUP */

#endif
