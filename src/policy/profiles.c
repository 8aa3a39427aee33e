/* Reads the table of profiles and finds a ticket's row. Knows nothing of what stands in the files that it names. */
#include "policy/profiles.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "policy/conditions.h"

enum { FILE_NAME_MAX = 2000, PROFILE_NAME_BYTES_MAX = 128 };

/* What a row asks: nothing but who sent the ticket and how. */
static const char *const condition_names[] = {"tenant", "source_system", "source_instance", "channel", "tag"};
static const char conditions_allowed[] =
    "give tenant, source_system, source_instance, channel or tag: nothing is decided "
    "of a ticket before its profile is known";

struct row {
    struct profile public;
    char *secret;
    struct conditions *conditions; /* NULL: every ticket */
};

struct profiles {
    struct yml *yaml; /* NULL without a table; owns the strings */
    struct row rows[PROFILES_MAX];
    size_t n;
};

struct row_values {
    const char *name, *policy_file, *classifier_file, *promise_file, *priority_classifier_file, *knowledge_dir,
        *knowledge_vectors_file, *audit_key_file;
    int audit_percent, draft_budget, weight;
    const struct yml_node *when;
};
#define ROW_FILE(member, required, least)                                                                              \
    {                                                                                                                  \
#member, YAML_WANT_TEXT, required, offsetof(struct row_values, member), least, FILE_NAME_MAX, NULL             \
    }
#define ROW_INTEGER(member, least, most)                                                                               \
    {                                                                                                                  \
#member, YAML_WANT_INTEGER, false, offsetof(struct row_values, member), least, most, NULL                      \
    }

static const struct yml_field row_fields[] = {
    {"name", YAML_WANT_TEXT, true, offsetof(struct row_values, name), 1, PROFILE_NAME_BYTES_MAX, NULL},
    {"when", YAML_WANT_MAP, false, offsetof(struct row_values, when), 0, 0, NULL},
    ROW_FILE(policy_file, true, 1),
    ROW_FILE(classifier_file, false, 1),
    ROW_FILE(promise_file, false, 0),
    ROW_FILE(priority_classifier_file, false, 0),
    ROW_FILE(knowledge_dir, false, 0),
    ROW_FILE(knowledge_vectors_file, false, 0),
    ROW_FILE(audit_key_file, false, 0),
    ROW_INTEGER(audit_percent, 0, 100),
    ROW_INTEGER(draft_budget, -1, 1000000),
    ROW_INTEGER(weight, 1, PROFILE_WEIGHT_MAX),
};

struct top {
    int version;
    const struct yml_node *profiles;
};
static const struct yml_field top_fields[] = {
    {"version", YAML_WANT_INTEGER, true, offsetof(struct top, version), 1, 1, NULL},
    {"profiles", YAML_WANT_LIST, true, offsetof(struct top, profiles), 1, PROFILES_MAX, NULL},
};

/* ---- loading ---- */

static struct profile of_triage(const struct config_triage *triage)
{
    return (struct profile){.name = "",
                            .policy_file = triage->policy_file,
                            .classifier_file = triage->classifier_file,
                            .promise_file = triage->promise_file,
                            .priority_classifier_file = triage->priority_classifier_file,
                            .knowledge_dir = triage->knowledge_dir,
                            .knowledge_vectors_file = triage->knowledge_vectors_file,
                            .audit_key = triage->audit_key,
                            .audit_percent = triage->audit_percent,
                            .draft_budget = triage->draft_budget,
                            .weight = 1};
}

static int read_conditions(const struct profiles *self, const struct yml_node *when, const char *where, struct row *row,
                           struct err *reterr)
{
    for (const struct yml_node *node = when ? when->first : NULL; node; node = node->next) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(condition_names); i++)
            known |= strcmp(condition_names[i], node->key) == 0;
        if (!known)
            return yml_refuse(self->yaml, node, where, reterr, "when.%.40s: %s", node->key, conditions_allowed);
    }
    return when ? conditions_load(self->yaml, when, where, NULL, &row->conditions, reterr) : 0;
}

