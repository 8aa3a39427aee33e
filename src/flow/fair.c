/* Fair queueing of waiting tickets. From the outside in: classes (live, background), shares, senders, and in each
 * sender's queue a heap by due time. Virtual times count cost divided by weight, in steps small enough for the
 * division. */
#include "flow/fair.h"

#include "base/mem.h"

enum { LIVE, BACKGROUND, CLASSES };

#define STEPS_PER_COST 4096u

struct sender {
    struct fair_item *root;   /* due first */
    struct fair_item *newest; /* last arrival */
    size_t waiting;
    uint64_t start; /* virtual: what it was served, counted from when it last had nothing to wait for */
};

struct share {
    uint32_t weight;
    uint64_t start; /* virtual: where its next call begins */
    size_t waiting;
    struct sender senders[FAIR_SENDERS];
    size_t active;    /* senders that wait */
    uint64_t starts;  /* the sum of theirs */
    uint64_t idle_at; /* of the last one to leave: nobody begins behind it */
};

struct class
{
    struct share *shares;
    uint64_t now; /* virtual: start of the call that was served last */
    size_t waiting;
};

struct fair {
    size_t n_shares;
    struct class classes[CLASSES];
    uint64_t arrivals;
};

struct fair *fair_new(const uint32_t *weights, size_t n_shares)
{
    struct fair *self = mem_alloc(sizeof *self);

    self->n_shares = n_shares;
    for (size_t c = 0; c < CLASSES; c++)
        self->classes[c].shares = mem_array(n_shares, sizeof *self->classes[c].shares);
    for (size_t i = 0; i < n_shares; i++)
        fair_set_weight(self, (unsigned)i, weights[i]);
    return self;
}

void fair_free(struct fair *self)
{
    if (!self)
        return;
    for (size_t c = 0; c < CLASSES; c++)
        mem_free(self->classes[c].shares);
    mem_free(self);
}

void fair_set_weight(struct fair *self, unsigned share, uint32_t weight)
{
    for (size_t c = 0; c < CLASSES; c++)
        self->classes[c].shares[share].weight = weight < 1 ? 1 : weight > FAIR_WEIGHT_MAX ? FAIR_WEIGHT_MAX : weight;
}

unsigned fair_sender_queue(uint64_t sender)
{
    return (unsigned)(sender * 0x9e3779b97f4a7c15u >> 40) % FAIR_SENDERS;
}

static struct class *class_of(struct fair *self, const struct fair_item *item)
{
    return &self->classes[item->background ? BACKGROUND : LIVE];
}

static struct share *share_of(struct fair *self, const struct fair_item *item)
{
    return &class_of(self, item)->shares[item->share];
}

static struct sender *sender_of(struct fair *self, const struct fair_item *item)
{
    return &share_of(self, item)->senders[fair_sender_queue(item->sender)];
}

static uint64_t cost_of(const struct fair_item *item)
{
    return (uint64_t)(item->cost < 1 ? 1 : item->cost > FAIR_COST_MAX ? FAIR_COST_MAX : item->cost) * STEPS_PER_COST;
}

/* ---- the heap: Fredman, Sedgewick, Sleator, Tarjan, The pairing heap, 1986 ---- */

static bool goes_before(const struct fair_item *a, const struct fair_item *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->arrival < b->arrival;
}

static struct fair_item *meld(struct fair_item *a, struct fair_item *b)
{
    struct fair_item *first = a, *second = b;

    if (!a || !b)
        return a ? a : b;
    if (goes_before(b, a)) {
        first = b;
        second = a;
    }
    second->before = first;
    second->sibling = first->child;
    if (first->child)
        first->child->before = second;
    first->child = second;
    return first;
}

/* Two passes: pairs from the left, then all of them from the right. */
static struct fair_item *meld_children(struct fair_item *first)
{
    struct fair_item *pairs = NULL, *whole = NULL;

    while (first) {
        struct fair_item *a = first, *b = first->sibling, *pair;
        first = b ? b->sibling : NULL;
        a->sibling = a->before = NULL;
        if (b)
            b->sibling = b->before = NULL;
        pair = meld(a, b);
        pair->sibling = pairs;
        pairs = pair;
    }
    while (pairs) {
        struct fair_item *pair = pairs;
        pairs = pair->sibling;
        pair->sibling = NULL;
        whole = meld(whole, pair);
    }
    return whole;
}

static struct fair_item *heap_without(struct fair_item *root, struct fair_item *item)
{
    struct fair_item *rest = meld_children(item->child);

    item->child = NULL;
    if (item == root)
        return rest;
    if (item->before->child == item)
        item->before->child = item->sibling;
    else
        item->before->sibling = item->sibling;
    if (item->sibling)
        item->sibling->before = item->before;
    item->sibling = item->before = NULL;
    return meld(root, rest);
}

/* ---- coming and leaving ---- */

static uint64_t mean_start(const struct share *share)
{
    return share->active ? share->starts / share->active : share->idle_at;
}

