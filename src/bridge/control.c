/* The reader of triage.control: to the end before anything is decided, then whatever comes. */
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "bridge/follow.h"
#include "kafka/reader.h"
#include "metrics/metrics.h"

enum { READ_MS = 200 };

struct reading {
    const struct config *config;
    struct controls *controls;
    struct reader *reader;
};

static void take(struct reading *self, const struct reader_record *record)
{
    struct err err = {0};

    if (control_is_lifting(&record->record))
        return; /* the trace of one; what lifts is the tombstone */
    if (controls_take(self->controls, &record->record, clock_wall_us(), &err) < 0) {
        log_line(LOG_ERROR, "control.unreadable", "offset=%lld text=\"%s\"", (long long)record->offset, err.text);
        return;
    }
    if (controls_ready(self->controls))
        log_line(LOG_INFO, "control.changed", "key=\"%.*s\" lifted=%d", (int)record->record.key_len,
                 record->record.key ? (const char *)record->record.key : "", record->record.value == NULL);
}

static int turn(void *opaque, struct err *reterr)
{
    struct reading *self = opaque;
    const struct config_kafka *kafka = &self->config->kafka;
    struct reader_record record;
    int got;

    if (!self->reader && reader_open(kafka, kafka->topic_control, true, &self->reader, reterr) < 0)
        return -1;
    got = reader_next(self->reader, READ_MS, &record, reterr);
    if (got < 0)
        return -1;
    if (got == 1)
        take(self, &record);
    if (got == 2)
        controls_set_ready(self->controls);
    health_set(HEALTH_CONTROL, 0, controls_ready(self->controls) ? "" : "triage.control is not read yet");
    return 0;
}

static void close_reader(void *opaque)
{
    struct reading *self = opaque;

    reader_close(self->reader);
    self->reader = NULL;
}

int control_run(const struct config *config, struct controls *controls, const _Atomic int *stop, struct err *reterr)
{
    static const struct follow how = {.name = "control",
                                      .waits = "control.waits",
                                      .trouble = "triage.control can't be read",
                                      .part = HEALTH_CONTROL,
                                      .turn = turn,
                                      .close = close_reader};
    struct reading self = {.config = config, .controls = controls};

    return follow_run(&how, &self, stop, reterr);
}
