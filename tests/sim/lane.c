/* The lane's turn, as src/lane/lane.c, decide_step.c and rebalance.c make it. */
#include "lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "check.h"

enum {
    READS_PER_TURN = 6,
};
#define RETRY_ASSIGN_US (200 * MILLI)
#define GIVE_BACK_US (3 * SECOND)
#define NAP_US (2 * MILLI)
#define IDLE_US (500 * MILLI)
#define MODEL_FASTEST_US (50 * MILLI)

/* They are carried out one at a time, but whose turn it was is looked at when it was decided. */
static void take_commands(struct lane *lane, enum flow_event_kind during)
{
    struct flow_command command;

    while (flow_next(lane->flow, &command)) {
        if (lane->n_commands == lane->commands_cap) {
            lane->commands_cap = lane->commands_cap ? 2 * lane->commands_cap : 64;
            lane->commands = mem_grow(lane->commands, lane->commands_cap, sizeof *lane->commands);
        }
        lane->commands[lane->n_commands++] = command;
        if (command.tag)
            turns_note(lane, &command, during);
    }
}

static bool next_command(struct lane *lane, struct flow_command *ret_command)
{
    if (lane->next_command == lane->n_commands) {
        lane->next_command = lane->n_commands = 0;
        return false;
    }
    *ret_command = lane->commands[lane->next_command++];
    return true;
}

void lane_feed(struct lane *lane, struct flow_event event)
{
    lane->sim->tally->events[event.kind]++;
    event.now_us = lane->sim->now_us;
    flow_feed(lane->flow, &event);
    take_commands(lane, event.kind);
}

struct input *lane_input(struct lane *lane, const struct work *work)
{
    return kafka_input(lane->sim->kafka, work->partition, work->offset);
}

/* ---- works ---- */

static struct work *add_work(struct lane *lane, int partition, int64_t offset)
{
    struct work *work = mem_alloc(sizeof *work);

    work->partition = partition;
    work->offset = offset;
    work->assignment = lane->partitions[partition].assignment;
    work->next = lane->works;
    if (work->next)
        work->next->prev = work;
    lane->works = work;
    lane->n_works++;
    lane_input(lane, work)->admissions++;
    return work;
}

void lane_drop_work(struct lane *lane, struct work *work)
{
    if (work->prev)
        work->prev->next = work->next;
    else
        lane->works = work->next;
    if (work->next)
        work->next->prev = work->prev;
    lane->n_works--;
    mem_free(work);
}

static struct work *work_of_handle(struct lane *lane, uint64_t handle)
{
    for (struct work *work = lane->works; work; work = work->next) {
        if (work->handle == handle)
            return work;
    }
    return NULL;
}

static struct work *work_of(const struct flow_command *command)
{
    return (struct work *)(uintptr_t)command->tag;
}

/* ---- what triage.control says ---- */

static bool key_bit(uint64_t keys, uint64_t key)
{
    return key && (keys >> key & 1);
}

bool lane_stops(struct lane *lane, const struct work *work)
{
    const struct input *input = lane_input(lane, work);

    return work->verdict == FLOW_NEW && (lane->switches.all || key_bit(lane->switches.stopped, input->key) ||
                                         key_bit(lane->switches.taken, input->key));
}

enum status lane_gate(struct lane *lane, const struct work *work)
{
    if (work->failed || !lane_stops(lane, work))
        return work->status;
    if (key_bit(lane->switches.taken, lane_input(lane, work)->key))
        return ST_SUGGESTED;
    return ST_IN_REVIEW;
}

/* One ticket after the other, and the commands about it first. */
static void take_controls(struct lane *lane)
{
    lane->switches = lane->sim->switches;
    for (struct work *work = lane->works; work; work = work->next) {
        if (!work->handle || work->told == lane->switches.version)
            continue;
        work->told = lane->switches.version;
        if (!lane_stops(lane, work))
            continue;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_UNWANTED, .ticket = work->handle});
        lane->pc = PC_CONTROLS;
        return;
    }
}

