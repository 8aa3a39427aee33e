/* A plain idempotent producer for the integrator's side: puts records on a topic with the partitioner all must use. */
#ifndef TRIAGED_KAFKA_SENDER_H
#define TRIAGED_KAFKA_SENDER_H

#include "policy/config.h"
#include "triage/err.h"
#include "triage/result.h"

struct sender;

int sender_open(const struct config_kafka *config, struct sender **ret_sender, struct err *reterr);
/* message->value NULL is a tombstone. Waits while the local queue is full. */
int sender_send(struct sender *self, const char *topic, const struct message *message, struct err *reterr);
/* Waits for all deliveries; gives how many failed. */
int sender_finish(struct sender *self, int timeout_ms, long *ret_failed, struct err *reterr);
void sender_close(struct sender *self);

#endif
