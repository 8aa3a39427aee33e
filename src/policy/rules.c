/* Rules in the order of the file. Before the models the first that ends a ticket decides; what others change adds up.
 * Knows nothing of classes and models but the words in its conditions. */
#include "policy/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "policy/conditions.h"
#include "policy/words.h"

enum {
    RULE_TEXT_MAX = 500, /* bytes of the reason that a rule gives */
};

static const char *const end_words[] = {"review", "ignore", NULL};
static const char *const priority_words[] = {"low", "normal", "high", "urgent", NULL};
enum { END_REVIEW, END_IGNORE, END_NONE };

/* What a rule does when it does not end the ticket; what it leaves alone is negative or NULL. */
struct changes {
    int mode, priority, sla_minutes;
    const char *group;
};

struct rule {
    const char *id, *text;
    int end;
    bool needs_label;
    struct changes changes;
    struct conditions *conditions;
};

struct rules {
    struct rule *rules;
    size_t n;
};

/* ---- loading ---- */

struct rule_values {
    const char *id, *reason;
    const struct yml_node *when, *then;
};

static const struct yml_field rule_fields[] = {
    {"id", YAML_WANT_TEXT, true, offsetof(struct rule_values, id), 1, RULE_ID_MAX - 1, NULL},
    {"when", YAML_WANT_MAP, true, offsetof(struct rule_values, when), 0, 0, NULL},
    {"then", YAML_WANT_ANY, true, offsetof(struct rule_values, then), 0, 0, NULL},
    {"reason", YAML_WANT_TEXT, false, offsetof(struct rule_values, reason), 0, RULE_TEXT_MAX, NULL},
};
static const struct yml_field change_fields[] = {
    {"mode", YAML_WANT_WORD, false, offsetof(struct changes, mode), 0, 0, policy_mode_words},
    {"group", YAML_WANT_TEXT, false, offsetof(struct changes, group), 1, REVIEW_GROUP_MAX - 1, NULL},
    {"priority", YAML_WANT_WORD, false, offsetof(struct changes, priority), 0, 0, priority_words},
    {"sla_minutes", YAML_WANT_INTEGER, false, offsetof(struct changes, sla_minutes), 1, POLICY_SLA_MINUTES_MAX, NULL},
};

/* One word ends the ticket; a mapping changes how it goes on. */
static int read_then(const struct yml *yaml, const struct yml_node *node, const char *where, struct rule *rule,
                     struct err *reterr)
{
    rule->changes = (struct changes){.mode = -1, .priority = -1, .sla_minutes = -1};
    rule->end = END_NONE;
    if (node->kind == YAML_MAP) {
        if (node->n_children == 0)
            return yml_refuse(yaml, node, where, reterr, "give mode, group, priority or sla_minutes");
        return yml_read(yaml, node, where, change_fields, ARRAY_LEN(change_fields), &rule->changes, reterr);
    }
    for (int i = 0; node->kind == YAML_SCALAR && end_words[i]; i++) {
        if (strcmp(end_words[i], node->text) == 0)
            rule->end = i;
    }
    if (rule->end == END_NONE)
        return yml_refuse(yaml, node, where, reterr,
                          "give one of review, ignore, or a group of mode, group, priority, sla_minutes");
    if (rule->end == END_IGNORE && rule->needs_label)
        return yml_refuse(yaml, node, where, reterr,
                          "give review: a rule on label or probability runs after the models and can't ignore");
    return 0;
}

static int read_rule(const struct yml *yaml, const struct yml_node *node, const struct hours *hours, struct rules *self,
                     struct err *reterr)
{
    struct rule_values values = {.reason = ""};
    struct rule *rule = &self->rules[self->n];
    char where[YAML_PATH_MAX];

    snprintf(where, sizeof where, "rules[%zu]", self->n);
    if (yml_read(yaml, node, where, rule_fields, ARRAY_LEN(rule_fields), &values, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->rules[i].id, values.id) == 0)
            return yml_refuse(yaml, node, where, reterr, "the id %s is taken by an earlier rule", values.id);
    }
    self->n++;
    rule->id = values.id;
    rule->text = values.reason;
    snprintf(where, sizeof where, "rules[%zu].when", self->n - 1);
    if (conditions_load(yaml, values.when, where, hours, &rule->conditions, reterr) < 0)
        return -1;
    rule->needs_label = conditions_need_label(rule->conditions);
    snprintf(where, sizeof where, "rules[%zu].then", self->n - 1);
    return read_then(yaml, values.then, where, rule, reterr);
}