static int check_place(const struct profiles *self, const struct yml_node *node, const char *where, const char *name,
                       struct err *reterr)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->rows[i].public.name, name) == 0)
            return yml_refuse(self->yaml, node, where, reterr, "name: %s is taken by an earlier row", name);
        if (!self->rows[i].conditions)
            return yml_refuse(self->yaml, node, where, reterr,
                              "put %s last, or give it conditions: it takes every ticket, and nothing is left for %s",
                              self->rows[i].public.name, name);
    }
    return 0;
}

static struct profile public_of(const struct row_values *values, const char *audit_key)
{
    return (struct profile){.name = values->name,
                            .policy_file = values->policy_file,
                            .classifier_file = values->classifier_file,
                            .promise_file = values->promise_file,
                            .priority_classifier_file = values->priority_classifier_file,
                            .knowledge_dir = values->knowledge_dir,
                            .knowledge_vectors_file = values->knowledge_vectors_file,
                            .audit_key = audit_key,
                            .audit_percent = values->audit_percent,
                            .draft_budget = values->draft_budget,
                            .weight = values->weight};
}

/* Vectors of one folder don't fit another. */
static int read_row(struct profiles *self, const struct config *config, const struct yml_node *node, struct err *reterr)
{
    struct row *row = &self->rows[self->n];
    const struct profile shared = of_triage(&config->triage);
    struct row_values values = {.classifier_file = shared.classifier_file,
                                .promise_file = shared.promise_file,
                                .priority_classifier_file = shared.priority_classifier_file,
                                .audit_percent = shared.audit_percent,
                                .draft_budget = shared.draft_budget,
                                .weight = shared.weight};
    char where[YAML_PATH_MAX];

    snprintf(where, sizeof where, "profiles[%zu]", self->n);
    if (yml_read(self->yaml, node, where, row_fields, ARRAY_LEN(row_fields), &values, reterr) < 0 ||
        check_place(self, node, where, values.name, reterr) < 0)
        return -1;
    if (values.knowledge_dir && *config->kafka.topic_knowledge)
        return yml_refuse(self->yaml, node, where, reterr,
                          "remove knowledge_dir: all profiles share the articles of kafka.topics.knowledge");
    if (!values.knowledge_vectors_file)
        values.knowledge_vectors_file = values.knowledge_dir ? "" : shared.knowledge_vectors_file;
    if (!values.knowledge_dir)
        values.knowledge_dir = shared.knowledge_dir;
    self->n++;
    if (values.audit_key_file && *values.audit_key_file &&
        config_read_secret("audit_key_file", values.audit_key_file, &row->secret, reterr) < 0)
        return err_context(reterr, "%s:%d: %s", yml_path(self->yaml), node->line, where);
    row->public = public_of(&values, row->secret ? row->secret : values.audit_key_file ? "" : shared.audit_key);
    snprintf(where, sizeof where, "profiles[%zu].when", self->n - 1);
    return read_conditions(self, values.when, where, row, reterr);
}

static int read_table(struct profiles *self, const struct config *config, struct err *reterr)
{
    struct top top = {0};

    if (yml_load(config->triage.profiles_file, &self->yaml, reterr) < 0 ||
        yml_read(self->yaml, yml_root(self->yaml), "", top_fields, ARRAY_LEN(top_fields), &top, reterr) < 0)
        return -1;
    for (const struct yml_node *node = top.profiles->first; node; node = node->next) {
        if (read_row(self, config, node, reterr) < 0)
            return -1;
    }
    return 0;
}

int profiles_load(const struct config *config, struct profiles **ret_profiles, struct err *reterr)
{
    struct profiles *self = mem_alloc(sizeof *self);

    if (!*config->triage.profiles_file) {
        self->rows[0].public = of_triage(&config->triage);
        self->n = 1;
    } else if (read_table(self, config, reterr) < 0) {
        profiles_free(self);
        return err_context(reterr, "profiles");
    }
    *ret_profiles = self;
    return 0;
}

