/* The file to read first. A lane is one thread with one event loop: it waits on Kafka's queues and the model's sockets,
 * feeds what happened to the pure state machine (flow), and carries out what that commands. Decisions are made in
 * decide_step.c, transactions in transaction.c, partitions come and go in rebalance.c. */
#include "lane/lane.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

enum {
    EVENTS_MAX = 64,
    RECORDS_PER_TURN = 256,   /* records fed before sockets are looked at again */
    WAIT_LONGEST_US = 200000, /* the main queue is polled, and triage.control looked at, at least so often */
    REOPEN_WAIT_US = 1000000,
    FIGURES_EVERY_US = 250000,
    CONTROLS_WAIT_US = 10000,
};

/* ---- opening and closing ---- */

static int watch_wake(struct lane *self, struct err *reterr)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)LANE_TAG_WAKE << 32};

    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->epoll_fd < 0 || self->wake_fd < 0 || epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd, &event) < 0)
        return err_set(reterr, ERR_FATAL, EX_OSERR, "the event loop can't be made: %s", strerror(errno));
    return 0;
}

/* With several profiles nobody waits for a place that another fills up, unless the configuration wants that. */
static bool overflows(const struct snapshot *snapshot)
{
    const char *word = snapshot->config->triage.model_full;

    return *word ? strcmp(word, "skip") == 0 : snapshot->n_profiles > 1;
}

static struct flow *make_flow(const struct snapshot *snapshot)
{
    const struct config *config = snapshot->config;
    struct flow_settings settings = {
        .in_flight = (size_t)config->triage.in_flight,
        .in_flight_bytes = config->triage.in_flight_bytes,
        .model_slots = (size_t)config->model.slots,
        .dedup_memory = (size_t)config->triage.dedup_memory,
        .commit_batch = (size_t)config->triage.commit_batch,
        .commit_interval_us = config->triage.commit_interval_ms * 1000LL,
        .model_deadline_us = config->model.deadline_ms * 1000LL,
        .stall_us = config->model.stall_ms * 1000LL,
        .n_shares = snapshot->n_profiles,
        .overflow = overflows(snapshot),
    };

    for (size_t i = 0; i < snapshot->n_profiles; i++)
        settings.weights[i] = (uint32_t)snapshot->profiles[i].row->weight;
    return flow_new(&settings);
}

static void count_try(UNUSED void *opaque, const struct model_try *ended)
{
    metrics_series_add(METRIC_ENDPOINT_TRIES, ended->endpoint, ended->ok ? "answered" : "failed", 1);
    metrics_series_observe(METRIC_ENDPOINT_SECONDS, ended->endpoint, ended->took_us);
}

static int open_model(struct lane *self, struct err *reterr)
{
    const struct config_model *model = &self->config->model;
    struct model_settings settings = model_settings_of(model, (uint64_t)clock_mono_us());

    if (!model->url || !*model->url)
        return 0;
    settings.on_try = count_try;
    return model_open(&settings, self->epoll_fd, LANE_TAG_MODEL, &self->model, reterr);
}

/* The budget of a profile goes on through a reload that leaves it as it is. */
static void set_budget(struct draft_budget *budget, int per_hour)
{
    if (budget->filled_us && budget->bounded == (per_hour >= 0) && budget->most == per_hour)
        return;
    *budget = (struct draft_budget){.bounded = per_hour >= 0,
                                    .tokens = per_hour,
                                    .most = per_hour,
                                    .per_us = per_hour / 3600e6,
                                    .filled_us = clock_mono_us()};
}

static void take_rows(struct lane *self)
{
    const struct snapshot *snapshot = self->view->snapshot;

    for (size_t i = 0; i < snapshot->n_profiles; i++) {
        const struct profile *row = snapshot->profiles[i].row;
        set_budget(&self->budgets[i], row->draft_budget);
        if (self->flow)
            flow_set_weight(self->flow, (unsigned)i, (uint32_t)row->weight);
    }
}

/* Takes the snapshot in force for what is admitted from now on. */
static int take_view(struct lane *self, struct err *reterr)
{
    struct view *view;

    if (view_new(self->snapshots, self->view, &self->version, &view, reterr) < 0)
        return -1;
    view_unref(self->view);
    self->view = view;
    take_rows(self);
    if (self->number == 0 && *view->snapshot->lacks.text)
        log_line(LOG_WARN, "knowledge.vectors", "text=\"%s\"", view->snapshot->lacks.text);
    for (size_t i = 0; i < view->snapshot->n_profiles; i++) {
        if (*decider_lacks(view->profiles[i].decider))
            log_line(LOG_WARN, "encoder.absent", "lane=%d profile=%s text=\"%s\"", self->number,
                     view->snapshot->profiles[i].name, decider_lacks(view->profiles[i].decider));
    }
    return 0;
}

