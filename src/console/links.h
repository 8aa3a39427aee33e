/* The open connections, and by when each must have done what it is at: a client that sends or reads a byte now and then
 * would otherwise hold its connection for ever. A thread of its own ends those that are late. */
#ifndef TRIAGED_CONSOLE_LINKS_H
#define TRIAGED_CONSOLE_LINKS_H

#include <stdint.h>

#define LINKS_MAX 512 /* connections at once */

enum phase {
    PHASE_HEADERS, /* from the connection to the end of the first request's headers */
    PHASE_BODY,    /* to the end of the body */
    PHASE_WORK,    /* ours: bounded by the calls' own deadlines */
    PHASE_SEND,    /* until the answer was taken */
    PHASE_IDLE,    /* to the end of the next request's headers */
    PHASE_STREAM,  /* news: bounded by what may wait to be read */
    PHASE_COUNT
};

struct links;
struct link;

/* seconds of each phase, 0: no bound */
struct links *links_new(const int seconds[PHASE_COUNT]);
void links_free(struct links *self);
struct link *links_open(struct links *self, int fd);     /* NULL when there are LINKS_MAX: such a one has no deadline */
void links_close(struct links *self, struct link *link); /* before the descriptor is closed; NULL is fine */
void links_enter(struct links *self, struct link *link, enum phase phase);

#endif
