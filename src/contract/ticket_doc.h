/* The JSON document that a ticket's strings belong to. For this folder and for who shows or forwards the original. */
#ifndef TRIAGED_CONTRACT_TICKET_DOC_H
#define TRIAGED_CONTRACT_TICKET_DOC_H

#include "base/json.h"
#include "triage/ticket.h"

struct ticket_doc {
    cJSON *root;         /* the parsed document: the ticket, or the CloudEvents envelope around it */
    const cJSON *ticket; /* within root */
};

#endif
