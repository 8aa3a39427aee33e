/* Rules by tables: kinds of conditions, and how each is tested. Patterns are PCRE2 under limits, because the text they
 * run over is a stranger's. Knows nothing of classes and models. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/rules.h"

#include <pcre2.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"
#include "base/mem.h"

enum {
    VALUES_MAX = 200,    /* of one condition */
    MATCH_LIMIT = 20000, /* steps of one attempt */
    DEPTH_LIMIT = 1000,
    HEAP_LIMIT_KIB = 4096,
    RULE_TEXT_MAX = 500, /* bytes of the reason that a rule gives */
};

struct condition;
struct matcher {
    const struct ticket *ticket;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

struct condition_kind {
    const char *name;
    bool pattern;
    int (*holds)(const struct condition *self, const struct matcher *matcher); /* 1, 0, -1: limit or bad text */
};

struct condition {
    const struct condition_kind *kind;
    const char **values; /* borrowed from the file; any of them is enough */
    pcre2_code **patterns;
    size_t n;
};

enum { KINDS = 6 };

struct rule {
    const char *id, *text;
    int then;
    struct condition conditions[KINDS];
    size_t n_conditions;
};

struct rules {
    struct rule *rules;
    size_t n;
    pcre2_match_context *context;
};

static const char *const then_words[] = {"review", "ignore", NULL};
enum { THEN_REVIEW, THEN_IGNORE };

/* ---- conditions ---- */

/* A pattern sees the first POLICY_MATCH_BYTES_MAX bytes, cut where a character ends. */
static size_t bounded(const char *text)
{
    size_t len = strlen(text);

    if (len <= POLICY_MATCH_BYTES_MAX)
        return len;
    for (len = POLICY_MATCH_BYTES_MAX; ((unsigned char)text[len] & 0xC0) == 0x80; len--)
        ;
    return len;
}

static int any_pattern(const struct condition *self, const struct matcher *matcher, const char *text)
{
    size_t len = bounded(text);

    for (size_t i = 0; i < self->n; i++) {
        int rc = pcre2_match(self->patterns[i], (PCRE2_SPTR)text, len, 0, 0, matcher->data, matcher->context);
        if (rc >= 0)
            return 1;
        if (rc != PCRE2_ERROR_NOMATCH)
            return -1;
    }
    return 0;
}

static int subject_matches(const struct condition *self, const struct matcher *matcher)
{
    return any_pattern(self, matcher, matcher->ticket->subject);
}

/* Subject, body, and what the customer wrote later. */
static int text_matches(const struct condition *self, const struct matcher *matcher)
{
    const struct ticket *ticket = matcher->ticket;
    int rc = any_pattern(self, matcher, ticket->subject);

    if (rc == 0)
        rc = any_pattern(self, matcher, ticket->body_text);
    for (size_t i = 0; rc == 0 && i < ticket->n_messages; i++) {
        const char *author = ticket->messages[i].author;
        if (!*author || strcmp(author, "customer") == 0)
            rc = any_pattern(self, matcher, ticket->messages[i].body_text);
    }
    return rc;
}

static int any_word(const struct condition *self, const char *word)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcasecmp(self->values[i], word) == 0)
            return 1;
    }
    return 0;
}

/* The language that the helpdesk states: de matches de-AT. */
static int language_is(const struct condition *self, const struct matcher *matcher)
{
    char primary[16];
    const char *stated = matcher->ticket->language;

    snprintf(primary, sizeof primary, "%.*s", (int)strcspn(stated, "-_"), stated);
    return any_word(self, stated) || any_word(self, primary);
}

static int channel_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->ticket->channel);
}

static int tier_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->ticket->requester.tier);
}

static int has_tag(const struct condition *self, const struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->ticket->n_tags; i++) {
        if (any_word(self, matcher->ticket->tags[i]))
            return 1;
    }
    return 0;
}

static const struct condition_kind kinds[KINDS] = {
    {"text_matches", true, text_matches},
    {"subject_matches", true, subject_matches},
    {"language", false, language_is},
    {"channel", false, channel_is},
    {"tier", false, tier_is},
    {"tag", false, has_tag},
};

/* ---- loading ---- */

static int compile(const struct yml *yaml, const struct yml_node *node, const char *where, pcre2_code **ret_code,
                   struct err *reterr)
{
    PCRE2_UCHAR problem[128] = "";
    PCRE2_SIZE at = 0;
    int error = 0;

    *ret_code = pcre2_compile((PCRE2_SPTR)node->text, PCRE2_ZERO_TERMINATED,
                              PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
    if (*ret_code)
        return 0;
    pcre2_get_error_message(error, problem, sizeof problem);
    return yml_refuse(yaml, node, where, reterr, "correct the pattern: %s at character %zu", (const char *)problem,
                      (size_t)at);
}

static int add_value(const struct yml *yaml, const struct yml_node *node, const char *where, struct condition *self,
                     struct err *reterr)
{
    size_t len = node->text ? strlen(node->text) : 0;

    if (node->kind != YAML_SCALAR || len == 0 || len > POLICY_PATTERN_MAX)
        return yml_refuse(yaml, node, where, reterr, "give text of 1 to %d bytes, or a list of such",
                          POLICY_PATTERN_MAX);
    if (self->kind->pattern && compile(yaml, node, where, &self->patterns[self->n], reterr) < 0)
        return -1;
    self->values[self->n++] = node->text;
    return 0;
}

static int read_condition(const struct yml *yaml, const struct yml_node *node, const char *where,
                          struct condition *self, struct err *reterr)
{
    size_t n = node->kind == YAML_LIST ? node->n_children : 1;

