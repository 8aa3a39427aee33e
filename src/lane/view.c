/* Making a view, and counting who holds it. */
#include "lane/view.h"

#include "base/mem.h"

int view_new(struct snapshots *snapshots, uint64_t *ret_version, struct view **ret_view, struct err *reterr)
{
    struct view *self = mem_alloc(sizeof *self);
    const struct snapshot *snapshot;

    *ret_version = snapshots_version(snapshots); /* before: what comes in between is taken once more, not missed */
    self->snapshot = snapshots_ref(snapshots);
    self->users = 1;
    snapshot = self->snapshot;
    const struct decider_parts parts = {.policy = snapshot->policy,
                                        .classifier = snapshot->classifier,
                                        .promise = *snapshot->promise_id ? &snapshot->promise : NULL,
                                        .controls = snapshot->controls,
                                        .priority = snapshot->priority,
                                        .encoder_dir = snapshot->config->triage.encoder_dir};
    if (decider_new(&parts, &self->decider, reterr) < 0 || pii_new(&self->pii, reterr) < 0 ||
        (*snapshot->config->triage.knowledge_dir &&
         knowledge_load(snapshot->config->triage.knowledge_dir, &self->knowledge, reterr) < 0)) {
        view_unref(self);
        return -1;
    }
    *ret_view = self;
    return 0;
}

struct view *view_ref(struct view *self)
{
    self->users++;
    return self;
}

void view_unref(struct view *self)
{
    if (!self || --self->users > 0)
        return;
    knowledge_free(self->knowledge);
    pii_free(self->pii);
    decider_free(self->decider);
    snapshot_unref(self->snapshot);
    mem_free(self);
}
