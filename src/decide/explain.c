/* Takes a prediction apart again. */
#include "decide/explain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "decide/linear.h"

static void best_two(const float *scores, size_t n, size_t best[2])
{
    best[0] = scores[1] > scores[0];
    best[1] = !best[0];
    for (size_t i = 2; i < n; i++) {
        if (scores[i] > scores[best[0]]) {
            best[1] = best[0];
            best[0] = i;
        } else if (scores[i] > scores[best[1]]) {
            best[1] = i;
        }
    }
}

static int by_difference(const void *a, const void *b)
{
    const struct contribution *one = a, *other = b;
    double d1 = one->to[0] - one->to[1], d2 = other->to[0] - other->to[1];

    return (d1 < d2) - (d1 > d2);
}

static void take_apart(const struct classifier *model, const struct classifier_scratch *scratch,
                       const struct entry *entries, const size_t best[2], struct explanation *self)
{
    struct classifier_view view;

    classifier_look(model, &view);
    for (size_t i = 0; i < self->n; i++) {
        const float *row = view.weights + (size_t)entries[i].row * view.params->stride;
        struct contribution *c = &self->contributions[i];
        c->ngram = classifier_ngram(model, entries[i].row);
        c->block = classifier_block(scratch, entries[i].feature);
        for (int k = 0; k < 2; k++)
            c->to[k] = (double)entries[i].value * (double)row[best[k]];
    }
    for (int k = 0; k < 2; k++)
        self->bias[k] = (double)view.weights[(size_t)view.params->n_rows * view.params->stride + best[k]];
    qsort(self->contributions, self->n, sizeof *self->contributions, by_difference);
}

static size_t flip_of(const struct explanation *self)
{
    double margin = self->score[0] - self->score[1];

    for (size_t i = 0; i < self->n; i++) {
        margin -= self->contributions[i].to[0] - self->contributions[i].to[1];
        if (margin < 0)
            return i + 1;
    }
    return 0;
}

void classifier_explain(const struct classifier *model, const struct classifier_text *text,
                        struct explanation *ret_explanation)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    size_t n_labels = classifier_label_count(model), best[2];
    double *probabilities = mem_array(n_labels, sizeof *probabilities);
    float *scores = mem_array(n_labels, sizeof *scores);
    struct explanation self = {0};
    struct prediction prediction;
    const struct entry *entries;

    classifier_predict(model, scratch, text, &prediction);
    self.scope_score = prediction.scope_score;
    self.in_scope = prediction.in_scope;
    classifier_probabilities(model, scratch, text, probabilities, &self.scope_score);
    self.n = classifier_scores(model, scratch, text, scores, &entries);
    self.contributions = mem_array(self.n, sizeof *self.contributions);
    best_two(scores, n_labels, best);
    take_apart(model, scratch, entries, best, &self);
    for (int k = 0; k < 2; k++) {
        self.label[k] = classifier_label_at(model, best[k]);
        self.score[k] = (double)scores[best[k]];
        self.probability[k] = probabilities[best[k]];
    }
    self.n_flip = flip_of(&self);
    mem_free(scores);
    mem_free(probabilities);
    classifier_scratch_free(scratch);
    *ret_explanation = self;
}

void explanation_done(struct explanation *self)
{
    mem_free(self->contributions);
    self->contributions = NULL;
}
