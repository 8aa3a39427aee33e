/* Predict every row once, then count. */
#include "evaluation/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/progress.h"

static const double coverages[EVALUATION_COVERAGES] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0};
static const double targets[EVALUATION_TARGETS] = {0.01, 0.02, 0.05, 0.10};

/* What one row came to. */
struct seen {
    struct prediction prediction;
    double us;
};

double evaluation_share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

double evaluation_f1(const struct class_count *class)
{
    return class->n + class->predicted ? 2.0 * (double)class->right / (double)(class->n + class->predicted) : 0;
}

/* ---- predicting ---- */

static struct seen *predict_all(const struct evaluation_input *input, const struct rows *rows)
{
    struct seen *seen = mem_array(rows->n, sizeof *seen);
    struct progress progress = progress_begin("evaluate", "rows", rows->n);
    int64_t before = clock_cpu_us(), after;

    for (size_t i = 0; i < rows->n; i++, before = after) {
        classifier_predict(input->model, input->scratch, &rows->rows[i].text, &seen[i].prediction);
        after = clock_cpu_us();
        seen[i].us = (double)(after - before);
        progress_at(&progress, i);
    }
    return seen;
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

static void count_cost(struct evaluation *self, const struct seen *seen, size_t n)
{
    double *times = mem_array(n + 1, sizeof *times), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += times[i] = seen[i].us;
    qsort(times, n, sizeof *times, by_value);
    self->cpu_us = n ? sum / (double)n : 0;
    self->cpu_us_p50 = n ? times[n / 2] : 0;
    self->cpu_us_p99 = n ? times[(size_t)((double)(n - 1) * 0.99)] : 0;
    mem_free(times);
}

/* ---- classes ---- */

static int by_label(const void *a, const void *b)
{
    return strcmp(((const struct class_count *)a)->label, ((const struct class_count *)b)->label);
}

static size_t class_of(const struct evaluation *self, const char *label)
{
    const struct class_count key = {.label = label};
    const struct class_count *found = bsearch(&key, self->classes, self->n_classes, sizeof key, by_label);

    return (size_t)(found - self->classes);
}

/* The model's labels and those of the data that it does not know. */
static void collect_classes(struct evaluation *self, const struct classifier *model, const struct rows *rows)
{
    size_t n = 0, known = classifier_label_count(model);

    self->classes = mem_array(known + rows->n, sizeof *self->classes);
    for (size_t i = 0; i < known; i++)
        self->classes[n++].label = classifier_label_at(model, i);
    for (size_t i = 0; i < rows->n; i++)
        self->classes[n++].label = rows->rows[i].label;
    qsort(self->classes, n, sizeof *self->classes, by_label);
    for (size_t i = 0; i < n; i++) {
        if (self->n_classes == 0 || strcmp(self->classes[self->n_classes - 1].label, self->classes[i].label) != 0)
            self->classes[self->n_classes++].label = self->classes[i].label;
    }
    self->n_unknown_labels = self->n_classes - known;
}

static void count_unknown(struct evaluation *self, const struct classifier *model)
{
    self->n_unknown = self->n;
    for (size_t i = 0; i < classifier_label_count(model); i++)
        self->n_unknown -= self->classes[class_of(self, classifier_label_at(model, i))].n;
}

static void count_row(struct evaluation *self, const char *label, const struct prediction *prediction)
{
    size_t truth = class_of(self, label), guess = class_of(self, prediction->top[0].label);

    self->classes[truth].n++;
    self->classes[guess].predicted++;
    self->classes[truth].right += truth == guess;
    self->right += truth == guess;
    if (truth != guess)
        self->pairs[self->n_pairs++] = (struct confusion_pair){truth, guess, 1};
    self->outcomes[self->n++] = (struct outcome){prediction->top[0].confidence, truth == guess};
}

static void count_classes(struct evaluation *self)
{
    double delta = (1 - EVALUATION_INTERVAL) / 2, sum = 0;

    for (size_t i = 0; i < self->n_classes; i++) {
        if (self->classes[i].n == 0)
            continue;
        sum += evaluation_f1(&self->classes[i]);
        self->n_macro++;
    }
    self->macro_f1 = self->n_macro ? sum / (double)self->n_macro : 0;
    self->accuracy_high = self->n ? stats_binomial_upper(self->right, self->n, delta) : 1;
    self->accuracy_low = self->n ? 1 - stats_binomial_upper(self->n - self->right, self->n, delta) : 0;
}

static int by_pair(const void *a, const void *b)
{
    const struct confusion_pair *one = a, *other = b;

    if (one->truth != other->truth)
        return one->truth < other->truth ? -1 : 1;
    return (one->guess > other->guess) - (one->guess < other->guess);
}

static int by_count(const void *a, const void *b)
{
    const struct confusion_pair *one = a, *other = b;

    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    return by_pair(a, b);
}

/* Equal errors become one pair with their number. */
static void gather_pairs(struct evaluation *self)
{
    size_t n = 0;

    qsort(self->pairs, self->n_pairs, sizeof *self->pairs, by_pair);
    for (size_t i = 0; i < self->n_pairs; i++) {
        if (n > 0 && by_pair(&self->pairs[n - 1], &self->pairs[i]) == 0)
            self->pairs[n - 1].n++;
        else
            self->pairs[n++] = self->pairs[i];
    }
    self->n_pairs = n;
    qsort(self->pairs, n, sizeof *self->pairs, by_count);
}

/* ---- risk and coverage ---- */

static int by_falling_confidence(const void *a, const void *b)
{
    double one = ((const struct outcome *)a)->confidence, other = ((const struct outcome *)b)->confidence;

    return (one < other) - (one > other);
}

/* Rows of equal confidence come in together, so points lie between groups only. */
static size_t end_of_group(const struct evaluation *self, size_t i)
{
    size_t end = i;

    while (end < self->n && self->outcomes[end].confidence == self->outcomes[i].confidence)
        end++;
    return end;
}

static void note_point(struct evaluation *self, size_t n, size_t errors)
{
    const struct risk_point point = {
        .found = true, .threshold = self->outcomes[n - 1].confidence, .n = n, .errors = errors};

    for (size_t k = 0; k < EVALUATION_COVERAGES; k++) {
        if (!self->coverages[k].found && (double)n >= coverages[k] * (double)self->n)
            self->coverages[k] = point;
    }
    for (size_t k = 0; k < EVALUATION_TARGETS; k++) {
        if (evaluation_share(errors, n) <= targets[k])
            self->targets[k] = point;
    }
}

/* The area is the mean error rate over all coverages (Geifman et al., Bias-reduced uncertainty estimation, ICLR 2019);
 * the best there could be puts every error behind every right row. */
static void trace_curve(struct evaluation *self)
{
    size_t errors = 0, wrong = self->n - self->right;

    qsort(self->outcomes, self->n, sizeof *self->outcomes, by_falling_confidence);
    for (size_t i = 0, end; i < self->n; i = end) {
        end = end_of_group(self, i);
        for (size_t k = i; k < end; k++)
            errors += !self->outcomes[k].correct;
        self->risk_area += evaluation_share(errors, end) * (double)(end - i) / (double)self->n;
        note_point(self, end, errors);
    }
    for (size_t k = 1; k <= wrong; k++)
        self->risk_area_best += (double)k / (double)(self->right + k) / (double)self->n;
    for (size_t k = 0; k < EVALUATION_COVERAGES; k++)
        self->coverages[k].wanted = coverages[k];
    for (size_t k = 0; k < EVALUATION_TARGETS; k++)
        self->targets[k].wanted = targets[k];
}

/* ---- out of scope ---- */

static void widen(struct scope_figures *self, const double *scores, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        self->low = fmin(self->low, scores[i]);
        self->high = fmax(self->high, scores[i]);
    }
}

