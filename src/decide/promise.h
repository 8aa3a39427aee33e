/* A promise: at most this share of wrong labels among what is accepted, with this confidence. Certified by learn-then-test
 * with one fixed sequence of thresholds, from strict to lax, declared by the model before the labels are seen; each step
 * is an exact binomial test, so the sequence as a whole holds the level. It speaks of traffic like the rows it was made
 * on, and of nothing else.
 * A promise speaks of everything accepted together, or of each class (or group of classes) for itself, or of the texts that
 * the encoder can read and of those in other languages. In all cases but the first the allowance 1 - confidence is split evenly over the parts that have rows enough, so that all of them hold at once with
 * the confidence asked for.
 * Sources: Angelopoulos et al., Learn then test (2021); Clopper and Pearson (Biometrika 26, 1934); for the split, Bonferroni
 * as in Dunn (JASA 56, 1961). */
#ifndef TRIAGED_DECIDE_PROMISE_H
#define TRIAGED_DECIDE_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "triage/classifier.h"

#define PROMISE_VERSION 1
#define PROMISE_DATE_MAX 32
#define PROMISE_BYTES_MAX (1 << 20)     /* of the file */
#define PROMISE_PARTS_MAX LABELS_MAX
#define PROMISE_NO_PART UINT32_MAX      /* of a label that no part holds: it is never accepted */

enum promise_per { PROMISE_PER_ALL, PROMISE_PER_CLASS, PROMISE_PER_GROUP, PROMISE_PER_LANGUAGE, PROMISE_PER_COUNT };
enum promise_language { PROMISE_READ, PROMISE_FOREIGN, PROMISE_LANGUAGES }; /* the parts of PROMISE_PER_LANGUAGE */
/* "all", "class", "group", "language". */
const char *promise_per_word(enum promise_per per);

/* What was found for one set of labels, or for all. */
struct promise_part {
    char name[LABEL_MAX];  /* of the class or group; "" for all */
    bool certified;
    double threshold;      /* least confidence that is accepted; certified only */
    double scope_least;    /* least scope score that is accepted; certified and gated only */
    double coverage;       /* accepted of all rows, in the real mixture */
    double bound;          /* upper bound of the error rate, at this part's share of the allowance; 1 unless certified */
    size_t n;              /* in-scope rows that are predicted to belong here */
    size_t accepted, errors, oos_accepted;
    size_t labels_missing; /* an estimate, of labelled rows of the whole traffic; 0 when certified */
    bool reachable;        /* false: at the error rate seen, no number of labels would certify anything */
};

struct promise_label {
    char label[LABEL_MAX];
    uint32_t part;
};

struct promise {
    double max_error, confidence; /* what was asked for */
    enum promise_per per;
    bool certified;        /* of some part at least */
    bool gated;            /* made with out-of-scope rows: the scope score has a threshold too */
    double threshold, scope_least; /* per all: as in struct promise_part */
    double coverage, bound;        /* of all parts together; the largest bound */
    size_t n, n_oos, accepted, errors, oos_accepted;
    double oos_share;
    size_t labels_missing; /* until something is certified; 0 when it is */
    bool reachable;
    size_t n_tested;       /* parts that the allowance was split over; 1 for all */
    struct promise_part *parts;   /* per class and per group: owned; see promise_done */
    size_t n_parts;
    struct promise_label *labels; /* sorted: which part a label belongs to; owned */
    size_t n_labels;
    char model[SHA256_HEX_MAX], data[SHA256_HEX_MAX], created[PROMISE_DATE_MAX];
    char id[SHA256_HEX_MAX]; /* SHA-256 of the file; set by promise_load */
};
void promise_done(struct promise *self); /* for CLEANUP; one that is all zero is fine */

/* One labelled row, or one out-of-scope row, as the model saw it. */
struct promise_row {
    double confidence, scope_score;
    uint32_t part; /* of the prediction: promise_part_of; only where parts are asked for */
    bool wrong;    /* always true for an out-of-scope row */
};

struct promise_input {
    const struct promise_row *rows; /* labelled, in scope */
    size_t n;
    const struct promise_row *oos; /* out of scope; n_oos 0 without */
    size_t n_oos;
    double oos_share; /* of the real traffic, 0..1 */
    const double *confidences, *scopes; /* the declared thresholds from strict to lax, evenly spaced in what they accept, */
    const double *joint;                /* and the share of rows that was seen to pass both */
    size_t n_sequence;
    double max_error, confidence;
};

/* Which labels make up a part, declared before anything is looked at; per language no label does. */
struct promise_partition {
    enum promise_per per;
    const char *const *names; /* of the parts */
    size_t n_parts;           /* at most PROMISE_PARTS_MAX */
    const struct promise_label *labels; /* sorted by byte value */
    size_t n_labels;
};

/* Leaves model, data and created to the caller. */
void promise_certify(const struct promise_input *input, struct promise *ret_promise);
void promise_certify_parts(const struct promise_input *input, const struct promise_partition *partition,
                           struct promise *ret_promise);
/* The part of a prediction, or PROMISE_NO_PART; labels sorted by byte value. */
uint32_t promise_part_of(enum promise_per per, const struct promise_label *labels, size_t n,
                         const struct prediction *prediction);
/* Rows that a part needs to take a share of the allowance when that is split over so many. */
size_t promise_rows_least(const struct promise_input *input, size_t split);
/* Whether a prediction falls under the promise; false without a certified one. */
bool promise_accepts(const struct promise *self, const struct prediction *prediction);

/* The file: JSON (schemas/promise.v1.json). Fails when it is no promise or for another model; model NULL: for any. */
int promise_load(const char *path, const struct classifier *model, struct promise *ret_promise, struct err *reterr);
int promise_save(const struct promise *self, const char *path, struct err *reterr);
/* The text of the file; the caller frees it with mem_free. */
char *promise_text(const struct promise *self);

#endif
