/* A policy file to a snapshot that never changes. Checks what one file can tell; whether its macros and labels exist
 * elsewhere, others check. Knows nothing of tickets but through the rules. */
#include "triage/policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "policy/rules.h"
#include "policy/yaml.h"

enum {
    NAME_MAX_BYTES = 128,
    TEXT_MAX_BYTES = 4000,
    LANGUAGES_MAX = 16,
    SLA_MINUTES_MAX = 525600,
    SLA_MINUTES_DEFAULT = 1440,
};
static const double THRESHOLD_DEFAULT = 0.9;

static const char *const risk_words[] = {[RISK_LOW] = "low", [RISK_MEDIUM] = "medium", [RISK_HIGH] = "high", NULL};
static const char *const mode_words[] = {
    [MODE_OFF] = "off", [MODE_SHADOW] = "shadow", [MODE_SUGGEST] = "suggest", [MODE_AUTO] = "auto", NULL};
static const char *const action_words[] = {[ACTION_ANSWER] = "answer", [ACTION_IGNORE] = "ignore", NULL};

/* What the file holds at its top, before it is taken apart. */
struct top {
    int version, default_sla_minutes;
    const char *profile, *owner, *exception_owner, *review_group, *review_cadence, *data_source;
    const struct yml_node *success_measure, *languages, *promise, *rules, *classes;
};
struct measure {
    const char *metric, *target;
};
struct promise {
    double max_error, confidence;
};
struct class_values {
    const char *label, *description, *guideline;
    int risk, mode, action, sla_minutes;
    double threshold;
    const struct yml_node *macro;
};

#define TOP_TEXT(name)                                                                                                 \
    {                                                                                                                  \
#name, YAML_WANT_TEXT, true, offsetof(struct top, name), 1, NAME_MAX_BYTES, NULL                               \
    }
#define CLASS(name, want, required, least, most, words)                                                                \
    {                                                                                                                  \
#name, want, required, offsetof(struct class_values, name), least, most, words                                 \
    }

static const struct yml_field top_fields[] = {
    {"version", YAML_WANT_INTEGER, true, offsetof(struct top, version), 1, 1, NULL},
    TOP_TEXT(profile),
    TOP_TEXT(owner),
    TOP_TEXT(exception_owner),
    TOP_TEXT(review_group),
    TOP_TEXT(review_cadence),
    {"success_measure", YAML_WANT_MAP, true, offsetof(struct top, success_measure), 0, 0, NULL},
    {"data_source", YAML_WANT_TEXT, true, offsetof(struct top, data_source), 1, TEXT_MAX_BYTES, NULL},
    {"languages", YAML_WANT_LIST, true, offsetof(struct top, languages), 1, LANGUAGES_MAX, NULL},
    {"promise", YAML_WANT_MAP, true, offsetof(struct top, promise), 0, 0, NULL},
    {"default_sla_minutes", YAML_WANT_INTEGER, false, offsetof(struct top, default_sla_minutes), 1, SLA_MINUTES_MAX,
     NULL},
    {"rules", YAML_WANT_LIST, false, offsetof(struct top, rules), 0, POLICY_RULES_MAX, NULL},
    {"classes", YAML_WANT_LIST, true, offsetof(struct top, classes), 1, LABELS_MAX, NULL},
};
static const struct yml_field measure_fields[] = {
    {"metric", YAML_WANT_TEXT, true, offsetof(struct measure, metric), 1, TEXT_MAX_BYTES, NULL},
    {"target", YAML_WANT_TEXT, true, offsetof(struct measure, target), 1, TEXT_MAX_BYTES, NULL},
};
static const struct yml_field promise_fields[] = {
    {"max_error", YAML_WANT_NUMBER, true, offsetof(struct promise, max_error), 0.0001, 0.5, NULL},
    {"confidence", YAML_WANT_NUMBER, true, offsetof(struct promise, confidence), 0.5, 0.9999, NULL},
};
static const struct yml_field class_fields[] = {
    CLASS(label, YAML_WANT_TEXT, true, 1, LABEL_MAX - 1, NULL),
    CLASS(description, YAML_WANT_TEXT, true, 1, TEXT_MAX_BYTES, NULL),
    CLASS(risk, YAML_WANT_WORD, true, 0, 0, risk_words),
    CLASS(mode, YAML_WANT_WORD, true, 0, 0, mode_words),
    CLASS(sla_minutes, YAML_WANT_INTEGER, false, 1, SLA_MINUTES_MAX, NULL),
    CLASS(guideline, YAML_WANT_TEXT, false, 0, TEXT_MAX_BYTES, NULL),
    CLASS(threshold, YAML_WANT_NUMBER, false, 0, 1, NULL),
    CLASS(action, YAML_WANT_WORD, false, 0, 0, action_words),
    CLASS(macro, YAML_WANT_MAP, false, 0, 0, NULL),
};

