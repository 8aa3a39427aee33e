/* triaged check: proves configuration, policy, models, knowledge and services good before anything is consumed. Every
 * part is looked at, so that one run names every fault. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/topics.h"
#include "snapshot/snapshot.h"
#include "model/endpoints.h"
#include "model/probe.h"
#include "queue/queue.h"
#include "triage/knowledge.h"

enum { HASH_SHOWN = 12 };

/* What the checks share. A part that could not be loaded is NULL: what needs it is left out. */
struct bench {
    const struct config *config;
    struct policy *policy;
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

static int check_policy(struct bench *bench, struct err *reterr)
{
    const struct config_triage *triage = &bench->config->triage;

    if (policy_load_on(triage->policy_file, triage->policy_floor_file, &bench->policy, reterr) < 0)
        return -1;
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
    if (classifier_load(bench->config->triage.classifier_file, &bench->classifier, reterr) < 0)
        return -1;
    buf_printf(&bench->text, "%zu labels, hash %.*s", classifier_label_count(bench->classifier), HASH_SHOWN,
               classifier_hash(bench->classifier));
    return bench->policy ? compare_labels(bench, reterr) : 0;
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
    const char *dir = bench->config->triage.knowledge_dir;

    if (*bench->config->kafka.topic_knowledge) {
        buf_printf(&bench->text, "by the topic %s, which the topics below say more of", bench->config->kafka.topic_knowledge);
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
static const struct {
    const char *name;
    bool service; /* left out by --offline */
    int (*run)(struct bench *bench, struct err *reterr);
} check_table[] = {
    {"configuration", false, check_config}, {"policy", false, check_policy}, {"classifier", false, check_classifier},
    {"knowledge", false, check_knowledge},  {"topics", true, check_topics},  {"review queue", true, check_queue},
    {"model server", true, check_model},
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

/* 0, or the exit code of the first fault. */
static int run_checks(struct bench *bench, bool offline)
{
    int rc = 0;

    for (size_t i = 0; i < ARRAY_LEN(check_table); i++) {
        struct err err = {0};
        if (offline && check_table[i].service)
            continue;
        buf_reset(&bench->text);
        if (check_table[i].run(bench, &err) == 0) {
            printf("ok    %-14s %s\n", check_table[i].name, buf_str(&bench->text));
        } else {
            printf("FAIL  %-14s %s\n", check_table[i].name, err.text);
            if (!rc)
                rc = err.sysexit ? err.sysexit : EX_CONFIG;
        }
        print_notes(bench);
        fflush(stdout);
    }
    return rc;
}

static void help(void)
{
    puts(
        "usage: triaged check [--offline] [--config FILE] [--set section.key=value]\n\n"
        "Proves the configuration, the policy, the classifier, the knowledge, the topics, the database schema and the\n"
        "model server good, without consuming anything: a line for each, 'ok' or 'FAIL' with what to do.\n\n"
        "  --offline  only the files; no service is asked\n\n"
        "exit codes: 0 all right, 78 something is configured wrongly, 69 a service is away, 75 one is not ready yet");
}

int cmd_check(int argc, char **argv)
{
    struct cmd_common common = {0};
    struct config *config = NULL;
    struct bench bench = {0};
    bool offline = false;
    int rc;

    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&common, argc, argv, &i);
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0) {
            help();
            return 0;
        }
        if (strcmp(argv[i], "--offline") != 0)
            return cmd_misuse("check", argv[i]);
        offline = true;
    }
    rc = cmd_load_config(&common, &config);
    if (rc)
        return rc;
    bench.config = config;
    rc = run_checks(&bench, offline);
    knowledge_free(bench.knowledge);
    classifier_free(bench.classifier);
    policy_free(bench.policy);
    buf_free(&bench.text);
    buf_free(&bench.notes);
    config_free(config);
    return rc;
}
