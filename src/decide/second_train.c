/* Fitting the second opinion. Vectors of all rows; a head per fold, so that each row has scores by a head that had not seen
 * it; on these the mixture, its calibration, the parts of the scope score and the gate are fixed; then a head on all rows. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/linear.h"
#include "decide/one_vs_rest.h"
#include "decide/parallel.h"
#include "decide/second.h"

#define HEAD_COST 5.0 /* of 1, 5 and 20 the best or next to it on three public sets of intents */
#define CHUNK 500     /* texts of one embedding job: progress, and a load of the model each */
#define CHUNKS_AT_ONCE 8
#define LINE_MAX 200
#define GATE_LOSS_MOST 0.0005 /* accuracy that may be given up for not asking the encoder */
#define DEVIATION_LEAST 1e-9

static const double shares[] = {0, 0.25, 0.4, 0.5, 0.6, 0.75, 1};
static const double gates[] = {0.7, 0.8, 0.9, 0.95, 0.98, 2};

struct work {
    const struct second_training *training;
    size_t n_all;       /* rows, then validation rows */
    float *vectors;     /* shared: n_all x ENCODER_DIM */
    int16_t *quantized; /* the same for nearness */
    size_t *held;       /* held-out rows in the order of held_linear: indices below n_all */
    float *heads;       /* shared: n_held x stride */
    double *near;       /* shared: n_held */
    float *final_head;  /* shared: (ENCODER_DIM + 1) x stride */
    size_t first_chunk;
    struct second_params params;
    char hash[SHA256_HEX_MAX];
};

