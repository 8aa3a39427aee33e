/* Ticket in, decision out. The order is: what a machine wrote, the policy's rules, nothing to read, language, the
 * linear tier, and then risk, mode and confidence. Whatever is risky or unclear goes to a person. */
#include "triage/decide.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "decide/addressed.h"
#include "decide/promise.h"
#include "decide/screen.h"
#include "decide/text.h"
#include "triage/result.h"

/* A high-risk class this probable sends the ticket to a person, even when another class is the best. */
#define RISK_ALTERNATIVE_LEAST 0.10
#define ACTION_WORD_ANSWER     "answer"
#define ACTION_WORD_IGNORE     "ignore"
enum { PRIORITY_USUAL = 50 }; /* of result_priority_of: what is above is urgent */

struct decider {
    const struct policy *policy;
    const struct classifier *classifier;
    const struct promise *promise;
    const struct controls *controls;
    struct control_budget budget;
    struct control_answer told; /* by decider_obey */
    bool obeys;
    int64_t (*clock_us)(void);
    int64_t screen_us; /* of this ticket so far */
    struct classifier_scratch *scratch;
    const struct classifier *priority; /* NULL: not guessed */
    struct classifier_scratch *priority_scratch;
    struct screen *screen;
    struct err lacks; /* why there is no encoder, when there should be one */
};

static const struct promise nothing_promised = {.certified = false};

