/* Keeps who waits for the model, and at each call and each ticket that goes without one holds flow to what fair.h says:
 * live before background; slots of two shares by their weights, of two senders alike, within the bounds of the method;
 * within a sender by due time; and nobody gives way while another takes more of its places. */
#include "turns.h"

#include "check.h"
#include "lane.h"

static int class_of(const struct input *input)
{
    return input->background ? 1 : 0;
}

static double weight_of(const struct lane *lane, int share)
{
    return lane->sim->weather.flow.weights[share];
}

static void restart(struct span *span)
{
    *span = (struct span){0};
}

static void reach(struct span *span, double by)
{
    span->now += by;
    span->least = span->now < span->least ? span->now : span->least;
    span->most = span->now > span->most ? span->now : span->most;
}

/* Somebody begins or stops to wait: what is compared with it begins anew. */
static void change(struct lane *lane, const struct input *input, int by)
{
    struct turns *turns = &lane->turns;
    int class = class_of(input), share = (int)input->share, sender = input->sender;
    int *waiting = &turns->waiting[class][share], *of_sender = &turns->of_sender[class][share][sender];

    *waiting += by;
    *of_sender += by;
    for (int i = 0; i < FLOW_SHARES_MAX && (*waiting == 0 || (*waiting == 1 && by == 1)); i++) {
        restart(&turns->shares[class][share][i]);
        restart(&turns->shares[class][i][share]);
    }
    for (int a = 0; a < SENDERS_MAX && (*of_sender == 0 || (*of_sender == 1 && by == 1)); a++) {
        for (int b = 0; b < SENDERS_MAX; b++)
            restart(&turns->senders[class][share][a][b]); /* the mean of all changes with who waits */
    }
}

static void stops(struct lane *lane, struct work *work)
{
    if (!work->waits)
        return;
    work->waits = false;
    change(lane, lane_input(lane, work), -1);
}

void turns_waits(struct lane *lane, struct work *work)
{
    work->waits = true;
    work->waits_since_us = lane->sim->now_us;
    change(lane, lane_input(lane, work), 1);
}

/* ---- a call ---- */

static void check_shares(struct lane *lane, const struct input *called)
{
    struct sim *sim = lane->sim;
    struct turns *turns = &lane->turns;
    int class = class_of(called), share = (int)called->share;

    for (int other = 0; other < (int)sim->weather.flow.n_shares; other++) {
        struct span *span = &turns->shares[class][share][other];
        double bound = COST_MOST / weight_of(lane, share) + COST_MOST / weight_of(lane, other) + 0.1;
        if (other == share || !turns->waiting[class][other])
            continue;
        reach(span, called->cost / weight_of(lane, share));
        reach(&turns->shares[class][other][share], -(called->cost / weight_of(lane, share)));
        check_counts(sim, INV_12);
        if (span->most - span->least > bound)
            sim_broken(sim, INV_12, "lane %d: the service of shares %d and %d differs by %.1f, and may by %.1f",
                       lane->name, share, other, span->most - span->least, bound);
    }
}

/* While the same n of them wait, a sender is ahead of the mean by one call at most and behind it by n - 1; what they
 * bring along from before is one more each. */
static void check_senders(struct lane *lane, const struct input *called)
{
    struct sim *sim = lane->sim;
    int class = class_of(called), share = (int)called->share, sender = called->sender, n = 0;

    for (int other = 0; other < SENDERS_MAX; other++)
        n += lane->turns.of_sender[class][share][other] > 0;
    for (int other = 0; other < SENDERS_MAX; other++) {
        struct span *span = &lane->turns.senders[class][share][sender][other];
        double bound = 2.0 * n * COST_MOST;
        if (other == sender || !lane->turns.of_sender[class][share][other])
            continue;
        reach(span, called->cost);
        reach(&lane->turns.senders[class][share][other][sender], -(double)called->cost);
        check_counts(sim, INV_12);
        if (span->most - span->least > bound)
            sim_broken(sim, INV_12, "lane %d, share %d: senders %d and %d were served %.0f apart, and may be %.0f",
                       lane->name, share, sender, other, span->most - span->least, bound);
    }
}

static void check_order(struct lane *lane, const struct work *called)
{
    struct sim *sim = lane->sim;
    const struct input *input = lane_input(lane, called);

    for (const struct work *work = lane->works; work; work = work->next) {
        const struct input *other = work->waits && work != called ? lane_input(lane, work) : NULL;
        if (!other)
            continue;
        check_counts(sim, INV_12);
        if (input->background && !other->background)
            sim_broken(sim, INV_12, "lane %d: a background ticket is called and a live one waits", lane->name);
        if (input->background == other->background && input->share == other->share && input->sender == other->sender &&
            other->due_us < input->due_us)
            sim_broken(sim, INV_12, "lane %d, share %d, sender %d: called is who is due at %lld, and %lld waits",
                       lane->name, (int)input->share, input->sender, (long long)input->due_us,
                       (long long)other->due_us);
    }
}

/* ---- giving way ---- */

/* Out of the fullest share for its weight, and no live ticket beside a background one. */
static void check_victim(struct lane *lane, const struct work *work)
{
    struct sim *sim = lane->sim;
    const struct input *input = lane_input(lane, work);
    const struct turns *turns = &lane->turns;
    int class = class_of(input);

    for (int share = 0; share < (int)sim->weather.flow.n_shares; share++) {
        check_counts(sim, INV_12);
        if (class == 0 && turns->waiting[1][share])
            sim_broken(sim, INV_12, "lane %d: a live ticket gives way and a background one waits", lane->name);
        if (sim->weather.flow.overflow && turns->waiting[class][share] * weight_of(lane, (int)input->share) >
                                              turns->waiting[class][input->share] * weight_of(lane, share))
            sim_broken(sim, INV_12, "lane %d: one of share %d gives way, and share %d has more waiting for its weight",
                       lane->name, (int)input->share, share);
    }
}

static bool gives_way(const struct lane *lane, const struct work *work, const struct flow_command *command,
                      enum flow_event_kind during)
{
    return command->without == FLOW_MODEL_BUSY && during == FLOW_EV_DECIDED && work->waits &&
           lane->sim->now_us < work->waits_since_us + lane->sim->weather.flow.model_deadline_us;
}

void turns_note(struct lane *lane, const struct flow_command *command, enum flow_event_kind during)
{
    struct work *work = (struct work *)(uintptr_t)command->tag;

    if (command->kind == FLOW_CALL_MODEL && work->waits) {
        check_order(lane, work);
        check_shares(lane, lane_input(lane, work));
        check_senders(lane, lane_input(lane, work));
    }
    if (command->kind == FLOW_FINISH && gives_way(lane, work, command, during))
        check_victim(lane, work);
    if (command->kind == FLOW_CALL_MODEL || command->kind == FLOW_FINISH || command->kind == FLOW_RELEASE)
        stops(lane, work);
}
