/* The model of Kafka. Knows nothing of flow: it keeps logs, ends transactions, and fences what Kafka fences. */
#include "kafka.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check.h"

enum { MARKER_CHANCE = 700 }; /* per mille that an outstanding marker is written at a broker's step */

struct kafka *kafka_new(void)
{
    struct kafka *self = mem_alloc(sizeof *self);

    self->open_source = -1;
    for (size_t i = 0; i < PRODUCERS_MAX; i++)
        self->txns[i].late_commit_us = NEVER;
    return self;
}

static void clear_offsets(struct txn *txn)
{
    for (size_t i = 0; i < txn->n_offsets; i++)
        mem_free(txn->offsets[i].text);
    txn->n_offsets = 0;
}

void kafka_free(struct kafka *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < PARTITIONS_MAX; i++) {
        mem_free(self->inputs[i].at);
        mem_free(self->committed[i].text);
    }
    for (size_t i = 0; i < REVIEW_PARTITIONS; i++)
        mem_free(self->reviews[i]);
    for (size_t i = 0; i < PRODUCERS_MAX; i++) {
        clear_offsets(&self->txns[i]);
        mem_free(self->txns[i].outputs);
    }
    mem_free(self->positions);
    mem_free(self);
}

/* ---- the ticket topic ---- */

struct input *kafka_input(struct kafka *self, int partition, int64_t offset)
{
    struct input_log *log = &self->inputs[partition];

    return offset >= log->first && offset < log->first + log->n ? &log->at[offset - log->first] : NULL;
}

int64_t kafka_append(struct kafka *self, int partition, const struct input *input)
{
    struct input_log *log = &self->inputs[partition];

    if (log->n == log->cap) {
        log->cap = log->cap ? log->cap * 2 : 64;
        log->at = mem_grow(log->at, (size_t)log->cap, sizeof *log->at);
    }
    log->at[log->n] = *input;
    return log->first + log->n++;
}

int64_t kafka_stable(const struct kafka *self, int partition)
{
    const struct input_log *log = &self->inputs[partition];

    if (self->open_source < 0)
        return log->first + log->n;
    for (int64_t i = 0; i < log->n; i++) {
        if (log->at[i].state == LOG_OPEN)
            return log->first + i;
    }
    return log->first + log->n;
}

void kafka_source_end(struct sim *sim, bool commit)
{
    struct kafka *self = sim->kafka;
    const struct input marker = {.state = LOG_GONE, .source_txn = -1};

    for (int p = 0; p < sim->weather.partitions; p++) {
        struct input_log *log = &self->inputs[p];
        bool any = false;
        for (int64_t i = 0; i < log->n; i++) {
            if (log->at[i].state != LOG_OPEN)
                continue;
            any = true;
            log->at[i].state = commit ? LOG_LIVE : LOG_GONE;
            sim->inputs += commit;
        }
        if (any)
            kafka_append(self, p, &marker);
    }
    self->open_source = -1;
    if (!commit)
        sim_fault(sim, FAULT_SOURCE_ABORT);
}

/* ---- markers: a decided transaction becomes visible place by place ---- */

static void mark_offsets(struct kafka *self, struct txn *txn)
{
    for (size_t i = 0; i < txn->n_offsets; i++) {
        struct committed *committed = &self->committed[txn->offsets[i].partition];
        if (!txn->committed)
            continue;
        mem_free(committed->text);
        *committed = (struct committed){true, txn->offsets[i].base, txn->offsets[i].text};
        txn->offsets[i].text = NULL;
    }
    clear_offsets(txn);
    txn->offsets_open = false;
}

static void append_review(struct kafka *self, int partition, const struct review_entry *entry)
{
    if (self->n_reviews[partition] == self->cap_reviews[partition]) {
        self->cap_reviews[partition] = self->cap_reviews[partition] ? 2 * self->cap_reviews[partition] : 64;
        self->reviews[partition] =
            mem_grow(self->reviews[partition], (size_t)self->cap_reviews[partition], sizeof *self->reviews[partition]);
    }
    self->reviews[partition][self->n_reviews[partition]++] = *entry;
}

