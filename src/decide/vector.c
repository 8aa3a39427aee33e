/* The weighting, and nothing else. */
#include "decide/vector.h"

#include <math.h>

#include "base/attrs.h"

static const float block_weights[] = {
    [BLOCK_WORD] = 1.0F,         [BLOCK_CHAR] = 1.0F,   [BLOCK_SUBJECT_WORD] = 0.5F, [BLOCK_SUBJECT_CHAR] = 0.5F,
    [BLOCK_QUOTED] = 0.25F,      [BLOCK_SENDER] = 0.1F, [BLOCK_CHANNEL] = 0.1F,
};
_Static_assert(ARRAY_LEN(block_weights) == BLOCK_COUNT, "a block without a weight");

static float sublinear(uint16_t count)
{
    return count == 1 ? 1.0F : 1.0F + logf((float)count);
}

size_t vector_make(const struct vocabulary *vocabulary, const struct feature *features, size_t n, struct entry *out)
{
    float squares[BLOCK_COUNT] = {0}, scales[BLOCK_COUNT];
    size_t n_out = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t row = vocabulary->rows[features[i].bucket];
        float value;
        if (row == VOCABULARY_NONE)
            continue;
        value = sublinear(features[i].count) * vocabulary->idf_root[row];
        squares[features[i].block] += value * value;
        out[n_out++] = (struct entry){.row = row, .value = value, .feature = (uint32_t)i};
    }
    for (int b = 0; b < BLOCK_COUNT; b++)
        scales[b] = squares[b] > 0 ? block_weights[b] / sqrtf(squares[b]) : 0;
    for (size_t i = 0; i < n_out; i++)
        out[i].value *= scales[features[out[i].feature].block];
    return n_out;
}
