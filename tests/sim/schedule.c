/* One seed from its first step to its last: what the weather is, who acts next, what arrives, what people do and what
 * goes wrong. After the last arrival the faults end, everything is put right, and all must settle. */
#include "bridge.h"
#include "check.h"
#include "lane.h"

#include "base/mem.h"

enum {
    REVIEWERS = 2,
    SETTLED_EVERY = 64, /* steps between two looks whether all is done */
    ALL_REVIEWS = (1 << REVIEW_PARTITIONS) - 1,
    ACTORS_MAX = LANES_MAX + 2 * BRIDGES_MAX + 8,
};
#define OPERATOR_PATIENCE_US (3 * SECOND)
#define FIRST_STEP_US        1000

struct reviewer {
    int item, claim_no; /* item -1: none */
    int64_t answer_us;
};

struct people {
    struct reviewer reviewers[REVIEWERS];
    int64_t source_us, people_us, chaos_us, broker_us, postgres_us, operator_us;
    int arrivals;
    int64_t top[KEYS_MAX]; /* highest revision that was sent */
    bool night;            /* everything is stopped on purpose */
    struct committed saved[PARTITIONS_MAX];
};

/* ---- weather ---- */

static struct flow_settings settings_of(struct sim *sim)
{
    struct flow_settings settings = {.in_flight = (size_t)sim_between(sim, 1, 24),
                                     .in_flight_bytes = sim_between(sim, 100, 5000),
                                     .model_slots = (size_t)sim_between(sim, 1, 8),
                                     .dedup_memory = (size_t)sim_between(sim, 1, 40),
                                     .commit_batch = (size_t)sim_between(sim, 1, 12),
                                     .commit_interval_us = sim_between(sim, 0, 20 * MILLI),
                                     .model_deadline_us = sim_between(sim, 500 * MILLI, 15 * SECOND),
                                     .stall_us = sim_between(sim, 100 * MILLI, 3 * SECOND),
                                     .n_shares = (size_t)sim_between(sim, 1, 3)};

    for (size_t i = 0; i < settings.n_shares; i++)
        settings.weights[i] = (uint32_t)sim_between(sim, 1, 4);
    settings.overflow = sim_chance(sim, settings.n_shares > 1 ? 800 : 200);
    return settings;
}

/* Each kind of fault is absent in many seeds, so that none hides another. */
static int maybe(struct sim *sim, int per_mille_of_seeds, int rate)
{
    return sim_chance(sim, per_mille_of_seeds) ? 1 + sim_below(sim, rate) : 0;
}

static struct weather any_weather(struct sim *sim)
{
    return (struct weather){.partitions = 1 + sim_below(sim, PARTITIONS_MAX),
                            .instances = 1 + sim_below(sim, INSTANCES_MAX),
                            .lanes_each = 1 + sim_below(sim, LANES_PER_PROCESS),
                            .keys = 2 + sim_below(sim, KEYS_MAX - 3),
                            .tickets = 40 + sim_below(sim, 130),
                            .impatient = sim_chance(sim, 300),
                            .senders = 1 + sim_below(sim, SENDERS_MAX),
                            .background = sim_chance(sim, 400) ? sim_below(sim, 500) : 0,
                            .flow = settings_of(sim),
                            .crash = maybe(sim, 500, 200),
                            .freeze = maybe(sim, 300, 100),
                            .stop = maybe(sim, 300, 100),
                            .end_faults = maybe(sim, 600, 150),
                            .group_faults = maybe(sim, 300, 150),
                            .postgres_faults = maybe(sim, 500, 150),
                            .rare = maybe(sim, 300, 60),
                            .poison = maybe(sim, 400, 60),
                            .culprit = maybe(sim, 150, 15),
                            .culprits_decode = sim_chance(sim, 400),
                            .breaker = maybe(sim, 300, 10),
                            .switches = maybe(sim, 300, 150),
                            .model_slowest_us = sim_between(sim, 100 * MILLI, 12 * SECOND),
                            .quiet_after_us = sim_between(sim, SECOND, 30 * SECOND)};
}

/* In some seeds nothing but a record ends a process: there no other record may be blamed. */
static struct weather weather_of(struct sim *sim)
{
    struct weather weather = any_weather(sim);

    if (weather.culprit && sim_chance(sim, 500))
        weather.crash = weather.freeze = weather.group_faults = weather.rare = 0;
    return weather;
}

/* ---- arrivals ---- */

static enum flow_record_kind kind_of(struct sim *sim)
{
    int dice = sim_below(sim, 100);