int rules_load(const struct yml *yaml, const struct yml_node *list, const struct hours *hours, struct rules **ret_rules,
               struct err *reterr)
{
    struct rules *self = mem_alloc(sizeof *self);

    self->rules = mem_array(list ? list->n_children : 0, sizeof *self->rules);
    for (const struct yml_node *node = list ? list->first : NULL; node; node = node->next) {
        if (read_rule(yaml, node, hours, self, reterr) < 0) {
            rules_free(self);
            return -1;
        }
    }
    *ret_rules = self;
    return 0;
}

void rules_free(struct rules *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        conditions_free(self->rules[i].conditions);
    mem_free(self->rules);
    mem_free(self);
}

/* ---- matching ---- */

static int over_limit(const struct rule *rule, struct err *reterr)
{
    return err_reason(reterr, ERR_PERMANENT, "rule", "simplify the pattern of rule %s: it ran into its limit", rule->id);
}

/* The first rule that ends a ticket, among those that the models have no say in, or among those that they have. */
static int first_end(const struct rules *self, const struct matcher *matcher, bool after, struct rule_hit *ret_hit,
                     struct err *reterr)
{
    for (size_t i = 0; i < self->n; i++) {
        const struct rule *rule = &self->rules[i];
        int rc = rule->end != END_NONE && rule->needs_label == after ? conditions_hold(rule->conditions, matcher) : 0;
        if (rc < 0)
            return over_limit(rule, reterr);
        if (rc == 1) {
            *ret_hit = (struct rule_hit){.id = rule->id,
                                         .text = rule->text,
                                         .to_review = rule->end == END_REVIEW,
                                         .to_ignore = rule->end == END_IGNORE};
            return 1;
        }
    }
    return 0;
}

int rules_match(const struct rules *self, const struct rule_view *view, bool after, struct rule_hit *ret_hit,
                struct err *reterr)
{
    struct matcher *matcher;
    int rc;

    if (self->n == 0)
        return 0;
    if (matcher_new(view, &matcher, reterr) < 0)
        return -1;
    rc = first_end(self, matcher, after, ret_hit, reterr);
    matcher_free(matcher);
    return rc;
}

/* Each change goes only one way, so that the order of rules can loosen nothing; the first group counts. */
static void apply(const struct rule *rule, struct rule_changes *changes)
{
    const struct changes *from = &rule->changes;

    if (from->mode >= 0 && (enum mode)from->mode < changes->mode)
        changes->mode = (enum mode)from->mode;
    if (from->group && !changes->group)
        changes->group = from->group;
    if (from->priority >= 0 && (changes->priority_rank < from->priority || !changes->priority)) {
        changes->priority = priority_words[from->priority];
        changes->priority_rank = from->priority;
    }
    if (from->sla_minutes > 0 && (changes->sla_minutes == 0 || from->sla_minutes < changes->sla_minutes))
        changes->sla_minutes = from->sla_minutes;
    if (changes->n_ids < RULES_APPLIED_MAX)
        changes->ids[changes->n_ids++] = rule->id;
}

static int apply_all(const struct rules *self, const struct matcher *matcher, struct rule_changes *changes,
                     struct err *reterr)
{
    for (size_t i = 0; i < self->n; i++) {
        const struct rule *rule = &self->rules[i];
        int rc = rule->end == END_NONE ? conditions_hold(rule->conditions, matcher) : 0;
        if (rc < 0)
            return over_limit(rule, reterr);
        if (rc == 1)
            apply(rule, changes);
    }
    return 0;
}

int rules_change(const struct rules *self, const struct rule_view *view, struct rule_changes *changes,
                 struct err *reterr)
{
    struct matcher *matcher;
    int rc;

    if (self->n == 0)
        return 0;
    if (matcher_new(view, &matcher, reterr) < 0)
        return -1;
    rc = apply_all(self, matcher, changes, reterr);
    matcher_free(matcher);
    return rc;
}
