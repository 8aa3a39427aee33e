/* Certifying: which step of the declared sequence is the last that the labels bear out. Knows no file and no model. */
#include "decide/promise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/stats.h"

/* How the allowance delta is split when out-of-scope rows take part: this for the rate at which they are accepted, this for
 * the rate at which in-scope rows are, the rest for the errors among those. */
#define OOS_RATE_DELTA 0.5
#define IN_RATE_DELTA 0.1
#define FIRST_STEP_OOS 0.01   /* share of the out-of-scope rows accepted at the first step, and one row more */
#define FIRST_STEP_BUDGET 0.5 /* part of max_error that these may take up */
/* Of the declared sequence so many steps are tested, evenly spaced. A finer walk ends a little further on, and where it ends
 * is more often luck. With out-of-scope rows the bounds leave more room, and all steps are tested. */
#define STEPS_TESTED 50
#define LABELS_MISSING_MOST 10000000
#define LABELS_MISSING_GROWTH 1.02
#define DOUBT_ROWS 50 /* weight of the model's own doubt in an estimate of what is missing */
#define LIKELY_Z 1.28 /* such an estimate bears the bad luck of nine cases in ten */

/* The sequence begins at the first step that could bear some wrong labels among its accepted rows: a step that could bear
 * none fails too easily, and the first failure ends it. Many are better, unless the step that could bear them lies too far
 * towards the lax end to hold; then fewer. */
static const struct rung {
    size_t errors;
    double share_most; /* of the rows that the first step may accept */
} rungs[] = {{5, 0.65}, {4, 0.65}, {3, 0.65}, {2, 0.65}, {1, 0.9}, {0, 1}};
#define PART_ERRORS 1 /* a part takes a share of the allowance when all its rows could bear so many */

/* One walk along the sequence: over all rows, or over those of one part. */
struct walk {
    const struct promise_input *input;
    const struct promise_row *rows, *oos; /* those that the walk is about */
    size_t n, n_oos;
    double delta;  /* allowance of this walk */
    double n_rows; /* rows that the first step is chosen by */
    size_t needs[ARRAY_LEN(rungs)]; /* accepted rows needed to bear the errors of each rung */
};

/* What a step accepts. */
struct accepted {
    size_t n, errors, oos;
    double doubt; /* sum of 1 - confidence: the errors that the model expects */
};

/* ---- the bound of a step ---- */

static bool accepts(const struct promise_input *input, size_t step, const struct promise_row *row)
{
    return row->confidence >= input->confidences[step] &&
           (input->n_oos == 0 || row->scope_score >= input->scopes[step]);
}

static struct accepted count(const struct walk *walk, size_t step)
{
    struct accepted all = {0};

    for (size_t i = 0; i < walk->n; i++) {
        if (!accepts(walk->input, step, &walk->rows[i]))
            continue;
        all.n++;
        all.doubt += 1 - walk->rows[i].confidence;
        all.errors += walk->rows[i].wrong;
    }
    for (size_t i = 0; i < walk->n_oos; i++)
        all.oos += accepts(walk->input, step, &walk->oos[i]);
    return all;
}

/* Error rate among the accepted of a mixture: falls with the in-scope rate, rises with both others. */
static double mixed_error(double in_rate, double in_error, double oos_rate, double oos_share)
{
    double in = (1 - oos_share) * in_rate, out = oos_share * oos_rate;

    return in + out > 0 ? (in * in_error + out) / (in + out) : 1;
}

/* Upper bound of the error rate among the accepted, at the allowance of the walk, for a sample of n and n_oos rows. Without
 * out-of-scope rows the errors of the accepted are binomial; with them each stratum gets its own bounds and its share of
 * the allowance. */
static double bound_of(const struct walk *walk, const struct accepted *accepted, size_t n, size_t n_oos)
{
    double delta = walk->delta, in_rate, oos_rate, in_error;

    if (accepted->n == 0)
        return 1;
    if (n_oos == 0)
        return stats_binomial_upper(accepted->errors, accepted->n, delta);
    oos_rate = stats_binomial_upper(accepted->oos, n_oos, delta * OOS_RATE_DELTA);
    in_rate = 1 - stats_binomial_upper(n - accepted->n, n, delta * IN_RATE_DELTA);
    in_error = stats_binomial_upper(accepted->errors, accepted->n, delta * (1 - OOS_RATE_DELTA - IN_RATE_DELTA));
    return mixed_error(in_rate, in_error, oos_rate, walk->input->oos_share);
}

/* Whether that bound is kept; without out-of-scope rows one exact test says so. */
static bool passes(const struct walk *walk, const struct accepted *accepted, size_t n, size_t n_oos)
{
    if (n_oos == 0)
        return accepted->n > 0 && stats_binomial_cdf(accepted->errors, accepted->n, walk->input->max_error) <= walk->delta;
    return bound_of(walk, accepted, n, n_oos) <= walk->input->max_error;
}

