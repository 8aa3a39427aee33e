/* triaged evaluate: how good a model is on labelled rows that it was not trained on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/rows.h"
#include "decide/stats.h"
#include "triage/classifier.h"

#define CONFUSIONS_SHOWN 15

struct options {
    const char *model, *data;
    bool json;
};

struct class_count {
    const char *label;
    size_t n, predicted, right;
};

struct evaluation {
    struct class_count *classes; /* sorted by label: the model's and the data's */
    size_t n_classes;
    uint32_t *confusion; /* n_classes x n_classes: true, predicted */
    struct outcome *outcomes;
    size_t n, right;
    double ece, ece_if_perfect, macro_f1, cpu_us;
};

static int help(void)
{
    puts("usage: triaged evaluate --model MODEL --data FILE [--json]\n\n"
         "Accuracy, macro F1, calibration error and cost on labelled rows, per class and with the pairs that are\n"
         "confused most. --json prints one object.");
    return 0;
}

static int parse(int argc, char **argv, struct options *self)
{
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i];
        if (strcmp(option, "--json") == 0) {
            self->json = true;
            continue;
        }
        if (strcmp(option, "--model") != 0 && strcmp(option, "--data") != 0)
            return cmd_misuse("evaluate", option);
        if (i + 1 >= argc)
            return cmd_needs_value("evaluate", option);
        *(strcmp(option, "--model") == 0 ? &self->model : &self->data) = argv[++i];
    }
    if (self->model && self->data)
        return 0;
    fputs("triaged evaluate: --model and --data are needed; try 'triaged evaluate --help'\n", stderr);
    return EX_USAGE;
}

/* ---- counting ---- */

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
    size_t n = 0, all = classifier_label_count(model) + rows->n;

    self->classes = mem_array(all, sizeof *self->classes);
    for (size_t i = 0; i < classifier_label_count(model); i++)
        self->classes[n++].label = classifier_label_at(model, i);
    for (size_t i = 0; i < rows->n; i++)
        self->classes[n++].label = rows->rows[i].label;
    qsort(self->classes, n, sizeof *self->classes, by_label);
    for (size_t i = 0; i < n; i++) {
        if (self->n_classes == 0 || strcmp(self->classes[self->n_classes - 1].label, self->classes[i].label) != 0)
            self->classes[self->n_classes++].label = self->classes[i].label;
    }
}

static void count_row(struct evaluation *self, const char *label, const struct prediction *prediction)
{
    size_t truth = class_of(self, label), guess = class_of(self, prediction->top[0].label);

    self->classes[truth].n++;
    self->classes[guess].predicted++;
    self->classes[truth].right += truth == guess;
    self->right += truth == guess;
    self->confusion[truth * self->n_classes + guess]++;
    self->outcomes[self->n++] = (struct outcome){prediction->top[0].confidence, truth == guess};
}

static double f1_of(const struct class_count *class)
{
    return class->n + class->predicted ? 2.0 * (double)class->right / (double)(class->n + class->predicted) : 0;
}

/* Over the classes that the data have. */
static double macro_f1(const struct evaluation *self)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < self->n_classes; i++) {
        if (self->classes[i].n == 0)
            continue;
        sum += f1_of(&self->classes[i]);
        n++;
    }
    return n ? sum / (double)n : 0;
}

static void evaluate(struct evaluation *self, const struct classifier *model, const struct rows *rows)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    struct prediction *predictions = mem_array(rows->n, sizeof *predictions);
    int64_t began;

    collect_classes(self, model, rows);
    self->confusion = mem_array(self->n_classes * self->n_classes, sizeof *self->confusion);
    self->outcomes = mem_array(rows->n, sizeof *self->outcomes);
    began = clock_cpu_us();
    for (size_t i = 0; i < rows->n; i++)
        classifier_predict(model, scratch, &rows->rows[i].text, &predictions[i]);
    self->cpu_us = rows->n ? (double)(clock_cpu_us() - began) / (double)rows->n : 0;
    for (size_t i = 0; i < rows->n; i++)
        count_row(self, rows->rows[i].label, &predictions[i]);
    self->ece = stats_ece(self->outcomes, self->n, NULL);
    self->ece_if_perfect = stats_ece_if_perfect(self->outcomes, self->n);
    self->macro_f1 = macro_f1(self);
    mem_free(predictions);
    classifier_scratch_free(scratch);
}

static void evaluation_done(struct evaluation *self)
{
    mem_free(self->classes);
    mem_free(self->confusion);
    mem_free(self->outcomes);
}

/* ---- showing ---- */

struct pair {
    size_t truth, guess, n;
};

static int by_count(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;

    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    if (one->truth != other->truth)
        return one->truth < other->truth ? -1 : 1;
    return (one->guess > other->guess) - (one->guess < other->guess);
}

