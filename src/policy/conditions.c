/* Conditions by tables: kinds, how each is read and how it is tested. Patterns run under limits, because their text is
 * a stranger's. */
#include "policy/conditions.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"

enum {
    VALUES_MAX = 200, /* of one condition */
};
static const struct pattern_limits limits = {.match = 20000, .depth = 1000, .heap_kib = 4096};
static const double COUNT_MOST = 1e6;

struct condition;
struct matcher {
    const struct rule_view *view;
    struct pattern_scratch *scratch;
};

enum form { FORM_WORDS, FORM_PATTERNS, FORM_RANGE, FORM_HOURS };

struct condition_kind {
    const char *name;
    enum form form;
    bool needs_label;                                                          /* asked after the models alone */
    int (*holds)(const struct condition *self, const struct matcher *matcher); /* 1, 0, -1: limit or bad text */
};

struct condition {
    const struct condition_kind *kind;
    const char **values; /* borrowed from the file; any of them is enough */
    struct pattern **patterns;
    size_t n;
    double least, most; /* of a range, both inside it */
    const struct hours *hours;
    bool inside;
};

enum { KINDS = 16 };

struct conditions {
    struct condition list[KINDS];
    size_t n;
};

/* ---- what they ask ---- */

/* A pattern sees the first POLICY_MATCH_BYTES_MAX bytes. */
static int any_pattern(const struct condition *self, const struct matcher *matcher, const char *text)
{
    size_t len = utf8_cut(text, strlen(text), POLICY_MATCH_BYTES_MAX);

    for (size_t i = 0; i < self->n; i++) {
        int rc = pattern_matches(self->patterns[i], matcher->scratch, text, len);
        if (rc)
            return rc < 0 ? -1 : 1;
    }
    return 0;
}

static int subject_matches(const struct condition *self, const struct matcher *matcher)
{
    return any_pattern(self, matcher, matcher->view->ticket->subject);
}

/* Subject, body, and what the customer wrote later. */
static int text_matches(const struct condition *self, const struct matcher *matcher)
{
    const struct ticket *ticket = matcher->view->ticket;
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
    const char *stated = matcher->view->ticket->language;

    snprintf(primary, sizeof primary, "%.*s", (int)strcspn(stated, "-_"), stated);
    return any_word(self, stated) || any_word(self, primary);
}

static int channel_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->channel);
}

static int tier_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->requester.tier);
}

static int has_tag(const struct condition *self, const struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->view->ticket->n_tags; i++) {
        if (any_word(self, matcher->view->ticket->tags[i]))
            return 1;
    }
    return 0;
}

static int priority_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->priority);
}

static int tenant_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->tenant ? matcher->view->ticket->tenant : "");
}

static int source_system_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->source_system ? matcher->view->ticket->source_system : "");
}

static int source_instance_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->ticket->source_instance ? matcher->view->ticket->source_instance : "");
}

/* An address, or a domain when the value begins with @. */
static int sender_is(const struct condition *self, const struct matcher *matcher)
{
    const char *email = matcher->view->ticket->requester.email, *at = strrchr(email, '@');

    return any_word(self, email) || (at && any_word(self, at));
}

/* What the screen found in the text; not what the helpdesk states. */
static int detected_language_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->language);
}

static int in_range(const struct condition *self, double value)
{
    return value >= self->least && value <= self->most;
}

static int messages_are(const struct condition *self, const struct matcher *matcher)
{
    return in_range(self, (double)matcher->view->ticket->n_messages);
}

/* By when the ticket was written, so that deciding it again later gives the same. Without a time it does not hold. */
static int hours_are(const struct condition *self, const struct matcher *matcher)
{
    const struct ticket *ticket = matcher->view->ticket;
    const char *updated = ticket->updated_at ? ticket->updated_at : "";
    const char *created = ticket->created_at ? ticket->created_at : "";
    int64_t at;

    if (clock_parse(*updated ? updated : created, &at) < 0)
        return 0;
    return (hours_inside(self->hours, at / 1000000) == 1) == self->inside;
}