/* ---- the steps ---- */

/* Accepted rows needed before so many errors can be certified, within what out-of-scope rows leave of both allowances. */
static size_t least_accepted(const struct promise_input *input, double delta, size_t errors)
{
    double rate = input->max_error;
    size_t n = errors + 1;

    if (input->n_oos > 0) {
        delta *= 1 - OOS_RATE_DELTA - IN_RATE_DELTA;
        rate *= 1 - FIRST_STEP_BUDGET;
    }
    while (n < LABELS_MISSING_MOST && stats_binomial_cdf(errors, n, rate) > delta)
        n += 1 + n / 64;
    return n;
}

/* Share of in-scope rows that must be accepted before the out-of-scope rows weigh little enough. */
static double least_share(const struct walk *walk, size_t n_oos)
{
    const struct promise_input *input = walk->input;
    double budget = input->max_error * FIRST_STEP_BUDGET, oos;

    if (n_oos == 0)
        return 0;
    oos = stats_binomial_upper((size_t)(FIRST_STEP_OOS * (double)n_oos) + 1, n_oos, walk->delta * OOS_RATE_DELTA);
    return input->oos_share * oos * (1 - budget) / (budget * (1 - input->oos_share));
}

static size_t stride_of(const struct promise_input *input)
{
    return input->n_oos == 0 && input->n_sequence > STEPS_TESTED ? input->n_sequence / STEPS_TESTED : 1;
}

/* Share of rows that a step was declared to accept. */
static double share_at(const struct promise_input *input, size_t step)
{
    return input->n_oos > 0 ? input->joint[step] : (double)(step + 1) / (double)input->n_sequence;
}

/* Chosen by the numbers of rows alone, never by their labels. n_sequence: there is none. */
static size_t first_step(const struct walk *walk, size_t n_oos)
{
    const struct promise_input *input = walk->input;
    double least = least_share(walk, n_oos);
    size_t stride = stride_of(input);

    for (size_t r = 0; r < ARRAY_LEN(rungs); r++) {
        size_t j = stride - 1;
        while (j < input->n_sequence &&
               (walk->n_rows * share_at(input, j) < (double)walk->needs[r] || share_at(input, j) < least))
            j += stride;
        if (j < input->n_sequence && share_at(input, j) <= fmax(rungs[r].share_most, least))
            return j;
    }
    return input->n_sequence;
}

/* ---- labels missing ---- */

static double upward(double expected)
{
    return expected + LIKELY_Z * sqrt(expected);
}

/* What a step would accept of more rows if its rates stay, with some bad luck. Few rows say little about a rate: the model's
 * own doubt stands beside what was seen, and counts as much as so many rows. */
static struct accepted scaled(const struct promise_input *input, const struct accepted *seen, size_t n, size_t n_oos)
{
    double rows = (double)seen->n, share = (rows + 0.5) / ((double)input->n + 1);
    double doubt = seen->n ? seen->doubt / rows : 1;
    double errors = ((double)seen->errors + DOUBT_ROWS * doubt) / (rows + DOUBT_ROWS);
    double oos = ((double)seen->oos + 0.5) / ((double)input->n_oos + 1);
    struct accepted all = {.n = (size_t)(share * (double)n)};

    all.errors = (size_t)ceil(upward(errors * (double)all.n));
    all.oos = n_oos ? (size_t)fmin(ceil(upward(oos * (double)n_oos)), (double)n_oos) : 0;
    return all;
}

/* The fewest labels (and out-of-scope rows in proportion) at which the sequence would pass its first step. */
static void estimate_missing(const struct walk *walk, struct promise_part *part)
{
    const struct promise_input *input = walk->input;
    struct accepted *seen = mem_array(input->n_sequence, sizeof *seen);

    for (size_t j = 0; j < input->n_sequence; j++)
        seen[j] = count(walk, j);
    for (double labels = (double)input->n + 1; labels < LABELS_MISSING_MOST && !part->reachable;
         labels = ceil(labels * LABELS_MISSING_GROWTH)) {
        double times = labels / ((double)input->n + 1);
        size_t n = (size_t)labels, n_oos = (size_t)((double)input->n_oos * times), step;
        struct walk more = *walk;
        more.n_rows = (walk->n_rows + 1) * times;
        step = first_step(&more, n_oos);
        if (step == input->n_sequence)
            continue;
        struct accepted then = scaled(input, &seen[step], n, n_oos);
        part->reachable = passes(walk, &then, n, n_oos);
        part->labels_missing = n - input->n;
    }
    mem_free(seen);
    if (!part->reachable)
        part->labels_missing = least_accepted(input, walk->delta, PART_ERRORS) * 2;
}

