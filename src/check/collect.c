/* Reading the topics and the queue into a history. */
#include "check/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "kafka/reader.h"
#include "queue/items.h"

enum { VALUE_BYTES_MAX = 1100000, VALUE_TOKENS_MAX = 100000 };

struct collector {
    const struct config *config;
    struct reader *tickets, *results, *reviews, *letters;
    struct queue *queue;
    struct history history;
    struct collect_counts counts;
    struct sample samples[COLLECT_SAMPLES];
    size_t n_samples;
};

typedef int take_record(struct collector *self, const struct reader_record *record, struct err *reterr);

/* ---- life ---- */

int collector_open(const struct config *config, bool with_queue, struct collector **ret_collector, struct err *reterr)
{
    const struct config_kafka *kafka = &config->kafka;
    struct collector *self = mem_alloc(sizeof *self);

    self->config = config;
    self->history.positions_known = true;
    if (reader_open(kafka, kafka->topic_tickets, true, &self->tickets, reterr) < 0 ||
        reader_open(kafka, kafka->topic_results, true, &self->results, reterr) < 0 ||
        reader_open(kafka, kafka->topic_reviews, true, &self->reviews, reterr) < 0 ||
        reader_open(kafka, kafka->topic_deadletter, true, &self->letters, reterr) < 0 ||
        (with_queue && queue_open(&config->postgres, "triaged-verify", &self->queue, reterr) < 0)) {
        collector_close(self);
        return -1;
    }
    *ret_collector = self;
    return 0;
}

void collector_close(struct collector *self)
{
    if (!self)
        return;
    reader_close(self->tickets);
    reader_close(self->results);
    reader_close(self->reviews);
    reader_close(self->letters);
    queue_close(self->queue);
    history_free(&self->history);
    for (size_t i = 0; i < self->n_samples; i++)
        mem_free(self->samples[i].json);
    mem_free(self);
}

struct history *collector_history(struct collector *self)
{
    return &self->history;
}

const struct collect_counts *collector_counts(const struct collector *self)
{
    return &self->counts;
}

size_t collector_samples(const struct collector *self, const struct sample **ret_samples)
{
    *ret_samples = self->samples;
    return self->n_samples;
}

/* ---- records ---- */

static int take_ticket(struct collector *self, const struct reader_record *record, UNUSED struct err *reterr)
{
    const struct history_input input = {record->partition, record->offset};

    if (!self->counts.first_ms || record->timestamp_ms < self->counts.first_ms)
        self->counts.first_ms = record->timestamp_ms;
    history_add_input(&self->history, &input);
    return 0;
}

static uint64_t hash_text(const char *text)
{
    return text && *text ? hash64(text, strlen(text)) : 0;
}

static enum result_status status_of(const char *name)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (strcmp(result_status_name((enum result_status)i), name) == 0)
            return (enum result_status)i;
    }
    return STATUS_COUNT;
}

static void count_reason(struct collector *self, const cJSON *doc)
{
    const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(doc, "reasons"), 0));

    for (size_t i = 0; first && i < REASON_COUNT; i++) {
        if (strcmp(reason_name((enum reason)i), first) == 0)
            self->counts.review_reasons[i]++;
    }
}

/* A few decisions of different kinds, with a draft where there is one. */
static void keep_sample(struct collector *self, const cJSON *doc, enum result_status status)
{
    size_t same = 0;

    if (status != STATUS_ANSWERED && status != STATUS_SUGGESTED && status != STATUS_IN_REVIEW)
        return;
    if (status != STATUS_ANSWERED && !cJSON_IsObject(json_get(doc, "draft")))
        return;
    for (size_t i = 0; i < self->n_samples; i++)
        same += self->samples[i].status == status;
    if (same < COLLECT_SAMPLES / 3 && self->n_samples < COLLECT_SAMPLES)
        self->samples[self->n_samples++] = (struct sample){json_text(doc), status};
}

static int parse(const struct reader_record *record, cJSON **ret_doc, struct err *reterr)
{
    const struct json_limits limits = {VALUE_BYTES_MAX, JSON_DEPTH_MAX + 8, VALUE_TOKENS_MAX};

    if (json_parse(record->record.value ? record->record.value : "", record->record.value_len, &limits, ret_doc,
                   reterr) == 0)
        return 0;
    return err_context(reterr, "a message of ours at partition %d offset %lld", record->partition,
                       (long long)record->offset);
}

