/* triaged run: the worker. Starts a thread per lane, one for the feeder and one for the relay, as the roles say, and
 * waits for a signal or for the first of them that can't go on. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "bridge/bridge.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "lane/lane.h"
#include "metrics/http.h"
#include "metrics/metrics.h"
#include "snapshot/snapshot.h"
#include "snapshot/versions.h"

enum {
    ROLE_TRIAGE = 1,
    ROLE_FEEDER = 2,
    ROLE_RELAY = 4,
    ROLE_WATCH = 8,
    ROLES_ALL = 15,
    OVERRIDE_MAX = 256,
    TICK_MS = 200
};

#define STUCK_GRACE_US 15000000LL /* above every deadline of a call that keeps its deadline */

static const struct {
    const char *name;
    int role;
} role_table[] = {{"triage", ROLE_TRIAGE}, {"feeder", ROLE_FEEDER}, {"relay", ROLE_RELAY}, {"watch", ROLE_WATCH}};

static _Atomic int stop_flag; /* 0 run, 1 drain, 2 at once */
static _Atomic bool reload_flag;

static void on_signal(UNUSED int number)
{
    if (stop_flag < 2)
        stop_flag++;
}

static void on_hangup(UNUSED int number)
{
    reload_flag = true;
}

/* ---- options ---- */

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

/* ---- threads ---- */

struct worker {
    pthread_t thread;
    const char *name;
    struct lane *lane;           /* of a lane thread */
    const struct config *config; /* of the others */
    struct controls *controls;   /* of the control thread and the relay */
    struct snapshots *snapshots; /* of the watch and of the reader of articles */
    int (*run_with)(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop,
                    struct err *reterr);
    int (*run)(const struct config *config, const _Atomic int *stop, struct err *reterr);
    int (*run_by)(const struct config *config, const struct controls *controls, const _Atomic int *stop,
                  struct err *reterr);
    _Atomic bool ended;
    int rc;
    struct err err;
};

static void *work(void *opaque)
{
    struct worker *self = opaque;

    if (self->lane)
        self->rc = lane_run(self->lane, &stop_flag, &self->err);
    else if (self->run_by)
        self->rc = self->run_by(self->config, self->controls, &stop_flag, &self->err);
    else if (self->run)
        self->rc = self->run(self->config, &stop_flag, &self->err);
    else if (self->controls)
        self->rc = control_run(self->config, self->controls, &stop_flag, &self->err);
    else
        self->rc = self->run_with(self->config, self->snapshots, &stop_flag, &self->err);
    self->ended = true;
    return NULL;
}

static int start(struct worker *worker, struct err *reterr)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc ? err_set(reterr, ERR_FATAL, EX_OSERR, "a thread can't be started: %s", strerror(rc)) : 0;
}

struct workers {
    /* feeder, relay, control, watch, drift, autonomy, budget, knowledge, recall */
    struct worker list[METRIC_LANES_MAX + 9];
    int n;
    /* What they decide by; NULL where no role needs it. */
    struct controls *controls;
    struct snapshots *snapshots;
    bool earned; /* some class has to earn its autonomy */
};

static int start_lanes(struct workers *workers, const struct config *config, struct err *reterr)
{
    health_declare(HEALTH_LANES, config->triage.lanes);
    for (int i = 0; i < config->triage.lanes; i++) {
        struct worker *worker = &workers->list[workers->n];
        worker->name = "lane";
        if (lane_new(workers->snapshots, i, &worker->lane, reterr) < 0)
            return -1;
        workers->n++;
        if (start(worker, reterr) < 0)
            return -1;
    }
    return 0;
}

static int start_control(struct workers *workers, const struct config *config, struct err *reterr)
{
    struct worker *worker = &workers->list[workers->n++];

    health_declare(HEALTH_CONTROL, 1);
    worker->name = "control";
    worker->config = config;
    worker->controls = workers->controls;
    return start(worker, reterr);
}

