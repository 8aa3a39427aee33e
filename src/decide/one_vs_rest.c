/* Epochs over all pairs and epochs over the active pairs alone take turns: a pair (text, label) is active while its
 * multiplier is above zero or its margin is violated. */
#include "decide/one_vs_rest.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "decide/stats.h"

#define SHUFFLE_SEED 1
#define FULL_EPOCHS_MAX 6     /* over all pairs */
#define ACTIVE_EPOCHS_MAX 12  /* over the active pairs, between two of those */
#define VIOLATION_FINE 0.1F   /* largest violated gradient that is left */
#define UNIT 8                /* floats handled together */

struct solver {
    const struct sparse_rows *rows;
    float *weights;
    float *alpha;     /* rows x stride */
    uint16_t *active; /* rows x stride: labels, n_active of each row */
    uint16_t *n_active;
    uint32_t *order;
    float *scores, *change; /* stride */
    float diagonal;         /* 1 / (2 cost) */
    float violation;        /* largest of the epoch */
    uint64_t random;
};

static void shuffle(struct solver *self)
{
    for (size_t i = self->rows->n; i > 1; i--) {
        size_t k = (size_t)(stats_random(&self->random) % i);
        uint32_t swapped = self->order[i - 1];
        self->order[i - 1] = self->order[k];
        self->order[k] = swapped;
    }
}

/* One coordinate: the new multiplier's change, signed by the label. *ret_active says whether the pair stays in play. */
static inline float solve_pair(struct solver *self, float *alpha, float score, float sign, float square,
                               bool *ret_active)
{
    float gradient = sign * score - 1 + self->diagonal * *alpha, next, change;

    *ret_active = *alpha > 0 || gradient < 0;
    if (!*ret_active)
        return 0;
    if (fabsf(gradient) > self->violation)
        self->violation = fabsf(gradient);
    next = *alpha - gradient / (square + self->diagonal);
    if (next < 0)
        next = 0;
    change = (next - *alpha) * sign;
    *alpha = next;
    return change;
}

static float square_of(const struct sparse_rows *rows, size_t i)
{
    float sum = 0;

    for (size_t k = rows->starts[i]; k < rows->starts[i + 1]; k++)
        sum += rows->value[k] * rows->value[k];
    return sum;
}

static inline void add_scaled(float *restrict to, const float *restrict from, float factor, size_t n)
{
    for (size_t b = 0; b < n; b += UNIT) {
        for (size_t k = 0; k < UNIT; k++)
            to[b + k] += factor * from[b + k];
    }
}

/* All labels of one row. */
static void visit_all(struct solver *self, size_t i)
{
    const struct sparse_rows *rows = self->rows;
    size_t stride = rows->stride;
    float square = square_of(rows, i);
    uint16_t *active = self->active + i * stride, n = 0;
    bool changed = false;

    memset(self->scores, 0, stride * sizeof *self->scores);
    for (size_t k = rows->starts[i]; k < rows->starts[i + 1]; k++)
        add_scaled(self->scores, self->weights + rows->index[k] * stride, rows->value[k], stride);
    memset(self->change, 0, stride * sizeof *self->change);
    for (size_t l = 0; l < rows->n_labels; l++) {
        bool stays;
        self->change[l] = solve_pair(self, &self->alpha[i * stride + l], self->scores[l],
                                     l == rows->labels[i] ? 1.0F : -1.0F, square, &stays);
        changed = changed || self->change[l] != 0;
        if (stays)
            active[n++] = (uint16_t)l;
    }
    self->n_active[i] = n;
    for (size_t k = rows->starts[i]; changed && k < rows->starts[i + 1]; k++)
        add_scaled(self->weights + rows->index[k] * stride, self->change, rows->value[k], stride);
}

/* The active labels of one row; those that have come to rest leave the list. */
static void visit_active(struct solver *self, size_t i)
{
    const struct sparse_rows *rows = self->rows;
    size_t stride = rows->stride;
    uint16_t *active = self->active + i * stride, n = self->n_active[i], kept = 0;
    float square;

    if (n == 0)
        return;
    square = square_of(rows, i);
    memset(self->scores, 0, n * sizeof *self->scores);
    for (size_t k = rows->starts[i]; k < rows->starts[i + 1]; k++) {
        const float *row = self->weights + rows->index[k] * stride;
        for (size_t a = 0; a < n; a++)
            self->scores[a] += rows->value[k] * row[active[a]];
    }
    for (size_t a = 0; a < n; a++) {
        bool stays;
        size_t l = active[a];
        float change = solve_pair(self, &self->alpha[i * stride + l], self->scores[a],
                                  l == rows->labels[i] ? 1.0F : -1.0F, square, &stays);
        if (!stays)
            continue;
        active[kept] = (uint16_t)l;
        self->change[kept++] = change;
    }
    self->n_active[i] = kept;
    for (size_t k = rows->starts[i]; k < rows->starts[i + 1]; k++) {
        float *row = self->weights + rows->index[k] * stride;
        for (size_t a = 0; a < kept; a++)
            row[active[a]] += rows->value[k] * self->change[a];
    }
}

static float epoch(struct solver *self, void (*visit)(struct solver *self, size_t i))
{
    self->violation = 0;
    shuffle(self);
    for (size_t k = 0; k < self->rows->n; k++)
        visit(self, self->order[k]);
    return self->violation;
}

void one_vs_rest(const struct sparse_rows *rows, double cost, float *weights)
{
    size_t pairs = rows->n * rows->stride;
    struct solver self = {.rows = rows,
                          .weights = weights,
                          .alpha = mem_array(pairs, sizeof(float)),
                          .active = mem_array(pairs, sizeof(uint16_t)),
                          .n_active = mem_array(rows->n, sizeof(uint16_t)),
                          .order = mem_array(rows->n, sizeof(uint32_t)),
                          .scores = mem_array(rows->stride, sizeof(float)),
                          .change = mem_array(rows->stride, sizeof(float)),
                          .diagonal = (float)(1 / (2 * cost)),
                          .random = SHUFFLE_SEED};

    for (size_t i = 0; i < rows->n; i++)
        self.order[i] = (uint32_t)i;
    for (int full = 0; full < FULL_EPOCHS_MAX; full++) {
        if (epoch(&self, visit_all) <= VIOLATION_FINE)
            break;
        for (int n = 0; n < ACTIVE_EPOCHS_MAX && epoch(&self, visit_active) > VIOLATION_FINE; n++)
            ;
    }
    mem_free(self.alpha);
    mem_free(self.active);
    mem_free(self.n_active);
    mem_free(self.order);
    mem_free(self.scores);
    mem_free(self.change);
}
