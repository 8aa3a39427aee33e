/* All items of the queue, row by row, for checks and reports. */
#ifndef TRIAGED_QUEUE_ITEMS_H
#define TRIAGED_QUEUE_ITEMS_H

#include <stdint.h>

#include "queue/queue.h"

struct item_row {
    const char *review_id, *key, *origin, *state; /* borrowed for the call */
    int64_t revision;
};

int queue_each_item(struct queue *self, void (*take)(void *opaque, const struct item_row *row), void *opaque,
                    struct err *reterr);

#endif
