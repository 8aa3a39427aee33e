/* Partitions come and go: positions are read before anything is assigned, and finished work is committed before
 * anything is given away. */
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kafka/positions.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

enum {
    READ_POSITIONS_MS = 1000, /* one try; it times out while another transaction holds offsets */
    RETRY_US = 200000,
    REVOKE_BOUND_US = 3000000, /* then unfinished commits are left to the next owner */
    REVOKE_NAP_US = 2000,
};

/* ---- assigned ---- */

/* Whether any partition of the topic has a committed position: then a partition without one is new, not the group. */
static int group_has_positions(struct lane *self, bool *ret_any, struct err *reterr)
{
    int count = 0;
    struct consumer_position *all;
    int rc;

    if (consumer_partition_count(self->consumer, READ_POSITIONS_MS, &count, reterr) < 0)
        return -1;
    all = mem_array((size_t)count, sizeof *all);
    for (int i = 0; i < count; i++)
        all[i].partition = i;
    rc = consumer_read_positions(self->consumer, all, (size_t)count, READ_POSITIONS_MS, reterr);
    *ret_any = false;
    for (int i = 0; rc == 0 && i < count; i++)
        *ret_any |= all[i].committed;
    if (rc == 0)
        consumer_positions_done(all, (size_t)count);
    mem_free(all);
    return rc;
}

/* Where a partition without a committed position starts. A marker says that it had one: then it expired, and starting
 * anywhere would lose or double tickets. */
static int first_position(struct lane *self, const struct consumer_position *position, bool group_known,
                          int64_t *ret_base, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    char key[POSITIONS_KEY_MAX];
    bool marked = false;
    int64_t number = 0;

    positions_lane_key(kafka, position->partition, key);
    if (positions_read(kafka, key, &marked, &number, reterr) < 0)
        return -1;
    if (marked)
        return err_set(
            reterr, ERR_FATAL, EX_CONFIG,
            "partition %d of %s had a committed position, and it is gone (the group's offsets expired or were "
            "deleted); say where to go on with 'triaged positions set --partition %d --offset N --reason TEXT'",
            position->partition, kafka->topic_tickets, position->partition);
    if (group_known || strcmp(kafka->start, "earliest") == 0) {
        *ret_base = position->low;
        return 0;
    }
    if (strcmp(kafka->start, "latest") == 0) {
        *ret_base = position->high;
        return 0;
    }
    return err_set(reterr, ERR_FATAL, EX_CONFIG,
                   "group %s has no committed position yet; set kafka.start to earliest or latest", kafka->group);
}

static const char *out_of_range(const struct consumer_position *position)
{
    if (!position->committed)
        return NULL;
    if (position->offset < position->low)
        return "records before the first kept offset were never read: retention passed the position";
    if (position->offset > position->high)
        return "the position lies beyond the end: the topic was made anew";
    return NULL;
}

static int64_t start_of(const struct lane *self, const struct consumer_position *position, int64_t base)
{
    int64_t start = base - self->config->triage.dedup_memory;

    return start > position->low ? start : position->low;
}

/* Tells flow of one partition; -1 fatal or transient. */
static int announce(struct lane *self, const struct consumer_position *position, bool group_known,
                    struct lane_partition *partition, struct err *reterr)
{
    const char *why = out_of_range(position);
    int64_t base = position->offset;

    *partition = (struct lane_partition){.partition = position->partition};
    if (why) {
        partition->broken = "a committed position is out of its partition's range";
        log_line(LOG_ERROR, "partition.broken",
                 "lane=%d partition=%d offset=%lld low=%lld high=%lld reason=\"%s\" do=\"stop the workers, triaged "
                 "positions set\"",
                 self->number, position->partition, (long long)position->offset, (long long)position->low,
                 (long long)position->high, why);
        partition->next = position->high;
        return 0;
    }
    if (!position->committed && first_position(self, position, group_known, &base, reterr) < 0)
        return -1;
    partition->next = start_of(self, position, base);
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_ASSIGNED,
                                        .partition = position->partition,
                                        .base = base,
                                        .start = partition->next,
                                        .text = position->metadata,
                                        .flag = position->committed});
    return 0;
}

static int take_partitions(struct lane *self, const struct consumer_position *positions, size_t n, bool group_known,
                           struct err *reterr)
{
    int *numbers = mem_array(n, sizeof *numbers);
    int64_t *starts = mem_array(n, sizeof *starts);
    int rc = 0;