/* A sender that was away neither has saved anything nor is forgiven what it had too much. */
static void sender_comes(struct share *share, struct sender *sender)
{
    uint64_t mean = mean_start(share);

    if (sender->start < mean)
        sender->start = mean;
    share->active++;
    share->starts += sender->start;
}

static void sender_leaves(struct share *share, struct sender *sender)
{
    share->active--;
    share->starts -= sender->start;
    if (share->active == 0)
        share->idle_at = sender->start;
}

void fair_put(struct fair *self, struct fair_item *item)
{
    struct class *class = class_of(self, item);
    struct share *share = share_of(self, item);
    struct sender *sender = sender_of(self, item);

    if (share->waiting++ == 0 && share->start < class->now)
        share->start = class->now;
    if (sender->waiting++ == 0)
        sender_comes(share, sender);
    class->waiting++;
    item->queued = true;
    item->arrival = ++self->arrivals;
    item->child = item->sibling = item->before = item->newer = NULL;
    item->older = sender->newest;
    if (sender->newest)
        sender->newest->newer = item;
    sender->newest = item;
    sender->root = meld(sender->root, item);
}

void fair_drop(struct fair *self, struct fair_item *item)
{
    struct sender *sender = sender_of(self, item);

    if (!item->queued)
        return;
    item->queued = false;
    if (item->newer)
        item->newer->older = item->older;
    else
        sender->newest = item->older;
    if (item->older)
        item->older->newer = item->newer;
    sender->root = heap_without(sender->root, item);
    class_of(self, item)->waiting--;
    share_of(self, item)->waiting--;
    if (--sender->waiting == 0)
        sender_leaves(share_of(self, item), sender);
}

/* ---- whose turn it is ---- */

static struct share *next_share(struct class *class, size_t n_shares)
{
    struct share *next = NULL;

    for (size_t i = 0; i < n_shares; i++) {
        struct share *share = &class->shares[i];
        if (share->waiting && (!next || share->start < next->start))
            next = share;
    }
    return next;
}

/* The mean of all that wait is never below each of them, so one is eligible. */
static struct fair_item *next_in_share(struct share *share)
{
    struct fair_item *next = NULL;

    for (size_t i = 0; i < FAIR_SENDERS; i++) {
        const struct sender *sender = &share->senders[i];
        if (sender->waiting && sender->start * share->active <= share->starts &&
            (!next || goes_before(sender->root, next)))
            next = sender->root;
    }
    return next;
}

struct fair_item *fair_next(struct fair *self, bool background)
{
    struct share *share = next_share(&self->classes[background ? BACKGROUND : LIVE], self->n_shares);

    return share ? next_in_share(share) : NULL;
}

void fair_serve(struct fair *self, struct fair_item *item)
{
    struct class *class = class_of(self, item);
    struct share *share = share_of(self, item);
    struct sender *sender = sender_of(self, item);

    class->now = share->start;
    share->start += cost_of(item) / share->weight;
    sender->start += cost_of(item);
    share->starts += cost_of(item);
    fair_drop(self, item);
}

/* ---- who gives way ---- */

/* The share with the most waiting for its weight; of equals the newcomer's. */
static unsigned fullest_share(const struct fair *self, const struct class *class, const struct fair_item *newcomer)
{
    unsigned fullest = newcomer->share;
    uint64_t most = class->shares[fullest].waiting + (&self->classes[newcomer->background] == class);

    for (unsigned i = 0; i < self->n_shares; i++) {
        const struct share *share = &class->shares[i];
        if (i != newcomer->share && share->waiting * class->shares[fullest].weight > most * share->weight) {
            fullest = i;
            most = share->waiting;
        }
    }
    return fullest;
}

/* The newest of the longest queue; newcomer, where its own would be that. */
static struct fair_item *newest_of_longest(struct share *share, struct fair_item *newcomer)
{
    struct fair_item *newest = newcomer;
    size_t most = newcomer ? share->senders[fair_sender_queue(newcomer->sender)].waiting + 1 : 0;

    for (size_t i = 0; i < FAIR_SENDERS; i++) {
        if (share->senders[i].waiting > most) {
            most = share->senders[i].waiting;
            newest = share->senders[i].newest;
        }
    }
    return newest;
}

struct fair_item *fair_victim(struct fair *self, struct fair_item *newcomer)
{
    struct class *background = &self->classes[BACKGROUND], *class = background;
    unsigned share;

    if (!newcomer->background && background->waiting == 0)
        class = &self->classes[LIVE];
    else if (newcomer->background && background->waiting == 0)
        return newcomer;
    share = fullest_share(self, class, newcomer);
    return newest_of_longest(&class->shares[share],
                             share == newcomer->share && class == class_of(self, newcomer) ? newcomer : NULL);
}

/* ---- figures ---- */

size_t fair_waiting(const struct fair *self, unsigned share, bool background)
{
    return self->classes[background ? BACKGROUND : LIVE].shares[share].waiting;
}

size_t fair_waiting_in_background(const struct fair *self)
{
    return self->classes[BACKGROUND].waiting;
}
