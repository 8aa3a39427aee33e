/* The lane's shell as the simulation plays it: the steps of src/lane around the real flow, one call to Kafka at a time, so
 * that anything can happen between two of them. */
#ifndef TRIAGED_SIM_LANE_H
#define TRIAGED_SIM_LANE_H

#include "kafka.h"
#include "sim.h"
#include "turns.h"

struct work {
    struct work *next, *prev;
    uint64_t handle;
    int partition;
    int64_t offset;
    uint32_t assignment; /* of its partition when it was admitted */
    enum flow_verdict verdict;
    enum status status;
    bool failed, failed_result, word, parked;
    bool waits;              /* for a slot of the model, by the checker's books */
    int64_t waits_since_us;
    int64_t answer_us; /* of the running call; NEVER; 0 no call */
    bool answer_ok;
    uint64_t told; /* version of the switches that it was measured by */
};

enum consumer_state { CONSUMER_CLOSED, CONSUMER_JOINING, CONSUMER_STABLE };
enum change { CHANGE_NONE, CHANGE_ASSIGN, CHANGE_REVOKE, CHANGE_LOST };

struct consumer {
    enum consumer_state state;
    bool fatal;
    int id, generation;
    enum change wanted, change; /* noticed in the background; given to the shell until it has acted */
    unsigned given;             /* partitions of an assignment */
};

enum lane_pc {
    PC_OPEN, PC_MODEL, PC_CONTROLS, PC_GROUP, PC_READ, PC_TICK, PC_SLEEP, /* the turn */
    PC_GIVE_BACK,                                  /* a revocation is being completed */
    PC_MARKERS, PC_OFFSETS, PC_END,                /* FLOW_COMMIT */
    PC_SETTLE_INIT, PC_SETTLE_READ,                /* FLOW_SETTLE */
};

struct lane_partition {
    bool owned, stopped;
    int64_t next, end_told;
    uint32_t assignment;
};

struct lane {
    struct sim *sim;
    struct process *process;
    int name;
    struct flow *flow;
    struct flow_command *commands; /* that flow gave and that are still to be carried out */
    size_t n_commands, next_command, commands_cap;
    struct turns turns;
    struct work *works;
    size_t n_works;
    struct consumer consumer;
    bool producer_open;
    int epoch;
    struct lane_partition partitions[PARTITIONS_MAX];
    uint32_t assignments;
    enum lane_pc pc, back; /* back: where a commit was asked for */
    int64_t wake_us, retry_assign_us, reopen_us, give_back_by_us, fences[3];
    bool made_room, more, txn_failed, message_failed, fenced, drained, model_ok;
    int turn, reads;
    uint64_t old_handles[4]; /* of calls that ended, for answers that come twice */
    size_t n_old;
    struct switches switches; /* as it last saw them */
};

struct process {
    int instance;
    bool up, refused; /* refused: it ended by itself and needs an operator */
    int64_t frozen_until_us, restart_us, stop_now_us;
    int stopping;     /* 0, 1 drain, 2 now */
    enum lane_pc crash_at; /* PC_OPEN: nowhere */
    struct lane *lanes[LANES_PER_PROCESS];
    int n_lanes;
};

void process_start(struct sim *sim, struct process *process, int instance);
void process_crash(struct sim *sim, struct process *process, const char *why);
void process_stop(struct sim *sim, struct process *process, int level);
bool process_runs(const struct sim *sim, const struct process *process); /* up and not frozen */

void lane_step(struct lane *lane);
void lane_background(struct lane *lane); /* heartbeats: the client's own thread */
void lane_free(struct lane *lane);

/* Shared by lane.c and transaction.c. */
void lane_feed(struct lane *lane, struct flow_event event);
struct input *lane_input(struct lane *lane, const struct work *work);
bool lane_stops(struct lane *lane, const struct work *work); /* by a kill switch, or a person has it */
enum status lane_gate(struct lane *lane, const struct work *work); /* as gate_apply: what is allowed by what it saw */
void lane_drop_work(struct lane *lane, struct work *work);
void lane_lose_all(struct lane *lane);
void txn_begin(struct lane *lane);
void txn_emit(struct lane *lane, const struct flow_command *command);
void txn_replace(struct lane *lane, const struct flow_command *command);
void txn_commit(struct lane *lane);
void txn_settle(struct lane *lane);
void txn_step(struct lane *lane);
void txn_close_fenced(struct lane *lane);

#endif
