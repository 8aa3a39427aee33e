/* The doctor of a taxonomy: what is wrong with classes and labels, found by what a model that never saw a row says
 * about it (held_out.h) and by comparing texts. Pure. It must not know how findings are shown, nor judge what to do. */
#ifndef TRIAGED_DECIDE_TAXONOMY_H
#define TRIAGED_DECIDE_TAXONOMY_H

#include <stdbool.h>

#include "decide/corpus.h"
#include "decide/held_out.h"

#define TAXONOMY_OVERLAP_SHARE   0.05 /* of both classes' rows that swap sides */
#define TAXONOMY_OVERLAP_ROWS    3    /* and so many rows at least */
#define TAXONOMY_EXAMPLES        2    /* of each direction */
#define TAXONOMY_THIN_ROWS       10   /* a class with fewer teaches a model little */
#define TAXONOMY_UNSURE          0.5  /* a row guessed with less confidence fits no class well */
#define TAXONOMY_UNSURE_ROWS_MAX 4000 /* least sure first */
#define TAXONOMY_CLUSTER_LEAST   5
#define TAXONOMY_CLUSTERS_MAX    20
#define TAXONOMY_NGRAMS          4

/* Two classes that take each other's rows. */
struct overlap {
    uint32_t one, other;
    size_t one_as_other, other_as_one;      /* rows */
    double share;                           /* of both classes' rows */
    size_t examples[2 * TAXONOMY_EXAMPLES]; /* rows, surest first; those of `one` in front */
    size_t n_examples;
};

/* Rows with the same text but for case, punctuation and blanks. */
struct same_text {
    size_t first, n; /* into same_rows */
    bool conflict;   /* they do not all carry one label */
};

/* Rows that are alike and that no class fits well. */
struct cluster {
    size_t first, n;                                 /* into cluster_rows; the most typical row in front */
    char ngrams[TAXONOMY_NGRAMS][FEATURE_NGRAM_MAX]; /* what they have in common and others do not */
    size_t n_ngrams;
};

struct taxonomy {
    size_t *class_rows;       /* of each label */
    double *class_confidence; /* mean probability of their own label over the rows of each */
    struct overlap *overlaps; /* largest share first */
    size_t n_overlaps;
    size_t *suspects; /* rows whose label is likely wrong, likeliest first */
    size_t n_suspects;
    size_t *same_rows;
    struct same_text *same;                /* conflicts first, then the larger */
    size_t n_same, n_conflicts, n_repeats; /* n_repeats: rows that only repeat another with its label */
    size_t *cluster_rows;
    struct cluster *clusters; /* largest first */
    size_t n_clusters, n_unsure;
};

struct taxonomy_input {
    const struct corpus *corpus;
    const struct example *examples;   /* the rows of the corpus */
    const struct held_guess *guesses; /* one a row; a guess may lie beyond the corpus' labels */
};

void taxonomy_make(const struct taxonomy_input *input, struct taxonomy *ret_taxonomy);
void taxonomy_done(struct taxonomy *self); /* for CLEANUP */

/* The part that finds clusters (clusters.c). */
void taxonomy_find_clusters(const struct taxonomy_input *input, struct taxonomy *self);

#endif
