/* The transaction: which finished tickets go together, what their commit says, and what follows from its end. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "flow/flow_state.h"

enum {
    RETRY_FIRST_US = 20000, /* wait after an abort, doubled up to the last */
    RETRY_LAST_US = 1000000,
};

/* ---- when ---- */

static bool someone_leaves(const struct flow *self)
{
    for (size_t i = 0; i < self->n_partitions; i++) {
        const struct partition *p = &self->partitions[i];
        if (p->state == PARTITION_REVOKING && (p->ready || p->flush))
            return true;
    }
    return false;
}

static bool someone_flushes(const struct flow *self)
{
    for (size_t i = 0; i < self->n_partitions; i++) {
        if (self->partitions[i].flush && partition_takes_commits(&self->partitions[i]))
            return true;
    }
    return false;
}

/* At once when the lane has nothing else to do, or a ticket has it for itself; under load the interval or a full batch. */
static bool due(const struct flow *self)
{
    if (someone_flushes(self) || someone_leaves(self))
        return true;
    if (!self->ready.count)
        return false;
    if (self->alone >= 0 || self->ready.count >= self->set_max || (!self->more && self->in_flight == self->ready.count))
        return true;
    return self->now_us - self->ready_since_us >= self->settings.commit_interval_us;
}

int64_t commit_wake_us(const struct flow *self)
{
    if (self->txn != TXN_IDLE)
        return INT64_MAX;
    if (self->retry_at_us > self->now_us)
        return self->retry_at_us;
    if (self->ready.count)
        return self->ready_since_us + self->settings.commit_interval_us;
    return INT64_MAX;
}

/* ---- begin ---- */

static struct flow_position *add_position(struct flow *self, int index)
{
    if (self->n_positions == self->positions_cap) {
        self->positions_cap = self->positions_cap ? self->positions_cap * 2 : 8;
        self->positions = mem_grow(self->positions, self->positions_cap, sizeof *self->positions);
        self->notes = mem_grow(self->notes, self->positions_cap, sizeof *self->notes);
    }
    self->positions[self->n_positions].partition = index;
    return &self->positions[self->n_positions++];
}

/* What the position says of takeovers. Progress forgets them, but in isolation only behind the culprit or after so many
 * records that it can't be among them: until then a crash isolates again at once. */
static int takeovers_to_write(const struct partition *partition, bool progress)
{
    bool searching = partition->isolated_left > 1 && partition->takeovers < FLOW_SUSPECT_TAKEOVERS;

    if (progress)
        return searching ? FLOW_ISOLATE_TAKEOVERS - 1 : 0;
    if (partition->isolated_left && partition->isolated_left < FLOW_ISOLATED_RECORDS)
        return partition->takeovers_read; /* what progress left */
    return partition->takeovers;
}

/* The position of one partition as the transaction leaves it. The takeover stops counting once there is progress. */
static void write_position(struct flow *self, int index, bool progress)
{
    struct partition *partition = &self->partitions[index];
    struct flow_position *position = add_position(self, index);
    struct position_note *note = &self->notes[self->n_positions - 1];
    struct err err = {0};

    *note = (struct position_note){partition->epoch, takeovers_to_write(partition, progress), progress};
    position->base = partition->candidate.base;
    position->announce = !partition->announced;
    if (window_encode(&partition->candidate, note->takeovers, position->text, &err) < 0)
        abort(); /* flow_admits keeps the text bounded: a bug, and nothing may be committed on it */
}

static void start_candidates(struct flow *self)
{
    for (size_t i = 0; i < self->n_partitions; i++) {
        struct partition *partition = &self->partitions[i];
        window_free(&partition->candidate);
        window_copy(&partition->window, &partition->candidate);
        window_forget_suspects(&partition->candidate, partition->window.base - (int64_t)self->settings.dedup_memory);
    }
}

static void fill_set(struct flow *self)
{
    size_t count = self->ready.count < self->set_max ? self->ready.count : self->set_max;

    while (count--) {
        struct ticket_slot *ticket = self->ready.first;
        struct partition *partition = &self->partitions[ticket->partition];
        struct flow_command command;
        flow_move(self, ticket, FLOW_STATE_IN_SET);
        partition->ready--;
        window_mark(&partition->candidate, ticket->record.offset, ticket->record.offset + 1);
        if (ticket->verdict == FLOW_SUSPECT)
            window_suspect(&partition->candidate, ticket->record.offset);
        command = flow_about(self, FLOW_EMIT, ticket);
        flow_command(self, &command);
    }
}

static void write_positions(struct flow *self)
{
    self->n_positions = 0;
    for (size_t i = 0; i < self->n_partitions; i++) {
        struct partition *partition = &self->partitions[i];
        bool progress = !window_equal(&partition->candidate, &partition->window);
        if (partition_takes_commits(partition) && (progress || partition->flush))
            write_position(self, (int)i, progress);
    }
}

void commit_maybe_begin(struct flow *self)
{
    if (self->txn != TXN_IDLE || self->now_us < self->retry_at_us || !due(self))
        return;
    self->txn = TXN_COMMITTING;
    flow_command(self, &(struct flow_command){.kind = FLOW_BEGIN});
    start_candidates(self);
    fill_set(self);
    write_positions(self);
    flow_command(self, &(struct flow_command){.kind = FLOW_COMMIT});
}

/* ---- ends ---- */

