/* Making a view, and counting who holds it. */
#include "lane/view.h"

#include "base/mem.h"

/* What rests on the models alone, and is taken over when only the articles change: making it reads the encoder. */
struct tools {
    struct decider *decider;
    struct pii *pii;           /* masks what goes into prompts */
    struct snapshot *made_for; /* whose models the decider borrows; held */
    size_t users;
};

static void tools_unref(struct tools *self)
{
    if (!self || --self->users > 0)
        return;
    decider_free(self->decider);
    pii_free(self->pii);
    snapshot_unref(self->made_for);
    mem_free(self);
}

static int tools_new(struct snapshot *snapshot, struct tools **ret_tools, struct err *reterr)
{
    struct tools *self = mem_alloc(sizeof *self);
    const struct decider_parts parts = {.policy = snapshot->policy,
                                        .classifier = snapshot->classifier,
                                        .promise = *snapshot->promise_id ? &snapshot->promise : NULL,
                                        .controls = snapshot->controls,
                                        .priority = snapshot->priority,
                                        .encoder_dir = snapshot->config->triage.encoder_dir};

    self->users = 1;
    self->made_for = snapshot_ref(snapshot);
    if (decider_new(&parts, &self->decider, reterr) < 0 || pii_new(&self->pii, reterr) < 0) {
        tools_unref(self);
        return -1;
    }
    *ret_tools = self;
    return 0;
}

static int take_tools(struct view *self, const struct view *before, struct err *reterr)
{
    if (before && before->snapshot->models == self->snapshot->models) {
        self->tools = before->tools;
        self->tools->users++;
    } else if (tools_new(self->snapshot, &self->tools, reterr) < 0) {
        return -1;
    }
    self->decider = self->tools->decider;
    self->pii = self->tools->pii;
    return 0;
}

int view_new(struct snapshots *snapshots, const struct view *before, uint64_t *ret_version, struct view **ret_view,
             struct err *reterr)
{
    struct view *self = mem_alloc(sizeof *self);

    *ret_version = snapshots_version(snapshots); /* before: what comes in between is taken once more, not missed */
    self->snapshot = snapshots_ref(snapshots);
    self->users = 1;
    if (take_tools(self, before, reterr) < 0 ||
        (self->snapshot->knowledge &&
         knowledge_open(self->snapshot->knowledge, decider_encoder(self->decider), &self->knowledge, reterr) < 0)) {
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
    tools_unref(self->tools);
    snapshot_unref(self->snapshot);
    mem_free(self);
}
