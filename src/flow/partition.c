/* Assignment and loss of partitions: epochs, takeovers, and what happens to the work of a partition that goes. */
#include <string.h>

#include "base/mem.h"
#include "flow/flow_state.h"

/* Lanes of one process share no state and end together: so each partition in isolation waits for a turn of its own, and
 * only those whose turn has come are counted against when the process ends. */
enum {
    TURNS = 64,
    TURN_US = 100000,
};

/* The position that Kafka holds for this partition, as far as we know; base -1: none. */
void partition_see(struct partition *self, int64_t base, const char *text)
{
    char *copy = mem_strdup(text ? text : "");

    mem_free(self->seen_text);
    self->seen_text = copy;
    self->seen_base = base;
}

static bool seen_before(const struct partition *self, int64_t base, const char *text)
{
    return self->epoch && self->seen_text && self->seen_base == base && strcmp(self->seen_text, text) == 0;
}

static void refuse(struct flow *self, struct partition *partition, int index, const struct err *err)
{
    partition->state = PARTITION_STOPPED;
    mem_free(partition->stop_reason);
    partition->stop_reason = mem_strdup(err->text);
    flow_command(self, &(struct flow_command){.kind = FLOW_STOP_PARTITION, .partition = index});
}

/* Nobody waits for a partition that has nothing to do with the lane it has for itself. */
static void give_back_lane(struct flow *self, int index)
{
    if (self->alone == index)
        self->alone = -1;
}

static void forget_work(struct partition *partition)
{
    window_free(&partition->window);
    window_free(&partition->candidate);
    memory_free(&partition->memory);
    partition->open = partition->ready = 0;
    partition->flush = partition->announced = false;
}

void partition_assigned(struct flow *self, const struct flow_event *event)
{
    struct partition *partition = flow_partition(self, event->partition);
    const char *text = event->flag && event->text ? event->text : "";
    int64_t seen_base = event->flag ? event->base : -1;
    struct window window;
    struct err err = {0};
    bool known;

    if (!partition)
        return;
    known = seen_before(partition, seen_base, text); /* nobody has had it since us */
    partition_lost(self, event->partition);
    partition->epoch = ++self->last_epoch;
    if (window_decode(text, event->base, &window, &partition->takeovers_read, &err) < 0) {
        refuse(self, partition, event->partition, &err);
        return;
    }
    window_take(&partition->window, &window);
    partition->base_assigned = event->base;
    partition->next_offset = event->start;
    partition_see(partition, seen_base, text);
    partition->takeovers = partition->takeovers_read + (known ? 0 : 1);
    partition->isolated_from_us = self->now_us + event->partition % TURNS * TURN_US;
    partition->isolated_left = partition->takeovers >= FLOW_ISOLATE_TAKEOVERS ? FLOW_ISOLATED_RECORDS : 0;
    partition->state = known ? PARTITION_ACTIVE : PARTITION_ANNOUNCING;
    if (self->stopping)
        partition_revoking(self, event->partition);
}

/* In order: finished work commits, and the takeover no longer counts against the records, since this process lives. */
void partition_revoking(struct flow *self, int index)
{
    struct partition *partition = flow_partition(self, index);

    if (!partition || (partition->state != PARTITION_ACTIVE && partition->state != PARTITION_ANNOUNCING))
        return;
    if (partition->takeovers != partition->takeovers_read && partition->announced)
        partition->flush = true;
    if (!partition->announced)
        partition->flush = false;
    if (partition->window.base > partition->seen_base && partition->seen_base >= 0)
        partition->flush = true;
    partition->takeovers = partition->takeovers_read;
    partition->state = PARTITION_REVOKING;
}

static void drop_list(struct flow *self, struct slot_list *list, int index)
{
    struct ticket_slot *next;

    for (struct ticket_slot *ticket = list->first; ticket; ticket = next) {
        next = ticket->next;
        if (ticket->partition == index)
            admit_drop(self, ticket, true);
    }
}

void partition_lost(struct flow *self, int index)
{
    struct partition *partition = flow_partition(self, index);

    if (!partition || partition->state == PARTITION_NONE)
        return;
    partition->state = PARTITION_NONE;
    drop_list(self, &self->held, index);
    drop_list(self, &self->deciding, index);
    drop_list(self, &self->waiting, index);
    drop_list(self, &self->calling, index);
    drop_list(self, &self->ready, index);
    drop_list(self, &self->set, index);
    forget_work(partition);
    give_back_lane(self, index);
}

void partition_end(struct flow *self, int index, int64_t end)
{
    struct partition *partition = flow_partition(self, index);

    if (!partition || !partition_takes_commits(partition) || end <= partition->next_offset)
        return;
    window_mark(&partition->window, partition->next_offset, end);
    partition->next_offset = end;
    if (partition->open == 0)
        give_back_lane(self, index);
    if (partition->open == 0 && partition->window.base > partition->seen_base)
        partition->flush = true;
}

/* When the partition that has the lane for itself may begin. */
int64_t partition_wake_us(const struct flow *self)
{
    const struct partition *partition = self->alone >= 0 ? &self->partitions[self->alone] : NULL;

    return partition && partition->isolated_from_us > self->now_us ? partition->isolated_from_us : INT64_MAX;
}
