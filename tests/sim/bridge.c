/* The steps of src/bridge/feeder.c and relay.c. */
#include "bridge.h"

#include "check.h"

#define RETRY_US SECOND
#define IDLE_US (100 * MILLI)

/* ---- the feeder ---- */

void feeder_start(struct sim *sim, struct feeder *feeder, unsigned reads)
{
    *feeder = (struct feeder){.up = true, .reads = reads, .session = sim->postgres->session, .wake_us = sim->now_us};
}

static void assign_fed(struct sim *sim, struct feeder *feeder, int partition)
{
    const struct tables *now = &sim->postgres->now;
    struct fed *fed = &feeder->partitions[partition];

    *fed = (struct fed){.assigned = true};
    fed->at = feeder_assigned(&fed->core, now->feeder_known[partition], now->feeder_next[partition], 0);
    sim_say(sim, "feeder: partition %d from %lld", partition, (long long)fed->at);
}

/* Takes what is visible; the end of the partition counts too, since markers leave gaps. */
static void read_fed(struct sim *sim, struct fed *fed, int partition)
{
    int64_t stable = kafka_reviews_stable(sim->kafka, partition);
    int most = 1 + sim_below(sim, FEED_BATCH_MAX);

    while (fed->at < stable && fed->n < most) {
        const struct review_entry *entry = &sim->kafka->reviews[partition][fed->at];
        if (entry->state == LOG_LIVE && feeder_takes(&fed->core, fed->at))
            fed->records[fed->n++] = entry->output;
        fed->at++;
    }
    if (fed->at == stable && stable > fed->core.next)
        feeder_takes(&fed->core, stable - 1);
}

/* Reads the rows as they are now. */
static void join_again(struct sim *sim, struct feeder *feeder)
{
    sim_fault(sim, FAULT_FEEDER_STALE);
    for (int p = 0; p < REVIEW_PARTITIONS; p++)
        feeder->partitions[p].assigned = false;
    feeder->wake_us = sim->now_us + RETRY_US;
}

static void write_fed(struct sim *sim, struct feeder *feeder, int partition)
{
    struct fed *fed = &feeder->partitions[partition];
    bool cut = !sim->quiet && sim_chance(sim, sim->weather.postgres_faults);
    enum pg_answer answer;

    if (!feeder_pending(&fed->core)) {
        feeder_saw_row(&fed->core, sim->postgres->now.feeder_known[partition],
                       sim->postgres->now.feeder_next[partition]);
        if (fed->core.stopped)
            join_again(sim, feeder);
        return;
    }
    if (cut && sim_chance(sim, 500)) {
        feeder->wake_us = sim->now_us + RETRY_US; /* it never arrived */
        return;
    }
    answer = pg_feed(sim, partition, fed->core.known, fed->core.expected, fed->core.next, fed->records, fed->n);
    sim_say(sim, "feeder: partition %d, %d records, %lld to %lld: answer %d", partition, fed->n,
            (long long)fed->core.expected, (long long)fed->core.next, (int)answer);
    if (cut) {
        sim_fault(sim, FAULT_FEED_IN_DOUBT);
        feeder->wake_us = sim->now_us + RETRY_US; /* carried out or refused: it does not hear which */
    } else if (answer == PG_OK) {
        feeder_written(&fed->core);
        fed->n = 0;
    } else if (answer == PG_STALE) {
        feeder_stale(&fed->core);
        join_again(sim, feeder);
    }
}

void feeder_step(struct sim *sim, struct feeder *feeder)
{
    feeder->wake_us = sim->now_us + sim_between(sim, MILLI, IDLE_US);
    if (sim->postgres->down || feeder->session != sim->postgres->session) {
        feeder->session = sim->postgres->session; /* a new connection, and the same batch again */
        feeder->wake_us = sim->now_us + RETRY_US;
        return;
    }
    for (int p = 0; p < REVIEW_PARTITIONS; p++) {
        struct fed *fed = &feeder->partitions[p];
        if (!(feeder->reads >> p & 1))
            continue;
        if (!fed->assigned) {
            assign_fed(sim, feeder, p);
            return;
        }
        read_fed(sim, fed, p);
        if (sim_chance(sim, 700))
            write_fed(sim, feeder, p);
    }
}

/* ---- the relay ---- */

void relay_start(struct sim *sim, struct relay *relay)
{
    *relay = (struct relay){.up = true, .wake_us = sim->now_us, .epoch = -1};
}

/* Any error starts over from what Kafka holds. */
static void start_over(struct sim *sim, struct relay *relay)
{
    if (sim->postgres->relay_lock == relay->connection)
        sim->postgres->relay_lock = -1;
    relay->pc = RELAY_CONNECT;
    relay->wake_us = sim->now_us + RETRY_US;
}

static void resume(struct sim *sim, struct relay *relay)
{
    const struct tables *now = &sim->postgres->now;
    struct relay_facts facts = {.remembered = now->published >= 0, .last = now->last_sequence};

    if (kafka_read_position(sim, RELAY_KEY, &facts.found, &facts.position) == KAFKA_WAIT)
        return;
    if (sim->bridges->position_hidden)
        facts.found = false;
    if (relay_resume(&facts, &relay->position) == RELAY_GOES_ON) {
        sim->postgres->is_copy = false; /* nothing was published since that backup: it is the truth from now on */
        sim_say(sim, "relay: goes on after %lld", (long long)relay->position);
        relay->pc = facts.found ? RELAY_NOTE : RELAY_NUMBER; /* Postgres may not have heard of the last commit */
        return;
    }
    sim_say(sim, "relay: refuses, position %lld, outbox ends at %lld", (long long)facts.position,
            (long long)facts.last);
    sim_fault(sim, FAULT_RELAY_REFUSED);
    relay->refused = true;
    start_over(sim, relay);
}

