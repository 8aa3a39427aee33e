/* The reader of triage.control: to the end before anything is decided, then whatever comes. */
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "kafka/reader.h"
#include "metrics/metrics.h"

enum { READ_MS = 200, RETRY_US = 1000000 };

struct reading {
    const struct config *config;
    struct controls *controls;
    struct reader *reader;
};

static void take(struct reading *self, const struct reader_record *record)
{
    struct err err = {0};

    if (controls_take(self->controls, &record->record, clock_wall_us(), &err) < 0) {
        log_line(LOG_ERROR, "control.unreadable", "offset=%lld text=\"%s\"", (long long)record->offset, err.text);
        return;
    }
    if (controls_ready(self->controls))
        log_line(LOG_INFO, "control.changed", "key=\"%.*s\" lifted=%d", (int)record->record.key_len,
                 record->record.key ? (const char *)record->record.key : "", record->record.value == NULL);
}

static int turn(struct reading *self, struct err *reterr)
{
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

int control_run(const struct config *config, struct controls *controls, const _Atomic int *stop, struct err *reterr)
{
    struct reading self = {.config = config, .controls = controls};
    int rc = 0;

    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(HEALTH_CONTROL, 0, clock_mono_us());
        if (turn(&self, &err) == 0)
            continue;
        reader_close(self.reader);
        self.reader = NULL;
        if (err.class == ERR_TRANSIENT) {
            health_set(HEALTH_CONTROL, 0, "triage.control can't be read");
            log_line(LOG_WARN, "control.waits", "text=\"%s\"", err.text);
            bridge_wait(stop, RETRY_US);
            continue;
        }
        *reterr = err;
        rc = err_context(reterr, "control");
    }
    reader_close(self.reader);
    return rc;
}
