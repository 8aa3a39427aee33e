/* Loading a snapshot, counting who holds it, and the one in force. */
#include "snapshot/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "decide/canary.h"
#include "snapshot/candidate.h"
#include "triage/encoder.h"
#include "triage/knowledge.h"
#include "triage/result.h"

/* What a change of the knowledge alone leaves as it is: shared by the snapshots on both sides of it. */
struct profile_models {
    struct policy *policy;
    struct classifier *classifier, *priority;
    struct promise promise;
};
struct models {
    struct profiles *table;
    struct profile_models profiles[PROFILES_MAX];
    size_t n;
    struct candidate candidate;
    _Atomic int users;
};

static void models_unref(struct models *self)
{
    if (!self || atomic_fetch_sub(&self->users, 1) > 1)
        return;
    for (size_t i = 0; i < self->n; i++) {
        promise_done(&self->profiles[i].promise);
        classifier_free(self->profiles[i].classifier);
        classifier_free(self->profiles[i].priority);
        policy_free(self->profiles[i].policy);
    }
    candidate_done(&self->candidate);
    profiles_free(self->table);
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

static int read_promise(const struct profile *row, struct profile_models *models, struct err *reterr)
{
    if (!*row->promise_file)
        return 0;
    if (row->audit_percent > 0 && !*row->audit_key)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "a promise is watched by audits: give %s, or set %s to 0",
                       *row->name ? "audit_key_file" : "triage.audit_key_file",
                       *row->name ? "audit_percent" : "triage.audit_percent");
    return promise_load(row->promise_file, models->classifier, &models->promise, reterr);
}

static int read_priority(const char *path, struct profile_models *models, struct err *reterr)
{
    if (!*path)
        return 0;
    if (classifier_load(path, &models->priority, reterr) < 0)
        return -1;
    for (size_t i = 0; i < classifier_label_count(models->priority); i++) {
        const char *word = classifier_label_at(models->priority, i);
        if (result_priority_of(word) < 0)
            return err_set(
                reterr, ERR_PERMANENT, EX_CONFIG,
                "%s gives the priority %s, which is none: train it with 'triaged train --target priority' on "
                "urgent, high, normal and low",
                path, word);
    }
    return 0;
}

/* The table says whose tickets they are, the policy what its profile is called: they must mean the same. */
static int read_policy(const struct config *config, const struct profile *row, struct policy **ret_policy,
                       struct err *reterr)
{
    if (policy_load_on(row->policy_file, config->triage.policy_floor_file, ret_policy, reterr) < 0)
        return -1;
    if (*row->name && strcmp(policy_profile(*ret_policy), row->name) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s: profile: give %s, as the table of profiles does, not %s",
                       row->policy_file, row->name, policy_profile(*ret_policy));
    return 0;
}

/* Caps, queue and results go by the profile: another one needs another worker. */
static int load_profile(const struct snapshot *self, const struct profile *row, struct profile_models *models,
                        struct err *reterr)
{
    if (read_policy(self->config, row, &models->policy, reterr) < 0)
        return -1;
    if (!controls_know(self->controls, policy_profile(models->policy)))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s: profile: keep the name, or start the worker anew: %s is another use case", row->policy_file,
                       policy_profile(models->policy));
    return classifier_load(row->classifier_file, &models->classifier, reterr) < 0 ||
                   snapshot_check_labels(models->classifier, models->policy, reterr) < 0 ||
                   read_promise(row, models, reterr) < 0 ||
                   read_priority(row->priority_classifier_file, models, reterr) < 0
               ? -1
               : 0;
}

static int load_candidate(const struct snapshot *self, struct models *models, struct err *reterr)
{
    const char *names[PROFILES_MAX];

    for (size_t i = 0; i < models->n; i++)
        names[i] = policy_profile(models->profiles[i].policy);
    return candidate_load(self->config, models->table, names, &models->candidate, reterr);
}