/* ---- deciding ---- */

/* As go_without: a suggestion without its draft is for a person; a spent budget (busy) is no failure. */
static void go_without(struct work *work, bool busy)
{
    if (work->status == ST_SUGGESTED && !busy)
        work->status = ST_IN_REVIEW;
}

static bool decide(struct work *work, const struct input *input)
{
    static const enum status notices[] = {[FLOW_WITHDRAWN] = ST_WITHDRAWN,
                                          [FLOW_DUPLICATE] = ST_DUPLICATE,
                                          [FLOW_DUPLICATE_DIFFERS] = ST_DUPLICATE,
                                          [FLOW_STALE] = ST_STALE};

    switch (work->verdict) {
    case FLOW_NEW:
        work->status = input->base_status;
        return input->drafts;
    case FLOW_WITHDRAWN:
    case FLOW_DUPLICATE:
    case FLOW_DUPLICATE_DIFFERS:
    case FLOW_STALE:
        work->status = notices[work->verdict];
        return false;
    case FLOW_UNDECODABLE:
        work->failed = work->failed_result = true;
        return false;
    case FLOW_UNDECODABLE_AGAIN:
    case FLOW_SUSPECT:
        work->failed = true;
        return false;
    }
    return false;
}

static void step_decide(struct lane *lane, const struct flow_command *command)
{
    struct work *work = work_of(command);
    const struct input *input = lane_input(lane, work);
    bool needs_model;

    work->handle = command->ticket;
    work->word = command->word;
    work->verdict = command->verdict;
    work->told = lane->switches.version;
    if (input->culprit == CULPRIT_DECIDE && command->verdict == FLOW_NEW) {
        sim_fault(lane->sim, FAULT_CULPRIT);
        process_crash(lane->sim, lane->process, "a record ends its process when it is decided");
        return;
    }
    needs_model = decide(work, input) && !lane_stops(lane, work);
    if (needs_model)
        turns_waits(lane, work);
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_DECIDED,
                                        .ticket = command->ticket,
                                        .flag = needs_model,
                                        .due_us = input->due_us,
                                        .cost = input->cost});
}

static void step_call_model(struct lane *lane, const struct flow_command *command)
{
    struct sim *sim = lane->sim;
    struct work *work = work_of(command);

    check_call(sim, work->partition, work->offset);
    if (sim_chance(sim, 20)) {
        sim_fault(sim, FAULT_CALL_REFUSED);
        go_without(work, false);
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = command->ticket, .flag = false});
        return;
    }
    work->answer_us = sim->now_us + sim_between(sim, MODEL_FASTEST_US, sim->weather.model_slowest_us);
    work->answer_ok = !sim_chance(sim, 100);
    if (sim_chance(sim, 30)) {
        sim_fault(sim, FAULT_MODEL_NEVER);
        work->answer_us = NEVER;
    }
}

static void step_adopt(struct lane *lane, const struct flow_command *command)
{
    struct work *work = work_of(command);
    struct work *parked = work_of_handle(lane, command->other);

    work->handle = command->ticket;
    work->word = command->word;
    work->verdict = command->verdict;
    work->status = parked->status;
    work->answer_us = parked->answer_us;
    work->answer_ok = parked->answer_ok;
    work->told = lane->switches.version;
    lane_drop_work(lane, parked);
    if (lane_stops(lane, work))
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_UNWANTED, .ticket = work->handle});
}

static void release(struct lane *lane, const struct flow_command *command)
{
    struct work *work = work_of(command);

    lane->made_room = true;
    if (!work->parked)
        check_released(lane->sim, work->partition, work->offset, command->flag);
    if (!work->parked && !command->flag)
        lane_input(lane, work)->losses++;
    lane_drop_work(lane, work);
}

