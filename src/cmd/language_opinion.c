/* One call after the other: the figure is about labels, not about speed. */
#include "cmd/language_opinion.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "model/model.h"
#include "triage/decide.h"
#include "triage/draft.h"
#include "triage/knowledge.h"
#include "triage/policy.h"

extern char **environ;

enum { EVENTS_MAX = 16, WAIT_MS = 100, SAY_EVERY = 10 };

/* What a worker has, for one row after the other. */
struct asker {
    struct config *config;
    struct policy *policy;
    struct decider *decider;
    struct knowledge *knowledge;
    struct model *model;
    int epoll_fd;
    uint64_t calls;
    int64_t called_us;
};

static void asker_done(struct asker *self)
{
    model_close(self->model);
    knowledge_free(self->knowledge);
    decider_free(self->decider);
    policy_free(self->policy);
    config_free(self->config);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
}

static int asker_open(const char *config_path, const struct classifier *classifier, struct asker *self,
                      struct err *reterr)
{
    const struct config_triage *triage;
    struct decider_parts parts = {.classifier = classifier};

    if (config_load(config_path, environ, (const char *const[]){NULL}, &self->config, reterr) < 0)
        return -1;
    triage = &self->config->triage;
    if (!*self->config->model.url || !*triage->knowledge_dir)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s names no model server or no knowledge: --opinion needs model.url and triage.knowledge_dir",
                       config_path);
    if (policy_load(triage->policy_file, &self->policy, reterr) < 0)
        return -1;
    parts.policy = self->policy;
    parts.encoder_dir = triage->encoder_dir;
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    const struct model_settings settings = model_settings_of(&self->config->model, 1);
    if (decider_new(&parts, &self->decider, reterr) < 0 ||
        knowledge_load(triage->knowledge_dir, &self->knowledge, reterr) < 0)
        return -1;
    return model_open(&settings, self->epoll_fd, 0, &self->model, reterr);
}

/* ---- one row ---- */

static struct ticket ticket_of(const struct example *row)
{
    return (struct ticket){.tenant = "",
                           .source_system = "",
                           .source_instance = "",
                           .source_url = "",
                           .ticket_id = "",
                           .revision = 1,
                           .event = TICKET_CREATED,
                           .subject = row->text.subject,
                           .body_text = row->text.body,
                           .language = "",
                           .channel = row->text.channel,
                           .priority = "",
                           .requester = {.id = "", .name = "", .email = row->text.sender, .locale = "", .tier = ""},
                           .created_at = "",
                           .updated_at = ""};
}

static int call(struct asker *self, const char *body, struct model_answer *ret_answer, struct err *reterr)
{
    int64_t now = clock_mono_us(), began = now;
    struct epoll_event events[EVENTS_MAX];

    if (model_call(self->model, ++self->calls, body, "", now + self->config->model.deadline_ms * 1000LL, reterr) < 0)
        return -1;
    for (;;) {
        int n;
        model_tick(self->model, now);
        if (model_next_answer(self->model, ret_answer))
            break;
        n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, WAIT_MS);
        now = clock_mono_us();
        for (int i = 0; i < n; i++)
            model_on_socket(self->model, (int)(events[i].data.u64 & 0xffffffffu), events[i].events, now);
    }
    self->called_us += clock_mono_us() - began;
    return 0;
}

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
    if (call(self, request->body, &answer, reterr) < 0)
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
                                            .retrieval_least = DRAFT_RETRIEVAL_LEAST,
                                            .nonce = self->calls + 1};
    const struct ticket ticket = ticket_of(row);
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
    CLEANUP(asker_done) struct asker asker = {.epoll_fd = -1};
    struct language_opinion sum = {0};
    size_t n = rows->n < rows_most ? rows->n : rows_most;

    if (asker_open(config_path, model, &asker, reterr) < 0)
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
