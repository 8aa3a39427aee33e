/* Fills a history from the topics and from Postgres; keeps readers open, so that it can be asked again for what is new. */
#ifndef TRIAGED_CHECK_COLLECT_H
#define TRIAGED_CHECK_COLLECT_H

#include "check/history.h"
#include "policy/config.h"
#include "triage/err.h"

#define COLLECT_REASONS 64
#define COLLECT_SAMPLES 6

/* One decision kept for showing. */
struct sample {
    char *json;
    enum result_status status;
};

struct collect_counts {
    uint64_t review_reasons[REASON_COUNT]; /* first reason of each in_review */
    char deadletter_reasons[COLLECT_REASONS][48];
    uint64_t deadletter_counts[COLLECT_REASONS];
    size_t n_deadletter_reasons;
    int64_t first_ms, last_ms; /* timestamps of the first input and the last result */
};

struct collector;

int collector_open(const struct config *config, bool with_queue, struct collector **ret_collector, struct err *reterr);
void collector_close(struct collector *self);
/* Reads every topic to its present end. */
int collector_read(struct collector *self, struct err *reterr);
/* Reads the queue afresh. Transient when Postgres is away. */
int collector_read_queue(struct collector *self, struct err *reterr);
struct history *collector_history(struct collector *self);
const struct collect_counts *collector_counts(const struct collector *self);
size_t collector_samples(const struct collector *self, const struct sample **ret_samples);

#endif
