/* The watch over the promise: verdicts from Postgres, the judgement of decide/watch.c, and on an alarm caps on their
 * way to triage.control by way of the outbox, so that they are published once. Holds no state: whoever runs it finds
 * the same. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "decide/watch.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum { LOOK_EVERY_US = 5000000 };

struct watch {
    const struct config *config;
    struct snapshots *snapshots;
    struct snapshot *now;                   /* in force during this turn */
    const struct snapshot_profile *profile; /* of it, that is looked at */
    struct queue *queue;
    struct watch_verdict *verdicts;
    size_t n, cap;
};

static void take(void *opaque, int64_t number, const char *label, bool wrong)
{
    struct watch *self = opaque;
    struct watch_verdict *one;

    if (self->n == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 256;
        self->verdicts = mem_grow(self->verdicts, self->cap, sizeof *self->verdicts);
    }
    one = &self->verdicts[self->n++];
    *one = (struct watch_verdict){.number = number, .wrong = wrong};
    snprintf(one->label, sizeof one->label, "%s", label);
}

static char *caps_of(const struct watch *self, const struct watch_finding *finding)
{
    CLEANUP(json_done) cJSON *array = cJSON_CreateArray();
    char text[CONTROL_TEXT_MAX];

    snprintf(text, sizeof text, "Audits contradict the promise: %zu of %zu were wrong in all, and most of late.",
             finding->errors, finding->n);
    for (size_t i = 0; i < finding->n_culprits; i++) {
        struct control_record cap = {.type = CONTROL_CAP,
                                     .profile = self->profile->name,
                                     .label = finding->culprits[i],
                                     .reason = "promise_broken",
                                     .text = text,
                                     .by = "watch",
                                     .promise = self->profile->promise_id,
                                     .mode = MODE_SUGGEST,
                                     .now_wall_us = clock_wall_us()};
        struct message message;
        cJSON *one = cJSON_CreateObject();
        control_encode(&cap, &message);
        cJSON_AddStringToObject(one, "key", message.key);
        cJSON_AddStringToObject(one, "owner", policy_owner(self->profile->policy));
        cJSON_AddItemToObject(one, "value", cJSON_Parse(message.value));
        cJSON_AddItemToArray(array, one);
        message_free(&message);
    }
    return json_text(array);
}

static int alarm_raised(struct watch *self, const char *scope, const struct watch_finding *finding, struct err *reterr)
{
    CLEANUP(mem_freep) char *caps = caps_of(self, finding);
    const struct queue_alarm alarm = {.profile = self->profile->name,
                                      .promise = self->profile->promise_id,
                                      .scope = scope,
                                      .at_verdict = finding->at,
                                      .caps = caps};
    bool new;

    if (queue_raise_alarm(self->queue, &alarm, &new, reterr) < 0)
        return -1;
    if (new)
        log_line(LOG_ERROR, "promise.broken",
                 "profile=%s promise=%.12s scope=\"%s\" verdict=%lld errors=%zu of=%zu worst=%s", self->profile->name,
                 self->profile->promise_id, scope, (long long)finding->at, finding->errors, finding->n,
                 finding->culprits[0]);
    return 0;
}

static void tell_evidence(const struct watch *self, const char *label, double evidence)
{
    char scope[METRIC_VALUE_MAX];

    snprintf(scope, sizeof scope, "%.60s/%.60s", self->profile->name, label);
    metrics_series_set(METRIC_PROMISE_EVIDENCE, self->now->n_profiles > 1 ? scope : label, NULL, evidence);
}

/* One detector; label NULL: over all classes. */
static int judge(struct watch *self, const char *label, double alpha, bool *broken, struct err *reterr)
{
    struct watch_finding finding;

    watch_judge(self->verdicts, self->n, label, self->profile->promise.max_error, alpha, &finding);
    tell_evidence(self, label ? label : "", finding.evidence * alpha);
    if (!finding.alarm)
        return 0;
    *broken = true;
    return alarm_raised(self, label ? label : "", &finding, reterr);
}

/* At the level that was certified: one detector, or one for each certified class with an equal part of alpha. */
static int judge_all(struct watch *self, bool *broken, struct err *reterr)
{
    const struct promise *promise = &self->profile->promise;
    double alpha = 1.0 / self->config->triage.audit_false_alarm;
    size_t certified = 0;

    if (promise->per != PROMISE_PER_CLASS)
        return judge(self, NULL, alpha, broken, reterr);
    for (size_t i = 0; i < promise->n_parts; i++)
        certified += promise->parts[i].certified;
    for (size_t i = 0; i < promise->n_parts; i++) {
        if (promise->parts[i].certified &&
            judge(self, promise->parts[i].name, alpha / (double)certified, broken, reterr) < 0)
            return -1;
    }
    return 0;
}

/* index: the gauges of a profile stand apart, and are summed. */
static int look_at(struct watch *self, int index, struct err *reterr)
{
    size_t errors = 0;
    bool broken = false;

    self->n = 0;
    if (queue_promise_in_force(self->queue, self->profile->name, self->profile->promise_id, reterr) < 0 ||
        queue_each_verdict(self->queue, self->profile->name, self->profile->promise_id, take, self, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->n; i++)
        errors += self->verdicts[i].wrong;
    if (judge_all(self, &broken, reterr) < 0)
        return -1;
    metrics_set(METRIC_AUDITS, index, (int64_t)self->n);
    metrics_set(METRIC_AUDIT_ERRORS, index, (int64_t)errors);
    metrics_set(METRIC_PROMISE_BROKEN, index, broken);
    return 0;
}

static int look(struct watch *self, struct err *reterr)
{
    metrics_series_forget(METRIC_PROMISE_EVIDENCE);
    for (size_t i = 0; i < self->now->n_profiles; i++) {
        self->profile = &self->now->profiles[i];
        if (*self->profile->promise_id && look_at(self, (int)i, reterr) < 0)
            return -1;
    }
    return 0;
}

static int turn(struct watch *self, struct err *reterr)
{
    int rc;

    if (!self->queue && queue_open(&self->config->postgres, "triaged-watch", &self->queue, reterr) < 0)
        return -1;
    self->now = snapshots_ref(self->snapshots);
    rc = look(self, reterr);
    snapshot_unref(self->now);
    if (rc < 0)
        return -1;
    health_set(HEALTH_WATCH, 0, "");
    return 0;
}

int watch_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr)
{
    struct watch self = {.config = config, .snapshots = snapshots};
    int rc = 0;

    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(HEALTH_WATCH, 0, clock_mono_us());
        if (turn(&self, &err) < 0) {
            queue_close(self.queue);
            self.queue = NULL;
            health_set(HEALTH_WATCH, 0, "the watch can't read the audits");
            log_line(LOG_WARN, "watch.waits", "text=\"%s\"", err.text);
            if (err.class != ERR_TRANSIENT) {
                *reterr = err;
                rc = err_context(reterr, "watch");
            }
        }
        bridge_wait(stop, LOOK_EVERY_US);
    }
    queue_close(self.queue);
    mem_free(self.verdicts);
    return rc;
}
