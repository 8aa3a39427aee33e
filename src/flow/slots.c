/* The ground that the other files of flow stand on: a ticket's slot, its state and list, its handle; partitions by
 * number; commands on their way out. Decides nothing. */
#include <stdlib.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "flow/flow_state.h"

#define STATE_BIT(s) (1u << FLOW_STATE_##s)

/* The states of a ticket and where it may go from each. docs/STATES.md draws this table; a test compares them. */
static const struct {
    const char *name;
    unsigned to;
} state_table[] = {
    [FLOW_STATE_FREE] = {"FREE", STATE_BIT(HELD) | STATE_BIT(DECIDING)},
    [FLOW_STATE_HELD] = {"HELD", STATE_BIT(DECIDING) | STATE_BIT(FREE)},
    [FLOW_STATE_DECIDING] = {"DECIDING", STATE_BIT(WAITING) | STATE_BIT(CALLING) | STATE_BIT(READY) | STATE_BIT(FREE)},
    [FLOW_STATE_WAITING] = {"WAITING", STATE_BIT(CALLING) | STATE_BIT(READY) | STATE_BIT(FREE)},
    [FLOW_STATE_CALLING] = {"CALLING", STATE_BIT(READY) | STATE_BIT(PARKED) | STATE_BIT(FREE)},
    [FLOW_STATE_READY] = {"READY", STATE_BIT(IN_SET) | STATE_BIT(FREE)},
    [FLOW_STATE_IN_SET] = {"IN_SET", STATE_BIT(READY) | STATE_BIT(FREE)},
    [FLOW_STATE_PARKED] = {"PARKED", STATE_BIT(KEPT) | STATE_BIT(FREE)},
    [FLOW_STATE_KEPT] = {"KEPT", STATE_BIT(FREE)},
};
_Static_assert(ARRAY_LEN(state_table) == FLOW_STATE_COUNT, "a state without a row");

const char *flow_state_name(enum flow_state state)
{
    return state_table[state].name;
}

bool flow_transition_allowed(enum flow_state from, enum flow_state to)
{
    return state_table[from].to >> to & 1;
}

uint64_t flow_transition_count(const struct flow *self, enum flow_state from, enum flow_state to)
{
    return self->transitions[from][to];
}

/* ---- lists ---- */

static struct slot_list *list_of(struct flow *self, enum flow_state state)
{
    struct slot_list *const lists[] = {
        [FLOW_STATE_FREE] = &self->unused,       [FLOW_STATE_HELD] = &self->held,
        [FLOW_STATE_DECIDING] = &self->deciding, [FLOW_STATE_WAITING] = &self->waiting,
        [FLOW_STATE_CALLING] = &self->calling,   [FLOW_STATE_READY] = &self->ready,
        [FLOW_STATE_IN_SET] = &self->set,        [FLOW_STATE_PARKED] = &self->parked,
        [FLOW_STATE_KEPT] = &self->parked,
    };
    return lists[state];
}

static void unlink_slot(struct ticket_slot *slot)
{
    struct slot_list *list = slot->list;

    if (slot->prev)
        slot->prev->next = slot->next;
    else
        list->first = slot->next;
    if (slot->next)
        slot->next->prev = slot->prev;
    else
        list->last = slot->prev;
    list->count--;
    slot->list = NULL;
}

/* Links slot behind `after`; NULL: at the front. */
static void link_behind(struct slot_list *list, struct ticket_slot *slot, struct ticket_slot *after)
{
    slot->list = list;
    slot->prev = after;
    slot->next = after ? after->next : list->first;
    if (slot->next)
        slot->next->prev = slot;
    else
        list->last = slot;
    if (after)
        after->next = slot;
    else
        list->first = slot;
    list->count++;
}

void flow_add_slot(struct flow *self, struct ticket_slot *slot)
{
    link_behind(&self->unused, slot, self->unused.last);
}

/* Who waits stands in its share's queue, and who calls is counted for its share, by whatever way it comes and goes. */
static void keep_turns(struct flow *self, struct ticket_slot *slot, enum flow_state to)
{
    int calls = (to == FLOW_STATE_CALLING) - (slot->state == FLOW_STATE_CALLING);

    if (slot->state == FLOW_STATE_WAITING)
        fair_drop(self->fair, &slot->turn);
    if (to == FLOW_STATE_WAITING)
        fair_put(self->fair, &slot->turn);
    self->calling_of[slot->record.share] += (size_t)calls;
    if (slot->record.background)
        self->calling_in_background += (size_t)calls;
}