static void obey(struct lane *lane, const struct flow_command *command)
{
    struct sim *sim = lane->sim;

    sim->tally->commands[command->kind]++;
    sim_say(sim, "lane %d: %s, partition %d offset %lld", lane->name, command_names[command->kind],
            command->partition, work_of(command) ? (long long)work_of(command)->offset : -1);
    switch (command->kind) {
    case FLOW_DECIDE:
        sim->tally->verdicts[command->verdict]++;
        step_decide(lane, command);
        break;
    case FLOW_CALL_MODEL:
        step_call_model(lane, command);
        break;
    case FLOW_CANCEL_MODEL:
        work_of(command)->answer_us = 0;
        lane->old_handles[lane->n_old++ % ARRAY_LEN(lane->old_handles)] = command->ticket;
        break;
    case FLOW_FINISH:
        sim->tally->withouts[command->without]++;
        check_without(lane, work_of(command), command->without);
        go_without(work_of(command), command->without == FLOW_MODEL_BUSY);
        break;
    case FLOW_ADOPT:
        step_adopt(lane, command);
        break;
    case FLOW_REPLACE:
        txn_replace(lane, command);
        break;
    case FLOW_BEGIN:
        txn_begin(lane);
        break;
    case FLOW_EMIT:
        txn_emit(lane, command);
        break;
    case FLOW_COMMIT:
        txn_commit(lane);
        break;
    case FLOW_SETTLE:
        txn_settle(lane);
        break;
    case FLOW_RELEASE:
        release(lane, command);
        break;
    case FLOW_STOP_PARTITION:
        lane->partitions[command->partition].stopped = true;
        lane->process->refused = true; /* readiness is red: the operator will come */
        break;
    case FLOW_DRAINED:
        lane->drained = true;
        break;
    case FLOW_COMMAND_COUNT:
        break;
    }
}

/* ---- the model ---- */

static void serve_model(struct lane *lane)
{
    struct sim *sim = lane->sim;
    struct work *next;

    for (struct work *work = lane->works; work; work = next) {
        next = work->next;
        if (!work->answer_us || work->answer_us > sim->now_us)
            continue;
        work->answer_us = 0;
        if (!work->answer_ok)
            go_without(work, false);
        lane->old_handles[lane->n_old++ % ARRAY_LEN(lane->old_handles)] = work->handle;
        lane_feed(lane,
                  (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = work->handle, .flag = work->answer_ok});
        lane->pc = PC_MODEL; /* its commands first, then the next answer */
        return;
    }
    if (lane->n_old && sim_chance(sim, 20)) {
        uint64_t handle = lane->old_handles[sim_below(sim, (int)ARRAY_LEN(lane->old_handles))];
        const struct work *work = work_of_handle(lane, handle);
        if (handle && (!work || !work->answer_us)) {
            sim_fault(sim, FAULT_MODEL_TWICE);
            lane_feed(lane, (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = handle, .flag = true});
        }
    }
    if (!sim->quiet && sim_chance(sim, sim->weather.breaker)) {
        sim_fault(sim, FAULT_BREAKER);
        lane->model_ok = !lane->model_ok;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_MODEL_STATE, .flag = lane->model_ok});
    } else if (sim->quiet && !lane->model_ok) {
        lane->model_ok = true;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_MODEL_STATE, .flag = true});
    }
}

/* ---- the group ---- */

static void open_consumer(struct lane *lane)
{
    struct sim *sim = lane->sim;

    lane->consumer = (struct consumer){.state = CONSUMER_JOINING, .generation = -1};
    lane->consumer.id = kafka_join(sim, lane->name);
    sim_say(sim, "lane %d: joins as member %d", lane->name, lane->consumer.id);
}

static bool owns_any(const struct lane *lane)
{
    for (size_t i = 0; i < PARTITIONS_MAX; i++) {
        if (lane->partitions[i].owned)
            return true;
    }
    return false;
}

