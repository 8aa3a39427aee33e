/* The manifest of a prompt, as results carry it (context in schemas/result.v1.json): what the model saw, what it did
 * not see, and why. Pure; it must not decide anything. */
#ifndef TRIAGED_DRAFT_MANIFEST_H
#define TRIAGED_DRAFT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "draft/sources.h"
#include "triage/ticket.h"

struct manifest {
    const struct sources *sources;
    const struct ticket *ticket;
    bool subject_cut, text_cut;         /* for their length */
    bool subject_hidden, text_hidden;   /* blobs and marks that only a machine reads were taken out */
    bool subject_doubted, text_doubted; /* sentences that may speak to a machine were left out */
    bool by_meaning;                    /* how they were ranked; else by words alone */
    bool weak;                          /* the sources were found and are too weak: they are left out */
    const char *prompt;                 /* the request's body; NULL: no prompt was made */
    size_t tokens_budget;
};

char *manifest_json(const struct manifest *self); /* the caller frees it with mem_free */

#endif
