/* A hash table that only grows: a slot is claimed once, by compare-and-swap, and then stays. */
#include "metrics/series.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/mem.h"

const int64_t series_bucket_us[SERIES_BUCKETS] = {
    10,    25,     50,     100,    250,     500,     1000,    2500,     5000,     10000,    25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 120000000};

_Static_assert((SERIES_FAMILY_MOST + 1) * METRIC_COUNT < SERIES_SLOTS, "a full table would have no end");

static struct series *_Atomic slots[SERIES_SLOTS];
static _Atomic int family_sizes[METRIC_COUNT];

static uint64_t place_of(int family, const char *a, const char *b)
{
    char text[2 * METRIC_VALUE_MAX + 24];
    int len = snprintf(text, sizeof text, "%d %s\x1f%s", family, a, b);

    return hash64(text, (size_t)len) % SERIES_SLOTS;
}

static bool is(const struct series *self, int family, const char *a, const char *b)
{
    return self->family == family && strcmp(self->a, a) == 0 && strcmp(self->b, b) == 0;
}

static struct series *made(int family, const char *a, const char *b)
{
    struct series *self = mem_alloc(sizeof *self);

    self->family = family;
    snprintf(self->a, sizeof self->a, "%s", a);
    snprintf(self->b, sizeof self->b, "%s", b);
    return self;
}

/* The series, made where make says so; NULL: there is none. */
static struct series *find(int family, const char *a, const char *b, bool make)
{
    struct series *mine = NULL;

    for (uint64_t at = place_of(family, a, b), tries = 0; tries < SERIES_SLOTS; tries++, at = (at + 1) % SERIES_SLOTS) {
        struct series *there = slots[at];
        if (!there && !make)
            break;
        if (!there) {
            mine = mine ? mine : made(family, a, b);
            if (atomic_compare_exchange_strong(&slots[at], &there, mine)) {
                family_sizes[family]++;
                return mine;
            }
        }
        if (is(there, family, a, b)) {
            mem_free(mine);
            return there;
        }
    }
    mem_free(mine);
    return NULL;
}

struct series *series_of(int family, const char *a, const char *b)
{
    char first[METRIC_VALUE_MAX], second[METRIC_VALUE_MAX];
    struct series *self;

    snprintf(first, sizeof first, "%s", a);
    snprintf(second, sizeof second, "%s", b ? b : "");
    self = find(family, first, second, family_sizes[family] < SERIES_FAMILY_MOST);
    if (!self)
        self = find(family, METRIC_OTHER, b ? METRIC_OTHER : "", true);
    self->shown = true;
    return self;
}

void series_observe(struct series *self, int64_t us)
{
    size_t i = 0;

    while (i < SERIES_BUCKETS && us > series_bucket_us[i])
        i++;
    atomic_fetch_add_explicit(&self->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&self->count, us, memory_order_relaxed);
}

void series_forget(int family)
{
    for (size_t i = 0; i < SERIES_SLOTS; i++) {
        struct series *one = slots[i];
        if (one && one->family == family)
            one->shown = false;
    }
}

static int compare(const void *x, const void *y)
{
    const struct series *a = *(struct series *const *)x, *b = *(struct series *const *)y;
    int order = a->family != b->family ? (a->family < b->family ? -1 : 1) : strcmp(a->a, b->a);

    return order ? order : strcmp(a->b, b->b);
}

struct series **series_list(size_t *ret_n)
{
    struct series **list = NULL;
    size_t n = 0, cap = 0;

    for (size_t i = 0; i < SERIES_SLOTS; i++) {
        struct series *one = slots[i];
        if (!one || !one->shown)
            continue;
        if (n == cap) {
            cap = cap ? 2 * cap : 256;
            list = mem_grow(list, cap, sizeof(struct series *));
        }
        list[n++] = one;
    }
    if (n)
        qsort(list, n, sizeof(struct series *), compare);
    *ret_n = n;
    return list;
}