int decider_new(const struct decider_parts *parts, struct decider **ret_decider, struct err *reterr)
{
    struct decider *self;
    struct screen *screen;

    for (size_t i = 0; i < classifier_label_count(parts->classifier); i++) {
        const char *label = classifier_label_at(parts->classifier, i);
        if (!policy_class_find(parts->policy, label))
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "the model knows class %s and the policy does not; add the class to the policy or train "
                           "without it",
                           label);
    }
    if (screen_new(&screen, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    *self = (struct decider){.policy = parts->policy,
                             .classifier = parts->classifier,
                             .promise = parts->promise,
                             .controls = parts->controls,
                             .clock_us = parts->clock_us,
                             .screen = screen};
    self->scratch = classifier_scratch_new(parts->classifier);
    if (classifier_scratch_attach(parts->classifier, self->scratch,
                                  parts->encoder_dir && *parts->encoder_dir ? parts->encoder_dir : NULL, false,
                                  &self->lacks) < 0 &&
        self->promise)
        self->promise = &nothing_promised; /* it was made for both opinions together */
    self->priority = parts->priority;
    if (self->priority)
        self->priority_scratch = classifier_scratch_new(self->priority);
    *ret_decider = self;
    return 0;
}

const char *decider_lacks(const struct decider *self)
{
    return self->lacks.text;
}

void decider_obey(struct decider *self, const struct control_answer *said)
{
    self->obeys = said != NULL;
    if (said)
        self->told = *said;
}

void decider_budget(struct decider *self, const struct control_budget *budget)
{
    enum review_state most = policy_relief(self->policy);

    self->budget = *budget;
    if (self->budget.state > most)
        self->budget.state = most;
    if (self->budget.state != REVIEW_OVER)
        self->budget.defer_minutes = 0;
}

struct encoder *decider_encoder(struct decider *self)
{
    return classifier_scratch_encoder(self->scratch);
}

void decider_free(struct decider *self)
{
    if (!self)
        return;
    classifier_scratch_free(self->scratch);
    classifier_scratch_free(self->priority_scratch);
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

static void answer(struct decision *decision, const char *macro, enum reason mode)
{
    decision->status = STATUS_ANSWERED;
    decision->held = mode == REASON_MODE_HOLD;
    memcpy(decision->action, ACTION_WORD_ANSWER, sizeof ACTION_WORD_ANSWER);
    strncpy(decision->draft.macro_id, macro, sizeof decision->draft.macro_id - 1);
    decision_add_reason(decision, mode);
    decision_add_reason(decision, REASON_MACRO);
}

/* ---- before the models ---- */

/* True when a rule has ended it. A pattern that hit its limit counts as a rule that asks for a person. */
static bool by_rule(struct decider *self, const struct ticket *ticket, struct decision *decision)
{
    const struct rule_view view = {.ticket = ticket, .language = decision->language, .label = ""};
    struct rule_hit hit = {0};
    struct err err = {0};
    int matched = policy_match(self->policy, &view, &hit, &err);

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

/* What routing has to know of a prediction besides what the decision says. */
struct verdict {
    bool in_scope, promised, certified, injection; /* certified: a promise was asked for, and it covers this */
    enum mode ruled_mode; /* at most, by the policy's rules */
};

/* Of a ticket that names none, by the linear tier alone. */
static void guess_priority(struct decider *self, const struct ticket *ticket, const struct classifier_text *text,
                           struct decision *decision)
{
    struct prediction prediction;

    if (!self->priority || *ticket->priority)
        return;
    classifier_predict(self->priority, self->priority_scratch, text, &prediction);
    memcpy(decision->priority, prediction.top[0].label, LABEL_MAX);
    decision->priority_confidence = prediction.top[0].confidence;
}

static void classify(struct decider *self, const struct ticket *ticket, struct decision *decision,
                     struct verdict *ret_verdict)
{
    const struct classifier_text text = {.subject = ticket->subject,
                                         .body = ticket_newest_body(ticket),
                                         .sender = ticket->requester.email,
                                         .channel = ticket->channel};
    struct prediction prediction;

    guess_priority(self, ticket, &text, decision);
    classifier_predict(self->classifier, self->scratch, &text, &prediction);
    decision->n_alternatives = prediction.n_top;
    memcpy(decision->alternatives, prediction.top, sizeof prediction.top);
    memcpy(decision->label, prediction.top[0].label, LABEL_MAX);
    decision->confidence = prediction.top[0].confidence;
    decision->scope_score = prediction.scope_score;
    decision->words = (int64_t)prediction.words;
    decision->unknown_words = prediction.words ? (double)prediction.unknown_words / (double)prediction.words : 0;
    ret_verdict->in_scope = prediction.in_scope;
    ret_verdict->certified = self->promise && promise_accepts(self->promise, &prediction);
    ret_verdict->promised = !self->promise || ret_verdict->certified;
}

/* ---- the rules after the linear tier ---- */

static void note_changes(const struct rule_changes *changes, struct decision *decision)
{
    for (size_t i = 0; i < changes->n_ids; i++)
        strncpy(decision->rule_ids[i], changes->ids[i], RULE_ID_MAX - 1);
    decision->n_rule_ids = changes->n_ids;
    strncpy(decision->rule_group, changes->group ? changes->group : "", sizeof decision->rule_group - 1);
    strncpy(decision->rule_priority, changes->priority ? changes->priority : "", sizeof decision->rule_priority - 1);
    decision->rule_sla_minutes = changes->sla_minutes;
    if (changes->n_ids)
        decision_add_reason(decision, REASON_RULE);
}

/* Lowers the mode, sends to a person, routes. A pattern that hit its limit counts as a rule that asks for a person. */
static void by_later_rules(struct decider *self, const struct ticket *ticket, bool ruled, struct decision *decision,
                           enum mode *ret_mode)
{
    const struct rule_view view = {.ticket = ticket,
                                   .language = decision->language,
                                   .label = decision->label,
                                   .probability = decision->confidence};
    struct rule_changes changes = {.mode = MODE_AUTO};
    struct rule_hit hit = {0};
    struct err err = {0};
    int matched = ruled ? 0 : policy_match_after(self->policy, &view, &hit, &err);

    if (matched > 0 && hit.id)
        strncpy(decision->rule_id, hit.id, sizeof decision->rule_id - 1);
    if (matched != 0 || policy_change(self->policy, &view, &changes, &err) < 0)
        to_person(decision, REASON_RULE);
    if (matched > 0)
        (void)policy_change(self->policy, &view, &changes, &err);
    note_changes(&changes, decision);
    *ret_mode = changes.mode;
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

static void route_auto(const struct decider *self, const struct policy_class *class, bool promised, enum reason mode,
                       struct decision *decision)
{
    const char *macro = policy_macro(self->policy, class->label, decision->language);

    if (class->risk != RISK_LOW)
        suggest(decision, mode);
    else if (!macro || !macro[0])
        suggest(decision, REASON_NO_MACRO);
    else if (!promised)
        suggest(decision, REASON_NOT_PROMISED);
    else
        answer(decision, macro, mode);
    decision->unseen = decision->status == STATUS_ANSWERED;
}

/* Who ignores shows it to nobody: that takes the promise as much as an answer does. */
static void route_unwanted(enum reason mode, bool promised, struct decision *decision)
{
    decision_add_reason(decision, REASON_SPAM);
    if (promised)
        ignore(decision, mode);
    else
        to_person(decision, REASON_NOT_PROMISED);
    decision->unseen = promised;
}

/* The mode stands in the result, so that the decision can be made again whatever the controls say then. */
static void lower(enum mode *mode, enum mode most, enum reason reason, struct decision *decision)
{
    if (most >= *mode)
        return;
    *mode = most;
    decision_add_reason(decision, reason);
    strncpy(decision->capped_to, control_mode_word(most), sizeof decision->capped_to - 1);
}

static struct control_answer said_of(const struct decider *self, const struct policy_class *class)
{
    struct control_answer said = {.cap = MODE_AUTO, .level = MODE_AUTO};

    if (self->obeys)
        return self->told;
    if (!self->controls)
        return said;
    controls_ask(self->controls,
                 &(struct control_question){.profile = policy_profile(self->policy), .label = class->label}, &said);
    if (!said.levelled)
        said.level = policy_autonomy(self->policy)->begins;
    return said;
}

/* The mode of the class: the policy's, lowered to what the class has earned, to caps, and by rules. */
static enum mode mode_now(const struct decider *self, const struct policy_class *class, enum mode ruled_mode,
                          struct decision *decision)
{
    const struct control_answer said = said_of(self, class);
    enum mode mode = class->mode;

    lower(&mode, said.level, REASON_NOT_EARNED, decision);
    lower(&mode, said.cap, REASON_AUTONOMY_CAPPED, decision);
    if (mode < class->mode)
        decision->controls = (struct decision_controls){.lowered = true, .decided = said};
    return ruled_mode < mode ? ruled_mode : mode;
}

static const enum reason mode_reasons[] = {[MODE_OFF] = REASON_MODE_OFF,
                                           [MODE_SHADOW] = REASON_MODE_SHADOW,
                                           [MODE_SUGGEST] = REASON_MODE_SUGGEST,
                                           [MODE_HOLD] = REASON_MODE_HOLD,
                                           [MODE_AUTO] = REASON_MODE_AUTO};

/* A class that is confident and in scope: what its mode allows, or less where that is lowered. */
static void route_confident(const struct decider *self, const struct policy_class *class, const struct verdict *verdict,
                            struct decision *decision)
{
    bool promised = verdict->promised;
    enum reason reason;
    enum mode mode;

    decision_add_reason(decision, REASON_CONFIDENT);
    mode = mode_now(self, class, verdict->ruled_mode, decision);
    reason = mode_reasons[mode];
    if (mode == MODE_OFF || mode == MODE_SHADOW)
        to_person(decision, reason);
    else if (class->action == ACTION_IGNORE)
        route_unwanted(reason, promised, decision);
    else if (mode == MODE_SUGGEST)
        suggest(decision, reason);
    else
        route_auto(self, class, promised, reason, decision);
}

/* While people are short the margin between the threshold of the class and the one that the promise certifies is used.
 * Never below either the promise's or the floor's. */
static bool confident(const struct decider *self, const struct policy_class *class, const struct verdict *verdict,
                      struct decision *decision)
{
    if (decision->confidence >= class->threshold)
        return true;
    if (self->budget.state == REVIEW_NORMAL || !verdict->certified || decision->confidence < class->threshold_floor)
        return false;
    decision_add_reason(decision, REASON_THRESHOLD_MOVED);
    return true;
}

/* A reviewer is helped by a prefilled answer, but not to something risky, unwanted or unknown. */
static void route(const struct decider *self, const struct verdict *verdict, struct decision *decision)
{
    const struct policy_class *class = policy_class_find(self->policy, decision->label);
    bool is_confident = confident(self, class, verdict, decision);

    if (class->risk == RISK_MEDIUM)
        decision_add_reason(decision, REASON_RISK_MEDIUM);
    if (verdict->injection)
        to_person(decision, REASON_SUSPECTED_INJECTION);
    if (risk_near(self, decision))
        to_person(decision, REASON_RISK_HIGH);
    if (class->mode == MODE_OFF)
        to_person(decision, REASON_MODE_OFF);
    if (!verdict->in_scope)
        to_person(decision, REASON_OUT_OF_SCOPE);
    if (!is_confident)
        to_person(decision, REASON_LOW_CONFIDENCE);
    if (decision->status != STATUS_IN_REVIEW)
        route_confident(self, class, verdict, decision);
    if (decision->status == STATUS_IN_REVIEW)
        decision->wants_draft = class->action == ACTION_ANSWER && verdict->in_scope && !verdict->injection &&
                                !decision_has_reason(decision, REASON_RISK_HIGH);
}

/* Only a clear guess can call a language unsupported: a hint is often wrong for short texts. */
static bool foreign(const struct decider *self, const struct screen_result *screened)
{
    return screened->language.sure && !policy_language_supported(self->policy, screened->language.code);
}

static void run_screen(struct decider *self, const struct ticket *ticket, struct screen_result *ret_screened)
{
    int64_t began = self->clock_us ? self->clock_us() : 0;

    screen_run(self->screen, ticket, ret_screened);
    if (self->clock_us)
        self->screen_us += self->clock_us() - began;
}

/* doubted: a sentence that may speak to a machine has decided it, as deciding without that sentence has shown. */
static void decide_once(struct decider *self, const struct ticket *ticket, bool doubted, struct decision *ret_decision)
{
    struct decision decision = {.status = STATUS_FAILED, .retrieval = -1};
    struct screen_result screened;
    struct verdict verdict = {.ruled_mode = MODE_AUTO};
    bool ruled;

    run_screen(self, ticket, &screened);
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
        by_later_rules(self, ticket, ruled, &decision, &verdict.ruled_mode);
        *ret_decision = decision;
        return;
    }
    classify(self, ticket, &decision, &verdict);
    verdict.injection = screened.injection || doubted;
    by_later_rules(self, ticket, ruled, &decision, &verdict.ruled_mode);
    if (ruled && screened.injection)
        decision_add_reason(&decision, REASON_SUSPECTED_INJECTION);
    if (!ruled)
        route(self, &verdict, &decision);
    *ret_decision = decision;
}

/* ---- what waits while people can't keep up ---- */

static bool urgent(const struct ticket *ticket, const struct decision *decision)
{
    int stated = result_priority_of(ticket->priority), guessed = result_priority_of(decision->priority);

    return stated > PRIORITY_USUAL || (stated < 0 && guessed > PRIORITY_USUAL);
}

/* What no rule touched, of a class of low risk, and nothing speaks for haste. */
static bool can_wait(const struct decider *self, const struct ticket *ticket, const struct decision *decision)
{
    const struct policy_class *class = *decision->label ? policy_class_find(self->policy, decision->label) : NULL;

    return class && class->risk == RISK_LOW && !decision_has_reason(decision, REASON_RULE) &&
           !decision_has_reason(decision, REASON_RISK_HIGH) &&
           !decision_has_reason(decision, REASON_SUSPECTED_INJECTION) && !urgent(ticket, decision);
}

static void note_budget(const struct decider *self, const struct ticket *ticket, struct decision *decision)
{
    decision->review_state = self->budget.state;
    if (self->budget.state != REVIEW_OVER || !self->budget.defer_minutes || decision->status != STATUS_IN_REVIEW ||
        !can_wait(self, ticket, decision))
        return;
    decision->deferred_minutes = self->budget.defer_minutes;
    decision_add_reason(decision, REASON_DEFERRED);
}

/* ---- sentences without a vote ---- */

static bool has_words(const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80)
            return true;
    }
    return false;
}

/* The ticket without its sentences that may speak to a machine, in the caller's two buffers. False when there are none,
 * or when they are all that the ticket says. */
static bool without_orders(const struct ticket *ticket, struct buf *subject, struct buf *body, struct ticket *ret_rest)
{
    CLEANUP(mem_freep) char *plain = ticket_plain_text(ticket);
    CLEANUP(buf_free) struct buf visible = {0};
    bool any;

    text_add_visible(&visible, ticket->subject, strlen(ticket->subject));
    any = addressed_leave_out(subject, buf_str(&visible), visible.len);
    any |= addressed_leave_out(body, plain, strlen(plain));
    if (!any || !(has_words(subject) || has_words(body)))
        return false;
    *ret_rest = *ticket;
    ret_rest->subject = buf_str(subject);
    ret_rest->body_text = buf_str(body);
    ret_rest->n_messages = 0;
    return true;
}

/* Who writes into a ticket what a machine is meant to obey must not move it nearer to no person: where the ticket would
 * go another way without those sentences, a person decides. */
static void decide_and_doubt(struct decider *self, const struct ticket *ticket, struct decision *ret_decision)
{
    CLEANUP(buf_free) struct buf subject = {0};
    CLEANUP(buf_free) struct buf body = {0};
    struct ticket rest;
    struct decision without;

    decide_once(self, ticket, false, ret_decision);
    if (ret_decision->status == STATUS_IN_REVIEW || !*ret_decision->label ||
        !without_orders(ticket, &subject, &body, &rest))
        return;
    decide_once(self, &rest, false, &without);
    if (without.status != ret_decision->status || strcmp(without.label, ret_decision->label) != 0)
        decide_once(self, ticket, true, ret_decision);
}

void decider_decide(struct decider *self, const struct ticket *ticket, struct decision *ret_decision)
{
    self->screen_us = 0;
    decide_and_doubt(self, ticket, ret_decision);
    ret_decision->screen_us = self->screen_us;
    note_budget(self, ticket, ret_decision);
}
