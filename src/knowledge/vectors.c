/* A sorted array, and its file: a head that names the encoder, the entries as they lie in memory, a checksum. */
#include "knowledge/vectors.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/hash.h"
#include "base/mem.h"

#define MAGIC "triaged-vectors1"

enum { MAGIC_BYTES = 16, ENTRIES_MAX = 1 << 22 };

struct entry {
    XXH128_hash_t key;
    float vector[ENCODER_DIM];
};

struct vectors {
    struct entry *items;
    size_t n, cap;
    char encoder[SHA256_HEX_MAX];
};

struct head {
    char magic[MAGIC_BYTES];
    char encoder[SHA256_HEX_MAX + 7]; /* in eights */
    uint64_t n, checksum;             /* of the entries */
};

struct vectors *vectors_new(const char *encoder_hash)
{
    struct vectors *self = mem_alloc(sizeof *self);

    snprintf(self->encoder, sizeof self->encoder, "%s", encoder_hash);
    return self;
}

void vectors_free(struct vectors *self)
{
    if (!self)
        return;
    mem_free(self->items);
    mem_free(self);
}

void vectors_done(struct vectors **self)
{
    vectors_free(*self);
}

size_t vectors_count(const struct vectors *self)
{
    return self->n;
}

/* ---- by text ---- */

void vectors_add(struct vectors *self, const char *text, const float vector[ENCODER_DIM])
{
    struct entry *entry;

    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->items = mem_grow(self->items, self->cap, sizeof *self->items);
    }
    entry = &self->items[self->n++];
    entry->key = XXH3_128bits(text, strlen(text));
    memcpy(entry->vector, vector, sizeof entry->vector);
}

static int by_key(const void *one, const void *other)
{
    return XXH128_cmp(one, other); /* the key is the first member */
}

void vectors_sort(struct vectors *self)
{
    size_t kept = 0;

    if (self->n)
        qsort(self->items, self->n, sizeof *self->items, by_key);
    for (size_t i = 0; i < self->n; i++) {
        if (kept == 0 || by_key(&self->items[i], &self->items[kept - 1]) != 0)
            self->items[kept++] = self->items[i];
    }
    self->n = kept;
}

const float *vectors_find(const struct vectors *self, const char *text)
{
    XXH128_hash_t key = XXH3_128bits(text, strlen(text));
    const struct entry *found;

    if (!self || !self->n)
        return NULL;
    found = bsearch(&key, self->items, self->n, sizeof *self->items, by_key);
    return found ? found->vector : NULL;
}

/* ---- the file ---- */

/* False when the file is not wholly what vectors_save wrote for this encoder. */
static bool read_all(struct vectors *self, FILE *in)
{
    struct head head;
    struct stat stat;

    if (fread(&head, sizeof head, 1, in) != 1 || memcmp(head.magic, MAGIC, MAGIC_BYTES) != 0 ||
        memcmp(head.encoder, self->encoder, sizeof self->encoder) != 0 || head.n > ENTRIES_MAX ||
        fstat(fileno(in), &stat) < 0 || (uint64_t)stat.st_size != sizeof head + head.n * sizeof *self->items)
        return false;
    self->items = mem_array(head.n + 1, sizeof *self->items);
    self->cap = head.n + 1;
    self->n = fread(self->items, sizeof *self->items, head.n, in);
    return self->n == head.n && hash64(self->items, self->n * sizeof *self->items) == head.checksum;
}

struct vectors *vectors_load(const char *path, const char *encoder_hash)
{
    struct vectors *self = vectors_new(encoder_hash);
    FILE *in = *path ? fopen(path, "re") : NULL;

    if (in && !read_all(self, in))
        self->n = 0;
    if (in)
        fclose(in);
    return self;
}

static bool write_all(const struct vectors *self, FILE *out)
{
    struct head head = {.n = self->n, .checksum = hash64(self->items, self->n * sizeof *self->items)};

    memcpy(head.magic, MAGIC, MAGIC_BYTES);
    memcpy(head.encoder, self->encoder, sizeof self->encoder);
    return fwrite(&head, sizeof head, 1, out) == 1 &&
           fwrite(self->items, sizeof *self->items, self->n, out) == self->n && fflush(out) == 0 &&
           fsync(fileno(out)) == 0;
}

int vectors_save(const struct vectors *self, const char *path, struct err *reterr)
{
    char beside[PATH_MAX];
    FILE *out;
    bool whole;

    snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid());
    out = fopen(beside, "we");
    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "%s can't be written: %s", beside, strerror(errno));
    whole = write_all(self, out);
    if (fclose(out) != 0 || !whole || rename(beside, path) != 0) {
        unlink(beside);
        return err_set(reterr, ERR_PERMANENT, EX_IOERR, "%s can't be written: %s", path, strerror(errno));
    }
    return 0;
}
