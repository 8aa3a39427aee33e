/* Every cost of both solvers is fitted without fold 0; the best cost of each goes on to the other folds, which gives each
 * row scores by models that had not seen it. On these the solvers and their mixture compete, and the winner is calibrated.
 * With validation rows these take the place of all folds. */
#include "decide/train.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "decide/linear.h"
#include "decide/model_write.h"
#include "decide/parallel.h"
#include "decide/second.h"
#include "decide/stats.h"

#define SCOPE_TEMPERATURE 0.1
#define BLEND_FIRST 0.6F /* share of Crammer-Singer in the mixture; its margins are the smaller ones */
#define PROGRESS_LINE_MAX 200
#define ALL_ROWS TRAIN_FOLDS /* the "fold" that nothing belongs to */
#define JOBS_MAX (FIT_SOLVERS * TRAIN_FOLDS)

static const struct {
    enum fit_solver solver;
    double cost;
} candidates[] = {
    {FIT_CRAMMER_SINGER, 0.2}, {FIT_CRAMMER_SINGER, 0.5}, {FIT_CRAMMER_SINGER, 1.0},
    {FIT_ONE_VS_REST, 0.2},    {FIT_ONE_VS_REST, 0.5},    {FIT_ONE_VS_REST, 1.0},
};
_Static_assert(ARRAY_LEN(candidates) + FIT_SOLVERS + 1 <= TRAIN_TRIALS_MAX, "more trials than a report holds");
_Static_assert(ARRAY_LEN(candidates) <= JOBS_MAX, "more candidates than jobs at once");

/* Scores of the rows of one fold by a model without it; shared with the process that computes them. */
struct held {
    float *scores; /* n x stride */
    uint32_t *labels;
    size_t n, bytes;
};

struct job {
    unsigned fold;
    enum fit_solver solver;
    double cost;
    struct held held; /* not for ALL_ROWS */
    float *weights;   /* shared; for ALL_ROWS */
};

struct training {
    const struct train_input *input;
    struct corpus *corpus, *valid;
    unsigned char *folds; /* of each row */
    unsigned n_folds;     /* 1 with validation rows */
    size_t n_labels, stride;
    double best_cost[FIT_SOLVERS];
    struct held held[FIT_SOLVERS][TRAIN_FOLDS]; /* of the best cost of each solver */
    struct fit_set *all;                        /* every row */
    float *weights;                             /* of the model; shared */
    size_t weights_bytes;
    struct buf second;                          /* section MODEL_ENCODER; empty without an encoder */
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
    self->bytes = self->n * training->stride * sizeof *self->scores;
    self->scores = parallel_alloc(self->bytes);
}

