/* A version that comes back has several stays; what counts is the begin of its last one. Results come in the order of
 * their partitions, so all are kept and put in order when somebody asks. */
#include "evaluation/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

enum { FIRST_CAP = 256 };

/* The newest are looked at first: nearly every result names the version of the one before. */
static size_t version_place(struct sightings *self, enum version_kind kind, const char *hash)
{
    size_t n = self->n_versions[kind];

    for (size_t i = n; i > 0; i--) {
        if (strcmp(self->versions[kind][i - 1], hash) == 0)
            return i - 1;
    }
    self->versions[kind] = mem_grow(self->versions[kind], n + 1, sizeof(char *));
    self->versions[kind][n] = mem_strdup(hash);
    self->n_versions[kind] = n + 1;
    return n;
}

void sightings_note(struct sightings *self, size_t profile, const char *ticket, int64_t at_us,
                    const char *const hashes[VERSION_KIND_COUNT])
{
    CLEANUP(buf_free) struct buf decision = {0};
    struct sighting *one;

    if (self->n == self->cap) {
        self->cap = self->cap ? 2 * self->cap : FIRST_CAP;
        self->list = mem_grow(self->list, self->cap, sizeof *self->list);
    }
    one = &self->list[self->n++];
    *one = (struct sighting){.profile = profile, .at_us = at_us};
    buf_puts(&decision, ticket);
    for (enum version_kind kind = 0; kind < VERSION_KIND_COUNT; kind++) {
        if (!self->n_versions[kind])
            version_place(self, kind, "");
        one->versions[kind] = version_place(self, kind, hashes[kind]);
        buf_printf(&decision, " %s", hashes[kind]);
    }
    one->decision = hash64(decision.data, decision.len);
}

/* ---- asking ---- */

static int by_decision(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;

    if (x->decision != y->decision)
        return x->decision < y->decision ? -1 : 1;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

static int by_time(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;

    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return (x->decision > y->decision) - (x->decision < y->decision);
}

/* The earliest of each decision, in the order of time. */
static void put_in_order(struct sightings *self)
{
    size_t kept = 0;

    if (!self->n)
        return;
    qsort(self->list, self->n, sizeof *self->list, by_decision);
    for (size_t i = 0; i < self->n; i++) {
        if (kept == 0 || self->list[i].decision != self->list[kept - 1].decision)
            self->list[kept++] = self->list[i];
    }
    self->n = kept;
    qsort(self->list, self->n, sizeof *self->list, by_time);
}

/* Where the last stay of the version begins; the number of sightings: it was never seen. Seen again after another
 * version, and not within the overlap: an earlier stay. */
static size_t last_stay(const struct sightings *self, size_t profile, enum version_kind kind, size_t version)
{
    size_t begin = self->n;
    bool other = false;

    for (size_t i = self->n; i > 0; i--) {
        const struct sighting *one = &self->list[i - 1];
        if (one->profile != profile || !one->versions[kind])
            continue;
        if (one->versions[kind] != version) {
            other = true;
            continue;
        }
        if (begin < self->n && other && self->list[begin].at_us - one->at_us > SIGHTINGS_OVERLAP_US)
            break;
        begin = i - 1;
        other = false;
    }
    return begin;
}

const char *sightings_before(struct sightings *self, size_t profile, enum version_kind kind, const char *hash,
                             int64_t *ret_last_us)
{
    size_t version = 0, begin;

    put_in_order(self);
    while (version < self->n_versions[kind] && strcmp(self->versions[kind][version], hash) != 0)
        version++;
    begin = last_stay(self, profile, kind, version);
    for (size_t i = begin < self->n ? begin : 0; i > 0; i--) {
        const struct sighting *one = &self->list[i - 1];
        if (one->profile != profile || !one->versions[kind] || one->versions[kind] == version)
            continue;
        *ret_last_us = one->at_us;
        return self->versions[kind][one->versions[kind]];
    }
    return NULL;
}

void sightings_done(struct sightings *self)
{
    for (enum version_kind kind = 0; kind < VERSION_KIND_COUNT; kind++) {
        for (size_t i = 0; i < self->n_versions[kind]; i++)
            mem_free(self->versions[kind][i]);
        mem_free(self->versions[kind]);
    }
    mem_free(self->list);
    *self = (struct sightings){0};
}
