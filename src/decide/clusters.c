/* Missing classes: the row with the most rows like it takes them, and so on with what is left. It does not chain (two
 * rows in a cluster are both near its middle) and needs no number of clusters.
 * Source: Butina, Unsupervised data base clustering based on Daylight's fingerprint and Tanimoto similarity (J. Chem.
 * Inf. Comput. Sci. 39, 1999). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "decide/taxonomy.h"

#define LIKE               0.3 /* cosine of two rows that belong together */
#define NGRAM_ROWS_SHARE   0.3 /* of a cluster's rows that an n-gram must stand in to name it */
#define NGRAM_LIFT         3.0 /* times as often in the cluster as elsewhere */
#define NGRAMS_TRIED       16
#define POSTINGS_SHARE_MAX 0.2 /* a feature in more of the rows than this says nothing and costs most */

/* A feature of a row: sublinear count times inverse document frequency, the row of unit length. */
struct weight {
    uint32_t bucket, row;
    float value;
};

struct clustering {
    const struct taxonomy_input *input;
    size_t *rows; /* in the corpus, of those that are unsure; the index below means a place in here */
    size_t n;
    uint32_t *documents;     /* rows of the corpus that a bucket occurs in */
    struct weight *weights;  /* by row, then by place */
    size_t *starts;          /* n + 1 */
    struct weight *postings; /* the same by bucket */
    size_t n_weights;
    uint32_t **near;         /* of each row: those that are like it */
    size_t *n_near, *n_free; /* n_free: those of them that no cluster has taken */
    bool *taken;
};

/* ---- which rows ---- */

struct unsure {
    double confidence;
    size_t row;
};

static int by_confidence(const void *a, const void *b)
{
    const struct unsure *one = a, *other = b;

    if (one->confidence != other->confidence)
        return one->confidence < other->confidence ? -1 : 1;
    return (one->row > other->row) - (one->row < other->row);
}

static int by_size(const void *a, const void *b)
{
    size_t one = *(const size_t *)a, other = *(const size_t *)b;

    return (one > other) - (one < other);
}

/* The least sure, in the order of the data. */
static void choose_rows(struct clustering *self, struct taxonomy *taxonomy)
{
    const struct corpus *corpus = self->input->corpus;
    struct unsure *unsure = mem_array(corpus->n_rows, sizeof *unsure);
    size_t n = 0;

    for (size_t i = 0; i < corpus->n_rows; i++) {
        if (self->input->guesses[i].confidence < TAXONOMY_UNSURE)
            unsure[n++] = (struct unsure){self->input->guesses[i].confidence, i};
    }
    taxonomy->n_unsure = n;
    qsort(unsure, n, sizeof *unsure, by_confidence);
    self->n = n < TAXONOMY_UNSURE_ROWS_MAX ? n : TAXONOMY_UNSURE_ROWS_MAX;
    self->rows = mem_array(self->n + 1, sizeof *self->rows);
    for (size_t i = 0; i < self->n; i++)
        self->rows[i] = unsure[i].row;
    qsort(self->rows, self->n, sizeof *self->rows, by_size);
    mem_free(unsure);
}

/* ---- how like they are ---- */

static bool is_word(const struct feature *feature)
{
    return feature->block == BLOCK_WORD || feature->block == BLOCK_SUBJECT_WORD;
}

static bool is_text(const struct feature *feature)
{
    return is_word(feature) || feature->block == BLOCK_CHAR || feature->block == BLOCK_SUBJECT_CHAR;
}

static void count_documents(struct clustering *self)
{
    const struct corpus *corpus = self->input->corpus;

    self->documents = mem_array(FEATURE_BUCKETS, sizeof *self->documents);
    for (size_t i = 0; i < corpus->n_rows; i++) {
        for (uint32_t k = 0; k < corpus->rows[i].n; k++)
            self->documents[corpus->features[corpus->rows[i].first + k].bucket]++;
    }
}

static void weigh_row(struct clustering *self, size_t i)
{
    const struct corpus *corpus = self->input->corpus;
    const struct corpus_row *row = &corpus->rows[self->rows[i]];
    double most = POSTINGS_SHARE_MAX * (double)corpus->n_rows, norm = 0;

    self->starts[i] = self->n_weights;
    for (uint32_t k = 0; k < row->n; k++) {
        const struct feature *feature = &corpus->features[row->first + k];
        double documents = (double)self->documents[feature->bucket], value;
        if (!is_text(feature) || documents < 2 || documents > fmax(most, TAXONOMY_CLUSTER_LEAST))
            continue;
        value = (1 + log((double)feature->count)) * log((double)corpus->n_rows / documents);
        norm += value * value;
        self->weights[self->n_weights++] = (struct weight){feature->bucket, (uint32_t)i, (float)value};
    }
    for (size_t k = self->starts[i]; k < self->n_weights; k++)
        self->weights[k].value *= (float)(1 / sqrt(norm));
    self->starts[i + 1] = self->n_weights;
}

