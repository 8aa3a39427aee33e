/* What every file of a lane needs: feeding flow, and the list of works. */
#include "lane/lane_state.h"

#include "base/clock.h"
#include "base/mem.h"
#include "metrics/metrics.h"

void lane_feed(struct lane *self, struct flow_event event)
{
    event.now_us = clock_mono_us();
    flow_feed(self->flow, &event);
}

void lane_tell_health(struct lane *self)
{
    const char *trouble = self->connected ? "" : LANE_UNREACHABLE;

    for (size_t i = 0; i < self->n_partitions; i++) {
        if (self->partitions[i].broken)
            trouble = self->partitions[i].broken;
    }
    health_set(HEALTH_LANES, self->number, trouble);
}

struct work *lane_work_of(struct lane *self, uint64_t handle)
{
    for (struct work *work = self->works; work; work = work->next) {
        if (work->handle == handle)
            return work;
    }
    return NULL;
}

void lane_keep_work(struct lane *self, struct work *work)
{
    work->next = self->works;
    if (work->next)
        work->next->prev = work;
    self->works = work;
}

static void unlink_work(struct lane *self, struct work *work)
{
    if (work->prev)
        work->prev->next = work->next;
    else
        self->works = work->next;
    if (work->next)
        work->next->prev = work->prev;
}

void lane_drop_work(struct lane *self, struct work *work)
{
    unlink_work(self, work);
    work_free(work);
}
