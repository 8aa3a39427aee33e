/* From a record to a finished decision: admission, repeats, the order of a key, and waiting for the model. Knows
 * nothing of transactions: it hands over tickets that are READY. */
#include <stddef.h>
#include <stdlib.h>

#include "base/attrs.h"
#include "flow/flow_state.h"

static void start(struct flow *self, struct ticket_slot *ticket);
static void ready(struct flow *self, struct ticket_slot *ticket);
static void relieve_held(struct flow *self);

/* ---- admission ---- */

static enum flow_verdict verdict_of(const struct partition *partition, const struct flow_record *record)
{
    const struct memory_entry *seen = memory_find(&partition->memory, record->key_id);
    bool known = record->key_id && record->revision && seen;

    if (record->kind == FLOW_OPAQUE)
        return FLOW_SUSPECT;
    if (record->kind == FLOW_BAD)
        return (known && record->revision <= seen->revision) || !record->key_id || !record->revision
                   ? FLOW_UNDECODABLE_AGAIN
                   : FLOW_UNDECODABLE;
    if (record->kind == FLOW_TOMBSTONE)
        return FLOW_WITHDRAWN;
    if (known && record->revision < seen->revision)
        return FLOW_STALE;
    if (known && record->revision == seen->revision)
        return record->content_hash == seen->content_hash ? FLOW_DUPLICATE : FLOW_DUPLICATE_DIFFERS;
    return record->kind == FLOW_WITHDRAWAL ? FLOW_WITHDRAWN : FLOW_NEW;
}

/* An older revision may be open in review: certain only for a first revision that there is none. */
static bool needs_word(enum flow_verdict verdict, const struct flow_record *record)
{
    if (verdict != FLOW_NEW && verdict != FLOW_WITHDRAWN && verdict != FLOW_UNDECODABLE)
        return false;
    return record->kind == FLOW_TOMBSTONE || record->revision > 1;
}

static void remember(struct partition *partition, const struct flow_record *record)
{
    if (record->revision)
        memory_note(&partition->memory, record->key_id, record->revision, record->content_hash);
}

/* Offsets between the last delivered one and this one hold no record: markers of transactions, compacted ones. */
static void pass_gap(struct partition *partition, int64_t offset)
{
    if (offset > partition->next_offset && offset > partition->window.base)
        window_mark(&partition->window, partition->next_offset, offset);
    partition->next_offset = offset + 1;
}

static struct ticket_slot *find_parked(const struct flow *self, const struct flow_record *record)
{
    for (struct ticket_slot *parked = self->parked.first; parked; parked = parked->next) {
        if (parked->partition == record->partition && parked->record.offset == record->offset &&
            parked->record.content_hash == record->content_hash && !parked->adopted_by)
            return parked;
    }
    return NULL;
}

/* A free slot; the parked call with the nearest deadline gives way when all are taken. There are twice as many slots as
 * tickets in flight, so one of the two lists has some. */
static struct ticket_slot *take_slot(struct flow *self)
{
    if (!self->unused.first && self->parked.first)
        admit_drop(self, self->parked.first, false);
    if (!self->unused.first)
        abort(); /* fed more than flow_admits allows: a bug in the shell */
    return self->unused.first;
}

/* Puts the ticket behind the last unfinished one of its key; true when there is one. */
static bool join_chain(struct flow *self, struct ticket_slot *ticket)
{
    struct ticket_slot *last;

    if (!ticket->record.key_id)
        return false;
    last = chain_last(self->chains, ticket->partition, ticket->record.key_id);
    if (last)
        last->next_of_key = ticket;
    chain_put(self->chains, ticket->partition, ticket->record.key_id, ticket);
    return last != NULL;
}

static void admit(struct flow *self, struct partition *partition, const struct flow_record *record)
{
    struct ticket_slot *ticket = take_slot(self);
    uint32_t generation = ticket->generation + 1;
    struct ticket_slot *parked;

    ticket->generation = generation;
    ticket->partition = record->partition;
    ticket->epoch = partition->epoch;
    ticket->record = *record;
    if (ticket->record.share >= self->settings.n_shares)
        ticket->record.share = 0;
    ticket->verdict = verdict_of(partition, record);
    ticket->word = needs_word(ticket->verdict, record);
    ticket->poison = ticket->replaced = false;
    ticket->deadline_us = 0;
    ticket->next_of_key = ticket->adopts = ticket->adopted_by = NULL;
    parked = ticket->verdict == FLOW_NEW ? find_parked(self, record) : NULL;
    if (parked) {
        ticket->adopts = parked;
        parked->adopted_by = ticket;
    }
    remember(partition, record);
    partition->open++;
    self->in_flight++;
    self->in_flight_bytes += record->bytes;
    if (join_chain(self, ticket)) {
        flow_move(self, ticket, FLOW_STATE_HELD);
        relieve_held(self);
        return;
    }
    start(self, ticket);
}

