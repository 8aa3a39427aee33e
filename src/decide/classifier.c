/* Loading and predicting. The file is mapped and checked once (magic, version, SHA-256, every offset and index), so that
 * prediction needs no check. */
#include "triage/classifier.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "decide/language.h"
#include "decide/linear.h"
#include "decide/second.h"
#include "decide/stats.h"

#define CACHED_TEXTS 256  /* vectors of texts that come again */
#define FOREIGN_BYTES 4   /* one byte of so many beyond ASCII: no English */
#define PREFETCH_AHEAD 8 /* rows; they are scattered over the file */

struct classifier {
    unsigned char *map;
    size_t map_len;
    const struct model_params *params;
    struct vocabulary vocabulary;
    const float *weights;
    const uint32_t *ngram_at;
    const char *ngrams, *report;
    const char **labels;
    bool has_second;
    struct second second;
    char hash[SHA256_HEX_MAX];
};

struct classifier_scratch {
    struct extractor *extractor;
    const struct feature *features; /* of the last text; the extractor's */
    size_t words, unknown_words;    /* of the last text */
    struct entry entries[FEATURE_LIST_MAX];
    float *scores; /* stride of them */
    double *probabilities;
    struct encoder *encoder; /* NULL: none attached */
    bool everywhere, encoded, foreign; /* the last two: of the last text */
    struct language_detector *languages;
    struct buf text;
    float *head, *mixed; /* stride of them */
};

/* ---- loading ---- */

static int map_file(struct classifier *self, const char *path, struct err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot open the model %s: %s; make one with 'triaged train'",
                       path, strerror(errno));
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > MODEL_BYTES_MAX) {
        close(fd);
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "the model %s is not a regular file below 4 GiB", path);
    }
    self->map_len = (size_t)st.st_size;
    if (self->map_len >= sizeof(struct model_prefix) + sizeof(struct model_params))
        self->map = mmap(NULL, self->map_len, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (self->map == MAP_FAILED) {
        self->map = NULL;
        err_set(reterr, ERR_TRANSIENT, EX_OSERR, "cannot map the model %s: %s", path, strerror(errno));
        return -1;
    }
    if (self->map)
        return 0;
    err_set(reterr, ERR_PERMANENT, EX_DATAERR,
            "%s is not a model of triaged or was cut off; make one with 'triaged train'", path);
    return -1;
}

static int check_prefix(const struct classifier *self, const char *path, struct err *reterr)
{
    const struct model_prefix *prefix = (const struct model_prefix *)self->map;
    unsigned char digest[crypto_hash_sha256_BYTES];

    if (memcmp(prefix->magic, MODEL_MAGIC, sizeof prefix->magic) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s is not a model of triaged; make one with 'triaged train'", path);
    if (prefix->version != MODEL_VERSION || prefix->features_version != FEATURES_VERSION)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "the model %s has format %u.%u and this program reads %d.%d; train it again with 'triaged train'",
                       path, prefix->version, prefix->features_version, MODEL_VERSION, FEATURES_VERSION);
    if (prefix->payload_len != self->map_len - sizeof *prefix)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "the model %s was cut off or grew; copy it again or train it again", path);
    crypto_hash_sha256(digest, self->map + sizeof *prefix, self->map_len - sizeof *prefix);
    if (memcmp(digest, prefix->sha256, sizeof digest) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "the model %s is damaged (its SHA-256 differs); copy it again or train it again", path);
    return 0;
}

static bool sections_fit(const struct classifier *self)
{
    const struct model_params *params = self->params;
    const uint64_t rows = params->n_rows;
    const uint64_t least[MODEL_SECTIONS] = {
        [MODEL_LABELS] = 1,
        [MODEL_INDEX] = FEATURE_BUCKETS * sizeof(uint32_t),
        [MODEL_IDF] = rows * sizeof(float),
        [MODEL_NGRAM_AT] = rows * sizeof(uint32_t),
        [MODEL_NGRAMS] = 1,
        [MODEL_WEIGHTS] = (rows + 1) * params->stride * sizeof(float),
        [MODEL_SEQUENCE] = sizeof(struct model_sequence),
        [MODEL_REPORT] = 1,
    };

    if (params->n_labels < 2 || params->n_labels > LABELS_MAX || params->stride < params->n_labels ||
        params->stride > LABELS_MAX || params->stride % LINEAR_STRIDE_UNIT != 0 || rows > FEATURE_BUCKETS ||
        !(params->temperature > 0) || !isfinite(params->temperature_slope) || !(params->scope_temperature > 0))
        return false;
    for (int s = 0; s < MODEL_SECTIONS; s++) {
        uint64_t at = params->section_at[s], len = params->section_len[s];
        if (at % MODEL_ALIGN != 0 || at > self->map_len || len > self->map_len - at || len < least[s])
            return false;
    }
    return true;
}

