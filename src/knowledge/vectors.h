/* Vectors of texts by what they say: made once, kept on disk, and taken over when knowledge changes. Whatever is wrong
 * with the file, the answer is that it holds nothing: vectors can always be made again. */
#ifndef TRIAGED_KNOWLEDGE_VECTORS_H
#define TRIAGED_KNOWLEDGE_VECTORS_H

#include <stddef.h>

#include "triage/encoder.h"
#include "triage/err.h"

struct vectors; /* of one encoder */

struct vectors *vectors_new(const char *encoder_hash);
void vectors_free(struct vectors *self);
void vectors_done(struct vectors **self); /* for CLEANUP */

void vectors_add(struct vectors *self, const char *text, const float vector[ENCODER_DIM]); /* before vectors_sort */
void vectors_sort(struct vectors *self);                                 /* makes them findable; one of each */
const float *vectors_find(const struct vectors *self, const char *text); /* NULL: unknown; borrowed; self may be NULL */
size_t vectors_count(const struct vectors *self);

/* Empty, and sorted, when the file is missing, damaged, or of another encoder. */
struct vectors *vectors_load(const char *path, const char *encoder_hash);
/* Replaces the file in one step. */
int vectors_save(const struct vectors *self, const char *path, struct err *reterr);

#endif
