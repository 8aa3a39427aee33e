/* triaged check: proves configuration, policy, models, knowledge and services good before anything is consumed. Every
 * part is looked at, so that one run names every fault. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "decide/promise.h"
#include "kafka/topics.h"
#include "model/endpoints.h"
#include "model/probe.h"
#include "policy/profiles.h"
#include "queue/queue.h"
#include "snapshot/snapshot.h"
#include "triage/knowledge.h"

enum { HASH_SHOWN = 12 };

/* What the checks share. A part that could not be loaded is NULL: what needs it is left out. */
struct bench {
    const struct config *config;
    struct profiles *profiles;
    const struct profile *row; /* that is looked at */
    struct policy *policy;     /* of it, as the two below */
    struct classifier *classifier;
    struct knowledge *knowledge;
    struct buf text;  /* of the check that runs: one line on success */
    struct buf notes; /* lines that are worth a look and no fault */
};

static int check_config(struct bench *bench, UNUSED struct err *reterr)
{
    const struct config *config = bench->config;

    buf_printf(&bench->text, "group %s, instance %s, %d lane%s", config->kafka.group, config->triage.instance,
               config->triage.lanes, config->triage.lanes == 1 ? "" : "s");
    return 0;
}

static int check_canary(struct bench *bench, struct err *reterr)
{
    char profile[CONTROL_PROFILE_MAX];

    if (!bench->profiles) {
        buf_puts(&bench->text, "not looked at: it needs its profile");
        return 0;
    }
    if (snapshot_check_canary(bench->config, bench->profiles, profile, reterr) < 0)
        return -1;
    if (*profile)
        buf_printf(&bench->text, "%d %% of %s, %s", bench->config->triage.canary_percent, profile,
                   bench->config->triage.canary_mode);
    return 0;
}

/* Without a table there is one profile, and nothing to say of it. */
static int check_profiles(struct bench *bench, struct err *reterr)
{
    if (profiles_load(bench->config, &bench->profiles, reterr) < 0)
        return -1;
    for (size_t i = 0; i < profiles_count(bench->profiles); i++)
        buf_printf(&bench->text, "%s%s (weight %d)", i ? ", " : "", profiles_at(bench->profiles, i)->name,
                   profiles_at(bench->profiles, i)->weight);
    return 0;
}

static int check_policy(struct bench *bench, struct err *reterr)
{
    if (policy_load_on(bench->row->policy_file, bench->config->triage.policy_floor_file, &bench->policy, reterr) < 0)
        return -1;
    if (*bench->row->name && strcmp(bench->row->name, policy_profile(bench->policy)) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: profile: give %s, as the table of profiles does, not %s",
                       bench->row->policy_file, bench->row->name, policy_profile(bench->policy));
    buf_printf(&bench->text, "%s, %zu classes, owner %s, hash %.*s", policy_profile(bench->policy),
               policy_class_count(bench->policy), policy_owner(bench->policy), HASH_SHOWN, policy_hash(bench->policy));
    return 0;
}

static bool knows_label(const struct classifier *classifier, const char *label)
{
    for (size_t i = 0; i < classifier_label_count(classifier); i++) {
        if (strcmp(classifier_label_at(classifier, i), label) == 0)
            return true;
    }
    return false;
}

/* A label without a class is a fault (the worker refuses it too); a class without a label never comes up. */
static int compare_labels(struct bench *bench, struct err *reterr)
{
    if (snapshot_check_labels(bench->classifier, bench->policy, reterr) < 0)
        return -1;
    for (size_t i = 0; i < policy_class_count(bench->policy); i++) {
        const char *label = policy_class_at(bench->policy, i)->label;
        if (!knows_label(bench->classifier, label))
            buf_printf(&bench->notes, "the policy has a class %s that the classifier was not trained on\n", label);
    }
    return 0;
}

static int check_classifier(struct bench *bench, struct err *reterr)
{
    if (classifier_load(bench->row->classifier_file, &bench->classifier, reterr) < 0)
        return -1;
    buf_printf(&bench->text, "%zu labels, hash %.*s", classifier_label_count(bench->classifier), HASH_SHOWN,
               classifier_hash(bench->classifier));
    return bench->policy ? compare_labels(bench, reterr) : 0;
}

