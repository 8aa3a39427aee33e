/* Where the relay may go on, pure: Kafka's committed position is the truth, Postgres tells whether it can be. */
#ifndef TRIAGED_FLOW_RELAY_H
#define TRIAGED_FLOW_RELAY_H

#include <stdbool.h>
#include <stdint.h>

enum relay_resume {
    RELAY_GOES_ON,
    RELAY_POSITION_MISSING, /* Postgres remembers publishing, Kafka has no position: starting at 0 would double all */
    RELAY_OUTBOX_BEHIND,    /* Kafka's position is beyond the outbox: Postgres is an older copy */
};

struct relay_facts {
    bool found;        /* a position stands in Kafka */
    int64_t position;  /* last published sequence number, when found */
    bool remembered;   /* Postgres remembers a published number */
    int64_t last;      /* last sequence number that the outbox gave */
};

/* Decides at start and at every reconnect, before anything is sequenced. RELAY_GOES_ON sets *ret_position. */
enum relay_resume relay_resume(const struct relay_facts *facts, int64_t *ret_position);

#endif
