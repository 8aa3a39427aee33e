/* The checker: at every commit it compares what becomes visible with what may. It keeps its own books and asks flow for
 * nothing but its figures and the window's text form. */
#include "check.h"

#include <string.h>

#include "lane.h"
#include "postgres.h"
#include "triage/window.h"

/* ---- one ticket's outcome ---- */

struct outcome {
    const struct output *first;
    int results, dead, words, requests;
    enum status status;
};

static struct outcome gather(const struct output *outputs, size_t n, size_t *ret_used)
{
    struct outcome outcome = {.first = outputs};
    size_t i = 0;

    for (; i < n && outputs[i].partition == outputs->partition && outputs[i].offset == outputs->offset; i++) {
        outcome.results += outputs[i].topic == TOPIC_RESULTS;
        outcome.dead += outputs[i].topic == TOPIC_DEADLETTER;
        outcome.words += outputs[i].topic == TOPIC_REVIEWS && outputs[i].close;
        outcome.requests += outputs[i].topic == TOPIC_REVIEWS && !outputs[i].close;
        if (outputs[i].topic == TOPIC_RESULTS)
            outcome.status = outputs[i].status;
    }
    *ret_used = i;
    return outcome;
}

static bool is_decision(const struct outcome *outcome)
{
    return outcome->results && outcome->status != ST_DUPLICATE && outcome->status != ST_STALE;
}

static void check_shape(struct sim *sim, const struct outcome *outcome)
{
    const struct output *first = outcome->first;
    bool one = outcome->dead ? outcome->dead == 1 && outcome->results <= 1 && outcome->requests == 0
                             : outcome->results == 1;

    check_counts(sim, INV_1);
    if (!one)
        sim_broken(sim, INV_1, "partition %d offset %lld has %d results and %d dead letters", first->partition,
                   (long long)first->offset, outcome->results, outcome->dead);
    check_counts(sim, INV_3);
    if ((outcome->results && outcome->status == ST_IN_REVIEW) != (outcome->requests == 1))
        sim_broken(sim, INV_3, "partition %d offset %lld: in_review and its request don't go together", first->partition,
                   (long long)first->offset);
}

/* What a partition's memory must hold for a record: the notable ones among the last dedup_memory offsets; and what it may
 * hold: any before. */
struct seen {
    int64_t near, far;
    bool same_near, same_far;
};

static struct seen look_back(struct sim *sim, int partition, int64_t offset, const struct input *input)
{
    const struct input_log *log = &sim->kafka->inputs[partition];
    struct seen seen = {0};

    for (int64_t at = log->first; at < offset; at++) {
        const struct input *other = &log->at[at - log->first];
        bool near = offset - at <= (int64_t)sim->weather.flow.dedup_memory && !other->suspected;
        if (other->state != LOG_LIVE || other->key != input->key || !other->revision || other->kind == FLOW_TOMBSTONE)
            continue;
        if (other->revision > seen.far)
            seen.far = other->revision;
        if (near && other->revision > seen.near)
            seen.near = other->revision;
        seen.same_far |= other->revision == input->revision;
    }
    return seen;
}

static void check_verdict(struct sim *sim, const struct output *first, const struct input *input)
{
    struct seen seen = look_back(sim, first->partition, first->offset, input);
    bool right = true;

    if (!input->key || !input->revision)
        return;
    switch (first->verdict) {
    case FLOW_NEW:
    case FLOW_UNDECODABLE:
        right = input->revision > seen.near;
        break;
    case FLOW_WITHDRAWN:
        right = input->kind == FLOW_TOMBSTONE || input->revision > seen.near;
        break;
    case FLOW_DUPLICATE:
    case FLOW_DUPLICATE_DIFFERS:
        right = seen.same_far && input->revision >= seen.near;
        break;
    case FLOW_STALE:
        right = input->revision < seen.far;
        break;
    case FLOW_UNDECODABLE_AGAIN:
        right = input->revision <= seen.far;
        break;
    case FLOW_SUSPECT:
        break;
    }
    check_counts(sim, INV_2);
    if (!right)
        sim_broken(sim, INV_2, "partition %d offset %lld key %d revision %lld got verdict %d; seen nearby %lld, ever %lld",
                   first->partition, (long long)first->offset, (int)input->key, (long long)input->revision,
                   (int)first->verdict, (long long)seen.near, (long long)seen.far);
}