static void append_position(struct kafka *self, const struct position_entry *entry)
{
    if (self->n_positions == self->cap_positions) {
        self->cap_positions = self->cap_positions ? 2 * self->cap_positions : 64;
        self->positions = mem_grow(self->positions, (size_t)self->cap_positions, sizeof *self->positions);
    }
    self->positions[self->n_positions++] = *entry;
}

static void mark_reviews(struct kafka *self, struct txn *txn, int producer, int partition)
{
    for (int64_t i = self->n_reviews[partition] - 1; i >= 0; i--) {
        struct review_entry *entry = &self->reviews[partition][i];
        if (entry->state == LOG_OPEN && entry->producer == producer)
            entry->state = txn->committed ? LOG_LIVE : LOG_GONE;
    }
    append_review(self, partition, &(struct review_entry){.state = LOG_GONE, .producer = -1});
    txn->reviews_open[partition] = false;
}

static void mark_positions(struct kafka *self, struct txn *txn, int producer)
{
    for (int64_t i = self->n_positions - 1; i >= 0; i--) {
        if (self->positions[i].state == LOG_OPEN && self->positions[i].producer == producer)
            self->positions[i].state = txn->committed ? LOG_LIVE : LOG_GONE;
    }
    append_position(self, &(struct position_entry){.state = LOG_GONE, .producer = -1});
    txn->positions_open = false;
}

/* Writes outstanding markers, each with the given chance. */
static void write_markers(struct sim *sim, int id, int per_mille)
{
    struct kafka *self = sim->kafka;
    struct txn *txn = &self->txns[id];
    bool left = false;

    if (txn->phase != TXN_ENDING)
        return;
    if (txn->offsets_open && sim_chance(sim, per_mille))
        mark_offsets(self, txn);
    if (txn->positions_open && sim_chance(sim, per_mille))
        mark_positions(self, txn, id);
    left = txn->offsets_open || txn->positions_open;
    for (int p = 0; p < REVIEW_PARTITIONS; p++) {
        if (txn->reviews_open[p] && sim_chance(sim, per_mille))
            mark_reviews(self, txn, id, p);
        left |= txn->reviews_open[p];
    }
    if (left)
        return;
    clear_offsets(txn);
    txn->n = 0;
    txn->phase = TXN_NONE;
}

/* The coordinator has decided: from here on the end can't change. */
static void decide(struct sim *sim, int id, bool commit)
{
    struct txn *txn = &sim->kafka->txns[id];

    txn->committed = commit;
    txn->phase = TXN_ENDING;
    txn->late_commit_us = NEVER;
    sim_say(sim, "kafka: transaction of producer %d %s, %zu outputs, %zu positions", id,
            commit ? "committed" : "aborted", txn->n, txn->n_offsets);
    if (commit)
        check_commit(sim, txn);
    write_markers(sim, id, MARKER_CHANCE);
}

/* ---- producers ---- */

enum answer kafka_init_producer(struct sim *sim, int id, int *ret_epoch)
{
    struct txn *txn = &sim->kafka->txns[id];

    if (txn->phase == TXN_OPEN) {
        txn->epoch++;
        decide(sim, id, false);
        return KAFKA_WAIT;
    }
    if (txn->phase == TXN_ENDING)
        return KAFKA_WAIT;
    *ret_epoch = ++txn->epoch;
    txn->late_commit_us = NEVER;
    return KAFKA_OK;
}

/* Opens the transaction with its first write; the markers of the one before come first. */
static enum answer enter(struct sim *sim, int id, int epoch)
{
    struct txn *txn = &sim->kafka->txns[id];

    if (txn->epoch != epoch)
        return KAFKA_FENCED;
    if (txn->phase == TXN_ENDING)
        write_markers(sim, id, 1000);
    if (txn->phase == TXN_NONE) {
        txn->phase = TXN_OPEN;
        txn->began_us = sim->now_us;
        txn->n = 0;
    }
    return KAFKA_OK;
}

enum answer kafka_produce(struct sim *sim, int id, int epoch, const struct output *output)
{
    struct kafka *self = sim->kafka;
    struct txn *txn = &self->txns[id];

