/* What must work for the process to be ready, and which loops must turn for it to be alive. */
#include <stdatomic.h>

#include "base/attrs.h"
#include "metrics/metrics.h"

static const char *const part_names[] = {"lanes", "feeder",    "relay",  "control",
                                         "watch", "knowledge", "recall", "drift", "autonomy", "budget"};
_Static_assert(ARRAY_LEN(part_names) == HEALTH_COUNT, "a part without a name");

static _Atomic int declared[HEALTH_COUNT];                           /* how many of a part there are */
static const char *_Atomic troubles[HEALTH_COUNT][METRIC_LANES_MAX]; /* "" works */
static _Atomic int64_t beats_us[HEALTH_COUNT][METRIC_LANES_MAX];

void health_declare(enum health part, int count)
{
    declared[part] = count > METRIC_LANES_MAX ? METRIC_LANES_MAX : count;
    for (int i = 0; i < declared[part]; i++)
        troubles[part][i] = "starting";
}

void health_set(enum health part, int which, const char *trouble)
{
    if (which >= 0 && which < METRIC_LANES_MAX)
        troubles[part][which] = trouble;
}

void health_beat(enum health part, int which, int64_t now_us)
{
    if (which >= 0 && which < METRIC_LANES_MAX)
        beats_us[part][which] = now_us;
}

/* A part with its number where there are several. */
static void name_part(size_t part, int which, struct buf *ret_text)
{
    buf_puts(ret_text, part_names[part]);
    if (declared[part] > 1)
        buf_printf(ret_text, " %d", which);
}

static bool stands_still(size_t part, int which, int64_t now_us, int64_t most_seconds)
{
    int64_t beat = beats_us[part][which];

    return beat && now_us - beat > most_seconds * 1000000LL;
}

bool health_ready(struct buf *ret_text, int64_t now_us)
{
    bool ready = true;

    for (size_t i = 0; i < HEALTH_COUNT; i++) {
        for (int which = 0; which < declared[i]; which++) {
            const char *trouble = troubles[i][which];
            if (!*trouble && stands_still(i, which, now_us, HEALTH_READY_SECONDS))
                trouble = "waits for a call";
            ready &= !*trouble;
            name_part(i, which, ret_text);
            buf_printf(ret_text, ": %s\n", *trouble ? trouble : "ok");
        }
    }
    return ready;
}

bool health_alive(struct buf *ret_text, int64_t now_us)
{
    bool alive = true;

    for (size_t i = 0; i < HEALTH_COUNT; i++) {
        for (int which = 0; which < declared[i]; which++) {
            bool stalled = stands_still(i, which, now_us, HEALTH_STALL_SECONDS);
            alive &= !stalled;
            name_part(i, which, ret_text);
            buf_printf(ret_text, ": %s\n", stalled ? "stands still" : "ok");
        }
    }
    return alive;
}
