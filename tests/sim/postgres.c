/* The model of the queue. */
#include "postgres.h"

#include "base/mem.h"
#include "check.h"

#define LEASE_US (4 * SECOND)
#define HOLD_US (500 * MILLI)

struct postgres *postgres_new(void)
{
    struct postgres *self = mem_alloc(sizeof *self);

    self->now.published = -1;
    self->relay_lock = -1;
    return self;
}

static void put_outbox(struct sim *sim, int item, enum status status, int64_t commit_us)
{
    struct tables *now = &sim->postgres->now;

    if (now->n_outbox < OUTBOX_MAX)
        now->outbox[now->n_outbox++] =
            (struct outbox_row){.item = item,
                                .key = now->items[item].key,
                                .revision = now->items[item].revision,
                                .status = status,
                                .visible = !commit_us,
                                .commit_us = commit_us};
}

/* ---- the feeder's side ---- */

static bool unfinished(const struct item *item)
{
    return item->state == ITEM_OPEN || item->state == ITEM_CLAIMED || item->state == ITEM_HELD;
}

static bool meets_lock(const struct tables *now, const struct output *records, int n)
{
    for (int i = 0; i < now->n_items; i++) {
        for (int j = 0; now->items[i].locked && j < n; j++) {
            if (records[j].key == now->items[i].key)
                return true;
        }
    }
    return false;
}

static void close_item(struct sim *sim, int index)
{
    struct item *item = &sim->postgres->now.items[index];

    item->state = ITEM_SUPERSEDED;
    item->answers = 0;
    put_outbox(sim, index, ST_SUPERSEDED, 0);
}

/* revision 0: a tombstone closes all. */
static void close_below(struct sim *sim, uint64_t key, int64_t revision)
{
    struct tables *now = &sim->postgres->now;

    for (int i = 0; i < now->n_items; i++) {
        if (now->items[i].key == key && unfinished(&now->items[i]) && (!revision || now->items[i].revision < revision))
            close_item(sim, i);
    }
}

static void take_request(struct sim *sim, const struct output *record)
{
    struct tables *now = &sim->postgres->now;

    for (int i = 0; i < now->n_items; i++) {
        if (now->items[i].key == record->key && now->items[i].revision == record->revision)
            return; /* one item per revision */
    }
    if (now->n_items == ITEMS_MAX)
        return;
    now->items[now->n_items++] = (struct item){.key = record->key, .revision = record->revision};
    if (record->revision < now->key_seen[record->key])
        close_item(sim, now->n_items - 1);
}

static void take_record(struct sim *sim, const struct output *record)
{
    struct tables *now = &sim->postgres->now;

    if (record->revision > now->key_seen[record->key])
        now->key_seen[record->key] = record->revision;
    if (record->close || record->revision)
        close_below(sim, record->key, record->revision);
    if (!record->close)
        take_request(sim, record);
}

/* One transaction: the row moves from the value that this feeder last read or wrote, or nothing happens. */
enum pg_answer pg_feed(struct sim *sim, int partition, bool known, int64_t expected, int64_t next,
                       const struct output *records, int n)
{
    struct tables *now = &sim->postgres->now;

    if (known != now->feeder_known[partition] || (known && expected != now->feeder_next[partition]))
        return PG_STALE;
    if (meets_lock(now, records, n))
        return PG_WAIT;
    check_counts(sim, INV_10);
    if (known && next < now->feeder_next[partition])
        sim_broken(sim, INV_10, "the feeder's row of partition %d goes back to %lld", partition, (long long)next);
    now->feeder_known[partition] = true;
    now->feeder_next[partition] = next;
    for (int i = 0; i < n; i++)
        take_record(sim, &records[i]);
    return PG_OK;
}

/* ---- the reviewers' side ---- */

int pg_claim(struct sim *sim, int reviewer, int *ret_claim_no)
{
    struct tables *now = &sim->postgres->now;

    for (int i = 0; i < now->n_items; i++) {
        struct item *item = &now->items[i];
        bool free_again = item->state == ITEM_CLAIMED && item->claimed_until_us < sim->now_us;
        if (item->locked || (item->state != ITEM_OPEN && !free_again))
            continue;
        item->state = ITEM_CLAIMED;
        item->claimed_by = reviewer;
        item->claimed_until_us = sim->now_us + LEASE_US;
        *ret_claim_no = ++item->claim_no;
        return i;
    }
    return -1;
}

enum pg_answer pg_resolve(struct sim *sim, int index, int claim_no, int reviewer)
{
    struct tables *now = &sim->postgres->now;
    struct item *item = &now->items[index];

    if (index >= now->n_items || item->state != ITEM_CLAIMED || item->claim_no != claim_no ||
        item->claimed_by != reviewer)
        return PG_REFUSED;
    check_counts(sim, INV_6);
    item->state = ITEM_HELD;
    item->held_until_us = sim->now_us + HOLD_US;
    if (++item->answers > 1 || item->claim_no != claim_no || item->claimed_by != reviewer)
        sim_broken(sim, INV_6, "item %d takes an answer under claim %d, and the current one is %d", index, claim_no,
                   item->claim_no);
    return PG_OK;
}

