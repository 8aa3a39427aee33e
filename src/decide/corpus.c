/* Rows in, counted features and folds out. */
#include "decide/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"

static int by_label(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int check_label(const struct example *example, size_t i, struct err *reterr)
{
    if (!example->label || !example->label[0])
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "row %zu (id %s) has no label; every row needs one", i + 1,
                       example->id);
    if (strlen(example->label) >= LABEL_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the label of row %zu (id %s) is longer than %d bytes", i + 1,
                       example->id, LABEL_MAX - 1);
    return 0;
}

/* Sorted and without repeats; *ret_n may exceed LABELS_MAX by one, which the caller refuses. */
static int collect_labels(struct corpus *self, const struct example *examples, size_t n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        if (check_label(&examples[i], i, reterr) < 0)
            return -1;
        if (self->n_labels && bsearch(examples[i].label, self->labels, self->n_labels, LABEL_MAX, by_label))
            continue;
        if (self->n_labels == LABELS_MAX)
            return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                           "the data have more than %d labels; a model takes at most that many", LABELS_MAX);
        snprintf(self->labels[self->n_labels++], LABEL_MAX, "%s", examples[i].label);
        qsort(self->labels, self->n_labels, LABEL_MAX, by_label);
    }
    if (self->n_labels < 2)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the data have %zu labels; training needs at least two",
                       self->n_labels);
    return 0;
}

static void add_features(struct corpus *self, const struct feature *list, size_t n)
{
    if (self->n_features + n > self->cap_features) {
        self->cap_features = (self->n_features + n) * 2;
        self->features = mem_grow(self->features, self->cap_features, sizeof *self->features);
    }
    memcpy(self->features + self->n_features, list, n * sizeof *list);
    self->n_features += n;
}

static int add_rows(struct corpus *self, const struct example *examples, size_t n, struct err *reterr)
{
    struct extractor *extractor = extractor_new();
    int result = 0;

    self->rows = mem_array(n, sizeof *self->rows);
    for (size_t i = 0; i < n && result == 0; i++) {
        const struct feature *list;
        size_t n_list;
        const char(*label)[LABEL_MAX];
        if (check_label(&examples[i], i, reterr) < 0) {
            result = -1;
            break;
        }
        label = bsearch(examples[i].label, self->labels, self->n_labels, LABEL_MAX, by_label);
        if (!label) {
            result = err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                             "row %zu (id %s) has label %s, which the model does not know", i + 1, examples[i].id,
                             examples[i].label);
            break;
        }
        n_list = extractor_run(extractor, &examples[i].text, &list);
        self->rows[self->n_rows++] =
            (struct corpus_row){.first = self->n_features,
                                .n = (uint32_t)n_list,
                                .label = (uint32_t)(label - (const char(*)[LABEL_MAX])self->labels),
                                .identity = extractor_identity(extractor)};
        add_features(self, list, n_list);
    }
    extractor_free(extractor);
    return result;
}

static int check_size(size_t n, struct err *reterr)
{
    if (n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the data have no rows");
    if (n > CORPUS_ROWS_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the data have %zu rows; at most %d are taken", n,
                       CORPUS_ROWS_MAX);
    return 0;
}

int corpus_new(const struct example *examples, size_t n, struct corpus **ret_corpus, struct err *reterr)
{
    struct corpus *self = mem_alloc(sizeof *self);

    self->labels = mem_array(LABELS_MAX, LABEL_MAX);
    if (check_size(n, reterr) < 0 || collect_labels(self, examples, n, reterr) < 0 ||
        add_rows(self, examples, n, reterr) < 0) {
        corpus_free(self);
        return -1;
    }
    *ret_corpus = self;
    return 0;
}

int corpus_like(const struct corpus *like, const struct example *examples, size_t n, struct corpus **ret_corpus,
                struct err *reterr)
{
    struct corpus *self = mem_alloc(sizeof *self);

    self->labels = mem_dup(like->labels, like->n_labels * LABEL_MAX);
    self->n_labels = like->n_labels;
    if (check_size(n, reterr) < 0 || add_rows(self, examples, n, reterr) < 0) {
        corpus_free(self);
        return -1;
    }
    *ret_corpus = self;
    return 0;
}

void corpus_free(struct corpus *self)
{
    if (!self)
        return;
    mem_free(self->features);
    mem_free(self->rows);
    mem_free(self->labels);
    mem_free(self);
}

/* ---- folds ---- */

static int by_identity(const void *a, const void *b)
{
    const struct corpus_place *one = a, *other = b;

    if (one->identity != other->identity)
        return one->identity < other->identity ? -1 : 1;
    return one->row < other->row ? -1 : 1;
}

struct corpus_place *corpus_by_identity(const struct corpus *self)
{
    struct corpus_place *places = mem_array(self->n_rows, sizeof *places);

    for (size_t i = 0; i < self->n_rows; i++)
        places[i] = (struct corpus_place){self->rows[i].identity, i};
    qsort(places, self->n_rows, sizeof *places, by_identity);
    return places;
}

/* For each row the first row with the same text. */
static size_t *firsts_of(const struct corpus *self)
{
    CLEANUP(mem_freep) struct corpus_place *places = corpus_by_identity(self);
    size_t *firsts = mem_array(self->n_rows, sizeof *firsts);

    for (size_t i = 0; i < self->n_rows; i++) {
        bool same = i > 0 && places[i].identity == places[i - 1].identity;
        firsts[places[i].row] = same ? firsts[places[i - 1].row] : places[i].row;
    }
    return firsts;
}

void corpus_folds(const struct corpus *self, unsigned n_folds, unsigned char *folds)
{
    size_t *firsts = firsts_of(self);
    unsigned *next = mem_array(self->n_labels, sizeof *next);

    for (size_t i = 0; i < self->n_labels; i++)
        next[i] = (unsigned)i % n_folds; /* so that small classes do not all begin in fold 0 */
    for (size_t i = 0; i < self->n_rows; i++) {
        unsigned *turn = &next[self->rows[i].label];
        if (firsts[i] != i) {
            folds[i] = folds[firsts[i]];
            continue;
        }
        folds[i] = (unsigned char)*turn;
        *turn = (*turn + 1) % n_folds;
    }
    mem_free(firsts);
    mem_free(next);
}
