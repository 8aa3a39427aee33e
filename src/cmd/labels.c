/* triaged labels: what is wrong with the classes and the labels, with examples and what to do about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "decide/linear.h"
#include "decide/taxonomy.h"
#include "evaluation/rows.h"
#include "triage/policy.h"

#define FINDINGS_SHOWN  10   /* of a kind; --json has all */
#define EXAMPLES_SHOWN  3    /* of a cluster or a group of equal texts */
#define SNIPPET_MAX     80   /* bytes of a ticket's text as shown */
#define GOOD_WITNESS    0.8  /* accuracy below which a confident contradiction is often the model's fault */
#define SAID_ROWS_LEAST 2000 /* fewer are done before anybody wonders */

struct options {
    const char *data, *model, *policy;
    bool json;
};

/* Everything that findings are printed from. */
struct report {
    struct rows rows;
    struct corpus *corpus;
    struct classifier *model; /* NULL: predictions out of fold */
    struct policy *policy;    /* NULL without */
    struct held_guess *guesses;
    struct taxonomy taxonomy;
    size_t right;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--data", "FILE|FOLDER", OPTION_TEXT, data,
               "labelled rows, JSON Lines {id, subject, body, sender, channel, label}"),
    ROW_TEXT("--model", "FILE", model, "judge by this model instead of training"),
    ROW_TEXT("--policy", "FILE", policy, "also compare the classes with those of the policy"),
    ROW_FLAG("--json", json, "one object with all findings"),
};
static const struct option_table table_of_options = {
    .command = "labels",
    .about = "Looks for what keeps a model from being better than its labels: classes that overlap, classes with too "
             "few tickets or none, tickets that seem to want a class of their own, equal texts with different labels, "
             "duplicates, and labels that are likely wrong. Each finding comes with examples and with what to do.",
    OPTION_ROWS(option_rows),
    .notes = "Each ticket is judged by a model that did not see it: trained on the other tickets (out of fold), or the "
             "one given by --model, which must not have been trained on them.",
    .example = "triaged labels --data tickets.jsonl --policy policy.yaml",
};

/* ---- reading the report ---- */

static const struct example *row_at(const struct report *self, size_t row)
{
    return &self->rows.rows[row];
}

/* Guesses beyond the labels of the data are labels of the model. */
static const char *label_name(const struct report *self, uint32_t label)
{
    if (label < self->corpus->n_labels)
        return self->corpus->labels[label];
    return classifier_label_at(self->model, label - self->corpus->n_labels);
}

static uint32_t label_of(const struct report *self, size_t row)
{
    return self->corpus->rows[row].label;
}

static size_t rows_of_label(const struct report *self, const char *label)
{
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (strcmp(self->corpus->labels[k], label) == 0)
            return self->taxonomy.class_rows[k];
    }
    return 0;
}

/* Subject and beginning of the body on one line. */
static char *snippet(const struct classifier_text *text, char out[SNIPPET_MAX])
{
    CLEANUP(buf_free) struct buf all = {0};

    buf_printf(&all, "%s%s%.*s", text->subject, text->subject[0] && text->body[0] ? ": " : "", SNIPPET_MAX, text->body);
    return utf8_line(all.data, all.len, out, SNIPPET_MAX);
}

/* How many rows of a list carry each label, most first. */
struct tally {
    uint32_t label;
    size_t n;
};

static int by_tally(const void *a, const void *b)
{
    const struct tally *one = a, *other = b;

    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    return (one->label > other->label) - (one->label < other->label);
}

static struct tally *tally_of(const struct report *self, const size_t *rows, size_t n, size_t *ret_n)
{
    struct tally *tally = mem_array(n + 1, sizeof *tally);
    size_t n_tally = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n_tally && tally[k].label != label_of(self, rows[i]))
            k++;
        if (k == n_tally)
            tally[n_tally++] = (struct tally){label_of(self, rows[i]), 0};
        tally[k].n++;
    }
    qsort(tally, n_tally, sizeof *tally, by_tally);
    *ret_n = n_tally;
    return tally;
}

/* ---- as text ---- */

