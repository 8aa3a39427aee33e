/* A transactional producer. The transaction calls run in slices: a retriable error means the same call again, up to a
 * deadline below transaction.timeout.ms; what is unclear then is in doubt, and is settled by a new producer with the same
 * transactional.id and a look at the positions. Not thread-safe: one per lane and one for the relay. */
#ifndef TRIAGED_KAFKA_PRODUCER_H
#define TRIAGED_KAFKA_PRODUCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kafka/consumer.h"
#include "policy/config.h"
#include "triage/err.h"
#include "triage/flow.h"
#include "triage/result.h"

struct producer;

/* Opens, and ends what a predecessor with this id left open. Transient: Kafka can't be reached for now. */
int producer_open(const struct config_kafka *config, const char *transactional_id, struct producer **ret_producer,
                  struct err *reterr);
void producer_close(struct producer *self);

int producer_begin(struct producer *self, struct err *reterr);

enum produce_end {
    PRODUCE_OK,
    PRODUCE_POISON, /* this message can never be produced */
    PRODUCE_FULL,   /* the local queue is full or the producer failed: abort */
};
enum produce_end producer_send(struct producer *self, const char *topic, const struct message *message,
                               struct err *reterr);

enum txn_end {
    TXN_END_COMMITTED,
    TXN_END_ABORTED,        /* nothing is visible; the cause lies elsewhere */
    TXN_END_ABORTED_BLAMED, /* nothing is visible; some message may be the cause */
    TXN_END_IN_DOUBT,       /* close this producer, open another, compare positions */
    TXN_END_FENCED,         /* another producer has this id, or another member our place */
};

/* Commits the messages together with positions of `topic` under the consumer's group metadata, read now. Without
 * positions (n 0) consumer may be NULL. */
enum txn_end producer_commit(struct producer *self, struct consumer *consumer, const char *topic,
                             const struct flow_position *positions, size_t n, struct err *reterr);
/* Gives up the transaction; the end is ABORTED, ABORTED_BLAMED (blame), IN_DOUBT never, FENCED possibly. */
enum txn_end producer_abort(struct producer *self, bool blame, struct err *reterr);
/* True when this producer can't begin again: an abort failed. Nothing of its last transaction is visible. */
bool producer_broken(const struct producer *self);
void producer_poll(struct producer *self); /* delivery reports; never waits */

#endif