static int take_result(struct collector *self, const struct reader_record *record, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    struct history_output output = {
        .kind = OUTPUT_RESULT, .at_partition = record->partition, .at_offset = record->offset};
    const cJSON *input;
    int64_t partition = 0;

    if (parse(record, &doc, reterr) < 0)
        return -1;
    output.status = status_of(json_str(doc, "status", ""));
    output.released = output.status == STATUS_ANSWERED && json_lists(doc, "reasons", reason_name(REASON_MODE_HOLD));
    if (output.status == STATUS_COUNT)
        return err_set(reterr, ERR_PERMANENT, 65, "a result at partition %d offset %lld has an unknown status",
                       record->partition, (long long)record->offset);
    input = json_get(doc, "input");
    output.placed = json_int64(input, "offset", &output.offset) == 0 && json_int64(input, "partition", &partition) == 0;
    output.partition = (int)partition;
    output.key = hash_text(json_str(doc, "key", ""));
    output.id = hash_text(json_str(doc, "id", ""));
    (void)json_int64(doc, "revision", &output.revision);
    history_add_output(&self->history, &output);
    if (record->timestamp_ms > self->counts.last_ms && output.status != STATUS_REVIEWED)
        self->counts.last_ms = record->timestamp_ms;
    if (output.status == STATUS_IN_REVIEW)
        count_reason(self, doc);
    keep_sample(self, doc, output.status);
    return 0;
}

static int take_review(struct collector *self, const struct reader_record *record, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    struct history_output output = {
        .kind = OUTPUT_REQUEST, .at_partition = record->partition, .at_offset = record->offset};

    if (parse(record, &doc, reterr) < 0)
        return -1;
    if (strcmp(json_str(doc, "type", ""), "request") != 0 || strcmp(json_str(doc, "origin", "ticket"), "ticket") != 0)
        return 0;
    output.key = hash_text(json_str(doc, "key", ""));
    output.id = hash_text(json_str(doc, "review_id", ""));
    (void)json_int64(doc, "revision", &output.revision);
    history_add_output(&self->history, &output);
    return 0;
}

static const struct record_header *header_of(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->n_headers; i++) {
        if (strcmp(record->headers[i].name, name) == 0)
            return &record->headers[i];
    }
    return NULL;
}

static int64_t header_number(const struct record *record, const char *name)
{
    const struct record_header *header = header_of(record, name);
    char text[24] = "";

    if (!header || header->len >= sizeof text)
        return -1;
    memcpy(text, header->value, header->len);
    return strtoll(text, NULL, 10);
}

static void count_letter(struct collect_counts *counts, const struct record_header *reason)
{
    char name[48];
    size_t i = 0;

    snprintf(name, sizeof name, "%.*s", reason ? (int)reason->len : 4, reason ? (const char *)reason->value : "none");
    while (i < counts->n_deadletter_reasons && strcmp(counts->deadletter_reasons[i], name) != 0)
        i++;
    if (i == COLLECT_REASONS)
        return;
    if (i == counts->n_deadletter_reasons)
        snprintf(counts->deadletter_reasons[counts->n_deadletter_reasons++], sizeof name, "%s", name);
    counts->deadletter_counts[i]++;
}

static int take_letter(struct collector *self, const struct reader_record *record, UNUSED struct err *reterr)
{
    const struct history_output output = {.kind = OUTPUT_DEADLETTER,
                                          .placed = true,
                                          .partition = (int)header_number(&record->record, "triaged_partition"),
                                          .offset = header_number(&record->record, "triaged_offset"),
                                          .at_partition = record->partition,
                                          .at_offset = record->offset};

    history_add_output(&self->history, &output);
    count_letter(&self->counts, header_of(&record->record, "triaged_reason"));
    return 0;
}

/* ---- reading ---- */

struct draining {
    struct collector *collector;
    take_record *take;
};

static int take_one(void *opaque, const struct reader_record *record, struct err *reterr)
{
    const struct draining *self = opaque;

    return self->take(self->collector, record, reterr);
}

static int drain(struct collector *self, struct reader *reader, take_record *take, struct err *reterr)
{
    struct draining draining = {self, take};

    return reader_drain(reader, take_one, &draining, reterr);
}

/* Tickets last: what came between is then an input without an outcome yet, never the other way round. */
int collector_read(struct collector *self, struct err *reterr)
{
    self->history.positions_known = false;
    if (drain(self, self->reviews, take_review, reterr) < 0 || drain(self, self->letters, take_letter, reterr) < 0 ||
        drain(self, self->results, take_result, reterr) < 0 || drain(self, self->tickets, take_ticket, reterr) < 0)
        return -1;
    self->history.positions_known = true;
    return 0;
}

static void take_item(void *opaque, const struct item_row *row)
{
    struct collector *self = opaque;
    const struct history_item item = {.review_id = hash_text(row->review_id),
                                      .key = hash_text(row->key),
                                      .revision = row->revision,
                                      .ticket_origin = strcmp(row->origin, "ticket") == 0,
                                      .released = strcmp(row->state, "released") == 0,
                                      .superseded = strcmp(row->state, "superseded") == 0 ||
                                                    strcmp(row->state, "withdrawn") == 0};

    history_add_item(&self->history, &item);
}

int collector_read_queue(struct collector *self, struct err *reterr)
{
    self->history.n_items = 0;
    self->history.has_items = true;
    return queue_each_item(self->queue, take_item, self, reterr);
}