static int label_is(const struct condition *self, const struct matcher *matcher)
{
    return any_word(self, matcher->view->label);
}

static int probability_is(const struct condition *self, const struct matcher *matcher)
{
    return *matcher->view->label ? in_range(self, matcher->view->probability) : 0;
}

static const struct condition_kind kinds[KINDS] = {
    {"text_matches", FORM_PATTERNS, false, text_matches},
    {"subject_matches", FORM_PATTERNS, false, subject_matches},
    {"language", FORM_WORDS, false, language_is},
    {"detected_language", FORM_WORDS, false, detected_language_is},
    {"channel", FORM_WORDS, false, channel_is},
    {"tier", FORM_WORDS, false, tier_is},
    {"tag", FORM_WORDS, false, has_tag},
    {"priority", FORM_WORDS, false, priority_is},
    {"tenant", FORM_WORDS, false, tenant_is},
    {"source_system", FORM_WORDS, false, source_system_is},
    {"source_instance", FORM_WORDS, false, source_instance_is},
    {"sender", FORM_WORDS, false, sender_is},
    {"messages", FORM_RANGE, false, messages_are},
    {"business_hours", FORM_HOURS, false, hours_are},
    {"label", FORM_WORDS, true, label_is},
    {"probability", FORM_RANGE, true, probability_is},
};

/* ---- loading ---- */

static int compile(const struct yml *yaml, const struct yml_node *node, const char *where, struct pattern **ret_pattern,
                   struct err *reterr)
{
    struct pattern_fault fault;

    *ret_pattern =
        pattern_new(node->text, strlen(node->text), PATTERN_UTF | PATTERN_ANY_CASE | PATTERN_WHOLE_ONLY, &fault);
    if (*ret_pattern)
        return 0;
    return yml_refuse(yaml, node, where, reterr, "correct the pattern: %s at character %zu", fault.text, fault.at);
}

/* Compiles a pattern or takes a word. */
static int add_value(const struct yml *yaml, const struct yml_node *node, const char *where, struct condition *self,
                     struct err *reterr)
{
    size_t len = node->text ? strlen(node->text) : 0;

    if (node->kind != YAML_SCALAR || len == 0 || len > POLICY_PATTERN_MAX)
        return yml_refuse(yaml, node, where, reterr, "give text of 1 to %d bytes, or a list of such",
                          POLICY_PATTERN_MAX);
    if (self->kind->form == FORM_PATTERNS && compile(yaml, node, where, &self->patterns[self->n], reterr) < 0)
        return -1;
    self->values[self->n++] = node->text;
    return 0;
}

static int read_values(const struct yml *yaml, const struct yml_node *node, const char *where, struct condition *self,
                       struct err *reterr)
{
    size_t n = node->kind == YAML_LIST ? node->n_children : 1;

    if (n == 0 || n > VALUES_MAX)
        return yml_refuse(yaml, node, where, reterr, "give 1 to %d values", VALUES_MAX);
    self->values = mem_array(n, sizeof *self->values);
    self->patterns = mem_array(n, sizeof(struct pattern *));
    if (node->kind != YAML_LIST)
        return add_value(yaml, node, where, self, reterr);
    for (const struct yml_node *child = node->first; child; child = child->next) {
        if (add_value(yaml, child, where, self, reterr) < 0)
            return -1;
    }
    return 0;
}

static int read_range(const struct yml *yaml, const struct yml_node *node, const char *where, struct condition *self,
                      struct err *reterr)
{
    static const struct yml_field fields[] = {
        {"least", YAML_WANT_NUMBER, false, offsetof(struct condition, least), 0, COUNT_MOST, NULL},
        {"most", YAML_WANT_NUMBER, false, offsetof(struct condition, most), 0, COUNT_MOST, NULL},
    };

    self->most = COUNT_MOST;
    if (yml_read(yaml, node, where, fields, ARRAY_LEN(fields), self, reterr) < 0)
        return -1;
    if (node->n_children == 0 || self->least > self->most)
        return yml_refuse(yaml, node, where, reterr, "give least, most or both, the least first");
    return 0;
}

