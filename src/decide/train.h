/* From labelled rows to a model file: solver and cost are chosen out of fold, the calibration is fixed there too, then
 * everything is fitted on all rows. The same rows give the same bytes. */
#ifndef TRIAGED_DECIDE_TRAIN_H
#define TRIAGED_DECIDE_TRAIN_H

#include <stdbool.h>

#include "decide/corpus.h"
#include "decide/fit.h"
#include "decide/model_file.h"
#include "decide/stats.h"
#include "triage/err.h"

#define TRAIN_FOLDS 5
#define TRAIN_TRIALS_MAX 16
#define TRAIN_SCOPE_MISSED 0.02 /* share of in-scope tickets that the gate may turn away */

struct train_input {
    const struct example *rows;
    size_t n_rows;
    const struct example *valid; /* held-out rows to choose and calibrate on instead of folds; NULL for folds */
    size_t n_valid;
    const char *encoder_dir; /* NULL: the linear tier alone */
    void (*say)(void *context, const char *line); /* progress, one line each; NULL for silence */
    void *context;
};

/* One solver, or both: their scores mixed, which errs less than either. */
struct train_trial {
    double cost[FIT_SOLVERS]; /* 0: that solver takes no part */
    size_t n_held;            /* rows behind the figures: more for those that came further */
    double accuracy, nll;
};
#define TRAIN_TRIAL_NAME_MAX 80
/* "crammer-singer 1" or "crammer-singer 1 + one-vs-rest 0.5"; returns out. */
char *train_trial_name(const struct train_trial *trial, char out[TRAIN_TRIAL_NAME_MAX]);

struct train_report {
    size_t n_rows, n_labels, n_held; /* n_held: rows that accuracy and calibration error come from */
    size_t n_features;
    struct train_trial trials[TRAIN_TRIALS_MAX];
    size_t n_trials, chosen;
    struct calibration calibration;
    double accuracy, ece, ece_if_perfect; /* on held-out rows, of the model as it ships */
    double accuracy_linear;               /* of the linear tier alone */
    bool encoder;                         /* it has a second opinion: then the next ones say something */
    double encoder_share, encoder_gate, encoder_seen, accuracy_everywhere; /* struct second_report */
    struct model_sequence sequence;
    double scope_least; /* the gate: TRAIN_SCOPE_MISSED of the held-out rows score below it */
};

/* Writes the model to path, by way of a temporary file beside it, so that readers see the old or the new one. */
int classifier_train(const struct train_input *input, const char *path, struct train_report *ret_report,
                     struct err *reterr);

#endif
