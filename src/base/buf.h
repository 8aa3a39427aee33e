/* A growing byte string, always terminated. */
#ifndef TRIAGED_BASE_BUF_H
#define TRIAGED_BASE_BUF_H

#include <stddef.h>

#include "base/attrs.h"

struct buf {
    char *data; /* NULL until something was added; then data[len] is 0 */
    size_t len; /* bytes */
    size_t cap;
};

void buf_add(struct buf *self, const void *bytes, size_t len);
void buf_puts(struct buf *self, const char *s);
void buf_putc(struct buf *self, char c);
void buf_printf(struct buf *self, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_reset(struct buf *self);      /* keeps the memory */
char *buf_take(struct buf *self);      /* the caller owns the string; "" when nothing was added */
const char *buf_str(const struct buf *self); /* "" when nothing was added */
void buf_free(struct buf *self);       /* also usable as CLEANUP(buf_free) */

#endif
