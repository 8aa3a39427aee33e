/* The rules of precedence between spans. */
#include "pii/spans.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PHONE_DIGITS_LEAST = 5 };

static bool is_phone_enough(const char *text, size_t start, size_t end)
{
    int digits = 0;

    for (size_t i = start; i < end; i++)
        digits += isdigit((unsigned char)text[i]) != 0;
    return digits >= PHONE_DIGITS_LEAST;
}

static void append(struct spans *self, int kind, size_t start, size_t end)
{
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 32;
        self->items = mem_grow(self->items, self->cap, sizeof *self->items);
    }
    self->items[self->n++] = (struct pii_span){(enum pii_kind)kind, start, end};
}

void spans_add(struct spans *self, const char *text, int kind, size_t start, size_t end)
{
    for (size_t i = 0; i < self->n; i++) {
        struct pii_span *other = &self->items[i];
        if (end <= other->start || start >= other->end)
            continue;
        if ((int)other->kind == kind) {
            other->start = start < other->start ? start : other->start;
            other->end = end > other->end ? end : other->end;
            return;
        }
        if (start >= other->start)
            return;
        end = other->start;
        while (end > start && strchr(" \t\n,.;:()/-", text[end - 1]))
            end--;
    }
    if (end > start && (kind != PII_PHONE || is_phone_enough(text, start, end)))
        append(self, kind, start, end);
}

static int by_start(const void *a, const void *b)
{
    const struct pii_span *one = a, *other = b;

    return (one->start > other->start) - (one->start < other->start);
}

void spans_settle(struct spans *self)
{
    size_t kept = 0;

    if (self->n)
        qsort(self->items, self->n, sizeof *self->items, by_start);
    for (size_t i = 0; i < self->n; i++) {
        struct pii_span span = self->items[i];
        if ((int)span.kind == SPAN_KEEP)
            continue;
        if (kept && span.start < self->items[kept - 1].end) {
            if (span.end > self->items[kept - 1].end)
                self->items[kept - 1].end = span.end;
            continue;
        }
        self->items[kept++] = span;
    }
    self->n = kept;
}

void spans_free(struct spans *self)
{
    mem_free(self->items);
    *self = (struct spans){0};
}
