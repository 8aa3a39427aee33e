/* Reading a run from files and topics, and finding in it. */
#define _GNU_SOURCE
#include "evaluation/past.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/reader.h"

enum { RESULT_BYTES_MAX = 1100000, RESULT_TOKENS_MAX = 100000, ROWS_FIRST = 1024 };

static const struct json_limits result_limits = {RESULT_BYTES_MAX, JSON_DEPTH_MAX + 8, RESULT_TOKENS_MAX};
static const struct json_limits ticket_limits = {TICKET_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

/* One line or record; offset -1: of a file. */
struct source_row {
    struct record record;
    int partition;
    int64_t offset;
};
typedef int take_row(struct past *self, const struct source_row *row, struct err *reterr);

static int full(size_t n, const char *what, struct err *reterr)
{
    return n < PAST_ROWS_MAX ? 0
                             : err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                                       "give fewer: more than %d %s are not held at once", PAST_ROWS_MAX, what);
}

/* ---- tickets ---- */

static struct record record_dup(const struct record *from, const char *key)
{
    struct record to = {.key = mem_strdup(key), .key_len = strlen(key), .value_len = from->value_len};
    struct record_header *headers = from->n_headers ? mem_array(from->n_headers, sizeof *headers) : NULL;

    to.value = mem_dup(from->value, from->value_len);
    for (size_t i = 0; i < from->n_headers; i++) {
        headers[i] = (struct record_header){.name = mem_strdup(from->headers[i].name), .len = from->headers[i].len};
        if (from->headers[i].value)
            headers[i].value = mem_dup(from->headers[i].value, headers[i].len);
    }
    to.headers = headers;
    to.n_headers = from->n_headers;
    return to;
}

static void record_done(struct record *record)
{
    for (size_t i = 0; i < record->n_headers; i++) {
        mem_free((void *)(uintptr_t)record->headers[i].name);
        mem_free((void *)(uintptr_t)record->headers[i].value);
    }
    mem_free((void *)(uintptr_t)record->headers);
    mem_free((void *)(uintptr_t)record->key);
    mem_free((void *)(uintptr_t)record->value);
}

static int keep_ticket(struct past *self, const struct source_row *row, const char *id, const char *key,
                       struct err *reterr)
{
    if (full(self->n_tickets, "tickets", reterr) < 0)
        return -1;
    if (self->n_tickets == self->cap_tickets) {
        self->cap_tickets = self->cap_tickets ? self->cap_tickets * 2 : ROWS_FIRST;
        self->tickets = mem_grow(self->tickets, self->cap_tickets, sizeof *self->tickets);
    }
    self->tickets[self->n_tickets++] = (struct past_ticket){.id = mem_strdup(id),
                                                            .partition = row->partition,
                                                            .offset = row->offset,
                                                            .record = record_dup(&row->record, key)};
    return 0;
}

/* A line has no key: it is the one that its body gives. */
static int line_key(const struct record *record, char key[TICKET_KEY_MAX], struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    const cJSON *source;

    if (json_parse(record->value, record->value_len, &ticket_limits, &doc, reterr) < 0)
        return -1;
    source = json_get(doc, "source");
    const char *const parts[4] = {json_str(doc, "tenant", ""), json_str(source, "system", ""),
                                  json_str(source, "instance", ""), json_str(doc, "ticket_id", "")};
    return ticket_key(parts, key, reterr);
}

/* What is no ticket was a dead letter of that run, and nothing was decided about it. */
static int take_ticket(struct past *self, const struct source_row *row, struct err *reterr)
{
    struct record record = row->record;
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err why = {0};
    char key[TICKET_KEY_MAX], id[PAST_ID_MAX];
    int rc;

    if (!record.value)
        return 0;
    if (row->offset < 0 && line_key(&record, key, &why) == 0) {
        record.key = key;
        record.key_len = strlen(key);
    }
    if (ticket_decode(&record, &ticket, &identity, &why) < 0) {
        self->bad_tickets++;
        return 0;
    }
    snprintf(id, sizeof id, "%s@%" PRId64, identity.key, identity.revision);
    rc = keep_ticket(self, row, id, identity.key, reterr);
    ticket_free(ticket);
    return rc;
}

/* ---- results ---- */

static enum result_status status_of(const char *name)
{
    int status = 0;

    while (status < STATUS_COUNT && strcmp(result_status_name((enum result_status)status), name) != 0)
        status++;
    return (enum result_status)status;
}

static int keep_result(struct past_results *list, const cJSON *doc, enum result_status status, struct err *reterr)
{
    const cJSON *input = json_get(doc, "input");
    struct past_result result = {.status = status, .offset = -1};
    int64_t revision = 0, partition = 0;
    char id[PAST_ID_MAX];

    if (full(list->n, "results", reterr) < 0)
        return -1;
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : ROWS_FIRST;
        list->rows = mem_grow(list->rows, list->cap, sizeof *list->rows);
    }
    (void)json_int64(doc, "revision", &revision);
    (void)json_int64(input, "partition", &partition);
    (void)json_int64(input, "offset", &result.offset);
    snprintf(id, sizeof id, "%.1023s@%" PRId64, json_str(doc, "key", ""), revision);
    result.id = mem_strdup(id);
    result.partition = (int)partition;
    result.json = json_text(doc);
    list->rows[list->n++] = result;
    return 0;
}

static cJSON *parse_row(struct past *self, const struct source_row *row)
{
    cJSON *doc = NULL;
    struct err ignored = {0};

    if (row->record.value &&
        json_parse(row->record.value, row->record.value_len, &result_limits, &doc, &ignored) == 0 &&
        *json_str(doc, "key", "") && status_of(json_str(doc, "status", "")) != STATUS_COUNT)
        return doc;
    self->bad_results++;
    cJSON_Delete(doc);
    return NULL;
}

