/* Takes a prediction apart again. */
#include "decide/explain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "decide/linear.h"

/* What the parts of an explanation are worked out from. */
struct taken {
    struct classifier_view view;
    const struct entry *entries;
    float *scores;
    size_t n, n_labels, best[2];
    size_t *order; /* order[place in contributions] is the entry */
};

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

/* What an entry adds to a label's score. */
static double added(const struct taken *taken, size_t entry, size_t label)
{
    const float *row = taken->view.weights + (size_t)taken->entries[entry].row * taken->view.params->stride;

    return (double)taken->entries[entry].value * (double)row[label];
}

struct ranked {
    double difference;
    size_t at;
};

static int by_difference(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;

    if (one->difference != other->difference)
        return one->difference < other->difference ? 1 : -1;
    return (one->at > other->at) - (one->at < other->at);
}

/* Entries by how much they favour the best label over another one, most first. The caller frees. */
static struct ranked *rank_against(const struct taken *taken, size_t rival)
{
    struct ranked *ranked = mem_array(taken->n + 1, sizeof *ranked);

    for (size_t i = 0; i < taken->n; i++)
        ranked[i] = (struct ranked){added(taken, i, taken->best[0]) - added(taken, i, rival), i};
    qsort(ranked, taken->n, sizeof *ranked, by_difference);
    return ranked;
}

static void take_apart(const struct classifier *model, const struct classifier_scratch *scratch, struct taken *taken,
                       struct explanation *self)
{
    struct ranked *ranked = rank_against(taken, taken->best[1]);
    size_t bias = (size_t)taken->view.params->n_rows * taken->view.params->stride;

    for (size_t i = 0; i < taken->n; i++) {
        const struct entry *entry = &taken->entries[ranked[i].at];
        struct contribution *c = &self->contributions[i];
        taken->order[ranked[i].at] = i;
        c->ngram = classifier_ngram(model, entry->row);
        c->block = classifier_block(scratch, entry->feature);
        for (int k = 0; k < 2; k++)
            c->to[k] = added(taken, ranked[i].at, taken->best[k]);
    }
    for (int k = 0; k < 2; k++)
        self->bias[k] = (double)taken->view.weights[bias + taken->best[k]];
    mem_free(ranked);
}

/* ---- the smallest set ---- */

/* How many of the ranked entries must go before the rival wins; n + 1 when all of them are not enough. Taking the
 * largest first can't be beaten: every entry lowers the lead by its own difference and nothing else. */
static size_t needed(const struct taken *taken, const struct ranked *ranked, size_t rival)
{
    double lead = (double)taken->scores[taken->best[0]] - (double)taken->scores[rival];

    for (size_t i = 0; i < taken->n && ranked[i].difference > 0; i++) {
        lead -= ranked[i].difference;
        if (lead < 0)
            return i + 1;
    }
    return taken->n + 1;
}

static bool is_near(const struct taken *taken, size_t label)
{
    size_t ahead = 0;

    for (size_t i = 0; i < taken->n_labels; i++)
        ahead += taken->scores[i] > taken->scores[label];
    return ahead <= FLIP_RIVALS_MAX;
}

static void find_flip(const struct classifier *model, const struct taken *taken, struct explanation *self)
{
    size_t fewest = taken->n + 1;

    self->flip = mem_array(taken->n + 1, sizeof *self->flip);
    for (size_t rival = 0; rival < taken->n_labels; rival++) {
        struct ranked *ranked;
        size_t n;
        if (rival == taken->best[0] || !is_near(taken, rival))
            continue;
        ranked = rank_against(taken, rival);
        n = needed(taken, ranked, rival);
        if (n < fewest) {
            fewest = n;
            self->n_flip = n;
            self->flip_label = classifier_label_at(model, rival);
            for (size_t i = 0; i < n; i++)
                self->flip[i] = taken->order[ranked[i].at];
        }
        mem_free(ranked);
    }
}

/* ---- all of it ---- */

void classifier_explain(const struct classifier *model, const struct classifier_text *text,
                        struct explanation *ret_explanation)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    struct taken taken = {.n_labels = classifier_label_count(model)};
    double *probabilities = mem_array(taken.n_labels, sizeof *probabilities);
    struct explanation self = {0};
    struct prediction prediction;

    classifier_predict(model, scratch, text, &prediction);
    self.in_scope = prediction.in_scope;
    classifier_probabilities(model, scratch, text, probabilities, &self.scope_score);
    taken.scores = mem_array(taken.n_labels, sizeof *taken.scores);
    taken.n = self.n = classifier_scores(model, scratch, text, taken.scores, &taken.entries);
    taken.order = mem_array(taken.n + 1, sizeof *taken.order);
    self.contributions = mem_array(taken.n + 1, sizeof *self.contributions);
    classifier_look(model, &taken.view);
    best_two(taken.scores, taken.n_labels, taken.best);
    take_apart(model, scratch, &taken, &self);
    find_flip(model, &taken, &self);
    for (int k = 0; k < 2; k++) {
        self.label[k] = classifier_label_at(model, taken.best[k]);
        self.score[k] = (double)taken.scores[taken.best[k]];
        self.probability[k] = probabilities[taken.best[k]];
    }
    mem_free(taken.order);
    mem_free(taken.scores);
    mem_free(probabilities);
    classifier_scratch_free(scratch);
    *ret_explanation = self;
}

void explanation_done(struct explanation *self)
{
    mem_free(self->contributions);
    mem_free(self->flip);
    *self = (struct explanation){0};
}
