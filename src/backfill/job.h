/* A backfill at work: where it stands and the transaction at hand. Only src/backfill includes this. */
#ifndef TRIAGED_BACKFILL_JOB_H
#define TRIAGED_BACKFILL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "backfill/backfill.h"
#include "backfill/turn.h"
#include "base/hash.h"
#include "kafka/producer.h"

#define BACKFILL_CLASS_HEADER "triage-class"

struct job {
    const struct backfill_wanted *wanted;
    const struct config_kafka *kafka;
    const volatile sig_atomic_t *stop;
    char file_hash[SHA256_HEX_MAX]; /* "" of a topic */
    char id[SHA256_HEX_MAX];        /* of the job in positions */
    struct producer *producer;
    struct turn turn;
    int64_t *positions; /* where to go on: bytes of the file, or an offset of each partition */
    size_t n_positions;
    size_t total; /* tickets that are known of */
    struct backfill_told told;
    size_t in_batch, batch; /* tickets sent in the transaction at hand, and how many it may carry */
    bool said_backoff;
    bool moved; /* something was read since the last commit, sent or passed over */
    int64_t began_us, say_us;
};

/* Opens the producer, then reads where each of n parts stands. */
int job_open(struct job *self, size_t n_positions, struct err *reterr);
/* Takes the message. next: the position behind it. Waits for its turn where there is none. */
int job_send(struct job *self, struct message *message_take, size_t part, int64_t next, struct err *reterr);
/* The same for what is no ticket: it is counted. */
int job_pass_over(struct job *self, size_t part, int64_t next, struct err *reterr);
/* Ends the transaction at hand. What is unclear is not tried again here: a new start reads where it stands. */
int job_commit(struct job *self, struct err *reterr);

/* Where the tickets come from. */
int job_look_at_file(struct job *self, struct err *reterr); /* its hash and how many lines there are */
int job_send_file(struct job *self, struct err *reterr);
int job_send_topic(struct job *self, struct err *reterr);

#endif
