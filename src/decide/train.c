/* Search, calibrate, fit on everything. Every candidate is fitted without fold 0; the best go on to fold 1; the winner is
 * scored on all folds, which gives each row a score by a model that had not seen it. With validation rows these take the
 * place of all folds. */
#include "decide/train.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "decide/linear.h"
#include "decide/model_write.h"
#include "decide/parallel.h"
#include "decide/stats.h"

#define SCOPE_TEMPERATURE 0.1
#define SECOND_ROUND 2 /* candidates that go on to fold 1 */
#define PROGRESS_LINE_MAX 200
#define ALL_ROWS TRAIN_FOLDS /* the "fold" that nothing belongs to */

static const struct {
    enum fit_solver solver;
    double cost;
} candidates[] = {
    {FIT_CRAMMER_SINGER, 0.2}, {FIT_CRAMMER_SINGER, 0.5}, {FIT_CRAMMER_SINGER, 1.0},
    {FIT_ONE_VS_REST, 0.25},   {FIT_ONE_VS_REST, 1.0},
};
_Static_assert(ARRAY_LEN(candidates) <= TRAIN_TRIALS_MAX, "more candidates than a report holds");

/* Scores of the rows of one fold by a model without it; shared with the process that computes them. */
struct held {
    float *scores; /* n x stride */
    uint32_t *labels;
    double *seconds;
    size_t n, bytes;
};

struct job {
    unsigned fold;
    const struct train_trial *trial;
    struct held held;
};

struct training {
    const struct train_input *input;
    struct corpus *corpus, *valid;
    unsigned char *folds; /* of each row */
    size_t n_labels, stride;
    struct held winner[TRAIN_FOLDS]; /* of the chosen candidate */
    struct fit_set *all;             /* every row */
    float *weights;                  /* of the model; shared */
    size_t weights_bytes;
    struct job *jobs;
    struct train_report *report;
};

