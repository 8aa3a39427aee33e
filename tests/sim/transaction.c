/* A lane's transactions, as src/lane/transaction.c makes them: one call to Kafka a step. */
#include <string.h>

#include "base/mem.h"
#include "check.h"
#include "lane.h"

#define FENCE_BACKOFF_US (2 * SECOND)
#define FENCE_WINDOW_US (60 * SECOND)
#define SETTLE_WAIT_US (200 * MILLI)

/* ---- producing ---- */

void txn_begin(struct lane *lane)
{
    lane->txn_failed = lane->message_failed = false;
}

static void put(struct lane *lane, const struct work *work, enum topic topic, enum status status, bool close)
{
    const struct input *input = lane_input(lane, work);
    const struct output output = {.topic = topic,
                                  .status = status,
                                  .close = close,
                                  .key = input->key,
                                  .revision = input->revision,
                                  .partition = work->partition,
                                  .offset = work->offset,
                                  .verdict = work->verdict,
                                  .lane = lane->name};

    if (kafka_produce(lane->sim, lane->name, lane->epoch, &output) != KAFKA_OK)
        lane->txn_failed = true;
}

/* As work_build_outputs. */
static void produce_outputs(struct lane *lane, struct work *work)
{
    work->status = lane_gate(lane, work);
    check_stopped(lane, work);
    if (work->failed) {
        put(lane, work, TOPIC_DEADLETTER, ST_FAILED, false);
        if (work->failed_result)
            put(lane, work, TOPIC_RESULTS, ST_FAILED, false);
        if (work->word)
            put(lane, work, TOPIC_REVIEWS, ST_FAILED, true);
        return;
    }
    put(lane, work, TOPIC_RESULTS, work->status, false);
    if (work->status == ST_IN_REVIEW)
        put(lane, work, TOPIC_REVIEWS, work->status, false);
    else if (work->word)
        put(lane, work, TOPIC_REVIEWS, work->status, true);
}

void txn_emit(struct lane *lane, const struct flow_command *command)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;
    const struct input *input = lane_input(lane, work);
    const struct lane_partition *partition = &lane->partitions[work->partition];

    check_counts(lane->sim, INV_5);
    if (!partition->owned || partition->assignment != work->assignment)
        sim_broken(lane->sim, INV_5, "partition %d offset %lld is emitted, and its assignment has ended",
                   work->partition, (long long)work->offset);
    check_counts(lane->sim, INV_11);
    if (work->answer_us)
        sim_broken(lane->sim, INV_11, "partition %d offset %lld is emitted while its call still runs", work->partition,
                   (long long)work->offset);
    if (lane->txn_failed)
        return;
    if (!work->failed && input->poison != POISON_NO)
        sim_fault(lane->sim, FAULT_POISON);
    if (!work->failed && input->poison == POISON_LOCAL) {
        lane->txn_failed = true;
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_POISON, .ticket = command->ticket});
        return;
    }
    if (!work->failed && input->poison == POISON_BROKER)
        lane->message_failed = true;
    produce_outputs(lane, work);
}

/* As work_replace_outputs: a dead letter and, where the revision had no outcome yet, a failed result. */
void txn_replace(struct lane *lane, const struct flow_command *command)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;
    const struct input *input = lane_input(lane, work);
    bool notice = work->status == ST_DUPLICATE || work->status == ST_STALE;

    work->failed_result = input->revision && !notice && !work->failed;
    work->failed = true;
}

/* ---- ending ---- */

void txn_commit(struct lane *lane)
{
    if (lane->fenced)
        return;
    lane->back = lane->pc;
    lane->pc = PC_MARKERS;
}

static void feed_end(struct lane *lane, enum flow_event_kind kind, bool blame)
{
    lane->pc = lane->back;
    lane_feed(lane, (struct flow_event){.kind = kind, .flag = blame});
}

static void fence(struct lane *lane)
{
    sim_fault(lane->sim, FAULT_FENCED);
    lane->pc = lane->back;
    lane->fenced = true;
}

static void abort_txn(struct lane *lane, bool blame)
{
    if (kafka_end(lane->sim, lane->name, lane->epoch, false) == KAFKA_FENCED) {
        fence(lane);
        return;
    }
    blame |= lane->message_failed;
    sim_fault(lane->sim, blame ? FAULT_ABORT_BLAMED : FAULT_ABORT);
    feed_end(lane, FLOW_EV_ABORTED, blame);
}

static void send_markers(struct lane *lane)
{
    const struct flow_position *positions;
    size_t n = flow_positions(lane->flow, &positions);

    lane->pc = PC_OFFSETS;
    for (size_t i = 0; i < n && !lane->txn_failed; i++) {
        if (positions[i].announce &&
            kafka_put_position(lane->sim, lane->name, lane->epoch, positions[i].partition, 0) != KAFKA_OK)
            lane->txn_failed = true;
    }
}