static void heading(size_t n, const char *what, const char *advice)
{
    printf("\n%s: %zu\n", what, n);
    if (n > 0)
        printf("  What to do: %s\n", advice);
}

static void more(size_t n, size_t shown)
{
    if (n > shown)
        printf("  ... and %zu more; --json lists all\n", n - shown);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void print_row(const struct report *self, size_t row)
{
    const struct held_guess *guess = &self->guesses[row];
    char text[SNIPPET_MAX];

    printf("    %-20s labelled %s, looks like %s (%.2f): %s\n", row_at(self, row)->id,
           label_name(self, label_of(self, row)), label_name(self, guess->guess), guess->confidence,
           snippet(&row_at(self, row)->text, text));
}

static void print_tally(const struct report *self, const size_t *rows, size_t n)
{
    size_t n_tally;
    CLEANUP(mem_freep) struct tally *tally = tally_of(self, rows, n, &n_tally);

    for (size_t i = 0; i < n_tally && i < EXAMPLES_SHOWN; i++)
        printf("%s%s %zu", i ? ", " : "", label_name(self, tally[i].label), tally[i].n);
    printf("%s", n_tally > EXAMPLES_SHOWN ? ", ..." : "");
}

static void print_overlaps(const struct report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_overlaps, "Classes that overlap",
            "merge the two where nobody needs the difference; else write down what tells them apart and label the\n"
            "  examples again by it.");
    for (size_t i = 0; i < least(taxonomy->n_overlaps, FINDINGS_SHOWN); i++) {
        const struct overlap *overlap = &taxonomy->overlaps[i];
        printf("  %s and %s: %.0f %% of their tickets are taken for the other (%zu and %zu)\n",
               label_name(self, overlap->one), label_name(self, overlap->other), 100 * overlap->share,
               overlap->one_as_other, overlap->other_as_one);
        for (size_t k = 0; k < overlap->n_examples; k++)
            print_row(self, overlap->examples[k]);
    }
    more(taxonomy->n_overlaps, FINDINGS_SHOWN);
}

static size_t count_thin(const struct report *self)
{
    size_t n = 0;

    for (size_t k = 0; k < self->corpus->n_labels; k++)
        n += self->taxonomy.class_rows[k] < TAXONOMY_THIN_ROWS;
    return n;
}

static void print_thin(const struct report *self)
{
    heading(count_thin(self), "Classes with too few tickets to learn from",
            "label more of them, or fold them into a neighbour.");
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (self->taxonomy.class_rows[k] < TAXONOMY_THIN_ROWS)
            printf("  %s: %zu\n", self->corpus->labels[k], self->taxonomy.class_rows[k]);
    }
}

static void print_policy(const struct report *self)
{
    size_t dead = 0, unknown = 0;

    if (!self->policy)
        return;
    for (size_t i = 0; i < policy_class_count(self->policy); i++)
        dead += rows_of_label(self, policy_class_at(self->policy, i)->label) == 0;
    for (size_t k = 0; k < self->corpus->n_labels; k++)
        unknown += policy_class_find(self->policy, self->corpus->labels[k]) == NULL;
    heading(dead, "Classes of the policy without a single ticket", "label some, or take the class out of the policy.");
    for (size_t i = 0; i < policy_class_count(self->policy); i++) {
        if (rows_of_label(self, policy_class_at(self->policy, i)->label) == 0)
            printf("  %s\n", policy_class_at(self->policy, i)->label);
    }
    heading(unknown, "Labels that the policy does not know",
            "correct the spelling, or add the class to the policy; the worker refuses a model with such a label.");
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (!policy_class_find(self->policy, self->corpus->labels[k]))
            printf("  %s: %zu\n", self->corpus->labels[k], self->taxonomy.class_rows[k]);
    }
}

