/* Following something that may go away: a turn, a beat, and on a transient error a wait, after which it is opened anew.
 */
#ifndef TRIAGED_BRIDGE_FOLLOW_H
#define TRIAGED_BRIDGE_FOLLOW_H

#include <stdatomic.h>

#include "metrics/metrics.h"
#include "triage/err.h"

struct follow {
    const char *name;    /* of errors */
    const char *waits;   /* event of the log line while it is away */
    const char *trouble; /* what health says meanwhile */
    enum health part;
    int (*turn)(void *self, struct err *reterr); /* opens what is closed, and comes back soon */
    void (*close)(void *self);                   /* after an error, so that the next turn opens anew; and at the end */
};

/* Until *stop is set (0) or an error that no new try can mend (-1). */
int follow_run(const struct follow *how, void *self, const _Atomic int *stop, struct err *reterr);

#endif
