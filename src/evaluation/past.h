/* What a run left behind: its tickets, what was decided, how that ended, and what audits found. Read from files of JSON
 * Lines or from topics, into memory. Knows nothing of how tickets are decided. */
#ifndef TRIAGED_EVALUATION_PAST_H
#define TRIAGED_EVALUATION_PAST_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "policy/config.h"
#include "triage/decision.h"
#include "triage/err.h"
#include "triage/ticket.h"

#define PAST_ROWS_MAX 5000000 /* of one kind */
#define PAST_ID_MAX   (TICKET_KEY_MAX + 24)

/* A revision of a ticket as it came. */
struct past_ticket {
    char *id; /* KEY@REVISION */
    int partition;
    int64_t offset; /* -1: it is from a file */
    struct record record;
};

/* A result (or the outcome of an audit) as it was published. */
struct past_result {
    char *id; /* KEY@REVISION of its ticket */
    enum result_status status;
    int partition; /* of the input */
    int64_t offset;
    char *json;
};

struct past_results {
    struct past_result *rows;
    size_t n, cap;
};

struct past {
    struct past_ticket *tickets; /* after past_sort: by id, then by position */
    size_t n_tickets, cap_tickets, bad_tickets;
    struct past_results decided; /* answered, suggested, ignored, in_review: in the order read */
    struct past_results ended;   /* reviewed: what a person made of them; after past_sort by id */
    struct past_results audits;  /* outcomes of audits and second looks; after past_sort by id */
    size_t other, bad_results;   /* results that decide nothing: notices, withdrawals, failures; lines that are none */
};

/* name is a file where there is one of that name, else a topic. A topic is read to its end as it is now. */
int past_read_tickets(struct past *self, const struct config *config, const char *name, struct err *reterr);
int past_read_results(struct past *self, const struct config *config, const char *name, struct err *reterr);
int past_read_audits(struct past *self, const struct config *config, const char *name, struct err *reterr);
void past_sort(struct past *self);
void past_done(struct past *self); /* for CLEANUP */

/* The ticket of a result: the one at its position, else the first of its revision; NULL when it is not here. */
const struct past_ticket *past_ticket_of(const struct past *self, const struct past_result *result);
/* The rows of an id; how many. */
size_t past_find(const struct past_results *sorted, const char *id, const struct past_result **ret_first);
/* The document; the caller frees it. Never fails: it was parsed before. */
cJSON *past_document(const struct past_result *result);

#endif