static void held_done(struct held *self)
{
    parallel_free(self->scores, self->bytes);
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

/* Runs in a process of its own. */
static int run_job(void *context, size_t i)
{
    struct training *self = context;
    struct job *job = &self->jobs[i];
    struct fit_set *set = job->fold == ALL_ROWS ? self->all : set_without(self, job->fold);
    float *weights;
    struct err err;

    if (fit_weights(set, job->solver, job->cost, &weights, &err) < 0)
        return -1;
    if (job->fold == ALL_ROWS)
        memcpy(job->weights, weights, self->weights_bytes);
    else
        score_held(self, job, set, weights);
    return 0;
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

char *train_trial_name(const struct train_trial *trial, char out[TRAIN_TRIAL_NAME_MAX])
{
    size_t len = 0;

    out[0] = '\0';
    for (int s = 0; s < FIT_SOLVERS; s++) {
        if (trial->cost[s] > 0 && len < TRAIN_TRIAL_NAME_MAX)
            len += (size_t)snprintf(out + len, TRAIN_TRIAL_NAME_MAX - len, "%s%s %g", len ? " + " : "",
                                    fit_solver_name((enum fit_solver)s), trial->cost[s]);
    }
    return out;
}

static const struct train_trial *add_trial(const struct training *self, const double cost[FIT_SOLVERS],
                                           const struct held *held)
{
    struct train_trial *trial = &self->report->trials[self->report->n_trials++];
    const struct scored scored = scored_of(self, held);
    char name[TRAIN_TRIAL_NAME_MAX];

    *trial = (struct train_trial){.n_held = held->n, .accuracy = accuracy(&scored)};
    memcpy(trial->cost, cost, sizeof trial->cost);
    stats_calibrate(&scored, &trial->nll);
    say(self, "tried %s on %zu held-out rows: accuracy %.4f, log loss %.4f", train_trial_name(trial, name), held->n,
        trial->accuracy, trial->nll);
    return trial;
}

/* The more accurate; of equals the better likelihood. */
static bool better(const struct train_trial *one, const struct train_trial *other)
{
    if (one->accuracy != other->accuracy)
        return one->accuracy > other->accuracy;
    return one->nll < other->nll;
}

/* ---- search on the first fold ---- */

/* Keeps the scores of the best cost of each solver and drops the others. */
static void take_best(struct training *self, struct job jobs[ARRAY_LEN(candidates)])
{
    const struct train_trial *best[FIT_SOLVERS] = {NULL};

    for (size_t c = 0; c < ARRAY_LEN(candidates); c++) {
        enum fit_solver solver = candidates[c].solver;
        double cost[FIT_SOLVERS] = {0};
        const struct train_trial *trial;
        cost[solver] = candidates[c].cost;
        trial = add_trial(self, cost, &jobs[c].held);
        if (best[solver] && !better(trial, best[solver])) {
            held_done(&jobs[c].held);
            continue;
        }
        best[solver] = trial;
        self->best_cost[solver] = candidates[c].cost;
        held_done(&self->held[solver][0]);
        self->held[solver][0] = jobs[c].held;
    }
}

static int search(struct training *self, struct err *reterr)
{
    struct job jobs[ARRAY_LEN(candidates)] = {0};

    for (size_t c = 0; c < ARRAY_LEN(candidates); c++)
        jobs[c] = (struct job){.fold = 0, .solver = candidates[c].solver, .cost = candidates[c].cost};
    if (run_jobs(self, jobs, ARRAY_LEN(candidates), reterr) < 0) {
        for (size_t c = 0; c < ARRAY_LEN(candidates); c++)
            held_done(&jobs[c].held);
        return -1;
    }
    take_best(self, jobs);
    return 0;
}

/* The best cost of each solver on the folds that are left. */
static int score_other_folds(struct training *self, struct err *reterr)
{
    struct job jobs[JOBS_MAX] = {0};
    size_t n = 0;
    int result;

    for (unsigned f = 1; f < self->n_folds; f++) {
        for (int s = 0; s < FIT_SOLVERS; s++)
            jobs[n++] = (struct job){.fold = f, .solver = (enum fit_solver)s, .cost = self->best_cost[s]};
    }
    if (n)
        say(self, "scoring the other %u folds", self->n_folds - 1);
    result = run_jobs(self, jobs, n, reterr);
    for (size_t j = 0; j < n; j++)
        self->held[jobs[j].solver][jobs[j].fold] = jobs[j].held;
    return result;
}

/* ---- the final ---- */

/* A solver's scores of all folds as one. */
static void gather(const struct training *self, enum fit_solver solver, struct held *ret_all)
{
    struct held all = {0};

    for (unsigned f = 0; f < self->n_folds; f++)
        all.n += self->held[solver][f].n;
    all.labels = mem_array(all.n, sizeof *all.labels);
    all.bytes = all.n * self->stride * sizeof *all.scores;
    all.scores = parallel_alloc(all.bytes);
    all.n = 0;
    for (unsigned f = 0; f < self->n_folds; f++) {
        const struct held *held = &self->held[solver][f];
        memcpy(all.labels + all.n, held->labels, held->n * sizeof *all.labels);
        memcpy(all.scores + all.n * self->stride, held->scores, held->n * self->stride * sizeof *all.scores);
        all.n += held->n;
    }
    *ret_all = all;
}

/* first = the mixture of first and second; both are n floats. */
static void blend(float *first, const float *second, size_t n)
{
    for (size_t i = 0; i < n; i++)
        first[i] = BLEND_FIRST * first[i] + (1 - BLEND_FIRST) * second[i];
}

/* Both solvers and their mixture on all held-out rows; *ret_held has the winner's scores. */
static void choose(struct training *self, struct held *ret_held)
{
    enum { BLEND = FIT_SOLVERS, FINALISTS };
    struct held finalists[FINALISTS];
    size_t winner = 0;

    for (int s = 0; s < FIT_SOLVERS; s++)
        gather(self, (enum fit_solver)s, &finalists[s]);
    gather(self, FIT_CRAMMER_SINGER, &finalists[BLEND]);
    blend(finalists[BLEND].scores, finalists[FIT_ONE_VS_REST].scores, finalists[BLEND].n * self->stride);
    for (size_t i = 0; i < FINALISTS; i++) {
        const struct train_trial *trial, *best = &self->report->trials[self->report->chosen];
        double cost[FIT_SOLVERS] = {0};
        for (size_t s = 0; s < FIT_SOLVERS; s++)
            cost[s] = i == BLEND || s == i ? self->best_cost[s] : 0;
        trial = add_trial(self, cost, &finalists[i]);
        if (i > 0 && !better(trial, best))
            continue;
        self->report->chosen = self->report->n_trials - 1;
        winner = i;
    }
    for (size_t i = 0; i < FINALISTS; i++) {
        if (i != winner)
            held_done(&finalists[i]);
    }
    *ret_held = finalists[winner];
}

static int fit_all(struct training *self, struct err *reterr)
{
    const struct train_trial *chosen = &self->report->trials[self->report->chosen];
    struct job jobs[FIT_SOLVERS] = {0};
    char name[TRAIN_TRIAL_NAME_MAX];
    size_t n = 0;
    int result;

    self->all = set_without(self, ALL_ROWS);
    self->weights_bytes = (fit_set_rows(self->all) + 1) * self->stride * sizeof *self->weights;
    say(self, "fitting %s on all rows", train_trial_name(chosen, name));
    for (int s = 0; s < FIT_SOLVERS; s++) {
        if (chosen->cost[s] > 0)
            jobs[n++] = (struct job){.fold = ALL_ROWS,
                                     .solver = (enum fit_solver)s,
                                     .cost = chosen->cost[s],
                                     .weights = parallel_alloc(self->weights_bytes)};
    }
    result = run_jobs(self, jobs, n, reterr);
    self->weights = jobs[0].weights;
    if (n == 2) {
        blend(self->weights, jobs[1].weights, self->weights_bytes / sizeof *self->weights);
        parallel_free(jobs[1].weights, self->weights_bytes);
    }
    return result;
}

/* ---- calibration on all held-out rows ---- */

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
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

static void declare_sequence(const struct outcome *outcomes, const double *scopes, size_t n, struct train_report *report)
{
    struct model_sequence *sequence = &report->sequence;
    double *values = mem_array(n, sizeof *values);

    for (size_t i = 0; i < n; i++)
        values[i] = outcomes[i].confidence;
    quantiles(values, n, sequence->confidences);
    sequence->confidences[MODEL_SEQUENCE_LEN - 1] = 0;
    memcpy(values, scopes, n * sizeof *values);
    quantiles(values, n, sequence->scopes);
    report->scope_least = values[(size_t)(TRAIN_SCOPE_MISSED * (double)n)];
    for (size_t j = 0; j < MODEL_SEQUENCE_LEN; j++) {
        size_t both = 0;
        for (size_t i = 0; i < n; i++)
            both += outcomes[i].confidence >= sequence->confidences[j] && scopes[i] >= sequence->scopes[j];
        sequence->joint[j] = (double)both / (double)n;
    }
    mem_free(values);
}

/* What the rows look like to the model as it ships fixes sequence, gate and figures. */
static void judge_confidence(const struct outcome *outcomes, const double *scopes, size_t n, struct train_report *report)
{
    declare_sequence(outcomes, scopes, n, report);
    report->ece = stats_ece(outcomes, n, NULL);
    report->ece_if_perfect = stats_ece_if_perfect(outcomes, n);
}

static void calibrate_linear(const struct scored *scored, struct train_report *report)
{
    struct outcome *outcomes = mem_array(scored->n, sizeof *outcomes);
    double *probabilities = mem_array(scored->n_labels, sizeof *probabilities);
    double *scopes = mem_array(scored->n, sizeof *scopes);

    for (size_t i = 0; i < scored->n; i++) {
        const float *scores = scored->scores + i * scored->stride;
        size_t best = best_label(scores, scored->n_labels);
        stats_softmax(scores, scored->n_labels, &report->calibration, probabilities);
        outcomes[i] = (struct outcome){probabilities[best], best == scored->labels[i]};
        scopes[i] = linear_energy(scores, scored->n_labels, SCOPE_TEMPERATURE);
    }
    judge_confidence(outcomes, scopes, scored->n, report);
    mem_free(outcomes);
    mem_free(probabilities);
    mem_free(scopes);
}

static int add_second(struct training *self, const struct held *held, struct err *reterr)
{
    const struct train_input *input = self->input;
    struct train_report *report = self->report;
    const struct second_training second = {.rows = {input->rows, input->n_rows},
                                           .valid = {input->valid, self->valid ? input->n_valid : 0},
                                           .corpus = self->corpus,
                                           .valid_corpus = self->valid,
                                           .folds = self->folds,
                                           .n_folds = self->n_folds,
                                           .n_labels = self->n_labels,
                                           .stride = self->stride,
                                           .held_linear = held->scores,
                                           .held_labels = held->labels,
                                           .n_held = held->n,
                                           .linear = report->calibration,
                                           .scope_temperature = SCOPE_TEMPERATURE,
                                           .encoder_dir = input->encoder_dir,
                                           .say = input->say,
                                           .context = input->context};
    struct second_report found;
    int rc = second_train(&second, &self->second, &found, reterr);

    if (rc == 0) {
        judge_confidence(found.outcomes, found.scopes, held->n, report);
        report->encoder = true;
        report->accuracy = found.accuracy;
        report->encoder_share = found.share;
        report->encoder_gate = found.gate;
        report->encoder_seen = found.seen;
        report->accuracy_everywhere = found.accuracy_everywhere;
    }
    mem_free(found.outcomes);
    mem_free(found.scopes);
    return rc;
}

static int calibrate(struct training *self, const struct held *held, struct err *reterr)
{
    struct train_report *report = self->report;
    const struct scored scored = scored_of(self, held);
    double nll;

    report->n_held = held->n;
    report->accuracy = report->accuracy_linear = accuracy(&scored);
    report->calibration = stats_calibrate(&scored, &nll);
    calibrate_linear(&scored, report);
    return self->input->encoder_dir ? add_second(self, held, reterr) : 0;
}

/* ---- the file ---- */

static void report_json(const struct train_report *report, struct buf *out)
{
    char name[TRAIN_TRIAL_NAME_MAX];

    buf_printf(out,
               "{\"rows\":%zu,\"labels\":%zu,\"held_out\":%zu,\"accuracy\":%.6f,\"ece\":%.6f,\"ece_if_perfect\":%.6f,"
               "\"accuracy_linear\":%.6f,\"temperature\":%.6f,\"temperature_slope\":%.6f,\"chosen\":%zu,",
               report->n_rows, report->n_labels, report->n_held, report->accuracy, report->ece, report->ece_if_perfect,
               report->accuracy_linear, report->calibration.temperature, report->calibration.slope, report->chosen);
    if (report->encoder)
        buf_printf(out, "\"encoder\":{\"share\":%g,\"gate\":%g,\"seen\":%.6f,\"accuracy_everywhere\":%.6f},",
                   report->encoder_share, report->encoder_gate, report->encoder_seen, report->accuracy_everywhere);
    buf_puts(out, "\"tried\":[");
    for (size_t i = 0; i < report->n_trials; i++)
        buf_printf(out, "%s{\"solver\":\"%s\",\"held_out\":%zu,\"accuracy\":%.6f,\"log_loss\":%.6f}", i ? "," : "",
                   train_trial_name(&report->trials[i], name), report->trials[i].n_held, report->trials[i].accuracy,
                   report->trials[i].nll);
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
                                      .second = &self->second,
                                      .sequence = &report->sequence,
                                      .report = buf_str(&json)};
    return model_write(&parts, path, reterr);
}

static int run(struct training *self, const char *path, struct err *reterr)
{
    struct train_report *report = self->report;
    struct held held;
    int rc;

    self->n_folds = self->valid ? 1 : TRAIN_FOLDS;
    self->n_labels = self->corpus->n_labels;
    self->stride = fit_stride(self->n_labels);
    self->folds = mem_array(self->corpus->n_rows, 1);
    corpus_folds(self->corpus, TRAIN_FOLDS, self->folds);
    report->n_rows = self->corpus->n_rows;
    report->n_labels = self->n_labels;
    say(self, "%zu rows, %zu labels", report->n_rows, report->n_labels);
    if (search(self, reterr) < 0 || score_other_folds(self, reterr) < 0)
        return -1;
    choose(self, &held);
    rc = calibrate(self, &held, reterr);
    held_done(&held);
    if (rc < 0 || fit_all(self, reterr) < 0)
        return -1;
    return finish(self, path, reterr);
}

static void training_done(struct training *self)
{
    for (int s = 0; s < FIT_SOLVERS; s++) {
        for (unsigned f = 0; f < TRAIN_FOLDS; f++)
            held_done(&self->held[s][f]);
    }
    buf_free(&self->second);
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
