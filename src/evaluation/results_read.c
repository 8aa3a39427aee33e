/* Two sources, one document at a time. */
#include "evaluation/results_read.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "kafka/reader.h"

enum { RESULT_BYTES_MAX = 8 << 20, SOURCE_MAX = 256 };

static const struct json_limits result_limits = {RESULT_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

static bool of_profile(const struct record *record, const char *profile)
{
    char end[SOURCE_MAX];
    size_t len = (size_t)snprintf(end, sizeof end, "/%.200s", profile ? profile : "");

    for (size_t i = 0; profile && i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        if (strcmp(header->name, "ce_source") == 0)
            return header->len >= len && memcmp((const char *)header->value + header->len - len, end, len) == 0;
    }
    return true;
}

struct topic_reading {
    const char *profile;
    void (*take)(void *opaque, const cJSON *doc);
    void *opaque;
};

static int take_record(void *opaque, const struct reader_record *record, UNUSED struct err *reterr)
{
    const struct topic_reading *self = opaque;
    CLEANUP(json_done) cJSON *doc = NULL;
    struct err unreadable;

    if (record->record.value && of_profile(&record->record, self->profile) &&
        json_parse(record->record.value, record->record.value_len, &result_limits, &doc, &unreadable) == 0)
        self->take(self->opaque, doc);
    return 0;
}

static int from_topic(const struct results_source *source, void (*take)(void *, const cJSON *), void *opaque,
                      struct err *reterr)
{
    const struct config_kafka *kafka = &source->config->kafka;
    struct topic_reading reading = {source->profile, take, opaque};

    return reader_each(kafka, kafka->topic_results, true, take_record, &reading, reterr);
}

static int from_file(const char *path, void (*take)(void *, const cJSON *), void *opaque, struct err *reterr)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    struct jsonl *lines;
    const cJSON *doc;
    int got;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read", path);
    lines = jsonl_new(in);
    while ((got = jsonl_next(lines, &doc, reterr)) != 0) {
        if (got > 0)
            take(opaque, doc);
    }
    jsonl_free(lines);
    if (in != stdin)
        fclose(in);
    return 0;
}

int results_each(const struct results_source *source, void (*take)(void *opaque, const cJSON *doc), void *opaque,
                 struct err *reterr)
{
    return source->file ? from_file(source->file, take, opaque, reterr) : from_topic(source, take, opaque, reterr);
}
