/* The simulation of the pure core: what its files share. One seed is one world: a model of Kafka (kafka.c), a model of
 * Postgres (postgres.c), lanes that drive the real flow (lane.c, transaction.c), feeders and relays around their real
 * cores (bridge.c), people and faults (schedule.c), and a checker that looks at every commit (check.c). Nothing here
 * reads a clock or starts a thread: a seed always gives the same run. */
#ifndef TRIAGED_SIM_H
#define TRIAGED_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/flow.h"

enum {
    PARTITIONS_MAX = 4,
    REVIEW_PARTITIONS = 2,
    INSTANCES_MAX = 3,                              /* instance names */
    LANES_PER_PROCESS = 2,
    NAMES_MAX = INSTANCES_MAX * LANES_PER_PROCESS,  /* group.instance.id = transactional.id */
    PROCESSES_MAX = INSTANCES_MAX + 1,              /* one may run under a name that is taken */
    LANES_MAX = PROCESSES_MAX * LANES_PER_PROCESS,
    RELAY_ID = NAMES_MAX,                           /* the relay's transactional.id */
    PRODUCERS_MAX = NAMES_MAX + 1,
    BRIDGES_MAX = 2,                                /* feeders, and relays, at once */
    KEYS_MAX = 48,
    REVISIONS_MAX = 64,
    SEED_STEPS_MAX = 400000,                        /* of one seed: more is a livelock */
};

#define NEVER INT64_MAX
#define SECOND 1000000LL
#define MILLI 1000LL

enum log_state { LOG_OPEN, LOG_LIVE, LOG_GONE }; /* in a transaction, visible, never visible (marker, aborted) */

enum status {
    ST_ANSWERED, ST_SUGGESTED, ST_IGNORED, ST_IN_REVIEW, ST_WITHDRAWN, ST_DUPLICATE, ST_STALE, ST_FAILED,
    ST_REVIEWED, ST_SUPERSEDED,
};

enum poison { POISON_NO, POISON_LOCAL, POISON_BROKER }; /* refused at once; refused by the broker, unknown which one */
enum culprit { CULPRIT_NO, CULPRIT_DECIDE, CULPRIT_DECODE }; /* ends the process when it is decided; when it is read */

/* One offset of the ticket topic, and what the checker knows of it. */
struct input {
    enum log_state state;
    int source_txn;
    enum flow_record_kind kind;
    uint64_t key; /* 1 … KEYS_MAX-1; 0 unknown */
    int64_t revision;
    uint64_t hash;
    int64_t bytes;
    enum status base_status;
    bool drafts;
    enum poison poison;
    enum culprit culprit;
    unsigned share;
    int sender;
    bool background;
    uint32_t cost;
    int64_t due_us;
    int outcomes;            /* committed */
    enum flow_verdict verdict;
    bool suspected, to_review;
    int calls, losses, crashes; /* model calls; times it was dropped in work; process ends while in work */
    int admissions;          /* by any lane */
};

enum fault {
    FAULT_CRASH, FAULT_CRASH_IN_TXN, FAULT_FREEZE, FAULT_DOUBLE_PROCESS, FAULT_STOP, FAULT_STOP_NOW, FAULT_ABORT,
    FAULT_ABORT_BLAMED, FAULT_DOUBT_COMMITTED, FAULT_DOUBT_LOST, FAULT_DOUBT_LATE, FAULT_FENCED, FAULT_TXN_TIMEOUT,
    FAULT_SESSION_TIMEOUT, FAULT_MEMBER_REMOVED, FAULT_REBALANCE, FAULT_BREAKER, FAULT_MODEL_NEVER, FAULT_MODEL_TWICE,
    FAULT_CALL_REFUSED, FAULT_POISON, FAULT_CULPRIT, FAULT_EXPIRED_OFFSETS, FAULT_BAD_METADATA, FAULT_SOURCE_ABORT,
    FAULT_POSTGRES_DOWN, FAULT_POSTGRES_RESTORED, FAULT_FEED_IN_DOUBT, FAULT_FEEDER_STALE, FAULT_FEEDER_CRASH,
    FAULT_RELAY_CRASH, FAULT_RELAY_STALLED, FAULT_RELAY_FENCED, FAULT_RELAY_POSITION_LOST, FAULT_RELAY_REFUSED, FAULT_LATE_OUTBOX_ROW,
    FAULT_STALE_CLAIM, FAULT_UNSTABLE_OFFSETS, FAULT_STOPPED_ALL, FAULT_STOPPED_KEY, FAULT_TAKEN_OVER, FAULT_COUNT,
};

enum invariant { INV_1, INV_2, INV_3, INV_4, INV_5, INV_6, INV_7, INV_8, INV_10, INV_11, INV_12, INV_STOP, INV_COUNT };

/* How often what was reached; summed over jobs. */
struct tally {
    uint64_t seeds, tickets, steps, commits, innocents;
    uint64_t transitions[FLOW_STATE_COUNT][FLOW_STATE_COUNT];
    uint64_t events[FLOW_EV_COUNT], commands[FLOW_COMMAND_COUNT];
    uint64_t verdicts[FLOW_SUSPECT + 1], withouts[FLOW_MODEL_UNWANTED + 1];
    uint64_t faults[FAULT_COUNT], checks[INV_COUNT];
};

extern const char *const fault_names[FAULT_COUNT];
extern const char *const invariant_names[INV_COUNT];
extern const char *const command_names[FLOW_COMMAND_COUNT];

/* What one seed is made of. */
struct weather {
    int partitions, instances, lanes_each, keys, tickets;
    struct flow_settings flow;
    bool impatient;          /* a sender whose tickets are always due first */
    int senders, background; /* background: per mille of the tickets */
    int crash, freeze, stop, end_faults, group_faults, postgres_faults, rare; /* per mille, or 0 */
    int poison, culprit, breaker, switches;
    bool culprits_decode;
    int64_t model_slowest_us;
    int64_t quiet_after_us;
};

/* What triage.control says: kill switches and take-overs; one bit a key. */
struct switches {
    uint64_t version, stopped, taken;
    bool all;
};

struct kafka;
struct postgres;
struct lane;
struct process;
struct bridges;
struct people;
struct ledger;

struct sim {
    uint64_t seed, random;
    int64_t now_us;
    uint64_t step;
    bool verbose, failed, quiet;
    enum invariant broken;
    char why[256];
    struct weather weather;
    struct switches switches;
    struct tally *tally;
    struct kafka *kafka;
    struct postgres *postgres;
    struct process *processes; /* PROCESSES_MAX */
    struct bridges *bridges;
    struct people *people;
    uint64_t inputs, outcomes;         /* live records; outcomes committed */
    struct ledger *ledger;
};

/* main.c */
uint64_t sim_random(struct sim *sim);
int sim_below(struct sim *sim, int n);
bool sim_chance(struct sim *sim, int per_mille);
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
void sim_say(struct sim *sim, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_broken(struct sim *sim, enum invariant which, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static inline void sim_fault(struct sim *sim, enum fault fault)
{
    sim->tally->faults[fault]++;
}

/* schedule.c */
void sim_seed(struct sim *sim, uint64_t seed); /* runs one seed to its end or to its failure */

#endif