static int take_result(struct past *self, const struct source_row *row, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = parse_row(self, row);
    enum result_status status = doc ? status_of(json_str(doc, "status", "")) : STATUS_COUNT;

    if (!doc)
        return 0;
    if (status == STATUS_ANSWERED || status == STATUS_SUGGESTED || status == STATUS_IGNORED ||
        status == STATUS_IN_REVIEW)
        return keep_result(&self->decided, doc, status, reterr);
    if (status == STATUS_REVIEWED)
        return keep_result(&self->ended, doc, status, reterr);
    self->other++;
    return 0;
}

static int take_audit(struct past *self, const struct source_row *row, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = parse_row(self, row);
    const char *origin = doc ? json_str(doc, "origin", "") : "";

    if (strcmp(origin, "audit") != 0 && strcmp(origin, "second") != 0)
        return 0;
    return keep_result(&self->audits, doc, status_of(json_str(doc, "status", "")), reterr);
}

/* ---- where rows come from ---- */

static int read_file(struct past *self, const char *path, take_row *take, struct err *reterr)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int rc = 0;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    while (rc == 0 && (len = getline(&line, &cap, in)) >= 0) {
        const struct source_row row = {.record = {.value = line, .value_len = (size_t)len}, .offset = -1};
        if (strspn(line, " \t\r\n") < (size_t)len)
            rc = take(self, &row, reterr);
    }
    free(line);
    fclose(in);
    return rc;
}

struct topic_reading {
    struct past *past;
    take_row *take;
};

static int take_record(void *opaque, const struct reader_record *record, struct err *reterr)
{
    const struct topic_reading *reading = opaque;
    const struct source_row row = {.record = record->record, .partition = record->partition, .offset = record->offset};

    return reading->take(reading->past, &row, reterr);
}

static int read_topic(struct past *self, const struct config *config, const char *topic, take_row *take,
                      struct err *reterr)
{
    struct topic_reading reading = {self, take};

    if (reader_each(&config->kafka, topic, true, take_record, &reading, reterr) < 0)
        return err_context(reterr, "there is no file %s, and as a topic", topic);
    return 0;
}

static int read_source(struct past *self, const struct config *config, const char *name, take_row *take,
                       struct err *reterr)
{
    struct stat there;

    return stat(name, &there) == 0 ? read_file(self, name, take, reterr) : read_topic(self, config, name, take, reterr);
}

int past_read_tickets(struct past *self, const struct config *config, const char *name, struct err *reterr)
{
    return read_source(self, config, name, take_ticket, reterr);
}

int past_read_results(struct past *self, const struct config *config, const char *name, struct err *reterr)
{
    return read_source(self, config, name, take_result, reterr);
}

int past_read_audits(struct past *self, const struct config *config, const char *name, struct err *reterr)
{
    return read_source(self, config, name, take_audit, reterr);
}

/* ---- finding ---- */

static int by_ticket(const void *a, const void *b)
{
    const struct past_ticket *one = a, *other = b;
    int order = strcmp(one->id, other->id);

    if (order == 0)
        order = (one->partition > other->partition) - (one->partition < other->partition);
    return order ? order : (one->offset > other->offset) - (one->offset < other->offset);
}

static int by_result(const void *a, const void *b)
{
    const struct past_result *one = a, *other = b;

    return strcmp(one->id, other->id);
}

void past_sort(struct past *self)
{
    if (self->n_tickets)
        qsort(self->tickets, self->n_tickets, sizeof *self->tickets, by_ticket);
    if (self->ended.n)
        qsort(self->ended.rows, self->ended.n, sizeof *self->ended.rows, by_result);
    if (self->audits.n)
        qsort(self->audits.rows, self->audits.n, sizeof *self->audits.rows, by_result);
}

const struct past_ticket *past_ticket_of(const struct past *self, const struct past_result *result)
{
    size_t low = 0, high = self->n_tickets;
    const struct past_ticket *first;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(self->tickets[middle].id, result->id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == self->n_tickets || strcmp(self->tickets[low].id, result->id) != 0)
        return NULL;
    first = &self->tickets[low];
    for (size_t i = low; i < self->n_tickets && strcmp(self->tickets[i].id, result->id) == 0; i++) {
        if (self->tickets[i].partition == result->partition && self->tickets[i].offset == result->offset)
            return &self->tickets[i];
    }
    return first;
}

size_t past_find(const struct past_results *sorted, const char *id, const struct past_result **ret_first)
{
    size_t low = 0, high = sorted->n, n = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted->rows[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < sorted->n && strcmp(sorted->rows[low + n].id, id) == 0)
        n++;
    *ret_first = n ? &sorted->rows[low] : NULL;
    return n;
}

cJSON *past_document(const struct past_result *result)
{
    return cJSON_Parse(result->json); /* our own text, of a document that passed the gate */
}

static void results_done(struct past_results *list)
{
    for (size_t i = 0; i < list->n; i++) {
        mem_free(list->rows[i].id);
        mem_free(list->rows[i].json);
    }
    mem_free(list->rows);
}

void past_done(struct past *self)
{
    for (size_t i = 0; i < self->n_tickets; i++) {
        mem_free(self->tickets[i].id);
        record_done(&self->tickets[i].record);
    }
    mem_free(self->tickets);
    results_done(&self->decided);
    results_done(&self->ended);
    results_done(&self->audits);
    *self = (struct past){0};
}
