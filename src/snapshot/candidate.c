/* Loading the candidate. It stands on the same floor as everything else. */
#include "snapshot/candidate.h"

#include <string.h>
#include <sysexits.h>

#include "snapshot/snapshot.h"

static int refuse(struct err *reterr, const char *what)
{
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s", what);
}

/* Without a policy of its own it stands in for the only profile. */
static int find_profile(struct candidate *self, const struct profiles *table, const char *const *names,
                        struct err *reterr)
{
    for (size_t i = 0; self->policy && i < profiles_count(table); i++) {
        if (strcmp(names[i], policy_profile(self->policy)) == 0) {
            self->of = (int)i;
            return 0;
        }
    }
    if (self->policy)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "triage.canary_policy_file: profile: give one that this worker has, not %s",
                       policy_profile(self->policy));
    if (profiles_count(table) > 1)
        return refuse(reterr, "give triage.canary_policy_file: its profile says which of several has the canary");
    self->of = 0;
    return 0;
}

/* A promise was made for one classifier: that in force is no candidate's that has another. */
static int read_promise(struct candidate *self, const struct config_triage *triage, const struct profile *row,
                        struct err *reterr)
{
    const char *path = *triage->canary_promise_file      ? triage->canary_promise_file
                       : *triage->canary_classifier_file ? ""
                                                         : row->promise_file;

    self->promised = *path != '\0';
    return self->promised ? promise_load(path, self->classifier, &self->promise, reterr) : 0;
}

static int load(struct candidate *self, const struct config *config, const struct profiles *table,
                const char *const *names, struct err *reterr)
{
    const struct config_triage *triage = &config->triage;
    const char *floor = triage->policy_floor_file;
    const struct profile *row;

    if (*triage->canary_policy_file && policy_load_on(triage->canary_policy_file, floor, &self->policy, reterr) < 0)
        return -1;
    if (find_profile(self, table, names, reterr) < 0)
        return -1;
    row = profiles_at(table, (size_t)self->of);
    if (!*row->audit_key)
        return refuse(reterr,
                      "a canary is drawn by a secret: give triage.audit_key_file, or set triage.canary_percent to 0");
    if (!self->policy && policy_load_on(row->policy_file, floor, &self->policy, reterr) < 0)
        return -1;
    return classifier_load(*triage->canary_classifier_file ? triage->canary_classifier_file : row->classifier_file,
                           &self->classifier, reterr) < 0 ||
                   snapshot_check_labels(self->classifier, self->policy, reterr) < 0 ||
                   read_promise(self, triage, row, reterr) < 0
               ? -1
               : 0;
}

int candidate_load(const struct config *config, const struct profiles *table, const char *const *names,
                   struct candidate *ret_candidate, struct err *reterr)
{
    *ret_candidate = (struct candidate){.of = -1};
    if (config->triage.canary_percent == 0)
        return 0;
    return load(ret_candidate, config, table, names, reterr) < 0 ? err_context(reterr, "canary") : 0;
}

void candidate_done(struct candidate *self)
{
    promise_done(&self->promise);
    classifier_free(self->classifier);
    policy_free(self->policy);
}
