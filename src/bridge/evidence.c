/* Puts the evidence of one class together. */
#include "bridge/evidence.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

struct queue_class evidence_class(const struct snapshot_profile *profile, const char *label)
{
    return (struct queue_class){.profile = policy_profile(profile->policy),
                                .label = label,
                                .begins = control_mode_word(policy_autonomy(profile->policy)->begins)};
}

/* The promise speaks of the class. */
static bool promised(const struct snapshot_profile *profile, const char *label)
{
    const struct promise *promise = &profile->promise;

    if (!*profile->promise_id || !promise->certified)
        return false;
    if (promise->per != PROMISE_PER_CLASS)
        return true;
    for (size_t i = 0; i < promise->n_parts; i++) {
        if (strcmp(promise->parts[i].name, label) == 0)
            return promise->parts[i].certified;
    }
    return false;
}

/* Why nobody should be answered by this macro; NULL: there is no reason. */
static const char *macro_stale(const struct snapshot_profile *profile, const char *id, int64_t now_s)
{
    const struct article *article;

    if (!id || !*id || !profile->knowledge)
        return NULL;
    article = knowledge_base_find(profile->knowledge, id);
    if (!article)
        return "is not to be found";
    if (*article->superseded_by)
        return "was superseded";
    if (!*article->approved_by)
        return "is not approved";
    return article_review_overdue(article, now_s) ? "is past its review date" : NULL;
}

/* The first macro of the class that is stale; nothing else goes out without a person. */
static void find_stale(const struct snapshot_profile *profile, const struct policy_class *class,
                       struct ladder_evidence *evidence)
{
    const int64_t now_s = clock_wall_us() / 1000000;
    const char *language;

    for (size_t i = 0; (language = policy_language_at(profile->policy, i)) && !evidence->stale_macro; i++) {
        const char *id = policy_macro(profile->policy, class->label, language);
        const char *why = macro_stale(profile, id, now_s);
        if (why)
            evidence->stale_macro = id, evidence->stale_why = why;
    }
}

int evidence_of(const struct evidence_source *source, const struct policy_class *class,
                struct ladder_evidence *ret_evidence, struct queue_evidence *ret_found, struct err *reterr)
{
    const struct snapshot_profile *profile = source->profile;
    const struct queue_class asked = evidence_class(profile, class->label);
    struct control_answer said = {.cap = MODE_AUTO};
    struct ladder_evidence evidence;

    if (queue_class_evidence(source->queue, &asked, policy_autonomy(profile->policy)->labels_least, ret_found, reterr) <
        0)
        return -1;
    if (source->controls)
        controls_ask(source->controls, &(struct control_question){.profile = asked.profile, .label = class->label},
                     &said);
    evidence = (struct ladder_evidence){
        .ceiling = class->mode,
        .owner_named = *policy_owner(profile->policy),
        .promise_certified = promised(profile, class->label),
        .promise_was_broken = strcmp(ret_found->demoted_for, "promise_broken") == 0 &&
                              strcmp(ret_found->demoted_promise, profile->promise_id) == 0,
        .unwatched = profile->row->audit_percent <= 0 || !*profile->row->audit_key,
        .stopped = said.stopped,
        .capped = said.cap < MODE_AUTO,
        .labels = ret_found->labels,
        .looked = ret_found->looked,
        .overrides = ret_found->overrides,
        .share_of_manual = ret_found->share_of_manual,
        .reviewed_days = ret_found->reviewed_days,
    };
    find_stale(profile, class, &evidence);
    (void)control_mode_of(ret_found->level, &evidence.level); /* an enum of the same words */
    *ret_evidence = evidence;
    return 0;
}

char *evidence_json(const struct ladder_evidence *evidence, const struct queue_evidence *found, const char *promise)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "labels", (double)evidence->labels);
    cJSON_AddNumberToObject(doc, "looked", (double)evidence->looked);
    cJSON_AddNumberToObject(doc, "overrides", (double)evidence->overrides);
    if (evidence->share_of_manual >= 0)
        cJSON_AddNumberToObject(doc, "share_of_manual", evidence->share_of_manual);
    if (evidence->reviewed_days >= 0) {
        cJSON_AddNumberToObject(doc, "reviewed_days", evidence->reviewed_days);
        cJSON_AddStringToObject(doc, "reviewed_by", found->reviewed_by);
    }
    cJSON_AddStringToObject(doc, "promise", promise);
    cJSON_AddBoolToObject(doc, "promise_certified", evidence->promise_certified);
    cJSON_AddBoolToObject(doc, "knowledge_stale", evidence->stale_macro != NULL);
    if (evidence->stale_macro)
        cJSON_AddStringToObject(doc, "stale_macro", evidence->stale_macro);
    return json_text(doc);
}
