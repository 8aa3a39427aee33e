/* The parts of a worker that decide, opened for one thread, and one ticket's way through them. */
#include "evaluation/redo.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "base/version.h"
#include "contract/heard.h"
#include "decide/promise.h"
#include "evaluation/article_topic.h"
#include "evaluation/asker.h"
#include "triage/gate.h"

struct redo {
    struct asker parts; /* policy, classifier, decider, articles; with the model server only when live */
    struct classifier *priority;
    struct promise promise;
    bool promised, live;
};

/* ---- opening ---- */

static const char *or_of(const char *given, const char *configured)
{
    return given ? given : configured;
}

static int open_promise(struct redo *self, const char *path, struct err *reterr)
{
    self->promised = *path != '\0';
    return self->promised ? promise_load(path, self->parts.own, &self->promise, reterr) : 0;
}

static int open_decider(struct redo *self, const struct config *config, const struct redo_files *files,
                        struct err *reterr)
{
    const struct config_triage *triage = &config->triage;
    struct decider_parts parts = {.encoder_dir = triage->encoder_dir};

    if (policy_load_on(or_of(files->policy, triage->policy_file), or_of(files->floor, triage->policy_floor_file),
                       &self->parts.policy, reterr) < 0 ||
        classifier_load(or_of(files->classifier, triage->classifier_file), &self->parts.own, reterr) < 0 ||
        open_promise(self, or_of(files->promise, triage->promise_file), reterr) < 0 ||
        (*triage->priority_classifier_file &&
         classifier_load(triage->priority_classifier_file, &self->priority, reterr) < 0))
        return -1;
    parts.policy = self->parts.policy;
    parts.classifier = self->parts.own;
    parts.promise = self->promised ? &self->promise : NULL;
    parts.priority = self->priority;
    return decider_new(&parts, &self->parts.decider, reterr);
}

static int read_articles(const struct config *config, const char *dir, struct knowledge_base **ret_base,
                         struct err *reterr)
{
    return dir ? knowledge_base_read(dir, ret_base, reterr) : article_topic_base(&config->kafka, ret_base, reterr);
}

/* As a lane ranks: by meaning where the classifier has an encoder. The folder that is given comes before the topic. */
static int open_knowledge(struct redo *self, const struct config *config, const char *given, struct err *reterr)
{
    const char *dir = given ? given : *config->kafka.topic_knowledge ? NULL : config->triage.knowledge_dir;
    struct encoder *encoder = decider_encoder(self->parts.decider);
    struct knowledge_base *base;
    int rc = 0;

    if (dir && !*dir)
        return 0;
    if (read_articles(config, dir, &base, reterr) < 0)
        return -1;
    if (encoder)
        rc = knowledge_base_embed(base, encoder, NULL, config->triage.knowledge_vectors_file, reterr);
    if (rc == 0)
        rc = knowledge_open(base, encoder, &self->parts.knowledge, reterr);
    knowledge_base_unref(base);
    return rc;
}

int redo_open(const struct config *config, const struct redo_files *files, bool live, struct redo **ret_redo,
              struct err *reterr)
{
    struct redo *self = mem_alloc(sizeof *self);

    self->parts = (struct asker)ASKER_CLOSED;
    self->parts.config = (struct config *)(uintptr_t)config; /* borrowed: redo_close gives it back */
    self->live = live;
    if (open_decider(self, config, files, reterr) < 0 || pii_new(&self->parts.pii, reterr) < 0 ||
        open_knowledge(self, config, files->knowledge, reterr) < 0 ||
        (live && asker_connect(&self->parts, reterr) < 0)) {
        redo_close(self);
        return -1;
    }
    *ret_redo = self;
    return 0;
}

void redo_close(struct redo *self)
{
    if (!self)
        return;
    self->parts.config = NULL;
    asker_done(&self->parts);
    classifier_free(self->priority);
    promise_done(&self->promise);
    mem_free(self);
}

struct policy *redo_policy(struct redo *self)
{
    return self->parts.policy;
}

const char *redo_lacks(const struct redo *self)
{
    return decider_lacks(self->parts.decider);
}

struct provenance redo_provenance(const struct redo *self)
{
    return (struct provenance){.policy = policy_hash(self->parts.policy),
                               .classifier = classifier_hash(self->parts.own),
                               .prompt = draft_prompt_hash(),
                               .knowledge = self->parts.knowledge ? knowledge_hash(self->parts.knowledge) : "",
                               .model = "",
                               .build = version_build(),
                               .promise = self->promised ? self->promise.id : "",
                               .priority = self->priority ? classifier_hash(self->priority) : ""};
}

const char *redo_model_name(const struct redo *self)
{
    return self->parts.config->model.name;
}

struct promise_words redo_promise(const struct redo *self)
{
    return (struct promise_words){self->promise.max_error, self->promise.confidence};
}

/* ---- what triage.control said then ---- */

static const struct control_answer nothing_said = {.cap = MODE_AUTO, .level = MODE_AUTO};

