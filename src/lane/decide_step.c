/* What the commands about one ticket make of its work: decide it, ask the model for a draft, finish it with or without.
 */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "contract/shadow.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

static struct work *work_of(const struct flow_command *command)
{
    return (struct work *)(uintptr_t)command->tag;
}

/* Of a ticket that is decided: without a profile it would have failed. */
static struct view_profile *profile_of(const struct work *work)
{
    return work->candidate ? &work->view->candidate : &work->view->profiles[work->profile];
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

/* True when a model call is wanted and its prompt is made. */
static bool prepare_draft(struct lane *self, struct work *work)
{
    const struct draft_settings settings = {
        .model_name = self->model ? self->config->model.name : NULL,
        .max_tokens = self->config->model.max_tokens,
        .label_opinion = self->config->model.label_opinion,
        .pii = work->view->pii,
        .commitments = policy_commitments(work->view->snapshot->profiles[work->profile].policy),
        .retrieval_least = DRAFT_RETRIEVAL_LEAST,
        .nonce = (uint64_t)clock_mono_us() ^ self->last_call << 40};

    if (!draft_begin(profile_of(work)->knowledge, work->ticket, &settings, &work->decision, &work->request))
        return false;
    if (spend_budget(&self->budgets[work->profile]))
        return true;
    draft_forgo(&work->request, &work->decision, REASON_DRAFT_BUDGET);
    return false;
}

/* ---- what triage.control says ---- */

/* Whether a draft of this ticket is unwanted by now. */
static bool closed(const struct work *work, enum reason *ret_reason)
{
    const struct gate gate = work_gate(work);

    return work->ticket && gate_closed(&gate, &work->decision, ret_reason);
}

static int unwanted_handles(const struct lane *self, uint64_t *handles, int max)
{
    enum reason reason;
    int n = 0;

    for (const struct work *work = self->works; work && n < max; work = work->next) {
        if (work->handle && closed(work, &reason))
            handles[n++] = work->handle;
    }
    return n;
}

/* Work in hand that is stopped or taken over comes out at once; commands may free works meanwhile, so it goes by
 * handles. */
void step_take_controls(struct lane *self)
{
    uint64_t version = controls_version(self->view->snapshot->controls);
    uint64_t *handles;
    int n;

    if (version == self->controls_version)
        return;
    self->controls_version = version;
    handles = mem_array(FLOW_IN_FLIGHT_MAX, sizeof *handles);
    n = unwanted_handles(self, handles, FLOW_IN_FLIGHT_MAX);
    for (int i = 0; i < n; i++) {
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_UNWANTED, .ticket = handles[i]});
        lane_obey(self);
    }
    mem_free(handles);
}

/* ---- deciding ---- */

/* A candidate in the shadow: what it would decide is told beside, and nothing follows. */
static void ask_shadow(struct work *work)
{
    const struct snapshot *snapshot = work->view->snapshot;
    const struct snapshot_profile *candidate = &snapshot->candidate;
    CLEANUP(decision_clear) struct decision other = {0};
    struct provenance provenance;

    if (snapshot_canary_live(snapshot) || !snapshot_canary_has(snapshot, work->profile, work->identity.key))
        return;
    provenance = (struct provenance){.policy = policy_hash(candidate->policy),
                                     .classifier = classifier_hash(candidate->classifier),
                                     .promise = candidate->promise_id};
    decider_decide(work->view->candidate.decider, work->ticket, &other);
    work->decision.shadow = shadow_json(&work->decision, &other, &provenance);
}

/* Both arms of a canary decide under the same. */
static void take_budget(const struct work *work)
{
    const struct snapshot *snapshot = work->view->snapshot;
    struct control_budget budget;

    controls_budget(snapshot->controls, policy_profile(work_profile(work)->policy), clock_wall_us(), &budget);
    decider_budget(work->view->profiles[work->profile].decider, &budget);
    if (work->view->candidate.decider)
        decider_budget(work->view->candidate.decider, &budget);
}

