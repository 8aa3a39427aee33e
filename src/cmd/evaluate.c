/* triaged evaluate: how good a model is on labelled rows that it was not trained on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "evaluation/evaluation.h"
#include "evaluation/language_opinion.h"
#include "evaluation/report_html.h"

#define OPINION_ROWS_MOST 1000000

struct options {
    const char *model, *data, *oos, *promise, *html, *opinion, *target;
    struct opinion asked;
    int64_t opinion_rows;
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--model", "MODEL", OPTION_TEXT, model, "the model file"),
    ROW_NEEDED("--data", "FILE|FOLDER", OPTION_TEXT, data,
               "labelled rows, JSON Lines {id, subject, body, sender, channel, label}, or a folder of them"),
    ROW_TEXT("--oos", "FILE", oos, "rows that belong to no class: how well they are told apart"),
    ROW_TEXT("--promise", "FILE", promise, "what this promise would accept of the rows, and what of that is wrong"),
    ROW_FLAG("--json", json, "one object instead of the tables"),
    ROW_TEXT("--html", "FILE", html, "also write a report with plots; it opens in any browser and needs nothing else"),
    ROW_TEXT("--opinion", "FILE", opinion,
             "also asks the language model for the label, as the worker of this configuration would with "
             "model.label_opinion: how often it agrees, and who is right where it does not"),
    ROW_INTEGER("--opinion-rows", "N", opinion_rows, 1, OPINION_ROWS_MOST,
                "on so many rows, evenly spaced (default: 100); each is a call of the model server"),
    ROW_TARGET(target),
    ROWS_OPINION(asked),
};
static const struct option_table table_of_options = {
    .command = "evaluate",
    .about = "Measures a model on labelled rows that it was not trained on: accuracy, macro F1 (the mean over the "
             "classes that the data have), each class, the pairs confused most, calibration, how many errors remain at "
             "which coverage, and the CPU time of a text.",
    OPTION_ROWS(option_rows),
    .example = "triaged evaluate --model model.bin --data test.jsonl --html report.html",
};
_Static_assert(LANGUAGE_OPINION_ROWS == 100, "the help says so");

/* ---- as tables ---- */

static void print_classes(const struct evaluation *self)
{
    printf("\n%-40s %7s %9s %9s %7s\n", "class", "rows", "precision", "recall", "F1");
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct class_count *class = &self->classes[i];
        if (class->n + class->predicted > 0)
            printf("%-40s %7zu %9.3f %9.3f %7.3f\n", class->label, class->n,
                   evaluation_share(class->right, class->predicted), evaluation_share(class->right, class->n),
                   evaluation_f1(class));
    }
    for (size_t i = 0; i < self->n_pairs && i < EVALUATION_PAIRS_SHOWN; i++) {
        if (i == 0)
            printf("\n%-7s %-40s %s\n", "rows", "true", "predicted");
        printf("%-7zu %-40s %s\n", self->pairs[i].n, self->classes[self->pairs[i].truth].label,
               self->classes[self->pairs[i].guess].label);
    }
}

static void print_calibration(const struct evaluation *self)
{
    printf("\n%-13s %7s %10s %10s\n", "confidence", "rows", "mean", "right");
    for (int b = 0; b < STATS_ECE_BINS; b++) {
        const struct reliability_bin *bin = &self->bins[b];
        if (bin->n > 0)
            printf("%.3f - %.3f %7zu %10.3f %10.3f\n", (double)b / STATS_ECE_BINS, (double)(b + 1) / STATS_ECE_BINS,
                   bin->n, bin->confidence, bin->accuracy);
    }
}

static void print_point(const char *what, const struct evaluation *self, const struct risk_point *point)
{
    if (point->found)
        printf("%s %5.1f %% %9.3f %12zu %7zu %8.2f %%\n", what, 100 * evaluation_share(point->n, self->n),
               point->threshold, point->n, point->errors, 100 * evaluation_share(point->errors, point->n));
    else
        printf("%s  none: the most confident rows have more errors than that\n", what);
}

static void print_curve(const struct evaluation *self)
{
    char what[32];

    printf("\n%-17s %7s %9s %12s %7s %10s\n", "asked for", "coverage", "threshold", "rows covered", "wrong",
           "error rate");
    for (size_t k = 0; k < EVALUATION_COVERAGES; k++) {
        snprintf(what, sizeof what, "coverage %6.0f %%", 100 * self->coverages[k].wanted);
        print_point(what, self, &self->coverages[k]);
    }
    for (size_t k = 0; k < EVALUATION_TARGETS; k++) {
        snprintf(what, sizeof what, "errors <= %5.0f %%", 100 * self->targets[k].wanted);
        print_point(what, self, &self->targets[k]);
    }
    printf("These thresholds fit these rows. 'triaged calibrate' finds the one that can be promised.\n");
}

