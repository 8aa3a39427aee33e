/* The console's calls of the queue. Each is one round trip and one transaction that begins by taking the reviewer's
 * role; the role goes with the end of the transaction, also where it fails. The rules live in the SQL functions. */
#ifndef TRIAGED_QUEUE_CONSOLE_H
#define TRIAGED_QUEUE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/queue.h"

#define CONSOLE_PARAMS_MAX 10
#define CONSOLE_NAME_MAX   64 /* bytes of a reviewer's name with the terminator */
#define CONSOLE_DETAIL_MAX 64

#define CONSOLE_ERR_SIGNED_OUT "TR031" /* err.reason: the session is over */

enum console_call {
    CALL_SESSION,
    CALL_QUEUE,
    CALL_COUNTS,
    CALL_MINE,
    CALL_CLAIM,
    CALL_CLAIM_ITEM,
    CALL_ITEM,
    CALL_RENEW,
    CALL_RESOLVE,
    CALL_RESOLVE_ALIKE,
    CALL_UNDO,
    CALL_UNDO_ALIKE,
    CALL_SKIP,
    CALL_SNOOZE,
    CALL_RELEASE,
    CALL_ESCALATE,
    CALL_REASSIGN,
    CALL_FORGET_REASON,
    CALL_FIGURES,
    CALL_OVERVIEW,
    CALL_COUNT
};

/* Whom a request is for: one of the two is set. */
struct console_who {
    const char *session; /* SHA-256 of the session's id, as hex */
    const char *proxied; /* the name that the trusted proxy gave */
};

struct console_reply {
    char *json;                      /* what the function gave, NULL: nothing; the caller frees it with mem_free */
    char reviewer[CONSOLE_NAME_MAX]; /* whose role was taken; "" when none was */
    char detail[CONSOLE_DETAIL_MAX]; /* of an error that has one: the state of the item */
};

/* Opens a connection for the calls below: a call that takes longer than CONSOLE_CALL_SECONDS is given up, by the server
 * and, should that not answer, by us. */
#define CONSOLE_CALL_SECONDS 10
int console_queue_open(const struct config_postgres *config, struct queue **ret_queue, struct err *reterr);
/* False: the connection is dead (the server was restarted, for example) and must be opened anew. */
bool console_queue_alive(struct queue *self);

/* As many parameters as the call's row in the table has, NULL is null. err.reason is the SQLSTATE. After a transient
 * error the connection may be dead: see console_queue_alive. */
int console_queue_call(struct queue *self, const struct console_who *who, enum console_call call,
                       const char *const *params, struct console_reply *ret_reply, struct err *reterr);

/* ---- signing in ---- */

/* Counts an attempt. *ret_hash is what the password is held against (mem_free), NULL when there is nothing; *ret_wait
 * the seconds before another may be made, 0: now. */
int console_queue_attempt(struct queue *self, const char *name, char **ret_hash, int *ret_wait, struct err *reterr);
struct console_times {
    int idle_seconds, most_seconds;
};
int console_queue_sign_in(struct queue *self, const char *name, const char *session, const struct console_times *times,
                          struct err *reterr);
int console_queue_sign_out(struct queue *self, const char *session, struct err *reterr);

/* ---- news ---- */

int console_queue_listen(struct queue *self, struct err *reterr);
/* Waits until somebody notified or the time is over. */
int console_queue_wait(struct queue *self, int timeout_ms, bool *ret_notified, struct err *reterr);
/* JSON {at} or {at, counts, mine}; reviewers is a JSON array of names. */
int console_queue_pulse(struct queue *self, int64_t last, const char *reviewers, char **ret_json, struct err *reterr);
/* JSON array of those that may still look; both are JSON arrays. */
int console_queue_alive_sessions(struct queue *self, const char *sessions, const char *names, char **ret_json,
                                 struct err *reterr);

/* ---- accounts: for a connection of somebody who may create roles ---- */

/* *ret_how: what was done about the role, in words; mem_free. hash NULL: signs in through the trusted proxy only. */
int console_account_add(struct queue *self, const char *name, const char *hash, bool auditor, char **ret_how,
                        struct err *reterr);
int console_account_lock(struct queue *self, const char *name, bool lock, bool *ret_found, struct err *reterr);
int console_account_remove(struct queue *self, const char *name, bool *ret_found, struct err *reterr);
int console_account_list(struct queue *self, char **ret_json, struct err *reterr);

#endif
