#include "evaluation/label_report.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/utf8.h"
#include "decide/linear.h"

#define SAID_ROWS_LEAST 2000 /* fewer are done before anybody wonders */

/* ---- reading it ---- */

const char *label_report_name(const struct label_report *self, uint32_t label)
{
    if (label < self->corpus->n_labels)
        return self->corpus->labels[label];
    return classifier_label_at(self->judge.model, label - self->corpus->n_labels);
}

size_t label_report_rows_of(const struct label_report *self, const char *label)
{
    for (size_t k = 0; k < self->corpus->n_labels; k++) {
        if (strcmp(self->corpus->labels[k], label) == 0)
            return self->taxonomy.class_rows[k];
    }
    return 0;
}

char *label_report_line(const struct classifier_text *text, char out[LABEL_REPORT_LINE_MAX])
{
    CLEANUP(buf_free) struct buf all = {0};

    buf_printf(&all, "%s%s%.*s", text->subject, text->subject[0] && text->body[0] ? ": " : "", LABEL_REPORT_LINE_MAX,
               text->body);
    return utf8_line(all.data, all.len, out, LABEL_REPORT_LINE_MAX);
}

/* ---- what each row looks like ---- */

/* For each label of the model its index in the data, or one beyond. */
static uint32_t *map_labels(const struct label_report *self)
{
    size_t n = classifier_label_count(self->judge.model);
    uint32_t *map = mem_array(n, sizeof *map);

    for (size_t m = 0; m < n; m++) {
        map[m] = (uint32_t)(self->corpus->n_labels + m);
        for (uint32_t k = 0; k < self->corpus->n_labels; k++) {
            if (strcmp(self->corpus->labels[k], classifier_label_at(self->judge.model, m)) == 0)
                map[m] = k;
        }
    }
    return map;
}

static void guess_by_model(struct label_report *self)
{
    size_t n = classifier_label_count(self->judge.model);
    double *probabilities = mem_array(n, sizeof *probabilities), scope;
    uint32_t *map = map_labels(self);
    struct progress progress = progress_begin("labels", "rows", self->rows.n);

    for (size_t i = 0; i < self->rows.n; i++) {
        size_t best = 0;
        struct held_guess guess = {0};
        classifier_probabilities(self->judge.model, self->judge.scratch, &self->rows.rows[i].text, probabilities,
                                 &scope);
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
}

static int guess(struct label_report *self, struct err *reterr)
{
    self->guesses = mem_array(self->rows.n, sizeof *self->guesses);
    if (self->judge.model)
        guess_by_model(self);
    else if (self->rows.n >= SAID_ROWS_LEAST)
        fprintf(
            stderr,
            "triaged labels: training on %zu rows in parts, so that each is judged by a model that did not see it\n",
            self->rows.n);
    if (!self->judge.model && held_out_guess(self->corpus, self->guesses, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->rows.n; i++)
        self->right += self->guesses[i].guess == self->corpus->rows[i].label;
    return 0;
}

/* ---- making it ---- */

int label_report_make(const char *data, const struct label_judge *judge, struct label_report *ret_report,
                      struct err *reterr)
{
    struct label_report *self = ret_report;
    struct taxonomy_input input;

    *self = (struct label_report){.judge = *judge};
    if (rows_read(&data, 1, NULL, &self->rows, reterr) < 0)
        return -1;
    rows_drop_unlabelled(&self->rows);
    if (self->rows.n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s has no labelled row%s%s; give rows with id, body and label", data,
                       self->rows.n_bad ? "; the first bad line: " : "", self->rows.first_bad);
    if (corpus_new(self->rows.rows, self->rows.n, &self->corpus, reterr) < 0 || guess(self, reterr) < 0)
        return -1;
    input = (struct taxonomy_input){self->corpus, self->rows.rows, self->guesses};
    taxonomy_make(&input, &self->taxonomy);
    return 0;
}

void label_report_done(struct label_report *self)
{
    taxonomy_done(&self->taxonomy);
    mem_free(self->guesses);
    corpus_free(self->corpus);
    rows_done(&self->rows);
}