/* Each rests on snapshots, and runs only where there is something for it to do. */
static int start_with_snapshots(struct workers *workers, const struct config *config, int roles, struct err *reterr)
{
    const bool articles =
        *config->kafka.topic_knowledge || *config->triage.knowledge_dir || *config->triage.profiles_file;
    const struct {
        bool wanted;
        enum health health;
        const char *name;
        int (*run)(const struct config *, struct snapshots *, const _Atomic int *, struct err *);
    } threads[] = {
        {(roles & (ROLE_TRIAGE | ROLE_WATCH)) && *config->kafka.topic_knowledge, HEALTH_KNOWLEDGE, "knowledge",
         knowledge_run},
        {(roles & ROLE_WATCH) && (*config->triage.promise_file || *config->triage.profiles_file), HEALTH_WATCH, "watch",
         watch_run},
        {(roles & ROLE_WATCH) && config->triage.drift_reference > 0, HEALTH_DRIFT, "drift", drift_run},
        {(roles & ROLE_WATCH) && workers->earned, HEALTH_AUTONOMY, "autonomy", autonomy_run},
        {roles & ROLE_WATCH, HEALTH_BUDGET, "budget", budget_run},
        {(roles & ROLE_WATCH) && articles, HEALTH_RECALL, "recall", recall_run},
    };

    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        struct worker *worker = &workers->list[workers->n];
        if (!threads[i].wanted)
            continue;
        workers->n++;
        health_declare(threads[i].health, 1);
        worker->name = threads[i].name;
        worker->config = config;
        worker->snapshots = workers->snapshots;
        worker->run_with = threads[i].run;
        if (start(worker, reterr) < 0)
            return -1;
    }
    return 0;
}

static int start_bridge(struct workers *workers, const struct config *config, int roles, struct err *reterr)
{
    static const struct {
        int role;
        enum health health;
        const char *name;
        int (*run)(const struct config *, const _Atomic int *, struct err *);
        int (*run_by)(const struct config *, const struct controls *, const _Atomic int *, struct err *);
    } threads[] = {{ROLE_FEEDER, HEALTH_FEEDER, "feeder", feeder_run, NULL},
                   {ROLE_RELAY, HEALTH_RELAY, "relay", NULL, relay_run}};

    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        struct worker *worker = &workers->list[workers->n];
        if (!(roles & threads[i].role))
            continue;
        health_declare(threads[i].health, 1);
        worker->name = threads[i].name;
        worker->config = config;
        worker->run = threads[i].run;
        worker->run_by = threads[i].run_by;
        worker->controls = workers->controls;
        workers->n++;
        if (start(worker, reterr) < 0)
            return -1;
    }
    return 0;
}

static bool any_ended(const struct workers *workers)
{
    for (int i = 0; i < workers->n; i++) {
        if (workers->list[i].ended)
            return true;
    }
    return false;
}

static void tick(void)
{
    static const struct timespec wait = {.tv_nsec = TICK_MS * 1000000L};

    nanosleep(&wait, NULL);
    sd_notify(0, "WATCHDOG=1");
}

static const char *still_running(const struct workers *workers)
{
    for (int i = 0; i < workers->n; i++) {
        if (workers->list[i].thread && !workers->list[i].ended)
            return workers->list[i].name;
    }
    return NULL;
}

/* librdkafka's rd_kafka_send_offsets_to_transaction keeps no deadline while the coordinator is away (its issue 5456),
 * and no thread can be ended from outside. Nothing is lost by ending here: that is what a crash does. */
static void wait_for_threads(const struct workers *workers, int drain_timeout_ms)
{
    int64_t now = clock_mono_us();
    int64_t patient_by = now + drain_timeout_ms * 1000LL + STUCK_GRACE_US, at_once_by = 0;
    const char *stuck;

    while ((stuck = still_running(workers))) {
        now = clock_mono_us();
        if (stop_flag > 1 && !at_once_by)
            at_once_by = now + STUCK_GRACE_US;
        if (now > patient_by || (at_once_by && now > at_once_by)) {
            log_line(LOG_ERROR, "worker.ended", "exit=%d text=\"a call of the %s does not return; the broker is away\"",
                     EX_TEMPFAIL, stuck);
            _exit(EX_TEMPFAIL);
        }
        tick();
    }
}

/* ---- reloading ---- */

/* What can't be kept is said, and nothing stops for it. */
static void keep_versions(struct snapshots *snapshots)
{
    struct snapshot *now = snapshots_ref(snapshots);
    struct err err = {0};

    if (versions_keep(now, &err) < 0)
        log_line(LOG_WARN, "versions.not_kept", "text=\"%s\"", err.text);
    snapshot_unref(now);
}

