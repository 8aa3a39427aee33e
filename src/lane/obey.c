/* Carries out what flow commands: one case a command, and what is left to do when a ticket is released. */
#include "base/clock.h"
#include "base/log.h"
#include "lane/lane_state.h"
#include "metrics/metrics.h"

/* One line per outcome, without a word of the ticket. */
static void report(struct lane *self, const struct work *work)
{
    const struct decision *decision = &work->decision;
    const struct snapshot_profile *of = work_profile(work);
    const char *profile = of ? of->name : "none";
    char key[TICKET_KEY_MAX + 8];

    if (work->failed) {
        metrics_add(METRIC_DEADLETTERS, work->why.reason, 1);
        log_line(LOG_WARN, "ticket.deadletter", "lane=%d partition=%d offset=%lld key=%s reason=%s", self->number,
                 work->partition, (long long)work->offset, log_quote(work->identity.key, key, sizeof key),
                 work->why.reason);
        return;
    }
    metrics_outcome(decision->status, decision);
    metrics_series_add(METRIC_PROFILE_TICKETS, profile, result_status_name(decision->status), 1);
    metrics_observe(STAGE_SCREEN, decision->screen_us);
    metrics_observe(STAGE_CLASSIFY, decision->classify_us);
    if (decision->draft_us)
        metrics_observe(STAGE_DRAFT, decision->draft_us);
    metrics_observe(STAGE_END_TO_END, clock_mono_us() - work->read_us);
    log_line(LOG_INFO, "ticket.outcome",
             "lane=%d partition=%d offset=%lld key=%s revision=%lld status=%s profile=%s reason=%s label=%s "
             "confidence=%.3f us=%lld",
             self->number, work->partition, (long long)work->offset, log_quote(work->identity.key, key, sizeof key),
             (long long)work->identity.revision, result_status_name(decision->status),
             profile, decision->n_reasons ? reason_name(decision->reasons[0]) : "none",
             decision->label[0] ? decision->label : "none", decision->confidence,
             (long long)(clock_mono_us() - work->read_us));
}

static void release(struct lane *self, const struct flow_command *command)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;

    self->made_room = true;
    if (command->flag)
        report(self, work);
    lane_drop_work(self, work);
}

static void stop_partition(struct lane *self, int partition)
{
    log_line(LOG_ERROR, "partition.stopped", "lane=%d partition=%d reason=\"%s\"", self->number, partition,
             flow_stop_reason(self->flow, partition));
    for (size_t i = 0; i < self->n_partitions; i++) {
        if (self->partitions[i].partition == partition)
            self->partitions[i].broken = "a partition's committed position can't be understood";
    }
    lane_tell_health(self);
}

static void obey(struct lane *self, const struct flow_command *command)
{
    switch (command->kind) {
    case FLOW_DECIDE:
        step_decide(self, command);
        break;
    case FLOW_CALL_MODEL:
        step_call_model(self, command);
        break;
    case FLOW_CANCEL_MODEL:
        step_cancel_model(self, command);
        break;
    case FLOW_FINISH:
        step_finish(self, command);
        break;
    case FLOW_ADOPT:
        step_adopt(self, command);
        break;
    case FLOW_REPLACE:
        txn_replace(self, command);
        break;
    case FLOW_BEGIN:
        txn_begin(self);
        break;
    case FLOW_EMIT:
        txn_emit(self, command);
        break;
    case FLOW_COMMIT:
        txn_commit(self);
        break;
    case FLOW_SETTLE:
        txn_settle(self);
        break;
    case FLOW_RELEASE:
        release(self, command);
        break;
    case FLOW_STOP_PARTITION:
        stop_partition(self, command->partition);
        break;
    case FLOW_DRAINED:
        self->drained = true;
        break;
    case FLOW_COMMAND_COUNT:
        break;
    }
}

void lane_obey(struct lane *self)
{
    struct flow_command command;

    while (flow_next(self->flow, &command))
        obey(self, &command);
}
