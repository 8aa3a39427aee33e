/* Puts old tickets on a ticket topic in the background class, each of them once, at a rate and no more than may wait
 * there. Where it stands is a record of the positions topic, in the transaction that carries the tickets: whoever kills
 * it loses and doubles nothing. Says on stderr how far it is. */
#ifndef TRIAGED_BACKFILL_BACKFILL_H
#define TRIAGED_BACKFILL_BACKFILL_H

#include <signal.h>
#include <stddef.h>

#include "policy/config.h"
#include "triage/err.h"

struct backfill_wanted {
    const char *file, *topic; /* one of the two, the other NULL: JSON Lines, or a topic up to its end as it is now */
    const char *to;           /* the topic that is filled */
    const char *name;         /* tells this position from others of the same tickets; "" */
    double rate;              /* tickets a second, at most */
    size_t waiting;           /* tickets that the worker's group may have before it; 0: any number */
};

struct backfill_told {
    size_t done, before; /* tickets sent in this run, and by earlier ones */
    size_t bad;          /* lines that are no ticket */
};

/* Ends behind the transaction at hand once *stop is set. Fails with what to do: EX_NOINPUT, EX_UNAVAILABLE, EX_USAGE.
 */
int backfill_run(const struct config *config, const struct backfill_wanted *wanted, const volatile sig_atomic_t *stop,
                 struct backfill_told *ret_told, struct err *reterr);

#endif
