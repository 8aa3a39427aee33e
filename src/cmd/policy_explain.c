/* triaged policy explain: one ticket through rules, classifier and policy, and for each reason the key that gave it.
 * Draws on the same decider as a worker; caps of triage.control and promises are not asked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "policy/terms.h"
#include "triage/classifier.h"
#include "triage/decide.h"

#define NAME "policy explain"

enum { JSON_DEPTH = 16, TOKENS_MAX = 200000 };

struct options {
    struct cmd_common common;  /* config_path and profile: instead of files */
    struct config *config;     /* owns what it names; NULL: not asked */
    struct option_words words; /* TICKET */
    const char *policy, *floor, *model;
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--policy", "FILE", policy, "the policy"),
    ROW_TEXT("--floor", "FILE", floor, "the floor below it"),
    ROW_TEXT("--model", "FILE", model, "the classifier"),
    ROW_FLAG("--json", json, "one object"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    OPTION_WORDS("TICKET", 1, 1),
    .about = "Decides one ticket.v1 document (a file, - for standard input) as a worker would that has no promise and "
             "no caps, and names for every reason the rule or key behind it, its value and its line. Give --policy and "
             "--model, or --profile or --config: then policy, floor and model are those that the configuration names "
             "for the profile.",
    OPTION_ROWS(option_rows),
    OPTION_PROFILED,
    .notes = "exit codes: 0 explained, 65 the ticket is none, 66 a file can't be read, 78 a policy is refused",
    .example = "triaged policy explain --policy policy.yaml --model model.bin ticket.json",
};

static int take_configured(struct options *self)
{
    const struct config_triage *triage;
    int code = 0;

    if (self->common.profile || self->common.config_path)
        code = cmd_load_profile(&self->common, &self->config);
    if (code)
        return code;
    triage = self->config ? &self->config->triage : NULL;
    if (triage && !self->policy)
        self->policy = triage->policy_file;
    if (triage && !self->floor && *triage->policy_floor_file)
        self->floor = triage->policy_floor_file;
    if (triage && !self->model)
        self->model = triage->classifier_file;
    if (self->policy && self->model)
        return 0;
    fputs("triaged " NAME ": --policy and --model are needed; try 'triaged " NAME " --help'\n", stderr);
    return EX_USAGE;
}

/* ---- the ticket ---- */

static int read_ticket(const char *path, struct ticket **ret_ticket, struct err *reterr)
{
    static const struct json_limits limits = {TICKET_BYTES_MAX, JSON_DEPTH, TOKENS_MAX};
    CLEANUP(mem_freep) char *bytes = mem_alloc(TICKET_BYTES_MAX + 1);
    CLEANUP(json_done) cJSON *doc = NULL;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    struct ticket_identity identity;
    char key[TICKET_KEY_MAX];
    struct record record = {.value = bytes, .key = key};

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the ticket %s: %s", path, strerror(errno));
    record.value_len = fread(bytes, 1, TICKET_BYTES_MAX, in);
    if (in != stdin)
        fclose(in);
    if (json_parse(bytes, record.value_len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "the ticket %s is not one JSON document", path);
    const cJSON *source = json_get(doc, "source");
    const char *const parts[4] = {json_str(doc, "tenant", ""), json_str(source, "system", ""),
                                  json_str(source, "instance", ""), json_str(doc, "ticket_id", "")};
    if (ticket_key(parts, key, reterr) < 0)
        return err_context(reterr, "the ticket %s", path);
    record.key_len = strlen(key);
    return ticket_decode(&record, ret_ticket, &identity, reterr) < 0 ? err_context(reterr, "the ticket %s", path) : 0;
}

/* ---- which key is behind a reason ---- */

enum scope { SCOPE_NONE, SCOPE_TOP, SCOPE_CLASS, SCOPE_RULE };

static const struct {
    enum reason reason;
    enum scope scope;
    const char *key;
} keys[] = {
    {REASON_CONFIDENT, SCOPE_CLASS, "threshold"},
    {REASON_LOW_CONFIDENCE, SCOPE_CLASS, "threshold"},
    {REASON_RISK_HIGH, SCOPE_CLASS, "risk"},
    {REASON_RISK_MEDIUM, SCOPE_CLASS, "risk"},
    {REASON_MODE_OFF, SCOPE_CLASS, "mode"},
    {REASON_MODE_SHADOW, SCOPE_CLASS, "mode"},
    {REASON_MODE_SUGGEST, SCOPE_CLASS, "mode"},
    {REASON_MODE_AUTO, SCOPE_CLASS, "mode"},
    {REASON_NO_MACRO, SCOPE_CLASS, "macro"},
    {REASON_MACRO, SCOPE_CLASS, "macro"},
    {REASON_SPAM, SCOPE_CLASS, "action"},
    {REASON_LANGUAGE_UNSUPPORTED, SCOPE_TOP, "languages"},
    {REASON_NOT_PROMISED, SCOPE_TOP, "promise.max_error"},
    {REASON_RULE, SCOPE_RULE, ""},
};

struct files {
    struct yml *yaml[2]; /* policy, floor */
    struct terms *terms[2];
};

static void files_done(struct files *self)
{
    for (int i = 0; i < 2; i++) {
        terms_free(self->terms[i]);
        yml_free(self->yaml[i]);
    }
}

struct explained {
    const struct options *options;
    struct files files;
    struct decision decision;
    cJSON *because; /* of the JSON form */
};

/* The term of a path in the policy, else in the floor; NULL when neither has it. */
static const struct term *find(const struct files *files, const char *path, const struct yml **ret_yaml)
{
    for (int i = 0; i < 2; i++) {
        const struct term *term = files->terms[i] ? terms_find(files->terms[i], path) : NULL;
        if (term) {
            *ret_yaml = files->yaml[i];
            return term;
        }
    }
    return NULL;
}

static void say(struct explained *self, enum reason reason, const char *path)
{
    const struct yml *yaml = NULL;
    const struct term *term = path ? find(&self->files, path, &yaml) : NULL;

    if (self->options->json) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "reason", reason_name(reason));
        if (term) {
            cJSON_AddStringToObject(one, "key", path);
            cJSON_AddStringToObject(one, "value", term->value);
            cJSON_AddStringToObject(one, "file", yml_path(yaml));
            cJSON_AddNumberToObject(one, "line", term->node->line);
        }
        cJSON_AddItemToArray(self->because, one);
    } else if (term) {
        printf("  %-22s %s: %.60s  (%s:%d)\n", reason_name(reason), path, term->value, yml_path(yaml),
               term->node->line);
    } else {
        printf("  %-22s %s\n", reason_name(reason), reason_description(reason));
    }
}

