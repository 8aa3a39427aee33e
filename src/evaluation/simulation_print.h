/* A simulation on a terminal, as one JSON object, and as one HTML page. */
#ifndef TRIAGED_EVALUATION_SIMULATION_PRINT_H
#define TRIAGED_EVALUATION_SIMULATION_PRINT_H

#include "base/hash.h"
#include "base/json.h"
#include "evaluation/simulation.h"

/* Where the figures come from; all borrowed. changes: in words, what is other than what decided. */
struct sim_origin {
    const char *history, *date, *changes;
    struct provenance now;
    char policy_then[SHA256_HEX_MAX]; /* of most results */
    double max_error, confidence;     /* that the policy asks for */
    size_t examples;                  /* of each flip */
};

void simulation_print(const struct simulation *self, const struct sim_origin *origin);
cJSON *simulation_json(const struct simulation *self, const struct sim_origin *origin);
/* No script, nothing fetched. The same simulation and origin give the same bytes. The caller frees with mem_free. */
char *simulation_html(const struct simulation *self, const struct sim_origin *origin);

/* What the error rate says about the promise that the policy asks for. */
const char *simulation_verdict(const struct survey_estimate *error, const struct sim_origin *origin);

#endif
