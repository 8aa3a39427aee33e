/* What must work for the process to be ready, and which loops must turn for it to be alive. */
#include <stdatomic.h>

#include "base/attrs.h"
#include "metrics/metrics.h"

static const char *const part_names[] = {"lanes", "feeder", "relay"};
_Static_assert(ARRAY_LEN(part_names) == HEALTH_COUNT, "a part without a name");

static _Atomic bool declared[HEALTH_COUNT];
static _Atomic bool working[HEALTH_COUNT];
static const char *_Atomic reasons[HEALTH_COUNT];
static _Atomic int64_t beats_us[HEALTH_COUNT];

void health_declare(enum health part)
{
    reasons[part] = "starting";
    declared[part] = true;
}

void health_set(enum health part, bool ok, const char *why)
{
    reasons[part] = why;
    working[part] = ok;
}

void health_beat(enum health part, int64_t now_us)
{
    beats_us[part] = now_us;
}

bool health_ready(struct buf *ret_text)
{
    bool ready = true;

    for (size_t i = 0; i < HEALTH_COUNT; i++) {
        if (!declared[i])
            continue;
        ready &= working[i];
        buf_printf(ret_text, "%s: %s\n", part_names[i], working[i] ? "ok" : reasons[i]);
    }
    return ready;
}

bool health_alive(struct buf *ret_text, int64_t now_us)
{
    bool alive = true;

    for (size_t i = 0; i < HEALTH_COUNT; i++) {
        bool stalled = declared[i] && beats_us[i] && now_us - beats_us[i] > HEALTH_STALL_SECONDS * 1000000LL;
        if (!declared[i])
            continue;
        alive &= !stalled;
        buf_printf(ret_text, "%s: %s\n", part_names[i], stalled ? "stands still" : "ok");
    }
    return alive;
}