    return dice < 82 ? FLOW_TICKET : dice < 89 ? FLOW_WITHDRAWAL : dice < 93 ? FLOW_TOMBSTONE : FLOW_BAD;
}

static int64_t revision_of(struct sim *sim, uint64_t key)
{
    int64_t *top = &sim->people->top[key];
    int dice = sim_below(sim, 100);

    if (dice < 65 || *top == 0)
        return *top < REVISIONS_MAX - 1 ? ++*top : *top;
    return dice < 85 ? *top : 1 + sim_below(sim, (int)*top);
}

/* Half of the tickets are of the first profile and the first sender: floods. */
static void choose_turn(struct sim *sim, struct input *input)
{
    const struct weather *weather = &sim->weather;

    input->share = sim_chance(sim, 500) ? 0 : (unsigned)sim_below(sim, (int)weather->flow.n_shares);
    input->sender = sim_chance(sim, 500) ? 0 : sim_below(sim, weather->senders);
    input->background = sim_chance(sim, weather->background);
    input->cost = weather->impatient ? COST_MOST : (uint32_t)sim_between(sim, 1, COST_MOST);
    input->due_us = sim->now_us + sim_between(sim, 1, 20 * SECOND);
    if (weather->impatient && input->sender == 0)
        input->due_us -= 20 * SECOND;
}

static struct input input_of(struct sim *sim)
{
    static const enum status statuses[] = {ST_ANSWERED, ST_SUGGESTED, ST_IGNORED, ST_IN_REVIEW};
    const struct weather *weather = &sim->weather;
    struct input input = {.state = LOG_LIVE,
                          .source_txn = -1,
                          .kind = kind_of(sim),
                          .key = (uint64_t)(1 + sim_below(sim, weather->keys)),
                          .bytes = 1 + sim_below(sim, 400),
                          .base_status = statuses[sim_below(sim, 4)]};

    choose_turn(sim, &input);
    if (input.kind != FLOW_TOMBSTONE)
        input.revision = revision_of(sim, input.key);
    input.hash = (uint64_t)input.revision * 100 + input.key * 10000 + (uint64_t)(sim_chance(sim, 200) ? 1 : 0);
    if (input.kind == FLOW_BAD && sim_chance(sim, 500)) {
        input.key = 0;
        input.revision = 0;
    }
    if (input.kind == FLOW_TICKET) {
        input.drafts = input.base_status == ST_SUGGESTED || (input.base_status == ST_IN_REVIEW && sim_chance(sim, 500));
        if (sim_chance(sim, weather->poison))
            input.poison = sim_chance(sim, 500) ? POISON_LOCAL : POISON_BROKER;
        if (sim_chance(sim, weather->culprit))
            input.culprit = weather->culprits_decode ? CULPRIT_DECODE : CULPRIT_DECIDE;
    }
    return input;
}

static void wake_lanes(struct sim *sim)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        for (int j = 0; j < sim->processes[i].n_lanes; j++) {
            if (sim->processes[i].lanes[j]->wake_us > sim->now_us)
                sim->processes[i].lanes[j]->wake_us = sim->now_us + sim_between(sim, 0, 500);
        }
    }
}

/* Some producers send in transactions: their records appear late or never, and leave markers. */
static void source_step(struct sim *sim)
{
    struct people *people = sim->people;
    struct kafka *kafka = sim->kafka;
    int burst = 1 + sim_below(sim, 8);

    people->source_us = sim->now_us + sim_between(sim, 0, sim_chance(sim, 100) ? 2 * SECOND : 60 * MILLI);
    if (kafka->open_source >= 0 && sim_chance(sim, 400)) {
        kafka_source_end(sim, sim_chance(sim, 700));
        wake_lanes(sim);
    } else if (kafka->open_source < 0 && sim_chance(sim, 100)) {
        kafka->open_source = ++kafka->source_txns;
    }
    for (; burst > 0 && people->arrivals < sim->weather.tickets; burst--) {
        struct input input = input_of(sim);
        int partition = (int)(input.key % (uint64_t)sim->weather.partitions);
        people->arrivals++;
        sim->tally->tickets++;
        if (kafka->open_source >= 0 && sim_chance(sim, 500))
            input.state = LOG_OPEN;
        else
            sim->inputs++;
        kafka_append(kafka, partition, &input);
    }
    if (people->arrivals == sim->weather.tickets) {
        if (kafka->open_source >= 0)
            kafka_source_end(sim, true);
        people->source_us = NEVER;
    }
    wake_lanes(sim);
}