void pg_undo(struct sim *sim, int index)
{
    struct item *item = &sim->postgres->now.items[index];

    if (index >= sim->postgres->now.n_items || item->state != ITEM_HELD || item->locked)
        return;
    item->state = ITEM_CLAIMED;
    item->answers = 0;
    item->claim_no++;
    item->claimed_until_us = sim->now_us + LEASE_US;
}

/* The row has its id at once and is visible when its transaction commits: rows appear out of order. */
static void publish_due(struct sim *sim)
{
    struct tables *now = &sim->postgres->now;

    for (int i = 0; i < now->n_items; i++) {
        struct item *item = &now->items[i];
        int64_t takes = sim_chance(sim, 300) ? sim_between(sim, MILLI, 300 * MILLI) : 0;
        if (item->state != ITEM_HELD || item->locked || item->held_until_us > sim->now_us)
            continue;
        check_counts(sim, INV_4);
        if (now->key_seen[item->key] > item->revision)
            sim_broken(sim, INV_4, "item %d is published, and revision %lld of its key was seen", i,
                       (long long)now->key_seen[item->key]);
        put_outbox(sim, i, ST_REVIEWED, takes ? sim->now_us + takes : 0);
        item->locked = takes > 0;
        if (takes)
            sim_fault(sim, FAULT_LATE_OUTBOX_ROW);
        else
            item->state = ITEM_RELEASED;
    }
}

void pg_step(struct sim *sim)
{
    struct tables *now = &sim->postgres->now;

    if (sim->postgres->down) {
        sim->postgres->down = sim->now_us < sim->postgres->down_until_us;
        return;
    }
    for (int i = 0; i < now->n_outbox; i++) {
        struct outbox_row *row = &now->outbox[i];
        if (row->visible || row->gone || row->commit_us > sim->now_us)
            continue;
        row->visible = true;
        now->items[row->item].locked = false;
        now->items[row->item].state = ITEM_RELEASED;
    }
    publish_due(sim);
}

/* ---- the relay's side ---- */

bool pg_relay_lock(struct sim *sim, int connection)
{
    if (sim->postgres->relay_lock < 0)
        sim->postgres->relay_lock = connection;
    return sim->postgres->relay_lock == connection;
}

/* Numbers what is visible, in the order of ids; returns the last number given. */
int64_t pg_sequence(struct sim *sim)
{
    struct tables *now = &sim->postgres->now;

    for (int i = 0; i < now->n_outbox; i++) {
        struct outbox_row *row = &now->outbox[i];
        if (row->visible && !row->sequence)
            row->sequence = ++now->last_sequence;
    }
    return now->last_sequence;
}

int pg_outbox_after(struct sim *sim, int64_t position, struct outbox_row *rows, int most)
{
    const struct tables *now = &sim->postgres->now;
    int n = 0;

    for (int64_t sequence = position + 1; n < most && sequence <= now->last_sequence; sequence++) {
        for (int i = 0; i < now->n_outbox; i++) {
            if (now->outbox[i].sequence == sequence)
                rows[n++] = now->outbox[i];
        }
    }
    return n;
}

void pg_note(struct sim *sim, int64_t position)
{
    struct tables *now = &sim->postgres->now;

    if (position > now->published)
        now->published = position;
}

/* ---- what can happen to it ---- */

/* What was not committed is gone, and so are all connections with their locks. */
void pg_restart(struct sim *sim, int64_t down_us)
{
    struct postgres *self = sim->postgres;

    for (int i = 0; i < self->now.n_outbox; i++) {
        struct outbox_row *row = &self->now.outbox[i];
        if (row->visible || row->gone)
            continue;
        row->gone = true;
        self->now.items[row->item].locked = false;
    }
    self->session++;
    self->relay_lock = -1;
    self->down = down_us > 0;
    self->down_until_us = sim->now_us + down_us;
}

void pg_take_backup(struct sim *sim)
{
    struct postgres *self = sim->postgres;

    if (self->is_copy || self->down)
        return;
    self->backup = self->now;
    self->has_backup = true;
    for (int i = 0; i < self->backup.n_outbox; i++) { /* a backup holds what was committed */
        struct outbox_row *row = &self->backup.outbox[i];
        if (row->visible || row->gone)
            continue;
        row->gone = true;
        self->backup.items[row->item].locked = false;
    }
}

void pg_restore_older(struct sim *sim)
{
    struct postgres *self = sim->postgres;

    if (!self->has_backup || self->is_copy)
        return;
    sim_fault(sim, FAULT_POSTGRES_RESTORED);
    sim_say(sim, "postgres: an older backup is restored, its outbox ends at %lld",
            (long long)self->backup.last_sequence);
    pg_restart(sim, SECOND);
    self->newest = self->now;
    self->now = self->backup;
    self->is_copy = true;
}

/* The operator's answer to a relay that refuses. */
void pg_restore_newest(struct sim *sim)
{
    struct postgres *self = sim->postgres;

    sim_say(sim, "postgres: the newest copy is restored");
    pg_restart(sim, SECOND);
    self->now = self->newest;
    self->is_copy = false;
}
