/* The bounded memory of seen revisions: a ring in offset order over a small hash map. */
#include "flow/memory.h"

#include <string.h>

#include "base/mem.h"

enum { FIRST_PLACES = 64 };

void memory_init(struct memory *self, size_t limit)
{
    *self = (struct memory){.limit = limit ? limit : 1};
}

void memory_free(struct memory *self)
{
    mem_free(self->ring);
    mem_free(self->map);
    *self = (struct memory){.limit = self->limit};
}

static size_t place_of(const struct memory *self, uint64_t key_id)
{
    size_t at = (size_t)(key_id * 0x9e3779b97f4a7c15u >> 20) & (self->places - 1);

    while (self->map[at].key_id && self->map[at].key_id != key_id)
        at = (at + 1) & (self->places - 1);
    return at;
}

const struct memory_entry *memory_find(const struct memory *self, uint64_t key_id)
{
    const struct memory_entry *entry;

    if (!self->places || !key_id)
        return NULL;
    entry = &self->map[place_of(self, key_id)];
    return entry->key_id ? entry : NULL;
}

static void grow_map(struct memory *self)
{
    struct memory_entry *old = self->map;
    size_t old_places = self->places;

    self->places = old_places ? old_places * 2 : FIRST_PLACES;
    self->map = mem_array(self->places, sizeof *self->map);
    for (size_t i = 0; i < old_places; i++) {
        if (old[i].key_id)
            self->map[place_of(self, old[i].key_id)] = old[i];
    }
    mem_free(old);
}

/* Empties a place and moves later entries of the same probe chain back, so that no search ends early. */
static void empty_place(struct memory *self, size_t hole)
{
    size_t at = hole;

    self->used--;
    self->map[hole] = (struct memory_entry){0};
    for (;;) {
        struct memory_entry moved;
        at = (at + 1) & (self->places - 1);
        if (!self->map[at].key_id)
            return;
        moved = self->map[at];
        self->map[at] = (struct memory_entry){0};
        self->map[place_of(self, moved.key_id)] = moved;
    }
}

static void forget_oldest(struct memory *self)
{
    size_t at = place_of(self, self->ring[self->head]);

    self->head = (self->head + 1) % self->limit;
    self->count--;
    if (--self->map[at].uses == 0)
        empty_place(self, at);
}

void memory_note(struct memory *self, uint64_t key_id, int64_t revision, uint64_t content_hash)
{
    struct memory_entry *entry;

    if (!key_id)
        return;
    if (!self->ring)
        self->ring = mem_array(self->limit, sizeof *self->ring);
    if (self->count == self->limit)
        forget_oldest(self);
    if (2 * (self->used + 1) > self->places)
        grow_map(self);
    self->ring[(self->head + self->count++) % self->limit] = key_id;
    entry = &self->map[place_of(self, key_id)];
    if (!entry->key_id) {
        *entry = (struct memory_entry){key_id, content_hash, revision, 0};
        self->used++;
    } else if (revision > entry->revision) {
        entry->revision = revision;
        entry->content_hash = content_hash;
    }
    entry->uses++;
}