static int by_bucket(const void *a, const void *b)
{
    const struct weight *one = a, *other = b;

    if (one->bucket != other->bucket)
        return one->bucket < other->bucket ? -1 : 1;
    return (one->row > other->row) - (one->row < other->row);
}

static void weigh(struct clustering *self)
{
    const struct corpus *corpus = self->input->corpus;
    size_t all = 0;

    for (size_t i = 0; i < self->n; i++)
        all += corpus->rows[self->rows[i]].n;
    self->weights = mem_array(all + 1, sizeof *self->weights);
    self->starts = mem_array(self->n + 1, sizeof *self->starts);
    for (size_t i = 0; i < self->n; i++)
        weigh_row(self, i);
    self->postings = mem_dup(self->weights, (self->n_weights + 1) * sizeof *self->weights);
    qsort(self->postings, self->n_weights, sizeof *self->postings, by_bucket);
}

/* Cosines of row i with all others, by the lists of rows of each of its features. */
static void find_near(struct clustering *self, size_t i, const size_t *first_of, float *cosines)
{
    size_t n = 0;

    memset(cosines, 0, self->n * sizeof *cosines);
    for (size_t k = self->starts[i]; k < self->starts[i + 1]; k++) {
        const struct weight *own = &self->weights[k];
        for (size_t p = first_of[k]; p < self->n_weights && self->postings[p].bucket == own->bucket; p++)
            cosines[self->postings[p].row] += own->value * self->postings[p].value;
    }
    for (size_t j = 0; j < self->n; j++)
        n += j != i && cosines[j] >= (float)LIKE;
    self->near[i] = mem_array(n + 1, sizeof *self->near[i]);
    for (size_t j = 0; j < self->n; j++) {
        if (j != i && cosines[j] >= (float)LIKE)
            self->near[i][self->n_near[i]++] = (uint32_t)j;
    }
    self->n_free[i] = n;
}

static size_t first_posting(const struct clustering *self, uint32_t bucket)
{
    size_t low = 0, high = self->n_weights;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->postings[middle].bucket < bucket)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void compare(struct clustering *self)
{
    size_t *first_of = mem_array(self->n_weights + 1, sizeof *first_of);
    float *cosines = mem_array(self->n + 1, sizeof *cosines);

    for (size_t k = 0; k < self->n_weights; k++)
        first_of[k] = first_posting(self, self->weights[k].bucket);
    self->near =
        mem_array(self->n + 1, sizeof *self->near); /* NOLINT(bugprone-sizeof-expression): pointers are meant */
    self->n_near = mem_array(self->n + 1, sizeof *self->n_near);
    self->n_free = mem_array(self->n + 1, sizeof *self->n_free);
    self->taken = mem_array(self->n + 1, sizeof *self->taken);
    for (size_t i = 0; i < self->n; i++)
        find_near(self, i, first_of, cosines);
    mem_free(first_of);
    mem_free(cosines);
}

/* ---- the clusters ---- */

static size_t middle_of_most(const struct clustering *self)
{
    size_t best = self->n;

    for (size_t i = 0; i < self->n; i++) {
        if (!self->taken[i] && (best == self->n || self->n_free[i] > self->n_free[best]))
            best = i;
    }
    return best;
}

static void take(struct clustering *self, size_t i)
{
    self->taken[i] = true;
    for (size_t k = 0; k < self->n_near[i]; k++)
        self->n_free[self->near[i][k]]--;
}

static void take_clusters(struct clustering *self, struct taxonomy *taxonomy)
{
    size_t n_rows = 0, middle;

    taxonomy->cluster_rows = mem_array(self->n + 1, sizeof *taxonomy->cluster_rows);
    taxonomy->clusters = mem_array(TAXONOMY_CLUSTERS_MAX, sizeof *taxonomy->clusters);
    while (taxonomy->n_clusters < TAXONOMY_CLUSTERS_MAX && (middle = middle_of_most(self)) < self->n &&
           self->n_free[middle] + 1 >= TAXONOMY_CLUSTER_LEAST) {
        struct cluster *cluster = &taxonomy->clusters[taxonomy->n_clusters++];
        cluster->first = n_rows;
        taxonomy->cluster_rows[n_rows++] = self->rows[middle];
        take(self, middle);
        for (size_t k = 0; k < self->n_near[middle]; k++) {
            size_t other = self->near[middle][k];
            if (self->taken[other])
                continue;
            taxonomy->cluster_rows[n_rows++] = self->rows[other];
            take(self, other);
        }
        cluster->n = n_rows - cluster->first;
    }
}

/* ---- what a cluster has in common ---- */

struct common {
    uint32_t bucket;
    double strength;
};