static void reload(struct workers *workers)
{
    struct err err = {0};
    struct snapshot *now;

    reload_flag = false;
    if (!workers->snapshots)
        return;
    if (snapshots_reload(workers->snapshots, &err) < 0) {
        metrics_add(METRIC_RELOADS, "refused", 1);
        log_line(LOG_ERROR, "reload.refused", "text=\"%s\"", err.text);
        return;
    }
    metrics_add(METRIC_RELOADS, "done", 1);
    keep_versions(workers->snapshots);
    now = snapshots_ref(workers->snapshots);
    for (size_t i = 0; i < now->n_profiles; i++) {
        const struct snapshot_profile *profile = &now->profiles[i];
        log_line(LOG_INFO, "reload.done", "profile=%s policy=%.12s classifier=%.12s promise=%.12s knowledge=%.12s",
                 profile->name, policy_hash(profile->policy), classifier_hash(profile->classifier), profile->promise_id,
                 profile->knowledge_hash);
    }
    snapshot_unref(now);
}

/* ---- stopping ---- */

/* Waits for a signal or a thread that ended; then all stop. The first error is the program's. */
static int wait_all(struct workers *workers, int drain_timeout_ms, struct err *reterr)
{
    int rc = 0;

    while (!stop_flag && !any_ended(workers)) {
        if (reload_flag)
            reload(workers);
        tick();
    }
    if (!stop_flag)
        stop_flag = 1;
    sd_notify(0, "STOPPING=1");
    log_line(LOG_INFO, "worker.stops", "level=%d", stop_flag);
    wait_for_threads(workers, drain_timeout_ms);
    for (int i = 0; i < workers->n; i++) {
        if (!workers->list[i].thread)
            continue;
        pthread_join(workers->list[i].thread, NULL);
        if (workers->list[i].rc < 0 && rc == 0) {
            rc = -1;
            *reterr = workers->list[i].err;
        }
        lane_free(workers->list[i].lane);
    }
    return rc;
}

static int load_all(struct workers *workers, const struct config *config, int roles, struct err *reterr)
{
    char *names[PROFILES_MAX] = {0};
    size_t n = 0;

    if (!(roles & (ROLE_TRIAGE | ROLE_WATCH))) {
        workers->controls = controls_new_any();
        return 0;
    }
    if (snapshot_profile_names(config, names, &n, reterr) < 0)
        return -1;
    workers->controls = controls_new((const char *const *)names, n);
    for (size_t i = 0; i < n; i++)
        mem_free(names[i]);
    if (snapshots_new(config, workers->controls, &workers->snapshots, reterr) < 0)
        return -1;
    workers->earned = autonomy_is_earned(workers->snapshots);
    keep_versions(workers->snapshots);
    return 0;
}

static void free_all(struct workers *workers)
{
    snapshots_free(workers->snapshots);
    controls_free(workers->controls);
    mem_free(workers);
}

static int start_all(struct workers *workers, const struct config *config, int roles, struct err *reterr)
{
    if ((roles & (ROLE_TRIAGE | ROLE_RELAY)) && start_control(workers, config, reterr) < 0)
        return -1;
    if ((roles & ROLE_TRIAGE) && start_lanes(workers, config, reterr) < 0)
        return -1;
    if (start_bridge(workers, config, roles, reterr) < 0)
        return -1;
    return start_with_snapshots(workers, config, roles, reterr);
}

static int run(const struct config *config, int roles, struct err *reterr)
{
    struct workers *workers = mem_alloc(sizeof *workers);
    struct http *http = NULL;
    int rc = 0;

    if (roles & (ROLE_TRIAGE | ROLE_WATCH | ROLE_RELAY))
        rc = load_all(workers, config, roles, reterr);
    if (rc == 0 && *config->http.listen)
        rc = http_open(config->http.listen, &http, reterr);
    if (rc == 0)
        rc = start_all(workers, config, roles, reterr);
    if (rc == 0)
        sd_notify(0, "READY=1");
    else
        stop_flag = 2;
    log_line(LOG_INFO, "worker.started", "build=%s instance=%s roles=%d", version_build(), config->triage.instance,
             roles);
    if (wait_all(workers, config->triage.drain_timeout_ms, rc == 0 ? reterr : &(struct err){0}) < 0)
        rc = -1;
    http_close(http);
    free_all(workers);
    return rc;
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
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &(struct sigaction){.sa_handler = on_hangup}, NULL);
    signal(SIGPIPE, SIG_IGN);
    rc = run(config, roles, &err) < 0 ? cmd_fail("run", &err) : 0;
    log_line(rc ? LOG_ERROR : LOG_INFO, "worker.ended", "exit=%d text=\"%s\"", rc, rc ? err.text : "drained");
    config_free(config);
    return rc;
}