static size_t top_confusions(const struct evaluation *self, struct pair ret_pairs[CONFUSIONS_SHOWN])
{
    struct pair *pairs = mem_array(self->n + 1, sizeof *pairs);
    size_t n = 0, shown;

    for (size_t t = 0; t < self->n_classes; t++) {
        for (size_t g = 0; g < self->n_classes; g++) {
            size_t count = self->confusion[t * self->n_classes + g];
            if (t != g && count > 0)
                pairs[n++] = (struct pair){t, g, count};
        }
    }
    qsort(pairs, n, sizeof *pairs, by_count);
    shown = n < CONFUSIONS_SHOWN ? n : CONFUSIONS_SHOWN;
    memcpy(ret_pairs, pairs, shown * sizeof *pairs);
    mem_free(pairs);
    return shown;
}

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static void print_table(const struct evaluation *self)
{
    struct pair pairs[CONFUSIONS_SHOWN];
    size_t n_pairs = top_confusions(self, pairs);

    printf("rows               %zu\naccuracy           %.4f\nmacro F1           %.4f\n", self->n,
           share(self->right, self->n), self->macro_f1);
    printf("calibration error  %.4f (a perfectly calibrated model would show %.4f)\nCPU per text       %.1f us\n\n",
           self->ece, self->ece_if_perfect, self->cpu_us);
    printf("%-40s %7s %9s %9s %7s\n", "class", "rows", "precision", "recall", "F1");
    for (size_t i = 0; i < self->n_classes; i++) {
        const struct class_count *class = &self->classes[i];
        if (class->n + class->predicted > 0)
            printf("%-40s %7zu %9.3f %9.3f %7.3f\n", class->label, class->n, share(class->right, class->predicted),
                   share(class->right, class->n), f1_of(class));
    }
    if (n_pairs)
        printf("\n%-7s %-40s %s\n", "rows", "true", "predicted");
    for (size_t i = 0; i < n_pairs; i++)
        printf("%-7zu %-40s %s\n", pairs[i].n, self->classes[pairs[i].truth].label,
               self->classes[pairs[i].guess].label);
}

static void add_classes(const struct evaluation *self, cJSON *doc)
{
    cJSON *classes = cJSON_AddArrayToObject(doc, "classes");

    for (size_t i = 0; i < self->n_classes; i++) {
        const struct class_count *class = &self->classes[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", class->label);
        cJSON_AddNumberToObject(item, "n", (double)class->n);
        cJSON_AddNumberToObject(item, "precision", share(class->right, class->predicted));
        cJSON_AddNumberToObject(item, "recall", share(class->right, class->n));
        cJSON_AddNumberToObject(item, "f1", f1_of(class));
        cJSON_AddItemToArray(classes, item);
    }
}

static void add_confusions(const struct evaluation *self, cJSON *doc)
{
    struct pair pairs[CONFUSIONS_SHOWN];
    size_t n_pairs = top_confusions(self, pairs);
    cJSON *confusions = cJSON_AddArrayToObject(doc, "confusions");

    for (size_t i = 0; i < n_pairs; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", self->classes[pairs[i].truth].label);
        cJSON_AddStringToObject(item, "predicted", self->classes[pairs[i].guess].label);
        cJSON_AddNumberToObject(item, "n", (double)pairs[i].n);
        cJSON_AddItemToArray(confusions, item);
    }
}

static void print_json(const struct evaluation *self, const struct classifier *model)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(mem_freep) char *text = NULL;

    cJSON_AddNumberToObject(doc, "n", (double)self->n);
    cJSON_AddNumberToObject(doc, "accuracy", share(self->right, self->n));
    cJSON_AddNumberToObject(doc, "macro_f1", self->macro_f1);
    cJSON_AddNumberToObject(doc, "ece", self->ece);
    cJSON_AddNumberToObject(doc, "ece_if_perfect", self->ece_if_perfect);
    cJSON_AddNumberToObject(doc, "cpu_us_per_text", self->cpu_us);
    cJSON_AddStringToObject(doc, "model", classifier_hash(model));
    add_classes(self, doc);
    add_confusions(self, doc);
    text = json_text(doc);
    puts(text);
}

int cmd_evaluate(int argc, char **argv)
{
    struct options options = {0};
    CLEANUP(rows_done) struct rows rows = {0};
    struct classifier *model = NULL;
    struct evaluation evaluation = {0};
    struct err err = {0};
    int code;

    if (cmd_wants_help(argc, argv))
        return help();
    code = parse(argc, argv, &options);
    if (code)
        return code;
    if (classifier_load(options.model, &model, &err) < 0)
        return cmd_fail("evaluate", &err);
    if (rows_read(&options.data, 1, &rows, &err) < 0) {
        classifier_free(model);
        return cmd_fail("evaluate", &err);
    }
    evaluate(&evaluation, model, &rows);
    if (options.json)
        print_json(&evaluation, model);
    else
        print_table(&evaluation);
    if (rows.n_bad)
        fprintf(stderr, "triaged evaluate: %zu lines were passed over, the first: %s\n", rows.n_bad, rows.first_bad);
    evaluation_done(&evaluation);
    classifier_free(model);
    return rows.n_bad ? EX_DATAERR : 0;
}