static void change_state(struct flow *self, struct ticket_slot *slot, enum flow_state to)
{
    if (!flow_transition_allowed(slot->state, to))
        abort(); /* a bug in the machine: better no decision than a wrong commit */
    self->transitions[slot->state][to]++;
    keep_turns(self, slot, to);
    unlink_slot(slot);
    slot->state = to;
}

/* Calls and parked tickets stand in the order of their deadlines, all others in the order in which they came. */
void flow_move(struct flow *self, struct ticket_slot *slot, enum flow_state to)
{
    struct slot_list *list = list_of(self, to);
    struct ticket_slot *after;

    change_state(self, slot, to);
    after = list->last;
    if (list == &self->calling || list == &self->parked) {
        while (after && after->deadline_us > slot->deadline_us)
            after = after->prev;
    }
    link_behind(list, slot, after);
}

void flow_move_front(struct flow *self, struct ticket_slot *slot, enum flow_state to)
{
    change_state(self, slot, to);
    link_behind(list_of(self, to), slot, NULL);
}

/* ---- handles and commands ---- */

uint64_t flow_handle(const struct flow *self, const struct ticket_slot *slot)
{
    return (uint64_t)slot->generation << 32 | (uint64_t)(slot - self->slots + 1);
}

struct ticket_slot *flow_slot_of(struct flow *self, uint64_t handle)
{
    uint64_t index = (handle & 0xffffffffu);
    struct ticket_slot *slot;

    if (index == 0 || index > self->n_slots)
        return NULL;
    slot = &self->slots[index - 1];
    return slot->generation == handle >> 32 && slot->state != FLOW_STATE_FREE ? slot : NULL;
}

void flow_command(struct flow *self, const struct flow_command *command)
{
    if (self->command_count == self->command_cap) {
        size_t cap = self->command_cap ? self->command_cap * 2 : 256;
        struct flow_command *grown = mem_array(cap, sizeof *grown);
        for (size_t i = 0; i < self->command_count; i++)
            grown[i] = self->commands[(self->command_head + i) % self->command_cap];
        mem_free(self->commands);
        self->commands = grown;
        self->command_cap = cap;
        self->command_head = 0;
    }
    self->commands[(self->command_head + self->command_count++) % self->command_cap] = *command;
}

bool flow_next(struct flow *self, struct flow_command *ret_command)
{
    if (self->command_count == 0)
        return false;
    *ret_command = self->commands[self->command_head];
    self->command_head = (self->command_head + 1) % self->command_cap;
    self->command_count--;
    return true;
}

struct flow_command flow_about(const struct flow *self, enum flow_command_kind kind, const struct ticket_slot *slot)
{
    return (struct flow_command){.kind = kind,
                                 .ticket = flow_handle(self, slot),
                                 .tag = slot->record.tag,
                                 .partition = slot->partition,
                                 .verdict = slot->verdict,
                                 .word = slot->word,
                                 .deadline_us = slot->deadline_us};
}

/* ---- partitions ---- */

struct partition *flow_partition(struct flow *self, int partition)
{
    if (partition < 0 || partition >= FLOW_PARTITIONS_MAX)
        return NULL;
    if ((size_t)partition >= self->n_partitions) {
        size_t count = (size_t)partition + 1;
        self->partitions = mem_grow(self->partitions, count, sizeof *self->partitions);
        for (size_t i = self->n_partitions; i < count; i++) {
            self->partitions[i] = (struct partition){.seen_base = -1};
            memory_init(&self->partitions[i].memory, self->settings.dedup_memory);
        }
        self->n_partitions = count;
    }
    return &self->partitions[partition];
}

bool partition_takes_commits(const struct partition *self)
{
    return self->state == PARTITION_ANNOUNCING || self->state == PARTITION_ACTIVE || self->state == PARTITION_REVOKING;
}

bool flow_owns(const struct flow *self, const struct ticket_slot *slot)
{
    const struct partition *partition = &self->partitions[slot->partition];

    return partition_takes_commits(partition) && partition->epoch == slot->epoch;
}