static void print_promise(const struct evaluation *self)
{
    const struct promise *promise = &self->promise;
    const struct promise_figures *figures = &self->promised;

    if (!promise->certified) {
        printf("\nThe promise has no threshold: it accepts nothing.\n");
        return;
    }
    printf("\npromise            at most %.1f %% wrong, with confidence %.2f\n", 100 * promise->max_error,
           promise->confidence);
    printf("accepted           %zu of %zu rows (%.1f %%)\n", figures->accepted, self->n,
           100 * evaluation_share(figures->accepted, self->n));
    printf("wrong among them   %zu (%.2f %%, at most %.2f %% with confidence %.2f)\n", figures->errors,
           100 * evaluation_share(figures->errors, figures->accepted), 100 * figures->upper, promise->confidence);
    if (self->has_scope && self->scope.n > 0)
        printf("out of scope       %zu of %zu accepted; at a share of %.2f of all tickets, %.2f %% of the accepted are "
               "wrong\n",
               figures->oos_accepted, self->scope.n, promise->oos_share, 100 * figures->mixed);
}

static void print_tables(const struct evaluation *self)
{
    printf("rows               %zu\naccuracy           %.4f (%.0f %% interval %.4f to %.4f)\n", self->n,
           evaluation_share(self->right, self->n), 100 * EVALUATION_INTERVAL, self->accuracy_low, self->accuracy_high);
    printf("macro F1           %.4f (mean over the %zu classes in the data)\n", self->macro_f1, self->n_macro);
    printf("calibration error  %.4f (a perfectly calibrated model would show %.4f)\n", self->ece, self->ece_if_perfect);
    printf("risk-coverage area %.4f (the least at this accuracy: %.4f)\n", self->risk_area, self->risk_area_best);
    if (self->has_scope)
        printf("out-of-scope AUROC %.4f (%zu rows; the gate lets %.1f %% of them pass, and %.1f %% of the others)\n",
               self->scope.auroc, self->scope.n, 100 * evaluation_share(self->scope.passed, self->scope.n),
               100 * evaluation_share(self->scope.in_scope_passed, self->n));
    printf("CPU per text       %.1f us (half below %.0f us, 99 %% below %.0f us)\n", self->cpu_us, self->cpu_us_p50,
           self->cpu_us_p99);
    if (self->has_promise)
        print_promise(self);
    print_calibration(self);
    print_curve(self);
    print_classes(self);
}

/* ---- as JSON ---- */

static void add_classes(const struct evaluation *self, cJSON *doc)
{
    cJSON *classes = cJSON_AddArrayToObject(doc, "classes");
    cJSON *confusions = cJSON_AddArrayToObject(doc, "confusions");

    for (size_t i = 0; i < self->n_classes; i++) {
        const struct class_count *class = &self->classes[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", class->label);
        cJSON_AddNumberToObject(item, "n", (double)class->n);
        cJSON_AddNumberToObject(item, "precision", evaluation_share(class->right, class->predicted));
        cJSON_AddNumberToObject(item, "recall", evaluation_share(class->right, class->n));
        cJSON_AddNumberToObject(item, "f1", evaluation_f1(class));
        cJSON_AddItemToArray(classes, item);
    }
    for (size_t i = 0; i < self->n_pairs && i < EVALUATION_PAIRS_SHOWN; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", self->classes[self->pairs[i].truth].label);
        cJSON_AddStringToObject(item, "predicted", self->classes[self->pairs[i].guess].label);
        cJSON_AddNumberToObject(item, "n", (double)self->pairs[i].n);
        cJSON_AddItemToArray(confusions, item);
    }
}

static void add_calibration(const struct evaluation *self, cJSON *doc)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "reliability");

    for (int b = 0; b < STATS_ECE_BINS; b++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "from", (double)b / STATS_ECE_BINS);
        cJSON_AddNumberToObject(item, "to", (double)(b + 1) / STATS_ECE_BINS);
        cJSON_AddNumberToObject(item, "n", (double)self->bins[b].n);
        cJSON_AddNumberToObject(item, "confidence", self->bins[b].confidence);
        cJSON_AddNumberToObject(item, "accuracy", self->bins[b].accuracy);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_points(const struct evaluation *self, const struct risk_point *points, size_t n, const char *wanted,
                       cJSON *list)
{
    for (size_t k = 0; k < n; k++) {
        const struct risk_point *point = &points[k];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, wanted, point->wanted);
        cJSON_AddNumberToObject(item, "coverage", evaluation_share(point->n, self->n));
        cJSON_AddNumberToObject(item, "n", (double)point->n);
        cJSON_AddNumberToObject(item, "errors", (double)point->errors);
        cJSON_AddNumberToObject(item, "error_rate", evaluation_share(point->errors, point->n));
        if (point->found)
            cJSON_AddNumberToObject(item, "threshold", point->threshold);
        else
            cJSON_AddNullToObject(item, "threshold");
        cJSON_AddItemToArray(list, item);
    }
}