static void print_clusters(const struct report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_clusters, "Groups of like tickets that fit no class well",
            "where a group is a subject of its own, make it a class; where it is not, give its label more examples.");
    for (size_t i = 0; i < least(taxonomy->n_clusters, FINDINGS_SHOWN); i++) {
        const struct cluster *cluster = &taxonomy->clusters[i];
        const size_t *rows = taxonomy->cluster_rows + cluster->first;
        printf("  %zu tickets", cluster->n);
        for (size_t k = 0; k < cluster->n_ngrams; k++)
            printf("%s \"%s\"", k == 0 ? " with" : ",", cluster->ngrams[k]);
        printf(", labelled ");
        print_tally(self, rows, cluster->n);
        puts("");
        for (size_t k = 0; k < least(cluster->n, EXAMPLES_SHOWN); k++)
            print_row(self, rows[k]);
    }
    more(taxonomy->n_clusters, FINDINGS_SHOWN);
}

static void print_same(const struct report *self, bool conflict, size_t n)
{
    const struct taxonomy *taxonomy = &self->taxonomy;
    size_t shown = 0;
    char text[SNIPPET_MAX];

    for (size_t i = 0; i < taxonomy->n_same && shown < FINDINGS_SHOWN; i++) {
        const struct same_text *same = &taxonomy->same[i];
        const size_t *rows = taxonomy->same_rows + same->first;
        if (same->conflict != conflict)
            continue;
        shown++;
        printf("  %zu times, labelled ", same->n);
        print_tally(self, rows, same->n);
        printf(": %s\n    ", snippet(&row_at(self, rows[0])->text, text));
        for (size_t k = 0; k < least(same->n, EXAMPLES_SHOWN); k++)
            printf("%s%s", k ? ", " : "", row_at(self, rows[k])->id);
        puts(same->n > EXAMPLES_SHOWN ? ", ..." : "");
    }
    more(n, shown);
}

static void print_suspects(const struct report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;

    heading(taxonomy->n_suspects, "Labels that are likely wrong",
            "look at them, the first ones first; correct what is wrong and leave the rest.");
    if (taxonomy->n_suspects > 0 && (double)self->right < GOOD_WITNESS * (double)self->corpus->n_rows)
        puts(
            "  The model is no good witness here: it is often wrong itself, so most of these will be hard, not wrong.");
    for (size_t i = 0; i < least(taxonomy->n_suspects, FINDINGS_SHOWN); i++)
        print_row(self, taxonomy->suspects[i]);
    more(taxonomy->n_suspects, FINDINGS_SHOWN);
}

static void print_text(const struct report *self)
{
    const struct taxonomy *taxonomy = &self->taxonomy;
    size_t only_repeats = taxonomy->n_same - taxonomy->n_conflicts;

    printf("%zu tickets in %zu classes; %s puts %.1f %% of them where their label says\n", self->corpus->n_rows,
           self->corpus->n_labels, self->model ? "the model" : "a model that did not see them",
           100 * (double)self->right / (double)self->corpus->n_rows);
    heading(taxonomy->n_conflicts, "Equal texts with different labels",
            "decide which label is right; a model can't learn from both.");
    print_same(self, true, taxonomy->n_conflicts);
    print_suspects(self);
    print_overlaps(self);
    print_clusters(self);
    print_thin(self);
    print_policy(self);
    heading(only_repeats, "Equal texts with one label",
            "nothing for training, which keeps them together; but never split them between training and measuring.");
    print_same(self, false, only_repeats);
}

/* ---- as JSON ---- */

static cJSON *row_json(const struct report *self, size_t row)
{
    cJSON *item = cJSON_CreateObject();
    char text[SNIPPET_MAX];

    cJSON_AddStringToObject(item, "id", row_at(self, row)->id);
    cJSON_AddStringToObject(item, "label", label_name(self, label_of(self, row)));
    cJSON_AddStringToObject(item, "predicted", label_name(self, self->guesses[row].guess));
    cJSON_AddNumberToObject(item, "confidence", self->guesses[row].confidence);
    cJSON_AddStringToObject(item, "text", snippet(&row_at(self, row)->text, text));
    return item;
}

static void add_rows(const struct report *self, cJSON *list, const size_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, row_json(self, rows[i]));
}

