/* The delivery state machine: events in, commands out. The file to read first: each event and who handles it. What
 * happens to a record stands in admit.c, to a partition in partition.c, to a transaction in commit.c; slots.c is what
 * they stand on. None of them does I/O or reads a clock. */
#include "triage/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "flow/flow_state.h"

/* ---- life ---- */

struct flow *flow_new(const struct flow_settings *settings)
{
    struct flow *self = mem_alloc(sizeof *self);

    self->settings = *settings;
    self->model_waiting_max = settings->in_flight > 1 ? settings->in_flight / 2 : 1;
    if (self->settings.model_slots > self->model_waiting_max)
        self->settings.model_slots = self->model_waiting_max;
    self->held_max = settings->in_flight / 4;
    self->background_slots = self->settings.model_slots > 1 ? self->settings.model_slots - 1 : 1;
    if (self->settings.n_shares < 1 || self->settings.n_shares > FLOW_SHARES_MAX)
        self->settings.n_shares = 1;
    self->fair = fair_new(self->settings.weights, self->settings.n_shares);
    self->set_max = settings->commit_batch;
    self->model_ok = true;
    self->alone = -1;
    self->n_slots = 2 * settings->in_flight + 2; /* as many parked as in flight, and room for one too many of each */
    self->slots = mem_array(self->n_slots, sizeof *self->slots);
    for (size_t i = 0; i < self->n_slots; i++)
        flow_add_slot(self, &self->slots[i]);
    self->chains = chain_new(self->n_slots);
    return self;
}

void flow_free(struct flow *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_partitions; i++) {
        struct partition *partition = &self->partitions[i];
        window_free(&partition->window);
        window_free(&partition->candidate);
        memory_free(&partition->memory);
        mem_free(partition->seen_text);
        mem_free(partition->stop_reason);
    }
    mem_free(self->partitions);
    mem_free(self->positions);
    mem_free(self->notes);
    mem_free(self->slots);
    mem_free(self->commands);
    chain_free(self->chains);
    fair_free(self->fair);
    mem_free(self);
}

/* ---- stopping ---- */

/* Leaves in order: positions are written once more without counting this takeover. */
static void stop(struct flow *self)
{
    if (self->stopping)
        return;
    self->stopping = true;
    for (size_t i = 0; i < self->n_partitions; i++) {
        if (self->partitions[i].state == PARTITION_ACTIVE || self->partitions[i].state == PARTITION_ANNOUNCING)
            partition_revoking(self, (int)i);
    }
}

static void stop_now(struct flow *self)
{
    struct slot_list *const unfinished[] = {&self->held, &self->deciding, &self->waiting, &self->calling,
                                            &self->parked};

    stop(self);
    for (size_t i = 0; i < ARRAY_LEN(unfinished); i++) {
        while (unfinished[i]->first)
            admit_drop(self, unfinished[i]->first, false);
    }
}

static void maybe_drained(struct flow *self)
{
    if (!self->stopping || self->drained || self->in_flight || self->txn != TXN_IDLE || !flow_revocable(self))
        return;
    while (self->parked.first)
        admit_drop(self, self->parked.first, false);
    self->drained = true;
    flow_command(self, &(struct flow_command){.kind = FLOW_DRAINED});
}

/* ---- dispatch ---- */

static void handle_ticket_event(struct flow *self, const struct flow_event *event)
{
    struct ticket_slot *slot = flow_slot_of(self, event->ticket);

    if (!slot)
        return; /* late word about a ticket that is gone */
    if (event->kind == FLOW_EV_DECIDED && slot->state == FLOW_STATE_DECIDING)
        admit_decided(self, slot, event);
    else if (event->kind == FLOW_EV_MODEL_ENDED)
        admit_model_ended(self, slot, event->flag);
    else if (event->kind == FLOW_EV_UNWANTED)
        admit_unwanted(self, slot);
    else if (event->kind == FLOW_EV_POISON && slot->state == FLOW_STATE_IN_SET)
        slot->poison = true;
}

