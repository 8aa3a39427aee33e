/* Sums over results. */
#include "evaluation/ledger.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"

static double number_at(const cJSON *doc, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(doc, key);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* What a person sent on is no resolution. */
static bool sent_on(const cJSON *review)
{
    static const char *const outcomes[] = {"escalated", "wrong_input", "wrong_policy"};
    const char *outcome = json_str(review, "outcome", "");

    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        if (strcmp(outcomes[i], outcome) == 0)
            return true;
    }
    return false;
}

static void add(struct ledger_sum *sum, const cJSON *doc, const char *status, double unseen_error)
{
    const cJSON *timings = json_get(doc, "timings"), *review = json_get(doc, "review"),
                *promise = json_get(doc, "promise");
    double model_s = number_at(timings, "draft_us") / 1e6;
    bool suggested = strcmp(status, "suggested") == 0;

    sum->tickets++;
    sum->cpu_s += (number_at(timings, "screen_us") + number_at(timings, "classify_us")) / 1e6;
    sum->model_s += model_s;
    sum->suggested_model_s += suggested ? model_s : 0;
    sum->drafts += number_at(timings, "model_tokens_in") > 0;
    sum->tokens_in += number_at(timings, "model_tokens_in");
    sum->tokens_out += number_at(timings, "model_tokens_out");
    if (suggested) {
        sum->suggested++;
    } else if (strcmp(status, "reviewed") == 0) {
        sum->reviewed++;
        sum->reviewer_s += number_at(review, "seconds");
        sum->correct += !sent_on(review);
    } else if (strcmp(status, "answered") == 0 || strcmp(status, "ignored") == 0) {
        sum->alone++;
        sum->correct += 1 - (cJSON_IsObject(promise) ? number_at(promise, "max_error") : unseen_error);
    } else {
        sum->other++;
    }
}

static struct ledger_sum *sum_of(struct ledger *self, const char *label)
{
    for (size_t i = 0; i < self->n_classes; i++) {
        if (strcmp(self->classes[i].label, label) == 0)
            return &self->classes[i];
    }
    if (self->n_classes == LABELS_MAX)
        return NULL;
    strncpy(self->classes[self->n_classes].label, label, LABEL_MAX - 1);
    return &self->classes[self->n_classes++];
}

/* The class is the person's where there is one. Notices end nothing: their ticket ended before. */
static void take(struct ledger *self, const cJSON *doc, double unseen_error)
{
    const char *status = json_str(doc, "status", ""), *label = json_str(doc, "label", LEDGER_NO_LABEL);
    struct ledger_sum *sum;

    if (strcmp(status, "in_review") == 0)
        self->open++;
    if (strcmp(status, "in_review") == 0 || strcmp(status, "duplicate") == 0 || strcmp(status, "stale") == 0)
        return;
    if (strcmp(status, "reviewed") == 0)
        label = json_str(json_get(doc, "review"), "final_label", label);
    if (strcmp(status, "reviewed") == 0 || cJSON_IsObject(json_get(doc, "superseded_by")))
        self->open -= self->open > 0; /* it stood in review before */
    add(&self->all, doc, status, unseen_error);
    sum = sum_of(self, label);
    if (sum)
        add(sum, doc, status, unseen_error);
}

int ledger_read(FILE *in, double unseen_error, struct ledger **ret_ledger, struct err *reterr)
{
    struct ledger *self = mem_alloc(sizeof *self);
    struct jsonl *lines = jsonl_new(in);
    const cJSON *doc;
    int got;

    strncpy(self->all.label, "all", LABEL_MAX - 1);
    while ((got = jsonl_next(lines, &doc, reterr)) != 0) {
        if (got > 0 && *json_str(doc, "status", ""))
            take(self, doc, unseen_error);
        else
            self->bad_lines++;
    }
    jsonl_free(lines);
    if (self->all.tickets == 0) {
        ledger_free(self);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "give results (result.v1) as JSON Lines: none of these lines ends a ticket");
    }
    *ret_ledger = self;
    return 0;
}

void ledger_free(struct ledger *self)
{
    mem_free(self);
}
