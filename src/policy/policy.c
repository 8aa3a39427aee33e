/* A policy file to a snapshot that never changes. Checks what one file can tell; whether its macros and labels exist
 * elsewhere, others check. Knows nothing of tickets but through the rules. */
#include "triage/policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "policy/floor.h"
#include "policy/rules.h"
#include "policy/staffing.h"
#include "policy/words.h"
#include "policy/yaml.h"

enum {
    NAME_MAX_BYTES = 128,
    TEXT_MAX_BYTES = 4000,
    LANGUAGES_MAX = 16,
};

const char *const policy_risk_words[] = {[RISK_LOW] = "low", [RISK_MEDIUM] = "medium", [RISK_HIGH] = "high", NULL};
const char *const policy_mode_words[] = {[MODE_OFF] = "off",
                                         [MODE_SHADOW] = "shadow",
                                         [MODE_SUGGEST] = "suggest",
                                         [MODE_HOLD] = "hold",
                                         [MODE_AUTO] = "auto",
                                         NULL};
const char *const policy_relief_words[] = {
    [REVIEW_NORMAL] = "none", [REVIEW_TIGHT] = "thresholds", [REVIEW_OVER] = "defer", NULL};
const char *const policy_begin_words[] = {[POLICY_BEGINS_BY_POLICY] = "policy", [POLICY_BEGINS_EARNED] = "earned", NULL};
const char *const policy_action_words[] = {[ACTION_ANSWER] = "answer", [ACTION_IGNORE] = "ignore", NULL};

