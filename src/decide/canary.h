/* Which tickets a candidate decides, too: by a keyed hash of the record key alone, so that all revisions of a ticket go
 * one way, no sender can choose it, and a replay draws the same. */
#ifndef TRIAGED_DECIDE_CANARY_H
#define TRIAGED_DECIDE_CANARY_H

#include <stdbool.h>

#include "decide/audit.h"

/* True for the share (0..1) of all tickets, drawn apart from audits. */
bool canary_drawn(const unsigned char key[AUDIT_KEY_BYTES], const char *ticket_key, double share);

#endif