void admit_record(struct flow *self, const struct flow_record *record)
{
    struct partition *partition = flow_partition(self, record->partition);

    if (!partition || !partition_takes_commits(partition) || record->offset < partition->next_offset)
        return;
    pass_gap(partition, record->offset);
    if (window_is_done(&partition->window, record->offset)) {
        remember(partition, record);
        return;
    }
    admit(self, partition, record);
}

/* ---- deciding and the model ---- */

static void adopt(struct flow *self, struct ticket_slot *ticket)
{
    struct ticket_slot *parked = ticket->adopts;
    bool answered = parked->state == FLOW_STATE_KEPT;
    struct flow_command command = flow_about(self, FLOW_ADOPT, ticket);

    command.other = flow_handle(self, parked);
    command.flag = answered;
    flow_command(self, &command);
    ticket->deadline_us = parked->deadline_us;
    ticket->adopts = NULL;
    parked->adopted_by = NULL;
    if (!answered)
        self->parked_calls--;
    flow_move(self, parked, FLOW_STATE_FREE);
    if (answered)
        ready(self, ticket);
    else
        flow_move(self, ticket, FLOW_STATE_CALLING);
}

/* A call that still runs counts among those that wait for the model: above the bound it is not taken over. */
static bool may_adopt(struct flow *self, struct ticket_slot *ticket)
{
    struct ticket_slot *parked = ticket->adopts;

    if (!parked)
        return false;
    if (parked->state == FLOW_STATE_KEPT || self->waiting.count + self->calling.count < self->model_waiting_max)
        return true;
    admit_drop(self, parked, false);
    return false;
}

static void start(struct flow *self, struct ticket_slot *ticket)
{
    struct flow_command command;

    flow_move(self, ticket, FLOW_STATE_DECIDING);
    if (may_adopt(self, ticket)) {
        adopt(self, ticket);
        return;
    }
    command = flow_about(self, FLOW_DECIDE, ticket);
    flow_command(self, &command);
}

/* The ticket's decision is finished: it may be emitted, and the next of its key may start. */
static void ready(struct flow *self, struct ticket_slot *ticket)
{
    struct ticket_slot *next = ticket->next_of_key;

    if (!self->ready.count)
        self->ready_since_us = self->now_us;
    flow_move(self, ticket, FLOW_STATE_READY);
    self->partitions[ticket->partition].ready++;
    ticket->next_of_key = NULL;
    if (next)
        start(self, next);
    else if (ticket->record.key_id && chain_last(self->chains, ticket->partition, ticket->record.key_id) == ticket)
        chain_remove(self->chains, ticket->partition, ticket->record.key_id);
}

static void finish_without(struct flow *self, struct ticket_slot *ticket, enum flow_without without)
{
    struct flow_command command = flow_about(self, FLOW_FINISH, ticket);

    command.without = without;
    flow_command(self, &command);
    ready(self, ticket);
}

static struct ticket_slot *slot_of_item(struct fair_item *item)
{
    return (struct ticket_slot *)((char *)item - offsetof(struct ticket_slot, turn));
}

/* A place among those that wait for the model; others may have to give way for it. False: it is the ticket itself. In a
 * lane that stops admitting instead, only background tickets give way. More than one gives way when the next of its key
 * takes the place at once: it takes over a call that still runs. */
static bool find_place(struct flow *self, struct ticket_slot *ticket)
{
    while (self->waiting.count + self->calling.count >= self->model_waiting_max) {
        struct fair_item *victim;
        if (!self->settings.overflow && !fair_waiting_in_background(self->fair))
            return false;
        victim = fair_victim(self->fair, &ticket->turn);
        if (victim == &ticket->turn)
            return false;
        finish_without(self, slot_of_item(victim), FLOW_MODEL_BUSY);
    }
    return true;
}

