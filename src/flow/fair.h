/* Who gets the next of the model's slots, and who gives way when too many wait. Pure; counts costs, knows no time.
 *
 * Three levels. Live tickets come before background ones. Between profiles (here: shares) slots go by start-time fair
 * queueing (Goyal, Vin, Cheng: Start-time Fair Queueing, SIGCOMM 1996; with several slots at once it is the SFQ(D) of
 * Jin, Chase, Kaur: Interposed Proportional Sharing for a Storage Service Utility, SIGMETRICS 2004): while two shares
 * both have waiting tickets, what their calls cost, each divided by its weight, differs by at most the largest cost of
 * each divided by its weight. Within a share the ticket that is due first goes, among senders that are not ahead of
 * their part: eligible is a sender whose service is not above the mean of those that wait (the eligibility of Stoica,
 * Abdel-Wahab: Earliest Eligible Virtual Deadline First, 1995, with the ticket's own due time as the deadline). So
 * order by due time is kept as long as nobody takes more than its part, and a sender with one waiting ticket waits for
 * at most one call of each other. Senders are told apart by a hash into FAIR_SENDERS queues (McKenney: Stochastic
 * Fairness Queueing, INFOCOM 1990); those that meet in one share its part. When a place is needed the newest ticket of
 * the longest queue gives way, as there. */
#ifndef TRIAGED_FLOW_FAIR_H
#define TRIAGED_FLOW_FAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAIR_SENDERS    64       /* queues of senders in a share */
#define FAIR_COST_MAX   1000000u /* of one call; more counts as this */
#define FAIR_WEIGHT_MAX 1000u

/* One waiting ticket; lives inside its owner's record and is zero while it does not wait. */
struct fair_item {
    int64_t due_us;  /* who is due first goes first */
    uint32_t cost;   /* of its call, in any one unit; at least 1 */
    unsigned share;  /* below the number of shares */
    uint64_t sender; /* a hash; what comes of no sender has 0 */
    bool background;
    /* fair's own */
    bool queued;
    uint64_t arrival;
    struct fair_item *child, *sibling, *before; /* pairing heap by due_us and arrival */
    struct fair_item *newer, *older;            /* in the order of arrival */
};

struct fair;

/* weights: one for each share, 1 to FAIR_WEIGHT_MAX. */
struct fair *fair_new(const uint32_t *weights, size_t n_shares);
void fair_free(struct fair *self);
void fair_set_weight(struct fair *self, unsigned share, uint32_t weight);

void fair_put(struct fair *self, struct fair_item *item); /* it waits from now on */
struct fair_item *fair_next(struct fair *self,
                            bool background); /* whose turn it is; background: of the background ones */
void fair_serve(struct fair *self,
                struct fair_item *item); /* it got a slot: its share and sender pay; it waits no more */
void fair_drop(struct fair *self, struct fair_item *item); /* it waits no more; nothing happens when it does not */
/* Who gives way when newcomer, not put yet, can't wait beside all others: newcomer itself, or one that waits. */
struct fair_item *fair_victim(struct fair *self, struct fair_item *newcomer);

size_t fair_waiting(const struct fair *self, unsigned share, bool background);
size_t fair_waiting_in_background(const struct fair *self);
unsigned fair_sender_queue(uint64_t sender); /* below FAIR_SENDERS */

#endif
