/* What the commands about one ticket make of its work: decide it, ask the model for a draft, finish it with or without.
 */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

static struct work *work_of(const struct flow_command *command)
{
    return (struct work *)(uintptr_t)command->tag;
}

static void finish(struct work *work)
{
    work->decided_wall_us = clock_wall_us();
    work->decision.total_us = clock_mono_us() - work->read_us;
}

/* ---- drafts ---- */

static bool spend_budget(struct draft_budget *budget)
{
    int64_t now = clock_mono_us();

    if (!budget->bounded)
        return true;
    budget->tokens += (double)(now - budget->filled_us) * budget->per_us;
    budget->filled_us = now;
    if (budget->tokens > budget->most)
        budget->tokens = budget->most;
    if (budget->tokens < 1)
        return false;
    budget->tokens -= 1;
    return true;
}

/* Without a draft a suggestion has nothing to offer: a person takes it. A spent budget is no failure: the label stands.
 */
static void go_without(struct work *work, enum reason reason)
{
    decision_add_reason(&work->decision, reason);
    if (work->decision.status == STATUS_SUGGESTED && reason != REASON_DRAFT_BUDGET && reason != REASON_RETRIEVAL_WEAK)
        work->decision.status = STATUS_IN_REVIEW;
}

/* What somebody approved comes before what a model writes: it is cheaper, and the same every time. */
static bool take_macro(struct work *work)
{
    struct err err = {0};

    if (draft_fitting_macro(work->view->knowledge, work->ticket, &work->decision, DRAFT_RETRIEVAL_LEAST,
                            &work->decision.draft, &err) != 1)
        return false;
    decision_add_reason(&work->decision, REASON_MACRO);
    return true;
}

/* True when a model call is wanted and its prompt is made. */
static bool prepare_draft(struct lane *self, struct work *work)
{
    const struct draft_settings settings = {.model_name = self->config->model.name,
                                            .max_tokens = self->config->model.max_tokens,
                                            .label_opinion = self->config->model.label_opinion,
                                            .pii = work->view->pii,
                                            .retrieval_least = DRAFT_RETRIEVAL_LEAST,
                                            .nonce = (uint64_t)clock_mono_us() ^ self->last_call << 40};
    struct err err = {0};
    int made;

    if (!work->decision.wants_draft || !work->view->knowledge)
        return false;
    if (take_macro(work) || !self->model)
        return false;
    made = draft_prompt(work->view->knowledge, work->ticket, &work->decision, &settings, &work->request, &err);
    if (made <= 0) {
        go_without(work, made == 0 ? REASON_RETRIEVAL_WEAK : REASON_MODEL_INVALID);
        return false;
    }
    if (!spend_budget(&self->budget)) {
        go_without(work, REASON_DRAFT_BUDGET);
        return false;
    }
    return true;
}

static void fill_macro(struct work *work)
{
    struct decision *decision = &work->decision;
    struct knowledge *knowledge = work->view->knowledge;
    struct err err = {0};

    if (decision->status != STATUS_ANSWERED)
        return;
    if (knowledge && draft_macro(knowledge, decision->draft.macro_id, work->ticket, &decision->draft, &err) == 0)
        return;
    decision->status = STATUS_IN_REVIEW;
    decision->draft.macro_id[0] = '\0';
    decision_add_reason(decision, REASON_NO_MACRO);
}

/* ---- deciding ---- */

/* True when the decision needs a model call to be finished. */
static bool decide_new(struct lane *self, struct work *work)
{
    int64_t began = clock_mono_us();

    decider_decide(work->view->decider, work->ticket, &work->decision);
    work->decision.classify_us = clock_mono_us() - began;
    fill_macro(work);
    return prepare_draft(self, work);
}

static void decide_notice(struct work *work, enum result_status status, int reason)
{
    work->decision.status = status;
    if (reason >= 0)
        decision_add_reason(&work->decision, (enum reason)reason);
}

static bool decide(struct lane *self, struct work *work, enum flow_verdict verdict)
{
    switch (verdict) {
    case FLOW_NEW:
        return decide_new(self, work);
    case FLOW_WITHDRAWN:
        decide_notice(work, STATUS_WITHDRAWN, work->ticket ? -1 : REASON_TOMBSTONE);
        return false;
    case FLOW_DUPLICATE:
        decide_notice(work, STATUS_DUPLICATE, -1);
        return false;
    case FLOW_DUPLICATE_DIFFERS:
        decide_notice(work, STATUS_DUPLICATE, REASON_CONTENT_DIFFERS);
        return false;
    case FLOW_STALE:
        decide_notice(work, STATUS_STALE, REASON_NEWER_REVISION);
        return false;
    case FLOW_UNDECODABLE:
        work->failed_result = true;
        return false;
    case FLOW_UNDECODABLE_AGAIN:
    case FLOW_SUSPECT:
        return false;
    }
    return false;
}

