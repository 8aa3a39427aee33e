/* Labels out of endings and audits. */
#include "evaluation/truth.h"

#include <string.h>

#include "base/attrs.h"

static bool says_a_label(const cJSON *review)
{
    static const char *const outcomes[] = {"accepted", "edited", "rewritten", "relabelled"};
    const char *outcome = json_str(review, "outcome", "");

    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        if (strcmp(outcomes[i], outcome) == 0)
            return *json_str(review, "final_label", "") != '\0';
    }
    return false;
}

void truth_add(struct truth *self, const char *label, double weight)
{
    if (self->n < TRUTH_LABELS)
        strncpy(self->labels[self->n++], label, LABEL_MAX - 1);
    self->weight = weight;
}

bool truth_is_other(const struct truth *self, const char *label)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->labels[i], label) == 0)
            return false;
    }
    return true;
}

static bool from_review(const struct past *past, const char *id, struct truth *truth)
{
    const struct past_result *rows;
    size_t n = past_find(&past->ended, id, &rows);

    if (n) {
        CLEANUP(json_done) cJSON *doc = past_document(&rows[n - 1]);
        const cJSON *review = json_get(doc, "review");
        if (says_a_label(review))
            truth_add(truth, json_str(review, "final_label", ""), 1);
    }
    return n > 0;
}

/* An audit that found another label is open until a second person has looked; an error needs both against the machine.
 */
static void from_audits(const struct past *past, const char *id, const char *label, double weight, struct truth *truth)
{
    const struct past_result *rows;
    size_t n = past_find(&past->audits, id, &rows);
    char first[LABEL_MAX] = "", second[LABEL_MAX] = "";

    for (size_t i = 0; i < n; i++) {
        CLEANUP(json_done) cJSON *doc = past_document(&rows[i]);
        const cJSON *review = json_get(doc, "review");
        char *to = strcmp(json_str(doc, "origin", ""), "audit") == 0 ? first : second;
        if (says_a_label(review))
            strncpy(to, json_str(review, "final_label", ""), LABEL_MAX - 1);
    }
    if (!*first || (!*second && strcmp(first, label) != 0))
        return;
    truth_add(truth, first, weight);
    if (*second)
        truth_add(truth, second, weight);
}

void truth_find(const struct past *past, const char *id, const char *label, double audit_percent,
                struct truth *ret_truth)
{
    struct truth truth = {.weight = 1};

    if (!from_review(past, id, &truth))
        from_audits(past, id, label, audit_percent > 0 ? 100 / audit_percent : 1, &truth);
    *ret_truth = truth;
}
