/* The budget: the staffing of the policies in force goes to the queue, which plans with it (036_budget.sql); from its
 * plans follows how far each profile gives way (070_relief.sql), and groups that cannot do their reviews in time are
 * said in the log. Holds no state but what it last told: any number of workers may do this at once. */
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "decide/relief.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum {
    LOOK_EVERY_US = 2000000,
    SAY_EVERY_US = 60000000,
    CONFIRM_BELOW_S = CONTROL_BUDGET_LASTS_MAX_S / 2 /* left of the time for which a state holds */
};

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

static void say_step(const struct queue_relief_step *step, const struct queue_relief *found)
{
    log_line(strcmp(step->to, review_state_name(REVIEW_NORMAL)) == 0 ? LOG_INFO : LOG_WARN, "budget.state",
             "profile=%s group=\"%s\" from=%s to=%s plans=%d lacking_hours=%.1f owner=\"%s\"", step->profile,
             step->group, step->from, step->to, found->streak, found->lacking_hours, step->owner);
}

/* One profile: what its state should be by the plan of its group, written where it is another or soon to expire. */
static int look(struct budget *self, const struct snapshot_profile *profile, struct err *reterr)
{
    const char *group = policy_review_group(profile->policy);
    struct queue_relief found;
    enum review_state now = REVIEW_NORMAL, next;
    struct queue_relief_step step = {profile->name, group, policy_owner(profile->policy), found.state, NULL};
    bool done = false;

    if (queue_relief(self->queue, profile->name, group, &found, reterr) < 0)
        return err_context(reterr, "budget of %s", profile->name);
    (void)review_state_of(found.state, &now);
    next = relief_next(now, policy_relief(profile->policy),
                       &(struct relief_plan){found.known, found.overloaded, found.streak});
    step.to = review_state_name(next);
    if ((next != now || (next != REVIEW_NORMAL && found.left_seconds < CONFIRM_BELOW_S)) &&
        queue_set_relief(self->queue, &step, &done, reterr) < 0)
        return err_context(reterr, "budget of %s", profile->name);
    if (done)
        say_step(&step, &found);
    metrics_series_set(METRIC_REVIEW_STATE, profile->name, NULL, next);
    return 0;
}

static int look_at_all(struct budget *self, struct err *reterr)
{
    struct snapshot *now = snapshots_ref(self->snapshots);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < now->n_profiles; i++)
        rc = look(self, &now->profiles[i], reterr);
    snapshot_unref(now);
    return rc;
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
    if (look_at_all(self, reterr) < 0)
        return -1;
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
