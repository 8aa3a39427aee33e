/* Ticket in, decision out. The order is: what a machine wrote, the policy's rules, nothing to read, language, the linear
 * tier, and then risk, mode and confidence. Whatever is risky or unclear goes to a person. */
#include "triage/decide.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/screen.h"
#include "decide/text.h"

/* A high-risk class this probable sends the ticket to a person, even when another class is the best. */
#define RISK_ALTERNATIVE_LEAST 0.10
#define ACTION_WORD_ANSWER "answer"
#define ACTION_WORD_IGNORE "ignore"

struct decider {
    const struct policy *policy;
    const struct classifier *classifier;
    struct classifier_scratch *scratch;
    struct screen *screen;
};

int decider_new(const struct policy *policy, const struct classifier *classifier, struct decider **ret_decider,
                struct err *reterr)
{
    struct decider *self;
    struct screen *screen;

    for (size_t i = 0; i < classifier_label_count(classifier); i++) {
        const char *label = classifier_label_at(classifier, i);
        if (!policy_class_find(policy, label))
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "the model knows class %s and the policy does not; add the class to the policy or train "
                           "without it",
                           label);
    }
    if (screen_new(&screen, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    *self = (struct decider){.policy = policy, .classifier = classifier, .screen = screen};
    self->scratch = classifier_scratch_new(classifier);
    *ret_decider = self;
    return 0;
}

void decider_free(struct decider *self)
{
    if (!self)
        return;
    classifier_scratch_free(self->scratch);
    screen_free(self->screen);
    mem_free(self);
}

/* ---- endings ---- */

static void to_person(struct decision *decision, enum reason reason)
{
    decision->status = STATUS_IN_REVIEW;
    decision_add_reason(decision, reason);
}

static void ignore(struct decision *decision, enum reason reason)
{
    decision->status = STATUS_IGNORED;
    memcpy(decision->action, ACTION_WORD_IGNORE, sizeof ACTION_WORD_IGNORE);
    decision_add_reason(decision, reason);
}

static void suggest(struct decision *decision, enum reason reason)
{
    decision->status = STATUS_SUGGESTED;
    memcpy(decision->action, ACTION_WORD_ANSWER, sizeof ACTION_WORD_ANSWER);
    decision->wants_draft = true;
    decision_add_reason(decision, reason);
}

static void answer(struct decision *decision, const char *macro)
{
    decision->status = STATUS_ANSWERED;
    memcpy(decision->action, ACTION_WORD_ANSWER, sizeof ACTION_WORD_ANSWER);
    strncpy(decision->draft.macro_id, macro, sizeof decision->draft.macro_id - 1);
    decision_add_reason(decision, REASON_MODE_AUTO);
    decision_add_reason(decision, REASON_MACRO);
}

/* ---- before the models ---- */

/* True when a rule has ended it. A pattern that hit its limit counts as a rule that asks for a person. */
static bool by_rule(struct decider *self, const struct ticket *ticket, struct decision *decision)
{
    struct rule_hit hit = {0};
    struct err err = {0};
    int matched = policy_match(self->policy, ticket, &hit, &err);

    if (matched == 0 || (matched > 0 && !hit.to_review && !hit.to_ignore))
        return false;
    if (matched > 0 && hit.id)
        strncpy(decision->rule_id, hit.id, sizeof decision->rule_id - 1);
    if (matched > 0 && hit.to_ignore && !hit.to_review)
        ignore(decision, REASON_RULE);
    else
        to_person(decision, REASON_RULE);
    return true;
}

static bool by_screen(const struct screen_result *screened, struct decision *decision)
{
    switch (screened->verdict) {
    case SCREEN_AUTO_REPLY:
        ignore(decision, REASON_AUTO_REPLY);
        return true;
    case SCREEN_BOUNCE:
        ignore(decision, REASON_BOUNCE);
        return true;
    case SCREEN_EMPTY:
        to_person(decision, REASON_TEXT_EMPTY);
        return true;
    case SCREEN_PERSON:
        return false;
    }
    return false;
}

/* ---- the linear tier ---- */

static void classify(struct decider *self, const struct ticket *ticket, struct decision *decision, bool *ret_in_scope)
{
    const struct classifier_text text = {.subject = ticket->subject,
                                         .body = ticket_newest_body(ticket),
                                         .sender = ticket->requester.email,
                                         .channel = ticket->channel};
    struct prediction prediction;

    classifier_predict(self->classifier, self->scratch, &text, &prediction);
    decision->n_alternatives = prediction.n_top;
    memcpy(decision->alternatives, prediction.top, sizeof prediction.top);
    memcpy(decision->label, prediction.top[0].label, LABEL_MAX);
    decision->confidence = prediction.top[0].confidence;
    decision->scope_score = prediction.scope_score;
    *ret_in_scope = prediction.in_scope;
}

static bool risk_near(const struct decider *self, const struct decision *decision)
{
    for (size_t i = 0; i < decision->n_alternatives; i++) {
        const struct policy_class *class = policy_class_find(self->policy, decision->alternatives[i].label);
        if (class && class->risk == RISK_HIGH && decision->alternatives[i].confidence >= RISK_ALTERNATIVE_LEAST)
            return true;
    }
    return false;
}

/* ---- risk, mode, confidence ---- */

static void route_auto(const struct decider *self, const struct policy_class *class, struct decision *decision)
{
    const char *macro = policy_macro(self->policy, class->label, decision->language);

    if (class->risk != RISK_LOW)
        suggest(decision, REASON_MODE_AUTO);
    else if (macro && macro[0])
        answer(decision, macro);
    else
        suggest(decision, REASON_NO_MACRO);
}

/* A class that is confident and in scope: what its mode allows. */
static void route_confident(const struct decider *self, const struct policy_class *class, struct decision *decision)
{
    bool unwanted = class->action == ACTION_IGNORE;

    decision_add_reason(decision, REASON_CONFIDENT);
    if (unwanted)
        decision_add_reason(decision, REASON_SPAM);
    switch (class->mode) {
    case MODE_SHADOW:
        to_person(decision, REASON_MODE_SHADOW);
        return;
    case MODE_SUGGEST:
        if (unwanted)
            ignore(decision, REASON_MODE_SUGGEST);
        else
            suggest(decision, REASON_MODE_SUGGEST);
        return;
    case MODE_AUTO:
        if (unwanted)
            ignore(decision, REASON_MODE_AUTO);
        else
            route_auto(self, class, decision);
        return;
    case MODE_OFF:
        to_person(decision, REASON_MODE_OFF);
        return;
    }
}

/* A reviewer is helped by a prefilled answer, but not to something risky, unwanted or unknown. */
static void route(const struct decider *self, bool in_scope, bool injection, struct decision *decision)
{
    const struct policy_class *class = policy_class_find(self->policy, decision->label);
    bool confident = decision->confidence >= class->threshold;

    if (class->risk == RISK_MEDIUM)
        decision_add_reason(decision, REASON_RISK_MEDIUM);
    if (injection)
        to_person(decision, REASON_SUSPECTED_INJECTION);
    if (risk_near(self, decision))
        to_person(decision, REASON_RISK_HIGH);
    if (class->mode == MODE_OFF)
        to_person(decision, REASON_MODE_OFF);
    if (!in_scope)
        to_person(decision, REASON_OUT_OF_SCOPE);
    if (!confident)
        to_person(decision, REASON_LOW_CONFIDENCE);
    if (decision->status != STATUS_IN_REVIEW)
        route_confident(self, class, decision);
    if (decision->status == STATUS_IN_REVIEW)
        decision->wants_draft = class->action == ACTION_ANSWER && in_scope && !injection &&
                                !decision_has_reason(decision, REASON_RISK_HIGH);
}

/* Only a clear guess can call a language unsupported: a hint is often wrong for short texts. */
static bool foreign(const struct decider *self, const struct screen_result *screened)
{
    return screened->language.sure && !policy_language_supported(self->policy, screened->language.code);
}

void decider_decide(struct decider *self, const struct ticket *ticket, struct decision *ret_decision)
{
    struct decision decision = {.status = STATUS_FAILED};
    struct screen_result screened;
    bool in_scope, ruled;

    screen_run(self->screen, ticket, &screened);
    memcpy(decision.language, screened.language.code, sizeof screened.language.code);
    ruled = by_rule(self, ticket, &decision);
    if (!ruled && by_screen(&screened, &decision))
        ruled = true;
    if (screened.verdict == SCREEN_EMPTY || decision.status == STATUS_IGNORED) {
        *ret_decision = decision;
        return;
    }
    if (foreign(self, &screened)) {
        to_person(&decision, REASON_LANGUAGE_UNSUPPORTED);
        *ret_decision = decision;
        return;
    }
    classify(self, ticket, &decision, &in_scope);
    if (ruled && screened.injection)
        decision_add_reason(&decision, REASON_SUSPECTED_INJECTION);
    if (!ruled)
        route(self, in_scope, screened.injection, &decision);
    *ret_decision = decision;
}
