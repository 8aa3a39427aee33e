/* A table for people: aligned columns, as wide as the terminal and no wider, one row cut with an ellipsis where need
 * be. */
#ifndef TRIAGED_CMD_COLUMNS_H
#define TRIAGED_CMD_COLUMNS_H

#include "cmd/terminal.h"

#define COLUMNS_MAX 16

struct column {
    const char *title;
    bool right; /* numbers */
    bool gives; /* is shortened when the terminal is too narrow */
};

struct columns;

struct columns *columns_new(const struct column *titles, size_t n);
/* The cells of one more row, cleaned; NULL is an empty one. As many as there are titles. */
void columns_add(struct columns *self, const char *const *cells, enum tint tint);
size_t columns_rows(const struct columns *self);
void columns_print(const struct columns *self, const struct terminal *terminal, FILE *out);
void columns_free(struct columns *self);

#endif
