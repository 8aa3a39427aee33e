/* A running worker: a thread for each of its parts, as its roles say, until a signal or until the first of them can't
 * go on; policies, models and articles reloaded meanwhile. */
#ifndef TRIAGED_WORKER_WORKER_H
#define TRIAGED_WORKER_WORKER_H

#include "policy/config.h"
#include "triage/err.h"

enum { ROLE_TRIAGE = 1, ROLE_FEEDER = 2, ROLE_RELAY = 4, ROLE_WATCH = 8, ROLES_ALL = 15 };

/* SIGTERM and SIGINT drain it, a second one stops it at once; SIGHUP reloads. Returns 0 drained. Ends the process with
 * EX_TEMPFAIL where a call never returns. Once a process. */
int worker_run(const struct config *config, int roles, struct err *reterr);

#endif