static void fill_bins(const struct scope_figures *self, const double *scores, size_t n, size_t *bins)
{
    double width = self->high - self->low;

    for (size_t i = 0; i < n; i++) {
        size_t bin = width > 0 ? (size_t)((scores[i] - self->low) / width * EVALUATION_SCOPE_BINS) : 0;
        bins[bin < EVALUATION_SCOPE_BINS ? bin : EVALUATION_SCOPE_BINS - 1]++;
    }
}

static double *scores_of(const struct seen *seen, size_t n)
{
    double *scores = mem_array(n + 1, sizeof *scores);

    for (size_t i = 0; i < n; i++)
        scores[i] = seen[i].prediction.scope_score;
    return scores;
}

static void count_scope(struct scope_figures *self, const struct seen *in, size_t n_in, const struct seen *out,
                        size_t n_out)
{
    double *in_scores = scores_of(in, n_in), *out_scores = scores_of(out, n_out);

    self->n = n_out;
    for (size_t i = 0; i < n_in; i++)
        self->in_scope_passed += in[i].prediction.in_scope;
    for (size_t i = 0; i < n_out; i++)
        self->passed += out[i].prediction.in_scope;
    self->auroc = stats_auroc(in_scores, n_in, out_scores, n_out);
    self->low = INFINITY;
    self->high = -INFINITY;
    widen(self, in_scores, n_in);
    widen(self, out_scores, n_out);
    fill_bins(self, in_scores, n_in, self->in);
    fill_bins(self, out_scores, n_out, self->out);
    mem_free(in_scores);
    mem_free(out_scores);
}

