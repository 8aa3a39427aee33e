/* The budget: the staffing of the policies in force goes to the queue, which plans with it (036_budget.sql); groups
 * that cannot do their reviews in time are said in the log. Holds no state but what it last told. */
#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum { LOOK_EVERY_US = 5000000, SAY_EVERY_US = 60000000 };

struct budget {
    const struct config *config;
    struct snapshots *snapshots;
    struct queue *queue;
    uint64_t told; /* version of the snapshot whose staffing the queue has; with told_any */
    bool told_any;
    int64_t say_at_us;
};

static int tell(struct budget *self, const struct snapshot *now, struct err *reterr)
{
    for (size_t i = 0; i < now->n_profiles; i++) {
        const struct snapshot_profile *profile = &now->profiles[i];
        bool new;
        if (queue_set_staffing(self->queue, profile->name, policy_staffing(profile->policy), &new, reterr) < 0)
            return err_context(reterr, "staffing of %s", profile->name);
        if (new)
            log_line(LOG_INFO, "budget.staffing", "profile=%s", profile->name);
    }
    return 0;
}

static void say(UNUSED void *opaque, const char *group, double lacking_hours)
{
    log_line(LOG_WARN, "budget.overloaded",
             "group=\"%s\" lacking_hours=%.1f text=\"more is due than people can do in time: "
             "triaged queue budget\"",
             group, lacking_hours);
}

static int turn(struct budget *self, struct err *reterr)
{
    uint64_t version = snapshots_version(self->snapshots);
    int64_t now_us = clock_mono_us();

    if (!self->queue && queue_open(&self->config->postgres, "triaged-budget", &self->queue, reterr) < 0)
        return -1;
    if (!self->told_any || version != self->told) {
        struct snapshot *now = snapshots_ref(self->snapshots);
        int rc = tell(self, now, reterr);
        snapshot_unref(now);
        if (rc < 0)
            return -1;
        self->told = version;
        self->told_any = true;
    }
    if (now_us >= self->say_at_us) {
        if (queue_each_overload(self->queue, say, NULL, reterr) < 0)
            return -1;
        self->say_at_us = now_us + SAY_EVERY_US;
    }
    health_set(HEALTH_BUDGET, 0, "");
    return 0;
}

/* Nothing rests on it: what cannot be told now is told later, whatever the reason. */
int budget_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop,
               UNUSED struct err *reterr)
{
    struct budget self = {.config = config, .snapshots = snapshots};

    while (!*stop) {
        struct err err = {0};
        health_beat(HEALTH_BUDGET, 0, clock_mono_us());
        if (turn(&self, &err) < 0) {
            queue_close(self.queue);
            self.queue = NULL;
            self.told_any = false;
            health_set(HEALTH_BUDGET, 0, "the review budget can't reach Postgres");
            log_line(LOG_WARN, "budget.waits", "text=\"%s\"", err.text);
        }
        bridge_wait(stop, LOOK_EVERY_US);
    }
    queue_close(self.queue);
    return 0;
}