/* After a reload. What can't be taken is said once, and the old one stays in use. */
static void refresh_view(struct lane *self)
{
    struct err err = {0};

    if (snapshots_version(self->snapshots) != self->version && take_view(self, &err) < 0)
        log_line(LOG_ERROR, "reload.refused", "lane=%d text=\"%s\"", self->number, err.text);
}

int lane_new(struct snapshots *snapshots, int number, struct lane **ret_lane, struct err *reterr)
{
    struct lane *self = mem_alloc(sizeof *self);

    self->snapshots = snapshots;
    self->epoll_fd = self->wake_fd = -1;
    self->number = number;
    if (take_view(self, reterr) < 0) {
        lane_free(self);
        return -1;
    }
    self->config = self->view->snapshot->config;
    self->model_ok = self->connected = true;
    snprintf(self->name, sizeof self->name, "%s-%s-%d", self->config->kafka.group, self->config->triage.instance,
             number);
    randombytes_buf(self->key_secret, sizeof self->key_secret);
    self->flow = make_flow(self->view->snapshot);
    if (watch_wake(self, reterr) < 0 || open_model(self, reterr) < 0) {
        lane_free(self);
        return -1;
    }
    *ret_lane = self;
    return 0;
}

void lane_free(struct lane *self)
{
    if (!self)
        return;
    model_close(self->model);
    producer_close(self->producer);
    consumer_close(self->consumer);
    while (self->works) {
        struct work *work = self->works;
        self->works = work->next;
        work_free(work);
    }
    flow_free(self->flow);
    view_unref(self->view);
    mem_free(self->partitions);
    if (self->wake_fd >= 0)
        close(self->wake_fd);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
    mem_free(self);
}

/* ---- reading ---- */

static void feed_record(struct lane *self, struct lane_partition *partition, const struct consumer_record *in)
{
    bool skips = flow_skips(self->flow, partition->partition, in->offset);
    bool opaque = flow_suspect(self->flow, partition->partition, in->offset);
    struct flow_event event = {.kind = FLOW_EV_RECORD, .partition = partition->partition};
    struct work *work = work_new(in, partition->partition, opaque, self->key_secret, self->view, &event.record);

    metrics_add(METRIC_RECORDS, skips ? "remembered" : "admitted", 1);
    if (skips)
        event.record.tag = 0;
    else
        lane_keep_work(self, work);
    lane_feed(self, event);
    if (skips)
        work_free(work);
    lane_obey(self);
}

static void break_partition(struct lane *self, struct lane_partition *partition, const struct err *err)
{
    partition->broken = "a partition can't be read at its position";
    lane_tell_health(self);
    log_line(LOG_ERROR, "partition.broken",
             "lane=%d partition=%d reason=\"%s\" do=\"see 'triaged positions set --help' to skip on record\"",
             self->number, partition->partition, err->text);
}

/* Reads one record of the partition; false when there is none or it must wait. */
static bool read_one(struct lane *self, struct lane_partition *partition)
{
    struct consumer_record in;
    struct err err = {0};
    bool broken;

    if (partition->broken)
        return false;
    if (!consumer_peek(self->consumer, partition->partition, &in, &broken, &err)) {
        if (broken)
            break_partition(self, partition, &err);
        return false;
    }
    if (in.end) {
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_END, .partition = partition->partition, .base = in.offset});
        lane_obey(self);
    } else {
        if (!flow_admits(self->flow, partition->partition, in.offset))
            return false;
        feed_record(self, partition, &in);
        partition->next = in.offset + 1;
    }
    consumer_pop(self->consumer, partition->partition);
    return true;
}

/* Partitions in turn, so that a full one never holds the others back. True when more may be there. */
static bool read_records(struct lane *self)
{
    int fed = 0;
    bool any = true;

    while (any && fed < RECORDS_PER_TURN && self->n_partitions) {
        any = false;
        for (size_t i = 0; i < self->n_partitions && self->n_partitions; i++) {
            struct lane_partition *partition = &self->partitions[(self->turn + i) % self->n_partitions];
            if (read_one(self, partition)) {
                any = true;
                fed++;
            }
        }
        self->turn++;
    }
    return any;
}

