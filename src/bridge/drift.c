/* The watch over drift: the results of the classifier in force, one by one, into decide/drift.c. Its state and how far
 * the topic was read stand in one row of Postgres, so a worker that ends anywhere goes on there; alarms and their caps
 * are written in the same transaction, and the relay publishes the caps. One connection at a time reads for a profile.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "bridge/bridge.h"
#include "bridge/tally.h"
#include "decide/drift.h"
#include "kafka/reader.h"
#include "metrics/metrics.h"
#include "queue/queue.h"

enum {
    READ_MS = 200,
    RECORDS_A_TURN = 1000,
    SAVE_EVERY_US = 5000000,
    SEEN_EVERY_US = 10000000,
    IDLE_US = 2000000, /* while another worker reads */
    RETRY_US = 1000000,
    PARTITIONS_MAX = 4096,
    RESULT_BYTES_MAX = 8 << 20,
    SOURCE_MAX = 256,
    DONE_MAX = 160,
};

static const struct json_limits result_limits = {RESULT_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
static const struct json_limits positions_limits = {1 << 20, 8, 4 * PARTITIONS_MAX + 16};

struct watching {
    const struct config *config;
    struct snapshots *snapshots;
    size_t profile_at;    /* which profile of the snapshot it is about */
    struct watching *all; /* one for each profile */
    size_t n_all;
    struct snapshot *now;                   /* in force during this turn */
    const struct snapshot_profile *profile; /* of it */
    char name[METRIC_VALUE_MAX];            /* of the profile */
    struct queue *queue;
    struct reader *reader;
    struct drift *drift;
    struct tally *tally;             /* what was read since the last save */
    char classifier[SHA256_HEX_MAX]; /* whose decisions the drift is about */
    int64_t version;                 /* of what is saved; 0 nothing */
    struct reader_start *places;     /* how far each partition was read; PARTITIONS_MAX */
    size_t n_places;
    bool changed;
    int64_t save_at_us, seen_at_us;
};

static void forget(struct watching *self)
{
    reader_close(self->reader);
    queue_close(self->queue);
    drift_free(self->drift);
    self->reader = NULL;
    self->queue = NULL;
    self->drift = NULL;
    self->n_places = 0;
    self->changed = false;
    tally_clear(self->tally);
}

/* ---- starting, and starting again ---- */

static void begin_anew(struct watching *self)
{
    const struct config_triage *triage = &self->config->triage;

    drift_free(self->drift);
    self->drift = drift_new(&(struct drift_settings){.reference = (size_t)triage->drift_reference,
                                                     .false_alarm = triage->drift_false_alarm});
    snprintf(self->classifier, sizeof self->classifier, "%s", classifier_hash(self->profile->classifier));
    self->changed = true;
    log_line(LOG_INFO, "drift.begins", "classifier=%.12s reference=%d", self->classifier, triage->drift_reference);
}

static int read_places(struct watching *self, const char *text, struct err *reterr)
{
    CLEANUP(json_done) cJSON *list = NULL;
    const cJSON *one;

    if (json_parse(text, strlen(text), &positions_limits, &list, reterr) < 0)
        return err_context(reterr, "the positions of drift");
    cJSON_ArrayForEach(one, list)
    {
        int64_t next = 0;
        if (self->n_places < PARTITIONS_MAX && json_int64(one, "next", &next) == 0)
            self->places[self->n_places++] = (struct reader_start){(int)json_num(one, "partition", 0), next};
    }
    return 0;
}

static int take_saved(struct watching *self, const struct queue_drift *saved, struct err *reterr)
{
    self->version = saved->version;
    if (!saved->version) {
        begin_anew(self);
        return 0;
    }
    if (read_places(self, saved->positions, reterr) < 0)
        return -1;
    if (strcmp(saved->classifier, classifier_hash(self->profile->classifier)) != 0) {
        begin_anew(self);
        return 0;
    }
    snprintf(self->classifier, sizeof self->classifier, "%s", saved->classifier);
    return drift_load(saved->state, &self->drift, reterr);
}

static int load(struct watching *self, struct err *reterr)
{
    CLEANUP(queue_drift_done) struct queue_drift saved = {0};
    const struct config_kafka *kafka = &self->config->kafka;

    if (self->drift)
        return 0;
    if (queue_drift_load(self->queue, self->profile->name, &saved, reterr) < 0 || take_saved(self, &saved, reterr) < 0)
        return -1;
    return reader_open_at(kafka, kafka->topic_results, true, self->places, self->n_places, &self->reader, reterr);
}

/* ---- one result ---- */

static bool of_profile(const struct watching *self, const struct record *record)
{
    char source[SOURCE_MAX];
    int len = snprintf(source, sizeof source, "/%.200s", self->profile->name);

    for (size_t i = 0; i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        if (strcmp(header->name, "ce_source") == 0)
            return header->len >= (size_t)len &&
                   memcmp((const char *)header->value + header->len - (size_t)len, source, (size_t)len) == 0;
    }
    return false;
}

/* An answer that was on hold was decided when it asked for its place in the queue. */
static bool decided_by_machine(const cJSON *doc, const char *status)
{
    if (strcmp(status, "answered") == 0)
        return !json_lists(doc, "reasons", reason_name(REASON_MODE_HOLD));
    return strcmp(status, "suggested") == 0 || strcmp(status, "in_review") == 0 || strcmp(status, "ignored") == 0;
}

static void take_result(struct watching *self, const cJSON *doc)
{
    const char *status = json_str(doc, "status", "");
    const cJSON *signals = json_get(doc, "signals"), *draft = json_get(doc, "draft"), *review = json_get(doc, "review");
    struct drift_sample sample = {
        .label = json_str(doc, "label", ""),
        .language = json_str(doc, "language", ""),
        .confidence = json_num(doc, "confidence", 0),
        .words = (int64_t)json_num(signals, "words", 0),
        .unknown_words = json_num(signals, "unknown_words", 0),
        .retrieval = json_num(signals, "retrieval", -1),
        .drafted = cJSON_IsObject(draft) && cJSON_IsNull(json_get(draft, "macro_id")),
        .rejected = cJSON_GetArraySize(json_get(draft, "unsupported")) > 0,
        .reviewed = strcmp(status, "reviewed") == 0,
        .overridden = strcmp(json_str(review, "outcome", ""), "relabelled") == 0,
    };

    if (strcmp(json_str(json_get(doc, "provenance"), "classifier", ""), self->classifier) != 0)
        return;
    if (sample.reviewed || decided_by_machine(doc, status))
        drift_take(self->drift, &sample);
}

/* Counts are of all results, drift of those of the classifier in force. */
static void take_all(struct watching *self, const cJSON *doc)
{
    tally_take(self->tally, doc);
    take_result(self, doc);
}

static void note_place(struct watching *self, int partition, int64_t next)
{
    size_t i = 0;

    while (i < self->n_places && self->places[i].partition != partition)
        i++;
    if (i == self->n_places && i < PARTITIONS_MAX)
        self->n_places++;
    if (i < PARTITIONS_MAX)
        self->places[i] = (struct reader_start){partition, next};
    self->changed = true;
}

/* What can't be read is no result of ours. */
static void take(struct watching *self, const struct reader_record *record)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    struct err ignored;

    if (record->record.value && of_profile(self, &record->record) &&
        json_parse(record->record.value, record->record.value_len, &result_limits, &doc, &ignored) == 0)
        take_all(self, doc);
    note_place(self, record->partition, record->offset + 1);
}

