/* The report for programs: every finding, rows by their ids. */
#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "evaluation/label_report.h"

static cJSON *row_json(const struct label_report *self, size_t row)
{
    cJSON *item = cJSON_CreateObject();
    char text[LABEL_REPORT_LINE_MAX];

    cJSON_AddStringToObject(item, "id", self->rows.rows[row].id);
    cJSON_AddStringToObject(item, "label", label_report_name(self, self->corpus->rows[row].label));
    cJSON_AddStringToObject(item, "predicted", label_report_name(self, self->guesses[row].guess));
    cJSON_AddNumberToObject(item, "confidence", self->guesses[row].confidence);
    cJSON_AddStringToObject(item, "text", label_report_line(&self->rows.rows[row].text, text));
    return item;
}

static void add_rows(const struct label_report *self, cJSON *list, const size_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, row_json(self, rows[i]));
}

static void add_overlaps(const struct label_report *self, cJSON *doc)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "overlapping");

    for (size_t i = 0; i < self->taxonomy.n_overlaps; i++) {
        const struct overlap *overlap = &self->taxonomy.overlaps[i];
        cJSON *item = cJSON_CreateObject(), *labels = cJSON_AddArrayToObject(item, "labels");
        cJSON_AddItemToArray(labels, cJSON_CreateString(label_report_name(self, overlap->one)));
        cJSON_AddItemToArray(labels, cJSON_CreateString(label_report_name(self, overlap->other)));
        cJSON_AddNumberToObject(item, "share", overlap->share);
        cJSON_AddNumberToObject(item, "first_as_second", (double)overlap->one_as_other);
        cJSON_AddNumberToObject(item, "second_as_first", (double)overlap->other_as_one);
        add_rows(self, cJSON_AddArrayToObject(item, "examples"), overlap->examples, overlap->n_examples);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_clusters(const struct label_report *self, cJSON *doc)
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

static void add_same(const struct label_report *self, cJSON *doc)
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

static void add_classes(const struct label_report *self, cJSON *doc)
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
    if (!self->judge.policy)
        return;
    dead = cJSON_AddArrayToObject(doc, "dead");
    unknown = cJSON_AddArrayToObject(doc, "unknown_to_policy");
    for (size_t i = 0; i < policy_class_count(self->judge.policy); i++) {
        if (label_report_rows_of(self, policy_class_at(self->judge.policy, i)->label) == 0)
            cJSON_AddItemToArray(dead, cJSON_CreateString(policy_class_at(self->judge.policy, i)->label));
    }
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (!policy_class_find(self->judge.policy, self->corpus->labels[k]))
            cJSON_AddItemToArray(unknown, cJSON_CreateString(self->corpus->labels[k]));
    }
}

void label_report_print_json(const struct label_report *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "n", (double)self->corpus->n_rows);
    cJSON_AddNumberToObject(doc, "n_classes", (double)self->corpus->n_labels);
    cJSON_AddBoolToObject(doc, "out_of_fold", self->judge.model == NULL);
    cJSON_AddNumberToObject(doc, "accuracy", (double)self->right / (double)self->corpus->n_rows);
    add_overlaps(self, doc);
    add_classes(self, doc);
    cJSON_AddNumberToObject(doc, "unsure_rows", (double)self->taxonomy.n_unsure);
    add_clusters(self, doc);
    add_same(self, doc);
    add_rows(self, cJSON_AddArrayToObject(doc, "likely_wrong"), self->taxonomy.suspects, self->taxonomy.n_suspects);
    jsonl_print(doc);
}
