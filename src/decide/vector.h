/* Counted features into a weighted vector: sublinear term frequency times the root of idf, each block of unit length times the block's weight. Both
 * training and prediction go through here, so they can't drift apart. */
#ifndef TRIAGED_DECIDE_VECTOR_H
#define TRIAGED_DECIDE_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "decide/features.h"

#define VOCABULARY_NONE UINT32_MAX

/* Which buckets a model knows. Borrowed: from a mapped file, or from training. */
struct vocabulary {
    const uint32_t *rows; /* FEATURE_BUCKETS entries: the bucket's row, or VOCABULARY_NONE */
    const float *idf_root; /* one a row: the square root of the inverse document frequency */
};

struct entry {
    uint32_t row;
    float value;
    uint32_t feature; /* index into the features it came from */
};

/* Fills out (room for n) with the features that the vocabulary knows; returns their number. */
size_t vector_make(const struct vocabulary *vocabulary, const struct feature *features, size_t n, struct entry *out);

#endif