/* A result from before controls was written tells one mode, in capped_to. */
static struct control_answer capped_then(const cJSON *past)
{
    struct control_answer said = nothing_said;
    bool earned = !json_lists(past, "reasons", reason_name(REASON_NOT_EARNED));
    enum mode mode;

    if (control_mode_of(json_str(past, "capped_to", ""), &mode) == 0)
        *(earned ? &said.cap : &said.level) = mode;
    return said;
}

static struct decision_controls heard_then(const struct redo_ask *ask)
{
    const cJSON *member = json_get(ask->past, "controls");
    struct decision_controls heard = ask->capped ? heard_read(member) : (struct decision_controls){0};

    if (!heard.lowered)
        heard.decided = ask->capped && !member ? capped_then(ask->past) : nothing_said;
    return heard;
}

/* The review budget of then; normal where the result names none. */
static struct control_budget budget_of(const cJSON *past)
{
    struct control_budget budget = {.state = REVIEW_NORMAL};

    (void)review_state_of(json_str(past, "review_state", ""), &budget.state);
    budget.defer_minutes = (int)json_num(json_get(past, "deferred"), "minutes", 0);
    return budget;
}

/* ---- one ticket ---- */

static bool same_prompt(const struct draft_request *request, const cJSON *past)
{
    CLEANUP(json_done) cJSON *context = cJSON_Parse(request->context);
    const char *now = json_str(context, "prompt_hash", ""),
               *then = json_str(json_get(past, "context"), "prompt_hash", "");

    return *now && strcmp(now, then) == 0;
}

static int answer_live(struct redo *self, const struct redo_ask *ask, const struct draft_request *request,
                       struct decision *decision, struct err *reterr)
{
    struct model_answer answer = {0};

    if (asker_call(&self->parts, request->body, &answer, reterr) < 0)
        return -1;
    if (answer.ok)
        draft_end(self->parts.knowledge, ask->ticket, request, answer.body, answer.len, decision);
    else
        draft_forgo(request, decision,
                    strcmp(answer.err.reason, "model_timeout") == 0 ? REASON_MODEL_TIMEOUT : REASON_MODEL_UNAVAILABLE);
    model_answer_free(&answer);
    return 0;
}

static int answer_recorded(struct redo *self, const struct redo_ask *ask, const struct draft_request *request,
                           struct decision *decision, enum redo_end *ret_end, struct err *reterr)
{
    const cJSON *record = json_get(ask->past, "recorded");
    CLEANUP(mem_freep) char *recorded = NULL;

    *ret_end = REDO_UNDRAFTED;
    if (!record || json_bool(record, "too_long", false) ||
        (ask->answers == REDO_SAME_PROMPT && !same_prompt(request, ask->past)))
        return 0;
    recorded = json_text(record);
    if (draft_replay(self->parts.knowledge, ask->ticket, request, recorded, decision, reterr) < 0)
        return -1;
    *ret_end = REDO_DECIDED;
    return 0;
}

static uint64_t nonce_of(const cJSON *past)
{
    const cJSON *record = json_get(past, "recorded");
    CLEANUP(mem_freep) char *recorded = record ? json_text(record) : NULL;
    uint64_t nonce = 1;

    if (recorded)
        (void)draft_recorded_nonce(recorded, &nonce); /* without one there is no prompt to be equal to */
    return nonce;
}

int redo_decide(struct redo *self, const struct redo_ask *ask, struct decision *ret_decision, enum redo_end *ret_end,
                struct err *reterr)
{
    const struct config_model *model = &self->parts.config->model;
    const struct draft_settings settings = {.model_name = *model->url ? model->name : NULL,
                                            .max_tokens = model->max_tokens,
                                            .label_opinion = model->label_opinion,
                                            .pii = self->parts.pii,
                                            .commitments = policy_commitments(self->parts.policy),
                                            .retrieval_least = DRAFT_RETRIEVAL_LEAST,
                                            .nonce = nonce_of(ask->past)};
    CLEANUP(draft_request_free) struct draft_request request = {0};
    struct knowledge *knowledge = ask->without_articles ? NULL : self->parts.knowledge;
    const struct control_budget budget = budget_of(ask->capped ? ask->past : NULL);
    const struct decision_controls heard = heard_then(ask);
    int rc = 0;

    *ret_end = REDO_DECIDED;
    decider_obey(self->parts.decider, &heard.decided);
    decider_budget(self->parts.decider, &budget);
    decider_decide(self->parts.decider, ask->ticket, ret_decision);
    ret_decision->controls.undrafted = heard.undrafted;
    if (!heard.undrafted && draft_begin(knowledge, ask->ticket, &settings, ret_decision, &request))
        rc = self->live ? answer_live(self, ask, &request, ret_decision, reterr)
                        : answer_recorded(self, ask, &request, ret_decision, ret_end, reterr);
    for (size_t i = 0; i < heard.n_after; i++)
        (void)gate_obey(&heard.after[i], ret_decision);
    (void)gate_obey(&nothing_said, ret_decision); /* on hold, if it is */
    return rc;
}
