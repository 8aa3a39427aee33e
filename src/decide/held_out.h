/* What a model that never saw a row says about it: every row is predicted by one trained on the other folds, or all by
 * one model that is given. Looking at labels needs this: a model that was trained on a wrong label repeats it. */
#ifndef TRIAGED_DECIDE_HELD_OUT_H
#define TRIAGED_DECIDE_HELD_OUT_H

#include "decide/corpus.h"

#define HELD_OUT_ROWS_LEAST 20                /* fewer teach a model nothing */
#define HELD_OUT_BYTES_MAX  ((size_t)4 << 30) /* of scores, rows times labels */

struct held_guess {
    uint32_t guess;    /* index of a label */
    double confidence; /* calibrated probability of the guess, */
    double own;        /* and of the label that the row carries */
};

/* Fills ret_guesses, one a row of the corpus; labels are those of the corpus. Needs processes of its own (parallel.h).
 */
int held_out_guess(const struct corpus *corpus, struct held_guess *ret_guesses, struct err *reterr);

#endif
