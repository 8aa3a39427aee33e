/* Results (result.v1) from their topic, to its present end, or from a file of JSON Lines. */
#ifndef TRIAGED_EVALUATION_RESULTS_READ_H
#define TRIAGED_EVALUATION_RESULTS_READ_H

#include "base/json.h"
#include "policy/config.h"
#include "triage/err.h"

struct results_source {
    const struct config *config;
    const char *file;    /* NULL: the topic; "-": standard input */
    const char *profile; /* of the topic only those of this profile; NULL: all */
};

/* Each that can be read, in the order of its partition. */
int results_each(const struct results_source *source, void (*take)(void *opaque, const cJSON *doc), void *opaque,
                 struct err *reterr);

#endif