/* ---- people ---- */

static void review_step(struct sim *sim)
{
    struct people *people = sim->people;
    int who = sim_below(sim, REVIEWERS);
    struct reviewer *reviewer = &people->reviewers[who];
    enum pg_answer answer;

    people->people_us = sim->now_us + sim_between(sim, 5 * MILLI, 200 * MILLI);
    if (sim->postgres->down)
        return;
    if (reviewer->item < 0) {
        reviewer->item = pg_claim(sim, who, &reviewer->claim_no);
        reviewer->answer_us = sim->now_us + sim_between(sim, 10 * MILLI, sim_chance(sim, 100) ? 20 * SECOND : SECOND);
        return;
    }
    if (sim->now_us < reviewer->answer_us)
        return;
    answer = pg_resolve(sim, reviewer->item, reviewer->claim_no, who);
    if (answer == PG_REFUSED)
        sim_fault(sim, FAULT_STALE_CLAIM);
    else if (sim_chance(sim, 50))
        pg_undo(sim, reviewer->item);
    if (!sim_chance(sim, 100)) /* else a double click */
        reviewer->item = -1;
}

/* ---- faults ---- */

static struct process *any_process(struct sim *sim)
{
    return &sim->processes[sim_below(sim, PROCESSES_MAX)];
}

static void process_faults(struct sim *sim)
{
    static const enum lane_pc points[] = {PC_MARKERS, PC_OFFSETS, PC_END, PC_SETTLE_INIT, PC_SETTLE_READ, PC_GIVE_BACK};
    const struct weather *weather = &sim->weather;
    struct process *process = any_process(sim);

    if (!process->up)
        return;
    if (sim_chance(sim, weather->crash)) {
        if (sim_chance(sim, 500)) {
            process->crash_at = points[sim_below(sim, 6)];
        } else {
            sim_fault(sim, FAULT_CRASH);
            process_crash(sim, process, "killed");
        }
    } else if (sim_chance(sim, weather->freeze)) {
        sim_fault(sim, FAULT_FREEZE);
        process->frozen_until_us = sim->now_us + sim_between(sim, 100 * MILLI, 25 * SECOND);
        sim_say(sim, "process %d: is stopped by a signal for %lld ms", process->instance,
                (long long)((process->frozen_until_us - sim->now_us) / MILLI));
    } else if (sim_chance(sim, weather->stop)) {
        process_stop(sim, process, sim_chance(sim, 300) ? 2 : 1);
    }
}

static void group_faults(struct sim *sim)
{
    struct process *extra = &sim->processes[INSTANCES_MAX];

    if (!sim_chance(sim, sim->weather.group_faults))
        return;
    if (sim_chance(sim, 300) && !extra->up && !extra->n_lanes) {
        sim_fault(sim, FAULT_DOUBLE_PROCESS);
        process_start(sim, extra, sim_below(sim, sim->weather.instances));
    } else {
        sim_fault(sim, FAULT_MEMBER_REMOVED);
        kafka_remove_member(sim, sim_below(sim, NAMES_MAX));
    }
}

static void postgres_faults(struct sim *sim)
{
    int dice = sim_below(sim, 100);

    if (!sim_chance(sim, sim->weather.postgres_faults))
        return;
    if (dice < 35) {
        sim_fault(sim, FAULT_POSTGRES_DOWN);
        pg_restart(sim, sim_between(sim, 10 * MILLI, 5 * SECOND));
    } else if (dice < 60) {
        pg_take_backup(sim);
    } else if (dice < 70) {
        if (!sim->bridges->position_hidden) /* both stores gone at once: nothing is left to tell */
            pg_restore_older(sim);
    } else if (dice < 80 && sim->postgres->now.published >= 0 && !sim->postgres->is_copy) {
        sim_fault(sim, FAULT_RELAY_POSITION_LOST);
        sim->bridges->position_hidden = true;
        pg_restart(sim, 10 * MILLI); /* the relay looks again */
    } else if (dice < 90) {
        sim_fault(sim, FAULT_FEEDER_CRASH);
        feeder_start(sim, &sim->bridges->feeders[sim_below(sim, BRIDGES_MAX)],
                     (unsigned)sim_between(sim, 1, ALL_REVIEWS));
    } else {
        sim_fault(sim, FAULT_RELAY_CRASH);
        if (sim->postgres->relay_lock >= 0)
            sim->postgres->relay_lock = -1; /* its session ended; the process may not know yet */
        if (sim_chance(sim, 500))
            relay_start(sim, &sim->bridges->relays[sim_below(sim, BRIDGES_MAX)]);
    }
}