static enum answer send_rows(struct sim *sim, const struct relay *relay)
{
    enum answer answer = KAFKA_OK;

    for (int i = 0; i < relay->n && answer == KAFKA_OK; i++) {
        const struct output output = {.topic = TOPIC_RESULTS,
                                      .status = relay->rows[i].status,
                                      .key = relay->rows[i].key,
                                      .revision = relay->rows[i].revision,
                                      .partition = -1,
                                      .sequence = relay->rows[i].sequence,
                                      .item = relay->rows[i].item,
                                      .lane = -1};
        answer = kafka_produce(sim, RELAY_ID, relay->epoch, &output);
    }
    return answer;
}

static void number(struct sim *sim, struct relay *relay)
{
    int64_t last = pg_sequence(sim);

    relay->n = last > relay->position
                   ? pg_outbox_after(sim, relay->position, relay->rows, 1 + sim_below(sim, FEED_BATCH_MAX - 1))
                   : 0;
    relay->pc = relay->n ? RELAY_SEND : RELAY_LOCK;
    if (!relay->n)
        relay->wake_us = sim->now_us + IDLE_US;
}

/* The reply may be lost, either way; then it starts over. */
static enum answer commit(struct sim *sim, const struct relay *relay)
{
    bool lost = !sim->quiet && sim_chance(sim, sim->weather.end_faults);
    enum answer answer;

    if (lost && sim_chance(sim, 500)) {
        kafka_end_late(sim, RELAY_ID, sim->now_us + sim_between(sim, MILLI, SECOND));
        return KAFKA_ABORT;
    }
    answer = kafka_end(sim, RELAY_ID, relay->epoch, true);
    return lost ? KAFKA_ABORT : answer;
}

static void publish_step(struct sim *sim, struct relay *relay)
{
    int64_t position = relay->n ? relay->rows[relay->n - 1].sequence : 0;
    enum answer answer;

    if (relay->pc == RELAY_SEND)
        answer = send_rows(sim, relay);
    else if (relay->pc == RELAY_POSITION)
        answer = kafka_put_position(sim, RELAY_ID, relay->epoch, RELAY_KEY, position);
    else
        answer = commit(sim, relay);
    if (answer != KAFKA_OK) {
        if (answer == KAFKA_FENCED)
            sim_fault(sim, FAULT_RELAY_FENCED);
        start_over(sim, relay);
        return;
    }
    if (relay->pc == RELAY_COMMIT)
        relay->position = position;
    relay->pc = relay->pc == RELAY_SEND ? RELAY_POSITION : relay->pc == RELAY_POSITION ? RELAY_COMMIT : RELAY_NOTE;
}

/* Steps that need no Postgres go on while it is away: an answer from Kafka may come after a restart of Postgres. */
static bool needs_postgres(enum relay_pc pc)
{
    return pc != RELAY_SEND && pc != RELAY_POSITION && pc != RELAY_COMMIT && pc != RELAY_PRODUCER;
}

void relay_step(struct sim *sim, struct relay *relay)
{
    relay->wake_us = sim->now_us + sim_between(sim, 10, sim_chance(sim, 50) ? SECOND : MILLI);
    if (!needs_postgres(relay->pc) && !sim->quiet && sim_chance(sim, sim->weather.postgres_faults)) {
        sim_fault(sim, FAULT_RELAY_STALLED); /* its session ends meanwhile, and another may take over */
        sim->postgres->relay_lock = -1;
        relay->wake_us = sim->now_us + sim_between(sim, MILLI, 3 * SECOND);
        return;
    }
    if (relay->refused) {
        relay->wake_us = sim->now_us + RETRY_US;
        return;
    }
    if (needs_postgres(relay->pc) && relay->pc != RELAY_CONNECT &&
        (sim->postgres->down || relay->session != sim->postgres->session)) {
        start_over(sim, relay);
        return;
    }
    switch (relay->pc) {
    case RELAY_CONNECT:
        relay->session = sim->postgres->session;
        relay->connection = sim->bridges->connections++;
        relay->epoch = -1;
        relay->pc = sim->postgres->down ? RELAY_CONNECT : RELAY_LOCK;
        break;
    case RELAY_LOCK:
        if (!pg_relay_lock(sim, relay->connection)) {
            relay->wake_us = sim->now_us + RETRY_US;
            break;
        }
        relay->pc = relay->epoch < 0 ? RELAY_PRODUCER : RELAY_NUMBER;
        break;
    case RELAY_PRODUCER: /* first: it ends what another relay left open, so that the position read next is the last */
        if (kafka_init_producer(sim, RELAY_ID, &relay->epoch) == KAFKA_OK)
            relay->pc = RELAY_RESUME;
        break;
    case RELAY_RESUME:
        resume(sim, relay);
        break;
    case RELAY_NUMBER:
        number(sim, relay);
        break;
    case RELAY_SEND:
    case RELAY_POSITION:
    case RELAY_COMMIT:
        publish_step(sim, relay);
        break;
    case RELAY_NOTE:
        pg_note(sim, relay->position);
        relay->pc = RELAY_LOCK;
        break;
    }
}