static void rejoin(struct lane *lane)
{
    struct consumer *consumer = &lane->consumer;
    struct member *member = &lane->sim->kafka->members[lane->name];

    consumer->state = CONSUMER_JOINING;
    consumer->wanted = consumer->change = CHANGE_NONE;
    if (member->present && member->id == consumer->id && lane->sim->kafka->group == GROUP_PREPARING) {
        member->joined = true;
        return;
    }
    if (member->present && member->id == consumer->id)
        return;
    consumer->generation = -1;
    consumer->id = kafka_join(lane->sim, lane->name);
}

/* What the client's own thread does: heartbeats, and noticing what the coordinator answers to them. */
void lane_background(struct lane *lane)
{
    struct kafka *kafka = lane->sim->kafka;
    struct member *member = &kafka->members[lane->name];
    struct consumer *consumer = &lane->consumer;
    bool called_back = consumer->change != CHANGE_NONE || owns_any(lane);

    if (consumer->state == CONSUMER_CLOSED || consumer->fatal)
        return;
    if (member->present && member->id != consumer->id) {
        consumer->fatal = true; /* another took our name */
        consumer->generation = -1;
        return;
    }
    if (!member->present) {
        consumer->generation = -1;
        consumer->id = 0;
        if (called_back)
            consumer->wanted = CHANGE_LOST;
        else
            rejoin(lane);
        return;
    }
    member->seen_us = lane->sim->now_us;
    if (consumer->state == CONSUMER_JOINING && kafka->group == GROUP_STABLE) {
        consumer->state = CONSUMER_STABLE;
        consumer->generation = kafka->generation;
        consumer->given = member->assigned;
        consumer->wanted = CHANGE_ASSIGN;
    } else if (consumer->state == CONSUMER_STABLE && kafka->group == GROUP_PREPARING && !member->joined) {
        if (called_back)
            consumer->wanted = CHANGE_REVOKE;
        else
            rejoin(lane);
    }
}

void lane_lose_all(struct lane *lane)
{
    for (int p = 0; p < PARTITIONS_MAX; p++) {
        if (!lane->partitions[p].owned)
            continue;
        lane->partitions[p].owned = false;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_LOST, .partition = p});
    }
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_TICK});
}

/* A calling ticket of a lost partition stays with us as parked: the shell sees it by what was not released. */
static void note_parked(struct lane *lane)
{
    for (struct work *work = lane->works; work; work = work->next) {
        const struct lane_partition *partition = &lane->partitions[work->partition];
        if (!work->parked && (!partition->owned || partition->assignment != work->assignment)) {
            work->parked = true;
            lane_input(lane, work)->losses++;
        }
    }
}

static enum answer first_position(struct lane *lane, int partition, int64_t *ret_base)
{
    struct sim *sim = lane->sim;
    bool marked;
    int64_t value;

    if (kafka_read_position(sim, partition, &marked, &value) == KAFKA_WAIT)
        return KAFKA_WAIT;
    if (marked) {
        lane->process->refused = true;
        return KAFKA_FENCED;
    }
    *ret_base = sim->kafka->inputs[partition].first;
    return KAFKA_OK;
}

static void announce(struct lane *lane, int partition, const struct committed *position, int64_t base)
{
    struct lane_partition *own = &lane->partitions[partition];
    int64_t first = lane->sim->kafka->inputs[partition].first;
    int64_t start = base - (int64_t)lane->sim->weather.flow.dedup_memory;

    *own = (struct lane_partition){
        .owned = true, .next = start > first ? start : first, .end_told = -1, .assignment = ++lane->assignments};
    sim_say(lane->sim, "lane %d: has partition %d from %lld, base %lld %s", lane->name, partition,
            (long long)own->next, (long long)base, position->has ? position->text : "none");
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_ASSIGNED,
                                        .partition = partition,
                                        .base = base,
                                        .start = own->next,
                                        .text = position->has ? position->text : "",
                                        .flag = position->has});
}

