/* A promise on disk. */
#include "decide/promise.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"

enum { DEPTH_MAX = 8, TOKENS_MAX = 100000 };

static const char *const per_words[] = {
    [PROMISE_PER_ALL] = "all", [PROMISE_PER_CLASS] = "class", [PROMISE_PER_GROUP] = "group",
    [PROMISE_PER_LANGUAGE] = "language"};
_Static_assert(ARRAY_LEN(per_words) == PROMISE_PER_COUNT, "every way of speaking has a word");

const char *promise_per_word(enum promise_per per)
{
    return per_words[per];
}

/* ---- writing ---- */

static void add_thresholds(cJSON *doc, double confidence, double scope, bool gated)
{
    cJSON *thresholds = cJSON_AddObjectToObject(doc, "thresholds");

    cJSON_AddNumberToObject(thresholds, "confidence", confidence);
    if (gated)
        cJSON_AddNumberToObject(thresholds, "scope_score", scope);
}

static void add_found(cJSON *doc, const struct promise *self)
{
    if (!self->certified) {
        cJSON_AddNumberToObject(doc, "labels_missing", (double)self->labels_missing);
        cJSON_AddBoolToObject(doc, "reachable", self->reachable);
        return;
    }
    if (self->per == PROMISE_PER_ALL)
        add_thresholds(doc, self->threshold, self->scope_least, self->gated);
    cJSON_AddNumberToObject(doc, "coverage", self->coverage);
    cJSON_AddNumberToObject(doc, "bound", self->bound);
    cJSON_AddNumberToObject(doc, "accepted", (double)self->accepted);
    cJSON_AddNumberToObject(doc, "errors", (double)self->errors);
    cJSON_AddNumberToObject(doc, "oos_accepted", (double)self->oos_accepted);
}

static cJSON *part_json(const struct promise *self, size_t k)
{
    const struct promise_part *part = &self->parts[k];
    cJSON *doc = cJSON_CreateObject(), *labels;

    cJSON_AddStringToObject(doc, "name", part->name);
    labels = cJSON_AddArrayToObject(doc, "labels");
    for (size_t i = 0; i < self->n_labels; i++) {
        if (self->labels[i].part == k)
            cJSON_AddItemToArray(labels, cJSON_CreateString(self->labels[i].label));
    }
    cJSON_AddNumberToObject(doc, "n", (double)part->n);
    if (part->certified) {
        add_thresholds(doc, part->threshold, part->scope_least, self->gated);
        cJSON_AddNumberToObject(doc, "coverage", part->coverage);
        cJSON_AddNumberToObject(doc, "bound", part->bound);
        cJSON_AddNumberToObject(doc, "accepted", (double)part->accepted);
        cJSON_AddNumberToObject(doc, "errors", (double)part->errors);
        cJSON_AddNumberToObject(doc, "oos_accepted", (double)part->oos_accepted);
    } else {
        cJSON_AddNumberToObject(doc, "labels_missing", (double)part->labels_missing);
        cJSON_AddBoolToObject(doc, "reachable", part->reachable);
    }
    return doc;
}

static cJSON *to_json(const struct promise *self)
{
    cJSON *doc = cJSON_CreateObject(), *parts;

    cJSON_AddNumberToObject(doc, "version", PROMISE_VERSION);
    cJSON_AddNumberToObject(doc, "max_error", self->max_error);
    cJSON_AddNumberToObject(doc, "confidence", self->confidence);
    cJSON_AddStringToObject(doc, "per", promise_per_word(self->per));
    cJSON_AddBoolToObject(doc, "certified", self->certified);
    cJSON_AddNumberToObject(doc, "n", (double)self->n);
    cJSON_AddNumberToObject(doc, "n_oos", (double)self->n_oos);
    cJSON_AddNumberToObject(doc, "oos_share", self->oos_share);
    add_found(doc, self);
    if (self->per != PROMISE_PER_ALL) {
        cJSON_AddNumberToObject(doc, "tested", (double)self->n_tested);
        parts = cJSON_AddArrayToObject(doc, "parts");
        for (size_t k = 0; k < self->n_parts; k++)
            cJSON_AddItemToArray(parts, part_json(self, k));
    }
    cJSON_AddStringToObject(doc, "model", self->model);
    cJSON_AddStringToObject(doc, "data", self->data);
    cJSON_AddStringToObject(doc, "created", self->created);
    return doc;
}

char *promise_text(const struct promise *self)
{
    CLEANUP(json_done) cJSON *doc = to_json(self);

    return json_text(doc);
}

int promise_save(const struct promise *self, const char *path, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = to_json(self);
    CLEANUP(mem_freep) char *text = cJSON_Print(doc);
    FILE *out = fopen(path, "we");
    bool written;

    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write the promise %s: %s", path, strerror(errno));
    written = fprintf(out, "%s\n", text) > 0;
    if (fclose(out) != 0 || !written)
        return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write the promise %s: %s", path, strerror(errno));
    return 0;
}

/* ---- reading ---- */

static int read_text(const char *path, char *bytes, size_t *ret_len, struct err *reterr)
{
    FILE *in = fopen(path, "re");

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the promise %s: %s", path, strerror(errno));
    *ret_len = fread(bytes, 1, PROMISE_BYTES_MAX, in);
    fclose(in);
    return 0;
}

