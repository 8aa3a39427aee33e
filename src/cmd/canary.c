/* triaged canary show: how a candidate does on live tickets, from what stands in results: beside the policy in force
 * (shadow), or instead of it for a share (live). */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/simulation_print.h"

#define NAME "canary show"

enum { ARM_CURRENT, ARM_CANDIDATE, ARMS, EXAMPLES = 3 };
static const char *const arm_names[ARMS] = {"current", "candidate"};

struct options {
    struct cmd_common common;
    const char *results, *audits;
    bool json;
};

struct arm {
    size_t n, endings[ENDINGS], unseen, n_units;
    struct survey_unit *units;
    struct survey_estimate error;
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--results", "FILE|TOPIC", results,
             "results: a file of JSON Lines, else a topic (default: the configuration's)"),
    ROW_TEXT("--audits", "FILE|TOPIC", audits,
             "outcomes of audits, the same way (default: none where --results is given)"),
    ROW_FLAG("--json", json, "one object"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Reads results and says how the candidate of triage.canary_* does. In the shadow: which tickets it would "
             "have ended otherwise, as 'triaged simulate' shows it. Live: the two arms side by side, with how often "
             "each is wrong where no person looks, by audits, with its 95 % interval.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 shown, 65 no result knows of a canary, 69 Kafka is away",
    .example = "triaged canary show --results results.jsonl",
};

/* ---- live ---- */

static void take_result(struct arm *arm, const struct past *past, const struct past_result *result, const cJSON *doc,
                        double audit_percent)
{
    struct sim_decision decision = simulation_decision(result, doc);
    struct truth truth;

    arm->n++;
    arm->endings[decision.ending]++;
    arm->unseen += decision.unseen;
    truth_find(past, result->id, decision.label, audit_percent, &truth);
    if (decision.unseen && truth.n)
        arm->units[arm->n_units++] =
            (struct survey_unit){.weight = truth.weight, .wrong = truth_is_other(&truth, decision.label)};
    mem_free(decision.reasons);
}

static void fill_arms(struct arm arms[ARMS], const struct past *past, double audit_percent)
{
    for (int a = 0; a < ARMS; a++)
        arms[a].units = mem_array(past->decided.n + 1, sizeof *arms[a].units);
    for (size_t i = 0; i < past->decided.n; i++) {
        CLEANUP(json_done) cJSON *doc = past_document(&past->decided.rows[i]);
        const char *name = json_str(json_get(doc, "provenance"), "arm", "");
        for (int a = 0; a < ARMS; a++) {
            if (strcmp(arm_names[a], name) == 0)
                take_result(&arms[a], past, &past->decided.rows[i], doc, audit_percent);
        }
    }
    for (int a = 0; a < ARMS; a++) {
        const double population[SURVEY_STRATA_MAX] = {(double)arms[a].unseen};
        survey_estimate(arms[a].units, arms[a].n_units, population, SIMULATION_INTERVAL, &arms[a].error);
    }
}

static void print_arms(const struct arm arms[ARMS])
{
    printf("Live, by arm\n  %-26s %12s %12s\n  %-26s %12zu %12zu\n", "", arm_names[0], arm_names[1], "tickets",
           arms[0].n, arms[1].n);
    for (int e = 0; e < ENDINGS; e++)
        printf("  %-26s %10.1f %% %10.1f %%\n", ending_name((enum ending)e),
               arms[0].n ? 100.0 * (double)arms[0].endings[e] / (double)arms[0].n : 0,
               arms[1].n ? 100.0 * (double)arms[1].endings[e] / (double)arms[1].n : 0);
    for (int a = 0; a < ARMS; a++) {
        const struct survey_estimate *error = &arms[a].error;
        if (error->n)
            printf("  %s: %.1f %% wrong where no person looks (%.1f to %.1f), by %zu labels\n", arm_names[a],
                   100 * error->rate, 100 * error->low, 100 * error->high, error->n);
        else
            printf("  %s: no audit has said yet how often it is wrong\n", arm_names[a]);
    }
}

