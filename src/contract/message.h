/* Messages out, the part that only encoders need. */
#ifndef TRIAGED_CONTRACT_MESSAGE_H
#define TRIAGED_CONTRACT_MESSAGE_H

#include "triage/result.h"

/* A header whose value may hold any byte. */
void message_add_bytes(struct message *self, const char *name, const void *value, size_t len);

#endif
