/* Steps down that nobody has to ask for: people override too often, a quality review is overdue, an approved answer
 * went stale. Only where the policy says that autonomy is earned. Holds no state: the history in Postgres says what was
 * done. Broken promises and drift step down where they are found (triage.raise_alarm, triage.drift_demotes). */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "bridge/evidence.h"
#include "metrics/metrics.h"

enum {
    LOOK_LEAST_US = 1000000,
    LOOK_REST = 20, /* times as long as it took: it counts answers */
};

struct autonomy {
    const struct config *config;
    struct snapshots *snapshots;
    struct queue *queue;
};

static int step_down(struct autonomy *self, const struct snapshot_profile *now, const struct policy_class *class,
                     const char *reason, const struct ladder_evidence *evidence, const struct queue_evidence *found,
                     struct err *reterr)
{
    CLEANUP(mem_freep) char *json = evidence_json(evidence, found, now->promise_id);
    char text[CONTROL_TEXT_MAX];
    const struct queue_step step = {.class = evidence_class(now, class->label),
                                    .to = "",
                                    .reason = reason,
                                    .text = text,
                                    .by = "watch",
                                    .owner = policy_owner(now->policy),
                                    .promise = now->promise_id,
                                    .evidence = json,
                                    .incident = ""};
    bool done = false;

    snprintf(text, sizeof text, "%ld of the last %ld overridden, %ld labels, quality reviewed %.3g days ago%s%s%s%s",
             evidence->overrides, evidence->looked, evidence->labels, evidence->reviewed_days,
             evidence->stale_macro ? ", the answer " : "", evidence->stale_macro ? evidence->stale_macro : "",
             evidence->stale_macro ? " " : "", evidence->stale_macro ? evidence->stale_why : "");
    if (queue_demote(self->queue, &step, &done, reterr) < 0)
        return -1;
    if (done)
        log_line(LOG_ERROR, "autonomy.demoted", "profile=%s class=%s from=%s reason=%s owner=\"%s\" text=\"%s\"",
                 step.class.profile, class->label, found->level, reason, step.owner, text);
    return 0;
}

static int look(struct autonomy *self, const struct snapshot_profile *now, struct err *reterr)
{
    const struct policy_autonomy *bounds = policy_autonomy(now->policy);

    if (bounds->begins == MODE_AUTO)
        return 0;
    for (size_t i = 0; i < policy_class_count(now->policy); i++) {
        const struct policy_class *class = policy_class_at(now->policy, i);
        struct ladder_evidence evidence;
        struct queue_evidence found;
        const char *reason;
        const struct evidence_source source = {self->queue, now, NULL};
        if (evidence_of(&source, class, &evidence, &found, reterr) < 0)
            return -1;
        reason = ladder_falls(&evidence, bounds);
        if (reason && step_down(self, now, class, reason, &evidence, &found, reterr) < 0)
            return -1;
    }
    return 0;
}

static int turn(struct autonomy *self, struct err *reterr)
{
    struct snapshot *now;
    int rc = 0;

    if (!self->queue && queue_open(&self->config->postgres, "triaged-autonomy", &self->queue, reterr) < 0)
        return -1;
    now = snapshots_ref(self->snapshots);
    for (size_t i = 0; i < now->n_profiles && rc == 0; i++)
        rc = look(self, &now->profiles[i], reterr);
    snapshot_unref(now);
    if (rc == 0)
        health_set(HEALTH_AUTONOMY, 0, "");
    return rc;
}

bool autonomy_is_earned(struct snapshots *snapshots)
{
    struct snapshot *now = snapshots_ref(snapshots);
    bool earned = false;

    for (size_t i = 0; i < now->n_profiles; i++)
        earned |= policy_autonomy(now->profiles[i].policy)->begins != MODE_AUTO;
    snapshot_unref(now);
    return earned;
}

int autonomy_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr)
{
    struct autonomy self = {.config = config, .snapshots = snapshots};
    int rc = 0;

    while (!*stop && rc == 0) {
        int64_t began = clock_mono_us(), rest;
        struct err err = {0};
        health_beat(HEALTH_AUTONOMY, 0, began);
        if (turn(&self, &err) < 0) {
            queue_close(self.queue);
            self.queue = NULL;
            health_set(HEALTH_AUTONOMY, 0, "the evidence of the classes can't be read");
            log_line(LOG_WARN, "autonomy.waits", "text=\"%s\"", err.text);
            if (err.class != ERR_TRANSIENT) {
                *reterr = err;
                rc = err_context(reterr, "autonomy");
            }
        }
        rest = (clock_mono_us() - began) * LOOK_REST;
        bridge_wait(stop, rest > LOOK_LEAST_US ? rest : LOOK_LEAST_US);
    }
    queue_close(self.queue);
    return rc;
}
