/* What was decided for one ticket revision, and why. The words here are the contract's words (schemas/result.v1.json):
 * one table each in decision.c gives names, descriptions and metric labels. */
#ifndef TRIAGE_DECISION_H
#define TRIAGE_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LABEL_MAX 64          /* bytes of a class label with the terminator */
#define LABELS_MAX 1024       /* classes of one policy or model */
#define ALTERNATIVES_MAX 3
#define REASONS_MAX 16        /* reason codes of one decision */
#define RULE_ID_MAX 48
#define RULES_APPLIED_MAX 8   /* rules of one decision that changed something and are named */
#define REVIEW_GROUP_MAX 128  /* bytes with the terminator */
#define CITATIONS_MAX 8
#define CONTROLS_AFTER_MAX 4  /* times that triage.control changes a decision after it was made: each lowers it */
#define ARTICLE_ID_MAX 128

/* hold: answered without a person, after a time in which one can stop it. */
enum mode { MODE_OFF, MODE_SHADOW, MODE_SUGGEST, MODE_HOLD, MODE_AUTO };

/* What triage.control says of one ticket at one moment. */
struct control_answer {
    bool stopped;    /* by a kill switch: a person decides */
    bool taken_over; /* a person has the conversation: the machine keeps out of it */
    bool levelled;   /* a level is on record for the class */
    enum mode cap;   /* the most that caps allow; MODE_AUTO: none */
    enum mode level; /* the most that the class has earned; MODE_AUTO without a record */
};

/* What triage.control said wherever that changed something. It is input, as the ticket is: told again, it gives the same
 * decision. All zero: it changed nothing. */
struct decision_controls {
    bool lowered;                    /* the mode of the class, when it was decided */
    struct control_answer decided;   /* what lowered it */
    bool undrafted;                  /* stopped or taken over before a draft was begun */
    struct control_answer after[CONTROLS_AFTER_MAX]; /* what changed the decision since, in its order */
    size_t n_after;
};

enum result_status {
    STATUS_ANSWERED,   /* goes out without a person */
    STATUS_SUGGESTED,  /* a draft for the helpdesk's own agent, nothing in our queue */
    STATUS_IGNORED,    /* spam, mail loops */
    STATUS_WITHDRAWN,
    STATUS_SUPERSEDED,
    STATUS_REVIEWED,
    STATUS_FAILED,
    STATUS_IN_REVIEW,  /* not terminal */
    STATUS_DUPLICATE,  /* notice */
    STATUS_STALE,      /* notice */
    STATUS_COUNT
};

const char *result_status_name(enum result_status status);
bool result_status_terminal(enum result_status status);
bool result_status_notice(enum result_status status);

/* Why a decision went the way it did. Add here, in reason_table (decision.c) and nowhere else. */
enum reason {
    REASON_CONFIDENT,           /* probability at or above the threshold of its class */
    REASON_LOW_CONFIDENCE,      /* below the threshold */
    REASON_OUT_OF_SCOPE,        /* looks like none of the classes */
    REASON_RISK_HIGH,           /* the class is high risk: always a person */
    REASON_RISK_MEDIUM,
    REASON_MODE_OFF,
    REASON_MODE_SHADOW,
    REASON_MODE_SUGGEST,
    REASON_MODE_AUTO,
    REASON_RULE,                /* a policy rule decided; its id stands beside */
    REASON_SPAM,
    REASON_AUTO_REPLY,
    REASON_BOUNCE,
    REASON_LANGUAGE_UNSUPPORTED,
    REASON_TEXT_EMPTY,          /* nothing to classify */
    REASON_MULTIPLE_REQUESTS,
    REASON_SUSPECTED_INJECTION, /* text that speaks to the machine instead of the company */
    REASON_NO_MACRO,            /* auto, but no approved answer in the ticket's language */
    REASON_MACRO,               /* answered by an approved macro */
    REASON_MODEL_UNAVAILABLE,   /* breaker open or every try failed */
    REASON_MODEL_TIMEOUT,       /* the ticket's model deadline passed */
    REASON_MODEL_INVALID,       /* the answer was not what we asked for */
    REASON_DRAFT_BUDGET,        /* no model slot or budget left for a draft */
    REASON_RETRIEVAL_WEAK,      /* no article fits, so no draft */
    REASON_UNSUPPORTED_CLAIM,   /* the draft claims what no source says */
    REASON_CRASH_ISOLATION,     /* decided without a model after repeated crashes at this position */
    REASON_CONTENT_DIFFERS,     /* same revision, other content */
    REASON_TOMBSTONE,
    REASON_NEWER_REVISION,
    REASON_TOO_LARGE,           /* the result did not fit its topic */
    REASON_NOT_PROMISED,        /* the certified promise does not cover this decision */
    REASON_AUTONOMY_CAPPED,     /* triage.control allows the class less than the policy does */
    REASON_OPINIONS_DIFFER,     /* the language model names another label */
    REASON_ARTICLE_CHANGED,     /* given while a draft waits: what it cites says something else now */
    REASON_MODE_HOLD,
    REASON_NOT_EARNED,          /* the class has not earned as much as its policy allows */
    REASON_STOPPED,             /* a kill switch of triage.control */
    REASON_TAKEN_OVER,          /* a person has the conversation */
    REASON_THRESHOLD_MOVED,     /* below the class's threshold, within the promise, while reviewers are short */
    REASON_DEFERRED,            /* people can't keep up: this one is answered later */
    REASON_COUNT
};