/* ---- events ---- */

static void add_cap(struct watching *self, const struct drift_event *event, const char *label, cJSON *caps)
{
    const struct control_record cap = {.type = CONTROL_CAP,
                                       .profile = self->profile->name,
                                       .label = label,
                                       .reason = "drift",
                                       .text = event->text,
                                       .by = "watch",
                                       .promise = "",
                                       .owner = policy_owner(self->profile->policy),
                                       .mode = MODE_SUGGEST,
                                       .now_wall_us = clock_wall_us()};
    struct message message;
    cJSON *one = cJSON_CreateObject();

    control_encode(&cap, &message);
    cJSON_AddStringToObject(one, "key", message.key);
    cJSON_AddItemToObject(one, "value", cJSON_Parse(message.value));
    cJSON_AddItemToArray(caps, one);
    message_free(&message);
}

static void act(struct watching *self, const struct drift_event *event, cJSON *doc)
{
    const char *scope = event->reading.scope, *label = *scope ? scope : CONTROL_ALL;
    cJSON *caps = cJSON_AddArrayToObject(doc, "caps");
    bool known = !*scope || policy_class_find(self->profile->policy, scope);
    char done[DONE_MAX] = "told only";

    if (event->caps && known && self->config->triage.drift_caps) {
        add_cap(self, event, label, caps);
        snprintf(done, sizeof done, "%s may do no more than suggest", *scope ? scope : "every class");
    }
    cJSON_AddStringToObject(doc, "done", done);
    log_line(event->over ? LOG_INFO : LOG_ERROR, event->over ? "drift.over" : "drift.alarm",
             "signal=%s scope=\"%s\" owner=\"%s\" done=\"%s\" text=\"%s\"", drift_signal_name(event->reading.signal),
             scope, policy_owner(self->profile->policy),
             event->over ? "nothing: caps stand until somebody lifts them" : done, event->text);
}

