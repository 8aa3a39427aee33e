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

#define POLICY_RULES_MAX 256
#define POLICY_PATTERN_MAX 1024 /* bytes of a PCRE2 pattern */
#define POLICY_MATCH_BYTES_MAX 65536 /* bytes of a text that a pattern sees */

enum risk { RISK_LOW, RISK_MEDIUM, RISK_HIGH };
enum mode { MODE_OFF, MODE_SHADOW, MODE_SUGGEST, MODE_AUTO };
enum class_action { ACTION_ANSWER, ACTION_IGNORE };

struct policy_class {
    const char *label, *description, *guideline;
    enum risk risk;
    enum mode mode;
    enum class_action action;
    int sla_minutes;
    double threshold;            /* least calibrated probability for mode auto or suggest without review */
    const char *macro_en, *macro_de; /* "" when none; any language: policy_macro */
};

struct policy; /* opaque; snapshots are swapped by pointer */

int policy_load(const char *path, struct policy **ret_policy, struct err *reterr);
void policy_free(struct policy *self);

const char *policy_hash(const struct policy *self);    /* SHA-256 hex of the file */
const char *policy_profile(const struct policy *self);
const char *policy_owner(const struct policy *self);
const char *policy_review_group(const struct policy *self);
size_t policy_class_count(const struct policy *self);
const struct policy_class *policy_class_at(const struct policy *self, size_t index);
const struct policy_class *policy_class_find(const struct policy *self, const char *label); /* NULL when unknown */
size_t policy_class_index(const struct policy *self, const struct policy_class *class); /* of one of its classes */
bool policy_language_supported(const struct policy *self, const char *language);
/* The approved macro's id of a class in a language, or NULL. */
const char *policy_macro(const struct policy *self, const char *label, const char *language);
int policy_default_sla_minutes(const struct policy *self);
double policy_promise_max_error(const struct policy *self);
double policy_promise_confidence(const struct policy *self);

/* A rule that matched: its id, and what it demands. */
struct rule_hit {
    const char *id;
    const char *text;              /* for the reviewer */
    bool to_review, to_ignore;
};
/* First matching rule that runs before the models. 1 matched, 0 none, -1 error (pattern limit: treat as review). */
int policy_match(const struct policy *self, const struct ticket *ticket, struct rule_hit *ret_hit, struct err *reterr);

#endif
