/* Certifying, and the file. */
#include "decide/promise.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "decide/stats.h"

/* How the allowance delta is split when out-of-scope rows take part: this for the rate at which they are accepted, this for
 * the rate at which in-scope rows are, the rest for the errors among those. */
#define OOS_RATE_DELTA 0.5
#define IN_RATE_DELTA 0.1
/* The sequence begins at the first step that could bear this: a step too strict would fail for want of rows, and end it. */
#define FIRST_STEP_ERRORS 1   /* wrong labels among the accepted */
#define FIRST_STEP_OOS 0.02   /* share of the out-of-scope rows accepted, and one row more */
#define FIRST_STEP_BUDGET 0.5 /* part of max_error that these may take up */
#define LABELS_MISSING_MOST 10000000

/* What a threshold accepts. */
struct accepted {
    size_t n, errors, oos;
};

static bool accepts(const struct promise_input *input, size_t step, const struct promise_row *row)
{
    return row->confidence >= input->confidences[step] &&
           (input->n_oos == 0 || row->scope_score >= input->scopes[step]);
}

static struct accepted count(const struct promise_input *input, size_t step)
{
    struct accepted all = {0};

    for (size_t i = 0; i < input->n; i++) {
        if (!accepts(input, step, &input->rows[i]))
            continue;
        all.n++;
        all.errors += input->rows[i].wrong;
    }
    for (size_t i = 0; i < input->n_oos; i++)
        all.oos += accepts(input, step, &input->oos[i]);
    return all;
}

/* Error rate among the accepted of a mixture: falls with the in-scope rate, rises with both others. */
static double mixed_error(double in_rate, double in_error, double oos_rate, double oos_share)
{
    double in = (1 - oos_share) * in_rate, out = oos_share * oos_rate;

    return in + out > 0 ? (in * in_error + out) / (in + out) : 1;
}

/* Upper bound of the error rate among the accepted at level delta. Without out-of-scope rows the errors of the accepted
 * are binomial; with them each part gets its own bound and its share of delta. */
static double bound_of(const struct promise_input *input, const struct accepted *accepted)
{
    double delta = 1 - input->confidence;
    double in_rate, oos_rate, in_error;

    if (accepted->n == 0)
        return 1;
    if (input->n_oos == 0)
        return stats_binomial_upper(accepted->errors, accepted->n, delta);
    oos_rate = stats_binomial_upper(accepted->oos, input->n_oos, delta * OOS_RATE_DELTA);
    in_rate = 1 - stats_binomial_upper(input->n - accepted->n, input->n, delta * IN_RATE_DELTA);
    in_error = stats_binomial_upper(accepted->errors, accepted->n, delta * (1 - OOS_RATE_DELTA - IN_RATE_DELTA));
    return mixed_error(in_rate, in_error, oos_rate, input->oos_share);
}

/* Accepted rows needed before so many errors can be certified, within what out-of-scope rows leave of both allowances. */
static size_t least_accepted(const struct promise_input *input)
{
    double delta = 1 - input->confidence, rate = input->max_error;
    size_t n = FIRST_STEP_ERRORS + 1;

    if (input->n_oos > 0) {
        delta *= 1 - OOS_RATE_DELTA - IN_RATE_DELTA;
        rate *= 1 - FIRST_STEP_BUDGET;
    }
    while (n < LABELS_MISSING_MOST && stats_binomial_cdf(FIRST_STEP_ERRORS, n, rate) > delta)
        n += 1 + n / 64;
    return n;
}

/* Share of in-scope rows that must be accepted before the out-of-scope rows weigh little enough. */
static double least_share(const struct promise_input *input)
{
    double budget = input->max_error * FIRST_STEP_BUDGET, oos;

    if (input->n_oos == 0)
        return 0;
    oos = stats_binomial_upper((size_t)(FIRST_STEP_OOS * (double)input->n_oos) + 1, input->n_oos,
                               (1 - input->confidence) * OOS_RATE_DELTA);
    return input->oos_share * oos * (1 - budget) / (budget * (1 - input->oos_share));
}

