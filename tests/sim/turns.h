/* Whose turn it is at the model: the checker's own books of one lane, kept in the order in which flow decides. */
#ifndef TRIAGED_SIM_TURNS_H
#define TRIAGED_SIM_TURNS_H

#include "sim.h"

enum { SENDERS_MAX = 4, COST_MOST = 100 };

struct lane;
struct work;

/* Over the time in which both of a pair have somebody waiting: how their service differed, at least and at most. */
struct span {
    double now, least, most;
};

struct turns {
    int waiting[2][FLOW_SHARES_MAX]; /* background or not, share */
    int of_sender[2][FLOW_SHARES_MAX][SENDERS_MAX];
    struct span shares[2][FLOW_SHARES_MAX][FLOW_SHARES_MAX];
    struct span senders[2][FLOW_SHARES_MAX][SENDERS_MAX][SENDERS_MAX];
};

void turns_waits(struct lane *lane, struct work *work); /* its decision needs the model: before flow hears of it */
/* One command, in the order in which flow gave them; during: the event that it follows. */
void turns_note(struct lane *lane, const struct flow_command *command, enum flow_event_kind during);

#endif