/* ---- the loop ---- */

static void wait_for_events(struct lane *self, int64_t until_us)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t now = clock_mono_us();
    int64_t wait_us = until_us - now;
    int n;

    if (wait_us > WAIT_LONGEST_US)
        wait_us = WAIT_LONGEST_US;
    if (wait_us < 0)
        wait_us = 0;
    n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, (int)((wait_us + 999) / 1000));
    now = clock_mono_us();
    for (int i = 0; i < n; i++) {
        uint32_t tag = (uint32_t)(events[i].data.u64 >> 32);
        uint64_t count;
        if (tag == LANE_TAG_MODEL)
            model_on_socket(self->model, (int)(events[i].data.u64 & 0xffffffffu), events[i].events, now);
        else if (read(self->wake_fd, &count, sizeof count) < 0)
            continue;
    }
}

static int64_t serve_model(struct lane *self)
{
    int64_t now = clock_mono_us();
    int64_t wake;
    bool ok;

    if (!self->model)
        return INT64_MAX;
    wake = model_tick(self->model, now);
    while (step_model_answer(self))
        lane_obey(self);
    ok = !model_breaker_open(self->model, now);
    if (ok != self->model_ok) {
        self->model_ok = ok;
        log_line(ok ? LOG_INFO : LOG_WARN, "model.breaker", "lane=%d state=%s", self->number, ok ? "closed" : "open");
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_MODEL_STATE, .flag = ok});
        lane_obey(self);
    }
    if (!ok && now + FIGURES_EVERY_US < wake)
        wake = now + FIGURES_EVERY_US;
    return wake;
}

static void write_endpoints(struct lane *self)
{
    const char *url;
    bool open;

    for (size_t i = 0; self->model && (url = model_endpoint_at(self->model, i, clock_mono_us(), &open)); i++) {
        metrics_series_add(METRIC_ENDPOINT_OPEN, url, NULL, (int)open - (int)self->endpoint_open[i]);
        self->endpoint_open[i] = open;
    }
}

/* With several profiles the same class may stand in two: then PROFILE/CLASS. */
static void write_modes(const struct lane *self)
{
    const struct snapshot *snapshot = self->view->snapshot;

    for (size_t p = 0; p < snapshot->n_profiles; p++) {
        const struct snapshot_profile *profile = &snapshot->profiles[p];
        for (size_t i = 0; i < policy_class_count(profile->policy); i++) {
            const struct policy_class *class = policy_class_at(profile->policy, i);
            char name[METRIC_VALUE_MAX];
            snprintf(name, sizeof name, "%.60s/%.60s", profile->name, class->label);
            metrics_series_set(METRIC_CLASS_MODE, snapshot->n_profiles > 1 ? name : class->label, NULL,
                               controls_mode(snapshot->controls, profile->name, class,
                                             policy_autonomy(profile->policy)->begins));
        }
    }
}

/* Gauges of several lanes add up: each tells what has changed. */
static void write_profiles(struct lane *self, const struct flow_figures *figures)
{
    const struct snapshot *snapshot = self->view->snapshot;

    for (size_t p = 0; p < snapshot->n_profiles; p++) {
        const char *name = snapshot->profiles[p].name;
        metrics_series_add(METRIC_PROFILE_WAITING, name, NULL,
                           (int64_t)figures->waiting_of[p] - self->told_waiting[p]);
        metrics_series_add(METRIC_PROFILE_CALLING, name, NULL,
                           (int64_t)figures->calling_of[p] - self->told_calling[p]);
        self->told_waiting[p] = (int64_t)figures->waiting_of[p];
        self->told_calling[p] = (int64_t)figures->calling_of[p];
    }
}

