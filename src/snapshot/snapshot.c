/* Loading a snapshot, counting who holds it, and the one in force. */
#include "snapshot/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "triage/encoder.h"
#include "triage/knowledge.h"
#include "triage/result.h"

/* What a change of the knowledge alone leaves as it is: shared by the snapshots on both sides of it. */
struct models {
    struct policy *policy;
    struct classifier *classifier, *priority;
    struct promise promise;
    _Atomic int users;
};

static void models_unref(struct models *self)
{
    if (!self || atomic_fetch_sub(&self->users, 1) > 1)
        return;
    promise_done(&self->promise);
    classifier_free(self->classifier);
    classifier_free(self->priority);
    policy_free(self->policy);
    mem_free(self);
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

static int read_promise(const struct config *config, struct models *models, struct err *reterr)
{
    const char *path = config->triage.promise_file;

    if (!*path)
        return 0;
    if (config->triage.audit_percent > 0 && !*config->triage.audit_key)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "a promise is watched by audits: give triage.audit_key_file, or set triage.audit_percent to 0");
    return promise_load(path, models->classifier, &models->promise, reterr);
}

static int read_priority(const char *path, struct models *models, struct err *reterr)
{
    if (!*path)
        return 0;
    if (classifier_load(path, &models->priority, reterr) < 0)
        return -1;
    for (size_t i = 0; i < classifier_label_count(models->priority); i++) {
        const char *word = classifier_label_at(models->priority, i);
        if (result_priority_of(word) < 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "%s gives the priority %s, which is none: train it with 'triaged train --target priority' on "
                           "urgent, high, normal and low",
                           path, word);
    }
    return 0;
}

/* Caps, queue and results go by the profile: another one needs another worker. */
static int read_policy(const struct snapshot *self, struct models *models, struct err *reterr)
{
    const struct config_triage *triage = &self->config->triage;

    if (policy_load_on(triage->policy_file, triage->policy_floor_file, &models->policy, reterr) < 0)
        return -1;
    if (!controls_know(self->controls, policy_profile(models->policy)))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s: profile: keep the name, or start the worker anew: %s is another use case", triage->policy_file,
                       policy_profile(models->policy));
    return 0;
}

static int load_models(struct snapshot *self, struct err *reterr)
{
    const struct config *config = self->config;
    struct models *models = self->models = mem_alloc(sizeof *models);

    models->users = 1;
    return read_policy(self, models, reterr) < 0 ||
                   classifier_load(config->triage.classifier_file, &models->classifier, reterr) < 0 ||
                   snapshot_check_labels(models->classifier, models->policy, reterr) < 0 ||
                   read_promise(config, models, reterr) < 0 ||
                   read_priority(config->triage.priority_classifier_file, models, reterr) < 0
               ? -1
               : 0;
}

static void point_at_models(struct snapshot *self)
{
    const struct config_triage *triage = &self->config->triage;

    self->policy = self->models->policy;
    self->classifier = self->models->classifier;
    self->priority = self->models->priority;
    self->promise = self->models->promise;
    if (*triage->promise_file)
        memcpy(self->promise_id, self->promise.id, sizeof self->promise_id);
    audit_key_make(triage->audit_key, self->audit_key);
}

/* ---- knowledge ---- */

/* By words alone when the encoder can't be had: the decider says so, and goes on too. */
static void embed(struct snapshot *self, const struct knowledge_base *before)
{
    const struct config_triage *triage = &self->config->triage;
    char found[ENCODER_PATH_MAX];
    const char *dir = *triage->encoder_dir ? triage->encoder_dir : encoder_find(found) ? found : NULL;
    struct encoder *encoder;

    if (!classifier_wants_encoder(self->classifier) || !dir ||
        encoder_open(dir, ENCODER_TOKENS_MAX, 0, &encoder, &self->lacks) < 0)
        return;
    if (knowledge_base_embed(self->knowledge, encoder, before, triage->knowledge_vectors_file, &self->lacks) == 0)
        (void)knowledge_base_keep(self->knowledge, triage->knowledge_vectors_file, &self->lacks);
    encoder_close(encoder);
}