/* Tickets of one key leave in the order in which they came. */
static void check_order(struct sim *sim, const struct outcome *outcome, const struct input *input)
{
    const struct output *first = outcome->first;
    const struct input_log *log = &sim->kafka->inputs[first->partition];
    int64_t *last = &sim->ledger->last_result_at[input->key];

    check_counts(sim, INV_4);
    if (!input->key)
        return;
    for (int64_t at = log->first; at < first->offset; at++) {
        const struct input *other = &log->at[at - log->first];
        if (other->state == LOG_LIVE && other->key == input->key && !other->outcomes)
            sim_broken(sim, INV_4, "partition %d: offset %lld leaves before offset %lld of the same key",
                       first->partition, (long long)first->offset, (long long)at);
    }
    if (first->topic == TOPIC_RESULTS && first->at <= *last)
        sim_broken(sim, INV_4, "partition %d offset %lld stands before an earlier result of its key", first->partition,
                   (long long)first->offset);
    if (first->topic == TOPIC_RESULTS)
        *last = first->at;
}

/* Every newer revision and every withdrawal sends word to reviews, where an older one may be open. */
static void check_word(struct sim *sim, const struct outcome *outcome, const struct input *input)
{
    const struct output *first = outcome->first;
    bool older = false;

    if (!is_decision(outcome) || outcome->words + outcome->requests)
        return;
    for (int64_t r = 1; r < REVISIONS_MAX; r++)
        older |= sim->ledger->requests[input->key][r] > 0 && (input->kind == FLOW_TOMBSTONE || r < input->revision);
    check_counts(sim, INV_4);
    if (older && input->key)
        sim_broken(sim, INV_4, "partition %d offset %lld is newer than an item in review and sends no word",
                   first->partition, (long long)first->offset);
}

/* Nothing but a record ends a process in this seed. */
static bool only_culprits(const struct weather *weather)
{
    return weather->lanes_each == 1 && !weather->crash && !weather->freeze && !weather->group_faults && !weather->rare;
}

/* What is counted are takeovers, not crashes: four in a row without progress, whatever their cause, make a suspect of the
 * first record. Where nothing but a record ends a process, it must be that record. */
static void check_suspect(struct sim *sim, const struct output *first, struct input *input)
{
    if (first->verdict != FLOW_SUSPECT)
        return;
    input->suspected = true;
    check_counts(sim, INV_8);
    sim->tally->innocents += input->culprit == CULPRIT_NO;
    if (input->culprit == CULPRIT_NO && only_culprits(&sim->weather))
        sim_broken(sim, INV_8, "partition %d offset %lld is given up as crash_suspect and is innocent",
                   first->partition, (long long)first->offset);
}

static bool carries(const struct txn *txn, int partition)
{
    for (size_t i = 0; i < txn->n_offsets; i++) {
        if (txn->offsets[i].partition == partition)
            return true;
    }
    return false;
}

static void judge(struct sim *sim, const struct txn *txn, const struct outcome *outcome)
{
    const struct output *first = outcome->first;
    struct input *input = kafka_input(sim->kafka, first->partition, first->offset);

    check_counts(sim, INV_1);
    if (!carries(txn, first->partition))
        sim_broken(sim, INV_1, "partition %d offset %lld has its outcome in a transaction without its position",
                   first->partition, (long long)first->offset);
    check_counts(sim, INV_2);
    if (input->outcomes)
        sim_broken(sim, INV_2, "partition %d offset %lld has a second outcome", first->partition,
                   (long long)first->offset);
    check_shape(sim, outcome);
    check_verdict(sim, first, input);
    check_order(sim, outcome, input);
    check_word(sim, outcome, input);
    check_suspect(sim, first, input);
    input->outcomes++;
    input->verdict = first->verdict;
    sim->outcomes++;
    if (outcome->requests && !sim->ledger->requests[input->key][input->revision]++)
        sim->ledger->in_review_at[input->key][input->revision] = first->at;
}

/* ---- what the relay publishes ---- */

