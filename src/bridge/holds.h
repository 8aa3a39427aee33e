/* Answers on hold: released when their time is over, stopped when triage.control says so. */
#ifndef TRIAGED_BRIDGE_HOLDS_H
#define TRIAGED_BRIDGE_HOLDS_H

#include "queue/queue.h"
#include "triage/controls.h"

int holds_look(const struct controls *controls, struct queue *queue, struct err *reterr);

#endif