/* As the worker loads it: it must be of this classifier. */
static int check_promise(struct bench *bench, struct err *reterr)
{
    CLEANUP(promise_done) struct promise promise = {0};
    const char *path = bench->row->promise_file;

    if (!*path) {
        buf_puts(&bench->text, "none: triage.promise_file is not set, the policy's thresholds count");
        return 0;
    }
    if (!bench->classifier) {
        buf_puts(&bench->text, "not looked at: it needs its classifier");
        return 0;
    }
    if (promise_load(path, bench->classifier, &promise, reterr) < 0)
        return -1;
    buf_printf(&bench->text, "%s: at most %g %% wrong with %g %% confidence, id %.*s",
               promise.certified ? "certified" : "not certified, so nothing is answered", 100 * promise.max_error,
               100 * promise.confidence, HASH_SHOWN, promise.id);
    return 0;
}

/* A macro that the policy names must be there; one with slots is not sent by itself. */
static int check_class_macros(struct bench *bench, const struct policy_class *class, struct err *reterr)
{
    const char *const ids[] = {class->macro_en, class->macro_de};

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct article *macro;
        if (!ids[i] || !*ids[i])
            continue;
        macro = knowledge_find(bench->knowledge, ids[i]);
        if (!macro || strcmp(macro->kind, "macro") != 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "the policy's class %s names the macro %s, and the knowledge has no such macro",
                           class->label, ids[i]);
        if (macro->n_slots && class->mode == MODE_AUTO)
            buf_printf(&bench->notes, "class %s is auto, but its macro %s has slots: those tickets go to a person\n",
                       class->label, ids[i]);
    }
    return 0;
}

static int check_knowledge(struct bench *bench, struct err *reterr)
{
    const char *dir = bench->row->knowledge_dir;

    if (*bench->config->kafka.topic_knowledge) {
        buf_printf(&bench->text, "by the topic %s, which the topics below say more of",
                   bench->config->kafka.topic_knowledge);
        return 0;
    }
    if (!*dir) {
        buf_puts(&bench->text, "none: triage.knowledge_dir is not set, nothing is drafted and no macro is sent");
        return 0;
    }
    if (knowledge_load(dir, &bench->knowledge, reterr) < 0)
        return -1;
    buf_printf(&bench->text, "%zu articles and macros, hash %.*s", knowledge_count(bench->knowledge), HASH_SHOWN,
               knowledge_hash(bench->knowledge));
    for (size_t i = 0; bench->policy && i < policy_class_count(bench->policy); i++) {
        if (check_class_macros(bench, policy_class_at(bench->policy, i), reterr) < 0)
            return -1;
    }
    return 0;
}

static int check_topics(struct bench *bench, struct err *reterr)
{
    CLEANUP(buf_free) struct buf lines = {0};

    if (topics_check(&bench->config->kafka, &lines, reterr) < 0)
        return -1;
    buf_printf(&bench->text, "all there, with the settings they need, at %s", bench->config->kafka.bootstrap_servers);
    return 0;
}

static int check_queue(struct bench *bench, struct err *reterr)
{
    struct queue *queue = NULL;
    int rc = queue_open(&bench->config->postgres, "triaged-check", &queue, reterr);

    if (rc == 0)
        rc = queue_check_schema(queue, reterr);
    queue_close(queue);
    if (rc == 0)
        buf_puts(&bench->text, "reachable, every migration is applied");
    return rc;
}

static int check_model(struct bench *bench, struct err *reterr)
{
    const struct config_model *model = &bench->config->model;
    struct model_settings settings = model_settings_of(model, 0);
    struct endpoints endpoints;
    int rc = 0;

    if (!*model->url) {
        buf_puts(&bench->text, "none: model.url is not set, tickets go on without drafts");
        return 0;
    }
    if (endpoints_parse(model->url, model->breaker_failures, 0, &endpoints, reterr) < 0)
        return -1;
    for (size_t i = 0; i < endpoints.count && rc == 0; i++) {
        settings.url = endpoints.at[i].url;
        rc = model_probe(&settings, model->name, reterr);
    }
    endpoints_done(&endpoints);
    if (rc == 0)
        buf_printf(&bench->text, "%s answers at %s", model->name, model->url);
    return rc;
}