static void handle(struct flow *self, const struct flow_event *event)
{
    switch (event->kind) {
    case FLOW_EV_ASSIGNED:
        partition_assigned(self, event);
        break;
    case FLOW_EV_REVOKING:
        partition_revoking(self, event->partition);
        break;
    case FLOW_EV_LOST:
        partition_lost(self, event->partition);
        break;
    case FLOW_EV_RECORD:
        self->more = true;
        admit_record(self, &event->record);
        break;
    case FLOW_EV_END:
        partition_end(self, event->partition, event->base);
        break;
    case FLOW_EV_DECIDED:
    case FLOW_EV_MODEL_ENDED:
    case FLOW_EV_UNWANTED:
    case FLOW_EV_POISON:
        handle_ticket_event(self, event);
        break;
    case FLOW_EV_MODEL_STATE:
        admit_model_state(self, event->flag);
        break;
    case FLOW_EV_COMMITTED:
        commit_done(self);
        break;
    case FLOW_EV_ABORTED:
        commit_aborted(self, event->flag);
        break;
    case FLOW_EV_IN_DOUBT:
        commit_in_doubt(self);
        break;
    case FLOW_EV_SETTLED:
        commit_settled(self, event->partition, event->base, event->text);
        break;
    case FLOW_EV_SETTLED_ALL:
        commit_settled_all(self);
        break;
    case FLOW_EV_STOP:
        stop(self);
        break;
    case FLOW_EV_STOP_NOW:
        stop_now(self);
        break;
    case FLOW_EV_TICK:
        self->more = event->flag;
        break;
    case FLOW_EV_COUNT:
        break;
    }
}

/* Partitions come and go several at once: their takeovers are written together, at the next event. */
static bool more_follows(enum flow_event_kind kind)
{
    return kind == FLOW_EV_ASSIGNED || kind == FLOW_EV_REVOKING || kind == FLOW_EV_LOST;
}

void flow_feed(struct flow *self, const struct flow_event *event)
{
    if (event->now_us > self->now_us)
        self->now_us = event->now_us;
    handle(self, event);
    admit_expire(self);
    admit_fill_slots(self);
    if (more_follows(event->kind))
        return;
    commit_maybe_begin(self);
    maybe_drained(self);
}

/* ---- questions ---- */

static bool model_stalled(const struct flow *self)
{
    return self->calling.count + self->parked_calls > 0 &&
           self->now_us - self->model_progress_us > self->settings.stall_us;
}

/* So many wait for the model that nothing more is admitted. Background tickets give way to others, so they fill nothing
 * up. */
static bool model_full(const struct flow *self)
{
    size_t live = self->waiting.count - fair_waiting_in_background(self->fair) + self->calling.count;

    return !self->settings.overflow && live >= self->model_waiting_max;
}

static bool full(const struct flow *self)
{
    if (self->in_flight >= self->settings.in_flight)
        return true;
    if (self->in_flight && self->in_flight_bytes >= self->settings.in_flight_bytes)
        return true;
    return self->model_ok && model_full(self) && !model_stalled(self);
}

static bool is_isolated(const struct partition *partition)
{
    return (partition->state == PARTITION_ACTIVE || partition->state == PARTITION_ANNOUNCING) &&
           partition->takeovers >= FLOW_ISOLATE_TAKEOVERS;
}

/* A partition in isolation has the lane for itself, from before its takeover is written until its ticket is committed:
 * else a ticket elsewhere that ends the process would be held against it. */
static bool has_its_turn(struct flow *self, int partition)
{
    const struct partition *p = &self->partitions[partition];

    if (self->alone >= 0 && !is_isolated(&self->partitions[self->alone]))
        self->alone = -1;
    if (is_isolated(p) && self->alone < 0)
        self->alone = partition;
    if (self->alone < 0)
        return true;
    return self->alone == partition && self->in_flight == 0 && self->now_us >= p->isolated_from_us;
}

