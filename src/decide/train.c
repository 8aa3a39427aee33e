/* Search on some folds, calibrate on all of them, fit on everything. */
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
#include "decide/stats.h"

#define SEARCH_FOLDS 2
#define SCOPE_TEMPERATURE 0.1
#define PROGRESS_LINE_MAX 200

static const struct {
    enum fit_solver solver;
    double cost;
} candidates[] = {
    {FIT_CRAMMER_SINGER, 0.1}, {FIT_CRAMMER_SINGER, 0.2}, {FIT_CRAMMER_SINGER, 0.4}, {FIT_CRAMMER_SINGER, 0.8}, {FIT_ONE_VS_REST, 0.1}, {FIT_ONE_VS_REST, 0.25},
    {FIT_ONE_VS_REST, 0.5},    {FIT_ONE_VS_REST, 1.0},
};
_Static_assert(ARRAY_LEN(candidates) <= TRAIN_TRIALS_MAX, "more candidates than a report holds");

/* Held-out rows with their scores. */
struct held {
    float *scores; /* stride each */
    uint32_t *labels;
    size_t n, cap, n_labels, stride;
};

struct training {
    const struct train_input *input;
    struct corpus *corpus, *valid;
    unsigned char *folds; /* of each row */
    struct entry *scratch;
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

/* ---- held-out scores ---- */

static void held_init(struct held *self, const struct training *training, size_t cap)
{
    size_t n_labels = training->corpus->n_labels;

    *self = (struct held){.cap = cap, .n_labels = n_labels, .stride = fit_stride(n_labels)};
    self->scores = mem_array(cap * self->stride, sizeof *self->scores);
    self->labels = mem_array(cap, sizeof *self->labels);
}

static void held_done(struct held *self)
{
    mem_free(self->scores);
    mem_free(self->labels);
}

static void held_add(struct held *self, const struct training *training, const struct fit_set *set,
                     const float *weights, const struct corpus *from, size_t row)
{
    fit_score(set, weights, from, row, training->scratch, self->scores + self->n * self->stride);
    self->labels[self->n++] = from->rows[row].label;
}

static size_t best_label(const float *scores, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        best = scores[i] > scores[best] ? i : best;
    return best;
}

static double held_accuracy(const struct held *self)
{
    size_t right = 0;

    for (size_t i = 0; i < self->n; i++)
        right += best_label(self->scores + i * self->stride, self->n_labels) == self->labels[i];
    return self->n ? (double)right / (double)self->n : 0;
}

static double held_temperature(const struct held *self, double *ret_nll)
{
    const struct scored scored = {self->scores, self->labels, self->n, self->n_labels, self->stride};

    return stats_temperature(&scored, ret_nll);
}

static void held_calibration(const struct held *self, struct train_report *report)
{
    struct outcome *outcomes = mem_array(self->n, sizeof *outcomes);
    double *probabilities = mem_array(self->n_labels, sizeof *probabilities);

    for (size_t i = 0; i < self->n; i++) {
        const float *scores = self->scores + i * self->stride;
        size_t best = best_label(scores, self->n_labels);
        linear_softmax(scores, self->n_labels, report->temperature, probabilities);
        outcomes[i] = (struct outcome){probabilities[best], best == self->labels[i]};
    }
    report->ece = stats_ece(outcomes, self->n, NULL);
    report->ece_if_perfect = stats_ece_if_perfect(outcomes, self->n);
    mem_free(outcomes);
    mem_free(probabilities);
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static double held_scope_least(const struct held *self)
{
    double *scopes = mem_array(self->n, sizeof *scopes), least;

    for (size_t i = 0; i < self->n; i++)
        scopes[i] = linear_energy(self->scores + i * self->stride, self->n_labels, SCOPE_TEMPERATURE);
    qsort(scopes, self->n, sizeof *scopes, by_value);
    least = scopes[(size_t)(TRAIN_SCOPE_MISSED * (double)self->n)];
    mem_free(scopes);
    return least;
}

/* ---- sets ---- */

/* The rows outside a fold; fold TRAIN_FOLDS keeps all. */
static struct fit_set *set_without(const struct training *self, unsigned fold)
{
    unsigned char *keep = mem_array(self->corpus->n_rows, 1);
    struct fit_set *set;

    for (size_t i = 0; i < self->corpus->n_rows; i++)
        keep[i] = self->folds[i] != fold;
    set = fit_set_new(self->corpus, keep);
    mem_free(keep);
    return set;
}

/* Fits one set and scores what it did not see: its fold, or the validation rows. */
static int fit_and_hold(const struct training *self, const struct fit_set *set, unsigned fold,
                        const struct train_trial *trial, struct held *held, struct err *reterr)
{
    CLEANUP(mem_freep) float *weights = NULL;

    if (fit_weights(set, trial->solver, trial->cost, &weights, reterr) < 0)
        return -1;
    for (size_t i = 0; self->valid && i < self->valid->n_rows; i++)
        held_add(held, self, set, weights, self->valid, i);
    for (size_t i = 0; !self->valid && i < self->corpus->n_rows; i++) {
        if (self->folds[i] == fold)
            held_add(held, self, set, weights, self->corpus, i);
    }
    return 0;
}

/* ---- search ---- */

static int try_one(const struct training *self, struct fit_set *const *sets, unsigned n_sets,
                   struct train_trial *trial, struct err *reterr)
{
    size_t cap = self->valid ? self->valid->n_rows : self->corpus->n_rows;
    int64_t began = clock_mono_us();
    struct held held;
    int result = 0;

    held_init(&held, self, cap);
    for (unsigned f = 0; f < n_sets && result == 0; f++)
        result = fit_and_hold(self, sets[f], self->valid ? TRAIN_FOLDS : f, trial, &held, reterr);
    trial->accuracy = held_accuracy(&held);
    held_temperature(&held, &trial->nll);
    trial->seconds = (double)(clock_mono_us() - began) / 1e6;
    held_done(&held);
    return result;
}

/* More accurate first; of equals the better likelihood. */
static bool better(const struct train_trial *one, const struct train_trial *other)
{
    if (one->accuracy != other->accuracy)
        return one->accuracy > other->accuracy;
    return one->nll < other->nll;
}

static int search(const struct training *self, struct fit_set *const *sets, unsigned n_sets, struct err *reterr)
{
    struct train_report *report = self->report;

    for (size_t c = 0; c < ARRAY_LEN(candidates); c++) {
        struct train_trial *trial = &report->trials[c];
        *trial = (struct train_trial){.solver = candidates[c].solver, .cost = candidates[c].cost};
        if (try_one(self, sets, n_sets, trial, reterr) < 0)
            return -1;
        say(self, "tried %s, cost %g: accuracy %.4f, log loss %.4f, %.1f s", fit_solver_name(trial->solver),
            trial->cost, trial->accuracy, trial->nll, trial->seconds);
        report->n_trials = c + 1;
        if (better(trial, &report->trials[report->chosen]))
            report->chosen = c;
    }
    return 0;
}

static int search_folds(const struct training *self, struct err *reterr)
{
    struct fit_set *sets[SEARCH_FOLDS];
    unsigned n_sets = self->valid ? 1 : SEARCH_FOLDS;
    int result;

    for (unsigned f = 0; f < n_sets; f++)
        sets[f] = set_without(self, self->valid ? TRAIN_FOLDS : f);
    result = search(self, sets, n_sets, reterr);
    for (unsigned f = 0; f < n_sets; f++)
        fit_set_free(sets[f]);
    return result;
}

/* ---- calibration: all folds with what was chosen ---- */

static int calibrate(const struct training *self, struct err *reterr)
{
    struct train_report *report = self->report;
    const struct train_trial *chosen = &report->trials[report->chosen];
    struct held held;
    double nll;
    int result = 0;

    held_init(&held, self, self->valid ? self->valid->n_rows : self->corpus->n_rows);
    for (unsigned f = 0; f < (self->valid ? 1 : TRAIN_FOLDS) && result == 0; f++) {
        unsigned fold = self->valid ? TRAIN_FOLDS : f;
        struct fit_set *set = set_without(self, fold);
        result = fit_and_hold(self, set, fold, chosen, &held, reterr);
        fit_set_free(set);
        say(self, "calibration: fold %u of %d done", f + 1, self->valid ? 1 : TRAIN_FOLDS);
    }
    if (result == 0) {
        report->n_held = held.n;
        report->accuracy = held_accuracy(&held);
        report->temperature = held_temperature(&held, &nll);
        held_calibration(&held, report);
        report->scope_least = held_scope_least(&held);
    }
    held_done(&held);
    return result;
}

/* ---- the model ---- */

static void report_json(const struct train_report *report, struct buf *out)
{
    buf_printf(out, "{\"rows\":%zu,\"labels\":%zu,\"held_out\":%zu,\"accuracy\":%.6f,\"ece\":%.6f,"
                    "\"ece_if_perfect\":%.6f,\"temperature\":%.6f,\"chosen\":%zu,\"tried\":[",
               report->n_rows, report->n_labels, report->n_held, report->accuracy, report->ece,
               report->ece_if_perfect, report->temperature, report->chosen);
    for (size_t i = 0; i < report->n_trials; i++)
        buf_printf(out, "%s{\"solver\":\"%s\",\"cost\":%g,\"accuracy\":%.6f,\"log_loss\":%.6f}", i ? "," : "",
                   fit_solver_name(report->trials[i].solver), report->trials[i].cost, report->trials[i].accuracy,
                   report->trials[i].nll);
    buf_puts(out, "]}");
}

static int finish(const struct training *self, const char *path, struct err *reterr)
{
    struct train_report *report = self->report;
    const struct train_trial *chosen = &report->trials[report->chosen];
    CLEANUP(buf_free) struct buf json = {0};
    CLEANUP(mem_freep) float *weights = NULL;
    struct fit_set *set = set_without(self, TRAIN_FOLDS);
    int result = fit_weights(set, chosen->solver, chosen->cost, &weights, reterr);

    report->n_features = fit_set_rows(set);
    if (result == 0) {
        report_json(report, &json);
        struct model_parts parts = {.corpus = self->corpus,
                                    .rows = self->input->rows,
                                    .set = set,
                                    .weights = weights,
                                    .params = {.temperature = report->temperature,
                                               .scope_temperature = SCOPE_TEMPERATURE,
                                               .scope_least = report->scope_least,
                                               .oof_accuracy = report->accuracy,
                                               .oof_ece = report->ece},
                                    .report = buf_str(&json)};
        result = model_write(&parts, path, reterr);
    }
    fit_set_free(set);
    return result;
}

static int run(struct training *self, const char *path, struct err *reterr)
{
    struct train_report *report = self->report;

    self->folds = mem_array(self->corpus->n_rows, 1);
    corpus_folds(self->corpus, TRAIN_FOLDS, self->folds);
    report->n_rows = self->corpus->n_rows;
    report->n_labels = self->corpus->n_labels;
    say(self, "%zu rows, %zu labels", report->n_rows, report->n_labels);
    if (search_folds(self, reterr) < 0 || calibrate(self, reterr) < 0)
        return -1;
    return finish(self, path, reterr);
}

int classifier_train(const struct train_input *input, const char *path, struct train_report *ret_report,
                     struct err *reterr)
{
    struct training self = {.input = input};
    struct train_report report = {0};
    int result = -1;

    self.report = &report;
    self.scratch = mem_array(FEATURE_LIST_MAX, sizeof *self.scratch);
    if (corpus_new(input->rows, input->n_rows, &self.corpus, reterr) == 0 &&
        (!input->valid || corpus_like(self.corpus, input->valid, input->n_valid, &self.valid, reterr) == 0))
        result = run(&self, path, reterr);
    if (result == 0)
        *ret_report = report;
    corpus_free(self.corpus);
    corpus_free(self.valid);
    mem_free(self.folds);
    mem_free(self.scratch);
    return result;
}
