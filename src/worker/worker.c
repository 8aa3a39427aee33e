#include "worker/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
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
#include "lane/lane.h"
#include "metrics/http.h"
#include "metrics/metrics.h"
#include "snapshot/snapshot.h"
#include "snapshot/versions.h"

enum { TICK_MS = 200, PARTS_MAX = 16 };

#define STUCK_GRACE_US 15000000LL /* above every deadline of a call that keeps its deadline */

static _Atomic int stop_flag; /* 0 run, 1 drain, 2 at once */
static _Atomic bool reload_flag;

struct part;

struct thread {
    pthread_t id;
    bool started;
    const struct part *part;
    struct worker *worker;
    struct lane *lane; /* of a lane's thread */
    _Atomic bool ended;
    int rc;
    struct err err;
};

struct worker {
    const struct config *config;
    /* What the parts decide by; NULL where no role needs it. */
    struct controls *controls;
    struct snapshots *snapshots;
    bool earned; /* some class has to earn its autonomy */
    struct thread threads[METRIC_LANES_MAX + PARTS_MAX];
    int n;
};

/* ---- parts ---- */

static int lanes(const struct worker *self)
{
    return self->config->triage.lanes;
}

static int if_articles_come(const struct worker *self)
{
    return *self->config->kafka.topic_knowledge != '\0';
}

static int if_articles(const struct worker *self)
{
    const struct config *config = self->config;

    return *config->kafka.topic_knowledge || *config->triage.knowledge_dir || *config->triage.profiles_file;
}

static int if_promised(const struct worker *self)
{
    return *self->config->triage.promise_file || *self->config->triage.profiles_file;
}

static int if_referred(const struct worker *self)
{
    return self->config->triage.drift_reference > 0;
}

static int if_earned(const struct worker *self)
{
    return self->earned;
}

static int open_lane(struct thread *self, int number, struct err *reterr)
{
    return lane_new(self->worker->snapshots, number, &self->lane, reterr);
}

static int run_lane(struct thread *self)
{
    return lane_run(self->lane, &stop_flag, &self->err);
}

static int run_control(struct thread *self)
{
    return control_run(self->worker->config, self->worker->controls, &stop_flag, &self->err);
}

static int run_feeder(struct thread *self)
{
    return feeder_run(self->worker->config, &stop_flag, &self->err);
}

static int run_relay(struct thread *self)
{
    return relay_run(self->worker->config, self->worker->controls, &stop_flag, &self->err);
}

/* In the order in which they start. One that rests on snapshots has run_with, the others run. */
static const struct part {
    const char *name;
    int roles;
    enum health health;
    int (*run)(struct thread *self);
    int (*run_with)(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop,
                    struct err *reterr);
    int (*count)(const struct worker *self); /* how many of it; NULL: one */
    int (*open)(struct thread *self, int number, struct err *reterr);
} parts[] = {
    {"control", ROLE_TRIAGE | ROLE_RELAY, HEALTH_CONTROL, run_control, NULL, NULL, NULL},
    {"lane", ROLE_TRIAGE, HEALTH_LANES, run_lane, NULL, lanes, open_lane},
    {"feeder", ROLE_FEEDER, HEALTH_FEEDER, run_feeder, NULL, NULL, NULL},
    {"relay", ROLE_RELAY, HEALTH_RELAY, run_relay, NULL, NULL, NULL},
    {"knowledge", ROLE_TRIAGE | ROLE_WATCH, HEALTH_KNOWLEDGE, NULL, knowledge_run, if_articles_come, NULL},
    {"watch", ROLE_WATCH, HEALTH_WATCH, NULL, watch_run, if_promised, NULL},
    {"drift", ROLE_WATCH, HEALTH_DRIFT, NULL, drift_run, if_referred, NULL},
    {"autonomy", ROLE_WATCH, HEALTH_AUTONOMY, NULL, autonomy_run, if_earned, NULL},
    {"budget", ROLE_WATCH, HEALTH_BUDGET, NULL, budget_run, NULL, NULL},
    {"recall", ROLE_WATCH, HEALTH_RECALL, NULL, recall_run, if_articles, NULL},
};

_Static_assert(ARRAY_LEN(parts) <= PARTS_MAX, "a thread for each");

/* ---- starting ---- */

static void *work(void *opaque)
{
    struct thread *self = opaque;
    const struct worker *worker = self->worker;

    self->rc = self->part->run ? self->part->run(self)
                               : self->part->run_with(worker->config, worker->snapshots, &stop_flag, &self->err);
    self->ended = true;
    return NULL;
}

static int start(struct thread *self, struct err *reterr)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&self->id, NULL, work, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    self->started = rc == 0;
    return rc ? err_set(reterr, ERR_FATAL, EX_OSERR, "a thread can't be started: %s", strerror(rc)) : 0;
}

static int start_part(struct worker *self, const struct part *part, struct err *reterr)
{
    int n = part->count ? part->count(self) : 1;

    if (n == 0)
        return 0;
    health_declare(part->health, n);
    for (int i = 0; i < n; i++) {
        struct thread *thread = &self->threads[self->n++];
        thread->part = part;
        thread->worker = self;
        if ((part->open && part->open(thread, i, reterr) < 0) || start(thread, reterr) < 0)
            return -1;
    }
    return 0;
}