static void say_rules(struct explained *self)
{
    const struct decision *decision = &self->decision;
    char path[TERM_PATH_MAX];

    if (*decision->rule_id) {
        snprintf(path, sizeof path, "rules.%s", decision->rule_id);
        say(self, REASON_RULE, path);
    }
    for (size_t i = 0; i < decision->n_rule_ids; i++) {
        snprintf(path, sizeof path, "rules.%s", decision->rule_ids[i]);
        say(self, REASON_RULE, path);
    }
    if (!*decision->rule_id && decision->n_rule_ids == 0)
        say(self, REASON_RULE, NULL);
}

/* The class whose risk sends it to a person: the label's own, or an alternative's. */
static const char *risky_label(const struct explained *self)
{
    const struct decision *decision = &self->decision;
    char path[TERM_PATH_MAX];

    for (size_t i = 0; i < decision->n_alternatives; i++) {
        const struct yml *yaml;
        const struct term *term;
        snprintf(path, sizeof path, "classes.%s.risk", decision->alternatives[i].label);
        term = find(&self->files, path, &yaml);
        if (term && strcmp(term->value, "high") == 0)
            return decision->alternatives[i].label;
    }
    return decision->label;
}

static void say_reason(struct explained *self, enum reason reason)
{
    char path[TERM_PATH_MAX];
    size_t k = 0;

    while (k < ARRAY_LEN(keys) && keys[k].reason != reason)
        k++;
    if (k == ARRAY_LEN(keys)) {
        say(self, reason, NULL);
    } else if (keys[k].scope == SCOPE_RULE) {
        say_rules(self);
    } else {
        bool of_class = keys[k].scope == SCOPE_CLASS;
        const char *label = reason == REASON_RISK_HIGH ? risky_label(self) : self->decision.label;
        snprintf(path, sizeof path, "%s%s%s%s", of_class ? "classes." : "", of_class ? label : "", of_class ? "." : "",
                 keys[k].key);
        say(self, reason, path);
    }
}

/* ---- the answer ---- */

static void print(struct explained *self)
{
    const struct decision *decision = &self->decision;
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    self->because = cJSON_CreateArray();
    if (!self->options->json) {
        printf("%s", result_status_name(decision->status));
        if (*decision->label)
            printf(", %s at %.3f", decision->label, decision->confidence);
        puts(", because");
    }
    for (size_t i = 0; i < decision->n_reasons; i++)
        say_reason(self, decision->reasons[i]);
    cJSON_AddStringToObject(doc, "status", result_status_name(decision->status));
    cJSON_AddStringToObject(doc, "label", decision->label);
    cJSON_AddNumberToObject(doc, "confidence", decision->confidence);
    cJSON_AddItemToObject(doc, "because", self->because);
    if (self->options->json)
        jsonl_print(doc);
}

static int open_files(const struct options *options, struct files *files, struct err *reterr)
{
    const char *const paths[2] = {options->policy, options->floor};

    for (int i = 0; i < 2; i++) {
        if (!paths[i])
            continue;
        if (yml_load(paths[i], &files->yaml[i], reterr) < 0)
            return -1;
        files->terms[i] = terms_new(files->yaml[i], i == 0);
    }
    return 0;
}

struct parts {
    struct policy *policy;
    struct classifier *classifier;
    struct decider *decider;
    struct ticket *ticket;
};

static void parts_done(struct parts *self)
{
    ticket_free(self->ticket);
    decider_free(self->decider);
    classifier_free(self->classifier);
    policy_free(self->policy);
}

static int explain(const struct options *options, struct explained *self, struct err *reterr)
{
    CLEANUP(parts_done) struct parts parts = {0};

    if (policy_load_on(options->policy, options->floor, &parts.policy, reterr) < 0 ||
        classifier_load(options->model, &parts.classifier, reterr) < 0 ||
        read_ticket(options->words.at[0], &parts.ticket, reterr) < 0 || open_files(options, &self->files, reterr) < 0)
        return -1;
    const struct decider_parts with = {.policy = parts.policy, .classifier = parts.classifier};
    if (decider_new(&with, &parts.decider, reterr) < 0)
        return -1;
    decider_decide(parts.decider, parts.ticket, &self->decision);
    return 0;
}

int cmd_policy_explain(int argc, char **argv)
{
    struct options options = {0};
    struct explained self = {.options = &options};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    code = take_configured(&options);
    if (code) {
        config_free(options.config);
        return code;
    }
    if (explain(&options, &self, &err) < 0)
        code = cmd_fail(NAME, &err);
    else
        print(&self);
    decision_clear(&self.decision);
    files_done(&self.files);
    config_free(options.config);
    return code;
}
