/* JSON Lines: one object a line, each through the strict gate. */
#ifndef TRIAGED_BASE_JSONL_H
#define TRIAGED_BASE_JSONL_H

#include <stdio.h>

#include "base/json.h"
#include "triage/err.h"

#define JSONL_BYTES_MAX (1 << 20) /* of one line, its end included */

struct jsonl;
struct jsonl *jsonl_new(FILE *in); /* borrows the stream */
/* The same with other limits; bytes: of one line without its end. */
struct jsonl *jsonl_new_within(FILE *in, const struct json_limits *limits);
void jsonl_free(struct jsonl *self);
/* 1 an object (borrowed until the next call), 0 the end, -1 a bad line: reterr says why, the next call goes on behind
 * it. Blank lines are passed over. */
int jsonl_next(struct jsonl *self, const cJSON **ret_doc, struct err *reterr);
size_t jsonl_line(const struct jsonl *self);      /* number of the line last read, from 1 */
const char *jsonl_text(const struct jsonl *self); /* that line without its end */

/* Prints a document as one line. */
void jsonl_print(const cJSON *doc);
/* Prints {line, error} for a bad line. */
void jsonl_print_bad(size_t line, const struct err *err);

#endif