/* Takes the base. */
static void take_base(struct snapshot *self, struct knowledge_base *base, const struct snapshot *before)
{
    self->knowledge = base;
    snprintf(self->knowledge_hash, sizeof self->knowledge_hash, "%s", knowledge_base_hash(base));
    embed(self, before ? before->knowledge : NULL);
}

static int load_knowledge(struct snapshot *self, const struct snapshot *before, struct err *reterr)
{
    const char *dir = self->config->triage.knowledge_dir;
    struct knowledge_base *base;

    if (!*dir)
        return 0;
    if (knowledge_base_read(dir, &base, reterr) < 0)
        return -1;
    take_base(self, base, before);
    return 0;
}

struct snapshot *snapshot_ref(struct snapshot *self)
{
    self->users++;
    return self;
}

void snapshot_unref(struct snapshot *self)
{
    if (!self || atomic_fetch_sub(&self->users, 1) > 1)
        return;
    knowledge_base_unref(self->knowledge);
    models_unref(self->models);
    mem_free(self);
}

/* ---- the one in force ---- */

struct snapshots {
    pthread_mutex_t lock;    /* of current alone; held for no longer than a reference takes */
    pthread_mutex_t loading; /* one loads at a time */
    struct snapshot *current;
    _Atomic uint64_t version;
    struct snapshot origin; /* config and controls, for the next one */
};

int snapshots_new(const struct config *config, const struct controls *controls, struct snapshots **ret_snapshots,
                  struct err *reterr)
{
    struct snapshots *self = mem_alloc(sizeof *self);

    self->origin.config = config;
    self->origin.controls = controls;
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->loading, NULL);
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
    pthread_mutex_destroy(&self->loading);
    mem_free(self);
}

static struct snapshot *next_of(struct snapshots *self)
{
    struct snapshot *next = mem_alloc(sizeof *next);

    next->config = self->origin.config;
    next->controls = self->origin.controls;
    next->users = 1;
    return next;
}

static void put_in_force(struct snapshots *self, struct snapshot *next)
{
    struct snapshot *old;

    pthread_mutex_lock(&self->lock);
    old = self->current;
    self->current = next;
    pthread_mutex_unlock(&self->lock);
    self->version++;
    snapshot_unref(old);
}

/* Articles of the topic stay as they are: no file holds them. */
static int load_all(struct snapshots *self, struct snapshot *next, struct err *reterr)
{
    const struct snapshot *now = self->current; /* only who holds `loading` replaces it */

    if (load_models(next, reterr) < 0)
        return -1;
    point_at_models(next);
    if (!*next->config->kafka.topic_knowledge)
        return load_knowledge(next, now, reterr);
    if (now && now->knowledge) {
        next->knowledge = knowledge_base_ref(now->knowledge);
        memcpy(next->knowledge_hash, now->knowledge_hash, sizeof next->knowledge_hash);
    }
    return 0;
}

int snapshots_reload(struct snapshots *self, struct err *reterr)
{
    struct snapshot *next = next_of(self);
    int rc;

    pthread_mutex_lock(&self->loading);
    rc = load_all(self, next, reterr);
    if (rc == 0)
        put_in_force(self, next);
    else
        snapshot_unref(next);
    pthread_mutex_unlock(&self->loading);
    return rc;
}

int snapshots_take_articles(struct snapshots *self, const char *const *rows, size_t n, struct err *reterr)
{
    struct snapshot *next = next_of(self);
    struct knowledge_base *base;

    if (knowledge_base_of_rows(rows, n, &base, reterr) < 0) {
        snapshot_unref(next);
        return -1;
    }
    pthread_mutex_lock(&self->loading);
    next->models = self->current->models;
    next->models->users++;
    point_at_models(next);
    take_base(next, base, self->current);
    put_in_force(self, next);
    pthread_mutex_unlock(&self->loading);
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
