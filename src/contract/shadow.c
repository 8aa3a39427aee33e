/* Only what differs is written, so that a shadow costs a result next to nothing. */
#include "contract/shadow.h"

#include <math.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"

static const double CONFIDENCE_STEPS = 10000.0;

static double rounded(double value)
{
    return round(value * CONFIDENCE_STEPS) / CONFIDENCE_STEPS;
}

static bool same_reasons(const struct decision *one, const struct decision *other)
{
    return one->n_reasons == other->n_reasons &&
           memcmp(one->reasons, other->reasons, one->n_reasons * sizeof *one->reasons) == 0;
}

char *shadow_json(const struct decision *decision, const struct decision *candidate,
                  const struct provenance *provenance)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *reasons;

    cJSON_AddStringToObject(doc, "policy", provenance->policy);
    cJSON_AddStringToObject(doc, "classifier", provenance->classifier);
    cJSON_AddStringToObject(doc, "promise", provenance->promise);
    if (decision->status != candidate->status)
        cJSON_AddStringToObject(doc, "status", result_status_name(candidate->status));
    if (strcmp(decision->label, candidate->label) != 0)
        cJSON_AddStringToObject(doc, "label", candidate->label);
    if (rounded(decision->confidence) != rounded(candidate->confidence))
        cJSON_AddNumberToObject(doc, "confidence", rounded(candidate->confidence));
    if (strcmp(decision->rule_id, candidate->rule_id) != 0)
        cJSON_AddStringToObject(doc, "rule_id", candidate->rule_id);
    if (!same_reasons(decision, candidate)) {
        reasons = cJSON_AddArrayToObject(doc, "reasons");
        for (size_t i = 0; i < candidate->n_reasons; i++)
            cJSON_AddItemToArray(reasons, cJSON_CreateString(reason_name(candidate->reasons[i])));
    }
    return json_text(doc);
}
