/* Was the promise kept? A history is everything that stands in the topics and in the queue; the judge holds it against the
 * invariants of docs/RELIABILITY.md. Pure: whoever collects fills the lists, in any order. */
#ifndef TRIAGED_CHECK_HISTORY_H
#define TRIAGED_CHECK_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/decision.h"

struct history_input {
    int partition;
    int64_t offset;
};

enum output_kind { OUTPUT_RESULT, OUTPUT_DEADLETTER, OUTPUT_REQUEST };

struct history_output {
    enum output_kind kind;
    enum result_status status; /* of a result */
    bool released;             /* answered after its hold: told by the queue, not by a lane */
    bool placed;               /* it names an input position */
    int partition;             /* the input position */
    int64_t offset;
    uint64_t key, id;          /* hashes; id of a request: of its review_id */
    int64_t revision;          /* 0: null */
    int at_partition;          /* where it stands in its own topic */
    int64_t at_offset;
};

/* One row of the queue in Postgres. */
struct history_item {
    uint64_t review_id;
    uint64_t key;
    int64_t revision;
    bool ticket_origin;
    bool released;   /* a person's answer left its hold window */
    bool superseded; /* closed by a newer revision or a withdrawal */
};

enum history_fault {
    FAULT_LOST,             /* an input position without an outcome */
    FAULT_DOUBLED_OUTCOME,  /* an input position with more than one */
    FAULT_UNKNOWN_POSITION, /* an outcome of a position that holds no input */
    FAULT_DOUBLED_ID,       /* an id twice on the results topic */
    FAULT_DOUBLED_DECISION, /* a second decision for one revision of a key */
    FAULT_DOUBLED_ENDING,   /* a second terminal result for one revision of a key */
    FAULT_ENDING_UNASKED,   /* reviewed or superseded without an in_review before */
    FAULT_REQUEST_MISSING,  /* in_review without its review request */
    FAULT_REQUEST_UNASKED,  /* a review request without its in_review */
    FAULT_ITEM_MISSING,     /* a review request without its item in Postgres */
    FAULT_ITEM_DOUBLED,     /* two items for one review request */
    FAULT_ITEM_UNASKED,     /* an item that no request asked for */
    FAULT_ANSWER_MISSING,   /* an answer that was released, or an item that was closed, and no result tells it */
    FAULT_ORDER,            /* decisions of one key out of order, or an ending before what it ends */
    FAULT_COUNT
};
const char *history_fault_name(enum history_fault fault);
const char *history_fault_meaning(enum history_fault fault);

struct history {
    struct history_input *inputs;
    size_t n_inputs, inputs_cap;
    struct history_output *outputs;
    size_t n_outputs, outputs_cap;
    struct history_item *items;
    size_t n_items, items_cap;
    bool has_items;       /* the queue was read */
    bool settled;         /* the feeder and the relay have caught up: what is missing now is missing */
    bool positions_known; /* every input is in the list: an unknown position is a fault */
};

struct verdict {
    uint64_t faults[FAULT_COUNT];
    struct history_output example[FAULT_COUNT]; /* of the first fault of each kind */
    uint64_t inputs, outcomes, waiting; /* waiting: in review and not ended */
    uint64_t by_status[STATUS_COUNT], deadletters;
};

void history_add_input(struct history *self, const struct history_input *input);
void history_add_output(struct history *self, const struct history_output *output);
void history_add_item(struct history *self, const struct history_item *item);
void history_free(struct history *self);

/* Sorts the lists and judges. True when there is something to check and no fault. */
bool history_judge(struct history *self, struct verdict *ret_verdict);
/* How many inputs have no outcome yet; cheap enough to call again and again. */
size_t history_missing(struct history *self);
/* How many requests have no item yet, and endings in Postgres no result: what feeder and relay have still to do. */
size_t history_under_way(struct history *self);

#endif
