/* What the files of the queue share. */
#ifndef TRIAGED_QUEUE_QUEUE_STATE_H
#define TRIAGED_QUEUE_QUEUE_STATE_H

#include "queue/pg.h"
#include "queue/queue.h"

struct queue {
    struct pg *pg;
};

/* The numbered files of schemas/postgres, built into the program in order (generated at build time). */
struct migration {
    int number;
    const char *name, *sql;
};
extern const struct migration migration_table[];
extern const unsigned migration_table_len;

#endif