static void say(const struct training *self, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(const struct training *self, const char *fmt, ...)
{
    char line[PROGRESS_LINE_MAX];
    va_list args;

    if (!self->input->say)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    self->input->say(self->input->context, line);
}

/* ---- one fold, one candidate ---- */

static bool held_out(const struct training *self, size_t row, unsigned fold)
{
    return self->valid || self->folds[row] == fold;
}

static const struct corpus *held_from(const struct training *self)
{
    return self->valid ? self->valid : self->corpus;
}

static void held_init(struct held *self, const struct training *training, unsigned fold)
{
    const struct corpus *from = held_from(training);
    size_t k = 0;

    *self = (struct held){0};
    for (size_t i = 0; i < from->n_rows; i++)
        self->n += held_out(training, i, fold);
    self->labels = mem_array(self->n, sizeof *self->labels);
    for (size_t i = 0; i < from->n_rows; i++) {
        if (held_out(training, i, fold))
            self->labels[k++] = from->rows[i].label;
    }
    self->bytes = sizeof *self->seconds + self->n * training->stride * sizeof *self->scores;
    self->seconds = parallel_alloc(self->bytes);
    self->scores = (float *)(self->seconds + 1);
}

static void held_done(struct held *self)
{
    parallel_free(self->seconds, self->bytes);
    mem_free(self->labels);
    *self = (struct held){0};
}

static struct fit_set *set_without(const struct training *self, unsigned fold)
{
    unsigned char *keep = mem_array(self->corpus->n_rows, 1);
    struct fit_set *set;

    for (size_t i = 0; i < self->corpus->n_rows; i++)
        keep[i] = self->valid || self->folds[i] != fold;
    set = fit_set_new(self->corpus, keep);
    mem_free(keep);
    return set;
}

static void score_held(const struct training *self, const struct job *job, const struct fit_set *set,
                       const float *weights)
{
    const struct corpus *from = held_from(self);
    struct entry *scratch = mem_array(FEATURE_LIST_MAX, sizeof *scratch);
    size_t k = 0;

    for (size_t i = 0; i < from->n_rows; i++) {
        if (held_out(self, i, job->fold))
            fit_score(set, weights, from, i, scratch, job->held.scores + k++ * self->stride);
    }
    mem_free(scratch);
}

static int fit_all(struct training *self)
{
    const struct train_trial *chosen = &self->report->trials[self->report->chosen];
    float *weights;
    struct err err;

    if (fit_weights(self->all, chosen->solver, chosen->cost, &weights, &err) < 0)
        return -1;
    memcpy(self->weights, weights, self->weights_bytes);
    mem_free(weights);
    return 0;
}

/* Runs in a process of its own. */
static int run_job(void *context, size_t i)
{
    struct training *self = context;
    struct job *job = &self->jobs[i];
    int64_t began = clock_mono_us();
    struct fit_set *set;
    float *weights;
    struct err err;
    int result;

    if (job->fold == ALL_ROWS)
        return fit_all(self);
    set = set_without(self, job->fold);
    result = fit_weights(set, job->trial->solver, job->trial->cost, &weights, &err);
    if (result == 0) {
        score_held(self, job, set, weights);
        *job->held.seconds = (double)(clock_mono_us() - began) / 1e6;
        mem_free(weights);
    }
    fit_set_free(set);
    return result;
}

static int run_jobs(struct training *self, struct job *jobs, size_t n, struct err *reterr)
{
    for (size_t j = 0; j < n; j++) {
        if (jobs[j].fold != ALL_ROWS)
            held_init(&jobs[j].held, self, jobs[j].fold);
    }
    self->jobs = jobs;
    return parallel_run(n, run_job, self, reterr);
}

/* ---- figures of held-out rows ---- */

static size_t best_label(const float *scores, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        best = scores[i] > scores[best] ? i : best;
    return best;
}

static double accuracy(const struct scored *scored)
{
    size_t right = 0;

    for (size_t i = 0; i < scored->n; i++)
        right += best_label(scored->scores + i * scored->stride, scored->n_labels) == scored->labels[i];
    return scored->n ? (double)right / (double)scored->n : 0;
}

static struct scored scored_of(const struct training *self, const struct held *held)
{
    return (struct scored){held->scores, held->labels, held->n, self->n_labels, self->stride};
}

/* Means over the folds seen so far, weighted by rows. */
static void add_figures(const struct training *self, struct train_trial *trial, const struct held *held)
{
    const struct scored scored = scored_of(self, held);
    double nll, n = (double)held->n, before = (double)trial->n_held;

    stats_calibrate(&scored, &nll);
    trial->accuracy = (trial->accuracy * before + accuracy(&scored) * n) / (before + n);
    trial->nll = (trial->nll * before + nll * n) / (before + n);
    trial->n_held += held->n;
    trial->seconds += *held->seconds;
}

/* ---- search ---- */

/* More folds first, then the more accurate; of equals the better likelihood. */
static bool better(const struct train_trial *one, const struct train_trial *other)
{
    if (one->n_held != other->n_held)
        return one->n_held > other->n_held;
    if (one->accuracy != other->accuracy)
        return one->accuracy > other->accuracy;
    return one->nll < other->nll;
}

/* Scores some candidates on a fold; keeps the held-out scores of each in ret_held. */
static int try_fold(struct training *self, unsigned fold, const size_t *which, size_t n, struct held *ret_held,
                    struct err *reterr)
{
    struct job jobs[ARRAY_LEN(candidates)] = {0};
    int result;

    for (size_t i = 0; i < n; i++)
        jobs[i] = (struct job){.fold = fold, .trial = &self->report->trials[which[i]]};
    result = run_jobs(self, jobs, n, reterr);
    for (size_t i = 0; i < n; i++) {
        struct train_trial *trial = &self->report->trials[which[i]];
        ret_held[which[i]] = jobs[i].held;
        if (result < 0)
            continue;
        add_figures(self, trial, &jobs[i].held);
        say(self, "tried %s, cost %g, on fold %u: accuracy %.4f, log loss %.4f, %.1f s", fit_solver_name(trial->solver),
            trial->cost, fold + 1, trial->accuracy, trial->nll, *jobs[i].held.seconds);
    }
    return result;
}

static size_t best_trial(const struct train_report *report, const bool *out)
{
    size_t best = report->n_trials;

    for (size_t c = 0; c < report->n_trials; c++) {
        if (!out[c] && (best == report->n_trials || better(&report->trials[c], &report->trials[best])))
            best = c;
    }
    return best;
}

/* Keeps the winner's scores of a fold, drops the others'. */
static void keep_winner(struct training *self, unsigned fold, struct held *held)
{
    for (size_t c = 0; c < ARRAY_LEN(candidates); c++) {
        if (c == self->report->chosen)
            self->winner[fold] = held[c];
        else
            held_done(&held[c]);
    }
}

static int search(struct training *self, struct err *reterr)
{
    struct train_report *report = self->report;
    struct held first[ARRAY_LEN(candidates)] = {0}, second[ARRAY_LEN(candidates)] = {0};
    size_t all[ARRAY_LEN(candidates)], finalists[SECOND_ROUND];
    bool none[ARRAY_LEN(candidates)] = {false}, taken[ARRAY_LEN(candidates)] = {false};
    int result;

    report->n_trials = ARRAY_LEN(candidates);
    for (size_t c = 0; c < ARRAY_LEN(candidates); c++) {
        report->trials[c] = (struct train_trial){.solver = candidates[c].solver, .cost = candidates[c].cost};
        all[c] = c;
    }
    result = try_fold(self, 0, all, ARRAY_LEN(candidates), first, reterr);
    for (size_t i = 0; i < SECOND_ROUND && result == 0; i++) {
        finalists[i] = best_trial(report, taken);
        taken[finalists[i]] = true;
    }
    if (result == 0 && !self->valid)
        result = try_fold(self, 1, finalists, SECOND_ROUND, second, reterr);
    report->chosen = best_trial(report, none);
    keep_winner(self, 0, first);
    keep_winner(self, 1, second);
    return result;
}

/* ---- the other folds, and the model itself ---- */

static int fit_rest(struct training *self, struct err *reterr)
{
    struct job jobs[TRAIN_FOLDS] = {0};
    size_t n = 0;
    int result;

    self->all = set_without(self, ALL_ROWS);
    self->weights_bytes = (fit_set_rows(self->all) + 1) * self->stride * sizeof *self->weights;
    self->weights = parallel_alloc(self->weights_bytes);
    jobs[n++].fold = ALL_ROWS;
    for (unsigned f = 2; f < TRAIN_FOLDS && !self->valid; f++)
        jobs[n++] = (struct job){.fold = f, .trial = &self->report->trials[self->report->chosen]};
    say(self, "fitting %s, cost %g, on all rows%s",
        fit_solver_name(self->report->trials[self->report->chosen].solver),
        self->report->trials[self->report->chosen].cost, self->valid ? "" : " and the other folds");
    result = run_jobs(self, jobs, n, reterr);
    for (size_t j = 1; j < n; j++)
        self->winner[jobs[j].fold] = jobs[j].held;
    return result;
}

/* ---- calibration on all held-out rows ---- */

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static double scope_least(const struct scored *scored)
{
    double *scopes = mem_array(scored->n, sizeof *scopes), least;

    for (size_t i = 0; i < scored->n; i++)
        scopes[i] = linear_energy(scored->scores + i * scored->stride, scored->n_labels, SCOPE_TEMPERATURE);
    qsort(scopes, scored->n, sizeof *scopes, by_value);
    least = scopes[(size_t)(TRAIN_SCOPE_MISSED * (double)scored->n)];
    mem_free(scopes);
    return least;
}

/* Sorts values in place: those that accept 1/LEN, 2/LEN ... of them, the last below all. */
static void quantiles(double *values, size_t n, double ret[MODEL_SEQUENCE_LEN])
{
    qsort(values, n, sizeof *values, by_value);
    for (size_t j = 0; j < MODEL_SEQUENCE_LEN; j++) {
        size_t below = n - n * (j + 1) / MODEL_SEQUENCE_LEN;
        ret[j] = below < n ? values[below] : values[n - 1];
    }
}

static void declare_sequence(const struct outcome *outcomes, const struct scored *scored,
                             struct model_sequence *ret_sequence)
{
    double *values = mem_array(scored->n, sizeof *values);
    double *scopes = mem_array(scored->n, sizeof *scopes);

    for (size_t i = 0; i < scored->n; i++)
        values[i] = outcomes[i].confidence;
    quantiles(values, scored->n, ret_sequence->confidences);
    ret_sequence->confidences[MODEL_SEQUENCE_LEN - 1] = 0;
    for (size_t i = 0; i < scored->n; i++)
        values[i] = scopes[i] =
            linear_energy(scored->scores + i * scored->stride, scored->n_labels, SCOPE_TEMPERATURE);
    quantiles(values, scored->n, ret_sequence->scopes);
    for (size_t j = 0; j < MODEL_SEQUENCE_LEN; j++) {
        size_t both = 0;
        for (size_t i = 0; i < scored->n; i++)
            both += outcomes[i].confidence >= ret_sequence->confidences[j] && scopes[i] >= ret_sequence->scopes[j];
        ret_sequence->joint[j] = (double)both / (double)scored->n;
    }
    mem_free(scopes);
    mem_free(values);
}

static void judge_confidence(const struct scored *scored, struct train_report *report)
{
    struct outcome *outcomes = mem_array(scored->n, sizeof *outcomes);
    double *probabilities = mem_array(scored->n_labels, sizeof *probabilities);

    for (size_t i = 0; i < scored->n; i++) {
        const float *scores = scored->scores + i * scored->stride;
        size_t best = best_label(scores, scored->n_labels);
        stats_softmax(scores, scored->n_labels, &report->calibration, probabilities);
        outcomes[i] = (struct outcome){probabilities[best], best == scored->labels[i]};
    }
    declare_sequence(outcomes, scored, &report->sequence);
    report->ece = stats_ece(outcomes, scored->n, NULL);
    report->ece_if_perfect = stats_ece_if_perfect(outcomes, scored->n);
    mem_free(outcomes);
    mem_free(probabilities);
}

/* The winner's scores of all folds as one. */
static void gather(const struct training *self, struct held *ret_all)
{
    struct held all = {0};

    for (unsigned f = 0; f < TRAIN_FOLDS; f++)
        all.n += self->winner[f].n;
    all.labels = mem_array(all.n, sizeof *all.labels);
    all.scores = mem_array(all.n * self->stride, sizeof *all.scores);
    all.n = 0;
    for (unsigned f = 0; f < TRAIN_FOLDS; f++) {
        const struct held *held = &self->winner[f];
        if (held->n == 0)
            continue;
        memcpy(all.labels + all.n, held->labels, held->n * sizeof *all.labels);
        memcpy(all.scores + all.n * self->stride, held->scores, held->n * self->stride * sizeof *all.scores);
        all.n += held->n;
    }
    *ret_all = all;
}

static void calibrate(const struct training *self)
{
    struct train_report *report = self->report;
    struct scored scored;
    struct held all;
    double nll;

    gather(self, &all);
    scored = scored_of(self, &all);
    report->n_held = all.n;
    report->accuracy = accuracy(&scored);
    report->calibration = stats_calibrate(&scored, &nll);
    report->scope_least = scope_least(&scored);
    judge_confidence(&scored, report);
    mem_free(all.labels);
    mem_free(all.scores);
}

/* ---- the file ---- */

static void report_json(const struct train_report *report, struct buf *out)
{
    buf_printf(out,
               "{\"rows\":%zu,\"labels\":%zu,\"held_out\":%zu,\"accuracy\":%.6f,\"ece\":%.6f,\"ece_if_perfect\":%.6f,"
               "\"temperature\":%.6f,\"temperature_slope\":%.6f,\"chosen\":%zu,\"tried\":[",
               report->n_rows, report->n_labels, report->n_held, report->accuracy, report->ece, report->ece_if_perfect,
               report->calibration.temperature, report->calibration.slope, report->chosen);
    for (size_t i = 0; i < report->n_trials; i++)
        buf_printf(out, "%s{\"solver\":\"%s\",\"cost\":%g,\"accuracy\":%.6f,\"log_loss\":%.6f,\"held_out\":%zu}",
                   i ? "," : "", fit_solver_name(report->trials[i].solver), report->trials[i].cost,
                   report->trials[i].accuracy, report->trials[i].nll, report->trials[i].n_held);
    buf_puts(out, "]}");
}

static int finish(const struct training *self, const char *path, struct err *reterr)
{
    struct train_report *report = self->report;
    CLEANUP(buf_free) struct buf json = {0};

    report->n_features = fit_set_rows(self->all);
    report_json(report, &json);
    const struct model_parts parts = {.corpus = self->corpus,
                                      .rows = self->input->rows,
                                      .set = self->all,
                                      .weights = self->weights,
                                      .params = {.temperature = report->calibration.temperature,
                                                 .temperature_slope = report->calibration.slope,
                                                 .scope_temperature = SCOPE_TEMPERATURE,
                                                 .scope_least = report->scope_least,
                                                 .oof_accuracy = report->accuracy,
                                                 .oof_ece = report->ece},
                                      .sequence = &report->sequence,
                                      .report = buf_str(&json)};
    return model_write(&parts, path, reterr);
}

static int run(struct training *self, const char *path, struct err *reterr)
{
    struct train_report *report = self->report;

    self->n_labels = self->corpus->n_labels;
    self->stride = fit_stride(self->n_labels);
    self->folds = mem_array(self->corpus->n_rows, 1);
    corpus_folds(self->corpus, TRAIN_FOLDS, self->folds);
    report->n_rows = self->corpus->n_rows;
    report->n_labels = self->n_labels;
    say(self, "%zu rows, %zu labels", report->n_rows, report->n_labels);
    if (search(self, reterr) < 0 || fit_rest(self, reterr) < 0)
        return -1;
    calibrate(self);
    return finish(self, path, reterr);
}

static void training_done(struct training *self)
{
    for (unsigned f = 0; f < TRAIN_FOLDS; f++)
        held_done(&self->winner[f]);
    parallel_free(self->weights, self->weights_bytes);
    fit_set_free(self->all);
    corpus_free(self->corpus);
    corpus_free(self->valid);
    mem_free(self->folds);
}

int classifier_train(const struct train_input *input, const char *path, struct train_report *ret_report,
                     struct err *reterr)
{
    struct train_report report = {0};
    struct training self = {.input = input, .report = &report};
    int result = -1;

    if (corpus_new(input->rows, input->n_rows, &self.corpus, reterr) == 0 &&
        (!input->valid || corpus_like(self.corpus, input->valid, input->n_valid, &self.valid, reterr) == 0))
        result = run(&self, path, reterr);
    if (result == 0)
        *ret_report = report;
    training_done(&self);
    return result;
}