static int start_all(struct worker *self, int roles, struct err *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if ((roles & parts[i].roles) && start_part(self, &parts[i], reterr) < 0)
            return -1;
    }
    return 0;
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

static void reload(struct worker *self)
{
    struct err err = {0};
    struct snapshot *now;

    reload_flag = false;
    if (!self->snapshots)
        return;
    if (snapshots_reload(self->snapshots, &err) < 0) {
        metrics_add(METRIC_RELOADS, "refused", 1);
        log_line(LOG_ERROR, "reload.refused", "text=\"%s\"", err.text);
        return;
    }
    metrics_add(METRIC_RELOADS, "done", 1);
    keep_versions(self->snapshots);
    now = snapshots_ref(self->snapshots);
    for (size_t i = 0; i < now->n_profiles; i++) {
        const struct snapshot_profile *profile = &now->profiles[i];
        log_line(LOG_INFO, "reload.done", "profile=%s policy=%.12s classifier=%.12s promise=%.12s knowledge=%.12s",
                 profile->name, policy_hash(profile->policy), classifier_hash(profile->classifier), profile->promise_id,
                 profile->knowledge_hash);
    }
    snapshot_unref(now);
}

/* ---- waiting and stopping ---- */

static bool any_ended(const struct worker *self)
{
    for (int i = 0; i < self->n; i++) {
        if (self->threads[i].ended)
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

static const char *still_running(const struct worker *self)
{
    for (int i = 0; i < self->n; i++) {
        if (self->threads[i].started && !self->threads[i].ended)
            return self->threads[i].part->name;
    }
    return NULL;
}

/* librdkafka's rd_kafka_send_offsets_to_transaction keeps no deadline while the coordinator is away (its issue 5456),
 * and no thread can be ended from outside. Nothing is lost by ending here: that is what a crash does. */
static void wait_for_threads(const struct worker *self)
{
    int64_t now = clock_mono_us();
    int64_t patient_by = now + self->config->triage.drain_timeout_ms * 1000LL + STUCK_GRACE_US, at_once_by = 0;
    const char *stuck;

    while ((stuck = still_running(self))) {
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

/* The first error is the worker's. */
static int join_all(struct worker *self, struct err *reterr)
{
    int rc = 0;

    for (int i = 0; i < self->n; i++) {
        struct thread *thread = &self->threads[i];
        if (thread->started)
            pthread_join(thread->id, NULL);
        if (thread->rc < 0 && rc == 0) {
            rc = -1;
            *reterr = thread->err;
        }
        lane_free(thread->lane);
    }
    return rc;
}

/* Waits for a signal or a thread that ended; then all stop. */
static int wait_all(struct worker *self, struct err *reterr)
{
    while (!stop_flag && !any_ended(self)) {
        if (reload_flag)
            reload(self);
        tick();
    }
    if (!stop_flag)
        stop_flag = 1;
    sd_notify(0, "STOPPING=1");
    log_line(LOG_INFO, "worker.stops", "level=%d", stop_flag);
    wait_for_threads(self);
    return join_all(self, reterr);
}

/* ---- all of it ---- */

static void on_stop(UNUSED int number)
{
    if (stop_flag < 2)
        stop_flag++;
}

static void on_hangup(UNUSED int number)
{
    reload_flag = true;
}

static void handle_signals(void)
{
    const struct sigaction stop = {.sa_handler = on_stop}, hangup = {.sa_handler = on_hangup};

    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &hangup, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int load(struct worker *self, int roles, struct err *reterr)
{
    char *names[PROFILES_MAX] = {0};
    size_t n = 0;

    if (!(roles & (ROLE_TRIAGE | ROLE_WATCH))) {
        self->controls = roles & ROLE_RELAY ? controls_new_any() : NULL;
        return 0;
    }
    if (snapshot_profile_names(self->config, names, &n, reterr) < 0)
        return -1;
    self->controls = controls_new((const char *const *)names, n);
    for (size_t i = 0; i < n; i++)
        mem_free(names[i]);
    if (snapshots_new(self->config, self->controls, &self->snapshots, reterr) < 0)
        return -1;
    self->earned = autonomy_is_earned(self->snapshots);
    keep_versions(self->snapshots);
    return 0;
}

int worker_run(const struct config *config, int roles, struct err *reterr)
{
    struct worker *self = mem_alloc(sizeof *self);
    struct http *http = NULL;
    struct err later = {0};
    int rc;

    self->config = config;
    handle_signals();
    rc = load(self, roles, reterr);
    if (rc == 0 && *config->http.listen)
        rc = http_open(config->http.listen, &http, reterr);
    if (rc == 0)
        rc = start_all(self, roles, reterr);
    if (rc == 0)
        sd_notify(0, "READY=1");
    else
        stop_flag = 2;
    log_line(LOG_INFO, "worker.started", "build=%s instance=%s roles=%d", version_build(), config->triage.instance,
             roles);
    if (wait_all(self, rc == 0 ? reterr : &later) < 0)
        rc = -1;
    http_close(http);
    snapshots_free(self->snapshots);
    controls_free(self->controls);
    mem_free(self);
    return rc;
}