struct macro {
    const char *language, *id;
};
struct class
{
    struct policy_class public;
    struct macro macros[LANGUAGES_MAX];
    size_t n_macros;
};
struct policy {
    struct yml *yaml; /* owns the strings */
    struct top top;
    struct promise promise;
    const char *languages[LANGUAGES_MAX];
    size_t n_languages;
    struct class *classes;
    size_t n_classes;
    struct rules *rules;
};

/* ---- loading ---- */

static bool is_name(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static bool is_language(const char *text)
{
    return strlen(text) == 2 && strspn(text, "abcdefghijklmnopqrstuvwxyz") == 2;
}

static int read_languages(struct policy *self, struct err *reterr)
{
    for (const struct yml_node *node = self->top.languages->first; node; node = node->next) {
        if (node->kind != YAML_SCALAR || !is_language(node->text))
            return yml_refuse(self->yaml, node, "languages", reterr, "give codes of two letters, such as en");
        self->languages[self->n_languages++] = node->text;
    }
    return 0;
}

static int read_macros(struct policy *self, const struct yml_node *map, const char *where, struct class *class,
                       struct err *reterr)
{
    for (const struct yml_node *node = map ? map->first : NULL; node; node = node->next) {
        if (!is_language(node->key) || !policy_language_supported(self, node->key))
            return yml_refuse(self->yaml, node, where, reterr, "macro.%.40s: give one of the policy's languages",
                              node->key);
        if (node->kind != YAML_SCALAR || !*node->text || strlen(node->text) >= ARTICLE_ID_MAX)
            return yml_refuse(self->yaml, node, where, reterr, "macro.%s: give the id of a macro", node->key);
        class->macros[class->n_macros++] = (struct macro){node->key, node->text};
    }
    return 0;
}

static const char *class_macro(const struct class *class, const char *language)
{
    for (size_t i = 0; i < class->n_macros; i++) {
        if (strcmp(class->macros[i].language, language) == 0)
            return class->macros[i].id;
    }
    return NULL;
}

static int read_class(struct policy *self, const struct yml_node *node, struct err *reterr)
{
    struct class_values values = {.guideline = "", .threshold = THRESHOLD_DEFAULT, .action = ACTION_ANSWER};
    struct class *class = &self->classes[self->n_classes];
    char where[YAML_PATH_MAX];
    const char *en, *de;

    snprintf(where, sizeof where, "classes[%zu]", self->n_classes);
    values.sla_minutes = self->top.default_sla_minutes;
    if (yml_read(self->yaml, node, where, class_fields, ARRAY_LEN(class_fields), &values, reterr) < 0)
        return -1;
    if (!is_name(values.label))
        return yml_refuse(self->yaml, node, where, reterr, "label: give small letters, digits, _ and -");
    if (policy_class_find(self, values.label))
        return yml_refuse(self->yaml, node, where, reterr, "the label %s is taken by an earlier class", values.label);
    if (read_macros(self, values.macro, where, class, reterr) < 0)
        return -1;
    en = class_macro(class, "en");
    de = class_macro(class, "de");
    class->public = (struct policy_class){.label = values.label,
                                          .description = values.description,
                                          .guideline = values.guideline,
                                          .risk = (enum risk)values.risk,
                                          .mode = (enum mode)values.mode,
                                          .action = (enum class_action)values.action,
                                          .sla_minutes = values.sla_minutes,
                                          .threshold = values.threshold,
                                          .macro_en = en ? en : "",
                                          .macro_de = de ? de : ""};
    self->n_classes++;
    return 0;
}

static int read_classes(struct policy *self, struct err *reterr)
{
    self->classes = mem_array(self->top.classes->n_children, sizeof *self->classes);
    for (const struct yml_node *node = self->top.classes->first; node; node = node->next) {
        if (read_class(self, node, reterr) < 0)
            return -1;
    }
    return 0;
}

static int read_top(struct policy *self, struct err *reterr)
{
    const struct yml_node *root = yml_root(self->yaml);
    struct measure measure = {0};

    self->top.default_sla_minutes = SLA_MINUTES_DEFAULT;
    if (yml_read(self->yaml, root, "", top_fields, ARRAY_LEN(top_fields), &self->top, reterr) < 0)
        return -1;
    if (!is_name(self->top.profile))
        return yml_refuse(self->yaml, root, "profile", reterr, "give small letters, digits, _ and -");
    if (yml_read(self->yaml, self->top.success_measure, "success_measure", measure_fields, ARRAY_LEN(measure_fields),
                 &measure, reterr) < 0)
        return -1;
    return yml_read(self->yaml, self->top.promise, "promise", promise_fields, ARRAY_LEN(promise_fields), &self->promise,
                    reterr);
}

int policy_load(const char *path, struct policy **ret_policy, struct err *reterr)
{
    struct policy *self = mem_alloc(sizeof *self);

    if (yml_load(path, &self->yaml, reterr) < 0 || read_top(self, reterr) < 0 || read_languages(self, reterr) < 0 ||
        read_classes(self, reterr) < 0 || rules_load(self->yaml, self->top.rules, &self->rules, reterr) < 0) {
        policy_free(self);
        return err_context(reterr, "policy");
    }
    *ret_policy = self;
    return 0;
}

void policy_free(struct policy *self)
{
    if (!self)
        return;
    rules_free(self->rules);
    mem_free(self->classes);
    yml_free(self->yaml);
    mem_free(self);
}

/* ---- reading ---- */

const char *policy_hash(const struct policy *self)
{
    return yml_hash(self->yaml);
}

const char *policy_profile(const struct policy *self)
{
    return self->top.profile;
}

const char *policy_owner(const struct policy *self)
{
    return self->top.owner;
}

const char *policy_review_group(const struct policy *self)
{
    return self->top.review_group;
}

size_t policy_class_count(const struct policy *self)
{
    return self->n_classes;
}

const struct policy_class *policy_class_at(const struct policy *self, size_t index)
{
    return index < self->n_classes ? &self->classes[index].public : NULL;
}

static const struct class *class_find(const struct policy *self, const char *label)
{
    for (size_t i = 0; i < self->n_classes; i++) {
        if (strcmp(self->classes[i].public.label, label) == 0)
            return &self->classes[i];
    }
    return NULL;
}

const struct policy_class *policy_class_find(const struct policy *self, const char *label)
{
    const struct class *class = class_find(self, label);

    return class ? &class->public : NULL;
}

size_t policy_class_index(const struct policy *self, const struct policy_class *class)
{
    return (size_t)((const struct class *)(const void *)class - self->classes);
}

bool policy_language_supported(const struct policy *self, const char *language)
{
    for (size_t i = 0; i < self->n_languages; i++) {
        if (strcasecmp(self->languages[i], language) == 0)
            return true;
    }
    return false;
}

const char *policy_macro(const struct policy *self, const char *label, const char *language)
{
    const struct class *class = class_find(self, label);

    return class ? class_macro(class, language) : NULL;
}

int policy_default_sla_minutes(const struct policy *self)
{
    return self->top.default_sla_minutes;
}

double policy_promise_max_error(const struct policy *self)
{
    return self->promise.max_error;
}

double policy_promise_confidence(const struct policy *self)
{
    return self->promise.confidence;
}

int policy_match(const struct policy *self, const struct ticket *ticket, struct rule_hit *ret_hit, struct err *reterr)
{
    return rules_match(self->rules, ticket, ret_hit, reterr);
}