static int load_models(struct snapshot *self, const struct snapshot *before, struct err *reterr)
{
    struct models *models = self->models = mem_alloc(sizeof *models);

    models->users = 1;
    if (profiles_load(self->config, &models->table, reterr) < 0)
        return -1;
    if (before && profiles_count(models->table) != before->n_profiles)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%s: keep its %zu rows, or start the worker anew: profiles come and go with it alone",
                       self->config->triage.profiles_file, before->n_profiles);
    for (size_t i = 0; i < profiles_count(models->table); i++) {
        const struct profile *row = profiles_at(models->table, i);
        models->n++;
        if (before && strcmp(row->name, before->profiles[i].row->name) != 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                           "%s: keep the rows in their order, or start the worker anew: %s stands where %s stood",
                           self->config->triage.profiles_file, row->name, before->profiles[i].row->name);
        if (load_profile(self, row, &models->profiles[i], reterr) < 0)
            return *row->name ? err_context(reterr, "profile %s", row->name) : -1;
    }
    return load_candidate(self, models, reterr);
}

/* All but policy, classifier and promise is the profile's. Again when its articles are known. */
static void point_at_candidate(struct snapshot *self)
{
    const struct candidate *models = &self->models->candidate;
    struct snapshot_profile *candidate = &self->candidate;

    self->canary = models->of;
    if (models->of < 0)
        return;
    *candidate = self->profiles[models->of];
    candidate->policy = models->policy;
    candidate->classifier = models->classifier;
    candidate->promise = models->promise;
    memcpy(candidate->promise_id, models->promised ? models->promise.id : "", models->promised ? SHA256_HEX_MAX : 1);
}

static void point_at_models(struct snapshot *self)
{
    self->n_profiles = self->models->n;
    for (size_t i = 0; i < self->n_profiles; i++) {
        const struct profile_models *models = &self->models->profiles[i];
        struct snapshot_profile *profile = &self->profiles[i];
        profile->row = profiles_at(self->models->table, i);
        profile->policy = models->policy;
        profile->name = policy_profile(models->policy);
        profile->classifier = models->classifier;
        profile->priority = models->priority;
        profile->promise = models->promise;
        if (*profile->row->promise_file)
            memcpy(profile->promise_id, models->promise.id, sizeof profile->promise_id);
        audit_key_make(profile->row->audit_key, profile->audit_key);
    }
    point_at_candidate(self);
}

int snapshot_profile_names(const struct config *config, char *ret_names[PROFILES_MAX], size_t *ret_n,
                           struct err *reterr)
{
    struct profiles *table;
    struct policy *policy = NULL;
    int rc;

    if (profiles_load(config, &table, reterr) < 0)
        return -1;
    *ret_n = profiles_count(table);
    rc = *profiles_at(table, 0)->name ? 0 : read_policy(config, profiles_at(table, 0), &policy, reterr);
    for (size_t i = 0; rc == 0 && i < *ret_n; i++)
        ret_names[i] = mem_strdup(policy ? policy_profile(policy) : profiles_at(table, i)->name);
    policy_free(policy);
    profiles_free(table);
    return rc;
}

