/* Labelled rows as counted features: what training and its folds work on. */
#ifndef TRIAGED_DECIDE_CORPUS_H
#define TRIAGED_DECIDE_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "decide/features.h"
#include "triage/decision.h"
#include "triage/err.h"

#define CORPUS_ROWS_MAX 2000000

struct example {
    const char *id;
    struct classifier_text text;
    const char *label;
};

struct corpus_row {
    size_t first; /* into the features */
    uint32_t n;
    uint32_t label;    /* into the labels */
    uint64_t identity; /* equal for texts that differ in case, punctuation and blanks only */
};

struct corpus {
    struct feature *features;
    size_t n_features, cap_features;
    struct corpus_row *rows;
    size_t n_rows;
    char (*labels)[LABEL_MAX]; /* sorted by byte value */
    size_t n_labels;
};

/* Fails permanently when labels are missing, too long, too many or fewer than two, and says which row. */
int corpus_new(const struct example *examples, size_t n, struct corpus **ret_corpus, struct err *reterr);
/* The same for rows whose labels must be among those of `like`; others are an error. */
int corpus_like(const struct corpus *like, const struct example *examples, size_t n, struct corpus **ret_corpus,
                struct err *reterr);
void corpus_free(struct corpus *self);

struct corpus_place {
    uint64_t identity;
    size_t row;
};

/* Every row by its identity, then by its number: equal texts stand together. The caller's. */
struct corpus_place *corpus_by_identity(const struct corpus *self);

/* Gives each row a fold 0..n_folds-1: stratified by label, duplicates together, the same for the same rows. */
void corpus_folds(const struct corpus *self, unsigned n_folds, unsigned char *folds);

#endif