static void send_offsets(struct lane *lane)
{
    struct sim *sim = lane->sim;
    const struct flow_position *positions;
    size_t n = flow_positions(lane->flow, &positions);
    const struct member_metadata member = {lane->name, lane->consumer.id, lane->consumer.generation};

    if (lane->txn_failed) {
        abort_txn(lane, false);
        return;
    }
    lane->pc = PC_END;
    if (n == 0)
        return;
    switch (kafka_send_offsets(sim, lane->name, lane->epoch, &member, positions, n)) {
    case KAFKA_OK:
    case KAFKA_WAIT:
        break;
    case KAFKA_FENCED:
    case KAFKA_MEMBER_FENCED:
        fence(lane);
        break;
    case KAFKA_ABORT:
        abort_txn(lane, false);
        break;
    }
}

/* The reply is lost: the request was carried out, never came, or is still on its way. */
static void end_in_doubt(struct lane *lane)
{
    struct sim *sim = lane->sim;
    int truth = sim_below(sim, 3);

    sim_fault(sim, truth == 0 ? FAULT_DOUBT_COMMITTED : truth == 1 ? FAULT_DOUBT_LOST : FAULT_DOUBT_LATE);
    if (truth == 0)
        kafka_end(sim, lane->name, lane->epoch, true);
    else if (truth == 2)
        kafka_end_late(sim, lane->name, sim->now_us + sim_between(sim, MILLI, 500 * MILLI));
    feed_end(lane, FLOW_EV_IN_DOUBT, false);
}

static void end_txn(struct lane *lane)
{
    struct sim *sim = lane->sim;
    bool faulty = !sim->quiet && sim_chance(sim, sim->weather.end_faults);

    if (lane->message_failed) {
        abort_txn(lane, true);
    } else if (faulty && sim_chance(sim, 400)) {
        end_in_doubt(lane);
    } else if (faulty) {
        abort_txn(lane, sim_chance(sim, 150));
    } else if (kafka_end(sim, lane->name, lane->epoch, true) == KAFKA_FENCED) {
        fence(lane);
    } else {
        lane->made_room = true;
        feed_end(lane, FLOW_EV_COMMITTED, false);
    }
}

/* ---- settling a doubt ---- */

void txn_settle(struct lane *lane)
{
    lane->back = lane->pc;
    lane->producer_open = false;
    lane->pc = PC_SETTLE_INIT;
    lane->wake_us = lane->sim->now_us + sim_between(lane->sim, MILLI, SECOND);
}

static void settle_read(struct lane *lane)
{
    struct sim *sim = lane->sim;
    const struct flow_position *positions;
    size_t n = flow_positions(lane->flow, &positions);
    struct committed settled[PARTITIONS_MAX] = {0};
    int partitions[PARTITIONS_MAX];

    for (size_t i = 0; i < n; i++) {
        partitions[i] = positions[i].partition;
        if (kafka_fetch_offset(sim, partitions[i], &settled[i]) != KAFKA_OK) {
            lane->wake_us = sim->now_us + SETTLE_WAIT_US;
            return;
        }
    }
    lane->pc = lane->back;
    for (size_t i = 0; i < n; i++)
        lane_feed(lane, (struct flow_event){.kind = FLOW_EV_SETTLED,
                                            .partition = partitions[i],
                                            .base = settled[i].has ? settled[i].base : -1,
                                            .text = settled[i].has ? settled[i].text : ""});
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_SETTLED_ALL});
}

void txn_step(struct lane *lane)
{
    struct sim *sim = lane->sim;

    if (lane->pc == PC_MARKERS) {
        send_markers(lane);
    } else if (lane->pc == PC_OFFSETS) {
        send_offsets(lane);
    } else if (lane->pc == PC_END) {
        end_txn(lane);
    } else if (lane->pc == PC_SETTLE_READ) {
        settle_read(lane);
    } else if (kafka_init_producer(sim, lane->name, &lane->epoch) == KAFKA_OK) {
        lane->producer_open = true;
        lane->pc = PC_SETTLE_READ;
    } else {
        lane->wake_us = sim->now_us + sim_between(sim, MILLI, 50 * MILLI);
    }
}

/* ---- after a fence ---- */

void txn_close_fenced(struct lane *lane)
{
    struct sim *sim = lane->sim;
    int64_t oldest = lane->fences[0];

    sim_say(sim, "lane %d: fenced", lane->name);
    lane->fenced = false;
    for (int p = 0; p < PARTITIONS_MAX; p++) {
        if (lane->partitions[p].owned)
            lane_feed(lane, (struct flow_event){.kind = FLOW_EV_LOST, .partition = p});
        lane->partitions[p].owned = false;
    }
    lane_feed(lane, (struct flow_event){.kind = FLOW_EV_ABORTED});
    lane->producer_open = false;
    lane->consumer = (struct consumer){.generation = -1};
    lane->retry_assign_us = 0;
    memmove(lane->fences, lane->fences + 1, sizeof lane->fences - sizeof *lane->fences);
    lane->fences[2] = sim->now_us + 1;
    lane->reopen_us = sim->now_us + FENCE_BACKOFF_US;
    if (oldest && sim->now_us - oldest < FENCE_WINDOW_US)
        process_crash(sim, lane->process, "another process uses its instance name");
}