/* Positions are read first, all of them; only then is anything assigned. */
static void try_assign(struct lane *lane)
{
    struct sim *sim = lane->sim;
    struct committed positions[PARTITIONS_MAX];
    int64_t bases[PARTITIONS_MAX];
    enum answer answer = KAFKA_OK;

    if (sim->now_us < lane->retry_assign_us)
        return;
    lane->retry_assign_us = sim->now_us + RETRY_ASSIGN_US;
    for (int p = 0; p < sim->weather.partitions && answer == KAFKA_OK; p++) {
        if (!(lane->consumer.given >> p & 1))
            continue;
        answer = kafka_fetch_offset(sim, p, &positions[p]);
        bases[p] = positions[p].base;
        if (answer == KAFKA_OK && !positions[p].has)
            answer = first_position(lane, p, &bases[p]);
    }
    if (answer == KAFKA_FENCED)
        process_crash(sim, lane->process, "offsets are gone and a marker says that there were some");
    if (answer != KAFKA_OK)
        return;
    lane->retry_assign_us = 0;
    lane_lose_all(lane);
    for (int p = 0; p < sim->weather.partitions; p++) {
        if (lane->consumer.given >> p & 1)
            announce(lane, p, &positions[p], bases[p]);
    }
    lane->consumer.change = CHANGE_NONE;
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_TICK});
}

static void finish_leaving(struct lane *lane)
{
    lane_lose_all(lane);
    rejoin(lane);
    lane->pc = PC_READ;
}

static void serve_group(struct lane *lane)
{
    struct consumer *consumer = &lane->consumer;

    if (consumer->fatal) {
        lane->fenced = true;
        return;
    }
    if (consumer->change == CHANGE_NONE) {
        consumer->change = consumer->wanted;
        consumer->wanted = CHANGE_NONE;
    }
    switch (consumer->change) {
    case CHANGE_NONE:
        break;
    case CHANGE_ASSIGN:
        try_assign(lane);
        break;
    case CHANGE_REVOKE:
        for (int p = 0; p < PARTITIONS_MAX; p++) {
            if (lane->partitions[p].owned)
                lane_feed(lane, (struct flow_event){.kind = FLOW_EV_REVOKING, .partition = p});
        }
        lane->give_back_by_us = lane->sim->now_us + GIVE_BACK_US;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_TICK});
        lane->pc = PC_GIVE_BACK;
        break;
    case CHANGE_LOST:
        finish_leaving(lane);
        break;
    }
}

static void give_back(struct lane *lane)
{
    if (flow_revocable(lane->flow) || lane->fenced || lane->sim->now_us >= lane->give_back_by_us) {
        finish_leaving(lane);
        return;
    }
    lane->wake_us = lane->sim->now_us + NAP_US;
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_TICK});
}

/* ---- reading ---- */

static void feed_record(struct lane *lane, int partition, int64_t offset)
{
    struct sim *sim = lane->sim;
    const struct input *input = kafka_input(sim->kafka, partition, offset);
    bool skips = flow_skips(lane->flow, partition, offset);
    bool opaque = flow_suspect(lane->flow, partition, offset);
    struct work *work = skips ? NULL : add_work(lane, partition, offset);
    struct flow_record record = {.partition = partition,
                                 .offset = offset,
                                 .kind = opaque ? FLOW_OPAQUE : input->kind,
                                 .bytes = input->bytes,
                                 .share = input->share,
                                 .sender = (uint64_t)input->sender + 1,
                                 .background = input->background,
                                 .tag = (uint64_t)(uintptr_t)work};

    if (!opaque && input->culprit == CULPRIT_DECODE) {
        sim_fault(sim, FAULT_CULPRIT);
        process_crash(sim, lane->process, "a record ends its process when it is read");
        return;
    }
    if (!opaque) {
        record.key_id = input->key;
        record.revision = input->revision;
        record.content_hash = input->hash;
    }
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_RECORD, .partition = partition, .record = record});
}

