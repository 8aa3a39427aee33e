/* Which lines of a mail its sender wrote: quoted replies and signatures are set apart, in English and German. Works on
 * spans of the input, allocates nothing. It must not know what the text is used for. */
#ifndef TRIAGED_DECIDE_TEXT_H
#define TRIAGED_DECIDE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "triage/ticket.h"

enum text_part { TEXT_NEWEST, TEXT_QUOTED, TEXT_SIGNATURE };

struct text_lines {
    const char *at, *end;
    enum text_part mode; /* the part that plain lines belong to from here on */
};

struct text_line {
    const char *text; /* not terminated, without the line end */
    size_t len;
    enum text_part part;
};

void text_lines_start(struct text_lines *self, const char *text, size_t len);
/* The next line with the part it belongs to; false at the end. */
bool text_lines_next(struct text_lines *self, struct text_line *ret_line);
/* False when everything is quoted or signature (a forwarded mail): then the whole text counts as the newest part. */
bool text_has_newest(const char *text, size_t len);

/* Invisible, bidirectional and tag characters, and controls but tab and line feed: nothing a person reads. */
bool text_invisible(int32_t code_point);

/* Appends what a person sees; bytes that are not UTF-8 are dropped. */
void text_add_visible(struct buf *out, const char *text, size_t len);

/* The body of the newest customer message, as it came; borrowed. */
const char *ticket_newest_body(const struct ticket *ticket);

#endif
