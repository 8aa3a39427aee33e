/* Labelled or unlabelled tickets as JSON Lines: {id, subject, body, label, sender, channel}, every field optional but
 * where a command needs it; body_text is taken for body, and language for lang. */
#ifndef TRIAGED_EVALUATION_ROWS_H
#define TRIAGED_EVALUATION_ROWS_H

#include <stdio.h>

#include "base/json.h"
#include "decide/corpus.h"
#include "triage/err.h"

#define ROW_BYTES_MAX (1 << 20) /* bytes of one line */

struct row_reader;                                               /* one stream, line by line */
struct row_reader *row_reader_new(FILE *in, const char *target); /* borrows both; target: see rows_read */
void row_reader_free(struct row_reader *self);
/* 1 a row, 0 the end, -1 a bad line (reterr says why; the next call goes on behind it). ret_row is valid until the next
 * call. */
int row_reader_next(struct row_reader *self, struct example *ret_row, struct err *reterr);
size_t row_reader_line(const struct row_reader *self); /* number of the line last read, from 1 */

/* All rows of some files and folders (every *.jsonl in a folder, by name). */
struct rows {
    struct example *rows;
    size_t n, cap;
    char **docs;                  /* what the rows' strings live in */
    size_t n_bad;                 /* lines that were no row */
    char first_bad[ERR_TEXT_MAX]; /* "FILE:LINE: why" of the first of them */
    char hash[65];                /* SHA-256 hex over the bytes of the files, in order */
};

/* target: the field that is learnt or measured, such as priority; NULL: the label. */
int rows_read(const char *const *paths, size_t n_paths, const char *target, struct rows *ret_rows, struct err *reterr);
/* For what needs labels: rows without one count as bad lines. */
void rows_drop_unlabelled(struct rows *self);
void rows_done(struct rows *self); /* for CLEANUP */

#endif