static void say(const struct second_training *training, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(const struct second_training *training, const char *fmt, ...)
{
    char line[LINE_MAX];
    va_list args;

    if (!training->say)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    training->say(training->context, line);
}

static const struct example *row_at(const struct second_training *training, size_t i)
{
    return i < training->rows.n ? &training->rows.rows[i] : &training->valid.rows[i - training->rows.n];
}

/* ---- vectors ---- */

static int embed_chunk(void *context, size_t job)
{
    struct work *self = context;
    size_t first = self->first_chunk + job * CHUNK, end = first + CHUNK < self->n_all ? first + CHUNK : self->n_all;
    struct encoder *encoder;
    struct buf text = {0};
    struct err err;

    if (encoder_open(self->training->encoder_dir, ENCODER_TOKENS_MAX, 0, &encoder, &err) < 0)
        return -1;
    for (size_t i = first; i < end; i++) {
        second_text(&row_at(self->training, i)->text, &text);
        if (encoder_embed(encoder, buf_str(&text), self->vectors + i * ENCODER_DIM, &err) < 0)
            return -1;
    }
    return 0;
}

static int embed_all(struct work *self, struct err *reterr)
{
    for (self->first_chunk = 0; self->first_chunk < self->n_all; self->first_chunk += CHUNK * CHUNKS_AT_ONCE) {
        size_t left = self->n_all - self->first_chunk, jobs = (left + CHUNK - 1) / CHUNK;
        if (jobs > CHUNKS_AT_ONCE)
            jobs = CHUNKS_AT_ONCE;
        say(self->training, "encoding, %zu of %zu texts done", self->first_chunk, self->n_all);
        if (parallel_run(jobs, embed_chunk, self, reterr) < 0)
            return -1;
    }
    for (size_t i = 0; i < self->n_all; i++)
        second_quantize(self->vectors + i * ENCODER_DIM, self->quantized + i * ENCODER_DIM);
    return 0;
}

/* ---- heads ---- */

/* Every vector with a last component of one, as the solver wants its rows. */
static void fit_head(const struct work *self, const size_t *which, size_t n, float *weights)
{
    const struct second_training *training = self->training;
    const size_t wide = ENCODER_DIM + 1;
    size_t *starts = mem_array(n + 1, sizeof *starts);
    uint32_t *index = mem_array(n * wide, sizeof *index), *labels = mem_array(n, sizeof *labels);
    float *value = mem_array(n * wide, sizeof *value);
    const struct sparse_rows rows = {.n = n,
                                     .starts = starts,
                                     .index = index,
                                     .value = value,
                                     .labels = labels,
                                     .n_features = wide,
                                     .n_labels = training->n_labels,
                                     .stride = training->stride};

    for (size_t i = 0; i < n; i++) {
        starts[i] = i * wide;
        labels[i] = training->corpus->rows[which[i]].label;
        for (size_t k = 0; k < wide; k++) {
            index[i * wide + k] = (uint32_t)k;
            value[i * wide + k] = k < ENCODER_DIM ? self->vectors[which[i] * ENCODER_DIM + k] : 1.0F;
        }
    }
    starts[n] = n * wide;
    one_vs_rest(&rows, HEAD_COST, weights);
    mem_free(starts);
    mem_free(index);
    mem_free(labels);
    mem_free(value);
}

static void score_head(const struct work *self, const float *head, size_t row, float *scores)
{
    size_t stride = self->training->stride;

    memcpy(scores, head + (size_t)ENCODER_DIM * stride, stride * sizeof *scores);
    for (size_t i = 0; i < ENCODER_DIM; i++) {
        for (size_t k = 0; k < stride; k++)
            scores[k] += self->vectors[row * ENCODER_DIM + i] * head[i * stride + k];
    }
}

/* Whether a held-out row belongs to this job's fold; with validation rows there is one fold, and all rows fit it. */
static bool in_fold(const struct work *self, size_t row, size_t fold)
{
    return row >= self->training->rows.n || self->training->folds[row] == fold;
}

/* Job f below n_folds: the head without fold f, and scores and nearness of its rows. The last job: the head of all rows. */
static int fold_job(void *context, size_t job)
{
    struct work *self = context;
    const struct second_training *training = self->training;
    size_t *which = mem_array(training->rows.n, sizeof *which), n = 0;
    size_t stride = training->stride;
    bool last = job == training->n_folds;
    float *head = last ? self->final_head : mem_array((size_t)(ENCODER_DIM + 1) * stride, sizeof *head);

    for (size_t i = 0; i < training->rows.n; i++) {
        if (last || training->valid.n || training->folds[i] != job)
            which[n++] = i;
    }
    fit_head(self, which, n, head);
    for (size_t h = 0; h < training->n_held && !last; h++) {
        size_t row = self->held[h];
        if (!in_fold(self, row, job))
            continue;
        score_head(self, head, row, self->heads + h * stride);
        self->near[h] = second_near(self->quantized, training->rows.n, self->quantized + row * ENCODER_DIM,
                                    training->valid.n ? NULL : training->folds, (unsigned char)job);
    }
    return 0; /* the process ends, and its memory with it */
}

/* ---- the mixture ---- */

static struct scored scored_of(const struct work *self, const float *scores)
{
    const struct second_training *training = self->training;

    return (struct scored){scores, training->held_labels, training->n_held, training->n_labels, training->stride};
}

static void mix_all(const struct work *self, float *mixed)
{
    size_t stride = self->training->stride;

    for (size_t h = 0; h < self->training->n_held; h++)
        second_mix(&self->params, self->training->held_linear + h * stride, self->heads + h * stride, mixed + h * stride);
}

static size_t best_of(const float *scores, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        best = scores[i] > scores[best] ? i : best;
    return best;
}

static double accuracy_of(const struct work *self, const float *scores)
{
    const struct second_training *training = self->training;
    size_t right = 0;

    for (size_t h = 0; h < training->n_held; h++)
        right += best_of(scores + h * training->stride, training->n_labels) == training->held_labels[h];
    return training->n_held ? (double)right / (double)training->n_held : 0;
}

/* The share of the encoder with the least log loss. Leaves the mixed scores of that share. */
static void choose_share(struct work *self, float *mixed, struct second_report *report)
{
    const struct scored heads = scored_of(self, self->heads);
    double best = INFINITY, nll;

    self->params.linear_unit = self->training->linear.temperature;
    self->params.encoder_unit = stats_calibrate(&heads, &nll).temperature;
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        const struct scored scored = scored_of(self, mixed);
        struct calibration calibration;
        double before = self->params.share;
        self->params.share = shares[i];
        mix_all(self, mixed);
        calibration = stats_calibrate(&scored, &nll);
        say(self->training, "tried %g of the encoder: accuracy %.4f, log loss %.4f", shares[i], accuracy_of(self, mixed), nll);
        if (nll < best) {
            best = nll;
            self->params.calibration = calibration;
        } else {
            self->params.share = before;
        }
    }
    mix_all(self, mixed);
    report->share = self->params.share;
    report->accuracy_linear = accuracy_of(self, self->training->held_linear);
    report->accuracy_head = accuracy_of(self, self->heads);
    report->accuracy_everywhere = accuracy_of(self, mixed);
}

/* ---- scope ---- */

