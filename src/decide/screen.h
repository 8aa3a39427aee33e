/* What can be said about a ticket before any model looks at it: nothing to read, a machine wrote it, its language, and
 * whether it speaks to the machine instead of the company. It decides nothing: see decide.c. */
#ifndef TRIAGED_DECIDE_SCREEN_H
#define TRIAGED_DECIDE_SCREEN_H

#include <stdbool.h>

#include "decide/language.h"
#include "triage/err.h"
#include "triage/ticket.h"

enum screen_verdict { SCREEN_PERSON, SCREEN_EMPTY, SCREEN_AUTO_REPLY, SCREEN_BOUNCE };

struct screen_result {
    enum screen_verdict verdict;
    bool injection;
    struct language_guess language; /* detected; where nothing was, what the ticket says, as a hint */
};

struct screen; /* compiled patterns and scratch; one per thread */
int screen_new(struct screen **ret_screen, struct err *reterr);
void screen_free(struct screen *self);
void screen_run(struct screen *self, const struct ticket *ticket, struct screen_result *ret_result);

#endif
