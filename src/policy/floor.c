/* A floor file: the keys of a policy that it sets bounds for, all of them optional but who answers for it. */
#include "policy/floor.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "policy/terms.h"
#include "policy/words.h"
#include "triage/policy.h"

enum { NAME_MAX_BYTES = 128, LANGUAGES_MAX = 16 };

static const char *const kind_words[] = {"floor", NULL};

struct top {
    int version, kind, default_sla_minutes;
    const char *owner, *review_cadence;
    const struct yml_node *languages, *promise, *rules, *classes, *staffing;
};
struct promise {
    double max_error, confidence;
};
struct staffing_bounds {
    int relief;
};
struct class_bounds {
    const char *label;
    int risk, mode, action, sla_minutes;
    double threshold;
};

#define TOP(name, want, required, least, most, words)                                                                  \
    {                                                                                                                  \
#name, want, required, offsetof(struct top, name), least, most, words                                          \
    }
#define CLASS(name, want, required, least, most, words)                                                                \
    {                                                                                                                  \
#name, want, required, offsetof(struct class_bounds, name), least, most, words                                 \
    }

static const struct yml_field top_fields[] = {
    TOP(version, YAML_WANT_INTEGER, true, 1, 1, NULL),
    TOP(kind, YAML_WANT_WORD, true, 0, 0, kind_words),
    TOP(owner, YAML_WANT_TEXT, true, 1, NAME_MAX_BYTES, NULL),
    TOP(review_cadence, YAML_WANT_TEXT, true, 1, NAME_MAX_BYTES, NULL),
    TOP(languages, YAML_WANT_LIST, false, 1, LANGUAGES_MAX, NULL),
    TOP(promise, YAML_WANT_MAP, false, 0, 0, NULL),
    TOP(default_sla_minutes, YAML_WANT_INTEGER, false, 1, POLICY_SLA_MINUTES_MAX, NULL),
    TOP(staffing, YAML_WANT_MAP, false, 0, 0, NULL),
    TOP(rules, YAML_WANT_LIST, false, 0, POLICY_RULES_MAX, NULL),
    TOP(classes, YAML_WANT_LIST, false, 0, LABELS_MAX, NULL),
};
static const struct yml_field promise_fields[] = {
    {"max_error", YAML_WANT_NUMBER, false, offsetof(struct promise, max_error), 0.0001, 0.5, NULL},
    {"confidence", YAML_WANT_NUMBER, false, offsetof(struct promise, confidence), 0.5, 0.9999, NULL},
};
/* Who is there is no bound: more or fewer people is neither tighter nor looser. */
static const struct yml_field staffing_fields[] = {
    {"relief", YAML_WANT_WORD, true, offsetof(struct staffing_bounds, relief), 0, 0, policy_relief_words},
};
static const struct yml_field class_fields[] = {
    CLASS(label, YAML_WANT_TEXT, true, 1, LABEL_MAX - 1, NULL),
    CLASS(risk, YAML_WANT_WORD, false, 0, 0, policy_risk_words),
    CLASS(mode, YAML_WANT_WORD, false, 0, 0, policy_mode_words),
    CLASS(sla_minutes, YAML_WANT_INTEGER, false, 1, POLICY_SLA_MINUTES_MAX, NULL),
    CLASS(threshold, YAML_WANT_NUMBER, false, 0, 1, NULL),
    CLASS(action, YAML_WANT_WORD, false, 0, 0, policy_action_words),
};

struct floor {
    struct yml *yaml;
    struct top top;
    struct rules *rules;
    struct terms *terms;
};

static int check_classes(const struct floor *self, struct err *reterr)
{
    size_t i = 0;

    for (const struct yml_node *node = self->top.classes ? self->top.classes->first : NULL; node; node = node->next) {
        struct class_bounds bounds = {0};
        char where[YAML_PATH_MAX];
        snprintf(where, sizeof where, "classes[%zu]", i++);
        if (yml_read(self->yaml, node, where, class_fields, ARRAY_LEN(class_fields), &bounds, reterr) < 0)
            return -1;
    }
    return 0;
}

static int check_lists(const struct floor *self, struct err *reterr)
{
    struct promise promise = {0};
    struct staffing_bounds staffing = {0};

    for (const struct yml_node *node = self->top.languages ? self->top.languages->first : NULL; node;
         node = node->next) {
        if (node->kind != YAML_SCALAR || strlen(node->text) != 2)
            return yml_refuse(self->yaml, node, "languages", reterr, "give codes of two letters, such as en");
    }
    if (self->top.staffing && yml_read(self->yaml, self->top.staffing, "staffing", staffing_fields,
                                       ARRAY_LEN(staffing_fields), &staffing, reterr) < 0)
        return -1;
    return self->top.promise ? yml_read(self->yaml, self->top.promise, "promise", promise_fields,
                                        ARRAY_LEN(promise_fields), &promise, reterr)
                             : 0;
}

int floor_load(const char *path, struct floor **ret_floor, struct err *reterr)
{
    struct floor *self = mem_alloc(sizeof *self);

    if (yml_load(path, &self->yaml, reterr) < 0 ||
        yml_read(self->yaml, yml_root(self->yaml), "", top_fields, ARRAY_LEN(top_fields), &self->top, reterr) < 0 ||
        check_lists(self, reterr) < 0 || check_classes(self, reterr) < 0 ||
        rules_load(self->yaml, self->top.rules, NULL, &self->rules, reterr) < 0) {
        floor_free(self);
        return err_context(reterr, "floor");
    }
    self->terms = terms_new(self->yaml, false);
    *ret_floor = self;
    return 0;
}

void floor_free(struct floor *self)
{
    if (!self)
        return;
    terms_free(self->terms);
    rules_free(self->rules);
    yml_free(self->yaml);
    mem_free(self);
}

const char *floor_hash(const struct floor *self)
{
    return yml_hash(self->yaml);
}

const char *floor_owner(const struct floor *self)
{
    return self->top.owner;
}

const struct rules *floor_rules(const struct floor *self)
{
    return self->rules;
}

static double threshold_of(const struct floor *self, const char *label)
{
    char path[TERM_PATH_MAX];
    const struct term *term;

    snprintf(path, sizeof path, "classes.%.64s.threshold", label);
    term = terms_find(self->terms, path);
    return term ? term->number : 0;
}

double floor_threshold(const struct floor *self, const char *label)
{
    double own = threshold_of(self, label), any = threshold_of(self, TERM_ANY_CLASS);

    return own > any ? own : any;
}

/* ---- proving ---- */

static int prove_rules(const struct floor *self, const struct terms *own, const struct yml *policy, struct err *reterr)
{
    for (size_t i = 0; i < terms_count(own); i++) {
        const struct term *term = terms_at(own, i);
        const struct term *taken = term->direction == REVIEW_RULE || term->direction == IGNORE_RULE
                                       ? terms_find(self->terms, term->path)
                                       : NULL;
        if (taken)
            return yml_refuse(policy, term->node, term->path, reterr,
                              "give the rule another id: the floor has a rule of this one at %s:%d, and it runs first",
                              yml_path(self->yaml), taken->node->line);
    }
    return 0;
}

int floor_prove(const struct floor *self, const struct yml *policy, struct err *reterr)
{
    struct terms *own = terms_new(policy, true);
    int rc = terms_prove(own, policy, self->terms, self->yaml, reterr);

    if (rc == 0)
        rc = prove_rules(self, own, policy, reterr);
    terms_free(own);
    return rc;
}
