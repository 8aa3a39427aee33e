/* Positions as records of a compacted topic (as Kafka Connect's exactly-once sources keep theirs, KIP-618). */
#include "kafka/positions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "kafka/reader.h"

enum { NUMBER_TEXT_MAX = 32, END_TIMEOUT_MS = 5000 };

void positions_lane_key(const struct config_kafka *config, int partition, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "lane/%.200s/%.200s/%d", config->group, config->topic_tickets, partition);
}

void positions_relay_key(const struct config_kafka *config, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "relay/%.200s/%.200s", config->group, config->topic_results);
}

void positions_skip_key(const struct config_kafka *config, int partition, int64_t to, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "skip/%.200s/%.200s/%d/%" PRId64, config->group, config->topic_tickets, partition,
             to);
}

void positions_relay_name(const struct config_kafka *config, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "%.200s-relay", config->group);
}

void positions_job_id(const struct config_kafka *config, const struct positions_job *job, char out[SHA256_HEX_MAX])
{
    const char *const parts[] = {config->group, job->kind, job->source, job->target, job->name};
    CLEANUP(buf_free) struct buf all = {0};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_add(&all, parts[i], strlen(parts[i]) + 1); /* the terminator too: no two lists give the same bytes */
    sha256_hex(all.data, all.len, out);
}

void positions_job_key(const struct config_kafka *config, const char *id, size_t part, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "backfill/%.200s/%s/%zu", config->group, id, part);
}

void positions_job_name(const struct config_kafka *config, const char *id, char out[POSITIONS_KEY_MAX])
{
    snprintf(out, POSITIONS_KEY_MAX, "%.200s-backfill-%s", config->group, id);
}

void positions_message(const char *key, int64_t number, struct message *ret_message)
{
    char text[NUMBER_TEXT_MAX];

    snprintf(text, sizeof text, "%" PRId64, number);
    *ret_message = (struct message){
        .key = mem_strdup(key), .key_len = strlen(key), .value = mem_strdup(text), .value_len = strlen(text)};
}

struct search {
    const char *key;
    bool found;
    int64_t number;
};

/* The last record of the key counts. */
static int take(void *opaque, const struct reader_record *in, UNUSED struct err *reterr)
{
    struct search *self = opaque;
    const struct record *record = &in->record;
    char text[NUMBER_TEXT_MAX] = "";

    if (record->key_len != strlen(self->key) || memcmp(record->key, self->key, record->key_len) != 0)
        return 0;
    self->found = record->value != NULL;
    if (self->found && record->value_len < sizeof text) {
        memcpy(text, record->value, record->value_len);
        self->number = strtoll(text, NULL, 10);
    }
    return 0;
}

static int end_of(const struct config_kafka *config, int64_t *ret_end, struct err *reterr)
{
    struct reader *reader;
    int rc;

    if (reader_open(config, config->topic_positions, false, &reader, reterr) < 0)
        return -1;
    rc = reader_end(reader, config->topic_positions, END_TIMEOUT_MS, ret_end, reterr);
    reader_close(reader);
    return rc;
}

/* An open transaction of anybody hides what was committed behind it: an older position would be taken for the last one.
 * Looked at before reading: what ends later is not hidden from a reader that starts now. */
static int all_is_stable(struct reader *reader, const struct config_kafka *config, int64_t end, struct err *reterr)
{
    int64_t stable;

    if (reader_end(reader, config->topic_positions, END_TIMEOUT_MS, &stable, reterr) < 0)
        return -1;
    return stable >= end ? 0
                         : err_set(reterr, ERR_TRANSIENT, 0,
                                   "a transaction in the positions topic is open: what is behind it can't be read yet");
}

int positions_read(const struct config_kafka *config, const char *key, bool *ret_found, int64_t *ret_number,
                   struct err *reterr)
{
    struct search search = {.key = key};
    struct reader *reader;
    int64_t end;
    int rc;

    if (end_of(config, &end, reterr) < 0)
        return -1;
    if (reader_open(config, config->topic_positions, true, &reader, reterr) < 0)
        return -1;
    rc = all_is_stable(reader, config, end, reterr);
    if (rc == 0)
        rc = reader_drain(reader, take, &search, reterr);
    reader_close(reader);
    if (rc < 0)
        return -1;
    *ret_found = search.found;
    *ret_number = search.number;
    return 0;
}
