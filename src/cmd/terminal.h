/* What a terminal can show: its width, whether it has colours, how wide a text is, and texts of customers made
 * harmless. */
#ifndef TRIAGED_CMD_TERMINAL_H
#define TRIAGED_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

struct terminal {
    bool is_one;       /* else a file or a pipe */
    bool colour;       /* a terminal, TERM is not dumb, NO_COLOR is not set */
    int width, height; /* columns and lines; 0: no bound */
};

enum tint { TINT_PLAIN, TINT_BOLD, TINT_DIM, TINT_RED, TINT_YELLOW, TINT_GREEN, TINT_COUNT };

struct terminal terminal_of(FILE *out);
/* Escape sequences, "" without colours; TINT_PLAIN ends any. */
const char *terminal_tint(const struct terminal *self, enum tint tint);

/* Adds text without control characters, bidi controls and invisible ones: it can move no cursor and forge no line. With
 * lines, newlines stay and tabs become blanks; else both become blanks. */
void terminal_clean(const char *text, bool lines, struct buf *out);
/* Columns that valid UTF-8 takes: two for East Asian wide characters and emoji, none for combining marks. */
int terminal_width(const char *text);
/* How many bytes of it fit into so many columns. */
size_t terminal_fit(const char *text, int columns);

/* "40 s", "35 min", "3 h", "2 d": the largest unit of which there are at least two, rounded down. */
#define TERMINAL_SPAN_MAX 24
char *terminal_span(double seconds, char out[TERMINAL_SPAN_MAX]);
/* "in 2 h", "3 d late". */
char *terminal_due(double seconds, char out[TERMINAL_SPAN_MAX]);

#endif
