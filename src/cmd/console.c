/* triaged console: the reviewers' web page. A process of its own: nothing that befalls it touches the worker. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/attrs.h"
#include "base/log.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "console/console.h"
#include "policy/profiles.h"

enum { TICK_MS = 200 };

static _Atomic bool stop_flag;

static void on_signal(UNUSED int number)
{
    stop_flag = true;
}

struct options {
    struct cmd_common common;
};

static const struct option_table table_of_options = {
    .command = "console",
    .about = "Serves the reviewers' page on console.listen until SIGTERM or SIGINT. It speaks plain HTTP: beyond this "
             "machine a reverse proxy with TLS belongs in front of it (docs/CONSOLE.md). Each request is carried out "
             "in the database role of the reviewer who is signed in; 'triaged console account add NAME' makes one. "
             "Policy, classifier and knowledge of the configuration are shown where they are there, and read at start.",
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 stopped, 69 the address is in use, 78 configuration",
    .example = "triaged console --set console.listen=127.0.0.1:8090",
};

/* What only helps the page may be missing: the queue can be worked on without it. */
static void missing(const char *what, const char *profile, const struct err *err)
{
    log_line(LOG_WARN, "console.without", "part=%s profile=%s text=\"%.300s\"", what, profile, err->text);
}

struct shown {
    struct profiles *table;
    struct console_profile public[PROFILES_MAX];
    struct policy *policy[PROFILES_MAX];
    struct classifier *classifier[PROFILES_MAX];
    struct knowledge_base *knowledge[PROFILES_MAX];
    size_t n;
};

static void load_profile(const struct config *config, const struct profile *row, struct shown *shown)
{
    size_t i = shown->n++;
    const char *name = row->name;
    struct err err = {0};

    if (policy_load_on(row->policy_file, config->triage.policy_floor_file, &shown->policy[i], &err) < 0)
        missing("policy", name, &err);
    else
        name = policy_profile(shown->policy[i]);
    if (classifier_load(row->classifier_file, &shown->classifier[i], &err) < 0)
        missing("classifier", name, &err);
    if (*row->knowledge_dir && knowledge_base_read(row->knowledge_dir, &shown->knowledge[i], &err) < 0)
        missing("knowledge", name, &err);
    shown->public[i] = (struct console_profile){
        .name = name, .policy = shown->policy[i], .classifier = shown->classifier[i], .knowledge = shown->knowledge[i]};
}

static int load_shown(const struct config *config, struct shown *shown, struct err *reterr)
{
    if (profiles_load(config, &shown->table, reterr) < 0)
        return -1;
    for (size_t i = 0; i < profiles_count(shown->table); i++)
        load_profile(config, profiles_at(shown->table, i), shown);
    return 0;
}

static void shown_done(struct shown *self)
{
    for (size_t i = 0; i < self->n; i++) {
        policy_free(self->policy[i]);
        classifier_free(self->classifier[i]);
        knowledge_base_unref(self->knowledge[i]);
    }
    profiles_free(self->table);
}

static void wait_for_signal(void)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};

    sd_notify(0, "READY=1");
    while (!stop_flag)
        nanosleep(&tick, NULL);
    sd_notify(0, "STOPPING=1");
}

static int serve(const struct config *config, struct err *reterr)
{
    CLEANUP(shown_done) struct shown shown = {0};
    struct console_parts parts = {.config = config};
    struct console *console;

    if (load_shown(config, &shown, reterr) < 0)
        return -1;
    parts.profiles = shown.public;
    parts.n_profiles = shown.n;
    if (console_open(&parts, &console, reterr) < 0)
        return -1;
    log_line(LOG_INFO, "console.started", "build=%s listen=%s", version_build(), config->console.listen);
    wait_for_signal();
    console_close(console);
    return 0;
}

int cmd_console(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    enum log_level level;
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    if (log_level_parse(config->log_level, &level) == 0)
        log_set_level(level);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
    signal(SIGPIPE, SIG_IGN);
    rc = serve(config, &err) < 0 ? cmd_fail("console", &err) : 0;
    log_line(rc ? LOG_ERROR : LOG_INFO, "console.ended", "exit=%d text=\"%.300s\"", rc, rc ? err.text : "stopped");
    config_free(config);
    return rc;
}
