/* What triage.control makes of a finished decision. Beside decide.c, which asks the same when it decides: what comes in
 * between is found here. */
#include "triage/gate.h"

#include <string.h>

#include "base/mem.h"

static void ask(const struct gate *self, const struct decision *decision, struct control_answer *ret_answer)
{
    const struct control_question question = {.profile = policy_profile(self->policy),
                                              .label = decision->label,
                                              .key = self->key,
                                              .now_wall_us = self->now_wall_us};

    controls_ask(self->controls, &question, ret_answer);
    if (!ret_answer->levelled && *decision->label)
        ret_answer->level = policy_autonomy(self->policy)->begins;
}

bool gate_closed(const struct gate *self, const struct decision *decision, enum reason *ret_reason)
{
    struct control_answer said;

    if (!self->controls)
        return false;
    ask(self, decision, &said);
    *ret_reason = said.taken_over ? REASON_TAKEN_OVER : REASON_STOPPED;
    return said.taken_over || said.stopped;
}

/* Of a decision that a machine made about a ticket; notices, withdrawals and failures are not its doing. */
static bool gated(enum result_status status)
{
    return status == STATUS_ANSWERED || status == STATUS_SUGGESTED || status == STATUS_IGNORED ||
           status == STATUS_IN_REVIEW;
}

static void drop_draft(struct decision *decision)
{
    mem_free(decision->draft.text);
    mem_free(decision->draft.unsupported);
    memset(&decision->draft, 0, sizeof decision->draft);
    decision->action[0] = '\0';
}

static void lower(struct decision *decision, enum result_status status, enum reason reason)
{
    decision->status = status;
    decision->held = decision->unseen = false;
    decision_add_reason(decision, reason);
}

/* The ticket is the person's, and so is the text: nothing is put before them. */
static bool hand_over(struct decision *decision)
{
    if (decision->status == STATUS_SUGGESTED && decision_has_reason(decision, REASON_TAKEN_OVER))
        return false;
    drop_draft(decision);
    lower(decision, STATUS_SUGGESTED, REASON_TAKEN_OVER);
    return true;
}

/* A review that was to have a draft says why it has none. */
static bool stop_review(struct decision *decision)
{
    if (!decision->controls.undrafted || !decision->wants_draft || decision_has_reason(decision, REASON_STOPPED))
        return false;
    decision_add_reason(decision, REASON_STOPPED);
    return true;
}

static bool stop(struct decision *decision)
{
    if (decision->status == STATUS_IN_REVIEW && !decision->held)
        return stop_review(decision);
    drop_draft(decision);
    lower(decision, STATUS_IN_REVIEW, REASON_STOPPED);
    return true;
}

/* The least mode in which a decision like this one may go out as it is. */
static enum mode mode_needed(const struct decision *decision)
{
    if (decision->status == STATUS_ANSWERED || decision->held)
        return MODE_HOLD;
    if (decision->status == STATUS_SUGGESTED || (decision->status == STATUS_IGNORED && decision->unseen))
        return MODE_SUGGEST;
    return MODE_OFF;
}

static bool lower_to_mode(const struct control_answer *said, struct decision *decision)
{
    enum mode most = said->cap < said->level ? said->cap : said->level;
    enum reason reason = said->cap < said->level ? REASON_AUTONOMY_CAPPED : REASON_NOT_EARNED;

    if (*decision->label && most < mode_needed(decision) && !decision_has_reason(decision, REASON_TAKEN_OVER)) {
        bool suggests = decision->status == STATUS_ANSWERED && most == MODE_SUGGEST;
        lower(decision, suggests ? STATUS_SUGGESTED : STATUS_IN_REVIEW, reason);
        return true;
    }
    if (decision->status == STATUS_ANSWERED && most == MODE_HOLD)
        decision->held = true;
    return false;
}

static bool obey(const struct control_answer *said, struct decision *decision)
{
    bool changed;

    if (said->taken_over)
        return hand_over(decision);
    if (said->stopped && !decision_has_reason(decision, REASON_TAKEN_OVER))
        return stop(decision);
    changed = lower_to_mode(said, decision);
    if (decision->status == STATUS_ANSWERED && decision->held) {
        decision->status = STATUS_IN_REVIEW;
        decision_add_reason(decision, REASON_MODE_HOLD);
        changed = true;
    }
    return changed;
}

bool gate_obey(const struct control_answer *said, struct decision *decision)
{
    struct decision_controls *controls = &decision->controls;

    if (!gated(decision->status) || !obey(said, decision))
        return false;
    if (controls->n_after < CONTROLS_AFTER_MAX)
        controls->after[controls->n_after++] = *said;
    return true;
}

bool gate_apply(const struct gate *self, struct decision *decision)
{
    struct control_answer said = {.cap = MODE_AUTO, .level = MODE_AUTO};

    if (self->controls && gated(decision->status))
        ask(self, decision, &said);
    return gate_obey(&said, decision);
}

bool gate_keeps_undrafted(const struct gate *self, struct decision *decision)
{
    struct control_answer said;

    if (!self->controls || !gated(decision->status))
        return false;
    ask(self, decision, &said);
    if (!said.stopped && !said.taken_over)
        return false;
    decision->controls.undrafted = true;
    (void)gate_obey(&said, decision);
    return true;
}
