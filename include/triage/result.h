/* Messages out: results, review requests, dead letters, as JSON with CloudEvents headers. Pure encoders; one document
 * each, deterministic: the same inputs give the same bytes. */
#ifndef TRIAGE_RESULT_H
#define TRIAGE_RESULT_H

#include "triage/decision.h"
#include "triage/policy.h"
#include "triage/ticket.h"

#define INPUT_TOPIC_MAX 249 /* bytes of a topic name: Kafka's own bound */
#define RESULT_ID_MAX (TICKET_KEY_MAX + INPUT_TOPIC_MAX + 96)
#define RESULT_SCHEMA_VERSION 1
#define DEADLETTER_HEADERS_BYTES_MAX 16384 /* original headers beyond this are left out, and counted */
#define DEADLETTER_KEY_BYTES_MAX 16384     /* a longer original key is left out */

/* Where the input came from. */
struct input_position {
    const char *topic;
    int partition;
    int64_t offset;
};

struct provenance {
    const char *policy, *classifier, *prompt, *knowledge; /* SHA-256 hex, "" when none */
    const char *model, *build;
    const char *promise; /* SHA-256 hex of the promise file, "" when none */
    const char *priority; /* SHA-256 hex of the classifier for priority, "" when none */
    const char *arm; /* of a live canary: "candidate" or "current"; NULL: there is none */
};

/* What the promise in force says. */
struct promise_words {
    double max_error, confidence;
};

struct result_context {
    const char *key;       /* record key; "" unknown */
    int64_t revision;      /* 0: null in the document (tombstone) */
    const struct ticket *ticket; /* NULL for tombstones and dead letters */
    const struct policy *policy;
    struct input_position input;
    struct provenance provenance;
    struct promise_words promise; /* when provenance names one */
    bool audit; /* drawn for an audit; of an answer on hold: when it has gone out */
    int64_t now_wall_us;
    const char *traceparent;
};

/* One message to produce. All owned; message_free. Headers are name/value strings. */
struct message {
    char *key; /* NULL: none */
    size_t key_len;
    char *value; /* NULL: a tombstone */
    size_t value_len;
    char **header_names;
    char **header_values; /* terminated; the original header of a dead letter may hold NUL bytes within its length */
    size_t *header_lens;
    size_t n_headers;
};
void message_free(struct message *self); /* frees what it holds, not the struct */
void message_add_header(struct message *self, const char *name, const char *value);

/* The result's id: (key, revision, kind); notices and tombstones carry the input position too. */
char *result_id(const struct result_context *ctx, enum result_status status, char out[RESULT_ID_MAX]);

/* Priority of a review request, 0..100, by a helpdesk's own word for it; -1 for an unknown word. */
int result_priority_of(const char *word);

/* Minutes in which a person must have decided, by class and rules of the policy. */
int result_sla_minutes(const struct policy *policy, const struct decision *decision);

void result_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message);
/* review.v1, type request: the whole ticket, the decision as in result.v1, guideline, SLA. */
void review_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message);
/* The same for a decision that is not in review: a blind look at it. Ends in an audit outcome, never in a result. */
void audit_encode(const struct result_context *ctx, const struct decision *decision, struct message *ret_message);
/* review.v1, type close: word that a newer revision or a withdrawal came. */
void review_close_encode(const struct result_context *ctx, const char *reason, struct message *ret_message);
/* The failed result that goes with a dead letter whose key and revision could be read. */
void failed_encode(const struct result_context *ctx, const struct err *why, struct message *ret_message);
/* The original key and bytes with reason, stage and position in headers; cut to value_max bytes with size and SHA-256. */
void deadletter_encode(const struct record *in, const struct input_position *input, const struct err *why,
                       const char *stage, size_t value_max, struct message *ret_message);

/* The reasons of dead letters, for docs and metric labels: code and one sentence; NULL behind the last. */
const char *deadletter_reason_at(size_t index);
const char *deadletter_reason_description(size_t index);

#endif