/* ---- the walk ---- */

static void take_step(const struct walk *walk, size_t step, const struct accepted *accepted, struct promise_part *part)
{
    const struct promise_input *input = walk->input;

    part->certified = part->reachable = true;
    part->threshold = input->confidences[step];
    part->scope_least = input->scopes[step];
    part->bound = bound_of(walk, accepted, input->n, input->n_oos);
    part->accepted = accepted->n;
    part->errors = accepted->errors;
    part->oos_accepted = accepted->oos;
    part->coverage = (1 - input->oos_share) * (double)accepted->n / (double)input->n;
    if (input->n_oos)
        part->coverage += input->oos_share * (double)accepted->oos / (double)input->n_oos;
}

static void prepare(struct walk *walk)
{
    for (size_t r = 0; r < ARRAY_LEN(rungs); r++)
        walk->needs[r] = least_accepted(walk->input, walk->delta, rungs[r].errors);
}

static void walk_on(const struct walk *walk, struct promise_part *part)
{
    const struct promise_input *input = walk->input;
    size_t step = input->n_sequence; /* the last that passed */
    struct accepted accepted, last = {0};

    for (size_t j = first_step(walk, input->n_oos); j < input->n_sequence; j += stride_of(input)) {
        accepted = count(walk, j);
        if (!passes(walk, &accepted, input->n, input->n_oos))
            break;
        step = j;
        last = accepted;
    }
    if (step < input->n_sequence)
        take_step(walk, step, &last, part);
    else
        estimate_missing(walk, part);
}

static struct promise promise_of(const struct promise_input *input)
{
    return (struct promise){.max_error = input->max_error,
                            .confidence = input->confidence,
                            .gated = input->n_oos > 0,
                            .n = input->n,
                            .n_oos = input->n_oos,
                            .oos_share = input->oos_share,
                            .bound = 1};
}

void promise_certify(const struct promise_input *input, struct promise *ret_promise)
{
    struct walk walk = {.input = input,
                        .rows = input->rows,
                        .n = input->n,
                        .oos = input->oos,
                        .n_oos = input->n_oos,
                        .delta = 1 - input->confidence,
                        .n_rows = (double)input->n};
    struct promise_part all = {.bound = 1};
    struct promise promise = promise_of(input);

    prepare(&walk);
    walk_on(&walk, &all);
    promise.n_tested = 1;
    promise.certified = all.certified;
    promise.threshold = all.threshold;
    promise.scope_least = all.scope_least;
    promise.coverage = all.coverage;
    promise.bound = all.bound;
    promise.accepted = all.accepted;
    promise.errors = all.errors;
    promise.oos_accepted = all.oos_accepted;
    promise.labels_missing = all.labels_missing;
    promise.reachable = all.reachable;
    *ret_promise = promise;
}

/* ---- parts ---- */

/* Rows in the order of their parts; ret_starts[k] is where part k begins, with one more entry for the end. Rows of no part
 * are left out. */
static struct promise_row *by_part(const struct promise_row *rows, size_t n, size_t n_parts, size_t *ret_starts)
{
    struct promise_row *sorted = mem_array(n, sizeof *sorted);
    size_t *next = mem_array(n_parts + 1, sizeof *next);

    for (size_t i = 0; i < n; i++) {
        if (rows[i].part < n_parts)
            ret_starts[rows[i].part + 1]++;
    }
    for (size_t k = 0; k < n_parts; k++) {
        ret_starts[k + 1] += ret_starts[k];
        next[k] = ret_starts[k];
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].part < n_parts)
            sorted[next[rows[i].part]++] = rows[i];
    }
    mem_free(next);
    return sorted;
}

size_t promise_rows_least(const struct promise_input *input, size_t split)
{
    return least_accepted(input, (1 - input->confidence) / (double)split, PART_ERRORS);
}

/* With out-of-scope rows the rates are of all rows, so that nothing may be chosen by the parts' own: all join. */
static size_t joins_at(const struct promise_input *input, size_t split)
{
    return input->n_oos > 0 ? 0 : promise_rows_least(input, split);
}

/* The fewest that the allowance must be split over, so that no more parts join than that. By numbers of rows alone. */
static size_t split_of(const struct promise_input *input, const struct promise_part *parts, size_t n_parts)
{
    for (size_t split = 1; split < n_parts; split++) {
        size_t joined = 0, least = joins_at(input, split);
        for (size_t k = 0; k < n_parts; k++)
            joined += parts[k].n >= least;
        if (joined <= split)
            return split;
    }
    return n_parts;
}

