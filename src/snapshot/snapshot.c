/* Loading a snapshot, counting who holds it, and the one in force. */
#include "snapshot/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "triage/knowledge.h"
#include "triage/result.h"

static int read_knowledge_hash(const struct config *config, struct snapshot *snapshot, struct err *reterr)
{
    struct knowledge *knowledge;

    if (!*config->triage.knowledge_dir)
        return 0;
    if (knowledge_load(config->triage.knowledge_dir, &knowledge, reterr) < 0)
        return -1;
    snprintf(snapshot->knowledge_hash, sizeof snapshot->knowledge_hash, "%s", knowledge_hash(knowledge));
    knowledge_free(knowledge);
    return 0;
}

int snapshot_check_labels(const struct classifier *classifier, const struct policy *policy, struct err *reterr)
{
    for (size_t i = 0; i < classifier_label_count(classifier); i++) {
        const char *label = classifier_label_at(classifier, i);
        if (!policy_class_find(policy, label))
            return err_set(
                reterr, ERR_PERMANENT, EX_CONFIG,
                "the classifier knows the label %s and the policy does not: name it in the policy or train anew",
                label);
    }
    return 0;
}

static int read_promise(const struct config *config, struct snapshot *snapshot, struct err *reterr)
{
    const char *path = config->triage.promise_file;

    if (!*path)
        return 0;
    if (config->triage.audit_percent > 0 && !*config->triage.audit_key)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "a promise is watched by audits: give triage.audit_key_file, or set triage.audit_percent to 0");
    if (promise_load(path, snapshot->classifier, &snapshot->promise, reterr) < 0)
        return -1;
    memcpy(snapshot->promise_id, snapshot->promise.id, sizeof snapshot->promise_id);
    return 0;
}

static int read_priority(struct snapshot *self, struct err *reterr)
{
    const char *path = self->config->triage.priority_classifier_file;

    if (!*path)
        return 0;
    if (classifier_load(path, &self->priority, reterr) < 0)
        return -1;
    for (size_t i = 0; i < classifier_label_count(self->priority); i++) {
        const char *word = classifier_label_at(self->priority, i);
        if (result_priority_of(word) < 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "%s gives the priority %s, which is none: train it with 'triaged train --target priority' on "
                           "urgent, high, normal and low",
                           path, word);
    }
    return 0;
}

static int load(struct snapshot *self, struct err *reterr)
{
    const struct config *config = self->config;

    if (classifier_load(config->triage.classifier_file, &self->classifier, reterr) < 0 ||
        snapshot_check_labels(self->classifier, self->policy, reterr) < 0 || read_promise(config, self, reterr) < 0 ||
        read_priority(self, reterr) < 0)
        return -1;
    audit_key_make(config->triage.audit_key, self->audit_key);
    return read_knowledge_hash(config, self, reterr);
}

void snapshot_unref(struct snapshot *self)
{
    if (!self || atomic_fetch_sub(&self->users, 1) > 1)
        return;
    promise_done(&self->promise);
    classifier_free(self->classifier);
    classifier_free(self->priority);
    mem_free(self);
}

/* ---- the one in force ---- */

struct snapshots {
    pthread_mutex_t lock; /* of current alone; held for no longer than a reference takes */
    struct snapshot *current;
    _Atomic uint64_t version;
    struct snapshot origin; /* config, policy and controls, for the next one */
};

int snapshots_new(const struct config *config, const struct policy *policy, const struct controls *controls,
                  struct snapshots **ret_snapshots, struct err *reterr)
{
    struct snapshots *self = mem_alloc(sizeof *self);

    self->origin.config = config;
    self->origin.policy = policy;
    self->origin.controls = controls;
    pthread_mutex_init(&self->lock, NULL);
    if (snapshots_reload(self, reterr) < 0) {
        snapshots_free(self);
        return -1;
    }
    *ret_snapshots = self;
    return 0;
}

void snapshots_free(struct snapshots *self)
{
    if (!self)
        return;
    snapshot_unref(self->current);
    pthread_mutex_destroy(&self->lock);
    mem_free(self);
}

int snapshots_reload(struct snapshots *self, struct err *reterr)
{
    struct snapshot *next = mem_alloc(sizeof *next), *old;

    next->config = self->origin.config;
    next->policy = self->origin.policy;
    next->controls = self->origin.controls;
    next->users = 1;
    if (load(next, reterr) < 0) {
        snapshot_unref(next);
        return -1;
    }
    pthread_mutex_lock(&self->lock);
    old = self->current;
    self->current = next;
    pthread_mutex_unlock(&self->lock);
    self->version++;
    snapshot_unref(old);
    return 0;
}

uint64_t snapshots_version(const struct snapshots *self)
{
    return self->version;
}

struct snapshot *snapshots_ref(struct snapshots *self)
{
    struct snapshot *current;

    pthread_mutex_lock(&self->lock);
    current = self->current;
    current->users++;
    pthread_mutex_unlock(&self->lock);
    return current;
}
