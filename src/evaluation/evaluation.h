/* The figures of a model on labelled rows: counted once here, shown as a table, as JSON and as a page. Pure but for the
 * CPU clock. It must not know how they are shown. */
#ifndef TRIAGED_EVALUATION_EVALUATION_H
#define TRIAGED_EVALUATION_EVALUATION_H

#include "decide/promise.h"
#include "decide/stats.h"
#include "evaluation/rows.h"
#include "triage/classifier.h"

#define EVALUATION_INTERVAL    0.95 /* of the accuracy: exact binomial, two-sided */
#define EVALUATION_PAIRS_SHOWN 15
#define EVALUATION_COVERAGES   7
#define EVALUATION_TARGETS     4
#define EVALUATION_SCOPE_BINS  30

struct class_count {
    const char *label;
    size_t n, predicted, right;
};

/* A confusion: so many rows of one class were taken for another. Both index the classes. */
struct confusion_pair {
    size_t truth, guess, n;
};

/* The rows at or above a confidence. */
struct risk_point {
    double wanted;    /* the coverage or the error rate this point was looked up for */
    bool found;       /* false: no threshold has so few errors */
    double threshold; /* confidence of the last row that is in */
    size_t n, errors;
};

struct scope_figures {
    size_t n, passed;       /* out-of-scope rows, and those that the gate let through */
    size_t in_scope_passed; /* of the labelled rows */
    double auroc;
    double low, high; /* range of the bins */
    size_t in[EVALUATION_SCOPE_BINS], out[EVALUATION_SCOPE_BINS];
};

struct promise_figures {
    size_t accepted, errors, oos_accepted;
    double upper; /* bound of the error rate among the accepted labelled rows, at the promise's confidence */
    double mixed; /* error rate in the mixture that the promise was made for; the plain one without out-of-scope rows */
};

struct evaluation {
    struct class_count *classes; /* sorted by label: the model's and the data's */
    size_t n_classes;
    struct confusion_pair *pairs; /* errors only, most frequent first */
    size_t n_pairs;
    struct outcome *outcomes; /* by falling confidence */
    size_t n, right;
    size_t n_unknown, n_unknown_labels; /* rows and labels of the data that the model does not know */
    double accuracy_low, accuracy_high;
    double macro_f1; /* mean over the classes that the data have */
    size_t n_macro;
    double ece, ece_if_perfect;
    struct reliability_bin bins[STATS_ECE_BINS];
    double risk_area, risk_area_best; /* under the risk-coverage curve; the least that this accuracy allows */
    struct risk_point coverages[EVALUATION_COVERAGES], targets[EVALUATION_TARGETS];
    double cpu_us, cpu_us_p50, cpu_us_p99;
    bool has_scope, has_promise;
    struct scope_figures scope;
    struct promise promise;
    struct promise_figures promised;
};

struct evaluation_input {
    const struct classifier *model;
    struct classifier_scratch *scratch; /* of the model */
    const struct rows *rows;            /* with labels */
    const struct rows *oos;             /* NULL without */
    const struct promise *promise;      /* NULL without */
};

/* Borrows the labels of model and rows, which must outlive it. */
void evaluation_make(const struct evaluation_input *input, struct evaluation *ret_evaluation);
void evaluation_done(struct evaluation *self); /* for CLEANUP */

double evaluation_f1(const struct class_count *class);
/* part of whole, 0 of nothing. */
double evaluation_share(size_t part, size_t whole);

#endif