bool flow_admits(struct flow *self, int partition, int64_t offset)
{
    struct partition *p;

    if (partition < 0 || (size_t)partition >= self->n_partitions || self->stopping)
        return false;
    p = &self->partitions[partition];
    if (p->state != PARTITION_ACTIVE && p->state != PARTITION_ANNOUNCING)
        return false;
    if (window_is_done(&p->window, offset))
        return true; /* only remembered */
    if (!has_its_turn(self, partition))
        return false;
    if (p->state == PARTITION_ANNOUNCING)
        p->flush = true;
    if (p->state != PARTITION_ACTIVE || full(self))
        return false;
    return window_text_bound(p->open + 1, offset + 1 - p->window.base) <= WINDOW_TEXT_MAX;
}

bool flow_skips(const struct flow *self, int partition, int64_t offset)
{
    const struct partition *p;

    if (partition < 0 || (size_t)partition >= self->n_partitions)
        return true;
    p = &self->partitions[partition];
    return !partition_takes_commits(p) || offset < p->next_offset || window_is_done(&p->window, offset);
}

bool flow_suspect(const struct flow *self, int partition, int64_t offset)
{
    const struct partition *p;

    if (partition < 0 || (size_t)partition >= self->n_partitions)
        return false;
    p = &self->partitions[partition];
    if (window_is_suspect(&p->window, offset))
        return true; /* it was given up: nor may it be looked into when it is only remembered */
    return p->takeovers >= FLOW_SUSPECT_TAKEOVERS && p->open == 0 && !window_is_done(&p->window, offset);
}

size_t flow_positions(const struct flow *self, const struct flow_position **ret_positions)
{
    *ret_positions = self->positions;
    return self->n_positions;
}

bool flow_revocable(const struct flow *self)
{
    if (self->txn != TXN_IDLE)
        return false;
    for (size_t i = 0; i < self->n_partitions; i++) {
        const struct partition *p = &self->partitions[i];
        if (p->state == PARTITION_REVOKING && (p->ready || p->flush))
            return false;
    }
    return true;
}

int64_t flow_wake_us(const struct flow *self)
{
    int64_t wake = commit_wake_us(self);
    const struct ticket_slot *const heads[] = {self->waiting.first, self->calling.first, self->parked.first};

    if (partition_wake_us(self) < wake)
        wake = partition_wake_us(self);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        if (heads[i] && heads[i]->deadline_us < wake)
            wake = heads[i]->deadline_us;
    }
    if (model_full(self) && !model_stalled(self) && self->model_progress_us + self->settings.stall_us + 1 < wake)
        wake = self->model_progress_us + self->settings.stall_us + 1;
    return wake;
}

const char *flow_stop_reason(const struct flow *self, int partition)
{
    return self->partitions[partition].stop_reason;
}

void flow_set_weight(struct flow *self, unsigned share, uint32_t weight)
{
    if (share < self->settings.n_shares)
        fair_set_weight(self->fair, share, weight);
}

void flow_figures(const struct flow *self, struct flow_figures *ret_figures)
{
    *ret_figures = (struct flow_figures){
        .in_flight = self->in_flight,
        .held = self->held.count,
        .deciding = self->deciding.count,
        .waiting = self->waiting.count,
        .calling = self->calling.count,
        .ready = self->ready.count,
        .in_set = self->set.count,
        .parked = self->parked.count,
        .in_flight_bytes = self->in_flight_bytes,
        .waiting_for_model = self->waiting.count + self->calling.count,
    };
    for (size_t i = 0; i < self->settings.n_shares; i++) {
        ret_figures->waiting_of[i] =
            fair_waiting(self->fair, (unsigned)i, false) + fair_waiting(self->fair, (unsigned)i, true);
        ret_figures->calling_of[i] = self->calling_of[i];
    }
    for (size_t i = 0; i < self->n_partitions; i++) {
        const struct partition *p = &self->partitions[i];
        ret_figures->partitions += partition_takes_commits(p);
        if (p->window.n_runs > ret_figures->window_runs_max)
            ret_figures->window_runs_max = p->window.n_runs;
    }
}