/* In this order: the files first, each may lean on those before it. */
enum about {
    ABOUT_FILES,
    ABOUT_PROFILE,
    ABOUT_CANARY,
    ABOUT_SERVICE
}; /* of a profile: once for each; services: not with --offline */

static const struct {
    const char *name;
    enum about about;
    int (*run)(struct bench *bench, struct err *reterr);
} check_table[] = {
    {"configuration", ABOUT_FILES, check_config}, {"profiles", ABOUT_FILES, check_profiles},
    {"policy", ABOUT_PROFILE, check_policy},      {"classifier", ABOUT_PROFILE, check_classifier},
    {"promise", ABOUT_PROFILE, check_promise},    {"knowledge", ABOUT_PROFILE, check_knowledge},
    {"canary", ABOUT_CANARY, check_canary},       {"topics", ABOUT_SERVICE, check_topics},
    {"review queue", ABOUT_SERVICE, check_queue}, {"model server", ABOUT_SERVICE, check_model},
};

static void print_notes(struct bench *bench)
{
    char *rest = bench->notes.data;
    const char *line;

    while (rest && (line = strsep(&rest, "\n"))) {
        if (*line)
            printf("note  %s\n", line);
    }
    buf_reset(&bench->notes);
}

/* What was found out stands in front of its notes; the first fault gives the exit code. */
static void run_one(struct bench *bench, size_t at, int *code)
{
    bool quiet = (check_table[at].run == check_profiles && !*bench->config->triage.profiles_file) ||
                 (check_table[at].run == check_canary && bench->config->triage.canary_percent == 0);
    struct err err = {0};

    buf_reset(&bench->text);
    if (check_table[at].run(bench, &err) < 0) {
        printf("FAIL  %-14s %s\n", check_table[at].name, err.text);
        if (!*code)
            *code = err.sysexit ? err.sysexit : EX_CONFIG;
    } else if (!quiet) {
        printf("ok    %-14s %s\n", check_table[at].name, buf_str(&bench->text));
    }
    print_notes(bench);
    fflush(stdout);
}

static void forget_profile(struct bench *bench)
{
    knowledge_free(bench->knowledge);
    classifier_free(bench->classifier);
    policy_free(bench->policy);
    bench->knowledge = NULL;
    bench->classifier = NULL;
    bench->policy = NULL;
}

static void run_about(struct bench *bench, enum about about, int *code)
{
    for (size_t i = 0; i < ARRAY_LEN(check_table); i++) {
        if (check_table[i].about == about)
            run_one(bench, i, code);
    }
}

/* 0, or the exit code of the first fault. only: of this profile alone, NULL all. */
static int run_checks(struct bench *bench, bool offline, const char *only)
{
    int code = 0;

    run_about(bench, ABOUT_FILES, &code);
    for (size_t i = 0; bench->profiles && i < profiles_count(bench->profiles); i++) {
        bench->row = profiles_at(bench->profiles, i);
        if (only && strcmp(only, bench->row->name) != 0)
            continue;
        run_about(bench, ABOUT_PROFILE, &code);
        forget_profile(bench);
    }
    run_about(bench, ABOUT_CANARY, &code);
    if (!offline)
        run_about(bench, ABOUT_SERVICE, &code);
    return code;
}

struct options {
    struct cmd_common common;
    const char *profile; /* NULL: all of them */
    bool offline;
};

static const struct option_row option_rows[] = {
    ROW_FLAG("--offline", offline, "only the files; no service is asked"),
    ROW_TEXT("--profile", "NAME", profile, "of the profiles only this one; otherwise all of them"),
};
static const struct option_table table_of_options = {
    .command = "check",
    .about = "Proves the configuration, the policy, classifier, promise and knowledge of each profile, the canary's "
             "files, the topics, the database schema and the model server good, without consuming anything: a line for "
             "each, 'ok' or 'FAIL' with what to do.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes =
        "exit codes: 0 all right, 78 something is configured wrongly, 69 a service is away, 75 one is not ready yet",
    .example = "triaged check --config triaged.yaml --offline",
};

int cmd_check(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct bench bench = {0};
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    bench.config = config;
    rc = run_checks(&bench, options.offline, options.profile);
    profiles_free(bench.profiles);
    buf_free(&bench.text);
    buf_free(&bench.notes);
    config_free(config);
    return rc;
}
