/* Stale-answer recall: a draft that waits for a person was checked against articles as they were. When those have
 * changed it is checked again against what they say now, and what has lost its source is marked. Holds no state that
 * matters: which drafts are due stands in the queue. What was sent already is 'triaged knowledge recall''s to list. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "metrics/metrics.h"
#include "queue/queue.h"
#include "triage/draft.h"
#include "triage/policy.h"

#define LATE_US 600000000LL /* a draft made by the old articles is in the queue by then */

enum { LOOK_EVERY_US = 5000000, REQUEST_BYTES_MAX = 4 << 20 };

static const struct json_limits request_limits = {REQUEST_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

struct recall {
    const struct config *config;
    struct snapshots *snapshots;
    struct snapshot *now;                 /* in force during this turn */
    const struct snapshot_profile *first; /* of the profiles that share the articles that are looked by */
    struct knowledge *knowledge;          /* over these */
    struct queue *queue;
    char seen[SHA256_HEX_MAX]; /* the knowledge that was looked by last */
    int64_t changed_us;        /* when that was new */
};

/* ---- one draft ---- */

static struct draft draft_of(const cJSON *request)
{
    const cJSON *draft = json_get(json_get(request, "decision"), "draft"), *one;
    struct draft found = {.text = mem_strdup(json_str(draft, "text", ""))};

    cJSON_ArrayForEach(one, json_get(draft, "citations"))
    {
        if (cJSON_IsString(one) && found.n_citations < CITATIONS_MAX)
            snprintf(found.citations[found.n_citations++], ARTICLE_ID_MAX, "%s", one->valuestring);
    }
    return found;
}

/* The cited articles that are others now; *ret_gone: one of them may not be cited any more. */
static cJSON *changed_articles(const struct recall *self, const cJSON *request, const struct draft *draft,
                               bool *ret_gone)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *shown;

    cJSON_ArrayForEach(shown, json_get(json_get(json_get(request, "decision"), "context"), "articles"))
    {
        const char *id = json_str(shown, "id", "");
        const struct article *article = knowledge_find(self->knowledge, id);
        bool cited = false;
        for (size_t i = 0; i < draft->n_citations; i++)
            cited |= strcmp(draft->citations[i], id) == 0;
        if (!cited || (article && strcmp(article->hash, json_str(shown, "hash", "")) == 0))
            continue;
        *ret_gone |= !article || *article->superseded_by;
        cJSON_AddItemToArray(list, cJSON_CreateString(id));
    }
    return list;
}

static char *reason_of(enum reason reason)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddStringToObject(doc, "code", reason_name(reason));
    cJSON_AddStringToObject(doc, "text", reason_description(reason));
    return json_text(doc);
}

static int write_down(struct recall *self, const struct queue_draft *due, const cJSON *finding, const char *unsupported,
                      bool stands, struct err *reterr)
{
    CLEANUP(mem_freep) char *text = json_text(finding);
    CLEANUP(mem_freep) char *reason = stands ? NULL : reason_of(REASON_ARTICLE_CHANGED);
    const struct queue_recheck found = {.item = due->item,
                                        .knowledge = self->first->knowledge_hash,
                                        .finding = text,
                                        .unsupported = unsupported,
                                        .reason = reason};
    bool waits;

    if (queue_rechecked(self->queue, &found, &waits, reterr) < 0)
        return -1;
    if (waits) {
        metrics_add(METRIC_RECALLS, stands ? "stands" : "marked", 1);
        log_line(LOG_INFO, "recall.checked", "item=%lld stands=%d", (long long)due->item, stands);
    }
    return 0;
}

/* A draft of a profile that has other articles, or that another worker decides for, is not ours to judge by these. */
static bool is_ours(const struct recall *self, const cJSON *request)
{
    const struct snapshot_profile *profile = snapshot_profile_named(self->now, json_str(request, "profile", ""));

    return profile && profile->knowledge == self->first->knowledge;
}

/* A draft stands when no more of it is without a source than before, and every article that it cites is still to be
 * cited. */