static void add_overlaps(const struct report *self, cJSON *doc)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "overlapping");

    for (size_t i = 0; i < self->taxonomy.n_overlaps; i++) {
        const struct overlap *overlap = &self->taxonomy.overlaps[i];
        cJSON *item = cJSON_CreateObject(), *labels = cJSON_AddArrayToObject(item, "labels");
        cJSON_AddItemToArray(labels, cJSON_CreateString(label_name(self, overlap->one)));
        cJSON_AddItemToArray(labels, cJSON_CreateString(label_name(self, overlap->other)));
        cJSON_AddNumberToObject(item, "share", overlap->share);
        cJSON_AddNumberToObject(item, "first_as_second", (double)overlap->one_as_other);
        cJSON_AddNumberToObject(item, "second_as_first", (double)overlap->other_as_one);
        add_rows(self, cJSON_AddArrayToObject(item, "examples"), overlap->examples, overlap->n_examples);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_clusters(const struct report *self, cJSON *doc)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "missing");

    for (size_t i = 0; i < self->taxonomy.n_clusters; i++) {
        const struct cluster *cluster = &self->taxonomy.clusters[i];
        cJSON *item = cJSON_CreateObject(), *ngrams = cJSON_AddArrayToObject(item, "ngrams");
        for (size_t k = 0; k < cluster->n_ngrams; k++)
            cJSON_AddItemToArray(ngrams, cJSON_CreateString(cluster->ngrams[k]));
        add_rows(self, cJSON_AddArrayToObject(item, "rows"), self->taxonomy.cluster_rows + cluster->first, cluster->n);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_same(const struct report *self, cJSON *doc)
{
    cJSON *conflicts = cJSON_AddArrayToObject(doc, "conflicting"), *repeats = cJSON_AddArrayToObject(doc, "duplicates");

    for (size_t i = 0; i < self->taxonomy.n_same; i++) {
        const struct same_text *same = &self->taxonomy.same[i];
        cJSON *item = cJSON_CreateObject();
        add_rows(self, cJSON_AddArrayToObject(item, "rows"), self->taxonomy.same_rows + same->first, same->n);
        cJSON_AddItemToArray(same->conflict ? conflicts : repeats, item);
    }
    cJSON_AddNumberToObject(doc, "repeated_rows", (double)self->taxonomy.n_repeats);
}

static void add_classes(const struct report *self, cJSON *doc)
{
    cJSON *thin = cJSON_AddArrayToObject(doc, "thin");
    cJSON *dead, *unknown;

    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        cJSON *item;
        if (self->taxonomy.class_rows[k] >= TAXONOMY_THIN_ROWS)
            continue;
        item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", self->corpus->labels[k]);
        cJSON_AddNumberToObject(item, "n", (double)self->taxonomy.class_rows[k]);
        cJSON_AddItemToArray(thin, item);
    }
    if (!self->policy)
        return;
    dead = cJSON_AddArrayToObject(doc, "dead");
    unknown = cJSON_AddArrayToObject(doc, "unknown_to_policy");
    for (size_t i = 0; i < policy_class_count(self->policy); i++) {
        if (rows_of_label(self, policy_class_at(self->policy, i)->label) == 0)
            cJSON_AddItemToArray(dead, cJSON_CreateString(policy_class_at(self->policy, i)->label));
    }
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (!policy_class_find(self->policy, self->corpus->labels[k]))
            cJSON_AddItemToArray(unknown, cJSON_CreateString(self->corpus->labels[k]));
    }
}

static void print_json(const struct report *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "n", (double)self->corpus->n_rows);
    cJSON_AddNumberToObject(doc, "n_classes", (double)self->corpus->n_labels);
    cJSON_AddBoolToObject(doc, "out_of_fold", self->model == NULL);
    cJSON_AddNumberToObject(doc, "accuracy", (double)self->right / (double)self->corpus->n_rows);
    add_overlaps(self, doc);
    add_classes(self, doc);
    cJSON_AddNumberToObject(doc, "unsure_rows", (double)self->taxonomy.n_unsure);
    add_clusters(self, doc);
    add_same(self, doc);
    add_rows(self, cJSON_AddArrayToObject(doc, "likely_wrong"), self->taxonomy.suspects, self->taxonomy.n_suspects);
    jsonl_print(doc);
}