/* What the file holds at its top, before it is taken apart. */
struct top {
    int version, default_sla_minutes;
    const char *profile, *owner, *exception_owner, *review_group, *review_cadence, *data_source;
    const struct yml_node *success_measure, *languages, *promise, *autonomy, *business_hours, *staffing, *commitments, *rules,
        *classes;
};
struct measure {
    const char *metric, *target;
};
struct promise {
    double max_error, confidence;
};
struct autonomy {
    int begin, hold_seconds, labels_least;
    double override_most, quality_review_days;
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
    {"autonomy", YAML_WANT_ANY, false, offsetof(struct top, autonomy), 0, 0, NULL},
    {"default_sla_minutes", YAML_WANT_INTEGER, false, offsetof(struct top, default_sla_minutes), 1, POLICY_SLA_MINUTES_MAX,
     NULL},
    {"business_hours", YAML_WANT_MAP, false, offsetof(struct top, business_hours), 0, 0, NULL},
    {"commitments", YAML_WANT_LIST, false, offsetof(struct top, commitments), 1, POLICY_COMMITMENTS_MAX, NULL},
    {"staffing", YAML_WANT_MAP, false, offsetof(struct top, staffing), 0, 0, NULL},
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
static const struct yml_field autonomy_fields[] = {
    {"begin", YAML_WANT_WORD, false, offsetof(struct autonomy, begin), 0, 0, policy_begin_words},
    {"hold_seconds", YAML_WANT_INTEGER, false, offsetof(struct autonomy, hold_seconds), 1, POLICY_HOLD_SECONDS_MAX, NULL},
    {"labels_least", YAML_WANT_INTEGER, false, offsetof(struct autonomy, labels_least), 1, POLICY_LABELS_LEAST_MAX, NULL},
    {"override_most", YAML_WANT_NUMBER, false, offsetof(struct autonomy, override_most), 0, 1, NULL},
    {"quality_review_days", YAML_WANT_NUMBER, false, offsetof(struct autonomy, quality_review_days),
     POLICY_QUALITY_REVIEW_DAYS_MIN, POLICY_QUALITY_REVIEW_DAYS_MAX, NULL},
};
static const struct yml_field class_fields[] = {
    CLASS(label, YAML_WANT_TEXT, true, 1, LABEL_MAX - 1, NULL),
    CLASS(description, YAML_WANT_TEXT, true, 1, TEXT_MAX_BYTES, NULL),
    CLASS(risk, YAML_WANT_WORD, true, 0, 0, policy_risk_words),
    CLASS(mode, YAML_WANT_WORD, true, 0, 0, policy_mode_words),
    CLASS(sla_minutes, YAML_WANT_INTEGER, false, 1, POLICY_SLA_MINUTES_MAX, NULL),
    CLASS(guideline, YAML_WANT_TEXT, false, 0, TEXT_MAX_BYTES, NULL),
    CLASS(threshold, YAML_WANT_NUMBER, false, 0, 1, NULL),
    CLASS(action, YAML_WANT_WORD, false, 0, 0, policy_action_words),
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
    struct policy_autonomy autonomy;
    const char *languages[LANGUAGES_MAX];
    struct buf commitments; /* one a line */
    size_t n_languages;
    struct class *classes;
    size_t n_classes;
    struct hours *hours; /* NULL: none */
    char *staffing;      /* JSON; NULL: none */
    enum review_state relief;
    struct rules *rules;
    struct floor *floor; /* NULL: none */
    char hash[SHA256_HEX_MAX];
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

static int read_commitments(struct policy *self, struct err *reterr)
{
    for (const struct yml_node *node = self->top.commitments ? self->top.commitments->first : NULL; node; node = node->next) {
        if (node->kind != YAML_SCALAR || !*node->text || strlen(node->text) > POLICY_COMMITMENT_BYTES_MAX)
            return yml_refuse(self->yaml, node, "commitments", reterr, "give a sentence of at most %d bytes",
                              POLICY_COMMITMENT_BYTES_MAX);
        buf_printf(&self->commitments, "%s\n", node->text);
    }
    return 0;
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
    struct class_values values = {.guideline = "", .threshold = POLICY_THRESHOLD_DEFAULT, .action = ACTION_ANSWER};
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

    self->top.default_sla_minutes = POLICY_SLA_MINUTES_DEFAULT;
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

/* A word alone stands for {begin: WORD}. */
static int read_autonomy(struct policy *self, struct err *reterr)
{
    const struct yml_node *node = self->top.autonomy;
    struct autonomy values = {.hold_seconds = POLICY_HOLD_SECONDS_DEFAULT,
                              .labels_least = POLICY_LABELS_LEAST_DEFAULT,
                              .override_most = POLICY_OVERRIDE_MOST_DEFAULT,
                              .quality_review_days = POLICY_QUALITY_REVIEW_DAYS_DEFAULT};

    if (node && node->kind == YAML_SCALAR && strcmp(node->text, policy_begin_words[POLICY_BEGINS_EARNED]) == 0)
        values.begin = POLICY_BEGINS_EARNED;
    else if (node && node->kind != YAML_MAP)
        return yml_refuse(self->yaml, node, "autonomy", reterr, "give earned, or keys such as begin: earned");
    else if (node && yml_read(self->yaml, node, "autonomy", autonomy_fields, ARRAY_LEN(autonomy_fields), &values, reterr) < 0)
        return -1;
    self->autonomy = (struct policy_autonomy){.begins = values.begin == POLICY_BEGINS_EARNED ? MODE_SHADOW : MODE_AUTO,
                                              .hold_seconds = values.hold_seconds,
                                              .labels_least = values.labels_least,
                                              .override_most = values.override_most,
                                              .quality_review_days = values.quality_review_days};
    return 0;
}

static int read_staffing(struct policy *self, struct err *reterr)
{
    return self->top.staffing ? staffing_load(self->yaml, self->top.staffing, &self->staffing, &self->relief, reterr)
                              : 0;
}

static int read_rules(struct policy *self, struct err *reterr)
{
    if (self->top.business_hours && hours_load(self->yaml, self->top.business_hours, &self->hours, reterr) < 0)
        return -1;
    return rules_load(self->yaml, self->top.rules, self->hours, &self->rules, reterr);
}

/* What decides is the policy and the floor together, so the hash is of both. */
static void make_hash(struct policy *self)
{
    char both[2 * SHA256_HEX_MAX];

    snprintf(self->hash, sizeof self->hash, "%s", yml_hash(self->yaml));
    if (!self->floor)
        return;
    snprintf(both, sizeof both, "%s\n%s", yml_hash(self->yaml), floor_hash(self->floor));
    sha256_hex(both, strlen(both), self->hash);
}

static int stand_on(struct policy *self, const char *floor_path, struct err *reterr)
{
    if (!floor_path || !*floor_path)
        return 0;
    if (floor_load(floor_path, &self->floor, reterr) < 0 || floor_prove(self->floor, self->yaml, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->n_classes; i++)
        self->classes[i].public.threshold_floor = floor_threshold(self->floor, self->classes[i].public.label);
    return 0;
}

int policy_load(const char *path, struct policy **ret_policy, struct err *reterr)
{
    return policy_load_on(path, NULL, ret_policy, reterr);
}

int policy_load_on(const char *path, const char *floor_path, struct policy **ret_policy, struct err *reterr)
{
    struct policy *self = mem_alloc(sizeof *self);

    if (yml_load(path, &self->yaml, reterr) < 0 || read_top(self, reterr) < 0 || read_languages(self, reterr) < 0 ||
        read_commitments(self, reterr) < 0 ||
        read_autonomy(self, reterr) < 0 || read_classes(self, reterr) < 0 || read_rules(self, reterr) < 0 ||
        read_staffing(self, reterr) < 0 ||
        stand_on(self, floor_path, reterr) < 0) {
        policy_free(self);
        return err_context(reterr, "policy");
    }
    make_hash(self);
    *ret_policy = self;
    return 0;
}

void policy_free(struct policy *self)
{
    if (!self)
        return;
    floor_free(self->floor);
    rules_free(self->rules);
    hours_free(self->hours);
    buf_free(&self->commitments);
    mem_free(self->staffing);
    mem_free(self->classes);
    yml_free(self->yaml);
    mem_free(self);
}

/* ---- reading ---- */

const char *policy_hash(const struct policy *self)
{
    return self->hash;
}

const char *policy_profile(const struct policy *self)
{
    return self->top.profile;
}

const char *policy_review_cadence(const struct policy *self)
{
    return self->top.review_cadence;
}

const char *policy_owner(const struct policy *self)
{
    return self->top.owner;
}

const char *policy_exception_owner(const struct policy *self)
{
    return self->top.exception_owner;
}

const struct policy_autonomy *policy_autonomy(const struct policy *self)
{
    return &self->autonomy;
}

const char *policy_review_group(const struct policy *self)
{
    return self->top.review_group;
}

const char *policy_staffing(const struct policy *self)
{
    return self->staffing ? self->staffing : "";
}

enum review_state policy_relief(const struct policy *self)
{
    return self->relief;
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

bool policy_language_supported(const struct policy *self, const char *language)
{
    for (size_t i = 0; i < self->n_languages; i++) {
        if (strcasecmp(self->languages[i], language) == 0)
            return true;
    }
    return false;
}

const char *policy_commitments(const struct policy *self)
{
    return buf_str(&self->commitments);
}

const char *policy_language_at(const struct policy *self, size_t index)
{
    return index < self->n_languages ? self->languages[index] : NULL;
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

int policy_set_threshold(struct policy *self, const char *label, double threshold)
{
    for (size_t i = 0; i < self->n_classes; i++) {
        if (strcmp(self->classes[i].public.label, label) == 0) {
            self->classes[i].public.threshold = threshold;
            return 0;
        }
    }
    return -1;
}

struct policy_hour policy_hour_at(const struct policy *self, int64_t unix_s)
{
    struct policy_hour hour = {.staffed = !self->hours || hours_inside(self->hours, unix_s) == 1, .zoned = self->hours};

    hours_local(self->hours, unix_s, &hour.weekday, &hour.hour);
    return hour;
}

static int match(const struct policy *self, const struct rule_view *view, bool after, struct rule_hit *ret_hit,
                 struct err *reterr)
{
    int rc = self->floor ? rules_match(floor_rules(self->floor), view, after, ret_hit, reterr) : 0;

    return rc ? rc : rules_match(self->rules, view, after, ret_hit, reterr);
}

int policy_match(const struct policy *self, const struct rule_view *view, struct rule_hit *ret_hit, struct err *reterr)
{
    return match(self, view, false, ret_hit, reterr);
}

int policy_match_after(const struct policy *self, const struct rule_view *view, struct rule_hit *ret_hit,
                       struct err *reterr)
{
    return match(self, view, true, ret_hit, reterr);
}

int policy_change(const struct policy *self, const struct rule_view *view, struct rule_changes *ret_changes,
                  struct err *reterr)
{
    struct rule_changes changes = {.mode = MODE_AUTO};

    if ((self->floor && rules_change(floor_rules(self->floor), view, &changes, reterr) < 0) ||
        rules_change(self->rules, view, &changes, reterr) < 0)
        return -1;
    *ret_changes = changes;
    return 0;
}
