/* The invariants of a run, looked at whenever something becomes visible. */
#ifndef TRIAGED_SIM_CHECK_H
#define TRIAGED_SIM_CHECK_H

#include "kafka.h"
#include "sim.h"

/* What is visible under read_committed, by key and revision. */
struct ledger {
    uint16_t requests[KEYS_MAX][REVISIONS_MAX], endings[KEYS_MAX][REVISIONS_MAX];
    int64_t in_review_at[KEYS_MAX][REVISIONS_MAX];
    int64_t last_result_at[KEYS_MAX]; /* place of the last lane's result of each key */
    int64_t base[PARTITIONS_MAX];     /* highest position that was decided */
    int64_t relay_sequence;
};

struct work;

void check_commit(struct sim *sim, const struct txn *txn);
void check_offsets_taken(struct sim *sim, const struct member *member, const struct flow_position *positions, size_t n);
void check_released(struct sim *sim, int partition, int64_t offset, bool committed);
void check_call(struct sim *sim, int partition, int64_t offset);
struct lane;
void check_without(struct lane *lane, const struct work *work, enum flow_without without);
void check_stopped(struct lane *lane, const struct work *work); /* as it is emitted */
void check_figures(struct sim *sim, struct lane *lane);
bool check_settled(struct sim *sim); /* true when nothing is left to do */
void check_end(struct sim *sim);     /* after that: every input, item and ending */

static inline void check_counts(struct sim *sim, enum invariant which)
{
    sim->tally->checks[which]++;
}

#endif