    if (enter(sim, id, epoch) != KAFKA_OK)
        return KAFKA_FENCED;
    if (txn->n == txn->cap) {
        txn->cap = txn->cap ? 2 * txn->cap : 32;
        txn->outputs = mem_grow(txn->outputs, txn->cap, sizeof *txn->outputs);
    }
    txn->outputs[txn->n] = *output;
    if (output->topic == TOPIC_REVIEWS) {
        int partition = (int)(output->key % REVIEW_PARTITIONS);
        txn->outputs[txn->n].at = self->n_reviews[partition];
        append_review(self, partition, &(struct review_entry){LOG_OPEN, id, *output});
        txn->reviews_open[partition] = true;
    } else {
        txn->outputs[txn->n].at = self->results_end++;
    }
    txn->n++;
    return KAFKA_OK;
}

enum answer kafka_put_position(struct sim *sim, int id, int epoch, int key, int64_t value)
{
    if (enter(sim, id, epoch) != KAFKA_OK)
        return KAFKA_FENCED;
    append_position(sim->kafka, &(struct position_entry){LOG_OPEN, id, key, value});
    sim->kafka->txns[id].positions_open = true;
    return KAFKA_OK;
}

/* Kafka looks at the member and its generation. It does not look whether the partitions are that member's. */
enum answer kafka_send_offsets(struct sim *sim, int id, int epoch, const struct member_metadata *member,
                               const struct flow_position *positions, size_t n)
{
    struct kafka *self = sim->kafka;
    struct txn *txn = &self->txns[id];
    const struct member *known = &self->members[member->name];

    if (enter(sim, id, epoch) != KAFKA_OK)
        return KAFKA_FENCED;
    if (!known->present)
        return KAFKA_ABORT;
    if (known->id != member->id)
        return KAFKA_MEMBER_FENCED;
    if (member->generation != self->generation)
        return KAFKA_ABORT;
    check_offsets_taken(sim, known, positions, n);
    for (size_t i = 0; i < n && txn->n_offsets < PARTITIONS_MAX; i++)
        txn->offsets[txn->n_offsets++] =
            (struct pending_offset){positions[i].partition, positions[i].base, mem_strdup(positions[i].text)};
    txn->offsets_open = true;
    return KAFKA_OK;
}

enum answer kafka_end(struct sim *sim, int id, int epoch, bool commit)
{
    struct txn *txn = &sim->kafka->txns[id];

    if (txn->epoch != epoch)
        return KAFKA_FENCED;
    if (txn->phase == TXN_OPEN)
        decide(sim, id, commit);
    return KAFKA_OK;
}

void kafka_end_late(struct sim *sim, int id, int64_t at_us)
{
    if (sim->kafka->txns[id].phase == TXN_OPEN)
        sim->kafka->txns[id].late_commit_us = at_us;
}

/* ---- reading ---- */

enum answer kafka_fetch_offset(struct sim *sim, int partition, struct committed *ret_committed)
{
    struct kafka *self = sim->kafka;

    for (size_t i = 0; i < PRODUCERS_MAX; i++) {
        const struct txn *txn = &self->txns[i];
        for (size_t j = 0; txn->offsets_open && j < txn->n_offsets; j++) {
            if (txn->offsets[j].partition != partition)
                continue;
            sim_fault(sim, FAULT_UNSTABLE_OFFSETS);
            return KAFKA_WAIT;
        }
    }
    *ret_committed = self->committed[partition];
    return KAFKA_OK;
}

/* The reader looks up the real end first: what lies between the last stable offset and that end is not known yet. */
enum answer kafka_read_position(struct sim *sim, int key, bool *ret_found, int64_t *ret_value)
{
    const struct kafka *self = sim->kafka;

    *ret_found = false;
    for (int64_t i = 0; i < self->n_positions; i++) {
        if (self->positions[i].state == LOG_OPEN)
            return KAFKA_WAIT;
        if (self->positions[i].state == LOG_LIVE && self->positions[i].key == key) {
            *ret_found = true;
            *ret_value = self->positions[i].value;
        }
    }
    return KAFKA_OK;
}