static int by_strength(const void *a, const void *b)
{
    const struct common *one = a, *other = b;

    if (one->strength != other->strength)
        return one->strength > other->strength ? -1 : 1;
    return (one->bucket > other->bucket) - (one->bucket < other->bucket);
}

static void count_words(const struct corpus *corpus, const struct corpus_row *row, uint32_t *counts)
{
    for (uint32_t k = 0; k < row->n; k++)
        counts[corpus->features[row->first + k].bucket] += is_word(&corpus->features[row->first + k]);
}

/* Takes each word of a row once, and its count back to zero. */
static size_t take_words(const struct clustering *self, const struct corpus_row *row, size_t n_rows, uint32_t *counts,
                         struct common *ret_common)
{
    const struct corpus *corpus = self->input->corpus;
    size_t n = 0;

    for (uint32_t k = 0; k < row->n; k++) {
        uint32_t bucket = corpus->features[row->first + k].bucket;
        double share = (double)counts[bucket] / (double)n_rows;
        double usual = (double)self->documents[bucket] / (double)corpus->n_rows;
        if (share >= NGRAM_ROWS_SHARE && share >= NGRAM_LIFT * usual)
            ret_common[n++] = (struct common){bucket, share * log(share / usual)};
        counts[bucket] = 0;
    }
    return n;
}

/* Words in many rows of the cluster and few others, strongest first. counts is zero before and after. */
static size_t find_common(const struct clustering *self, const size_t *rows, size_t n_rows, uint32_t *counts,
                          struct common *ret_common)
{
    const struct corpus *corpus = self->input->corpus;
    size_t n = 0;

    for (size_t i = 0; i < n_rows; i++)
        count_words(corpus, &corpus->rows[rows[i]], counts);
    for (size_t i = 0; i < n_rows; i++)
        n += take_words(self, &corpus->rows[rows[i]], n_rows, counts, ret_common + n);
    qsort(ret_common, n, sizeof *ret_common, by_strength);
    return n;
}

/* How a bucket reads in the rows of the cluster; false when it can't be found again. */
static bool read_ngram(const struct clustering *self, struct extractor *extractor, const size_t *rows, size_t n,
                       uint32_t bucket, char out[FEATURE_NGRAM_MAX])
{
    for (size_t i = 0; i < n; i++) {
        const struct feature *list;
        size_t n_list = extractor_run(extractor, &self->input->examples[rows[i]].text, &list);
        for (size_t k = 0; k < n_list; k++) {
            if (list[k].bucket == bucket && is_word(&list[k])) {
                extractor_ngram(extractor, k, out);
                return true;
            }
        }
    }
    return false;
}

/* "refund" says nothing beside "my refund". */
static bool said_already(const struct cluster *cluster, const char *ngram)
{
    for (size_t i = 0; i < cluster->n_ngrams; i++) {
        if (strstr(cluster->ngrams[i], ngram) || strstr(ngram, cluster->ngrams[i]))
            return true;
    }
    return false;
}

static void name_clusters(const struct clustering *self, struct taxonomy *taxonomy)
{
    struct extractor *extractor = extractor_new();
    uint32_t *counts = mem_array(FEATURE_BUCKETS, sizeof *counts);
    struct common *common = mem_array(FEATURE_BUCKETS, sizeof *common);

    for (size_t c = 0; c < taxonomy->n_clusters; c++) {
        struct cluster *cluster = &taxonomy->clusters[c];
        const size_t *rows = taxonomy->cluster_rows + cluster->first;
        size_t n = find_common(self, rows, cluster->n, counts, common);
        for (size_t k = 0; k < n && k < NGRAMS_TRIED && cluster->n_ngrams < TAXONOMY_NGRAMS; k++) {
            char ngram[FEATURE_NGRAM_MAX];
            if (read_ngram(self, extractor, rows, cluster->n, common[k].bucket, ngram) && !said_already(cluster, ngram))
                memcpy(cluster->ngrams[cluster->n_ngrams++], ngram, sizeof ngram);
        }
    }
    mem_free(common);
    mem_free(counts);
    extractor_free(extractor);
}

static void clustering_done(struct clustering *self)
{
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->near[i]);
    mem_free(self->near);
    mem_free(self->n_near);
    mem_free(self->n_free);
    mem_free(self->taken);
    mem_free(self->rows);
    mem_free(self->documents);
    mem_free(self->weights);
    mem_free(self->postings);
    mem_free(self->starts);
}

void taxonomy_find_clusters(const struct taxonomy_input *input, struct taxonomy *self)
{
    struct clustering clustering = {.input = input};

    choose_rows(&clustering, self);
    count_documents(&clustering);
    weigh(&clustering);
    compare(&clustering);
    take_clusters(&clustering, self);
    name_clusters(&clustering, self);
    clustering_done(&clustering);
}
