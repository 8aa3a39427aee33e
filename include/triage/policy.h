/* The policy of one profile: who owns it, what each class may do, and the rules around the models. Const after loading.
 * Contract: schemas/policy.v1.json. */
#ifndef TRIAGE_POLICY_H
#define TRIAGE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/decision.h"
#include "triage/err.h"
#include "triage/ticket.h"

#define PROFILES_MAX 16 /* use cases that one worker decides for */
#define POLICY_COMMITMENTS_MAX 50
#define POLICY_COMMITMENT_BYTES_MAX 500
#define POLICY_RULES_MAX 256
#define POLICY_SHIFTS_MAX 256
#define POLICY_PATTERN_MAX 1024 /* bytes of a PCRE2 pattern */
#define POLICY_MATCH_BYTES_MAX 65536 /* bytes of a text that a pattern sees */

enum risk { RISK_LOW, RISK_MEDIUM, RISK_HIGH };
enum class_action { ACTION_ANSWER, ACTION_IGNORE };

struct policy_class {
    const char *label, *description, *guideline;
    enum risk risk;
    enum mode mode;
    enum class_action action;
    int sla_minutes;
    double threshold;            /* least calibrated probability for mode auto or suggest without review */
    double threshold_floor;      /* the floor's bound of it, 0 without; no budget moves it below */
    const char *macro_en, *macro_de; /* "" when none; any language: policy_macro */
};

/* How far the classes may go by what they have shown: docs/AUTONOMY.md. */
struct policy_autonomy {
    enum mode begins;            /* what a class has without a level on record: MODE_AUTO, the policy alone counts, or
                                  * MODE_SHADOW, autonomy is earned */
    int hold_seconds;            /* an answer of a class on hold waits so long */
    int labels_least;            /* of people, since the last step down */
    double override_most;        /* share of them that is not what the machine gave */
    double quality_review_days;  /* a class is looked at by a person at least so often */
};

struct policy; /* opaque; snapshots are swapped by pointer */

int policy_load(const char *path, struct policy **ret_policy, struct err *reterr);
/* The same on a floor, a file of bounds that every policy keeps: one that is looser in any key is refused, naming the
 * key, both values, both files and lines. NULL or "": no floor. */
int policy_load_on(const char *path, const char *floor_path, struct policy **ret_policy, struct err *reterr);
void policy_free(struct policy *self);

const char *policy_hash(const struct policy *self);    /* SHA-256 hex of the file; on a floor, of both */
const char *policy_profile(const struct policy *self);
const char *policy_owner(const struct policy *self);
const char *policy_exception_owner(const struct policy *self);
const char *policy_review_cadence(const struct policy *self); /* in words */
const char *policy_review_group(const struct policy *self);
const struct policy_autonomy *policy_autonomy(const struct policy *self);
/* Who reviews when, as JSON {zone, shifts: [{group, weekdays: 1 Monday..7, from_minute, to_minute, people}]}; "" not said. */
const char *policy_staffing(const struct policy *self);
/* The furthest that the review budget may go when people are short: normal, only the alarm. */
enum review_state policy_relief(const struct policy *self);
size_t policy_class_count(const struct policy *self);
const struct policy_class *policy_class_at(const struct policy *self, size_t index);
const struct policy_class *policy_class_find(const struct policy *self, const char *label); /* NULL when unknown */
bool policy_language_supported(const struct policy *self, const char *language);
/* What every draft may promise, one sentence a line: a draft's claims may rest on it as on an article; "" none. */
const char *policy_commitments(const struct policy *self);
const char *policy_language_at(const struct policy *self, size_t index); /* NULL beyond the last */
/* The approved macro's id of a class in a language, or NULL. */
const char *policy_macro(const struct policy *self, const char *label, const char *language);
int policy_default_sla_minutes(const struct policy *self);
double policy_promise_max_error(const struct policy *self);
double policy_promise_confidence(const struct policy *self);

/* For trying a threshold out: before the policy is shared, and not proved against the floor. -1: there is no such class. */
int policy_set_threshold(struct policy *self, const char *label, double threshold);

/* The hour of the local day in the zone of business_hours, and whether a desk is staffed then; UTC and always staffed without. */
struct policy_hour {
    int weekday; /* Monday 0 */
    int hour;    /* 0..23 */
    bool staffed;
    bool zoned; /* the policy has business_hours */
};
struct policy_hour policy_hour_at(const struct policy *self, int64_t unix_s);

/* A rule that matched: its id, and what it demands. */
struct rule_hit {
    const char *id;
    const char *text;              /* for the reviewer */
    bool to_review, to_ignore;
};
/* What a rule may look at. Before the models label is "" and probability 0. */
struct rule_view {
    const struct ticket *ticket;
    const char *language; /* detected; "" unknown */
    const char *label;
    double probability;
};
/* First matching rule that ends a ticket before the models. 1 matched, 0 none, -1 error (pattern limit: treat as review). */
int policy_match(const struct policy *self, const struct rule_view *view, struct rule_hit *ret_hit, struct err *reterr);
/* The same among the rules that ask for label or probability: they can only ask for review. */
int policy_match_after(const struct policy *self, const struct rule_view *view, struct rule_hit *ret_hit,
                       struct err *reterr);

/* What all matching rules together change. They can only tighten. */
struct rule_changes {
    enum mode mode;       /* at most; MODE_AUTO: not lowered */
    const char *group;    /* who reviews; NULL: the policy's group */
    const char *priority; /* low, normal, high or urgent; NULL: unchanged */
    int priority_rank;    /* its place among these words */
    int sla_minutes;      /* at most; 0: unchanged */
    const char *ids[RULES_APPLIED_MAX];
    size_t n_ids;
};
int policy_change(const struct policy *self, const struct rule_view *view, struct rule_changes *ret_changes,
                  struct err *reterr);

#endif