static cJSON *reading_json(const struct drift_reading *reading)
{
    cJSON *doc = cJSON_CreateObject();
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"reference_n", (double)reading->reference_n},
                   {"n", (double)reading->n},
                   {"reference", reading->reference},
                   {"low", reading->low},
                   {"high", reading->high},
                   {"recent", reading->recent},
                   {"evidence", reading->evidence},
                   {"since", (double)reading->since}};

    cJSON_AddStringToObject(doc, "signal", drift_signal_name(reading->signal));
    cJSON_AddStringToObject(doc, "scope", reading->scope);
    cJSON_AddBoolToObject(doc, "learning", reading->learning);
    cJSON_AddBoolToObject(doc, "alarm", reading->alarm);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cJSON_AddNumberToObject(doc, numbers[i].name, numbers[i].value);
    return doc;
}

static cJSON *events_json(struct watching *self)
{
    cJSON *list = cJSON_CreateArray();
    struct drift_event event;

    while (drift_next_event(self->drift, &event)) {
        cJSON *doc = cJSON_CreateObject();
        cJSON_AddBoolToObject(doc, "over", event.over);
        cJSON_AddStringToObject(doc, "signal", drift_signal_name(event.reading.signal));
        cJSON_AddStringToObject(doc, "scope", event.reading.scope);
        cJSON_AddBoolToObject(doc, "upwards", event.reading.upwards);
        cJSON_AddStringToObject(doc, "owner", policy_owner(self->profile->policy));
        cJSON_AddStringToObject(doc, "text", event.text);
        cJSON_AddItemToObject(doc, "reading", reading_json(&event.reading));
        act(self, &event, doc);
        cJSON_AddItemToArray(list, doc);
    }
    return list;
}

/* ---- keeping and telling ---- */

static void add_reading(void *opaque, const struct drift_reading *reading)
{
    cJSON_AddItemToArray(opaque, reading_json(reading));
}

/* With several profiles a scope is PROFILE/SCOPE. */
static void tell_reading(void *opaque, const struct drift_reading *reading)
{
    const struct watching *self = opaque;
    const char *signal = drift_signal_name(reading->signal);
    char scope[METRIC_VALUE_MAX];

    if (reading->learning)
        return;
    snprintf(scope, sizeof scope, "%.60s%s%.60s", self->n_all > 1 ? self->name : "", self->n_all > 1 ? "/" : "",
             reading->scope);
    metrics_series_set(METRIC_DRIFT_EVIDENCE, signal, scope, reading->evidence);
    metrics_series_set(METRIC_DRIFT_RECENT, signal, scope, reading->recent);
    metrics_series_set(METRIC_DRIFT_LOW, signal, scope, reading->low);
    metrics_series_set(METRIC_DRIFT_HIGH, signal, scope, reading->high);
    metrics_series_set(METRIC_DRIFT_ALARM, signal, scope, reading->alarm);
}

static void tell(const struct watching *self)
{
    static const enum metric ours[] = {METRIC_DRIFT_EVIDENCE, METRIC_DRIFT_RECENT, METRIC_DRIFT_LOW, METRIC_DRIFT_HIGH,
                                       METRIC_DRIFT_ALARM};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        metrics_series_forget(ours[i]);
    for (size_t i = 0; i < self->n_all; i++) {
        struct watching *one = &self->all[i];
        metrics_set(METRIC_DRIFT_LEARNING, (int)i, one->drift && drift_learning(one->drift));
        if (one->drift)
            drift_each(one->drift, tell_reading, one);
    }
}

static char *places_text(const struct watching *self)
{
    CLEANUP(json_done) cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < self->n_places; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "partition", self->places[i].partition);
        cJSON_AddNumberToObject(one, "next", (double)self->places[i].offset);
        cJSON_AddItemToArray(list, one);
    }
    return json_text(list);
}

/* When somebody else wrote since, an operator or another worker, what was read since is read again from there. */
static int save(struct watching *self, const cJSON *events, struct err *reterr)
{
    CLEANUP(json_done) cJSON *readings = cJSON_CreateArray();
    CLEANUP(mem_freep) char *state = drift_save(self->drift);
    CLEANUP(mem_freep) char *places = places_text(self);
    CLEANUP(mem_freep) char *events_text = json_text(events);
    CLEANUP(mem_freep) char *readings_text = NULL;
    CLEANUP(mem_freep) char *decided = tally_text(self->tally);
    bool mine;

    drift_each(self->drift, add_reading, readings);
    readings_text = json_text(readings);
    const struct queue_drift_change change = {.profile = self->profile->name,
                                              .classifier = self->classifier,
                                              .version = self->version,
                                              .state = state,
                                              .positions = places,
                                              .readings = readings_text,
                                              .events = events_text,
                                              .decided = decided};
    if (queue_drift_save(self->queue, &change, &mine, reterr) < 0)
        return -1;
    tally_clear(self->tally);
    self->version++;
    self->changed = false;
    self->save_at_us = clock_mono_us() + SAVE_EVERY_US;
    tell(self);
    if (!mine) {
        log_line(LOG_INFO, "drift.reads_again", "version=%" PRId64, self->version);
        forget(self);
    }
    return 0;
}

