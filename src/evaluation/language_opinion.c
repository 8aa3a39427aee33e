/* One call after the other: the figure is about labels, not about speed. */
#include "evaluation/language_opinion.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "evaluation/asker.h"
#include "triage/draft.h"

enum { SAY_EVERY = 10 };

/* ---- one row ---- */

static void count(const struct decision *decision, const char *opinion, const char *truth, struct language_opinion *sum)
{
    bool classifier_right = strcmp(decision->label, truth) == 0;

    if (strcmp(decision->label, opinion) == 0) {
        sum->agree++;
        sum->agree_right += classifier_right;
        return;
    }
    sum->differ++;
    sum->differ_classifier_right += classifier_right;
    sum->differ_model_right += strcmp(opinion, truth) == 0;
}

/* Asks with a prompt that is made already. */
static int ask(struct asker *self, const struct ticket *ticket, const struct decision *decision,
               const struct draft_request *request, const char *truth, struct language_opinion *sum, struct err *reterr)
{
    struct decision heard = {0};
    struct model_answer answer = {0};
    struct err err = {0};

    sum->asked++;
    if (asker_call(self, request->body, &answer, reterr) < 0)
        return -1;
    if (answer.ok && draft_parse(self->knowledge, ticket, request, answer.body, answer.len, &heard.draft, &err) == 0)
        count(decision, heard.draft.opinion, truth, sum);
    else
        sum->unusable++;
    decision_clear(&heard);
    model_answer_free(&answer);
    return 0;
}

static int take_row(struct asker *self, const struct example *row, struct language_opinion *sum, struct err *reterr)
{
    const struct draft_settings settings = {.model_name = self->config->model.name,
                                            .max_tokens = self->config->model.max_tokens,
                                            .label_opinion = true,
                                            .pii = self->pii,
                                            .retrieval_least = DRAFT_RETRIEVAL_LEAST,
                                            .nonce = self->calls + 1};
    const struct ticket ticket = asker_ticket(&row->text);
    CLEANUP(decision_clear) struct decision decision = {0};
    CLEANUP(draft_request_free) struct draft_request request = {0};
    int made;

    sum->rows++;
    decider_decide(self->decider, &ticket, &decision);
    if (decision.n_alternatives == 0)
        return 0;
    made = draft_prompt(self->knowledge, &ticket, &decision, &settings, &request, reterr);
    return made <= 0 ? made : ask(self, &ticket, &decision, &request, row->label, sum, reterr);
}

/* ---- all rows ---- */

int language_opinion_measure(const char *config_path, const struct classifier *model, const struct rows *rows,
                             size_t rows_most, struct language_opinion *ret_opinion, struct err *reterr)
{
    CLEANUP(asker_done) struct asker asker = ASKER_CLOSED;
    struct language_opinion sum = {0};
    size_t n = rows->n < rows_most ? rows->n : rows_most;

    if (asker_open(config_path, model, true, &asker, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (take_row(&asker, &rows->rows[i * rows->n / n], &sum, reterr) < 0)
            return -1;
        if ((i + 1) % SAY_EVERY == 0)
            fprintf(stderr, "triaged evaluate: asked the language model, %zu of %zu rows\n", i + 1, n);
    }
    sum.seconds = asker.calls ? (double)asker.called_us / 1e6 / (double)asker.calls : 0;
    *ret_opinion = sum;
    return 0;
}

static void say(const char *what, size_t n, size_t of)
{
    printf("  %-44s %6zu of %-6zu %5.1f %%\n", what, n, of, of ? 100.0 * (double)n / (double)of : 0);
}

void language_opinion_print(const struct language_opinion *self)
{
    printf("\nThe language model's opinion on %zu rows (%.1f s a call)\n", self->rows, self->seconds);
    say("asked, because a source was found", self->asked, self->rows);
    say("no usable answer", self->unusable, self->asked);
    say("agrees with the classifier", self->agree, self->agree + self->differ);
    say("  there both are right", self->agree_right, self->agree);
    say("  where they differ, the classifier is right", self->differ_classifier_right, self->differ);
    say("  where they differ, the model is right", self->differ_model_right, self->differ);
}

cJSON *language_opinion_json(const struct language_opinion *self)
{
    cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "rows", (double)self->rows);
    cJSON_AddNumberToObject(doc, "asked", (double)self->asked);
    cJSON_AddNumberToObject(doc, "unusable", (double)self->unusable);
    cJSON_AddNumberToObject(doc, "agree", (double)self->agree);
    cJSON_AddNumberToObject(doc, "agree_right", (double)self->agree_right);
    cJSON_AddNumberToObject(doc, "differ", (double)self->differ);
    cJSON_AddNumberToObject(doc, "differ_classifier_right", (double)self->differ_classifier_right);
    cJSON_AddNumberToObject(doc, "differ_model_right", (double)self->differ_model_right);
    cJSON_AddNumberToObject(doc, "seconds_per_call", self->seconds);
    return doc;
}
