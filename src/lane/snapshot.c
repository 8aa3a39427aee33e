/* What all lanes read: loaded once, const while they run. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lane/lane.h"
#include "triage/knowledge.h"

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

int snapshot_load(const struct config *config, struct snapshot *ret_snapshot, struct err *reterr)
{
    struct snapshot snapshot = {.config = config};

    if (policy_load(config->triage.policy_file, &snapshot.policy, reterr) < 0 ||
        classifier_load(config->triage.classifier_file, &snapshot.classifier, reterr) < 0 ||
        snapshot_check_labels(snapshot.classifier, snapshot.policy, reterr) < 0 ||
        read_promise(config, &snapshot, reterr) < 0 || read_knowledge_hash(config, &snapshot, reterr) < 0) {
        snapshot_done(&snapshot);
        return -1;
    }
    audit_key_make(config->triage.audit_key, snapshot.audit_key);
    snapshot.controls = controls_new(snapshot.policy);
    *ret_snapshot = snapshot;
    return 0;
}

void snapshot_done(struct snapshot *self)
{
    controls_free(self->controls);
    promise_done(&self->promise);
    policy_free(self->policy);
    classifier_free(self->classifier);
    *self = (struct snapshot){0};
}