static void read_part(const cJSON *doc, struct promise_part *ret_part)
{
    const cJSON *thresholds = json_get(doc, "thresholds");

    *ret_part = (struct promise_part){.certified = cJSON_IsNumber(json_get(thresholds, "confidence")),
                                      .threshold = json_num(thresholds, "confidence", 2),
                                      .scope_least = json_num(thresholds, "scope_score", HUGE_VAL),
                                      .coverage = json_num(doc, "coverage", 0),
                                      .bound = json_num(doc, "bound", 1),
                                      .n = (size_t)json_num(doc, "n", 0),
                                      .accepted = (size_t)json_num(doc, "accepted", 0),
                                      .errors = (size_t)json_num(doc, "errors", 0),
                                      .oos_accepted = (size_t)json_num(doc, "oos_accepted", 0),
                                      .labels_missing = (size_t)json_num(doc, "labels_missing", 0),
                                      .reachable = json_bool(doc, "reachable", true)};
    snprintf(ret_part->name, sizeof ret_part->name, "%s", json_str(doc, "name", ""));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct promise_label *)a)->label, ((const struct promise_label *)b)->label);
}

static void read_labels(const cJSON *parts, struct promise *promise)
{
    const cJSON *part, *label;
    uint32_t k = 0;

    cJSON_ArrayForEach(part, parts)
    {
        cJSON_ArrayForEach(label, json_get(part, "labels"))
        {
            if (!cJSON_IsString(label) || promise->n_labels == LABELS_MAX)
                continue;
            promise->labels[promise->n_labels].part = k;
            strncat(promise->labels[promise->n_labels++].label, label->valuestring, LABEL_MAX - 1);
        }
        k++;
    }
    qsort(promise->labels, promise->n_labels, sizeof *promise->labels, by_name);
}

static int read_parts(const cJSON *doc, struct promise *promise, struct err *reterr)
{
    const cJSON *parts = json_get(doc, "parts"), *part;
    size_t n = (size_t)cJSON_GetArraySize(parts);

    if (n == 0 || n > PROMISE_PARTS_MAX || (promise->per == PROMISE_PER_LANGUAGE && n != PROMISE_LANGUAGES))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "a promise per %s has from 1 to %d parts, and per language %d; not %zu",
                       promise_per_word(promise->per), PROMISE_PARTS_MAX, PROMISE_LANGUAGES, n);
    promise->parts = mem_array(n, sizeof *promise->parts);
    promise->labels = mem_array(LABELS_MAX, sizeof *promise->labels);
    promise->certified = false;
    cJSON_ArrayForEach(part, parts)
    {
        read_part(part, &promise->parts[promise->n_parts]);
        promise->certified |= promise->parts[promise->n_parts++].certified;
    }
    read_labels(parts, promise);
    return 0;
}

static int read_per(const cJSON *doc, enum promise_per *ret_per, struct err *reterr)
{
    const char *word = json_str(doc, "per", per_words[PROMISE_PER_ALL]);

    for (size_t i = 0; i < PROMISE_PER_COUNT; i++) {
        if (strcmp(word, per_words[i]) == 0) {
            *ret_per = (enum promise_per)i;
            return 0;
        }
    }
    return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "a promise speaks per all, class, group or language, not per %.20s", word);
}

static int from_json(const cJSON *doc, struct promise *promise, struct err *reterr)
{
    struct promise_part all;

    read_part(doc, &all);
    *promise = (struct promise){.max_error = json_num(doc, "max_error", 0),
                                .confidence = json_num(doc, "confidence", 0),
                                .certified = all.certified,
                                .gated = json_num(doc, "n_oos", 0) > 0,
                                .scope_least = all.scope_least,
                                .threshold = all.threshold,
                                .coverage = all.coverage,
                                .bound = all.bound,
                                .n = all.n,
                                .n_oos = (size_t)json_num(doc, "n_oos", 0),
                                .accepted = all.accepted,
                                .errors = all.errors,
                                .oos_accepted = all.oos_accepted,
                                .oos_share = json_num(doc, "oos_share", 0),
                                .n_tested = (size_t)json_num(doc, "tested", 1),
                                .labels_missing = all.labels_missing,
                                .reachable = all.reachable};
    snprintf(promise->model, sizeof promise->model, "%s", json_str(doc, "model", ""));
    snprintf(promise->data, sizeof promise->data, "%s", json_str(doc, "data", ""));
    snprintf(promise->created, sizeof promise->created, "%s", json_str(doc, "created", ""));
    if (read_per(doc, &promise->per, reterr) < 0)
        return -1;
    return promise->per == PROMISE_PER_ALL ? 0 : read_parts(doc, promise, reterr);
}

static int check(const struct promise *promise, const char *path, const struct classifier *model, struct err *reterr)
{
    if (!model || strcmp(promise->model, classifier_hash(model)) == 0)
        return 0;
    return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                   "the promise %s was made for another model (%.12s); run 'triaged calibrate' for this one", path,
                   promise->model);
}

int promise_load(const char *path, const struct classifier *model, struct promise *ret_promise, struct err *reterr)
{
    static const struct json_limits limits = {.bytes = PROMISE_BYTES_MAX - 1, .depth = DEPTH_MAX, .tokens = TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *bytes = mem_alloc(PROMISE_BYTES_MAX);
    CLEANUP(promise_done) struct promise promise = {0};
    size_t len = 0;

    if (read_text(path, bytes, &len, reterr) < 0)
        return -1;
    if (json_parse(bytes, len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "the promise %s is not readable; make it again with 'triaged calibrate'", path);
    if (!cJSON_IsObject(doc) || json_num(doc, "version", 0) != PROMISE_VERSION)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s is not a promise of this version; make it again with 'triaged calibrate'", path);
    if (from_json(doc, &promise, reterr) < 0)
        return err_context(reterr, "the promise %s is not readable; make it again with 'triaged calibrate'", path);
    if (check(&promise, path, model, reterr) < 0)
        return -1;
    sha256_hex(bytes, len, promise.id);
    *ret_promise = promise;
    promise = (struct promise){0};
    return 0;
}