void profiles_free(struct profiles *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        conditions_free(self->rows[i].conditions);
        if (self->rows[i].secret)
            explicit_bzero(self->rows[i].secret, strlen(self->rows[i].secret));
        mem_free(self->rows[i].secret);
    }
    yml_free(self->yaml);
    mem_free(self);
}

/* ---- reading ---- */

size_t profiles_count(const struct profiles *self)
{
    return self->n;
}

const struct profile *profiles_at(const struct profiles *self, size_t index)
{
    return index < self->n ? &self->rows[index].public : NULL;
}

int profiles_named(const struct profiles *self, const char *name, size_t *ret_index, struct err *reterr)
{
    CLEANUP(buf_free) struct buf names = {0};

    for (size_t i = 0; i < self->n; i++) {
        if (name ? strcmp(self->rows[i].public.name, name) == 0 : self->n == 1) {
            *ret_index = i;
            return 0;
        }
        buf_printf(&names, "%s%s", i ? ", " : "", self->rows[i].public.name);
    }
    if (!self->yaml)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE,
                       "leave --profile away, or set triage.profiles_file: there is one profile, without a table");
    return err_set(reterr, ERR_PERMANENT, EX_USAGE, "give --profile one of %s", buf_str(&names));
}

int profiles_match(const struct profiles *self, const struct ticket *ticket)
{
    const struct rule_view view = {.ticket = ticket, .language = "", .label = ""};
    struct matcher *matcher = NULL;
    struct err err = {0};
    int found = -1;

    for (size_t i = 0; found < 0 && i < self->n; i++) {
        const struct conditions *conditions = self->rows[i].conditions;
        if (conditions && !matcher && matcher_new(&view, &matcher, &err) < 0)
            break;
        if (!conditions || conditions_hold(conditions, matcher) == 1)
            found = (int)i;
    }
    matcher_free(matcher);
    return found;
}

int profiles_choose(struct config *config, const char *name, struct err *reterr)
{
    struct config_triage *triage = &config->triage;
    const struct profile *row;
    size_t index = 0;

    if (!*triage->profiles_file && !name)
        return 0;
    if (profiles_load(config, &config->chosen_of, reterr) < 0 ||
        profiles_named(config->chosen_of, name, &index, reterr) < 0)
        return -1;
    row = profiles_at(config->chosen_of, index);
    triage->profiles_file = "";
    triage->policy_file = row->policy_file;
    triage->classifier_file = row->classifier_file;
    triage->promise_file = row->promise_file;
    triage->priority_classifier_file = row->priority_classifier_file;
    triage->knowledge_dir = row->knowledge_dir;
    triage->knowledge_vectors_file = row->knowledge_vectors_file;
    triage->audit_key = row->audit_key;
    triage->audit_percent = row->audit_percent;
    triage->draft_budget = row->draft_budget;
    return 0;
}

static void print_pair(FILE *out, const char *name, const char *value)
{
    if (*value)
        fprintf(out, "#   %s: %s\n", name, value);
}

void profiles_print(const struct profiles *self, FILE *out)
{
    for (size_t i = 0; self->yaml && i < self->n; i++) {
        const struct profile *profile = &self->rows[i].public;
        fprintf(out, "# profile %s%s\n", profile->name, self->rows[i].conditions ? "" : " (whatever no other takes)");
        print_pair(out, "policy_file", profile->policy_file);
        print_pair(out, "classifier_file", profile->classifier_file);
        print_pair(out, "promise_file", profile->promise_file);
        print_pair(out, "priority_classifier_file", profile->priority_classifier_file);
        print_pair(out, "knowledge_dir", profile->knowledge_dir);
        print_pair(out, "knowledge_vectors_file", profile->knowledge_vectors_file);
        print_pair(out, "audit_key", *profile->audit_key ? "********" : "");
        fprintf(out, "#   audit_percent: %d\n#   draft_budget: %d\n#   weight: %d\n", profile->audit_percent,
                profile->draft_budget, profile->weight);
    }
}