/* One record or the news of the end; false when there is none or it must wait. */
static bool read_one(struct lane *lane, int index)
{
    struct kafka *kafka = lane->sim->kafka;
    struct lane_partition *partition = &lane->partitions[index];
    int64_t stable = kafka_stable(kafka, index);
    int64_t next = partition->next;

    if (!partition->owned || partition->stopped || lane->consumer.change != CHANGE_NONE)
        return false;
    while (next < stable && kafka_input(kafka, index, next)->state != LOG_LIVE)
        next++;
    if (next >= stable) {
        if (partition->end_told == stable)
            return false;
        partition->end_told = stable;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_END, .partition = index, .base = stable});
        return true;
    }
    if (!flow_admits(lane->flow, index, next))
        return false;
    partition->next = next + 1;
    feed_record(lane, index, next);
    return true;
}

static void read_records(struct lane *lane)
{
    int n = lane->sim->weather.partitions;

    for (int i = 0; i < n; i++) {
        if (!read_one(lane, lane->turn++ % n))
            continue;
        lane->more = true;
        if (lane->process->up && ++lane->reads < READS_PER_TURN)
            lane->pc = PC_READ; /* the commands about this one first */
        return;
    }
    lane->more = false;
}

/* ---- the turn ---- */

static void sleep_until_needed(struct lane *lane)
{
    int64_t wake = flow_wake_us(lane->flow);
    int64_t latest = lane->sim->now_us + IDLE_US;

    for (const struct work *work = lane->works; work; work = work->next) {
        if (work->answer_us && work->answer_us < wake)
            wake = work->answer_us;
    }
    if (lane->retry_assign_us && lane->retry_assign_us < wake)
        wake = lane->retry_assign_us;
    if (lane->more || lane->made_room)
        wake = lane->sim->now_us;
    lane->wake_us = wake < latest ? wake : latest;
}

/* Opens, or opens again after a fence; false when it has to wait. */
static bool ensure_open(struct lane *lane)
{
    struct sim *sim = lane->sim;

    if (lane->fenced) {
        txn_close_fenced(lane);
        return false;
    }
    if (lane->producer_open && lane->consumer.state != CONSUMER_CLOSED)
        return true;
    lane->wake_us = sim->now_us + sim_between(sim, MILLI, 50 * MILLI);
    if (sim->now_us < lane->reopen_us) {
        lane->wake_us = lane->reopen_us;
        return false;
    }
    if (!lane->producer_open) {
        lane->producer_open = kafka_init_producer(sim, lane->name, &lane->epoch) == KAFKA_OK;
        return false;
    }
    open_consumer(lane);
    return false;
}

static void begin_stop(struct lane *lane)
{
    struct process *process = lane->process;

    if (process->stopping > 1 || lane->sim->now_us > process->stop_now_us)
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_STOP_NOW});
    else
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_STOP});
}

static void turn(struct lane *lane)
{
    switch (lane->pc) {
    case PC_OPEN:
        if (!ensure_open(lane))
            return;
        lane->pc = PC_MODEL;
        lane->made_room = false;
        lane->reads = 0;
        if (lane->process->stopping)
            begin_stop(lane);
        break;
    case PC_MODEL:
        lane->pc = PC_CONTROLS;
        serve_model(lane);
        break;
    case PC_CONTROLS:
        lane->pc = PC_GROUP;
        take_controls(lane);
        break;
    case PC_GROUP:
        lane->pc = PC_READ;
        serve_group(lane);
        break;
    case PC_READ:
        lane->pc = PC_TICK;
        read_records(lane);
        break;
    case PC_TICK:
        lane->pc = PC_SLEEP; /* its commands first */
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_TICK, .flag = lane->more});
        break;
    case PC_SLEEP:
        lane->pc = PC_OPEN;
        sleep_until_needed(lane);
        break;
    case PC_GIVE_BACK:
        give_back(lane);
        break;
    case PC_MARKERS:
    case PC_OFFSETS:
    case PC_END:
    case PC_SETTLE_INIT:
    case PC_SETTLE_READ:
        txn_step(lane);
        break;
    }
}