static void wait_for_model(struct flow *self, struct ticket_slot *ticket, const struct flow_event *event)
{
    ticket->deadline_us = self->now_us + self->settings.model_deadline_us;
    ticket->turn = (struct fair_item){.due_us = event->due_us ? event->due_us : ticket->deadline_us,
                                      .cost = event->cost,
                                      .share = ticket->record.share,
                                      .sender = ticket->record.sender,
                                      .background = ticket->record.background};
    if (find_place(self, ticket))
        flow_move(self, ticket, FLOW_STATE_WAITING);
    else
        finish_without(self, ticket, FLOW_MODEL_BUSY);
}

void admit_decided(struct flow *self, struct ticket_slot *ticket, const struct flow_event *event)
{
    const struct partition *partition = &self->partitions[ticket->partition];

    if (!event->flag)
        ready(self, ticket);
    else if (partition->takeovers >= FLOW_ISOLATE_TAKEOVERS)
        finish_without(self, ticket, FLOW_MODEL_ISOLATED);
    else if (!self->model_ok)
        finish_without(self, ticket, FLOW_MODEL_UNAVAILABLE);
    else
        wait_for_model(self, ticket, event);
}

/* The unfinished ticket before all others of a held one's key: only that one waits for the model or calls it. */
static struct ticket_slot *holder_of(const struct flow *self, const struct ticket_slot *held)
{
    const struct slot_list *const lists[] = {&self->waiting, &self->calling};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (struct ticket_slot *ticket = lists[i]->first; ticket; ticket = ticket->next) {
            if (ticket->partition == held->partition && ticket->record.key_id == held->record.key_id)
                return ticket;
        }
    }
    return NULL;
}

/* With overflow nobody waits long for a place in the lane: a ticket that holds up too many later ones of its key goes
 * on without the model, and the next of the key has its turn. */
static void relieve_held(struct flow *self)
{
    struct ticket_slot *holder;

    if (!self->settings.overflow || self->held.count <= self->held_max)
        return;
    holder = holder_of(self, self->held.first);
    if (!holder)
        return;
    if (holder->state == FLOW_STATE_CALLING) {
        struct flow_command command = flow_about(self, FLOW_CANCEL_MODEL, holder);
        flow_command(self, &command);
    }
    finish_without(self, holder, FLOW_MODEL_BUSY);
}

/* A parked call whose partition is not ours any more gives its slot to a ticket that waits. */
static bool free_parked_call(struct flow *self)
{
    for (struct ticket_slot *parked = self->parked.first; parked; parked = parked->next) {
        if (parked->state == FLOW_STATE_PARKED && !parked->adopted_by &&
            !partition_takes_commits(&self->partitions[parked->partition])) {
            admit_drop(self, parked, false);
            return true;
        }
    }
    return false;
}

/* Background tickets leave one slot to whoever comes, where there are two. */
static struct fair_item *next_turn(struct flow *self)
{
    struct fair_item *item = fair_next(self->fair, false);

    return item || self->calling_in_background >= self->background_slots ? item : fair_next(self->fair, true);
}

void admit_fill_slots(struct flow *self)
{
    while (self->waiting.first) {
        struct ticket_slot *ticket;
        struct fair_item *item;
        struct flow_command command;
        if (self->calling.count + self->parked_calls >= self->settings.model_slots && !free_parked_call(self))
            return;
        item = next_turn(self);
        if (!item)
            return;
        ticket = slot_of_item(item);
        if (self->calling.count + self->parked_calls == 0)
            self->model_progress_us = self->now_us;
        fair_serve(self->fair, item);
        flow_move(self, ticket, FLOW_STATE_CALLING);
        command = flow_about(self, FLOW_CALL_MODEL, ticket);
        flow_command(self, &command);
    }
}

void admit_model_ended(struct flow *self, struct ticket_slot *ticket, bool answered)
{
    if (ticket->state == FLOW_STATE_CALLING) {
        self->model_progress_us = self->now_us;
        ready(self, ticket);
    } else if (ticket->state == FLOW_STATE_PARKED) {
        self->model_progress_us = self->now_us;
        if (answered) {
            self->parked_calls--;
            flow_move(self, ticket, FLOW_STATE_KEPT);
        } else {
            admit_drop(self, ticket, false);
        }
    }
}

