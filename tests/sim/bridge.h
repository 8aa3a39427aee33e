/* Feeders and relays: the shells of src/bridge around the real cores. */
#ifndef TRIAGED_SIM_BRIDGE_H
#define TRIAGED_SIM_BRIDGE_H

#include "flow/feeder.h"
#include "flow/relay.h"
#include "postgres.h"
#include "sim.h"

struct fed {
    bool assigned;
    struct feeder_partition core;
    int64_t at; /* where the consumer reads */
    struct output records[FEED_BATCH_MAX];
    int n;
};

struct feeder {
    bool up;
    int session;
    int64_t wake_us;
    unsigned reads; /* partitions that its group gave it, by bit */
    struct fed partitions[REVIEW_PARTITIONS];
};

enum relay_pc { RELAY_CONNECT, RELAY_LOCK, RELAY_PRODUCER, RELAY_RESUME, RELAY_NUMBER, RELAY_SEND, RELAY_POSITION,
                RELAY_COMMIT, RELAY_NOTE };

struct relay {
    bool up, refused;
    enum relay_pc pc;
    int session, connection, epoch;
    int64_t wake_us, position;
    struct outbox_row rows[FEED_BATCH_MAX];
    int n;
};

struct bridges {
    struct feeder feeders[BRIDGES_MAX];
    struct relay relays[BRIDGES_MAX];
    int connections;
    bool position_hidden; /* the relay's position was lost, for a while */
};

void feeder_start(struct sim *sim, struct feeder *feeder, unsigned reads);
void feeder_step(struct sim *sim, struct feeder *feeder);
void relay_start(struct sim *sim, struct relay *relay);
void relay_step(struct sim *sim, struct relay *relay);

#endif
