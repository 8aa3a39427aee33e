/* Which revision of which key a partition has seen lately: a bounded memory in offset order. Pure. */
#ifndef TRIAGED_FLOW_MEMORY_H
#define TRIAGED_FLOW_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory_entry {
    uint64_t key_id;       /* 0: empty place */
    uint64_t content_hash; /* of the highest revision */
    int64_t revision;      /* highest seen */
    uint32_t uses;         /* records in the ring that have this key */
};

struct memory {
    uint64_t *ring; /* key ids, oldest at `head` */
    size_t limit, head, count;
    struct memory_entry *map; /* open addressing, linear probing, a power of two of places */
    size_t places, used;
};

void memory_init(struct memory *self, size_t limit); /* limit: records remembered */
void memory_free(struct memory *self);
/* Notes a record; the oldest is forgotten when the limit is reached. key_id 0 is not noted. */
void memory_note(struct memory *self, uint64_t key_id, int64_t revision, uint64_t content_hash);
/* NULL when the key is not remembered; valid until the next note. */
const struct memory_entry *memory_find(const struct memory *self, uint64_t key_id);

#endif
