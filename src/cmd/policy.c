/* triaged policy: proves policies good and holds two against each other, without a worker. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "policy/profiles.h"
#include "policy/terms.h"
#include "triage/policy.h"

enum { EXIT_LOOSER = 1, HASH_SHOWN = 12 };

struct options {
    struct cmd_common common; /* config_path and profile: instead of files */
    struct config *config;    /* owns what it names; NULL: not asked */
    struct option_words files;
    const char *floor;
    bool json;
};

static void options_done(struct options *self)
{
    config_free(self->config);
}

/* ---- check ---- */

static const struct option_row check_rows[] = {
    ROW_TEXT("--floor", "FLOOR", floor, "proves key by key that each policy is no looser than this floor"),
};
static const struct option_table check_table = {
    .command = "policy check",
    .words = "[FILE ...]",
    .words_most = OPTIONS_WORDS_MAX,
    .words_at = offsetof(struct options, files),
    .about = "Loads each policy as the worker would and says what is wrong: file, line, key, and what to give instead. "
             "Notes name what is allowed and rarely meant. Without FILE, with --config or --profile: the policies and "
             "the floor that a configuration names, of each profile or of one.",
    OPTION_ROWS(check_rows),
    OPTION_PROFILED,
    .notes = "exit codes: 0 all good, 66 a file can't be read, 78 a policy is refused",
    .example = "triaged policy check --floor floor.yaml policy.yaml",
};

static void note_class(const char *path, const struct policy *policy, const struct policy_class *class)
{
    if (class->mode != MODE_AUTO || class->action == ACTION_IGNORE)
        return;
    if (class->risk != RISK_LOW)
        printf("%s: note: classes.%s: mode auto acts as suggest, because its risk is not low\n", path, class->label);
    for (size_t i = 0; policy_language_at(policy, i); i++) {
        const char *language = policy_language_at(policy, i);
        if (!policy_macro(policy, class->label, language))
            printf("%s: note: classes.%s: no macro in %s: a ticket in it is suggested, not answered\n", path,
                   class->label, language);
    }
}

static int check_one(const char *path, const char *floor)
{
    struct policy *policy = NULL;
    struct err err = {0};

    if (policy_load_on(path, floor, &policy, &err) < 0)
        return cmd_fail("policy check", &err);
    for (size_t i = 0; i < policy_class_count(policy); i++)
        note_class(path, policy, policy_class_at(policy, i));
    printf("%s: good: %s, %zu classes, owner %s, hash %.*s%s%s\n", path, policy_profile(policy),
           policy_class_count(policy), policy_owner(policy), HASH_SHOWN, policy_hash(policy),
           floor ? ", no looser than " : "", floor ? floor : "");
    policy_free(policy);
    return 0;
}

/* The policy of each profile of the configuration, or of the one that was named. */
static int take_configured(struct options *self)
{
    struct cmd_common common = self->common;
    struct profiles *profiles;
    struct err err = {0};
    int code;

    common.profile = NULL;
    code = cmd_load_config(&common, &self->config);
    if (code)
        return code;
    if (self->common.profile) {
        if (profiles_choose(self->config, self->common.profile, &err) < 0)
            return cmd_fail("policy", &err);
        self->files.at[self->files.n++] = self->config->triage.policy_file;
    } else {
        if (profiles_load(self->config, &self->config->chosen_of, &err) < 0)
            return cmd_fail("policy", &err);
        profiles = self->config->chosen_of;
        for (size_t i = 0; i < profiles_count(profiles) && self->files.n < OPTIONS_WORDS_MAX; i++)
            self->files.at[self->files.n++] = profiles_at(profiles, i)->policy_file;
    }
    self->floor = *self->config->triage.policy_floor_file ? self->config->triage.policy_floor_file : NULL;
    return 0;
}

int cmd_policy_check(int argc, char **argv)
{
    CLEANUP(options_done) struct options options = {0};
    int code;

    if (!options_parse(&check_table, argc, argv, &options, &code))
        return code;
    if (options.files.n == 0 && (options.common.config_path || options.common.profile))
        code = take_configured(&options);
    else if (options.files.n == 0)
        return cmd_misuse("policy check", "(no file given)");
    if (code)
        return code;
    for (int i = 0; i < options.files.n; i++) {
        int rc = check_one(options.files.at[i], options.floor);
        code = rc ? rc : code;
    }
    return code;
}

/* ---- diff ---- */

