/* Per key the last unfinished ticket: a hash map of fixed capacity, since no more tickets than in_flight exist. */
#include <string.h>

#include "base/mem.h"
#include "flow/flow_state.h"

struct link {
    uint64_t key_id; /* mixed with the partition; 0: empty place */
    struct ticket_slot *last;
};

struct key_chain {
    struct link *links;
    size_t places;
};

struct key_chain *chain_new(size_t capacity)
{
    struct key_chain *self = mem_alloc(sizeof *self);

    self->places = 64;
    while (self->places < 2 * capacity)
        self->places *= 2;
    self->links = mem_array(self->places, sizeof *self->links);
    return self;
}

void chain_free(struct key_chain *self)
{
    if (!self)
        return;
    mem_free(self->links);
    mem_free(self);
}

static uint64_t mixed(int partition, uint64_t key_id)
{
    uint64_t key = key_id ^ ((uint64_t)(unsigned)partition + 1) * 0x9e3779b97f4a7c15u;

    return key ? key : 1;
}

static size_t place_of(const struct key_chain *self, uint64_t key)
{
    size_t at = (size_t)(key * 0xbf58476d1ce4e5b9u >> 24) & (self->places - 1);

    while (self->links[at].key_id && self->links[at].key_id != key)
        at = (at + 1) & (self->places - 1);
    return at;
}

struct ticket_slot *chain_last(const struct key_chain *self, int partition, uint64_t key_id)
{
    return self->links[place_of(self, mixed(partition, key_id))].last;
}

void chain_put(struct key_chain *self, int partition, uint64_t key_id, struct ticket_slot *last)
{
    uint64_t key = mixed(partition, key_id);

    self->links[place_of(self, key)] = (struct link){key, last};
}

void chain_remove(struct key_chain *self, int partition, uint64_t key_id)
{
    size_t at = place_of(self, mixed(partition, key_id));

    if (!self->links[at].key_id)
        return;
    self->links[at] = (struct link){0};
    for (;;) {
        struct link moved;
        at = (at + 1) & (self->places - 1);
        if (!self->links[at].key_id)
            return;
        moved = self->links[at];
        self->links[at] = (struct link){0};
        self->links[place_of(self, moved.key_id)] = moved;
    }
}
