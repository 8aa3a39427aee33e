/* The words of decisions: one table for each, the only place that spells them. */
#include "triage/decision.h"

#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

static const struct {
    const char *name;
    bool terminal, notice;
} status_table[] = {
    [STATUS_ANSWERED] = {"answered", true, false},     [STATUS_SUGGESTED] = {"suggested", true, false},
    [STATUS_IGNORED] = {"ignored", true, false},       [STATUS_WITHDRAWN] = {"withdrawn", true, false},
    [STATUS_SUPERSEDED] = {"superseded", true, false}, [STATUS_REVIEWED] = {"reviewed", true, false},
    [STATUS_FAILED] = {"failed", true, false},         [STATUS_IN_REVIEW] = {"in_review", false, false},
    [STATUS_DUPLICATE] = {"duplicate", false, true},   [STATUS_STALE] = {"stale", false, true},
};
_Static_assert(ARRAY_LEN(status_table) == STATUS_COUNT, "a status without a row");

static const struct {
    const char *name, *description;
} reason_table[] = {
    [REASON_CONFIDENT] = {"confident", "The calibrated probability reaches the threshold of the class."},
    [REASON_LOW_CONFIDENCE] = {"low_confidence", "The calibrated probability is below the threshold of the class."},
    [REASON_OUT_OF_SCOPE] = {"out_of_scope", "The ticket looks like none of the known classes."},
    [REASON_RISK_HIGH] = {"risk_high", "The class is high risk: a person decides, whatever the confidence."},
    [REASON_RISK_MEDIUM] = {"risk_medium", "The class is medium risk: nothing goes out without a person."},
    [REASON_MODE_OFF] = {"mode_off", "The policy keeps this class for people."},
    [REASON_MODE_SHADOW] = {"mode_shadow", "The class runs in shadow: decided for the record, handled by a person."},
    [REASON_MODE_SUGGEST] = {"mode_suggest", "The policy lets this class be suggested to the helpdesk's agent."},
    [REASON_MODE_AUTO] = {"mode_auto", "The policy lets this class be answered without a person."},
    [REASON_RULE] = {"rule", "A rule of the policy decided; its id stands beside."},
    [REASON_SPAM] = {"spam", "Unsolicited mail."},
    [REASON_AUTO_REPLY] = {"auto_reply", "An automatic reply, such as an out-of-office notice."},
    [REASON_BOUNCE] = {"bounce", "A delivery failure notice."},
    [REASON_LANGUAGE_UNSUPPORTED] = {"language_unsupported", "The ticket's language is none that the policy supports."},
    [REASON_TEXT_EMPTY] = {"text_empty", "There is no text to classify."},
    [REASON_MULTIPLE_REQUESTS] = {"multiple_requests", "The ticket seems to ask for more than one thing."},
    [REASON_SUSPECTED_INJECTION] = {"suspected_injection", "The text gives instructions to a machine."},
    [REASON_NO_MACRO] = {"no_macro", "No approved answer exists for this class and language."},
    [REASON_MACRO] = {"macro", "The text is an approved macro."},
    [REASON_MODEL_UNAVAILABLE] = {"model_unavailable", "The model server could not be used."},
    [REASON_MODEL_TIMEOUT] = {"model_timeout", "The model did not answer before the ticket's deadline."},
    [REASON_MODEL_INVALID] = {"model_invalid", "The model's answer was not usable."},
    [REASON_DRAFT_BUDGET] = {"draft_budget", "No model slot or budget was left for a draft."},
    [REASON_RETRIEVAL_WEAK] = {"retrieval_weak", "No article fits well enough to ground a draft."},
    [REASON_UNSUPPORTED_CLAIM] = {"unsupported_claim", "The draft claims something that no source says."},
    [REASON_CRASH_ISOLATION] = {"crash_isolation", "Decided without a model after repeated crashes at this position."},
    [REASON_CONTENT_DIFFERS] = {"content_differs", "The same revision came again with other content."},
    [REASON_TOMBSTONE] = {"tombstone", "The ticket's key was deleted."},
    [REASON_NEWER_REVISION] = {"newer_revision", "A newer revision of the ticket has come."},
    [REASON_TOO_LARGE] = {"too_large", "The result was larger than its topic takes."},
    [REASON_NOT_PROMISED] = {"not_promised", "The certified promise does not cover this decision."},
    [REASON_OPINIONS_DIFFER] = {"opinions_differ", "The language model finds another label better than the classifier's."},
    [REASON_AUTONOMY_CAPPED] = {"autonomy_capped", "The class may do less for now than its policy says: triage.control."},
    [REASON_ARTICLE_CHANGED] = {"article_changed", "An article that the draft cites has changed since it was written."},
    [REASON_MODE_HOLD] = {"mode_hold", "The answer goes out by itself after a while, unless somebody stops it."},
    [REASON_NOT_EARNED] = {"not_earned", "The class has not earned as much autonomy as its policy allows."},
    [REASON_STOPPED] = {"stopped", "A kill switch stops the machine here: a person decides."},
    [REASON_TAKEN_OVER] = {"taken_over", "A person has taken the conversation over; the machine keeps out of it."},
    [REASON_THRESHOLD_MOVED] = {"threshold_moved", "Reviewers are short, so all that the promise certifies counts as "
                                                   "confident, also below the threshold of the class."},
    [REASON_DEFERRED] = {"deferred", "Reviewers can't keep up: a person answers, later than usual."},
};
_Static_assert(ARRAY_LEN(reason_table) == REASON_COUNT, "a reason without a row");

static const char *const review_state_names[REVIEW_STATES] = {
    [REVIEW_NORMAL] = "normal", [REVIEW_TIGHT] = "tight", [REVIEW_OVER] = "over"};

const char *review_state_name(enum review_state state)
{
    return review_state_names[state];
}

int review_state_of(const char *name, enum review_state *ret_state)
{
    for (int i = REVIEW_NORMAL; i < REVIEW_STATES; i++) {
        if (strcmp(review_state_names[i], name) == 0) {
            *ret_state = (enum review_state)i;
            return 0;
        }
    }
    return -1;
}

const char *result_status_name(enum result_status status)
{
    return status_table[status].name;
}

bool result_status_terminal(enum result_status status)
{
    return status_table[status].terminal;
}

bool result_status_notice(enum result_status status)
{
    return status_table[status].notice;
}

const char *reason_name(enum reason reason)
{
    return reason_table[reason].name;
}

const char *reason_description(enum reason reason)
{
    return reason_table[reason].description;
}

bool decision_has_reason(const struct decision *self, enum reason reason)
{
    for (size_t i = 0; i < self->n_reasons; i++) {
        if (self->reasons[i] == reason)
            return true;
    }
    return false;
}

void decision_add_reason(struct decision *self, enum reason reason)
{
    if (self->n_reasons < REASONS_MAX && !decision_has_reason(self, reason))
        self->reasons[self->n_reasons++] = reason;
}

void decision_clear(struct decision *self)
{
    mem_free(self->draft.text);
    mem_free(self->draft.unsupported);
    mem_free(self->context);
    mem_free(self->recorded);
    mem_free(self->shadow);
    memset(self, 0, sizeof *self);
}