static int check_again(void *opaque, const struct queue_draft *due, struct err *reterr)
{
    struct recall *self = opaque;
    CLEANUP(json_done) cJSON *request = NULL, *ticket_doc = NULL, *now = NULL, *finding = cJSON_CreateObject();
    CLEANUP(mem_freep) char *unsupported = NULL;
    CLEANUP(decision_clear) struct decision holder = {0};
    const cJSON *before;
    bool gone = false, stands;

    if (json_parse(due->request, strlen(due->request), &request_limits, &request, reterr) < 0 ||
        (*due->ticket && json_parse(due->ticket, strlen(due->ticket), &request_limits, &ticket_doc, reterr) < 0))
        return err_context(reterr, "item %lld", (long long)due->item);
    if (!is_ours(self, request))
        return 0;
    const struct ticket ticket = {.subject = json_str(ticket_doc, "subject", ""),
                                  .body_text = json_str(ticket_doc, "body_text", "")};
    holder.draft = draft_of(request);
    holder.draft.commitments = policy_commitments(snapshot_profile_named(self->now, json_str(request, "profile", ""))->policy);
    unsupported = draft_unsupported(self->knowledge, &ticket, &holder.draft);
    now = cJSON_Parse(unsupported ? unsupported : "[]");
    before = json_get(json_get(json_get(request, "decision"), "draft"), "unsupported");
    cJSON_AddItemToObject(finding, "articles", changed_articles(self, request, &holder.draft, &gone));
    stands = !gone && cJSON_GetArraySize(now) <= cJSON_GetArraySize(before);
    cJSON_AddNumberToObject(finding, "unsupported", cJSON_GetArraySize(now));
    cJSON_AddBoolToObject(finding, "stands", stands);
    return write_down(self, due, finding, unsupported ? unsupported : "[]", stands, reterr);
}

/* ---- all of them ---- */

static char *versions_of(const struct knowledge_base *base)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    for (size_t i = 0; i < knowledge_base_count(base); i++)
        cJSON_AddStringToObject(doc, knowledge_base_at(base, i)->id, knowledge_base_at(base, i)->hash);
    return json_text(doc);
}

static int look_by(struct recall *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *versions = versions_of(self->first->knowledge);
    int rc;

    if (knowledge_open(self->first->knowledge, NULL, &self->knowledge, reterr) < 0)
        return -1;
    rc = queue_each_outdated(self->queue, versions, self->first->knowledge_hash, check_again, self, reterr);
    knowledge_free(self->knowledge);
    self->knowledge = NULL;
    return rc;
}

/* Once by the articles of each folder, however many profiles share it. */
static int look(struct recall *self, struct err *reterr)
{
    for (size_t i = 0; i < self->now->n_profiles; i++) {
        bool seen = self->now->profiles[i].knowledge == NULL;
        for (size_t k = 0; k < i; k++)
            seen |= self->now->profiles[k].knowledge == self->now->profiles[i].knowledge;
        self->first = &self->now->profiles[i];
        if (!seen && look_by(self, reterr) < 0)
            return -1;
    }
    return 0;
}

/* After a change for a while again and again: drafts that were made by the old articles come late. */
static bool is_due(struct recall *self)
{
    if (!*self->now->knowledge_hash)
        return false;
    if (strcmp(self->seen, self->now->knowledge_hash) != 0) {
        snprintf(self->seen, sizeof self->seen, "%s", self->now->knowledge_hash);
        self->changed_us = clock_mono_us();
    }
    return clock_mono_us() - self->changed_us < LATE_US;
}

static int turn(struct recall *self, struct err *reterr)
{
    int rc = 0;

    if (!self->queue && queue_open(&self->config->postgres, "triaged-recall", &self->queue, reterr) < 0)
        return -1;
    self->now = snapshots_ref(self->snapshots);
    if (is_due(self))
        rc = look(self, reterr);
    snapshot_unref(self->now);
    if (rc < 0)
        return -1;
    health_set(HEALTH_RECALL, 0, "");
    return 0;
}

int recall_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr)
{
    struct recall self = {.config = config, .snapshots = snapshots};
    int rc = 0;

    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(HEALTH_RECALL, 0, clock_mono_us());
        if (turn(&self, &err) < 0) {
            queue_close(self.queue);
            self.queue = NULL;
            health_set(HEALTH_RECALL, 0, "waiting drafts can't be checked again");
            log_line(LOG_WARN, "recall.waits", "text=\"%s\"", err.text);
            if (err.class != ERR_TRANSIENT) {
                *reterr = err;
                rc = err_context(reterr, "recall");
            }
        }
        bridge_wait(stop, LOOK_EVERY_US);
    }
    queue_close(self.queue);
    return rc;
}