static cJSON *arms_json(const struct arm arms[ARMS])
{
    cJSON *doc = cJSON_CreateObject();

    for (int a = 0; a < ARMS; a++) {
        cJSON *one = cJSON_AddObjectToObject(doc, arm_names[a]), *status;
        cJSON_AddNumberToObject(one, "tickets", (double)arms[a].n);
        cJSON_AddNumberToObject(one, "unseen", (double)arms[a].unseen);
        status = cJSON_AddObjectToObject(one, "status");
        for (int e = 0; e < ENDINGS; e++)
            cJSON_AddNumberToObject(status, ending_name((enum ending)e), (double)arms[a].endings[e]);
        cJSON_AddNumberToObject(one, "labelled", (double)arms[a].error.n);
        cJSON_AddNumberToObject(one, "rate", arms[a].error.rate);
        cJSON_AddNumberToObject(one, "low", arms[a].error.low);
        cJSON_AddNumberToObject(one, "high", arms[a].error.high);
    }
    return doc;
}

/* ---- both ---- */

struct shown {
    struct past past;
    struct policy *policy;
    struct simulation *shadow;
    struct arm arms[ARMS];
};

static void shown_done(struct shown *self)
{
    for (int a = 0; a < ARMS; a++)
        mem_free(self->arms[a].units);
    simulation_free(self->shadow);
    policy_free(self->policy);
    past_done(&self->past);
}

static int load_policy(const struct config_triage *triage, struct policy **ret_policy, struct err *reterr)
{
    const char *path = *triage->canary_policy_file ? triage->canary_policy_file : triage->policy_file;

    return policy_load_on(path, triage->policy_floor_file, ret_policy, reterr);
}

static void print(const struct options *options, const struct shown *shown, const struct sim_origin *origin)
{
    bool live = shown->arms[ARM_CURRENT].n + shown->arms[ARM_CANDIDATE].n > 0;
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    if (!options->json) {
        if (shown->shadow)
            simulation_print(shown->shadow, origin);
        if (live)
            print_arms(shown->arms);
        return;
    }
    if (shown->shadow)
        cJSON_AddItemToObject(doc, "shadow", simulation_json(shown->shadow, origin));
    if (live)
        cJSON_AddItemToObject(doc, "live", arms_json(shown->arms));
    jsonl_print(doc);
}

static int show(const struct options *options, const struct config *config, struct err *reterr)
{
    CLEANUP(shown_done) struct shown shown = {0};
    const char *results = options->results ? options->results : config->kafka.topic_results;
    const char *audits = options->audits ? options->audits : options->results ? "" : config->kafka.topic_audits;
    const struct sim_settings settings = {.audit_percent = *config->triage.audit_key ? config->triage.audit_percent : 0,
                                          .reviewers = 1,
                                          .reviewer_rate = 30,
                                          .model_rate = 0.5,
                                          .cpu_rate = 0.05};
    struct sim_origin origin = {
        .history = results, .date = "", .changes = "by the candidate, in the shadow", .examples = EXAMPLES};
    struct err none = {0};

    if (past_read_results(&shown.past, config, results, reterr) < 0 ||
        (*audits && past_read_audits(&shown.past, config, audits, reterr) < 0) ||
        load_policy(&config->triage, &shown.policy, reterr) < 0)
        return -1;
    past_sort(&shown.past);
    fill_arms(shown.arms, &shown.past, settings.audit_percent);
    if (simulation_of_shadows(&shown.past, shown.policy, &settings, &shown.shadow, &none) < 0 &&
        shown.arms[ARM_CURRENT].n + shown.arms[ARM_CANDIDATE].n == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "set triage.canary_percent and run: no result knows of a canary");
    origin.now = (struct provenance){"", "", "", "", "", "", "", "", NULL};
    origin.max_error = policy_promise_max_error(shown.policy);
    print(options, &shown, &origin);
    return 0;
}

int cmd_canary_show(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    if (show(&options, config, &err) < 0)
        rc = cmd_fail(NAME, &err);
    config_free(config);
    return rc;
}