static void fix_scope(struct work *self, double *parts)
{
    const struct second_training *training = self->training;
    size_t stride = training->stride, n = training->n_held;

    for (size_t h = 0; h < n; h++)
        second_parts(&self->params, self->heads + h * stride, training->held_linear + h * stride, self->near[h],
                     parts + h * SECOND_PARTS);
    for (size_t p = 0; p < SECOND_PARTS; p++) {
        double sum = 0, square = 0;
        for (size_t h = 0; h < n; h++)
            sum += parts[h * SECOND_PARTS + p];
        self->params.mean[p] = sum / (double)n;
        for (size_t h = 0; h < n; h++)
            square += pow(parts[h * SECOND_PARTS + p] - self->params.mean[p], 2);
        self->params.deviation[p] = fmax(sqrt(square / (double)n), DEVIATION_LEAST);
    }
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static void points_of(double *values, size_t n, double ret_points[SECOND_MAP])
{
    qsort(values, n, sizeof *values, by_value);
    for (size_t i = 0; i < SECOND_MAP; i++)
        ret_points[i] = values[(n - 1) * i / (SECOND_MAP - 1)];
}

/* Texts that the encoder does not see get, for a linear score, the scope score of like rank among texts of their kind. */
static void map_unseen(struct work *self, const double *linear, const double *common, const unsigned char *unseen)
{
    size_t n = self->training->n_held, m = 0;
    double *from = mem_array(n, sizeof *from), *to = mem_array(n, sizeof *to);

    for (size_t h = 0; h < n; h++)
        m += unseen[h];
    bool all = m < SECOND_MAP; /* too few: the map of all rows */
    m = 0;
    for (size_t h = 0; h < n; h++) {
        if (!all && !unseen[h])
            continue;
        from[m] = linear[h];
        to[m++] = common[h];
    }
    points_of(from, m, self->params.linear_at);
    points_of(to, m, self->params.scope_at);
    mem_free(from);
    mem_free(to);
}

/* ---- the gate ---- */

struct judged {
    double *linear_confidence, *mixed_confidence;
    unsigned char *linear_right, *mixed_right;
};

static void judge(const struct work *self, const float *mixed, struct judged *judged)
{
    const struct second_training *training = self->training;
    double *probabilities = mem_array(training->n_labels, sizeof *probabilities);

    for (size_t h = 0; h < training->n_held; h++) {
        const float *linear = training->held_linear + h * training->stride, *both = mixed + h * training->stride;
        size_t best = best_of(linear, training->n_labels);
        stats_softmax(linear, training->n_labels, &training->linear, probabilities);
        judged->linear_confidence[h] = probabilities[best];
        judged->linear_right[h] = best == training->held_labels[h];
        best = best_of(both, training->n_labels);
        stats_softmax(both, training->n_labels, &self->params.calibration, probabilities);
        judged->mixed_confidence[h] = probabilities[best];
        judged->mixed_right[h] = best == training->held_labels[h];
    }
    mem_free(probabilities);
}

static double gated_accuracy(const struct work *self, const struct judged *judged, double gate, double *ret_seen)
{
    size_t right = 0, seen = 0, n = self->training->n_held;

    for (size_t h = 0; h < n; h++) {
        bool asks = judged->linear_confidence[h] < gate;
        seen += asks;
        right += asks ? judged->mixed_right[h] : judged->linear_right[h];
    }
    *ret_seen = (double)seen / (double)n;
    return (double)right / (double)n;
}

/* The lowest that gives up next to nothing. */
static void choose_gate(struct work *self, const struct judged *judged, struct second_report *report)
{
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        report->accuracy = gated_accuracy(self, judged, gates[i], &report->seen);
        report->gate = gates[i];
        if (report->accuracy >= report->accuracy_everywhere - GATE_LOSS_MOST)
            break;
    }
    self->params.gate = report->gate;
    say(self->training, "the encoder is asked below a linear confidence of %g: %.1f %% of the texts, accuracy %.4f", report->gate,
        100 * report->seen, report->accuracy);
}

static void report_rows(struct work *self, const struct judged *judged, const double *parts, struct second_report *report)
{
    const struct second_training *training = self->training;
    size_t n = training->n_held;
    double *linear = mem_array(n, sizeof *linear), *common = mem_array(n, sizeof *common);
    unsigned char *unseen = mem_array(n, 1);
    const struct second second = {.params = &self->params};

    report->outcomes = mem_array(n, sizeof *report->outcomes);
    report->scopes = mem_array(n, sizeof *report->scopes);
    for (size_t h = 0; h < n; h++) {
        linear[h] = linear_energy(training->held_linear + h * training->stride, training->n_labels, training->scope_temperature);
        common[h] = second_scope(&self->params, parts + h * SECOND_PARTS);
        unseen[h] = judged->linear_confidence[h] >= self->params.gate;
    }
    map_unseen(self, linear, common, unseen);
    for (size_t h = 0; h < n; h++) {
        report->outcomes[h] = unseen[h] ? (struct outcome){judged->linear_confidence[h], judged->linear_right[h]}
                                        : (struct outcome){judged->mixed_confidence[h], judged->mixed_right[h]};
        report->scopes[h] = unseen[h] ? second_scope_unseen(&second, linear[h]) : common[h];
    }
    mem_free(linear);
    mem_free(common);
    mem_free(unseen);
}

