/* A promise: at most this share of wrong labels among what is accepted, with this confidence. Certified by learn-then-test
 * with one fixed sequence of thresholds, from strict to lax, declared by the model before the labels are seen; each step
 * is an exact binomial test, so the sequence as a whole holds the level. It speaks of traffic like the rows it was made
 * on, and of nothing else.
 * Sources: Angelopoulos et al., Learn then test (2021); Clopper and Pearson (Biometrika 26, 1934). */
#ifndef TRIAGED_DECIDE_PROMISE_H
#define TRIAGED_DECIDE_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "triage/classifier.h"

#define PROMISE_VERSION 1
#define PROMISE_DATE_MAX 32
#define PROMISE_BYTES_MAX 65536 /* of the file */

/* One labelled row, or one out-of-scope row, as the model saw it. */
struct promise_row {
    double confidence, scope_score;
    bool wrong;    /* always true for an out-of-scope row */
};

struct promise_input {
    const struct promise_row *rows; /* labelled, in scope */
    size_t n;
    const struct promise_row *oos; /* out of scope; n_oos 0 without */
    size_t n_oos;
    double oos_share; /* of the real traffic, 0..1 */
    const double *confidences, *scopes; /* the declared sequence: both thresholds of each step, */
    const double *joint;                /* and the share of rows that was seen to pass both */
    size_t n_sequence;
    double max_error, confidence;
};

struct promise {
    double max_error, confidence; /* what was asked for */
    bool certified;
    bool gated;          /* made with out-of-scope rows: the scope score has a threshold too */
    double threshold;    /* least confidence that is accepted; certified only */
    double scope_least;  /* least scope score that is accepted; gated only */
    double coverage;     /* accepted of all rows, in the real mixture */
    double bound;        /* upper bound of the error rate, at the confidence asked for */
    size_t n, n_oos, accepted, errors, oos_accepted;
    double oos_share;
    size_t labels_missing; /* an estimate; 0 when certified */
    bool reachable;        /* false: with this model no number of labels would certify anything */
    char model[SHA256_HEX_MAX], data[SHA256_HEX_MAX], created[PROMISE_DATE_MAX];
};

/* Leaves model, data and created to the caller. */
void promise_certify(const struct promise_input *input, struct promise *ret_promise);
/* Whether a prediction falls under the promise; false without a certified one. */
bool promise_accepts(const struct promise *self, const struct prediction *prediction);

/* The file: JSON (schemas/promise.v1.json). Fails when it is no promise or for another model. */
int promise_load(const char *path, const struct classifier *model, struct promise *ret_promise, struct err *reterr);
int promise_save(const struct promise *self, const char *path, struct err *reterr);

#endif