static void add_risk(const struct evaluation *self, cJSON *doc)
{
    cJSON_AddNumberToObject(doc, "risk_coverage_area", self->risk_area);
    cJSON_AddNumberToObject(doc, "risk_coverage_area_best", self->risk_area_best);
    add_points(self, self->coverages, EVALUATION_COVERAGES, "coverage_wanted",
               cJSON_AddArrayToObject(doc, "at_coverage"));
    add_points(self, self->targets, EVALUATION_TARGETS, "error_rate_wanted",
               cJSON_AddArrayToObject(doc, "at_error_rate"));
}

static void add_optional(const struct evaluation *self, cJSON *doc)
{
    if (self->has_scope) {
        cJSON_AddNumberToObject(doc, "n_oos", (double)self->scope.n);
        cJSON_AddNumberToObject(doc, "oos_auroc", self->scope.auroc);
        cJSON_AddNumberToObject(doc, "oos_passed", evaluation_share(self->scope.passed, self->scope.n));
        cJSON_AddNumberToObject(doc, "in_scope_passed", evaluation_share(self->scope.in_scope_passed, self->n));
    }
    if (self->has_promise) {
        const struct promise_figures *figures = &self->promised;
        cJSON *promise = cJSON_AddObjectToObject(doc, "promise");
        cJSON_AddBoolToObject(promise, "certified", self->promise.certified);
        cJSON_AddNumberToObject(promise, "max_error", self->promise.max_error);
        cJSON_AddNumberToObject(promise, "accepted", (double)figures->accepted);
        cJSON_AddNumberToObject(promise, "errors", (double)figures->errors);
        cJSON_AddNumberToObject(promise, "oos_accepted", (double)figures->oos_accepted);
        cJSON_AddNumberToObject(promise, "coverage", evaluation_share(figures->accepted, self->n));
        cJSON_AddNumberToObject(promise, "error_rate", evaluation_share(figures->errors, figures->accepted));
        cJSON_AddNumberToObject(promise, "error_rate_mixture", figures->mixed);
        cJSON_AddNumberToObject(promise, "error_rate_upper", figures->upper);
    }
}

static void print_json(const struct evaluation *self, const char *model_hash, const struct language_opinion *opinion)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "n", (double)self->n);
    cJSON_AddNumberToObject(doc, "accuracy", evaluation_share(self->right, self->n));
    cJSON_AddNumberToObject(doc, "accuracy_low", self->accuracy_low);
    cJSON_AddNumberToObject(doc, "accuracy_high", self->accuracy_high);
    cJSON_AddNumberToObject(doc, "macro_f1", self->macro_f1);
    cJSON_AddNumberToObject(doc, "macro_f1_classes", (double)self->n_macro);
    cJSON_AddNumberToObject(doc, "unknown_label_rows", (double)self->n_unknown);
    cJSON_AddNumberToObject(doc, "ece", self->ece);
    cJSON_AddNumberToObject(doc, "ece_if_perfect", self->ece_if_perfect);
    cJSON_AddNumberToObject(doc, "cpu_us_per_text", self->cpu_us);
    cJSON_AddNumberToObject(doc, "cpu_us_p50", self->cpu_us_p50);
    cJSON_AddNumberToObject(doc, "cpu_us_p99", self->cpu_us_p99);
    add_optional(self, doc);
    add_risk(self, doc);
    cJSON_AddStringToObject(doc, "model", model_hash);
    add_calibration(self, doc);
    add_classes(self, doc);
    if (opinion)
        cJSON_AddItemToObject(doc, "opinion", language_opinion_json(opinion));
    jsonl_print(doc);
}

/* ---- as a page ---- */