static void write_figures(struct lane *self)
{
    struct flow_figures figures;
    int64_t lag = 0;

    flow_figures(self->flow, &figures);
    for (size_t i = 0; self->consumer && i < self->n_partitions; i++)
        lag += consumer_lag(self->consumer, self->partitions[i].partition, self->partitions[i].next);
    metrics_set(METRIC_IN_FLIGHT, self->number, (int64_t)figures.in_flight);
    metrics_set(METRIC_IN_FLIGHT_BYTES, self->number, figures.in_flight_bytes);
    metrics_set(METRIC_WAITING_FOR_MODEL, self->number, (int64_t)figures.waiting_for_model);
    metrics_set(METRIC_READY, self->number, (int64_t)figures.ready);
    metrics_set(METRIC_PARKED, self->number, (int64_t)figures.parked);
    metrics_set(METRIC_WINDOW_RUNS, self->number, (int64_t)figures.window_runs_max);
    metrics_set(METRIC_PARTITIONS, self->number, (int64_t)figures.partitions);
    metrics_set(METRIC_LAG, self->number, lag + (int64_t)figures.in_flight);
    metrics_set(METRIC_BREAKER_OPEN, self->number, self->model && !self->model_ok);
    write_endpoints(self);
    write_profiles(self, &figures);
    if (self->number == 0)
        write_modes(self);
    health_beat(HEALTH_LANES, self->number, clock_mono_us());
}

static void watch_connection(struct lane *self)
{
    bool connected = !self->consumer || consumer_connected(self->consumer);

    if (connected == self->connected)
        return;
    self->connected = connected;
    lane_tell_health(self);
}

/* One turn; *ret_more says not to wait before the next. */
static int turn(struct lane *self, bool *ret_more, int64_t *ret_wake_us, struct err *reterr)
{
    int64_t wake = serve_model(self);

    self->made_room = false;
    step_take_controls(self);
    if (rebalance_serve(self, reterr) < 0)
        return -1;
    *ret_more = read_records(self);
    producer_poll(self->producer);
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_TICK, .flag = *ret_more});
    lane_obey(self);
    if (flow_wake_us(self->flow) < wake)
        wake = flow_wake_us(self->flow);
    if (self->retry_assign_us && self->retry_assign_us < wake)
        wake = self->retry_assign_us;
    *ret_more |= self->made_room; /* a queue that was left alone wakes nobody: look at once */
    *ret_wake_us = wake;
    if (self->fatal.class) {
        *reterr = self->fatal;
        return -1;
    }
    return 0;
}

static void begin_stop(struct lane *self, int level)
{
    if (!self->stop_by_us) {
        self->stop_by_us = clock_mono_us() + self->config->triage.drain_timeout_ms * 1000LL;
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_STOP});
    }
    if (level > 1 || clock_mono_us() > self->stop_by_us)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_STOP_NOW});
    lane_obey(self);
}

/* Nothing is decided before it is known what may be, and by which articles. */
static bool may_decide(struct lane *self)
{
    refresh_view(self);
    return controls_ready(self->view->snapshot->controls) &&
           (!*self->config->kafka.topic_knowledge || self->view->snapshot->profiles[0].knowledge);
}

/* Connects, or connects again after a fence; waits between tries without being busy. */
static int ensure_open(struct lane *self, struct err *reterr)
{
    if (self->fenced) {
        int rc = txn_close_fenced(self, reterr);
        lane_obey(self);
        if (rc < 0)
            return -1;
    }
    if (self->consumer && self->producer)
        return 0;
    if (clock_mono_us() < self->reopen_at_us) {
        wait_for_events(self, self->reopen_at_us);
        return 0;
    }
    if (!may_decide(self)) {
        self->reopen_at_us = clock_mono_us() + CONTROLS_WAIT_US;
        return 0;
    }
    if (txn_open(self, reterr) == 0)
        return 0;
    if (reterr->class != ERR_TRANSIENT)
        return -1;
    health_set(HEALTH_LANES, self->number, LANE_UNREACHABLE);
    log_line(LOG_WARN, "kafka.unreachable", "lane=%d text=\"%s\"", self->number, reterr->text);
    self->reopen_at_us = clock_mono_us() + REOPEN_WAIT_US;
    return 0;
}

int lane_run(struct lane *self, const _Atomic int *stop, struct err *reterr)
{
    int64_t figures_at = 0, wake = 0;
    bool more = false;

    while (!self->drained) {
        int level = *stop;
        if (ensure_open(self, reterr) < 0)
            return -1;
        if (!self->consumer || !self->producer) {
            if (level)
                return 0;
            continue;
        }
        if (level)
            begin_stop(self, level);
        refresh_view(self);
        if (turn(self, &more, &wake, reterr) < 0)
            return -1;
        if (clock_mono_us() >= figures_at) {
            watch_connection(self);
            write_figures(self);
            figures_at = clock_mono_us() + FIGURES_EVERY_US;
        }
        if (!self->drained && !self->fenced)
            wait_for_events(self, more ? 0 : wake);
    }
    return 0;
}