/* How the review budget stands: whether people can keep up. Ordered: each state gives way further than the one before. */
enum review_state {
    REVIEW_NORMAL,
    REVIEW_TIGHT, /* thresholds move within what the promise certifies */
    REVIEW_OVER,  /* besides, what is not urgent is deferred */
    REVIEW_STATES
};

const char *review_state_name(enum review_state state);
int review_state_of(const char *name, enum review_state *ret_state); /* -1: there is none of this name */

const char *reason_name(enum reason reason);        /* snake_case code */
const char *reason_description(enum reason reason); /* one sentence for a person */

struct alternative {
    char label[LABEL_MAX];
    double confidence; /* calibrated probability 0..1 */
};

struct draft {
    char *text;   /* plain UTF-8; owned */
    char citations[CITATIONS_MAX][ARTICLE_ID_MAX];
    size_t n_citations;
    char macro_id[ARTICLE_ID_MAX]; /* "" when a model wrote it */
    char opinion[LABEL_MAX]; /* the label that the model finds best, where it was asked; "" not asked */
    const char *commitments; /* policy_commitments, on which its claims may rest; borrowed, NULL: none */
    char *unsupported; /* JSON array of {text, kind, start, end} (code points) of claims without a source, or NULL; owned */
    int64_t tokens_in, tokens_cached, tokens_out; /* as the model server counts them; 0 when it does not say */
};

/* Fixed size but for the draft and what it was made of: who copies a decision takes them over. */
struct decision {
    enum result_status status;
    char label[LABEL_MAX]; /* "" when none was given */
    double confidence;     /* calibrated probability 0..1; 0 without a label */
    double scope_score;    /* higher is more in scope */
    struct alternative alternatives[ALTERNATIVES_MAX]; /* best first, the label itself included */
    size_t n_alternatives;
    enum reason reasons[REASONS_MAX];
    size_t n_reasons;
    char rule_id[RULE_ID_MAX];
    char rule_ids[RULES_APPLIED_MAX][RULE_ID_MAX]; /* of the rules that changed something without ending it */
    size_t n_rule_ids;
    char rule_group[REVIEW_GROUP_MAX]; /* "" the policy's */
    char rule_priority[16];            /* "" not by a rule */
    int rule_sla_minutes;              /* 0: not by a rule */
    char capped_to[16]; /* the mode that triage.control allowed, where the policy allows more; "" as the policy says */
    enum review_state review_state; /* of the budget, when it was decided */
    int deferred_minutes;           /* so much longer than its class has; 0: not deferred */
    struct decision_controls controls;
    char priority[LABEL_MAX]; /* guessed, where the ticket names none and there is a model for it; else "" */
    double priority_confidence; /* calibrated probability 0..1 */
    char language[8]; /* detected, ISO 639-1, "" unknown */
    char action[16];  /* answer | ignore | "" */
    bool wants_draft; /* a model draft would help whoever gets this */
    int64_t words;        /* words and pairs of words that were classified; 0: nothing was */
    double unknown_words; /* share of them that the classifier never saw, 0..1 */
    double retrieval;     /* strength of the best article, 0..1, one half is just enough for a draft; below 0: not searched */
    bool held;              /* an answer that is to wait, or (in review) waits, before it goes out by itself */
    bool unseen;      /* ends without a person on the word of the classifier: audits are drawn from these */
    struct draft draft;
    char *context;  /* JSON object: what stood in the prompt and what was left out; NULL: nothing was retrieved; owned */
    char *shadow;   /* JSON object: what a candidate would have decided otherwise; NULL: none was asked; owned */
    char *recorded; /* JSON object: how the model's call ended, with its answer as it came; NULL: none was due; owned */
    int64_t screen_us, classify_us, draft_us, total_us; /* stage timings, microseconds */
    int64_t model_tokens_in, model_tokens_out;
};

void decision_add_reason(struct decision *self, enum reason reason); /* once each; beyond REASONS_MAX ignored */
bool decision_has_reason(const struct decision *self, enum reason reason);
void decision_clear(struct decision *self); /* frees the draft, zeroes */

#endif
