/* One text laid out flat, others offered one by one; the best few are kept in order. */
#include <math.h>

#include "base/mem.h"
#include "decide/explain.h"
#include "decide/linear.h"

struct neighbours {
    const struct classifier *model;
    struct classifier_scratch *scratch;
    float *flat; /* value of each row of the vocabulary in the text */
    double norm;
    struct neighbour *list;
    size_t n, most;
};

struct neighbours *neighbours_new(const struct classifier *model, const struct classifier_text *text, size_t most)
{
    struct neighbours *self = mem_alloc(sizeof *self);
    const struct entry *entries;
    struct classifier_view view;
    size_t n;

    classifier_look(model, &view);
    self->model = model;
    self->scratch = classifier_scratch_new(model);
    self->flat = mem_array((size_t)view.params->n_rows + 1, sizeof *self->flat);
    self->list = mem_array(most + 1, sizeof *self->list);
    self->most = most;
    n = classifier_scores(model, self->scratch, text, NULL, &entries);
    for (size_t i = 0; i < n; i++) {
        self->flat[entries[i].row] += entries[i].value;
        self->norm += (double)entries[i].value * (double)entries[i].value;
    }
    return self;
}

void neighbours_free(struct neighbours *self)
{
    if (!self)
        return;
    classifier_scratch_free(self->scratch);
    mem_free(self->flat);
    mem_free(self->list);
    mem_free(self);
}

static void insert(struct neighbours *self, struct neighbour neighbour)
{
    size_t at = self->n;

    while (at > 0 && self->list[at - 1].cosine < neighbour.cosine)
        at--;
    if (at == self->most)
        return;
    for (size_t i = self->n < self->most ? self->n++ : self->most - 1; i > at; i--)
        self->list[i] = self->list[i - 1];
    self->list[at] = neighbour;
}

void neighbours_offer(struct neighbours *self, size_t row, const struct classifier_text *text)
{
    const struct entry *entries;
    size_t n = classifier_scores(self->model, self->scratch, text, NULL, &entries);
    double dot = 0, norm = 0;

    for (size_t i = 0; i < n; i++) {
        dot += (double)entries[i].value * (double)self->flat[entries[i].row];
        norm += (double)entries[i].value * (double)entries[i].value;
    }
    if (dot > 0)
        insert(self, (struct neighbour){row, fmin(dot / sqrt(norm * self->norm), 1)});
}

size_t neighbours_nearest(const struct neighbours *self, const struct neighbour **ret_list)
{
    *ret_list = self->list;
    return self->n;
}