static void fix(struct work *self, struct second_report *report)
{
    size_t n = self->training->n_held;
    float *mixed = mem_array(n * self->training->stride, sizeof *mixed);
    double *parts = mem_array(n * SECOND_PARTS, sizeof *parts);
    struct judged judged = {mem_array(n, sizeof(double)), mem_array(n, sizeof(double)), mem_array(n, 1), mem_array(n, 1)};

    choose_share(self, mixed, report);
    fix_scope(self, parts);
    judge(self, mixed, &judged);
    choose_gate(self, &judged, report);
    report_rows(self, &judged, parts, report);
    mem_free(judged.linear_confidence);
    mem_free(judged.mixed_confidence);
    mem_free(judged.linear_right);
    mem_free(judged.mixed_right);
    mem_free(parts);
    mem_free(mixed);
}

/* ---- the section ---- */

static void write_section(struct work *self, struct buf *out)
{
    const struct second_training *training = self->training;
    size_t n = training->rows.n, kept = n < SECOND_NEIGHBOURS_OF ? n : SECOND_NEIGHBOURS_OF;

    self->params.version = SECOND_VERSION;
    self->params.n_vectors = (uint32_t)kept;
    snprintf(self->params.encoder, sizeof self->params.encoder, "%s", self->hash);
    buf_add(out, &self->params, sizeof self->params);
    buf_add(out, self->final_head, (size_t)(ENCODER_DIM + 1) * training->stride * sizeof(float));
    for (size_t i = 0; i < kept; i++)
        buf_add(out, self->quantized + i * n / kept * ENCODER_DIM, ENCODER_DIM * sizeof(int16_t));
}

static void list_held(struct work *self)
{
    const struct second_training *training = self->training;
    size_t n = 0;

    for (size_t i = 0; i < training->valid.n; i++)
        self->held[n++] = training->rows.n + i;
    for (unsigned f = 0; f < training->n_folds && !training->valid.n; f++) {
        for (size_t i = 0; i < training->rows.n; i++) {
            if (training->folds[i] == f)
                self->held[n++] = i;
        }
    }
}

static int name_encoder(struct work *self, struct err *reterr)
{
    struct encoder *encoder;

    if (encoder_open(self->training->encoder_dir, ENCODER_TOKENS_MAX, 0, &encoder, reterr) < 0)
        return -1;
    snprintf(self->hash, sizeof self->hash, "%s", encoder_hash(encoder));
    encoder_close(encoder);
    return 0;
}

int second_train(const struct second_training *training, struct buf *ret_section, struct second_report *ret_report,
                 struct err *reterr)
{
    size_t n_all = training->rows.n + training->valid.n, stride = training->stride;
    size_t vector_bytes = n_all * ENCODER_DIM * sizeof(float), head_bytes = (size_t)(ENCODER_DIM + 1) * stride * sizeof(float);
    size_t scores_bytes = training->n_held * stride * sizeof(float), near_bytes = training->n_held * sizeof(double);
    struct work work = {.training = training,
                        .n_all = n_all,
                        .vectors = parallel_alloc(vector_bytes),
                        .quantized = mem_array(n_all * ENCODER_DIM, sizeof(int16_t)),
                        .held = mem_array(training->n_held, sizeof(size_t)),
                        .heads = parallel_alloc(scores_bytes),
                        .near = parallel_alloc(near_bytes),
                        .final_head = parallel_alloc(head_bytes),
                        .params = {.n_labels = (uint32_t)training->n_labels, .stride = (uint32_t)stride}};
    int rc;

    *ret_report = (struct second_report){0};
    list_held(&work);
    rc = name_encoder(&work, reterr);
    if (rc == 0)
        rc = embed_all(&work, reterr);
    if (rc == 0) {
        say(training, "fitting the encoder's head, %u folds and all rows", training->n_folds);
        rc = parallel_run(training->n_folds + 1, fold_job, &work, reterr);
    }
    if (rc == 0) {
        fix(&work, ret_report);
        write_section(&work, ret_section);
    }
    parallel_free(work.vectors, vector_bytes);
    parallel_free(work.heads, scores_bytes);
    parallel_free(work.near, near_bytes);
    parallel_free(work.final_head, head_bytes);
    mem_free(work.quantized);
    mem_free(work.held);
    return rc;
}