static void judge_ending(struct sim *sim, const struct output *output)
{
    struct ledger *ledger = sim->ledger;

    check_counts(sim, INV_3);
    if (!ledger->requests[output->key][output->revision])
        sim_broken(sim, INV_3, "key %d revision %lld ends and was never in review", (int)output->key,
                   (long long)output->revision);
    if (ledger->endings[output->key][output->revision]++)
        sim_broken(sim, INV_3, "key %d revision %lld has a second ending", (int)output->key,
                   (long long)output->revision);
    if (output->at <= ledger->in_review_at[output->key][output->revision])
        sim_broken(sim, INV_4, "key %d revision %lld ends before it is in review", (int)output->key,
                   (long long)output->revision);
    check_counts(sim, INV_10);
    if (output->sequence <= ledger->relay_sequence)
        sim_broken(sim, INV_10, "the relay publishes number %lld after %lld", (long long)output->sequence,
                   (long long)ledger->relay_sequence);
    ledger->relay_sequence = output->sequence;
}

/* ---- positions ---- */

/* What a position says is done must have its outcome, and what has its outcome must be said to be done. */
static void check_position(struct sim *sim, const struct pending_offset *offset)
{
    const struct input_log *log = &sim->kafka->inputs[offset->partition];
    int64_t *base = &sim->ledger->base[offset->partition];
    struct window window;
    struct err err;
    int takeovers;

    check_counts(sim, INV_10);
    if (offset->base < *base)
        sim_broken(sim, INV_10, "partition %d goes back from %lld to %lld", offset->partition, (long long)*base,
                   (long long)offset->base);
    if (window_decode(offset->text, offset->base, &window, &takeovers, &err) < 0) {
        sim_broken(sim, INV_1, "partition %d: metadata can't be read: %s", offset->partition, offset->text);
        return;
    }
    for (int64_t at = *base > log->first ? *base : log->first; at < log->first + log->n; at++) {
        const struct input *input = &log->at[at - log->first];
        bool done = window_is_done(&window, at);
        check_counts(sim, INV_1);
        if (done && (input->state == LOG_OPEN || (input->state == LOG_LIVE && !input->outcomes)))
            sim_broken(sim, INV_1, "partition %d offset %lld is passed without an outcome", offset->partition,
                       (long long)at);
        if (!done && input->outcomes)
            sim_broken(sim, INV_2, "partition %d offset %lld has its outcome and its position does not say so",
                       offset->partition, (long long)at);
    }
    *base = offset->base;
    window_free(&window);
}

void check_commit(struct sim *sim, const struct txn *txn)
{
    size_t used;

    sim->tally->commits++;
    for (size_t i = 0; i < txn->n; i += used) {
        struct outcome outcome;
        used = 1;
        if (txn->outputs[i].partition < 0) {
            judge_ending(sim, &txn->outputs[i]);
            continue;
        }
        outcome = gather(txn->outputs + i, txn->n - i, &used);
        judge(sim, txn, &outcome);
    }
    for (size_t i = 0; i < txn->n_offsets; i++)
        check_position(sim, &txn->offsets[i]);
}

/* Kafka takes a position from any live member; we must not send one of a partition that is another's. */
void check_offsets_taken(struct sim *sim, const struct member *member, const struct flow_position *positions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_counts(sim, INV_5);
        if (!(member->assigned >> positions[i].partition & 1))
            sim_broken(sim, INV_5, "a position of partition %d is sent by a member that does not own it",
                       positions[i].partition);
    }
}

/* ---- what a lane holds ---- */

void check_released(struct sim *sim, int partition, int64_t offset, bool committed)
{
    const struct input *input = kafka_input(sim->kafka, partition, offset);

    check_counts(sim, INV_1);
    if (committed && !input->outcomes)
        sim_broken(sim, INV_1, "partition %d offset %lld is released as committed and has no outcome", partition,
                   (long long)offset);
}

void check_call(struct sim *sim, int partition, int64_t offset)
{
    struct input *input = kafka_input(sim->kafka, partition, offset);

    check_counts(sim, INV_11);
    if (++input->calls > input->admissions)
        sim_broken(sim, INV_11, "partition %d offset %lld: call %d of the model for %d admissions", partition,
                   (long long)offset, input->calls, input->admissions);
}

void check_without(struct lane *lane, const struct work *work, enum flow_without without)
{
    check_counts(lane->sim, INV_STOP);
    if (without == FLOW_MODEL_UNWANTED && !lane_stops(lane, work))
        sim_broken(lane->sim, INV_STOP, "lane %d: partition %d offset %lld loses its draft and nothing stops it", lane->name,
                   work->partition, (long long)work->offset);
    check_counts(lane->sim, INV_8);
    if (without == FLOW_MODEL_UNAVAILABLE && lane->model_ok)
        sim_broken(lane->sim, INV_8, "lane %d: a ticket goes without the model, and its breaker is closed", lane->name);
}

