/* What a lane holds for one admitted record, from decoding to the commit: the shell's half of a ticket of flow. */
#ifndef TRIAGED_LANE_WORK_H
#define TRIAGED_LANE_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "kafka/consumer.h"
#include "lane/view.h"
#include "triage/draft.h"
#include "triage/flow.h"
#include "triage/gate.h"
#include "triage/result.h"
#include "triage/ticket.h"

#define WORK_OUTPUTS_MAX 3           /* result, review request or word, dead letter */
#define DEADLETTER_VALUE_MAX 900000  /* bytes of the original in a dead letter; beyond: cut, with size and hash */

enum work_topic { WORK_RESULTS, WORK_REVIEWS, WORK_DEADLETTER, WORK_TOPICS };

struct work {
    struct work *next, *prev; /* all live works of the lane */
    uint64_t handle;          /* of flow's ticket; 0 before the first command names it */
    uint64_t call;            /* number of the model call, 0 none */
    int partition;
    int64_t offset, bytes;
    int64_t read_us, record_ms;
    struct view *view;        /* what it is decided by; held */
    int profile;              /* whose ticket it is; -1: no row of the table takes it */
    bool candidate;           /* a live canary has it: the candidate stands in for its profile */
    struct ticket *ticket;    /* NULL: tombstone or undecodable */
    struct ticket_identity identity;
    void *raw_key, *raw;      /* the record's bytes, for a dead letter; NULL when it had none */
    size_t raw_key_len, raw_len;
    struct record_header *raw_headers; /* owned copies, only of an undecodable record */
    size_t n_raw_headers;
    char traceparent[TRACEPARENT_MAX];
    struct err why;           /* of an undecodable record */
    bool failed, failed_result; /* a dead letter; with a failed result beside it */
    bool word;
    struct decision decision;
    struct draft_request request;
    int64_t decided_wall_us, model_began_us;
    struct message outputs[WORK_OUTPUTS_MAX];
    enum work_topic output_topics[WORK_OUTPUTS_MAX];
    size_t n_outputs;
};

/* What its profile is decided by; NULL without a profile. */
const struct snapshot_profile *work_profile(const struct work *self);

/* Decodes the record (unless opaque) and says what flow has to know. key_secret keys the hash of the record key. */
struct work *work_new(const struct consumer_record *in, int partition, bool opaque,
                      const unsigned char key_secret[16], struct view *view, struct flow_record *ret_record);
void work_free(struct work *self);

/* What triage.control says of it now. */
struct gate work_gate(const struct work *self);
/* Looks at triage.control, and builds the messages; later calls change nothing unless it says something else by then.
 * topic: of the input. */
void work_build_outputs(struct work *self, const char *topic);
/* Puts a small dead letter and a failed result in place of outputs that can't be produced. */
void work_replace_outputs(struct work *self, const char *topic);

#endif