/* What waits for the model or is at it goes on without; the shell looks at all others before they are emitted. */
void admit_unwanted(struct flow *self, struct ticket_slot *ticket)
{
    struct flow_command command;

    switch (ticket->state) {
    case FLOW_STATE_WAITING:
        finish_without(self, ticket, FLOW_MODEL_UNWANTED);
        break;
    case FLOW_STATE_CALLING:
        command = flow_about(self, FLOW_CANCEL_MODEL, ticket);
        flow_command(self, &command);
        self->model_progress_us = self->now_us;
        finish_without(self, ticket, FLOW_MODEL_UNWANTED);
        break;
    case FLOW_STATE_PARKED:
    case FLOW_STATE_KEPT:
        admit_drop(self, ticket, false);
        break;
    case FLOW_STATE_FREE:
    case FLOW_STATE_HELD:
    case FLOW_STATE_DECIDING:
    case FLOW_STATE_READY:
    case FLOW_STATE_IN_SET:
    case FLOW_STATE_COUNT:
        break;
    }
}

void admit_model_state(struct flow *self, bool ok)
{
    self->model_ok = ok;
    if (ok)
        return;
    while (self->waiting.first)
        finish_without(self, self->waiting.first, FLOW_MODEL_UNAVAILABLE);
}

/* Whoever has waited past its deadline goes on without a draft. */
void admit_expire(struct flow *self)
{
    while (self->waiting.first && self->waiting.first->deadline_us <= self->now_us)
        finish_without(self, self->waiting.first, FLOW_MODEL_BUSY);
    while (self->calling.first && self->calling.first->deadline_us <= self->now_us) {
        struct flow_command command = flow_about(self, FLOW_CANCEL_MODEL, self->calling.first);
        flow_command(self, &command);
        finish_without(self, self->calling.first, FLOW_MODEL_LATE);
    }
    while (self->parked.first && self->parked.first->deadline_us <= self->now_us)
        admit_drop(self, self->parked.first, false);
}

/* ---- leaving ---- */

/* Frees the slot and lets the shell free what it holds. */
void admit_release(struct flow *self, struct ticket_slot *ticket, bool committed)
{
    struct flow_command command = flow_about(self, FLOW_RELEASE, ticket);

    command.flag = committed;
    flow_command(self, &command);
    flow_move(self, ticket, FLOW_STATE_FREE);
}

static void forget_adoption(struct ticket_slot *ticket)
{
    if (ticket->adopts)
        ticket->adopts->adopted_by = NULL;
    if (ticket->adopted_by)
        ticket->adopted_by->adopts = NULL;
    ticket->adopts = ticket->adopted_by = NULL;
}

static void leave_chain(struct flow *self, struct ticket_slot *ticket)
{
    if (ticket->record.key_id && chain_last(self->chains, ticket->partition, ticket->record.key_id) == ticket)
        chain_remove(self->chains, ticket->partition, ticket->record.key_id);
    ticket->next_of_key = NULL;
}

static void stop_counting(struct flow *self, struct ticket_slot *ticket)
{
    self->in_flight--;
    self->in_flight_bytes -= ticket->record.bytes;
    self->partitions[ticket->partition].open--;
    if (ticket->state == FLOW_STATE_READY)
        self->partitions[ticket->partition].ready--;
}

/* Drops a ticket that will not be emitted in this epoch. With park, a running call is kept for the record's return. All
 * tickets of its partition (or of its key) are dropped together, so chains need no mending. */
void admit_drop(struct flow *self, struct ticket_slot *ticket, bool park)
{
    bool parked = ticket->state == FLOW_STATE_PARKED || ticket->state == FLOW_STATE_KEPT;

    forget_adoption(ticket);
    if (!parked) {
        leave_chain(self, ticket);
        stop_counting(self, ticket);
    }
    if (park && ticket->state == FLOW_STATE_CALLING) {
        self->parked_calls++;
        flow_move(self, ticket, FLOW_STATE_PARKED);
        return;
    }
    if (ticket->state == FLOW_STATE_CALLING || ticket->state == FLOW_STATE_PARKED) {
        struct flow_command command = flow_about(self, FLOW_CANCEL_MODEL, ticket);
        flow_command(self, &command);
    }
    if (ticket->state == FLOW_STATE_PARKED)
        self->parked_calls--;
    admit_release(self, ticket, false);
}
