/* A growing byte string. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_FIRST = 256 };

static void reserve(struct buf *self, size_t more)
{
    size_t need = self->len + more + 1;
    size_t cap = self->cap ? self->cap : BUF_FIRST;

    if (need <= self->cap)
        return;
    while (cap < need)
        cap *= 2;
    self->data = mem_grow(self->data, cap, 1);
    self->cap = cap;
}

void buf_add(struct buf *self, const void *bytes, size_t len)
{
    reserve(self, len);
    if (len)
        memcpy(self->data + self->len, bytes, len);
    self->len += len;
    self->data[self->len] = '\0';
}

void buf_puts(struct buf *self, const char *s)
{
    buf_add(self, s, strlen(s));
}

void buf_putc(struct buf *self, char c)
{
    buf_add(self, &c, 1);
}

void buf_printf(struct buf *self, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return;
    reserve(self, (size_t)len);
    va_start(args, fmt);
    vsnprintf(self->data + self->len, (size_t)len + 1, fmt, args);
    va_end(args);
    self->len += (size_t)len;
}

void buf_reset(struct buf *self)
{
    self->len = 0;
    if (self->data)
        self->data[0] = '\0';
}

char *buf_take(struct buf *self)
{
    char *data = self->data ? self->data : mem_strdup("");

    *self = (struct buf){0};
    return data;
}

const char *buf_str(const struct buf *self)
{
    return self->data ? self->data : "";
}

void buf_free(struct buf *self)
{
    if (!self)
        return;
    mem_free(self->data);
    *self = (struct buf){0};
}
