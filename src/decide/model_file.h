/* The layout of a model file: a prefix, then the payload that its SHA-256 covers. Little-endian, mapped as it is; every
 * section starts on a 64-byte boundary of the file. */
#ifndef TRIAGED_DECIDE_MODEL_FILE_H
#define TRIAGED_DECIDE_MODEL_FILE_H

#include <stdint.h>

#define MODEL_MAGIC "TRIAGEDM"
#define MODEL_VERSION 1 /* rises with every change of layout or meaning; another version means: train again */
#define MODEL_ALIGN 64
#define MODEL_SEQUENCE_LEN 200
#define MODEL_BYTES_MAX ((uint64_t)4 << 30)

enum model_section {
    MODEL_LABELS,   /* n_labels strings, each terminated */
    MODEL_INDEX,    /* FEATURE_BUCKETS x uint32: the bucket's row or VOCABULARY_NONE */
    MODEL_IDF,      /* n_rows x float: the root of the inverse document frequency */
    MODEL_NGRAM_AT, /* n_rows x uint32: where the row's n-gram starts in MODEL_NGRAMS */
    MODEL_NGRAMS,   /* strings, each terminated */
    MODEL_WEIGHTS,  /* (n_rows + 1) x stride floats; the last row is the bias */
    MODEL_SEQUENCE, /* struct model_sequence */
    MODEL_REPORT,   /* JSON: what training tried and found; for people */
    MODEL_ENCODER,  /* the encoder's head; empty without one */
    MODEL_SECTIONS
};

struct model_prefix {
    char magic[8];
    uint32_t version;
    uint32_t features_version; /* FEATURES_VERSION at training */
    uint64_t payload_len;      /* bytes behind the prefix */
    unsigned char sha256[32];  /* of the payload */
    unsigned char zero[8];
};
_Static_assert(sizeof(struct model_prefix) == MODEL_ALIGN, "the prefix is one unit of alignment");

/* Thresholds from strict to lax, declared at training for calibration to walk along: step j accepts (j+1)/LEN of the
 * held-out rows by confidence alone, and as many by scope score alone; joint says what share passes both. */
struct model_sequence {
    double confidences[MODEL_SEQUENCE_LEN], scopes[MODEL_SEQUENCE_LEN], joint[MODEL_SEQUENCE_LEN];
};

struct model_params {
    uint32_t n_labels, n_rows;
    uint32_t stride;       /* floats a row, n_labels rounded up */
    uint32_t zero;
    double temperature, temperature_slope; /* struct calibration */
    double scope_temperature; /* of the energy that is the scope score */
    double scope_least;       /* in scope at this score and above */
    double oof_accuracy, oof_ece; /* out of fold, as found in training */
    uint64_t section_at[MODEL_SECTIONS], section_len[MODEL_SECTIONS]; /* bytes from the start of the file */
};

#endif
