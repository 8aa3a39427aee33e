/* Labels from a file, found by id. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/jsonl.h"
#include "base/mem.h"
#include "evaluation/simulation.h"

enum { ROWS_FIRST = 256 };

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct sim_label *)a)->id, ((const struct sim_label *)b)->id);
}

static void add(struct sim_labels *self, size_t *cap, const cJSON *doc)
{
    double weight = json_num(doc, "weight", 1);

    if (self->n == *cap) {
        *cap = *cap ? *cap * 2 : ROWS_FIRST;
        self->rows = mem_grow(self->rows, *cap, sizeof *self->rows);
    }
    self->rows[self->n++] = (struct sim_label){.id = mem_strdup(json_str(doc, "id", json_str(doc, "ticket_id", ""))),
                                               .label = mem_strdup(json_str(doc, "label", "")),
                                               .weight = weight > 0 ? weight : 1};
}

int sim_labels_read(const char *path, struct sim_labels *ret_labels, struct err *reterr)
{
    struct sim_labels labels = {0};
    struct jsonl *lines;
    FILE *in = fopen(path, "re");
    const cJSON *doc;
    size_t cap = 0;
    int got;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the labels %s: %s", path, strerror(errno));
    lines = jsonl_new(in);
    while ((got = jsonl_next(lines, &doc, reterr)) > 0)
        add(&labels, &cap, doc);
    if (got < 0)
        err_context(reterr, "%s:%zu", path, jsonl_line(lines));
    jsonl_free(lines);
    fclose(in);
    if (got < 0) {
        reterr->sysexit = EX_DATAERR;
        sim_labels_done(&labels);
        return -1;
    }
    if (labels.n)
        qsort(labels.rows, labels.n, sizeof *labels.rows, by_id);
    *ret_labels = labels;
    return 0;
}

void sim_labels_done(struct sim_labels *self)
{
    for (size_t i = 0; i < self->n; i++) {
        mem_free(self->rows[i].id);
        mem_free(self->rows[i].label);
    }
    mem_free(self->rows);
    *self = (struct sim_labels){0};
}