static const void *section(const struct classifier *self, enum model_section which)
{
    return self->map + self->params->section_at[which];
}

/* The last byte of a section of strings must end one. */
static bool ends_in_nul(const struct classifier *self, enum model_section which)
{
    return self->map[self->params->section_at[which] + self->params->section_len[which] - 1] == '\0';
}

static bool strings_fit(struct classifier *self)
{
    const char *at = section(self, MODEL_LABELS);
    const char *end = at + self->params->section_len[MODEL_LABELS];

    if (!ends_in_nul(self, MODEL_LABELS) || !ends_in_nul(self, MODEL_NGRAMS) || !ends_in_nul(self, MODEL_REPORT))
        return false;
    self->labels = mem_array(self->params->n_labels, sizeof *self->labels);
    for (uint32_t i = 0; i < self->params->n_labels; i++) {
        if (at >= end || strlen(at) == 0 || strlen(at) >= LABEL_MAX)
            return false;
        self->labels[i] = at;
        at += strlen(at) + 1;
    }
    return true;
}

static bool indices_fit(const struct classifier *self)
{
    for (size_t i = 0; i < FEATURE_BUCKETS; i++) {
        if (self->vocabulary.rows[i] != VOCABULARY_NONE && self->vocabulary.rows[i] >= self->params->n_rows)
            return false;
    }
    for (uint32_t i = 0; i < self->params->n_rows; i++) {
        if (self->ngram_at[i] >= self->params->section_len[MODEL_NGRAMS])
            return false;
    }
    return true;
}

static int open_sections(struct classifier *self, const char *path, struct err *reterr)
{
    self->params = (const struct model_params *)(self->map + sizeof(struct model_prefix));
    if (sections_fit(self)) {
        self->vocabulary = (struct vocabulary){.rows = section(self, MODEL_INDEX), .idf_root = section(self, MODEL_IDF)};
        self->weights = section(self, MODEL_WEIGHTS);
        self->ngram_at = section(self, MODEL_NGRAM_AT);
        self->ngrams = section(self, MODEL_NGRAMS);
        self->report = section(self, MODEL_REPORT);
        if (strings_fit(self) && indices_fit(self))
            return 0;
    }
    return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the model %s is inconsistent; train it again with 'triaged train'",
                   path);
}

static int open_second(struct classifier *self, const char *path, struct err *reterr)
{
    size_t len = (size_t)self->params->section_len[MODEL_ENCODER];

    self->has_second = len > 0;
    if (len == 0 || second_open(section(self, MODEL_ENCODER), len, self->params->n_labels, &self->second))
        return 0;
    return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                   "the encoder's part of the model %s is of another version; train it again with 'triaged train'", path);
}

int classifier_load(const char *path, struct classifier **ret_classifier, struct err *reterr)
{
    struct classifier *self = mem_alloc(sizeof *self);

    if (map_file(self, path, reterr) < 0 || check_prefix(self, path, reterr) < 0 ||
        open_sections(self, path, reterr) < 0 || open_second(self, path, reterr) < 0) {
        classifier_free(self);
        return -1;
    }
    sha256_hex(self->map, self->map_len, self->hash);
    *ret_classifier = self;
    return 0;
}

void classifier_free(struct classifier *self)
{
    if (!self)
        return;
    if (self->map)
        munmap(self->map, self->map_len);
    mem_free(self->labels);
    mem_free(self);
}

const char *classifier_hash(const struct classifier *self)
{
    return self->hash;
}

size_t classifier_label_count(const struct classifier *self)
{
    return self->params->n_labels;
}

const char *classifier_label_at(const struct classifier *self, size_t index)
{
    return self->labels[index];
}

void classifier_look(const struct classifier *self, struct classifier_view *ret_view)
{
    *ret_view = (struct classifier_view){.params = self->params,
                                         .vocabulary = self->vocabulary,
                                         .weights = self->weights,
                                         .sequence = section(self, MODEL_SEQUENCE),
                                         .report = self->report};
}

const char *classifier_ngram(const struct classifier *self, uint32_t row)
{
    return self->ngrams + self->ngram_at[row];
}