int snapshot_check_canary(const struct config *config, const struct profiles *table,
                          char ret_profile[CONTROL_PROFILE_MAX], struct err *reterr)
{
    char *names[PROFILES_MAX] = {0};
    const char *borrowed[PROFILES_MAX];
    struct candidate candidate = {.of = -1};
    size_t n;
    int rc;

    if (snapshot_profile_names(config, names, &n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        borrowed[i] = names[i];
    rc = candidate_load(config, table, borrowed, &candidate, reterr);
    if (rc == 0)
        snprintf(ret_profile, CONTROL_PROFILE_MAX, "%s", candidate.of < 0 ? "" : names[candidate.of]);
    candidate_done(&candidate);
    for (size_t i = 0; i < n; i++)
        mem_free(names[i]);
    return rc;
}

const struct snapshot_profile *snapshot_profile_of(const struct snapshot *self, const struct ticket *ticket)
{
    int index = profiles_match(self->models->table, ticket);

    return index < 0 ? NULL : &self->profiles[index];
}

const struct snapshot_profile *snapshot_profile_named(const struct snapshot *self, const char *name)
{
    for (size_t i = 0; i < self->n_profiles; i++) {
        if (strcmp(self->profiles[i].name, name) == 0)
            return &self->profiles[i];
    }
    return NULL;
}

bool snapshot_canary_live(const struct snapshot *self)
{
    return self->canary >= 0 && strcmp(self->config->triage.canary_mode, "live") == 0;
}

bool snapshot_canary_has(const struct snapshot *self, int profile, const char *ticket_key)
{
    return self->canary >= 0 && self->canary == profile &&
           canary_drawn(self->candidate.audit_key, ticket_key, self->config->triage.canary_percent / 100.0);
}

/* ---- knowledge ---- */

/* By words alone when the encoder can't be had: the decider says so, and goes on too. */
static void embed(struct snapshot *self, struct knowledge_base *base, const char *vectors_file,
                  const struct knowledge_base *before)
{
    const struct config_triage *triage = &self->config->triage;
    char found[ENCODER_PATH_MAX];
    const char *dir = *triage->encoder_dir ? triage->encoder_dir : encoder_find(found) ? found : NULL;
    struct encoder *encoder;

    if (!dir || encoder_open(dir, ENCODER_TOKENS_MAX, 0, &encoder, &self->lacks) < 0)
        return;
    if (knowledge_base_embed(base, encoder, before, vectors_file, &self->lacks) == 0)
        (void)knowledge_base_keep(base, vectors_file, &self->lacks);
    encoder_close(encoder);
}

/* Takes a reference of the base for the profile. */
static void use_base(struct snapshot_profile *profile, struct knowledge_base *base)
{
    profile->knowledge = knowledge_base_ref(base);
    snprintf(profile->knowledge_hash, sizeof profile->knowledge_hash, "%s", knowledge_base_hash(base));
}

/* Of all profiles: one base's own, or one over several. */
static void hash_knowledge(struct snapshot *self)
{
    CLEANUP(buf_free) struct buf all = {0};
    bool several = false;

    for (size_t i = 0; i < self->n_profiles; i++) {
        buf_printf(&all, "%s\n", self->profiles[i].knowledge_hash);
        several |= strcmp(self->profiles[i].knowledge_hash, self->profiles[0].knowledge_hash) != 0;
    }
    if (several)
        sha256_hex(buf_str(&all), strlen(buf_str(&all)), self->knowledge_hash);
    else
        memcpy(self->knowledge_hash, self->profiles[0].knowledge_hash, sizeof self->knowledge_hash);
    point_at_candidate(self);
}

static bool same_folder(const struct snapshot_profile *a, const struct snapshot_profile *b)
{
    return strcmp(a->row->knowledge_dir, b->row->knowledge_dir) == 0;
}

/* The profiles that share profile `first`'s folder get its base; where one of their classifiers has an encoder, with
 * vectors. */
static void share_base(struct snapshot *self, size_t first, struct knowledge_base *base, const struct snapshot *before)
{
    bool by_meaning = false;

    for (size_t i = first; i < self->n_profiles; i++)
        by_meaning |= same_folder(&self->profiles[first], &self->profiles[i]) &&
                      classifier_wants_encoder(self->profiles[i].classifier);
    if (by_meaning)
        embed(self, base, self->profiles[first].row->knowledge_vectors_file,
              before ? before->profiles[first].knowledge : NULL);
    for (size_t i = first; i < self->n_profiles; i++) {
        if (same_folder(&self->profiles[first], &self->profiles[i]))
            use_base(&self->profiles[i], base);
    }
}

static int load_knowledge(struct snapshot *self, const struct snapshot *before, struct err *reterr)
{
    for (size_t i = 0; i < self->n_profiles; i++) {
        const struct snapshot_profile *profile = &self->profiles[i];
        struct knowledge_base *base;
        if (!*profile->row->knowledge_dir || profile->knowledge)
            continue;
        if (knowledge_base_read(profile->row->knowledge_dir, &base, reterr) < 0)
            return -1;
        share_base(self, i, base, before);
        knowledge_base_unref(base);
    }
    hash_knowledge(self);
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
    for (size_t i = 0; i < self->n_profiles; i++)
        knowledge_base_unref(self->profiles[i].knowledge);
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

    if (load_models(next, now, reterr) < 0)
        return -1;
    point_at_models(next);
    if (!*next->config->kafka.topic_knowledge)
        return load_knowledge(next, now, reterr);
    for (size_t i = 0; now && i < next->n_profiles; i++) {
        if (now->profiles[i].knowledge)
            use_base(&next->profiles[i], now->profiles[i].knowledge);
    }
    hash_knowledge(next);
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
    share_base(next, 0, base, self->current);
    knowledge_base_unref(base);
    hash_knowledge(next);
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