/* Chosen by the numbers of rows alone, never by their labels. The share that each step accepts was declared too. */
static size_t first_step(const struct promise_input *input)
{
    double share = least_share(input);
    double least = (double)least_accepted(input);

    for (size_t j = 0; j < input->n_sequence; j++) {
        double at = input->n_oos > 0 ? input->joint[j] : (double)(j + 1) / (double)input->n_sequence;
        if ((double)input->n * at >= least && at >= share)
            return j;
    }
    return input->n_sequence;
}

/* What a step would accept of more rows if its rates stay; the errors are taken half a row worse than seen. */
static struct accepted scaled(const struct promise_input *from, const struct promise_input *to, size_t step)
{
    struct accepted seen = count(from, step);
    double share = ((double)seen.n + 0.5) / ((double)from->n + 1);
    double errors = ((double)seen.errors + 0.5) / ((double)seen.n + 1);
    double oos = ((double)seen.oos + 0.5) / ((double)from->n_oos + 1);
    struct accepted all = {.n = (size_t)(share * (double)to->n), .oos = (size_t)ceil(oos * (double)to->n_oos)};

    all.errors = (size_t)ceil(errors * (double)all.n);
    return all;
}

/* The fewest labels (and out-of-scope rows in proportion) at which the sequence would pass its first step. */
static void estimate_missing(const struct promise_input *input, struct promise *promise)
{
    for (double labels = (double)input->n + 1; labels < LABELS_MISSING_MOST; labels = ceil(labels * 1.02)) {
        struct promise_input more = *input;
        size_t step;
        more.n = (size_t)labels;
        more.n_oos = (size_t)((double)input->n_oos * labels / ((double)input->n + 1));
        step = first_step(&more);
        if (step == input->n_sequence)
            continue;
        struct accepted then = scaled(input, &more, step);
        if (bound_of(&more, &then) <= input->max_error) {
            promise->reachable = true;
            promise->labels_missing = more.n - input->n;
            return;
        }
    }
    promise->labels_missing = least_accepted(input) * 2;
}

void promise_certify(const struct promise_input *input, struct promise *ret_promise)
{
    struct promise promise = {.max_error = input->max_error,
                              .confidence = input->confidence,
                              .gated = input->n_oos > 0,
                              .n = input->n,
                              .n_oos = input->n_oos,
                              .oos_share = input->oos_share,
                              .bound = 1};

    for (size_t j = first_step(input); j < input->n_sequence; j++) {
        struct accepted accepted = count(input, j);
        double bound = bound_of(input, &accepted);
        if (bound > input->max_error)
            break;
        promise.certified = promise.reachable = true;
        promise.threshold = input->confidences[j];
        promise.scope_least = input->scopes[j];
        promise.bound = bound;
        promise.accepted = accepted.n;
        promise.errors = accepted.errors;
        promise.oos_accepted = accepted.oos;
        promise.coverage = (1 - input->oos_share) * (double)accepted.n / (double)input->n;
        if (input->n_oos)
            promise.coverage += input->oos_share * (double)accepted.oos / (double)input->n_oos;
    }
    if (!promise.certified)
        estimate_missing(input, &promise);
    *ret_promise = promise;
}

bool promise_accepts(const struct promise *self, const struct prediction *prediction)
{
    return self->certified && prediction->top[0].confidence >= self->threshold &&
           (!self->gated || prediction->scope_score >= self->scope_least);
}

/* ---- the file ---- */