/* After a lane saw a stop nothing of it goes out by the machine alone. */
void check_stopped(struct lane *lane, const struct work *work)
{
    check_counts(lane->sim, INV_STOP);
    if (!work->failed && lane_stops(lane, work) && (work->status == ST_ANSWERED || work->status == ST_IGNORED))
        sim_broken(lane->sim, INV_STOP, "partition %d offset %lld goes out after its stop was seen", work->partition,
                   (long long)work->offset);
}

/* No call runs, and none waits, for what the lane was told to stop. */
static void check_calls_stopped(struct lane *lane)
{
    for (const struct work *work = lane->works; work; work = work->next) {
        if (!work->answer_us || work->told != lane->switches.version || !lane_stops(lane, work))
            continue;
        sim_broken(lane->sim, INV_STOP, "partition %d offset %lld: its call goes on after its stop was seen",
                   work->partition, (long long)work->offset);
    }
    check_counts(lane->sim, INV_STOP);
}

void check_figures(struct sim *sim, struct lane *lane)
{
    const struct flow_settings *settings = &sim->weather.flow;
    size_t half = settings->in_flight > 1 ? settings->in_flight / 2 : 1;
    struct flow_figures figures;

    flow_figures(lane->flow, &figures);
    check_calls_stopped(lane);
    check_counts(sim, INV_11);
    if (figures.in_flight + figures.parked != lane->n_works)
        sim_broken(sim, INV_11, "lane %d holds %zu works and counts %zu in flight and %zu parked", lane->name,
                   lane->n_works, figures.in_flight, figures.parked);
    check_counts(sim, INV_7);
    if (figures.in_flight > settings->in_flight || figures.waiting_for_model > half ||
        figures.parked > 2 * settings->in_flight + 2)
        sim_broken(sim, INV_7, "lane %d is over a bound: in flight %zu, waiting %zu, parked %zu", lane->name,
                   figures.in_flight, figures.waiting_for_model, figures.parked);
    check_counts(sim, INV_8);
    if (!lane->model_ok && figures.waiting)
        sim_broken(sim, INV_8, "lane %d: %zu tickets wait for a model whose breaker is open", lane->name,
                   figures.waiting);
}

/* ---- the end ---- */

static bool queue_settled(const struct sim *sim)
{
    const struct tables *now = &sim->postgres->now;

    if (now->last_sequence != now->published)
        return now->last_sequence == 0 && now->n_outbox == 0 && now->n_items == 0;
    for (int i = 0; i < now->n_items; i++) {
        if (now->items[i].state != ITEM_RELEASED && now->items[i].state != ITEM_SUPERSEDED)
            return false;
    }
    for (int i = 0; i < now->n_outbox; i++) {
        if (!now->outbox[i].gone && !now->outbox[i].sequence)
            return false;
    }
    return true;
}

bool check_settled(struct sim *sim)
{
    const struct kafka *kafka = sim->kafka;

    if (sim->outcomes < sim->inputs)
        return false;
    for (int p = 0; p < sim->weather.partitions; p++) {
        if (!kafka->committed[p].has ? kafka->inputs[p].n > 0 : kafka->committed[p].base != kafka_stable(kafka, p))
            return false;
    }
    for (int p = 0; p < REVIEW_PARTITIONS; p++) {
        if (sim->postgres->now.feeder_next[p] != kafka->n_reviews[p])
            return false;
    }
    return queue_settled(sim);
}

void check_end(struct sim *sim)
{
    for (int p = 0; p < sim->weather.partitions; p++) {
        const struct input_log *log = &sim->kafka->inputs[p];
        for (int64_t i = 0; i < log->n; i++) {
            check_counts(sim, INV_1);
            if (log->at[i].state == LOG_LIVE && log->at[i].outcomes != 1)
                sim_broken(sim, INV_1, "partition %d offset %lld ends with %d outcomes", p,
                           (long long)(log->first + i), log->at[i].outcomes);
        }
    }
    for (int key = 1; key < KEYS_MAX; key++) {
        for (int revision = 1; revision < REVISIONS_MAX; revision++) {
            check_counts(sim, INV_3);
            if ((sim->ledger->requests[key][revision] > 0) != sim->ledger->endings[key][revision])
                sim_broken(sim, INV_3, "key %d revision %d was asked %d times and ended %d times", key, revision,
                           sim->ledger->requests[key][revision], sim->ledger->endings[key][revision]);
        }
    }
}