/* True when the decision needs a model call to be finished. */
static bool decide_new(struct lane *self, struct work *work)
{
    const struct gate gate = work_gate(work);
    int64_t began = clock_mono_us();

    take_budget(work);
    decider_decide(profile_of(work)->decider, work->ticket, &work->decision);
    work->decision.classify_us = clock_mono_us() - began - work->decision.screen_us;
    ask_shadow(work);
    return !gate_keeps_undrafted(&gate, &work->decision) && prepare_draft(self, work);
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

/* When a person must have the ticket, on the monotonic clock: the order in which drafts are written. */
static int64_t due_us(const struct work *work)
{
    int64_t minutes = result_sla_minutes(work_profile(work)->policy, &work->decision);
    int64_t age_us = clock_wall_us() - work->record_ms * 1000;
    int64_t due = clock_mono_us() - age_us + minutes * 60000000;

    return due ? due : 1;
}

/* Of a call, in tokens: what the prompt makes at four bytes each, and the longest answer. */
static uint32_t cost_of(const struct lane *self, const struct work *work)
{
    return (uint32_t)(strlen(work->request.body) / 4) + (uint32_t)self->config->model.max_tokens;
}

void step_decide(struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);
    struct flow_event event = {.kind = FLOW_EV_DECIDED, .ticket = command->ticket};

    work->handle = command->ticket;
    work->word = command->word;
    event.flag = decide(self, work, command->verdict);
    if (event.flag) {
        event.due_us = due_us(work);
        event.cost = cost_of(self, work);
    } else {
        finish(work);
    }
    lane_feed(self, event);
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
    draft_forgo(&work->request, &work->decision, REASON_MODEL_UNAVAILABLE);
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
    [FLOW_MODEL_BUSY] = REASON_DRAFT_BUDGET,  [FLOW_MODEL_UNAVAILABLE] = REASON_MODEL_UNAVAILABLE,
    [FLOW_MODEL_LATE] = REASON_MODEL_TIMEOUT, [FLOW_MODEL_ISOLATED] = REASON_CRASH_ISOLATION,
    [FLOW_MODEL_UNWANTED] = REASON_STOPPED,
};

void step_finish(UNUSED struct lane *self, const struct flow_command *command)
{
    struct work *work = work_of(command);
    enum reason reason = without_reasons[command->without];

    if (command->without == FLOW_MODEL_UNWANTED)
        (void)closed(work, &reason); /* stopped or taken over */
    draft_forgo(&work->request, &work->decision, reason);
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
    work->profile = parked->profile;
    work->candidate = parked->candidate;
    work->decision = parked->decision;
    work->request = parked->request;
    work->call = parked->call;
    work->model_began_us = parked->model_began_us;
    work->decided_wall_us = parked->decided_wall_us;
    parked->decision = (struct decision){0};
    parked->request = (struct draft_request){0};
    parked->call = 0;
    lane_drop_work(self, parked);
    if (closed(work, &(enum reason){0}))
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_UNWANTED, .ticket = work->handle});
}

static void take_answer(struct lane *self, struct work *work, const struct model_answer *answer)
{
    struct decision *decision = &work->decision;

    decision->draft_us = clock_mono_us() - work->model_began_us;
    metrics_add(METRIC_MODEL_CALLS, answer->ok ? "answered" : answer->err.reason, 1);
    if (!answer->ok) {
        log_line(LOG_WARN, "model.failed", "lane=%d partition=%d offset=%lld reason=%s tries=%d text=\"%.200s\"",
                 self->number, work->partition, (long long)work->offset, answer->err.reason, answer->tries,
                 answer->err.text);
        draft_forgo(&work->request, decision,
                    strcmp(answer->err.reason, "model_timeout") == 0   ? REASON_MODEL_TIMEOUT
                    : strcmp(answer->err.reason, "model_invalid") == 0 ? REASON_MODEL_INVALID
                                                                       : REASON_MODEL_UNAVAILABLE);
        return;
    }
    if (!draft_end(profile_of(work)->knowledge, work->ticket, &work->request, answer->body, answer->len, decision)) {
        metrics_add(METRIC_MODEL_CALLS, "unusable", 1);
        return;
    }
    metrics_add(METRIC_MODEL_TOKENS, "prompt", decision->draft.tokens_in);
    metrics_add(METRIC_MODEL_TOKENS, "cached", decision->draft.tokens_cached);
    metrics_add(METRIC_MODEL_TOKENS, "answer", decision->draft.tokens_out);
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
