/* The loop of the readers of topics. */
#include "bridge/follow.h"

#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"

enum { RETRY_US = 1000000 };

int follow_run(const struct follow *how, void *self, const _Atomic int *stop, struct err *reterr)
{
    int rc = 0;

    while (!*stop && rc == 0) {
        struct err err = {0};
        health_beat(how->part, 0, clock_mono_us());
        if (how->turn(self, &err) == 0)
            continue;
        how->close(self);
        if (err.class == ERR_TRANSIENT) {
            health_set(how->part, 0, how->trouble);
            log_line(LOG_WARN, how->waits, "text=\"%s\"", err.text);
            bridge_wait(stop, RETRY_US);
            continue;
        }
        *reterr = err;
        rc = err_context(reterr, "%s", how->name);
    }
    how->close(self);
    return rc;
}