static int write_html(const struct options *options, const struct evaluation *evaluation, const char *model_hash,
                      const char *data_hash, struct err *reterr)
{
    char date[CLOCK_RFC3339_MAX];
    const struct report_origin origin = {.model = options->model,
                                         .model_hash = model_hash,
                                         .data = options->data,
                                         .data_hash = data_hash,
                                         .oos = options->oos,
                                         .date = clock_rfc3339(clock_wall_us(), date)};
    CLEANUP(mem_freep) char *page = report_html(evaluation, &origin);
    FILE *out = fopen(options->html, "we");
    bool written;

    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write the report %s: %s", options->html,
                       strerror(errno));
    written = fputs(page, out) >= 0;
    if (fclose(out) != 0 || !written)
        return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write the report %s: %s", options->html,
                       strerror(errno));
    return 0;
}

/* ---- the command ---- */

struct inputs {
    struct classifier *model;
    struct classifier_scratch *scratch;
    struct rows rows, oos;
    struct promise promise;
    struct language_opinion opinion;
};

static void inputs_done(struct inputs *self)
{
    classifier_scratch_free(self->scratch);
    classifier_free(self->model);
    rows_done(&self->rows);
    rows_done(&self->oos);
}

static int open_inputs(const struct options *options, struct inputs *self, struct err *reterr)
{
    if (classifier_load(options->model, &self->model, reterr) < 0 ||
        (options->promise && promise_load(options->promise, self->model, &self->promise, reterr) < 0) ||
        rows_read(&options->data, 1, options->target, &self->rows, reterr) < 0 ||
        (options->oos && rows_read(&options->oos, 1, options->target, &self->oos, reterr) < 0))
        return -1;
    rows_drop_unlabelled(&self->rows);
    if (self->rows.n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s has no labelled row%s%s; give rows with id, body and label", options->data,
                       self->rows.n_bad ? "; the first bad line: " : "", self->rows.first_bad);
    if (options->oos && self->oos.n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s has no row; leave --oos out or give out-of-scope tickets",
                       options->oos);
    return 0;
}

static int ask_opinion(const struct options *options, struct inputs *inputs, struct err *reterr)
{
    return language_opinion_measure(options->opinion, inputs->model, &inputs->rows, (size_t)options->opinion_rows,
                                    &inputs->opinion, reterr);
}

static void warn(const struct rows *rows, const struct evaluation *evaluation)
{
    if (rows->n_bad)
        fprintf(stderr, "triaged evaluate: %zu lines were passed over, the first: %s\n", rows->n_bad, rows->first_bad);
    if (evaluation && evaluation->n_unknown)
        fprintf(stderr,
                "triaged evaluate: %zu rows have a label that the model does not know (%zu labels) and count as wrong; "
                "train with those classes or leave the rows out\n",
                evaluation->n_unknown, evaluation->n_unknown_labels);
}

int cmd_evaluate(int argc, char **argv)
{
    struct options options = {.opinion_rows = LANGUAGE_OPINION_ROWS};
    CLEANUP(inputs_done) struct inputs inputs = {0};
    CLEANUP(evaluation_done) struct evaluation evaluation = {0};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (open_inputs(&options, &inputs, &err) < 0)
        return cmd_fail("evaluate", &err);
    inputs.scratch = opinion_scratch(&options.asked, "evaluate", inputs.model);
    if (!inputs.scratch)
        return EX_NOINPUT;
    const struct evaluation_input input = {.model = inputs.model,
                                           .scratch = inputs.scratch,
                                           .rows = &inputs.rows,
                                           .oos = options.oos ? &inputs.oos : NULL,
                                           .promise = options.promise ? &inputs.promise : NULL};
    evaluation_make(&input, &evaluation);
    if (options.opinion && ask_opinion(&options, &inputs, &err) < 0)
        return cmd_fail("evaluate", &err);
    if (options.json)
        print_json(&evaluation, classifier_hash(inputs.model), options.opinion ? &inputs.opinion : NULL);
    else
        print_tables(&evaluation);
    if (options.opinion && !options.json)
        language_opinion_print(&inputs.opinion);
    warn(&inputs.rows, &evaluation);
    warn(&inputs.oos, NULL);
    if (options.html && write_html(&options, &evaluation, classifier_hash(inputs.model), inputs.rows.hash, &err) < 0)
        return cmd_fail("evaluate", &err);
    return inputs.rows.n_bad + inputs.oos.n_bad ? EX_DATAERR : 0;
}
