/* Answers on hold, for the relay: what triage.control does not allow any more is taken off hold, what is due goes out.
 * Nothing goes out before the controls are read. */
#include "bridge/holds.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"

enum { HOLDS_AT_ONCE = 1000 };

struct looking {
    const struct controls *controls;
    struct queue *queue;
};

/* Why it may not go out by itself; NULL: it may. */
static const char *forbidden(const struct controls *controls, const struct queue_hold *hold)
{
    const struct control_question question = {
        .profile = hold->profile, .label = hold->label, .key = hold->key, .now_wall_us = clock_wall_us()};
    struct control_answer said;

    controls_ask(controls, &question, &said);
    if (said.taken_over)
        return "a person has taken the conversation over";
    if (said.stopped)
        return "a kill switch";
    if (said.cap < MODE_HOLD)
        return "the class is capped";
    return said.level < MODE_HOLD ? "the class stepped down" : NULL;
}

static int look_at(void *opaque, const struct queue_hold *hold, struct err *reterr)
{
    struct looking *self = opaque;
    const char *why = forbidden(self->controls, hold);
    bool done = false;

    if (why && queue_stop_hold(self->queue, hold->item, why, &done, reterr) < 0)
        return -1;
    if (why && done)
        log_line(LOG_INFO, "hold.stopped", "item=%" PRId64 " reason=\"%s\"", hold->item, why);
    if (why || !hold->due)
        return 0;
    if (queue_release_hold(self->queue, hold->item, &done, reterr) < 0)
        return -1;
    if (done)
        log_line(LOG_INFO, "hold.released", "item=%" PRId64, hold->item);
    return 0;
}

int holds_look(const struct controls *controls, struct queue *queue, struct err *reterr)
{
    struct looking self = {controls, queue};

    return controls_ready(controls) ? queue_each_hold(queue, HOLDS_AT_ONCE, look_at, &self, reterr) : 0;
}
