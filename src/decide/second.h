/* The second opinion of a model: a linear head over the encoder's vector of the text, mixed with the linear tier's scores,
 * and how near the text is to anything seen in training. It lives in the model file's section MODEL_ENCODER, which is laid out
 * as struct second_params, the head, the neighbours. Pure: vectors come in, whoever calls has made them.
 * Sources: Hsieh et al., A dual coordinate descent method for large-scale linear SVM (ICML 2008), for the head; Sun et al.,
 * Out-of-distribution detection with deep nearest neighbors (ICML 2022) and Liu et al., Energy-based out-of-distribution
 * detection (NeurIPS 2020), for the scope score. */
#ifndef TRIAGED_DECIDE_SECOND_H
#define TRIAGED_DECIDE_SECOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "decide/corpus.h"
#include "decide/stats.h"
#include "triage/encoder.h"
#include "triage/err.h"

#define SECOND_VERSION 1
#define SECOND_NEIGHBOURS 5          /* nearest rows whose likeness counts */
#define SECOND_NEIGHBOURS_OF 20000   /* rows kept to be near to; of more, evenly chosen ones */
#define SECOND_UNIT 8192             /* a component of 1 as the file holds it */
#define SECOND_MAP 200               /* points of the map from linear to common scope scores */

enum second_part { SECOND_NEAR, SECOND_ENERGY, SECOND_LARGEST, SECOND_PARTS };

struct second_params {
    uint32_t version, n_labels, stride, n_vectors;
    char encoder[SHA256_HEX_MAX + 7]; /* hash of the encoder whose vectors these are */
    double gate;               /* the encoder is asked below this linear confidence */
    double share;              /* of the encoder in the mixture, 0..1 */
    double linear_unit, encoder_unit; /* scores are divided by these before they are mixed */
    struct calibration calibration;   /* of mixed scores */
    double mean[SECOND_PARTS], deviation[SECOND_PARTS]; /* of the parts, on held-out rows */
    double linear_at[SECOND_MAP], scope_at[SECOND_MAP]; /* both rising: the linear scope score of a text that the encoder
                                                           does not see, and the scope score of like rank */
};

struct second { /* a view of the section */
    const struct second_params *params;
    const float *head; /* (ENCODER_DIM + 1) x stride, the last row the bias */
    const int16_t *vectors;
};

/* False when the section is no second opinion for so many labels. */
bool second_open(const void *section, size_t len, size_t n_labels, struct second *ret_second);
/* The text as the encoder sees it: subject and newest part. */
void second_text(const struct classifier_text *text, struct buf *out);
/* Mixed scores (stride of them, for softmax under params->calibration) and the scope score of a text with this vector and
 * these linear scores. head has room for the stride. */
void second_scores(const struct second *self, const float vector[ENCODER_DIM], const float *linear, float *head,
                   float *ret_mixed, double *ret_scope);
/* The scope score of a text that the encoder did not see. */
double second_scope_unseen(const struct second *self, double linear_scope);

/* ---- what training shares with it ---- */

void second_quantize(const float vector[ENCODER_DIM], int16_t *ret_vector);
/* Mean likeness (cosine) of the nearest among n; those whose mark equals skipped are left out, marks NULL: none is. */
double second_near(const int16_t *vectors, size_t n, const int16_t *vector, const unsigned char *marks, unsigned char skipped);
void second_parts(const struct second_params *params, const float *head, const float *linear, double near,
                  double ret_parts[SECOND_PARTS]);
double second_scope(const struct second_params *params, const double parts[SECOND_PARTS]);
void second_mix(const struct second_params *params, const float *linear, const float *head, float *ret_mixed);

/* ---- training ---- */

struct second_rows {
    const struct example *rows;
    size_t n;
};

struct second_training {
    struct second_rows rows, valid; /* valid.n 0: out of fold */
    const struct corpus *corpus, *valid_corpus;
    const unsigned char *folds;     /* of each row */
    unsigned n_folds;
    size_t n_labels, stride;
    const float *held_linear;       /* linear scores of held-out rows, fold after fold: n_held x stride */
    const uint32_t *held_labels;
    size_t n_held;
    struct calibration linear;      /* of the linear tier alone */
    double scope_temperature;
    const char *encoder_dir;
    void (*say)(void *context, const char *line);
    void *context;
};

/* What held-out rows look like to the model as it ships: the encoder where the linear tier is unsure. */
struct second_report {
    double gate, share, seen; /* seen: share of the held-out rows that the encoder sees */
    double accuracy_linear, accuracy_head, accuracy_everywhere, accuracy;
    struct outcome *outcomes; /* n_held; owned: mem_free */
    double *scopes;           /* n_held; owned: mem_free */
};

/* Appends the section. Fails when the encoder does. */
int second_train(const struct second_training *training, struct buf *ret_section, struct second_report *ret_report,
                 struct err *reterr);

#endif
