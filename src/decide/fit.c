/* Vocabulary, vectors, LIBLINEAR, float rows. LIBLINEAR draws from rand(), so it is seeded before each call: the same
 * input gives the same weights. Source: Fan et al., LIBLINEAR (JMLR 9, 2008). */
#include "decide/fit.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/linear.h"
#include "decide/one_vs_rest.h"

#define DOCUMENTS_LEAST 2   /* texts that an n-gram must occur in */
#define SHUFFLE_SEED 1
#define SOLVER_EPS 0.1
#define ABSENT_SCORE (-2.0F) /* bias of a label without a row in this set */

struct fit_set {
    uint32_t *index; /* FEATURE_BUCKETS: row or VOCABULARY_NONE */
    float *idf_root;
    struct vocabulary vocabulary;
    size_t n_rows, n_labels, n, n_nodes;
    struct feature_node *nodes; /* all vectors, each ended by index -1 */
    struct feature_node **starts;
    double *labels;
};

static const char *const solver_names[] = {
    [FIT_CRAMMER_SINGER] = "crammer-singer",
    [FIT_ONE_VS_REST] = "one-vs-rest",
};
_Static_assert(ARRAY_LEN(solver_names) == FIT_SOLVERS, "a solver without a name");

const char *fit_solver_name(enum fit_solver solver)
{
    return solver_names[solver];
}

/* A bucket can appear in two blocks of one text; it counts once a text. */
static uint32_t *count_documents(const struct corpus *corpus, const unsigned char *keep, size_t *ret_n)
{
    uint32_t *documents = mem_array(FEATURE_BUCKETS, sizeof *documents);
    uint32_t *seen = mem_array(FEATURE_BUCKETS, sizeof *seen);

    *ret_n = 0;
    for (size_t i = 0; i < corpus->n_rows; i++) {
        const struct feature *features = corpus->features + corpus->rows[i].first;
        if (!keep[i])
            continue;
        ++*ret_n;
        for (uint32_t k = 0; k < corpus->rows[i].n; k++) {
            if (seen[features[k].bucket] == i + 1)
                continue;
            seen[features[k].bucket] = (uint32_t)i + 1;
            documents[features[k].bucket]++;
        }
    }
    mem_free(seen);
    return documents;
}

static void make_vocabulary(struct fit_set *self, const uint32_t *documents)
{
    self->index = mem_array(FEATURE_BUCKETS, sizeof *self->index);
    for (size_t b = 0; b < FEATURE_BUCKETS; b++)
        self->index[b] = documents[b] >= DOCUMENTS_LEAST ? (uint32_t)self->n_rows++ : VOCABULARY_NONE;
    self->idf_root = mem_array(self->n_rows, sizeof *self->idf_root);
    for (size_t b = 0; b < FEATURE_BUCKETS; b++) {
        if (self->index[b] != VOCABULARY_NONE)
            self->idf_root[self->index[b]] = (float)sqrt(log((1.0 + (double)self->n) / (1.0 + documents[b])) + 1.0);
    }
    self->vocabulary = (struct vocabulary){.rows = self->index, .idf_root = self->idf_root};
}

static int by_index(const void *a, const void *b)
{
    return ((const struct feature_node *)a)->index - ((const struct feature_node *)b)->index;
}

/* One vector: entries of the same row (two blocks, one bucket) are added up, as LIBLINEAR expects rising indices. */
static size_t write_nodes(const struct entry *entries, size_t n, size_t bias_index, struct feature_node *out)
{
    size_t n_out = 0;

    for (size_t i = 0; i < n; i++)
        out[i] = (struct feature_node){.index = (int)entries[i].row + 1, .value = (double)entries[i].value};
    qsort(out, n, sizeof *out, by_index);
    for (size_t i = 0; i < n; i++) {
        if (n_out > 0 && out[n_out - 1].index == out[i].index)
            out[n_out - 1].value += out[i].value;
        else
            out[n_out++] = out[i];
    }
    out[n_out++] = (struct feature_node){.index = (int)bias_index, .value = 1};
    out[n_out++] = (struct feature_node){.index = -1};
    return n_out;
}

static void make_vectors(struct fit_set *self, const struct corpus *corpus, const unsigned char *keep)
{
    struct entry *scratch = mem_array(FEATURE_LIST_MAX, sizeof *scratch);
    size_t total = 0, at = 0, k = 0;

    for (size_t i = 0; i < corpus->n_rows; i++)
        total += keep[i] ? corpus->rows[i].n + 2 : 0;
    self->nodes = mem_array(total, sizeof *self->nodes);
    self->starts = mem_array(self->n, sizeof *self->starts); /* NOLINT(bugprone-sizeof-expression): pointers are meant */
    self->labels = mem_array(self->n, sizeof *self->labels);
    for (size_t i = 0; i < corpus->n_rows; i++) {
        const struct corpus_row *row = &corpus->rows[i];
        size_t n;
        if (!keep[i])
            continue;
        n = vector_make(&self->vocabulary, corpus->features + row->first, row->n, scratch);
        self->starts[k] = self->nodes + at;
        self->labels[k++] = row->label;
        at += write_nodes(scratch, n, self->n_rows + 1, self->nodes + at);
    }
    self->n_nodes = at;
    mem_free(scratch);
}

