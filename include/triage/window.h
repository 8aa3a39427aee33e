/* The offset window of one partition: what is finished beyond the committed offset. Written into the commit's metadata,
 * so that the next owner skips what is done. Pure.
 *
 * Text form, ASCII, at most WINDOW_TEXT_MAX bytes: "w1.<takeovers>.<runs>.<check>": runs are lengths of not-done and done
 * offsets in turn, from the base on, each in base 32 with a continuation bit (alphabet of base64url); check is 8 hex
 * digits of a hash over base and text, so that text of another base is refused. Where there are suspects, records that
 * were given up because they ended their process, "<takeovers>,<suspects>" stands in place of takeovers: distances back
 * from the base, coded like runs. They are below the base, and who reads back must not look into them. */
#ifndef TRIAGE_WINDOW_H
#define TRIAGE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/err.h"

#define WINDOW_TEXT_MAX 4000      /* bytes; the broker takes 4,096 and aborts the transaction beyond */
#define WINDOW_TAKEOVERS_MAX 999
#define WINDOW_SUSPECTS_MAX 8     /* remembered at once; the oldest is forgotten */

struct window_run {
    int64_t from, to; /* done offsets, half-open */
};

struct window {
    int64_t base;            /* every offset below is done */
    struct window_run *runs; /* sorted, disjoint, not touching, all above base */
    size_t n_runs, cap;
    int64_t suspects[WINDOW_SUSPECTS_MAX]; /* offsets, oldest first */
    size_t n_suspects;
};

void window_init(struct window *self, int64_t base);
void window_free(struct window *self); /* frees what it holds */
void window_copy(const struct window *self, struct window *ret_copy); /* ret_copy is overwritten, not freed */
void window_take(struct window *self, struct window *from);           /* moves; from is left empty */

/* Marks [from, to) done; the base moves over what is contiguous. Marking twice is harmless. */
void window_mark(struct window *self, int64_t from, int64_t to);
bool window_is_done(const struct window *self, int64_t offset);
/* One above the highest offset known to be done; the base when there is none beyond. */
int64_t window_end(const struct window *self);
/* Remembers that the record at offset must never be looked into. */
void window_suspect(struct window *self, int64_t offset);
bool window_is_suspect(const struct window *self, int64_t offset);
/* Nobody reads back what is below offset: suspects there are forgotten. */
void window_forget_suspects(struct window *self, int64_t offset);

bool window_equal(const struct window *self, const struct window *other);

/* Bytes that the text can grow to at most when every one of `open` offsets up to `end` stays not done. */
size_t window_text_bound(size_t open, int64_t span);

/* Writes the text; -1 (permanent) when it would exceed WINDOW_TEXT_MAX. out holds WINDOW_TEXT_MAX + 1 bytes. */
int window_encode(const struct window *self, int takeovers, char *out, struct err *reterr);
/* Reads a text written for base. "" or NULL is an empty window with 0 takeovers. -1 (permanent): unknown version, bad
 * check, not our text. */
int window_decode(const char *text, int64_t base, struct window *ret_window, int *ret_takeovers, struct err *reterr);

#endif
