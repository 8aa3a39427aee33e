/* What a worker decides by, as one value that never changes: policy, classifier, promise and knowledge of each profile,
 * beside the controls of the process. A reload makes a new one; whoever holds the old one finishes with it. Any thread.
 */
#ifndef TRIAGED_SNAPSHOT_SNAPSHOT_H
#define TRIAGED_SNAPSHOT_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/audit.h"
#include "decide/promise.h"
#include "policy/config.h"
#include "policy/profiles.h"
#include "triage/classifier.h"
#include "triage/controls.h"
#include "triage/err.h"
#include "triage/knowledge.h"
#include "triage/policy.h"

/* What the tickets of one profile are decided by. */
struct snapshot_profile {
    const struct profile *row; /* of the table */
    const char *name;          /* the policy's */
    struct policy *policy;
    struct classifier *classifier;
    struct classifier *priority; /* NULL: none configured */
    struct promise promise;
    char promise_id[SHA256_HEX_MAX]; /* of the promise file; "" none asked for */
    unsigned char audit_key[AUDIT_KEY_BYTES];
    struct knowledge_base *knowledge; /* NULL: none configured, or its topic is not read yet; profiles may share one */
    char knowledge_hash[SHA256_HEX_MAX];
};

struct snapshot {
    const struct config *config;
    const struct controls *controls; /* the one part that changes, by a thread of its own */
    struct models *models;           /* owns table, policies, classifiers and promises, with other snapshots */
    struct snapshot_profile profiles[PROFILES_MAX];
    size_t n_profiles;
    struct snapshot_profile candidate;   /* of a canary: stands in for a profile, whose articles it shares */
    int canary;                          /* index of that profile; -1: there is no canary */
    char knowledge_hash[SHA256_HEX_MAX]; /* of the articles of all profiles; "" none */
    struct err lacks; /* why articles are ranked by words alone, or are embedded anew at the next start; "" nothing */
    _Atomic int users;
};

/* The profile whose ticket it is; NULL: no row of the table takes it. */
const struct snapshot_profile *snapshot_profile_of(const struct snapshot *self, const struct ticket *ticket);
const struct snapshot_profile *snapshot_profile_named(const struct snapshot *self, const char *name); /* NULL: none */
/* The names that the profiles of a configuration have, for the controls; the caller frees each with mem_free. */
int snapshot_profile_names(const struct config *config, char *ret_names[PROFILES_MAX], size_t *ret_n,
                           struct err *reterr);
/* Every label that the classifier can give must be a class of the policy. */
int snapshot_check_labels(const struct classifier *classifier, const struct policy *policy, struct err *reterr);
/* Loads the candidate of a canary, as a worker would, and lets it go. ret_profile: the name of whose it is; empty: no
 * canary is configured. */
int snapshot_check_canary(const struct config *config, const struct profiles *table,
                          char ret_profile[CONTROL_PROFILE_MAX], struct err *reterr);
/* Whether the canary has the ticket of a profile; and whether it is decided by the candidate then, or only beside. */
bool snapshot_canary_has(const struct snapshot *self, int profile, const char *ticket_key);
bool snapshot_canary_live(const struct snapshot *self);
struct snapshot *snapshot_ref(struct snapshot *self);
void snapshot_unref(struct snapshot *self); /* the last one frees; NULL is fine */

struct snapshots; /* the one in force */

/* Loads what the configuration names. Both are borrowed and outlive it. The profiles are those of the controls. */
int snapshots_new(const struct config *config, const struct controls *controls, struct snapshots **ret_snapshots,
                  struct err *reterr);
void snapshots_free(struct snapshots *self);
/* Loads all of it anew, but for articles that came by a topic, and puts it in force: every profile, or on an error
 * none. */
int snapshots_reload(struct snapshots *self, struct err *reterr);
/* A new snapshot that differs in the articles alone: JSON objects, as knowledge_base_of_rows wants them. */
int snapshots_take_articles(struct snapshots *self, const char *const *rows, size_t n, struct err *reterr);
/* Rises by one with each reload: to see without a lock whether there is something new. */
uint64_t snapshots_version(const struct snapshots *self);
struct snapshot *snapshots_ref(struct snapshots *self); /* the caller unrefs */

#endif