static const struct option_row diff_rows[] = {
    ROW_FLAG("--json", json, "one object a line"),
};
static const struct option_table diff_table = {
    .command = "policy diff",
    .words = "[OLD] NEW",
    .words_least = 1,
    .words_most = 2,
    .words_at = offsetof(struct options, files),
    .about = "Lists every key that NEW tightens, loosens or changes, defaults included. With --profile or --config OLD "
             "is left out: it is the policy that the configuration names for that profile.",
    OPTION_ROWS(diff_rows),
    OPTION_PROFILED,
    .notes = "exit codes: 0 nothing is looser, 1 something is looser, 66 a file can't be read, 78 a policy is refused",
    .example = "triaged policy diff old.yaml new.yaml",
};

static const char *const change_words[] = {
    [CHANGE_NONE] = "same", [CHANGE_TIGHTER] = "tighter", [CHANGE_LOOSER] = "looser", [CHANGE_OTHER] = "changed"};
static const char absent[] = "none";
static const char rewritten[] = "another text";

struct side {
    struct policy *policy; /* proves the file good */
    struct yml *yaml;
    struct terms *terms;
};

static void side_done(struct side *self)
{
    terms_free(self->terms);
    yml_free(self->yaml);
    policy_free(self->policy);
}

static int side_open(const char *path, struct side *self, struct err *reterr)
{
    if (policy_load(path, &self->policy, reterr) < 0 || yml_load(path, &self->yaml, reterr) < 0)
        return -1;
    self->terms = terms_new(self->yaml, true);
    return 0;
}

static void print_change(enum change change, const struct term *from, const struct term *to, bool json)
{
    const char *path = to ? to->path : from->path;
    const char *before = from ? from->value : absent, *after = to ? to->value : absent;

    if (from && to && strcmp(before, after) == 0)
        after = rewritten;
    if (json) {
        CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
        cJSON_AddStringToObject(doc, "key", path);
        cJSON_AddStringToObject(doc, "change", change_words[change]);
        cJSON_AddStringToObject(doc, "from", before);
        cJSON_AddStringToObject(doc, "to", after);
        cJSON_AddNumberToObject(doc, "line", to ? to->node->line : 0);
        jsonl_print(doc);
        return;
    }
    printf("%-8s %-44s %.60s -> %.60s\n", change_words[change], path, before, after);
}

/* A key of a class that came or went is not told besides the class itself. */
static bool told_by_its_class(const struct terms *other, const struct term *term)
{
    const char *dot = strrchr(term->path, '.');
    char class[TERM_PATH_MAX];

    if (strncmp(term->path, "classes.", 8) != 0 || dot == term->path + 7)
        return false;
    snprintf(class, sizeof class, "%.*s", (int)(dot - term->path), term->path);
    return !terms_find(other, class);
}

/* Whether anything became looser. */
static bool diff(const struct side *old, const struct side *new, bool json)
{
    size_t seen[CHANGE_OTHER + 1] = {0};

    for (size_t i = 0; i < terms_count(new->terms); i++) {
        const struct term *to = terms_at(new->terms, i), *from = terms_find(old->terms, to->path);
        enum change change = term_compare(from, to);
        if (change == CHANGE_NONE || (!from && told_by_its_class(old->terms, to)))
            continue;
        seen[change]++;
        print_change(change, from, to, json);
    }
    for (size_t i = 0; i < terms_count(old->terms); i++) {
        const struct term *from = terms_at(old->terms, i);
        enum change change = term_compare(from, NULL);
        if (terms_find(new->terms, from->path) || told_by_its_class(new->terms, from))
            continue;
        seen[change]++;
        print_change(change, from, NULL, json);
    }
    if (!json)
        printf("%zu tighter, %zu looser, %zu changed\n", seen[CHANGE_TIGHTER], seen[CHANGE_LOOSER], seen[CHANGE_OTHER]);
    return seen[CHANGE_LOOSER] > 0;
}

int cmd_policy_diff(int argc, char **argv)
{
    CLEANUP(side_done) struct side old = {0}, new = {0};
    CLEANUP(options_done) struct options options = {0};
    const char *from, *to;
    struct err err = {0};
    int code;

    if (!options_parse(&diff_table, argc, argv, &options, &code))
        return code;
    to = options.files.at[options.files.n - 1];
    if (options.files.n == 1 && (options.common.profile || options.common.config_path))
        code = take_configured(&options);
    if (code)
        return code;
    if (options.files.n != 2)
        return cmd_misuse("policy diff", "(two files are needed, or --profile and one)");
    from = options.files.at[0] == to ? options.files.at[1] : options.files.at[0];
    if (side_open(from, &old, &err) < 0 || side_open(to, &new, &err) < 0)
        return cmd_fail("policy diff", &err);
    return diff(&old, &new, options.json) ? EXIT_LOOSER : 0;
}