/* ---- the promise ---- */

static void count_promised(struct evaluation *self, const struct rows *rows, const struct seen *in,
                           const struct seen *out)
{
    struct promise_figures *figures = &self->promised;
    double s = self->promise.oos_share, right, wrong;

    for (size_t i = 0; i < rows->n; i++) {
        if (!promise_accepts(&self->promise, &in[i].prediction))
            continue;
        figures->accepted++;
        figures->errors += strcmp(in[i].prediction.top[0].label, rows->rows[i].label) != 0;
    }
    for (size_t i = 0; i < self->scope.n; i++)
        figures->oos_accepted += promise_accepts(&self->promise, &out[i].prediction);
    figures->upper =
        figures->accepted ? stats_binomial_upper(figures->errors, figures->accepted, 1 - self->promise.confidence) : 1;
    right = (1 - s) * evaluation_share(figures->accepted - figures->errors, rows->n);
    wrong = (1 - s) * evaluation_share(figures->errors, rows->n);
    wrong += s * evaluation_share(figures->oos_accepted, self->scope.n);
    figures->mixed = right + wrong > 0 ? wrong / (right + wrong) : 0;
}

/* ---- all of it ---- */

void evaluation_make(const struct evaluation_input *input, struct evaluation *ret_evaluation)
{
    struct evaluation self = {.has_scope = input->oos != NULL, .has_promise = input->promise != NULL};
    struct seen *in = predict_all(input, input->rows);
    struct seen *out = input->oos ? predict_all(input, input->oos) : NULL;

    count_cost(&self, in, input->rows->n);
    collect_classes(&self, input->model, input->rows);
    self.pairs = mem_array(input->rows->n, sizeof *self.pairs);
    self.outcomes = mem_array(input->rows->n, sizeof *self.outcomes);
    for (size_t i = 0; i < input->rows->n; i++)
        count_row(&self, input->rows->rows[i].label, &in[i].prediction);
    gather_pairs(&self);
    count_unknown(&self, input->model);
    count_classes(&self);
    self.ece = stats_ece(self.outcomes, self.n, self.bins);
    self.ece_if_perfect = stats_ece_if_perfect(self.outcomes, self.n);
    trace_curve(&self);
    if (input->oos)
        count_scope(&self.scope, in, input->rows->n, out, input->oos->n);
    if (input->promise) {
        self.promise = *input->promise;
        count_promised(&self, input->rows, in, out);
    }
    mem_free(in);
    mem_free(out);
    *ret_evaluation = self;
}

void evaluation_done(struct evaluation *self)
{
    mem_free(self->classes);
    mem_free(self->pairs);
    mem_free(self->outcomes);
    *self = (struct evaluation){0};
}
