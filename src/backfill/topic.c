/* A topic's tickets, such as an archive's: its position is an offset of each partition. */
#include <string.h>
#include <sysexits.h>

#include "backfill/job.h"
#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/reader.h"

enum { READ_MS = 100, QUIET_TRIES = 300 };

/* Headers of before are kept, but for a class that it had. */
static struct message copy_of(const struct record *record)
{
    struct message message = {.key = record->key ? mem_strndup(record->key, record->key_len) : NULL,
                              .key_len = record->key_len,
                              .value = record->value ? mem_strndup(record->value, record->value_len) : NULL,
                              .value_len = record->value_len};

    for (size_t i = 0; i < record->n_headers; i++) {
        const struct record_header *header = &record->headers[i];
        CLEANUP(mem_freep) char *value = header->value ? mem_strndup(header->value, header->len) : NULL;
        if (value && strcmp(header->name, BACKFILL_CLASS_HEADER) != 0)
            message_add_header(&message, header->name, value);
    }
    return message;
}

static int send_record(struct job *self, const struct reader_record *record, struct err *reterr)
{
    struct message message;

    self->total++;
    if (record->offset < self->positions[record->partition]) {
        self->told.before++;
        return 0;
    }
    message = copy_of(&record->record);
    return job_send(self, &message, (size_t)record->partition, record->offset + 1, reterr);
}

static int send_records(struct job *self, struct reader *reader, struct err *reterr)
{
    struct reader_record record;
    int got = 0, quiet = 0, rc = 0;

    while (rc == 0 && !*self->stop && quiet < QUIET_TRIES &&
           (got = reader_next(reader, READ_MS, &record, reterr)) != 2 && got >= 0) {
        quiet = got == 0 ? quiet + 1 : 0;
        rc = got == 1 ? send_record(self, &record, reterr)
                      : job_commit(self, reterr); /* none stays open while it waits */
    }
    if (rc == 0 && got == 0 && !*self->stop)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE,
                       "start it again, it goes on where it stands: topic %s gave nothing for %d s before its end",
                       self->wanted->topic, QUIET_TRIES * READ_MS / 1000);
    return got < 0 ? -1 : rc;
}

int job_send_topic(struct job *self, struct err *reterr)
{
    struct reader *reader = NULL;
    int rc;

    if (strcmp(self->wanted->topic, self->wanted->to) == 0)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--topic %s: give another one than that which is filled",
                       self->wanted->topic);
    if (reader_open(self->kafka, self->wanted->topic, true, &reader, reterr) < 0)
        return -1;
    rc = job_open(self, (size_t)reader_partition_count(reader), reterr);
    if (rc == 0)
        rc = send_records(self, reader, reterr);
    reader_close(reader);
    return rc;
}