static int read_hours(const struct yml *yaml, const struct yml_node *node, const char *where, struct condition *self,
                      struct err *reterr)
{
    const char *word = node->kind == YAML_SCALAR ? node->text : "";

    self->inside = strcmp(word, "inside") == 0;
    if (!self->inside && strcmp(word, "outside") != 0)
        return yml_refuse(yaml, node, where, reterr, "give inside or outside");
    if (!self->hours)
        return yml_refuse(yaml, node, where, reterr, "add the key 'business_hours' at the top: this rule asks for it");
    return 0;
}

static int (*const readers[])(const struct yml *yaml, const struct yml_node *node, const char *where,
                              struct condition *self, struct err *reterr) = {
    [FORM_WORDS] = read_values, [FORM_PATTERNS] = read_values, [FORM_RANGE] = read_range, [FORM_HOURS] = read_hours};

static int read_all(const struct yml *yaml, const struct yml_node *node, const char *where, const struct hours *hours,
                    struct conditions *self, struct err *reterr)
{
    const struct yml_node *nodes[KINDS] = {0};
    struct yml_field fields[KINDS];

    for (size_t k = 0; k < KINDS; k++)
        fields[k] =
            (struct yml_field){kinds[k].name, YAML_WANT_ANY, false, k * sizeof(const struct yml_node *), 0, 0, NULL};
    if (yml_read(yaml, node, where, fields, KINDS, nodes, reterr) < 0)
        return -1;
    for (size_t k = 0; k < KINDS; k++) {
        struct condition *condition = &self->list[self->n];
        char path[YAML_PATH_MAX + RULE_ID_MAX];
        if (!nodes[k])
            continue;
        self->n++;
        *condition = (struct condition){.kind = &kinds[k], .hours = hours};
        snprintf(path, sizeof path, "%s.%s", where, kinds[k].name);
        if (readers[kinds[k].form](yaml, nodes[k], path, condition, reterr) < 0)
            return -1;
    }
    if (self->n == 0)
        return yml_refuse(yaml, node, where, reterr,
                          "give at least one condition: a rule without any matches everything");
    return 0;
}

int conditions_load(const struct yml *yaml, const struct yml_node *node, const char *where, const struct hours *hours,
                    struct conditions **ret_conditions, struct err *reterr)
{
    struct conditions *self = mem_alloc(sizeof *self);

    if (read_all(yaml, node, where, hours, self, reterr) < 0) {
        conditions_free(self);
        return -1;
    }
    *ret_conditions = self;
    return 0;
}

void conditions_free(struct conditions *self)
{
    for (size_t k = 0; self && k < self->n; k++) {
        struct condition *condition = &self->list[k];
        for (size_t i = 0; condition->patterns && i < condition->n; i++)
            pattern_free(condition->patterns[i]);
        mem_free(condition->patterns);
        mem_free(condition->values);
    }
    mem_free(self);
}

bool conditions_need_label(const struct conditions *self)
{
    for (size_t k = 0; k < self->n; k++) {
        if (self->list[k].kind->needs_label)
            return true;
    }
    return false;
}

/* ---- asking ---- */

int matcher_new(const struct rule_view *view, struct matcher **ret_matcher, struct err *reterr)
{
    struct matcher *self = mem_alloc(sizeof *self);

    self->view = view;
    self->scratch = pattern_scratch_new(&limits);
    if (!self->scratch) {
        matcher_free(self);
        return err_set(reterr, ERR_FATAL, 0, "no memory to match rules");
    }
    *ret_matcher = self;
    return 0;
}

void matcher_free(struct matcher *self)
{
    if (!self)
        return;
    pattern_scratch_free(self->scratch);
    mem_free(self);
}

int conditions_hold(const struct conditions *self, const struct matcher *matcher)
{
    int rc = 1;

    for (size_t i = 0; rc == 1 && i < self->n; i++)
        rc = self->list[i].kind->holds(&self->list[i], matcher);
    return rc;
}