/* ---- predicting ---- */

struct classifier_scratch *classifier_scratch_new(const struct classifier *self)
{
    struct classifier_scratch *scratch = mem_alloc(sizeof *scratch);

    scratch->extractor = extractor_new();
    scratch->scores = mem_array(self->params->stride, sizeof *scratch->scores);
    scratch->probabilities = mem_array(self->params->n_labels, sizeof *scratch->probabilities);
    return scratch;
}

void classifier_scratch_free(struct classifier_scratch *self)
{
    if (!self)
        return;
    extractor_free(self->extractor);
    encoder_close(self->encoder);
    language_detector_free(self->languages);
    buf_free(&self->text);
    mem_free(self->head);
    mem_free(self->mixed);
    mem_free(self->scores);
    mem_free(self->probabilities);
    mem_free(self);
}

bool classifier_wants_encoder(const struct classifier *self)
{
    return self->has_second;
}

int classifier_scratch_attach(const struct classifier *self, struct classifier_scratch *scratch, const char *dir,
                              bool everywhere, struct err *reterr)
{
    char found[ENCODER_PATH_MAX];
    struct encoder *encoder;

    if (!self->has_second)
        return 0;
    if (!dir && !encoder_find(found))
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT,
                       "the model was trained with an encoder, and there is none: fetch it with deploy/lib/encoder.sh");
    if (encoder_open(dir ? dir : found, ENCODER_TOKENS_MAX, CACHED_TEXTS, &encoder, reterr) < 0)
        return -1;
    if (strcmp(encoder_hash(encoder), self->second.params->encoder) != 0) {
        encoder_close(encoder);
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "the encoder in %s is not the one that the model was trained with; fetch that one, or train again",
                       dir ? dir : found);
    }
    scratch->encoder = encoder;
    scratch->everywhere = everywhere;
    scratch->languages = language_detector_new();
    scratch->head = mem_array(self->params->stride, sizeof *scratch->head);
    scratch->mixed = mem_array(self->params->stride, sizeof *scratch->mixed);
    return 0;
}

struct encoder *classifier_scratch_encoder(struct classifier_scratch *scratch)
{
    return scratch->encoder;
}

static inline void add_row(const float *restrict row, float value, size_t stride, float *restrict scores)
{
    for (size_t k = 0; k < stride; k += LINEAR_STRIDE_UNIT) {
        for (size_t j = 0; j < LINEAR_STRIDE_UNIT; j++)
            scores[k + j] += value * row[k + j];
    }
}

void linear_scores(const float *weights, size_t stride, size_t n_rows, const struct entry *entries, size_t n,
                   float *scores)
{
    memcpy(scores, weights + n_rows * stride, stride * sizeof *scores);
    for (size_t i = 0; i < n; i++) {
        if (i + PREFETCH_AHEAD < n)
            PREFETCH(weights + entries[i + PREFETCH_AHEAD].row * stride);
        add_row(weights + entries[i].row * stride, entries[i].value, stride, scores);
    }
}

static float largest(const float *scores, size_t n)
{
    float max = scores[0];

    for (size_t i = 1; i < n; i++)
        max = scores[i] > max ? scores[i] : max;
    return max;
}

