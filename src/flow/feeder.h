/* The feeder's protocol for one partition, pure: what it expects Postgres to hold, and what a batch would make of it. The
 * expected value is always the one that this feeder last read or wrote, never an offset of a record: markers of
 * transactions leave gaps. */
#ifndef TRIAGED_FLOW_FEEDER_H
#define TRIAGED_FLOW_FEEDER_H

#include <stdbool.h>
#include <stdint.h>

struct feeder_partition {
    bool stopped;     /* another feeder has moved the row: nothing may be written until it is assigned again */
    bool known;       /* Postgres holds a row */
    int64_t expected; /* what the row holds, when known */
    int64_t next;     /* one above the last record taken; what the row will hold */
};

/* On assignment, with the row as just read; low is the first offset kept. Gives where to read from; -1 when records
 * between the row and low are gone (retention passed the position). */
int64_t feeder_assigned(struct feeder_partition *self, bool known, int64_t row, int64_t low);
/* Whether the record at offset belongs into the batch (else it is a repeat: drop it). */
bool feeder_takes(struct feeder_partition *self, int64_t offset);
/* Whether there is something to write. */
bool feeder_pending(const struct feeder_partition *self);
/* The batch was written. */
void feeder_written(struct feeder_partition *self);
/* The row as read while there was nothing to write: when it is not what this feeder last read or wrote, another feeder
 * has moved it or the database is an older copy, and the partition is stale. */
void feeder_saw_row(struct feeder_partition *self, bool known, int64_t row);
/* The batch matched no row. */
void feeder_stale(struct feeder_partition *self);

#endif