    mem_free(self->partitions);
    self->partitions = mem_array(n, sizeof *self->partitions);
    self->n_partitions = n;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = announce(self, &positions[i], group_known, &self->partitions[i], reterr);
        numbers[i] = positions[i].partition;
        starts[i] = self->partitions[i].next;
    }
    if (rc == 0)
        rc = consumer_assign(self->consumer, numbers, starts, n, reterr);
    mem_free(numbers);
    mem_free(starts);
    return rc;
}

static void lose_all(struct lane *self)
{
    for (size_t i = 0; i < self->n_partitions; i++)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_LOST, .partition = self->partitions[i].partition});
    self->n_partitions = 0;
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_TICK});
    lane_obey(self);
}

static int assign(struct lane *self, const int *partitions, size_t n, struct err *reterr)
{
    struct consumer_position *positions = mem_array(n, sizeof *positions);
    bool group_known = false, missing = false;
    int rc;

    for (size_t i = 0; i < n; i++)
        positions[i].partition = partitions[i];
    rc = consumer_read_positions(self->consumer, positions, n, READ_POSITIONS_MS, reterr);
    for (size_t i = 0; rc == 0 && i < n; i++)
        missing |= !positions[i].committed;
    if (rc == 0 && missing)
        rc = group_has_positions(self, &group_known, reterr);
    if (rc == 0) {
        lose_all(self);
        rc = take_partitions(self, positions, n, group_known, reterr);
        if (rc < 0)
            lose_all(self);
    }
    consumer_positions_done(positions, n);
    mem_free(positions);
    return rc;
}

static int try_assign(struct lane *self, const int *partitions, size_t n, struct err *reterr)
{
    if (clock_mono_us() < self->retry_assign_us)
        return 0;
    if (assign(self, partitions, n, reterr) < 0) {
        if (reterr->class == ERR_FATAL)
            return -1;
        health_set(HEALTH_LANES, self->number, "committed positions can't be read");
        log_line(LOG_WARN, "partitions.wait", "lane=%d text=\"%s\"", self->number, reterr->text);
        self->retry_assign_us = clock_mono_us() + RETRY_US;
        return 0;
    }
    self->retry_assign_us = 0;
    metrics_add(METRIC_REBALANCES, "assigned", 1);
    lane_tell_health(self);
    log_line(LOG_INFO, "partitions.assigned", "lane=%d count=%zu", self->number, n);
    lane_feed(self, (struct flow_event){.kind = FLOW_EV_TICK});
    lane_obey(self);
    return 0;
}

/* ---- revoked or lost ---- */

static void give_back(struct lane *self)
{
    int64_t deadline = clock_mono_us() + REVOKE_BOUND_US;
    const struct timespec nap = {.tv_nsec = REVOKE_NAP_US * 1000};

    for (size_t i = 0; i < self->n_partitions; i++)
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_REVOKING, .partition = self->partitions[i].partition});
    do {
        lane_feed(self, (struct flow_event){.kind = FLOW_EV_TICK});
        lane_obey(self);
        if (flow_revocable(self->flow) || self->fenced)
            break;
        nanosleep(&nap, NULL);
    } while (clock_mono_us() < deadline);
}

static void release_partitions(struct lane *self, bool in_order)
{
    size_t n = self->n_partitions;

    if (in_order)
        give_back(self);
    lose_all(self);
    consumer_unassign(self->consumer);
    metrics_add(METRIC_REBALANCES, in_order ? "revoked" : "lost", 1);
    log_line(LOG_INFO, in_order ? "partitions.revoked" : "partitions.lost", "lane=%d count=%zu", self->number, n);
}

int rebalance_serve(struct lane *self, struct err *reterr)
{
    const int *partitions;
    size_t n;

    switch (consumer_poll(self->consumer, &partitions, &n, reterr)) {
    case CONSUMER_NONE:
        return 0;
    case CONSUMER_ASSIGN:
        return try_assign(self, partitions, n, reterr);
    case CONSUMER_REVOKE:
        release_partitions(self, true);
        return 0;
    case CONSUMER_LOST:
        release_partitions(self, false);
        return 0;
    case CONSUMER_FATAL:
        if (reterr->class != ERR_FATAL)
            return -1;
        log_line(LOG_WARN, "consumer.fatal", "lane=%d text=\"%s\"", self->number, reterr->text);
        self->fenced = true;
        return 0;
    }
    return 0;
}