/* ---- an empty group: its offsets expire, or somebody writes to them ---- */

static bool all_down(const struct sim *sim)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (sim->processes[i].up || sim->processes[i].n_lanes)
            return false;
    }
    for (int i = 0; i < NAMES_MAX; i++) {
        if (sim->kafka->txns[i].phase != TXN_NONE)
            return false;
    }
    return true;
}

static bool window_is_empty(const struct committed *committed)
{
    struct window window;
    struct err err;
    int takeovers;
    bool empty;

    if (!committed->has || window_decode(committed->text, committed->base, &window, &takeovers, &err) < 0)
        return false;
    empty = window.n_runs == 0;
    window_free(&window);
    return empty;
}

static void damage_offsets(struct sim *sim)
{
    struct people *people = sim->people;
    bool expire = sim_chance(sim, 500);

    for (int p = 0; p < sim->weather.partitions; p++) {
        struct committed *committed = &sim->kafka->committed[p];
        if (!window_is_empty(committed) || sim_chance(sim, 300))
            continue;
        people->saved[p] = (struct committed){true, committed->base, mem_strdup(committed->text)};
        if (expire) {
            sim_fault(sim, FAULT_EXPIRED_OFFSETS);
            committed->has = false;
        } else {
            sim_fault(sim, FAULT_BAD_METADATA);
            mem_free(committed->text);
            committed->text = mem_strdup("w9.written by another version");
        }
        sim_say(sim, "kafka: the offset of partition %d is %s", p, expire ? "gone" : "damaged");
    }
    for (int i = 0; i < NAMES_MAX; i++)
        kafka_remove_member(sim, i);
}

/* The operator's command: the position as it was. */
static void mend_offsets(struct sim *sim)
{
    struct people *people = sim->people;

    for (int p = 0; p < sim->weather.partitions; p++) {
        if (!people->saved[p].has)
            continue;
        sim_say(sim, "operator: sets partition %d to %lld", p, (long long)people->saved[p].base);
        mem_free(sim->kafka->committed[p].text);
        sim->kafka->committed[p] = people->saved[p];
        people->saved[p] = (struct committed){0};
    }
}

static void begin_night(struct sim *sim)
{
    if (sim->people->night || !sim_chance(sim, sim->weather.rare))
        return;
    sim->people->night = true;
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (sim->processes[i].up)
            process_stop(sim, &sim->processes[i], 1);
    }
}

/* Kill switches and take-overs come and go; at the end all are lifted. */
static void switch_something(struct sim *sim)
{
    struct switches *now = &sim->switches;
    uint64_t key = (uint64_t)1 << (1 + sim_below(sim, sim->weather.keys));
    int dice;

    if (!sim_chance(sim, sim->weather.switches))
        return;
    dice = sim_below(sim, 5);
    sim_fault(sim, dice == 0 ? FAULT_STOPPED_ALL : dice < 3 ? FAULT_STOPPED_KEY : FAULT_TAKEN_OVER);
    if (dice == 0)
        now->all = !now->all;
    else if (dice < 3)
        now->stopped ^= key;
    else
        now->taken ^= key;
    now->version++;
    sim_say(sim, "control: all %d, stopped %llx, taken over %llx", now->all, (unsigned long long)now->stopped,
            (unsigned long long)now->taken);
    wake_lanes(sim);
}

static void lift_switches(struct sim *sim)
{
    const struct switches *now = &sim->switches;

    if (now->all || now->stopped || now->taken)
        sim->switches = (struct switches){.version = now->version + 1};
}

static void chaos_step(struct sim *sim)
{
    sim->people->chaos_us = sim->now_us + sim_between(sim, 5 * MILLI, 300 * MILLI);
    if (sim->quiet) {
        lift_switches(sim);
        return;
    }
    switch_something(sim);
    process_faults(sim);
    group_faults(sim);
    postgres_faults(sim);
    begin_night(sim);
}

/* ---- putting right ---- */

static bool someone_refused(const struct sim *sim)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (sim->processes[i].refused)
            return true;
    }
    return false;
}

static void mend_bridges(struct sim *sim)
{
    bool refused = false;

    for (int i = 0; i < BRIDGES_MAX; i++) {
        refused |= sim->bridges->relays[i].refused;
        sim->bridges->relays[i].refused = false;
    }
    if (refused && sim->bridges->position_hidden)
        sim->bridges->position_hidden = false;
    else if (refused && sim->postgres->is_copy)
        pg_restore_newest(sim);
}

