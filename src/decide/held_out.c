/* One fit a fold, each in a process of its own, scores in shared memory; then one calibration over all of them. */
#include "decide/held_out.h"

#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "decide/fit.h"
#include "decide/parallel.h"
#include "decide/stats.h"

#define FOLDS 5
/* Middle of what training tries: good enough to look at labels with. */
#define SOLVER FIT_ONE_VS_REST
#define COST   0.5

struct held_out {
    const struct corpus *corpus;
    unsigned char *folds;
    float *scores; /* rows x stride, shared */
    size_t stride;
};

/* Runs in a process of its own. */
static int run_fold(void *context, size_t fold)
{
    const struct held_out *self = context;
    unsigned char *keep = mem_array(self->corpus->n_rows, 1);
    struct entry *scratch = mem_array(FEATURE_LIST_MAX, sizeof *scratch);
    struct fit_set *set;
    float *weights;
    struct err err;

    for (size_t i = 0; i < self->corpus->n_rows; i++)
        keep[i] = self->folds[i] != fold;
    set = fit_set_new(self->corpus, keep);
    if (fit_weights(set, SOLVER, COST, &weights, &err) < 0)
        return -1;
    for (size_t i = 0; i < self->corpus->n_rows; i++) {
        if (!keep[i])
            fit_score(set, weights, self->corpus, i, scratch, self->scores + i * self->stride);
    }
    return 0;
}

static void take_guesses(const struct held_out *self, struct held_guess *guesses)
{
    const struct corpus *corpus = self->corpus;
    uint32_t *labels = mem_array(corpus->n_rows, sizeof *labels);
    double *probabilities = mem_array(corpus->n_labels, sizeof *probabilities), nll;
    const struct scored scored = {self->scores, labels, corpus->n_rows, corpus->n_labels, self->stride};
    struct calibration calibration;

    for (size_t i = 0; i < corpus->n_rows; i++)
        labels[i] = corpus->rows[i].label;
    calibration = stats_calibrate(&scored, &nll);
    for (size_t i = 0; i < corpus->n_rows; i++) {
        uint32_t best = 0;
        stats_softmax(self->scores + i * self->stride, corpus->n_labels, &calibration, probabilities);
        for (uint32_t k = 1; k < corpus->n_labels; k++)
            best = probabilities[k] > probabilities[best] ? k : best;
        guesses[i] = (struct held_guess){best, probabilities[best], probabilities[labels[i]]};
    }
    mem_free(labels);
    mem_free(probabilities);
}

int held_out_guess(const struct corpus *corpus, struct held_guess *ret_guesses, struct err *reterr)
{
    struct held_out self = {.corpus = corpus, .stride = fit_stride(corpus->n_labels)};
    size_t bytes = corpus->n_rows * self.stride * sizeof *self.scores;
    int result;

    if (corpus->n_rows < HELD_OUT_ROWS_LEAST)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%zu labelled rows are too few to learn from; give at least %d", corpus->n_rows,
                       HELD_OUT_ROWS_LEAST);
    if (bytes > HELD_OUT_BYTES_MAX)
        return err_set(
            reterr, ERR_PERMANENT, EX_DATAERR,
            "%zu rows of %zu labels are too many at once; give a sample of the rows, or a model made of others",
            corpus->n_rows, corpus->n_labels);
    self.folds = mem_array(corpus->n_rows, 1);
    self.scores = parallel_alloc(bytes);
    corpus_folds(corpus, FOLDS, self.folds);
    result = parallel_run(FOLDS, run_fold, &self, reterr);
    if (result == 0)
        take_guesses(&self, ret_guesses);
    parallel_free(self.scores, bytes);
    mem_free(self.folds);
    return result;
}