int64_t kafka_reviews_stable(const struct kafka *self, int partition)
{
    for (int64_t i = 0; i < self->n_reviews[partition]; i++) {
        if (self->reviews[partition][i].state == LOG_OPEN)
            return i;
    }
    return self->n_reviews[partition];
}

/* ---- the group ---- */

static void prepare_rebalance(struct sim *sim)
{
    struct kafka *self = sim->kafka;

    if (self->group == GROUP_PREPARING)
        return;
    sim_fault(sim, FAULT_REBALANCE);
    self->group = GROUP_PREPARING;
    self->rebalance_deadline_us = sim->now_us + REBALANCE_TIMEOUT_US;
    for (size_t i = 0; i < NAMES_MAX; i++)
        self->members[i].joined = false;
}

/* A static member that comes back takes its place at once; a new one, or one that was told to, waits for the others. */
int kafka_join(struct sim *sim, int name)
{
    struct kafka *self = sim->kafka;
    struct member *member = &self->members[name];

    if (!member->present) {
        prepare_rebalance(sim);
        *member = (struct member){.present = true, .generation = -1};
    }
    member->id = ++self->next_member_id;
    member->seen_us = sim->now_us;
    member->joined = self->group == GROUP_PREPARING;
    return member->id;
}

void kafka_remove_member(struct sim *sim, int name)
{
    struct member *member = &sim->kafka->members[name];

    if (!member->present)
        return;
    member->present = false;
    member->assigned = 0;
    prepare_rebalance(sim);
}

/* The range assignor over members in the order of their names. */
static void assign_ranges(struct sim *sim)
{
    struct kafka *self = sim->kafka;
    int members = 0, nth = 0;

    for (size_t i = 0; i < NAMES_MAX; i++)
        members += self->members[i].present;
    for (size_t i = 0; i < NAMES_MAX; i++) {
        struct member *member = &self->members[i];
        int each, extra, from, count;
        if (!member->present)
            continue;
        each = sim->weather.partitions / members;
        extra = sim->weather.partitions % members;
        from = nth * each + (nth < extra ? nth : extra);
        count = each + (nth < extra);
        member->assigned = ((1u << count) - 1) << from;
        member->generation = self->generation;
        member->joined = false;
        nth++;
    }
    self->group = members ? GROUP_STABLE : GROUP_EMPTY;
}

static void maybe_complete(struct sim *sim)
{
    struct kafka *self = sim->kafka;
    bool late = sim->now_us >= self->rebalance_deadline_us;

    for (size_t i = 0; i < NAMES_MAX; i++) {
        if (self->members[i].present && !self->members[i].joined && !late)
            return;
    }
    for (size_t i = 0; i < NAMES_MAX; i++)
        self->members[i].present &= self->members[i].joined;
    self->generation++;
    assign_ranges(sim);
    sim_say(sim, "kafka: generation %d", self->generation);
}

static void expire_members(struct sim *sim)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        const struct member *member = &sim->kafka->members[i];
        if (!member->present || sim->now_us - member->seen_us <= SESSION_US)
            continue;
        sim_fault(sim, FAULT_SESSION_TIMEOUT);
        sim_say(sim, "kafka: session of %d timed out", i);
        kafka_remove_member(sim, i);
    }
}

static void expire_txns(struct sim *sim)
{
    for (int i = 0; i < PRODUCERS_MAX; i++) {
        struct txn *txn = &sim->kafka->txns[i];
        if (txn->phase == TXN_OPEN && sim->now_us >= txn->late_commit_us) {
            decide(sim, i, true);
        } else if (txn->phase == TXN_OPEN && sim->now_us - txn->began_us > TXN_TIMEOUT_US) {
            sim_fault(sim, FAULT_TXN_TIMEOUT);
            txn->epoch++;
            decide(sim, i, false);
        }
        write_markers(sim, i, MARKER_CHANCE);
    }
}

void kafka_broker_step(struct sim *sim)
{
    expire_txns(sim);
    expire_members(sim);
    if (sim->kafka->group == GROUP_PREPARING)
        maybe_complete(sim);
}