struct fit_set *fit_set_new(const struct corpus *corpus, const unsigned char *keep)
{
    struct fit_set *self = mem_alloc(sizeof *self);
    uint32_t *documents = count_documents(corpus, keep, &self->n);

    self->n_labels = corpus->n_labels;
    make_vocabulary(self, documents);
    make_vectors(self, corpus, keep);
    mem_free(documents);
    return self;
}

void fit_set_free(struct fit_set *self)
{
    if (!self)
        return;
    mem_free(self->index);
    mem_free(self->idf_root);
    mem_free(self->nodes);
    mem_free(self->starts);
    mem_free(self->labels);
    mem_free(self);
}

const struct vocabulary *fit_set_vocabulary(const struct fit_set *self)
{
    return &self->vocabulary;
}

size_t fit_set_rows(const struct fit_set *self)
{
    return self->n_rows;
}

size_t fit_stride(size_t n_labels)
{
    return (n_labels + LINEAR_STRIDE_UNIT - 1) / LINEAR_STRIDE_UNIT * LINEAR_STRIDE_UNIT;
}

static void silent(UNUSED const char *text)
{
}

/* LIBLINEAR's columns are in the order in which it met the labels. */
static float *take_weights(const struct fit_set *self, const struct model *model)
{
    size_t stride = fit_stride(self->n_labels), rows = self->n_rows + 1, n = (size_t)model->nr_class;
    float *weights = mem_array(rows * stride, sizeof *weights);

    for (size_t k = 0; k < self->n_labels; k++)
        weights[self->n_rows * stride + k] = ABSENT_SCORE;
    for (size_t k = 0; k < n; k++) {
        size_t label = (size_t)model->label[k];
        for (size_t j = 0; j < rows; j++)
            weights[j * stride + label] = (float)model->w[j * n + k];
    }
    return weights;
}

static int fit_liblinear(const struct fit_set *self, int type, double cost, float **ret_weights, struct err *reterr)
{
    struct problem problem = {.l = (int)self->n,
                              .n = (int)self->n_rows + 1,
                              .y = self->labels,
                              .x = self->starts,
                              .bias = 1};
    struct parameter parameter = {.solver_type = type, .eps = SOLVER_EPS, .C = cost, .p = SOLVER_EPS};
    const char *complaint = check_parameter(&problem, &parameter);
    struct model *model;

    if (complaint)
        return err_set(reterr, ERR_PERMANENT, EX_SOFTWARE, "the solver refuses its parameters: %s", complaint);
    set_print_string_function(silent);
    srand(SHUFFLE_SEED);
    model = train(&problem, &parameter);
    *ret_weights = take_weights(self, model);
    free_and_destroy_model(&model);
    return 0;
}

/* The nodes again, as flat arrays of indices and floats. */
static void flatten(const struct fit_set *self, size_t *starts, uint32_t *index, float *value, uint32_t *labels)
{
    size_t at = 0;

    for (size_t i = 0; i < self->n; i++) {
        starts[i] = at;
        labels[i] = (uint32_t)self->labels[i];
        for (const struct feature_node *node = self->starts[i]; node->index != -1; node++, at++) {
            index[at] = (uint32_t)node->index - 1;
            value[at] = (float)node->value;
        }
    }
    starts[self->n] = at;
}

static float *fit_one_vs_rest(const struct fit_set *self, double cost)
{
    size_t stride = fit_stride(self->n_labels);
    size_t *starts = mem_array(self->n + 1, sizeof *starts);
    uint32_t *index = mem_array(self->n_nodes, sizeof *index), *labels = mem_array(self->n, sizeof *labels);
    float *value = mem_array(self->n_nodes, sizeof *value);
    float *weights = mem_array((self->n_rows + 1) * stride, sizeof *weights);
    const struct sparse_rows rows = {.n = self->n,
                                     .starts = starts,
                                     .index = index,
                                     .value = value,
                                     .labels = labels,
                                     .n_features = self->n_rows + 1,
                                     .n_labels = self->n_labels,
                                     .stride = stride};

    flatten(self, starts, index, value, labels);
    one_vs_rest(&rows, cost, weights);
    mem_free(starts);
    mem_free(index);
    mem_free(labels);
    mem_free(value);
    return weights;
}

int fit_weights(const struct fit_set *self, enum fit_solver solver, double cost, float **ret_weights,
                struct err *reterr)
{
    if (solver == FIT_CRAMMER_SINGER)
        return fit_liblinear(self, MCSVM_CS, cost, ret_weights, reterr);
    *ret_weights = fit_one_vs_rest(self, cost);
    return 0;
}

void fit_score(const struct fit_set *self, const float *weights, const struct corpus *corpus, size_t row,
               struct entry *scratch, float *scores)
{
    const struct corpus_row *r = &corpus->rows[row];
    size_t n = vector_make(&self->vocabulary, corpus->features + r->first, r->n, scratch);

    linear_scores(weights, fit_stride(self->n_labels), self->n_rows, scratch, n, scores);
}
