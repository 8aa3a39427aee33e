/* What a reviewer asks of the queue and does with it: a table of statements, each with text parameters and one JSON
 * answer. All rules live in the SQL functions that they call. */
#ifndef TRIAGED_QUEUE_REVIEWING_H
#define TRIAGED_QUEUE_REVIEWING_H

#include <signal.h>

#include "queue/queue.h"

#define REVIEWING_PARAMS_MAX 8

enum reviewing {
    REVIEWING_LIST,     /* limit, group, label, state, overdue ("t"): NULL is any */
    REVIEWING_MINE,     /* {claimed, held, notices} */
    REVIEWING_CLAIM,    /* reviewer, n, groups ("a,b"), idempotency key: NULL is the caller, 1, any, none */
    REVIEWING_SHOW,     /* item */
    REVIEWING_CLAIM_NO, /* item: the caller's claim of it; NULL: the only item that the caller has */
    REVIEWING_RENEW,    /* item, claim, active seconds */
    REVIEWING_RESOLVE,  /* item, claim, key, outcome, label, text, seconds: NULL outcome follows from label and text */
    REVIEWING_RESOLVE_ALIKE, /* the same, and other items ("1,2") */
    REVIEWING_UNDO,          /* item, key: NULL is the caller's held answer to it, with those answered together */
    REVIEWING_RELEASE,       /* item, claim */
    REVIEWING_SKIP,          /* item, claim, reason */
    REVIEWING_SNOOZE,        /* item, claim, until, for: one of them */
    REVIEWING_ESCALATE,      /* item, claim, reason, group */
    REVIEWING_REASSIGN,      /* item, claim, to, reason */
    REVIEWING_ALIKE,         /* item, least likeness, limit */
    REVIEWING_REASONS,       /* the caller's reasons for skipping */
    REVIEWING_STATS,         /* {ageing, sla} */
    REVIEWING_BUDGET,        /* {groups, hours} of the review budget */
    REVIEWING_STATES,        /* for auditors, as are those below */
    REVIEWING_CLASSES,
    REVIEWING_REVIEWERS,
    REVIEWING_AGREEMENT,
    REVIEWING_COUNT
};

/* params: as many as the call has. The caller frees *ret_json with mem_free. */
int queue_reviewing(struct queue *self, enum reviewing call, const char *const params[REVIEWING_PARAMS_MAX],
                    char **ret_json, struct err *reterr);

/* Hears from now on that something happened (channel triage_queue). */
int queue_listen(struct queue *self, struct err *reterr);
/* Waits until something is heard, a signal comes or the time is over, whichever is first. signals: the mask while it
 * waits, as for ppoll: what the caller has blocked and this lets through cannot come just before the wait and be
 * overlooked. */
int queue_await(struct queue *self, int milliseconds, const sigset_t *signals, bool *ret_heard, struct err *reterr);

#endif
