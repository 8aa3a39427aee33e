/* The linear tier: hashed word and character n-grams, LIBLINEAR, one temperature. Pure after loading; a model file is
 * memory-mapped, versioned and hashed. Sources: Fan et al., LIBLINEAR (JMLR 9, 2008); Weinberger et al., Feature hashing
 * (ICML 2009); Guo et al., On calibration of modern neural networks (ICML 2017). */
#ifndef TRIAGE_CLASSIFIER_H
#define TRIAGE_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/decision.h"
#include "triage/err.h"

/* The text of a ticket as the features see it; all borrowed, UTF-8, "" when absent. */
struct classifier_text {
    const char *subject, *body, *sender, *channel;
};

struct prediction {
    struct alternative top[ALTERNATIVES_MAX]; /* best first */
    size_t n_top;
    double scope_score; /* higher is more in scope */
    bool in_scope;      /* scope_score reaches the gate that training set */
    double margin;      /* raw score of the best minus the second */
    size_t words, unknown_words; /* words and pairs of words of subject and newest text; those that training did not see */
    bool encoded;       /* the encoder was asked */
    bool foreign;       /* in a language that the encoder does not know; false where there is no encoder */
};

struct classifier; /* const after loading: any number of threads may predict at once, each with its own scratch */
struct classifier_scratch;
struct encoder;

/* Fails permanently with what to do on another format version, a damaged file or a missing one. */
int classifier_load(const char *path, struct classifier **ret_classifier, struct err *reterr);
void classifier_free(struct classifier *self);
const char *classifier_hash(const struct classifier *self); /* SHA-256 hex of the file */
size_t classifier_label_count(const struct classifier *self);
const char *classifier_label_at(const struct classifier *self, size_t index);

struct classifier_scratch *classifier_scratch_new(const struct classifier *self);
void classifier_scratch_free(struct classifier_scratch *self);
/* Whether the model was trained with an encoder. Without one attached such a model is not what was measured: its linear
 * tier answers alone. */
bool classifier_wants_encoder(const struct classifier *self);
/* Opens the encoder of this folder (NULL: where encoder_find finds it) for this scratch; it must be the one of training.
 * everywhere: asked for every text, not only where the linear tier is unsure. Nothing happens for a model without one. */
int classifier_scratch_attach(const struct classifier *self, struct classifier_scratch *scratch, const char *dir,
                              bool everywhere, struct err *reterr);
struct encoder *classifier_scratch_encoder(struct classifier_scratch *scratch); /* the one attached, or NULL; borrowed */
/* Same input, same model, same bytes out. Never fails: empty text gives the prior. */
void classifier_predict(const struct classifier *self, struct classifier_scratch *scratch,
                        const struct classifier_text *text, struct prediction *ret_prediction);

#endif
