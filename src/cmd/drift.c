/* triaged drift show | accept: where each signal stands, what was raised and what was done about it; and an operator's
 * word that what is the case now is how it is. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/json.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"
#include "triage/policy.h"

enum { TEXT_BYTES_MAX = 16 << 20, TEXT_TOKENS_MAX = 1000000 };

struct options {
    struct cmd_common common;
    const char *signal, *scope;
    bool json;
};

static const struct option_row show_rows[] = {
    ROW_FLAG("--json", json, "one object"),
};
static const struct option_table show_table = {
    .command = "drift show",
    .about = "Lists each signal of drift as the worker last saved it: the mean of the first tickets of this "
             "classifier, what chance leaves of it, the recent mean, and the evidence of a change; then every alarm "
             "with its owner, what was done, and whether it is over. Of every profile, or of the one that is named.",
    OPTION_ROWS(show_rows),
    OPTION_PROFILED,
    .example = "triaged drift show",
};
static const struct option_row accept_rows[] = {
    ROW_NEEDED("--signal", "NAME", OPTION_TEXT, signal, "which signal, as 'triaged drift show' names it"),
    ROW_TEXT("--scope", "CLASS|LANGUAGE", scope, "of this class or language (default: of all)"),
};
static const struct option_table accept_table = {
    .command = "drift accept",
    .about = "What is the case now is this signal's new reference: its alarm is over, and the next tickets are learnt "
             "from. Caps stand until 'triaged control lift' lifts them. For a role with the rights of triage_migrator.",
    OPTION_ROWS(accept_rows),
    OPTION_PROFILED,
    .example = "triaged drift accept --signal confidence --scope de",
};

static int open_queue(const struct options *options, bool every_profile, struct config **ret_config,
                      struct queue **ret_queue, int *ret_code, const char *name)
{
    struct err err = {0};

    *ret_code =
        every_profile ? cmd_load_config(&options->common, ret_config) : cmd_load_profile(&options->common, ret_config);
    if (*ret_code)
        return -1;
    if (queue_open(&(*ret_config)->postgres, "triaged-drift-cli", ret_queue, &err) == 0)
        return 0;
    config_free(*ret_config);
    *ret_code = cmd_fail(name, &err);
    return -1;
}

/* ---- show ---- */

static void print_head(const char *before, const char *profile)
{
    printf("%sprofile %s\n%-15s %-24s %9s %9s %19s %9s  %s\n", before, profile, "signal", "class or language",
           "tickets", "reference", "expected", "recent", "evidence (1 is the alarm)");
}

/* Sorted by profile. */
static void print_signals(const cJSON *signals)
{
    const char *profile = NULL;
    const cJSON *one;

    if (cJSON_GetArraySize(signals) == 0)
        puts("nothing was saved yet: a worker with the role watch reads the results, where triage.drift_reference is "
             "above 0");
    cJSON_ArrayForEach(one, signals)
    {
        const char *scope = json_str(one, "scope", ""), *its = json_str(one, "profile", "");
        if (!profile || strcmp(profile, its) != 0)
            print_head(profile ? "\n" : "", its);
        profile = its;
        printf("%-15s %-24s ", json_str(one, "signal", ""), *scope ? scope : "all");
        if (cJSON_IsTrue(json_get(one, "learning")))
            printf("%9.0f  learning\n", json_num(one, "reference_n", 0));
        else
            printf("%9.0f %9.3f %9.3f to %6.3f %9.3f  %.2f%s\n", json_num(one, "n", 0), json_num(one, "reference", 0),
                   json_num(one, "low", 0), json_num(one, "high", 0), json_num(one, "recent", 0),
                   json_num(one, "evidence", 0), cJSON_IsTrue(json_get(one, "alarm")) ? "  ALARM" : "");
    }
}

static void print_alarms(const cJSON *alarms)
{
    const cJSON *one;

    if (cJSON_GetArraySize(alarms) == 0)
        puts("\nnothing was ever raised");
    cJSON_ArrayForEach(one, alarms)
    {
        const char *scope = json_str(one, "scope", ""), *over = json_str(one, "over_at", NULL);
        printf("\n%.19s  %s: %s %s\n  %s\n  owner: %s\n  done:  %s\n", json_str(one, "raised_at", ""),
               json_str(one, "profile", ""), json_str(one, "signal", ""), scope, json_str(one, "detail", ""),
               json_str(one, "owner", ""), json_str(one, "done", ""));
        if (over)
            printf("  over:  %.19s, by %s\n", over, json_str(one, "over_by", ""));
        else
            puts("  over:  no");
    }
}

static int show(struct queue *queue, const char *profile, bool as_json, struct err *reterr)
{
    static const struct json_limits limits = {TEXT_BYTES_MAX, JSON_DEPTH_MAX, TEXT_TOKENS_MAX};
    CLEANUP(mem_freep) char *signals_text = NULL;
    CLEANUP(mem_freep) char *alarms_text = NULL;
    CLEANUP(json_done) cJSON *signals = NULL;
    CLEANUP(json_done) cJSON *alarms = NULL;

    if (queue_drift_show(queue, profile, &signals_text, &alarms_text, reterr) < 0)
        return -1;
    if (as_json) {
        printf("{\"signals\": %s, \"alarms\": %s}\n", signals_text, alarms_text);
        return 0;
    }
    if (json_parse(signals_text, strlen(signals_text), &limits, &signals, reterr) < 0 ||
        json_parse(alarms_text, strlen(alarms_text), &limits, &alarms, reterr) < 0)
        return -1;
    print_signals(signals);
    print_alarms(alarms);
    return 0;
}

int cmd_drift_show(int argc, char **argv)
{
    struct options options = {0};
    struct config *config;
    struct queue *queue;
    struct err err = {0};
    int code;

    if (!options_parse(&show_table, argc, argv, &options, &code))
        return code;
    if (open_queue(&options, !options.common.profile, &config, &queue, &code, "drift show") < 0)
        return code;
    code = show(queue, options.common.profile ? options.common.profile : "", options.json, &err) < 0
               ? cmd_fail("drift show", &err)
               : 0;
    queue_close(queue);
    config_free(config);
    return code;
}

/* ---- accept ---- */

static int accept_now(const struct config *config, struct queue *queue, const struct options *options,
                      struct err *reterr)
{
    struct policy *policy;
    bool found;
    int rc;

    if (policy_load_on(config->triage.policy_file, config->triage.policy_floor_file, &policy, reterr) < 0)
        return -1;
    rc = queue_drift_accept(queue, policy_profile(policy), options->signal, options->scope ? options->scope : "",
                            &found, reterr);
    if (rc == 0 && !found)
        rc = err_set(reterr, ERR_PERMANENT, EX_DATAERR, "look at 'triaged drift show': profile %s has no signal %s %s",
                     policy_profile(policy), options->signal, options->scope ? options->scope : "");
    policy_free(policy);
    return rc;
}

int cmd_drift_accept(int argc, char **argv)
{
    struct options options = {0};
    struct config *config;
    struct queue *queue;
    struct err err = {0};
    int code;

    if (!options_parse(&accept_table, argc, argv, &options, &code))
        return code;
    if (open_queue(&options, false, &config, &queue, &code, "drift accept") < 0)
        return code;
    code = accept_now(config, queue, &options, &err) < 0 ? cmd_fail("drift accept", &err) : 0;
    if (code == 0)
        puts("it is learnt anew from the next tickets; caps stand until they are lifted");
    queue_close(queue);
    config_free(config);
    return code;
}
