/* Writing a model file. */
#ifndef TRIAGED_DECIDE_MODEL_WRITE_H
#define TRIAGED_DECIDE_MODEL_WRITE_H

#include "base/buf.h"
#include "decide/corpus.h"
#include "decide/fit.h"
#include "decide/model_file.h"
#include "triage/err.h"

struct model_parts {
    const struct corpus *corpus;     /* its labels */
    const struct example *rows;      /* for the n-grams' text */
    const struct fit_set *set;
    const float *weights;
    struct model_params params;      /* temperatures and out-of-fold figures; the rest is filled in */
    const struct buf *second;        /* section MODEL_ENCODER; empty without an encoder */
    const struct model_sequence *sequence;
    const char *report;              /* JSON */
};

/* Replaces path in one step (rename). */
int model_write(const struct model_parts *parts, const char *path, struct err *reterr);

#endif