/* A partition in isolation gives the lane back with each of its tickets: it may have no further one. */
static void count_progress(struct flow *self, struct partition *partition, int takeovers)
{
    if (self->alone >= 0 && partition == &self->partitions[self->alone])
        self->alone = -1;
    partition->takeovers_read = takeovers;
    if (takeovers == 0)
        partition->takeovers = partition->isolated_left = 0;
    else
        partition->isolated_left--;
}

static void close_positions(struct flow *self)
{
    for (size_t i = 0; i < self->n_positions; i++) {
        const struct flow_position *position = &self->positions[i];
        struct partition *partition = &self->partitions[position->partition];
        if (partition->epoch != self->notes[i].epoch || !partition_takes_commits(partition))
            continue;
        window_take(&partition->window, &partition->candidate);
        partition_see(partition, position->base, position->text);
        partition->announced = true;
        partition->flush = false;
        if (self->notes[i].progress)
            count_progress(self, partition, self->notes[i].takeovers);
        if (partition->state == PARTITION_ANNOUNCING)
            partition->state = PARTITION_ACTIVE;
    }
}

/* The culprit is given up: nobody else need be suspected for its crashes. */
static void end_isolation(struct flow *self)
{
    for (size_t i = 0; i < self->n_partitions; i++)
        self->partitions[i].takeovers = self->partitions[i].takeovers_read = self->partitions[i].isolated_left = 0;
}

void commit_done(struct flow *self)
{
    if (self->txn == TXN_IDLE)
        return;
    self->txn = TXN_IDLE;
    close_positions(self);
    self->n_positions = 0;
    while (self->set.first) {
        struct ticket_slot *ticket = self->set.first;
        self->in_flight--;
        self->in_flight_bytes -= ticket->record.bytes;
        self->partitions[ticket->partition].open--;
        if (ticket->verdict == FLOW_SUSPECT)
            end_isolation(self);
        admit_release(self, ticket, true);
    }
    self->blamed_aborts = 0;
    self->retry_at_us = self->retry_delay_us = 0;
    self->ready_since_us = self->now_us;
    if (self->set_max < self->settings.commit_batch)
        self->set_max = 2 * self->set_max < self->settings.commit_batch ? 2 * self->set_max : self->settings.commit_batch;
}

static void replace(struct flow *self, struct ticket_slot *ticket)
{
    struct flow_command command = flow_about(self, FLOW_REPLACE, ticket);

    flow_command(self, &command);
    ticket->poison = false;
    ticket->replaced = true;
}

/* A set that aborts again and again holds something that can't be produced: halve it until that is alone, then put a
 * dead letter in its place. */
static void look_for_culprit(struct flow *self)
{
    size_t size = self->set.count;

    if (++self->blamed_aborts < FLOW_BLAMED_ABORTS_MAX || size == 0)
        return;
    self->blamed_aborts = 0;
    if (size > 1)
        self->set_max = size / 2;
    else if (!self->set.first->replaced)
        replace(self, self->set.first);
}

/* Back to the front of the line, in the order in which they stood. */
static void return_set(struct flow *self)
{
    if (self->set.first && !self->ready.count)
        self->ready_since_us = self->now_us;
    while (self->set.last) {
        struct ticket_slot *ticket = self->set.last;
        if (ticket->poison)
            replace(self, ticket);
        flow_move_front(self, ticket, FLOW_STATE_READY);
        self->partitions[ticket->partition].ready++;
    }
}

void commit_aborted(struct flow *self, bool blame)
{
    if (self->txn == TXN_IDLE)
        return;
    self->txn = TXN_IDLE;
    self->n_positions = 0;
    if (blame)
        look_for_culprit(self);
    return_set(self);
    /* a record is to blame, not the broker: waiting longer each time would only stretch the search for it */
    self->retry_delay_us = self->retry_delay_us && !blame ? 2 * self->retry_delay_us : RETRY_FIRST_US;
    if (self->retry_delay_us > RETRY_LAST_US)
        self->retry_delay_us = RETRY_LAST_US;
    self->retry_at_us = self->now_us + self->retry_delay_us;
}

void commit_in_doubt(struct flow *self)
{
    if (self->txn != TXN_COMMITTING)
        return;
    self->txn = TXN_DOUBT;
    self->settled_as_committed = false;
    flow_command(self, &(struct flow_command){.kind = FLOW_SETTLE});
}

/* The transaction is atomic: one position that stands as attempted proves all. Base and text are both compared, since a
 * commit that only moved the window leaves the base. */
void commit_settled(struct flow *self, int index, int64_t base, const char *text)
{
    for (size_t i = 0; self->txn == TXN_DOUBT && i < self->n_positions; i++) {
        struct partition *partition = &self->partitions[index];
        const struct flow_position *attempted = &self->positions[i];
        if (attempted->partition != index)
            continue;
        if (attempted->base == base && strcmp(attempted->text, text ? text : "") == 0)
            self->settled_as_committed = true;
        else if (partition->epoch == self->notes[i].epoch && partition_takes_commits(partition) &&
                 (base != partition->seen_base || strcmp(text ? text : "", partition->seen_text) != 0)) {
            partition_lost(self, index); /* another has committed since: it is not ours any more */
            partition->state = PARTITION_FOREIGN;
        }
    }
}

void commit_settled_all(struct flow *self)
{
    if (self->txn != TXN_DOUBT)
        return;
    if (self->settled_as_committed)
        commit_done(self);
    else
        commit_aborted(self, false);
}