static bool offsets_saved(const struct sim *sim)
{
    for (int p = 0; p < PARTITIONS_MAX; p++) {
        if (sim->people->saved[p].has)
            return true;
    }
    return false;
}

/* A person comes some time after a refusal: stops everything, mends, starts again. */
static void operator_step(struct sim *sim)
{
    struct people *people = sim->people;

    people->operator_us = sim->now_us + OPERATOR_PATIENCE_US;
    mend_bridges(sim);
    if (people->night && all_down(sim)) {
        people->night = false;
        if (!offsets_saved(sim))
            damage_offsets(sim);
    }
    if (!someone_refused(sim))
        return;
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (sim->processes[i].up)
            process_crash(sim, &sim->processes[i], "the operator mends the offsets");
        sim->processes[i].refused = false;
    }
    mend_offsets(sim);
}

/* ---- who acts next ---- */

static void clear_process(struct sim *sim, struct process *process)
{
    bool drained = process->up && process->n_lanes;

    for (int i = 0; i < process->n_lanes; i++)
        drained &= process->lanes[i]->drained && process->lanes[i]->pc == PC_OPEN;
    if (drained) {
        sim_say(sim, "process %d: has drained", process->instance);
        process->up = false;
        process->restart_us = sim->now_us + sim_between(sim, 100 * MILLI, 20 * SECOND);
    }
    if (process->up)
        return;
    for (int i = 0; i < process->n_lanes; i++)
        lane_free(process->lanes[i]);
    process->n_lanes = 0;
}

static void restart_processes(struct sim *sim)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &sim->processes[i];
        clear_process(sim, process);
        if (process->up && i == INSTANCES_MAX && sim->quiet)
            process_crash(sim, process, "it should not be there");
        if (process->up || process->refused || i >= sim->weather.instances || sim->now_us < process->restart_us)
            continue;
        if (!sim->people->night)
            process_start(sim, process, i);
    }
}

static void broker_step(struct sim *sim)
{
    int generation = sim->kafka->generation;
    enum group_state group = sim->kafka->group;

    sim->people->broker_us = sim->now_us + sim_between(sim, MILLI, 80 * MILLI);
    for (int i = 0; i < PROCESSES_MAX; i++) {
        for (int j = 0; j < sim->processes[i].n_lanes && process_runs(sim, &sim->processes[i]); j++)
            lane_background(sim->processes[i].lanes[j]);
    }
    kafka_broker_step(sim);
    restart_processes(sim);
    if (generation != sim->kafka->generation || group != sim->kafka->group)
        wake_lanes(sim);
}

static void postgres_step(struct sim *sim)
{
    sim->people->postgres_us = sim->now_us + sim_between(sim, 10 * MILLI, 150 * MILLI);
    pg_step(sim);
}

struct actor {
    int64_t wake_us;
    struct lane *lane;
    struct feeder *feeder;
    struct relay *relay;
    void (*step)(struct sim *sim);
};

static int actors_of(struct sim *sim, struct actor *actors)
{
    struct people *people = sim->people;
    int n = 0;

    actors[n++] = (struct actor){.wake_us = people->source_us, .step = source_step};
    actors[n++] = (struct actor){.wake_us = people->people_us, .step = review_step};
    actors[n++] = (struct actor){.wake_us = people->chaos_us, .step = chaos_step};
    actors[n++] = (struct actor){.wake_us = people->broker_us, .step = broker_step};
    actors[n++] = (struct actor){.wake_us = people->postgres_us, .step = postgres_step};
    actors[n++] = (struct actor){.wake_us = people->operator_us, .step = operator_step};
    for (int i = 0; i < BRIDGES_MAX; i++) {
        if (sim->bridges->feeders[i].up)
            actors[n++] =
                (struct actor){.wake_us = sim->bridges->feeders[i].wake_us, .feeder = &sim->bridges->feeders[i]};
        if (sim->bridges->relays[i].up)
            actors[n++] = (struct actor){.wake_us = sim->bridges->relays[i].wake_us, .relay = &sim->bridges->relays[i]};
    }
    for (int i = 0; i < PROCESSES_MAX; i++) {
        const struct process *process = &sim->processes[i];
        for (int j = 0; process->up && j < process->n_lanes; j++) {
            int64_t wake = process->lanes[j]->wake_us;
            actors[n++] = (struct actor){.wake_us = wake > process->frozen_until_us ? wake : process->frozen_until_us,
                                         .lane = process->lanes[j]};
        }
    }
    return n;
}

