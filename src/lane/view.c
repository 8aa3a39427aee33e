/* Making a view, and counting who holds it. */
#include "lane/view.h"

#include "base/clock.h"
#include "base/mem.h"

/* What rests on the models alone, and is taken over when only the articles change: making it reads the encoder. */
struct tools {
    struct decider *deciders[PROFILES_MAX];
    struct decider *candidate; /* NULL: there is no canary */
    struct pii *pii;           /* masks what goes into prompts */
    struct snapshot *made_for; /* whose models the deciders borrow; held */
    size_t users;
};

static void tools_unref(struct tools *self)
{
    if (!self || --self->users > 0)
        return;
    for (size_t i = 0; i < PROFILES_MAX; i++)
        decider_free(self->deciders[i]);
    decider_free(self->candidate);
    pii_free(self->pii);
    snapshot_unref(self->made_for);
    mem_free(self);
}

static int decider_of(const struct snapshot *snapshot, const struct snapshot_profile *profile,
                      struct decider **ret_decider, struct err *reterr)
{
    const struct decider_parts parts = {.policy = profile->policy,
                                        .classifier = profile->classifier,
                                        .promise = *profile->promise_id ? &profile->promise : NULL,
                                        .controls = snapshot->controls,
                                        .priority = profile->priority,
                                        .clock_us = clock_mono_us,
                                        .encoder_dir = snapshot->config->triage.encoder_dir};

    return decider_new(&parts, ret_decider, reterr);
}

static int tools_new(struct snapshot *snapshot, struct tools **ret_tools, struct err *reterr)
{
    struct tools *self = mem_alloc(sizeof *self);
    int rc;

    self->users = 1;
    self->made_for = snapshot_ref(snapshot);
    rc = pii_new(&self->pii, reterr);
    for (size_t i = 0; rc == 0 && i < snapshot->n_profiles; i++)
        rc = decider_of(snapshot, &snapshot->profiles[i], &self->deciders[i], reterr);
    if (rc == 0 && snapshot->canary >= 0)
        rc = decider_of(snapshot, &snapshot->candidate, &self->candidate, reterr);
    if (rc < 0) {
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
    for (size_t i = 0; i < self->snapshot->n_profiles; i++)
        self->profiles[i].decider = self->tools->deciders[i];
    self->candidate.decider = self->tools->candidate;
    self->pii = self->tools->pii;
    return 0;
}

/* The first profile of those that have the same articles, searched by the same means. */
static size_t shares_with(const struct view *self, size_t index)
{
    const struct snapshot_profile *profiles = self->snapshot->profiles;

    for (size_t i = 0; i < index; i++) {
        if (profiles[i].knowledge == profiles[index].knowledge &&
            !decider_encoder(self->profiles[i].decider) == !decider_encoder(self->profiles[index].decider))
            return i;
    }
    return index;
}

static int open_knowledge(struct view *self, struct err *reterr)
{
    for (size_t i = 0; i < self->snapshot->n_profiles; i++) {
        struct knowledge_base *base = self->snapshot->profiles[i].knowledge;
        size_t first = shares_with(self, i);
        if (first < i)
            self->profiles[i].knowledge = self->profiles[first].knowledge;
        else if (base && knowledge_open(base, decider_encoder(self->profiles[i].decider), &self->profiles[i].knowledge,
                                        reterr) < 0)
            return -1;
    }
    if (self->snapshot->canary >= 0)
        self->candidate.knowledge = self->profiles[self->snapshot->canary].knowledge;
    return 0;
}

int view_new(struct snapshots *snapshots, const struct view *before, uint64_t *ret_version, struct view **ret_view,
             struct err *reterr)
{
    struct view *self = mem_alloc(sizeof *self);

    *ret_version = snapshots_version(snapshots); /* before: what comes in between is taken once more, not missed */
    self->snapshot = snapshots_ref(snapshots);
    self->users = 1;
    if (take_tools(self, before, reterr) < 0 || open_knowledge(self, reterr) < 0) {
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
    for (size_t i = self->snapshot->n_profiles; i-- > 0;) {
        if (self->profiles[i].decider && shares_with(self, i) == i)
            knowledge_free(self->profiles[i].knowledge);
    }
    tools_unref(self->tools);
    snapshot_unref(self->snapshot);
    mem_free(self);
}