/* ---- predictions by a given model ---- */

/* For each label of the model its index in the data, or one beyond. */
static uint32_t *map_labels(const struct report *self)
{
    size_t n = classifier_label_count(self->model);
    uint32_t *map = mem_array(n, sizeof *map);

    for (size_t m = 0; m < n; m++) {
        map[m] = (uint32_t)(self->corpus->n_labels + m);
        for (uint32_t k = 0; k < self->corpus->n_labels; k++) {
            if (strcmp(self->corpus->labels[k], classifier_label_at(self->model, m)) == 0)
                map[m] = k;
        }
    }
    return map;
}

static void guess_by_model(struct report *self)
{
    size_t n = classifier_label_count(self->model);
    struct classifier_scratch *scratch = opinion_scratch(&(struct opinion){0}, "labels", self->model);
    double *probabilities = mem_array(n, sizeof *probabilities), scope;
    uint32_t *map = map_labels(self);
    struct progress progress = progress_begin("labels", "rows", self->rows.n);

    for (size_t i = 0; i < self->rows.n; i++) {
        size_t best = 0;
        struct held_guess guess = {0};
        classifier_probabilities(self->model, scratch, &self->rows.rows[i].text, probabilities, &scope);
        for (size_t m = 0; m < n; m++) {
            best = probabilities[m] > probabilities[best] ? m : best;
            guess.own += map[m] == self->corpus->rows[i].label ? probabilities[m] : 0;
        }
        guess.guess = map[best];
        guess.confidence = probabilities[best];
        self->guesses[i] = guess;
        progress_at(&progress, i);
    }
    mem_free(map);
    mem_free(probabilities);
    classifier_scratch_free(scratch);
}

/* ---- the command ---- */

static void report_done(struct report *self)
{
    taxonomy_done(&self->taxonomy);
    mem_free(self->guesses);
    corpus_free(self->corpus);
    classifier_free(self->model);
    policy_free(self->policy);
    rows_done(&self->rows);
}

static int guess(struct report *self, struct err *reterr)
{
    self->guesses = mem_array(self->rows.n, sizeof *self->guesses);
    if (self->model)
        guess_by_model(self);
    else if (self->rows.n >= SAID_ROWS_LEAST)
        fprintf(
            stderr,
            "triaged labels: training on %zu rows in parts, so that each is judged by a model that did not see it\n",
            self->rows.n);
    if (!self->model && held_out_guess(self->corpus, self->guesses, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->rows.n; i++)
        self->right += self->guesses[i].guess == self->corpus->rows[i].label;
    return 0;
}

static int make_report(const struct options *options, struct report *self, struct err *reterr)
{
    struct taxonomy_input input;

    if ((options->model && classifier_load(options->model, &self->model, reterr) < 0) ||
        (options->policy && policy_load(options->policy, &self->policy, reterr) < 0) ||
        rows_read(&options->data, 1, NULL, &self->rows, reterr) < 0)
        return -1;
    rows_drop_unlabelled(&self->rows);
    if (self->rows.n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s has no labelled row%s%s; give rows with id, body and label", options->data,
                       self->rows.n_bad ? "; the first bad line: " : "", self->rows.first_bad);
    if (corpus_new(self->rows.rows, self->rows.n, &self->corpus, reterr) < 0 || guess(self, reterr) < 0)
        return -1;
    input = (struct taxonomy_input){self->corpus, self->rows.rows, self->guesses};
    taxonomy_make(&input, &self->taxonomy);
    return 0;
}

int cmd_labels(int argc, char **argv)
{
    struct options options = {0};
    CLEANUP(report_done) struct report report = {0};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (make_report(&options, &report, &err) < 0)
        return cmd_fail("labels", &err);
    if (options.json)
        print_json(&report);
    else
        print_text(&report);
    if (report.rows.n_bad)
        fprintf(stderr, "triaged labels: %zu lines were passed over, the first: %s\n", report.rows.n_bad,
                report.rows.first_bad);
    return report.rows.n_bad ? EX_DATAERR : 0;
}
