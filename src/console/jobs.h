/* The threads that work on requests, each with a connection to Postgres of its own. */
#ifndef TRIAGED_CONSOLE_JOBS_H
#define TRIAGED_CONSOLE_JOBS_H

#include <stdbool.h>

struct console;
struct exchange;
struct jobs;

int jobs_new(struct console *console, int threads, struct jobs **ret_jobs);
/* Works on what is queued, then ends. */
void jobs_stop(struct jobs *self);
void jobs_free(struct jobs *self);
/* Hands over a suspended exchange; it is resumed when its answer is made. False: the console is stopping. */
bool jobs_push(struct jobs *self, struct exchange *exchange);

#endif