static void add_part(struct promise *promise, const struct promise_part *part)
{
    if (part->certified) {
        promise->bound = promise->certified ? fmax(promise->bound, part->bound) : part->bound;
        promise->certified = true;
        promise->coverage += part->coverage;
        promise->accepted += part->accepted;
        promise->errors += part->errors;
        promise->oos_accepted += part->oos_accepted;
    }
    promise->reachable |= part->reachable;
}

/* The fewest labels until one of the parts is certified: those that could be, before those that could not. */
static size_t fewest_missing(const struct promise *promise)
{
    size_t fewest = 0;

    for (size_t k = 0; k < promise->n_parts; k++) {
        const struct promise_part *part = &promise->parts[k];
        if (part->reachable == promise->reachable && (fewest == 0 || part->labels_missing < fewest))
            fewest = part->labels_missing;
    }
    return fewest;
}

/* Parts with too few rows to take part are told what they miss if one more joined. */
static void certify_part(struct walk *walk, size_t split, bool joined, struct promise_part *part)
{
    double delta = 1 - walk->input->confidence;

    part->bound = 1;
    walk->delta = delta / (double)(joined ? split : split + 1);
    prepare(walk);
    if (joined)
        walk_on(walk, part);
    else
        estimate_missing(walk, part);
}

static void certify_each(const struct promise_input *input, struct promise *promise)
{
    size_t *at = mem_array(promise->n_parts + 1, sizeof *at), *oos_at = mem_array(promise->n_parts + 1, sizeof *oos_at);
    struct promise_row *rows = by_part(input->rows, input->n, promise->n_parts, at);
    struct promise_row *oos = by_part(input->oos, input->n_oos, promise->n_parts, oos_at);
    size_t least;

    for (size_t k = 0; k < promise->n_parts; k++)
        promise->parts[k].n = at[k + 1] - at[k];
    promise->n_tested = split_of(input, promise->parts, promise->n_parts);
    least = joins_at(input, promise->n_tested);
    for (size_t k = 0; k < promise->n_parts; k++) {
        struct promise_part *part = &promise->parts[k];
        struct walk walk = {.input = input, .rows = rows + at[k], .n = part->n, .n_rows = (double)part->n};
        walk.oos = oos + oos_at[k];
        walk.n_oos = oos_at[k + 1] - oos_at[k];
        if (input->n_oos > 0)
            walk.n_rows = (double)input->n / (double)promise->n_parts;
        certify_part(&walk, promise->n_tested, part->n >= least, part);
        add_part(promise, part);
    }
    mem_free(rows);
    mem_free(oos);
    mem_free(at);
    mem_free(oos_at);
}

void promise_certify_parts(const struct promise_input *input, const struct promise_partition *partition,
                           struct promise *ret_promise)
{
    struct promise promise = promise_of(input);

    promise.per = partition->per;
    promise.n_parts = partition->n_parts;
    promise.parts = mem_array(promise.n_parts, sizeof *promise.parts);
    promise.n_labels = partition->n_labels;
    promise.labels = mem_array(promise.n_labels, sizeof *promise.labels);
    if (promise.n_labels)
        memcpy(promise.labels, partition->labels, promise.n_labels * sizeof *promise.labels);
    for (size_t k = 0; k < promise.n_parts; k++)
        strncat(promise.parts[k].name, partition->names[k], LABEL_MAX - 1);
    certify_each(input, &promise);
    if (!promise.certified)
        promise.labels_missing = fewest_missing(&promise);
    *ret_promise = promise;
}

void promise_done(struct promise *self)
{
    mem_free(self->parts);
    mem_free(self->labels);
    self->parts = NULL;
    self->labels = NULL;
    self->n_parts = self->n_labels = 0;
}

/* ---- accepting ---- */

static int by_label(const void *label, const void *item)
{
    return strcmp(label, ((const struct promise_label *)item)->label);
}

uint32_t promise_part_of(enum promise_per per, const struct promise_label *labels, size_t n,
                         const struct prediction *prediction)
{
    const struct promise_label *found;

    if (per == PROMISE_PER_LANGUAGE)
        return prediction->foreign ? PROMISE_FOREIGN : PROMISE_READ;
    found = n ? bsearch(prediction->top[0].label, labels, n, sizeof *labels, by_label) : NULL;
    return found ? found->part : PROMISE_NO_PART;
}

bool promise_accepts(const struct promise *self, const struct prediction *prediction)
{
    double threshold = self->threshold, scope_least = self->scope_least;

    if (!self->certified)
        return false;
    if (self->per != PROMISE_PER_ALL) {
        uint32_t k = promise_part_of(self->per, self->labels, self->n_labels, prediction);
        if (k >= self->n_parts || !self->parts[k].certified)
            return false;
        threshold = self->parts[k].threshold;
        scope_least = self->parts[k].scope_least;
    }
    return prediction->top[0].confidence >= threshold && (!self->gated || prediction->scope_score >= scope_least);
}