static cJSON *to_json(const struct promise *self)
{
    cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "version", PROMISE_VERSION);
    cJSON_AddNumberToObject(doc, "max_error", self->max_error);
    cJSON_AddNumberToObject(doc, "confidence", self->confidence);
    cJSON_AddBoolToObject(doc, "certified", self->certified);
    cJSON_AddNumberToObject(doc, "n", (double)self->n);
    cJSON_AddNumberToObject(doc, "n_oos", (double)self->n_oos);
    cJSON_AddNumberToObject(doc, "oos_share", self->oos_share);
    if (self->certified) {
        cJSON *thresholds = cJSON_AddObjectToObject(doc, "thresholds");
        cJSON_AddNumberToObject(thresholds, "confidence", self->threshold);
        if (self->gated)
            cJSON_AddNumberToObject(thresholds, "scope_score", self->scope_least);
        cJSON_AddNumberToObject(doc, "coverage", self->coverage);
        cJSON_AddNumberToObject(doc, "bound", self->bound);
        cJSON_AddNumberToObject(doc, "accepted", (double)self->accepted);
        cJSON_AddNumberToObject(doc, "errors", (double)self->errors);
        cJSON_AddNumberToObject(doc, "oos_accepted", (double)self->oos_accepted);
    } else {
        cJSON_AddNumberToObject(doc, "labels_missing", (double)self->labels_missing);
        cJSON_AddBoolToObject(doc, "reachable", self->reachable);
    }
    cJSON_AddStringToObject(doc, "model", self->model);
    cJSON_AddStringToObject(doc, "data", self->data);
    cJSON_AddStringToObject(doc, "created", self->created);
    return doc;
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

static int read_text(const char *path, char *bytes, size_t *ret_len, struct err *reterr)
{
    FILE *in = fopen(path, "re");

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the promise %s: %s", path, strerror(errno));
    *ret_len = fread(bytes, 1, PROMISE_BYTES_MAX, in);
    fclose(in);
    return 0;
}

static void from_json(const cJSON *doc, struct promise *ret_promise)
{
    const cJSON *thresholds = json_get(doc, "thresholds");

    *ret_promise = (struct promise){.max_error = json_num(doc, "max_error", 0),
                                    .confidence = json_num(doc, "confidence", 0),
                                    .certified = cJSON_IsObject(thresholds),
                                    .gated = cJSON_IsNumber(json_get(thresholds, "scope_score")),
                                    .scope_least = json_num(thresholds, "scope_score", 0),
                                    .threshold = json_num(thresholds, "confidence", 2),
                                    .coverage = json_num(doc, "coverage", 0),
                                    .bound = json_num(doc, "bound", 1),
                                    .n = (size_t)json_num(doc, "n", 0),
                                    .n_oos = (size_t)json_num(doc, "n_oos", 0),
                                    .oos_share = json_num(doc, "oos_share", 0),
                                    .labels_missing = (size_t)json_num(doc, "labels_missing", 0),
                                    .reachable = json_bool(doc, "reachable", true)};
    snprintf(ret_promise->model, sizeof ret_promise->model, "%s", json_str(doc, "model", ""));
    snprintf(ret_promise->data, sizeof ret_promise->data, "%s", json_str(doc, "data", ""));
    snprintf(ret_promise->created, sizeof ret_promise->created, "%s", json_str(doc, "created", ""));
}

int promise_load(const char *path, const struct classifier *model, struct promise *ret_promise, struct err *reterr)
{
    static const struct json_limits limits = {.bytes = PROMISE_BYTES_MAX - 1, .depth = 8, .tokens = 1000};
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *bytes = mem_alloc(PROMISE_BYTES_MAX);
    struct promise promise;
    size_t len = 0;

    if (read_text(path, bytes, &len, reterr) < 0)
        return -1;
    if (json_parse(bytes, len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "the promise %s is not readable; make it again with 'triaged calibrate'", path);
    if (!cJSON_IsObject(doc) || json_num(doc, "version", 0) != PROMISE_VERSION)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s is not a promise of this version; make it again with 'triaged calibrate'", path);
    from_json(doc, &promise);
    if (strcmp(promise.model, classifier_hash(model)) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "the promise %s was made for another model (%.12s); run 'triaged calibrate' for this one", path,
                       promise.model);
    *ret_promise = promise;
    return 0;
}
