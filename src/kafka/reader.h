/* A plain reader of a whole topic, outside any group: from the first record kept to the end as it was at opening.
 * For positions, checks and reports. */
#ifndef TRIAGED_KAFKA_READER_H
#define TRIAGED_KAFKA_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"
#include "triage/ticket.h"

struct reader;

struct reader_record {
    int partition;
    int64_t offset, timestamp_ms;
    struct record record; /* borrowed until the next call */
};

/* committed: read_committed, else read_uncommitted. Unknown topic: permanent, EX_CONFIG. */
int reader_open(const struct config_kafka *config, const char *topic, bool committed, struct reader **ret_reader,
                struct err *reterr);
/* The same, but from these offsets where they are named; one that retention has passed counts as the first kept.
 * Partitions not named are read from their beginning. */
struct reader_start {
    int partition;
    int64_t offset;
};
int reader_open_at(const struct config_kafka *config, const char *topic, bool committed,
                   const struct reader_start *starts, size_t n_starts, struct reader **ret_reader, struct err *reterr);
void reader_close(struct reader *self);
/* 1 a record, 0 nothing within the timeout, 2 nothing within the timeout and every partition was read to its end, -1
 * error. */
int reader_next(struct reader *self, int timeout_ms, struct reader_record *ret_record, struct err *reterr);
/* Reads on to the end as it is then: 0. take is called with each record, and -1 of it ends the reading. Nothing for
 * READER_STALL_S although the end was not reached: transient, EX_TEMPFAIL. */
#define READER_STALL_S 30
typedef int reader_take(void *opaque, const struct reader_record *record, struct err *reterr);
int reader_drain(struct reader *self, reader_take *take, void *opaque, struct err *reterr);
/* The same with a topic that is opened for it. */
int reader_each(const struct config_kafka *config, const char *topic, bool committed, reader_take *take, void *opaque,
                struct err *reterr);

int reader_partition_count(const struct reader *self);
/* The partitions' ends, added up: of a committed reader the last stable offsets, which an open transaction holds back.
 */
int reader_end(struct reader *self, const char *topic, int timeout_ms, int64_t *ret_end, struct err *reterr);

#endif