/* ---- the loop ---- */

static int read_some(struct watching *self, struct err *reterr)
{
    struct reader_record record;
    int got = 1;

    for (int i = 0; i < RECORDS_A_TURN && got == 1; i++) {
        got = reader_next(self->reader, READ_MS, &record, reterr);
        if (got < 0)
            return -1;
        if (got == 1)
            take(self, &record);
    }
    return 0;
}

static int look(struct watching *self, struct err *reterr)
{
    CLEANUP(json_done) cJSON *events = NULL;

    if (load(self, reterr) < 0)
        return -1;
    if (strcmp(self->classifier, classifier_hash(self->profile->classifier)) != 0)
        begin_anew(self);
    if (read_some(self, reterr) < 0)
        return -1;
    events = events_json(self);
    if (cJSON_GetArraySize(events) || (self->changed && clock_mono_us() >= self->save_at_us))
        return save(self, events, reterr);
    return 0;
}

static int turn(struct watching *self, bool *ret_mine, struct err *reterr)
{
    int rc;

    if (!self->queue && queue_open(&self->config->postgres, "triaged-drift", &self->queue, reterr) < 0)
        return -1;
    self->now = snapshots_ref(self->snapshots);
    self->profile = &self->now->profiles[self->profile_at];
    snprintf(self->name, sizeof self->name, "%s", self->profile->name);
    rc = queue_drift_lock(self->queue, self->profile->name, ret_mine, reterr);
    if (rc == 0 && *ret_mine)
        rc = look(self, reterr);
    snapshot_unref(self->now);
    return rc;
}

/* How this worker is, for whoever looks at the overview. */
static int tell_worker(struct watching *self, struct err *reterr)
{
    CLEANUP(buf_free) struct buf parts = {0};
    int64_t now = clock_mono_us();
    bool ready;

    if (now < self->seen_at_us)
        return 0;
    self->seen_at_us = now + SEEN_EVERY_US;
    ready = health_ready(&parts, now);
    return queue_worker_seen(self->queue, self->config->triage.instance, ready, buf_str(&parts), reterr);
}

/* A round over all profiles; *ret_mine: one of them is ours to read. */
static int round_of(struct watching *all, size_t n, bool *ret_mine, struct err *reterr)
{
    *ret_mine = false;
    for (size_t i = 0; i < n; i++) {
        bool mine = true;
        health_beat(HEALTH_DRIFT, 0, clock_mono_us());
        if (turn(&all[i], &mine, reterr) < 0) {
            forget(&all[i]);
            return -1;
        }
        *ret_mine |= mine;
    }
    return tell_worker(&all[0], reterr);
}

static struct watching *watch_all(const struct config *config, struct snapshots *snapshots, size_t *ret_n)
{
    struct snapshot *now = snapshots_ref(snapshots);
    struct watching *all = mem_array(now->n_profiles, sizeof *all);

    *ret_n = now->n_profiles;
    snapshot_unref(now);
    for (size_t i = 0; i < *ret_n; i++)
        all[i] = (struct watching){.config = config,
                                   .snapshots = snapshots,
                                   .profile_at = i,
                                   .all = all,
                                   .n_all = *ret_n,
                                   .tally = tally_new(),
                                   .places = mem_array(PARTITIONS_MAX, sizeof *all->places)};
    return all;
}

int drift_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr)
{
    size_t n;
    struct watching *all = watch_all(config, snapshots, &n);
    int rc = 0;

    while (!*stop && rc == 0) {
        struct err err = {0};
        bool mine;
        if (round_of(all, n, &mine, &err) == 0) {
            health_set(HEALTH_DRIFT, 0, "");
            if (!mine)
                bridge_wait(stop, IDLE_US);
            continue;
        }
        health_set(HEALTH_DRIFT, 0, "the watch over drift waits");
        log_line(LOG_WARN, "drift.waits", "text=\"%s\"", err.text);
        if (err.class != ERR_TRANSIENT) {
            *reterr = err;
            rc = err_context(reterr, "drift");
        }
        bridge_wait(stop, RETRY_US);
    }
    for (size_t i = 0; i < n; i++) {
        forget(&all[i]);
        tally_free(all[i].tally);
        mem_free(all[i].places);
    }
    mem_free(all);
    return rc;
}