/* One step: one command, or one part of the turn. Commands come first, unless a call to Kafka is under way. */
void lane_step(struct lane *lane)
{
    struct sim *sim = lane->sim;
    struct process *process = lane->process;
    struct flow_command command;
    bool calling = lane->pc >= PC_MARKERS;

    lane->wake_us = sim->now_us + sim_between(sim, 1, 400);
    if (process->crash_at != PC_OPEN && lane->pc == process->crash_at) {
        process->crash_at = PC_OPEN;
        sim_fault(sim, FAULT_CRASH_IN_TXN);
        process_crash(sim, process, "inside a transaction");
        return;
    }
    if (!calling && next_command(lane, &command)) {
        obey(lane, &command);
        if (process->up && command.kind == FLOW_RELEASE)
            lane->made_room = true;
        return;
    }
    if (!calling) {
        note_parked(lane);
        check_figures(sim, lane);
    }
    turn(lane);
}

/* ---- processes ---- */

bool process_runs(const struct sim *sim, const struct process *process)
{
    return process->up && process->frozen_until_us <= sim->now_us;
}

static struct lane *lane_new(struct sim *sim, struct process *process, int number)
{
    struct lane *lane = mem_alloc(sizeof *lane);

    lane->sim = sim;
    lane->process = process;
    lane->name = process->instance * LANES_PER_PROCESS + number;
    lane->flow = flow_new(&sim->weather.flow);
    lane->model_ok = true;
    lane->consumer.generation = -1;
    return lane;
}

void lane_free(struct lane *lane)
{
    struct tally *tally;

    if (!lane)
        return;
    tally = lane->sim->tally;
    for (int from = 0; from < FLOW_STATE_COUNT; from++) {
        for (int to = 0; to < FLOW_STATE_COUNT; to++)
            tally->transitions[from][to] += flow_transition_count(lane->flow, from, to);
    }
    while (lane->works)
        lane_drop_work(lane, lane->works);
    flow_free(lane->flow);
    mem_free(lane->commands);
    mem_free(lane);
}

void process_start(struct sim *sim, struct process *process, int instance)
{
    *process = (struct process){.instance = instance, .up = true, .n_lanes = sim->weather.lanes_each};
    for (int i = 0; i < process->n_lanes; i++)
        process->lanes[i] = lane_new(sim, process, i);
    sim_say(sim, "process %d: starts", instance);
}

/* The works stay until the step under way has ended: then the schedule clears them away. */
void process_crash(struct sim *sim, struct process *process, const char *why)
{
    sim_say(sim, "process %d: ends: %s", process->instance, why);
    process->up = false;
    process->restart_us = sim->now_us + sim_between(sim, 100 * MILLI, 3 * SECOND);
    for (int i = 0; i < process->n_lanes; i++) {
        for (struct work *work = process->lanes[i]->works; work; work = work->next) {
            if (work->parked)
                continue;
            lane_input(process->lanes[i], work)->crashes++;
            lane_input(process->lanes[i], work)->losses++;
        }
    }
}

void process_stop(struct sim *sim, struct process *process, int level)
{
    sim_say(sim, "process %d: is told to stop (%d)", process->instance, level);
    sim_fault(sim, level > 1 ? FAULT_STOP_NOW : FAULT_STOP);
    if (!process->stopping)
        process->stop_now_us = sim->now_us + sim_between(sim, SECOND, 20 * SECOND);
    if (level > process->stopping)
        process->stopping = level;
    for (int i = 0; i < process->n_lanes; i++)
        process->lanes[i]->wake_us = sim->now_us;
}
