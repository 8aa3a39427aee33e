/* triaged run: the worker. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "worker/worker.h"

enum { OVERRIDE_MAX = 256 };

static const struct {
    const char *name;
    int role;
} role_table[] = {{"triage", ROLE_TRIAGE}, {"feeder", ROLE_FEEDER}, {"relay", ROLE_RELAY}, {"watch", ROLE_WATCH}};

struct options {
    struct cmd_common common;
    const char *roles, *lanes, *instance; /* NULL: as the configuration says */
    bool print_config;
    char set_lanes[OVERRIDE_MAX], set_instance[OVERRIDE_MAX];
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--roles", "LIST", roles,
             "with commas between them (default: all)\n"
             "triage: decides tickets\n"
             "feeder: fills the review queue\n"
             "relay: publishes reviews\n"
             "watch: holds audits against the promise, results against how they were, and waiting drafts against "
             "articles that change"),
    ROW_TEXT("--lanes", "N", lanes,
             "threads that decide tickets, each with its own Kafka member (default: triage.lanes)"),
    ROW_TEXT("--instance", "NAME", instance,
             "stable and unique among all workers of the group (default: triage.instance)"),
    ROW_FLAG("--print-config", print_config, "prints the configuration in force, secrets masked, and ends"),
};
static const struct option_table table_of_options = {
    .command = "run",
    .about = "Runs the worker until SIGTERM or SIGINT: then it takes nothing new, finishes and commits what it has, "
             "and exits 0. A second signal stops at once; what is not committed is done again by the next worker. "
             "Should a Kafka call never return, because the broker is away, the process ends 15 s later all the same, "
             "with exit 75: nothing is lost. SIGHUP loads policy, classifier, promise and knowledge anew, without a "
             "stop: tickets in work end by the old ones. Where that fails, the log says why, and the old ones stay.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 drained, 69 a service is away at start, 70 a fault, 75 ended while a call hung, 78 "
             "configuration",
    .example = "triaged run --config /etc/triaged/triaged.yaml --roles triage --lanes 4 --instance worker-1",
};

static int parse_roles(const char *list, int *ret_roles)
{
    char copy[128];
    char *rest = copy;
    const char *name;
    int roles = 0;

    snprintf(copy, sizeof copy, "%s", list);
    while ((name = strsep(&rest, ","))) {
        int role = 0;
        for (size_t i = 0; i < ARRAY_LEN(role_table); i++) {
            if (strcmp(name, role_table[i].name) == 0)
                role = role_table[i].role;
        }
        if (!role) {
            fprintf(stderr, "triaged run: unknown role %s; roles are triage, feeder, relay, watch\n", name);
            return -1;
        }
        roles |= role;
    }
    *ret_roles = roles;
    return 0;
}

/* An option that stands for a key of the configuration; it comes behind every --set. */
static int override(struct options *options, char text[OVERRIDE_MAX], const char *key, const char *value)
{
    struct option_list *list = &options->common.overrides;

    if (!value)
        return 0;
    if (list->n == OPTION_LIST_MAX) {
        fprintf(stderr, "triaged run: put some of the --set options into the file: at most %d are taken\n",
                OPTION_LIST_MAX);
        return EX_USAGE;
    }
    snprintf(text, OVERRIDE_MAX, "%s=%s", key, value);
    list->at[list->n++] = text;
    return 0;
}

static int take_options(struct options *options, int *ret_roles)
{
    *ret_roles = ROLES_ALL;
    if (options->roles && parse_roles(options->roles, ret_roles) < 0)
        return EX_USAGE;
    return override(options, options->set_lanes, "triage.lanes", options->lanes) ||
                   override(options, options->set_instance, "triage.instance", options->instance)
               ? EX_USAGE
               : 0;
}

int cmd_run(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    enum log_level level;
    int roles, rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    rc = take_options(&options, &roles);
    if (rc == 0)
        rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (options.print_config) {
        config_print(config, stdout);
        rc = cmd_print_profiles(config);
        config_free(config);
        return rc;
    }
    if (log_level_parse(config->log_level, &level) == 0)
        log_set_level(level);
    rc = worker_run(config, roles, &err) < 0 ? cmd_fail("run", &err) : 0;
    log_line(rc ? LOG_ERROR : LOG_INFO, "worker.ended", "exit=%d text=\"%s\"", rc, rc ? err.text : "drained");
    config_free(config);
    return rc;
}
