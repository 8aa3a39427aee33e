/* Two sources, one document at a time. */
#include "evaluation/results_read.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/jsonl.h"
#include "kafka/reader.h"

enum { READ_MS = 500, RESULT_BYTES_MAX = 8 << 20, SOURCE_MAX = 256 };

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

static int from_topic(const struct results_source *source, void (*take)(void *, const cJSON *), void *opaque,
                      struct err *reterr)
{
    const struct config_kafka *kafka = &source->config->kafka;
    struct reader_record in;
    struct reader *reader;
    struct err unreadable;
    int got = 0;

    if (reader_open(kafka, kafka->topic_results, true, &reader, reterr) < 0)
        return -1;
    while (got >= 0 && (got = reader_next(reader, READ_MS, &in, reterr)) != 2) {
        CLEANUP(json_done) cJSON *doc = NULL;
        if (got == 1 && in.record.value && of_profile(&in.record, source->profile) &&
            json_parse(in.record.value, in.record.value_len, &result_limits, &doc, &unreadable) == 0)
            take(opaque, doc);
    }
    reader_close(reader);
    return got < 0 ? -1 : 0;
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