    if (n == 0 || n > VALUES_MAX)
        return yml_refuse(yaml, node, where, reterr, "give 1 to %d values", VALUES_MAX);
    self->values = mem_array(n, sizeof *self->values);
    self->patterns = mem_array(n, sizeof(pcre2_code *));
    if (node->kind != YAML_LIST)
        return add_value(yaml, node, where, self, reterr);
    for (const struct yml_node *child = node->first; child; child = child->next) {
        if (add_value(yaml, child, where, self, reterr) < 0)
            return -1;
    }
    return 0;
}

/* The conditions of a rule: node is the mapping under 'when'. */
static int read_when(const struct yml *yaml, const struct yml_node *node, const char *where, struct rule *rule,
                     struct err *reterr)
{
    const struct yml_node *nodes[KINDS] = {0};
    struct yml_field fields[KINDS];
    char path[YAML_PATH_MAX + RULE_ID_MAX];

    for (size_t k = 0; k < KINDS; k++)
        fields[k] =
            (struct yml_field){kinds[k].name, YAML_WANT_ANY, false, k * sizeof(const struct yml_node *), 0, 0, NULL};
    if (yml_read(yaml, node, where, fields, KINDS, nodes, reterr) < 0)
        return -1;
    for (size_t k = 0; k < KINDS; k++) {
        if (!nodes[k])
            continue;
        rule->conditions[rule->n_conditions].kind = &kinds[k];
        snprintf(path, sizeof path, "%s.%s", where, kinds[k].name);
        if (read_condition(yaml, nodes[k], path, &rule->conditions[rule->n_conditions++], reterr) < 0)
            return -1;
    }
    if (rule->n_conditions == 0)
        return yml_refuse(yaml, node, where, reterr,
                          "give at least one condition: a rule without any matches everything");
    return 0;
}

struct rule_values {
    const char *id, *reason;
    const struct yml_node *when;
    int then;
};

static const struct yml_field rule_fields[] = {
    {"id", YAML_WANT_TEXT, true, offsetof(struct rule_values, id), 1, RULE_ID_MAX - 1, NULL},
    {"when", YAML_WANT_MAP, true, offsetof(struct rule_values, when), 0, 0, NULL},
    {"then", YAML_WANT_WORD, true, offsetof(struct rule_values, then), 0, 0, then_words},
    {"reason", YAML_WANT_TEXT, false, offsetof(struct rule_values, reason), 0, RULE_TEXT_MAX, NULL},
};

static int read_rule(const struct yml *yaml, const struct yml_node *node, struct rules *self, struct err *reterr)
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
    rule->then = values.then;
    snprintf(where, sizeof where, "rules[%zu].when", self->n - 1);
    return read_when(yaml, values.when, where, rule, reterr);
}

int rules_load(const struct yml *yaml, const struct yml_node *list, struct rules **ret_rules, struct err *reterr)
{
    struct rules *self = mem_alloc(sizeof *self);

    self->rules = mem_array(list ? list->n_children : 0, sizeof *self->rules);
    self->context = pcre2_match_context_create(NULL);
    if (!self->context) {
        rules_free(self);
        return err_set(reterr, ERR_FATAL, 0, "no memory for the rules of the policy");
    }
    pcre2_set_match_limit(self->context, MATCH_LIMIT);
    pcre2_set_depth_limit(self->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(self->context, HEAP_LIMIT_KIB);
    for (const struct yml_node *node = list ? list->first : NULL; node; node = node->next) {
        if (read_rule(yaml, node, self, reterr) < 0) {
            rules_free(self);
            return -1;
        }
    }
    *ret_rules = self;
    return 0;
}

static void condition_done(struct condition *self)
{
    for (size_t i = 0; self->patterns && i < self->n; i++)
        pcre2_code_free(self->patterns[i]);
    mem_free(self->patterns);
    mem_free(self->values);
}

void rules_free(struct rules *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        for (size_t k = 0; k < self->rules[i].n_conditions; k++)
            condition_done(&self->rules[i].conditions[k]);
    }
    pcre2_match_context_free(self->context);
    mem_free(self->rules);
    mem_free(self);
}

/* ---- matching ---- */

static int rule_holds(const struct rule *rule, const struct matcher *matcher)
{
    int rc = 1;

    for (size_t i = 0; rc == 1 && i < rule->n_conditions; i++)
        rc = rule->conditions[i].kind->holds(&rule->conditions[i], matcher);
    return rc;
}

static int first_match(const struct rules *self, const struct matcher *matcher, struct rule_hit *ret_hit,
                       struct err *reterr)
{
    for (size_t i = 0; i < self->n; i++) {
        const struct rule *rule = &self->rules[i];
        int rc = rule_holds(rule, matcher);
        if (rc < 0)
            return err_reason(reterr, ERR_PERMANENT, "rule", "simplify the pattern of rule %s: it ran into its limit",
                              rule->id);
        if (rc == 1) {
            *ret_hit = (struct rule_hit){.id = rule->id,
                                         .text = rule->text,
                                         .to_review = rule->then == THEN_REVIEW,
                                         .to_ignore = rule->then == THEN_IGNORE};
            return 1;
        }
    }
    return 0;
}

int rules_match(const struct rules *self, const struct ticket *ticket, struct rule_hit *ret_hit, struct err *reterr)
{
    struct matcher matcher = {.ticket = ticket, .context = self->context};
    int rc;

    if (self->n == 0)
        return 0;
    matcher.data = pcre2_match_data_create(1, NULL);
    if (!matcher.data)
        return err_set(reterr, ERR_FATAL, 0, "no memory to match rules");
    rc = first_match(self, &matcher, ret_hit, reterr);
    pcre2_match_data_free(matcher.data);
    return rc;
}