double linear_energy(const float *scores, size_t n, double temperature)
{
    double max = (double)largest(scores, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += exp(((double)scores[i] - max) / temperature);
    return max + temperature * log(sum);
}

static void count_words(struct classifier_scratch *scratch, const struct vocabulary *vocabulary, size_t n)
{
    scratch->words = scratch->unknown_words = 0;
    for (size_t i = 0; i < n; i++) {
        const struct feature *one = &scratch->features[i];
        if (one->block != BLOCK_WORD && one->block != BLOCK_SUBJECT_WORD)
            continue;
        scratch->words += one->count;
        scratch->unknown_words += vocabulary->rows[one->bucket] == VOCABULARY_NONE ? one->count : 0;
    }
}

size_t classifier_scores(const struct classifier *self, struct classifier_scratch *scratch,
                         const struct classifier_text *text, float *scores, const struct entry **ret_entries)
{
    const struct model_params *params = self->params;
    size_t n = extractor_run(scratch->extractor, text, &scratch->features);

    count_words(scratch, &self->vocabulary, n);
    n = vector_make(&self->vocabulary, scratch->features, n, scratch->entries);
    linear_scores(self->weights, params->stride, params->n_rows, scratch->entries, n, scratch->scores);
    if (scores)
        memcpy(scores, scratch->scores, params->n_labels * sizeof *scores);
    if (ret_entries)
        *ret_entries = scratch->entries;
    return n;
}

enum feature_block classifier_block(const struct classifier_scratch *scratch, uint32_t feature)
{
    return (enum feature_block)scratch->features[feature].block;
}

/* The encoder knows English alone: a text in any other language, or mostly in other letters, never enters it. */
static bool readable(struct classifier_scratch *scratch, const char *text, size_t len)
{
    struct language_guess guess;
    size_t high = 0;

    for (size_t i = 0; i < len; i++)
        high += (unsigned char)text[i] >= 0x80;
    if (high * FOREIGN_BYTES > len)
        return false;
    language_detect(scratch->languages, text, len, &guess);
    return !*guess.code || strcmp(guess.code, "en") == 0;
}

static bool sure(const struct classifier *self, const double *probabilities)
{
    for (size_t i = 0; i < self->params->n_labels; i++) {
        if (probabilities[i] >= self->second.params->gate)
            return true;
    }
    return false;
}

/* True when the encoder has spoken: then probabilities and scope are those of both. Else the linear tier's answer stands. */
static bool second_opinion(const struct classifier *self, struct classifier_scratch *scratch,
                           const struct classifier_text *text, double *probabilities, double *ret_scope)
{
    float vector[ENCODER_DIM];
    struct err err;

    scratch->foreign = false;
    if (!scratch->encoder)
        return false;
    second_text(text, &scratch->text);
    scratch->foreign = !readable(scratch, buf_str(&scratch->text), scratch->text.len);
    if (scratch->foreign || (!scratch->everywhere && sure(self, probabilities)) ||
        encoder_embed(scratch->encoder, buf_str(&scratch->text), vector, &err) < 0)
        return false;
    second_scores(&self->second, vector, scratch->scores, scratch->head, scratch->mixed, ret_scope);
    stats_softmax(scratch->mixed, self->params->n_labels, &self->second.params->calibration, probabilities);
    return true;
}

void classifier_probabilities(const struct classifier *self, struct classifier_scratch *scratch,
                              const struct classifier_text *text, double *probabilities, double *ret_scope)
{
    const struct model_params *params = self->params;
    const struct calibration calibration = {params->temperature, params->temperature_slope};

    classifier_scores(self, scratch, text, NULL, NULL);
    stats_softmax(scratch->scores, params->n_labels, &calibration, probabilities);
    scratch->encoded = second_opinion(self, scratch, text, probabilities, ret_scope);
    if (scratch->encoded)
        return;
    *ret_scope = linear_energy(scratch->scores, params->n_labels, params->scope_temperature);
    if (self->has_second)
        *ret_scope = second_scope_unseen(&self->second, *ret_scope);
}

/* The best labels, best first; of equal ones the first in the file. */
static size_t best_of(const double *probabilities, size_t n, size_t best[ALTERNATIVES_MAX])
{
    size_t n_best = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = n_best;
        while (at > 0 && probabilities[i] > probabilities[best[at - 1]])
            at--;
        if (at == ALTERNATIVES_MAX)
            continue;
        if (n_best < ALTERNATIVES_MAX)
            n_best++;
        for (size_t k = n_best - 1; k > at; k--)
            best[k] = best[k - 1];
        best[at] = i;
    }
    return n_best;
}

void classifier_predict(const struct classifier *self, struct classifier_scratch *scratch,
                        const struct classifier_text *text, struct prediction *ret_prediction)
{
    size_t best[ALTERNATIVES_MAX] = {0};
    size_t n = self->params->n_labels;
    struct prediction out = {0};

    classifier_probabilities(self, scratch, text, scratch->probabilities, &out.scope_score);
    out.n_top = best_of(scratch->probabilities, n, best);
    for (size_t i = 0; i < out.n_top; i++) {
        memcpy(out.top[i].label, self->labels[best[i]], strlen(self->labels[best[i]]) + 1);
        out.top[i].confidence = scratch->probabilities[best[i]];
    }
    out.words = scratch->words;
    out.unknown_words = scratch->unknown_words;
    out.encoded = scratch->encoded;
    out.foreign = scratch->foreign;
    out.in_scope = out.scope_score >= self->params->scope_least;
    out.margin = (double)scratch->scores[best[0]] - (double)scratch->scores[best[1]];
    *ret_prediction = out;
}