void step_decide(struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);
    bool needs_model;

    work->handle = command->ticket;
    work->word = command->word;
    needs_model = decide(self, work, command->verdict);
    if (!needs_model)
        finish(work);
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_DECIDED, .ticket = command->ticket, .flag = needs_model});
}

/* ---- the model ---- */

void step_call_model(struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);
    struct err err = {0};

    work->call = ++self->last_call;
    work->model_began_us = clock_mono_us();
    if (model_call(self->model, work->call, work->request.body, work->traceparent, command->deadline_us, &err) == 0)
        return;
    work->call = 0;
    go_without(work, REASON_MODEL_UNAVAILABLE);
    finish(work);
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = command->ticket, .flag = false});
}

void step_cancel_model(struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);

    if (work->call)
        model_cancel(self->model, work->call);
    work->call = 0;
}

static const enum reason without_reasons[] = {
    [FLOW_MODEL_BUSY] = REASON_DRAFT_BUDGET,
    [FLOW_MODEL_UNAVAILABLE] = REASON_MODEL_UNAVAILABLE,
    [FLOW_MODEL_LATE] = REASON_MODEL_TIMEOUT,
    [FLOW_MODEL_ISOLATED] = REASON_CRASH_ISOLATION,
};

void step_finish(UNUSED struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);

    go_without(work, without_reasons[command->without]);
    finish(work);
}

/* The record came back after its partition was lost and regained: its call, or the answer, is used again. */
void step_adopt(struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);
    struct work *parked = lane_work_of(self, command->other);

    work->handle = command->ticket;
    work->word = command->word;
    view_unref(work->view);
    work->view = view_ref(parked->view);
    work->decision = parked->decision;
    work->request = parked->request;
    work->call = parked->call;
    work->model_began_us = parked->model_began_us;
    work->decided_wall_us = parked->decided_wall_us;
    parked->decision = (struct decision){0};
    parked->request = (struct draft_request){0};
    parked->call = 0;
    lane_drop_work(self, parked);
}

/* What a model finds can send a ticket to a person, and never away from one. */
static void doubt(struct decision *decision, enum reason reason)
{
    decision_add_reason(decision, reason);
    if (decision->status == STATUS_SUGGESTED)
        decision->status = STATUS_IN_REVIEW;
}

static void take_answer(struct lane *self, struct work *work, const struct model_answer *answer)
{
    struct decision *decision = &work->decision;
    struct err err = {0};

    decision->draft_us = clock_mono_us() - work->model_began_us;
    metrics_add(METRIC_MODEL_CALLS, answer->ok ? "answered" : answer->err.reason, 1);
    if (!answer->ok) {
        log_line(LOG_WARN, "model.failed", "lane=%d partition=%d offset=%lld reason=%s tries=%d text=\"%.200s\"",
                 self->number, work->partition, (long long)work->offset, answer->err.reason, answer->tries,
                 answer->err.text);
        go_without(work, strcmp(answer->err.reason, "model_timeout") == 0   ? REASON_MODEL_TIMEOUT
                         : strcmp(answer->err.reason, "model_invalid") == 0 ? REASON_MODEL_INVALID
                                                                            : REASON_MODEL_UNAVAILABLE);
        return;
    }
    if (draft_parse(work->view->knowledge, work->ticket, &work->request, answer->body, answer->len, &decision->draft, &err) <
        0) {
        metrics_add(METRIC_MODEL_CALLS, "unusable", 1);
        go_without(work, REASON_MODEL_INVALID);
        return;
    }
    decision->model_tokens_in = decision->draft.tokens_in;
    decision->model_tokens_out = decision->draft.tokens_out;
    metrics_add(METRIC_MODEL_TOKENS, "prompt", decision->draft.tokens_in);
    metrics_add(METRIC_MODEL_TOKENS, "cached", decision->draft.tokens_cached);
    metrics_add(METRIC_MODEL_TOKENS, "answer", decision->draft.tokens_out);
    if (decision->draft.unsupported)
        doubt(decision, REASON_UNSUPPORTED_CLAIM);
    if (*decision->draft.opinion && strcmp(decision->draft.opinion, decision->label) != 0)
        doubt(decision, REASON_OPINIONS_DIFFER);
}

static struct work *work_of_call(struct lane *self, uint64_t call)
{
    for (struct work *work = self->works; work; work = work->next) {
        if (work->call == call)
            return work;
    }
    return NULL;
}

bool step_model_answer(struct lane *self)
{
    struct model_answer answer;
    struct work *work;

    if (!model_next_answer(self->model, &answer))
        return false;
    work = work_of_call(self, answer.call);
    if (work) {
        take_answer(self, work, &answer);
        work->call = 0;
        finish(work);
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = work->handle, .flag = answer.ok});
    }
    model_answer_free(&answer);
    return true;
}