static void act(struct sim *sim, const struct actor *actor)
{
    if (actor->lane) {
        struct process *process = actor->lane->process;
        lane_step(actor->lane);
        clear_process(sim, process);
    } else if (actor->feeder) {
        feeder_step(sim, actor->feeder);
    } else if (actor->relay) {
        relay_step(sim, actor->relay);
    } else {
        actor->step(sim);
    }
}

/* Of those whose time has come any may be next; when it has for none, the clock moves on. */
static void step(struct sim *sim)
{
    struct actor actors[ACTORS_MAX];
    int n = actors_of(sim, actors);
    int64_t first = NEVER;
    int due = 0;

    for (int i = 0; i < n; i++) {
        if (actors[i].wake_us < first)
            first = actors[i].wake_us;
    }
    if (first > sim->now_us)
        sim->now_us = first;
    for (int i = 0; i < n; i++) {
        if (actors[i].wake_us <= sim->now_us)
            actors[due++] = actors[i];
    }
    act(sim, &actors[sim_below(sim, due)]);
}

/* ---- a seed ---- */

static void begin(struct sim *sim)
{
    sim->weather = weather_of(sim);
    sim->kafka = kafka_new();
    sim->postgres = postgres_new();
    sim->processes = mem_array(PROCESSES_MAX, sizeof *sim->processes);
    sim->bridges = mem_alloc(sizeof *sim->bridges);
    sim->people = mem_alloc(sizeof *sim->people);
    sim->ledger = mem_alloc(sizeof *sim->ledger);
    sim->now_us = FIRST_STEP_US;
    for (int i = 0; i < REVIEWERS; i++)
        sim->people->reviewers[i].item = -1;
    for (int key = 0; key < KEYS_MAX; key++)
        sim->ledger->last_result_at[key] = -1;
    for (int p = 0; p < PARTITIONS_MAX; p++) {
        sim->kafka->inputs[p].first = sim_chance(sim, 300) ? sim_between(sim, 1, 3000) : 0;
        sim->ledger->base[p] = sim->kafka->inputs[p].first;
    }
    for (int i = 0; i < sim->weather.instances; i++)
        process_start(sim, &sim->processes[i], i);
    feeder_start(sim, &sim->bridges->feeders[0], ALL_REVIEWS);
    if (sim_chance(sim, 500))
        feeder_start(sim, &sim->bridges->feeders[1], (unsigned)sim_between(sim, 1, ALL_REVIEWS));
    relay_start(sim, &sim->bridges->relays[0]);
    if (sim_chance(sim, 500))
        relay_start(sim, &sim->bridges->relays[1]);
}

static void finish(struct sim *sim)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        sim->processes[i].up = false;
        clear_process(sim, &sim->processes[i]);
    }
    for (int p = 0; p < PARTITIONS_MAX; p++)
        mem_free(sim->people->saved[p].text);
    kafka_free(sim->kafka);
    mem_free(sim->postgres);
    mem_free(sim->processes);
    mem_free(sim->bridges);
    mem_free(sim->people);
    mem_free(sim->ledger);
}

void sim_seed(struct sim *sim, uint64_t seed)
{
    struct tally *tally = sim->tally;
    bool verbose = sim->verbose, settled = false;

    *sim = (struct sim){.seed = seed, .random = seed * 0x9e3779b97f4a7c15u + 1, .tally = tally, .verbose = verbose};
    begin(sim);
    while (!sim->failed && !settled && sim->step < SEED_STEPS_MAX) {
        sim->step++;
        step(sim);
        if (!sim->quiet && sim->people->source_us == NEVER && sim->now_us > sim->weather.quiet_after_us) {
            sim->quiet = true;
            feeder_start(sim, &sim->bridges->feeders[0], ALL_REVIEWS); /* its group gives it what nobody else has */
            sim_say(sim, "from here on nothing goes wrong");
        }
        settled = sim->quiet && sim->step % SETTLED_EVERY == 0 && !sim->failed && check_settled(sim);
    }
    if (!sim->failed && !settled)
        sim_broken(sim, INV_8, "%llu of %llu inputs have their outcome after %d steps and %lld s",
                   (unsigned long long)sim->outcomes, (unsigned long long)sim->inputs, SEED_STEPS_MAX,
                   (long long)(sim->now_us / SECOND));
    if (!sim->failed)
        check_end(sim);
    tally->seeds++;
    tally->steps += sim->step;
    finish(sim);
}
