/* Why the linear tier chose a label over the next best one: the exact contribution of every n-gram to both scores, what
 * would have changed the label, and which labelled tickets are like this one. It knows the linear tier only. */
#ifndef TRIAGED_DECIDE_EXPLAIN_H
#define TRIAGED_DECIDE_EXPLAIN_H

#include "decide/features.h"
#include "triage/classifier.h"

#define FLIP_RIVALS_MAX     50  /* labels nearest by score that a smallest set is looked for */
#define FLIP_WORDS_MAX      8   /* words that are taken out at most */
#define FLIP_CANDIDATES_MAX 200 /* distinct words that are tried, from the front */
#define FLIP_WORD_MAX       64  /* bytes of a word as shown, with the terminator */

struct contribution {
    const char *ngram; /* as training first met it in this bucket; borrowed from the model */
    enum feature_block block;
    double to[2]; /* score of the best label, of the next */
};

struct explanation {
    const char *label[2]; /* best, next; borrowed from the model */
    double score[2], bias[2], probability[2];
    double scope_score;
    bool in_scope;
    struct contribution *contributions; /* by difference, largest first */
    size_t n;
    /* The smallest set of n-grams without which another label would score highest, all else as it is: their places in
     * contributions. Exact for every single rival; n_flip 0 when no set does it (the bias alone decides). */
    size_t *flip;
    size_t n_flip;
    const char *flip_label;
};

/* bias plus all contributions is the score, to the precision of a float. */
void classifier_explain(const struct classifier *model, const struct classifier_text *text,
                        struct explanation *ret_explanation);
void explanation_done(struct explanation *self);

/* Words without which the ticket gets another label: taken out of the text and classified again, so everything shifts
 * as it really would. Greedy, then every word is put back that is not needed. Source: Martens and Provost, Explaining
 * data-driven document classifications (MIS Quarterly 38, 2014). */
struct flip_words {
    char words[FLIP_WORDS_MAX][FLIP_WORD_MAX];
    size_t n;          /* 0: so few words do not change it */
    const char *label; /* what it would be; borrowed from the model; NULL when n is 0 */
};
void classifier_flip_words(const struct classifier *model, const struct classifier_text *text,
                           struct flip_words *ret_words);

/* The labelled tickets most like a text: cosine of the vectors that the linear tier sees. */
struct neighbour {
    size_t row;    /* as given to neighbours_offer */
    double cosine; /* 0..1 */
};
struct neighbours;
struct neighbours *neighbours_new(const struct classifier *model, const struct classifier_text *text, size_t most);
void neighbours_free(struct neighbours *self);
void neighbours_offer(struct neighbours *self, size_t row, const struct classifier_text *text);
/* Nearest first, of equals the one offered first; borrowed. Texts without a common n-gram are none. */
size_t neighbours_nearest(const struct neighbours *self, const struct neighbour **ret_list);

#endif
