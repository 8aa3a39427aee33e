/* sim: runs seeds, in jobs, and says what was reached. A failure names its seed, its invariant and the command that plays
 * it again step by step. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "sim.h"

enum { JOBS_MAX = 16, SEEDS_DEFAULT = 1000 };

const char *const fault_names[FAULT_COUNT] = {
    [FAULT_CRASH] = "crash",
    [FAULT_CRASH_IN_TXN] = "crash inside a transaction or revocation",
    [FAULT_FREEZE] = "process stopped by a signal and continued",
    [FAULT_DOUBLE_PROCESS] = "two processes with one instance name",
    [FAULT_STOP] = "stop",
    [FAULT_STOP_NOW] = "stop now",
    [FAULT_ABORT] = "abort",
    [FAULT_ABORT_BLAMED] = "abort, a message may be the cause",
    [FAULT_DOUBT_COMMITTED] = "commit in doubt, carried out",
    [FAULT_DOUBT_LOST] = "commit in doubt, never arrived",
    [FAULT_DOUBT_LATE] = "commit in doubt, still on its way",
    [FAULT_FENCED] = "lane fenced",
    [FAULT_TXN_TIMEOUT] = "transaction timed out",
    [FAULT_SESSION_TIMEOUT] = "session timed out",
    [FAULT_MEMBER_REMOVED] = "member removed",
    [FAULT_REBALANCE] = "rebalance",
    [FAULT_BREAKER] = "breaker opens or closes",
    [FAULT_MODEL_NEVER] = "model never answers",
    [FAULT_MODEL_TWICE] = "model answers twice",
    [FAULT_CALL_REFUSED] = "model call refused at once",
    [FAULT_POISON] = "output that can't be produced",
    [FAULT_CULPRIT] = "record that ends its process",
    [FAULT_EXPIRED_OFFSETS] = "group offsets expired",
    [FAULT_BAD_METADATA] = "metadata damaged",
    [FAULT_SOURCE_ABORT] = "input transaction aborted",
    [FAULT_POSTGRES_DOWN] = "Postgres restarted",
    [FAULT_POSTGRES_RESTORED] = "older backup restored",
    [FAULT_FEED_IN_DOUBT] = "feeder's batch in doubt",
    [FAULT_FEEDER_STALE] = "feeder found stale",
    [FAULT_FEEDER_CRASH] = "feeder killed",
    [FAULT_RELAY_CRASH] = "relay killed or its session ended",
    [FAULT_RELAY_STALLED] = "relay stalled while it publishes",
    [FAULT_RELAY_FENCED] = "relay fenced",
    [FAULT_RELAY_POSITION_LOST] = "relay position lost",
    [FAULT_RELAY_REFUSED] = "relay refuses to go on",
    [FAULT_LATE_OUTBOX_ROW] = "outbox row visible after its successor",
    [FAULT_STALE_CLAIM] = "answer under an old claim",
    [FAULT_UNSTABLE_OFFSETS] = "offsets held by a transaction",
    [FAULT_STOPPED_ALL] = "everything stopped, or let go",
    [FAULT_STOPPED_KEY] = "a conversation stopped, or let go",
    [FAULT_TAKEN_OVER] = "a conversation taken over, or given back",
};

const char *const invariant_names[INV_COUNT] = {
    [INV_1] = "I1", [INV_2] = "I2", [INV_3] = "I3", [INV_4] = "I4",   [INV_5] = "I5",
    [INV_6] = "I6", [INV_7] = "I7", [INV_8] = "I8", [INV_10] = "I10", [INV_11] = "I11", [INV_12] = "I12",
    [INV_STOP] = "stops",
};

/* ---- randomness and words: splitmix64 (Steele, Lea, Flood, 2014) ---- */

uint64_t sim_random(struct sim *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int sim_below(struct sim *sim, int n)
{
    return n > 1 ? (int)(sim_random(sim) % (uint64_t)n) : 0;
}

bool sim_chance(struct sim *sim, int per_mille)
{
    return per_mille > 0 && sim_below(sim, 1000) < per_mille;
}

int64_t sim_between(struct sim *sim, int64_t low, int64_t high)
{
    return high > low ? low + (int64_t)(sim_random(sim) % (uint64_t)(high - low + 1)) : low;
}

void sim_say(struct sim *sim, const char *fmt, ...)
{
    va_list args;

    if (!sim->verbose)
        return;
    printf("%8" PRIu64 " %11.6f  ", sim->step, (double)sim->now_us / 1e6);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

void sim_broken(struct sim *sim, enum invariant which, const char *fmt, ...)
{
    va_list args;

    if (sim->failed)
        return;
    sim->failed = true;
    sim->broken = which;
    va_start(args, fmt);
    vsnprintf(sim->why, sizeof sim->why, fmt, args);
    va_end(args);
    sim_say(sim, "%s broken: %s", invariant_names[which], sim->why);
}

/* ---- jobs ---- */

/* What a job tells its parent, in memory they share. */
struct report {
    struct tally tally;
    uint64_t seed; /* under way */
    bool failed;
    enum invariant broken;
    char why[256];
};

struct options {
    uint64_t first, seeds, tickets_at_least, replay;
    int jobs;
    bool replays, verbose, report;
};

static bool run_seed(struct report *report, uint64_t seed, bool verbose)
{
    struct sim sim = {.tally = &report->tally, .verbose = verbose};

    report->seed = seed;
    sim_seed(&sim, seed);
    if (!sim.failed)
        return true;
    report->failed = true;
    report->broken = sim.broken;
    memcpy(report->why, sim.why, sizeof report->why);
    return false;
}

static bool goes_on(const struct options *options, const struct report *reports, uint64_t nth)
{
    uint64_t tickets = 0;

    for (int i = 0; i < options->jobs; i++) {
        if (reports[i].failed)
            return false;
        tickets += reports[i].tally.tickets;
    }
    return nth < options->seeds || tickets < options->tickets_at_least;
}

static void run_job(const struct options *options, struct report *reports, int job)
{
    for (uint64_t nth = (uint64_t)job; goes_on(options, reports, nth); nth += (uint64_t)options->jobs) {
        if (!run_seed(&reports[job], options->first + nth, false))
            return;
    }
}

/* Jobs are processes, so that a machine that aborts itself is a finding like any other. */
static int run_jobs(const struct options *options, struct report *reports)
{
    pid_t pids[JOBS_MAX];
    int failed = 0;

    fflush(stdout);
    for (int i = 0; i < options->jobs; i++) {
        pids[i] = fork();
        if (pids[i] < 0)
            return -1;
        if (pids[i] == 0) {
            run_job(options, reports, i);
            _exit(0);
        }
    }
    for (int i = 0; i < options->jobs; i++) {
        int status;
        if (waitpid(pids[i], &status, 0) < 0)
            return -1;
        if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            reports[i].failed = true;
            reports[i].broken = INV_COUNT;
            snprintf(reports[i].why, sizeof reports[i].why, "the machine stopped itself (%s %d)",
                     WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : status);
        }
        failed += reports[i].failed;
    }
    return failed;
}

/* ---- the report ---- */

static void add_up(struct tally *sum, const struct tally *one)
{
    uint64_t *to = (uint64_t *)(void *)sum;
    const uint64_t *from = (const uint64_t *)(const void *)one;

    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}
_Static_assert(sizeof(struct tally) % sizeof(uint64_t) == 0, "a tally is counts and nothing else");

static const char *const event_names[FLOW_EV_COUNT] = {
    "ASSIGNED", "REVOKING", "LOST", "RECORD", "END", "DECIDED", "MODEL_ENDED", "UNWANTED", "MODEL_STATE", "POISON", "COMMITTED",
    "ABORTED", "IN_DOUBT", "SETTLED", "SETTLED_ALL", "STOP", "STOP_NOW", "TICK",
};
const char *const command_names[FLOW_COMMAND_COUNT] = {
    "DECIDE", "CALL_MODEL", "CANCEL_MODEL", "FINISH", "ADOPT", "REPLACE", "BEGIN", "EMIT", "COMMIT", "SETTLE",
    "RELEASE", "STOP_PARTITION", "DRAINED",
};
static const char *const verdict_names[] = {"NEW",   "WITHDRAWN",   "DUPLICATE",         "DUPLICATE_DIFFERS",
                                            "STALE", "UNDECODABLE", "UNDECODABLE_AGAIN", "SUSPECT"};
static const char *const without_names[] = {"BUSY", "UNAVAILABLE", "LATE", "ISOLATED", "UNWANTED"};

/* Prints one group; returns how many of it were never reached. */
static int print_counts(const char *title, const char *const *names, const uint64_t *counts, size_t n, bool print)
{
    int missing = 0;

    if (print)
        printf("\n%s\n", title);
    for (size_t i = 0; i < n; i++) {
        if (print)
            printf("  %-45s %12" PRIu64 "\n", names[i], counts[i]);
        if (counts[i])
            continue;
        missing++;
        printf("never reached: %s %s\n", title, names[i]);
    }
    return missing;
}

static int print_transitions(const struct tally *tally, bool print)
{
    int missing = 0;

    if (print)
        printf("\ntransitions\n");
    for (int from = 0; from < FLOW_STATE_COUNT; from++) {
        for (int to = 0; to < FLOW_STATE_COUNT; to++) {
            if (!flow_transition_allowed(from, to))
                continue;
            if (print)
                printf("  %-10s to %-32s %12" PRIu64 "\n", flow_state_name(from), flow_state_name(to),
                       tally->transitions[from][to]);
            if (tally->transitions[from][to])
                continue;
            missing++;
            printf("never reached: %s to %s\n", flow_state_name(from), flow_state_name(to));
        }
    }
    return missing;
}

static int print_report(const struct tally *tally, bool print)
{
    int missing = print_transitions(tally, print);

    missing += print_counts("events", event_names, tally->events, FLOW_EV_COUNT, print);
    missing += print_counts("commands", command_names, tally->commands, FLOW_COMMAND_COUNT, print);
    missing += print_counts("verdicts", verdict_names, tally->verdicts, ARRAY_LEN(verdict_names), print);
    missing += print_counts("without a model", without_names, tally->withouts, ARRAY_LEN(without_names), print);
    missing += print_counts("faults", fault_names, tally->faults, FAULT_COUNT, print);
    missing += print_counts("checks", invariant_names, tally->checks, INV_COUNT, print);
    return missing;
}

static void print_failure(const char *program, const struct report *report)
{
    printf("seed %" PRIu64 " breaks %s: %s\nplay it again: %s --replay %" PRIu64 " --verbose\n", report->seed,
           report->broken < INV_COUNT ? invariant_names[report->broken] : "abort", report->why, program, report->seed);
}

static int finish(const char *program, const struct options *options, const struct report *reports, int failed)
{
    static struct tally sum;
    int missing = 0;

    for (int i = 0; i < options->jobs; i++) {
        add_up(&sum, &reports[i].tally);
        if (reports[i].failed)
            print_failure(program, &reports[i]);
    }
    if (options->report && !failed) {
        missing = print_report(&sum, true);
        printf("\ngiven up as suspects after four takeovers that other faults caused: %" PRIu64 "\n", sum.innocents);
    }
    printf("\n%" PRIu64 " seeds, %" PRIu64 " tickets, %" PRIu64 " commits, %" PRIu64 " steps: %s\n", sum.seeds,
           sum.tickets, sum.commits, sum.steps, failed ? "FAILED" : missing ? "not everything was reached" : "all hold");
    if (!sum.tickets || !sum.commits) {
        printf("nothing was checked\n");
        return EX_SOFTWARE;
    }
    return failed || missing ? EX_SOFTWARE : 0;
}

/* ---- options ---- */

static void usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [--seeds N] [--first S] [--tickets-at-least N] [--jobs N] [--report]\n"
            "       %s --replay SEED [--verbose]\n",
            program, program);
}

static bool take_number(int argc, char **argv, int *at, uint64_t *out)
{
    char *end;

    if (*at + 1 >= argc)
        return false;
    *out = strtoull(argv[++*at], &end, 10);
    return *end == '\0' && end != argv[*at];
}

static bool read_options(int argc, char **argv, struct options *out)
{
    uint64_t jobs = 1;
    bool good = true;

    *out = (struct options){.first = 1, .seeds = SEEDS_DEFAULT};
    for (int i = 1; i < argc && good; i++) {
        if (strcmp(argv[i], "--seeds") == 0)
            good = take_number(argc, argv, &i, &out->seeds);
        else if (strcmp(argv[i], "--first") == 0)
            good = take_number(argc, argv, &i, &out->first);
        else if (strcmp(argv[i], "--tickets-at-least") == 0)
            good = take_number(argc, argv, &i, &out->tickets_at_least);
        else if (strcmp(argv[i], "--jobs") == 0)
            good = take_number(argc, argv, &i, &jobs) && jobs >= 1 && jobs <= JOBS_MAX;
        else if (strcmp(argv[i], "--replay") == 0)
            good = out->replays = take_number(argc, argv, &i, &out->replay);
        else if (strcmp(argv[i], "--verbose") == 0)
            out->verbose = true;
        else if (strcmp(argv[i], "--report") == 0)
            out->report = true;
        else
            good = false;
    }
    out->jobs = (int)jobs;
    return good;
}

int main(int argc, char **argv)
{
    struct options options;
    struct report *reports;
    int failed;

    if (!read_options(argc, argv, &options)) {
        usage(argv[0]);
        return EX_USAGE;
    }
    reports = mmap(NULL, JOBS_MAX * sizeof *reports, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (reports == MAP_FAILED)
        return EX_OSERR;
    if (options.replays) {
        options.jobs = 1;
        failed = !run_seed(&reports[0], options.replay, options.verbose);
    } else {
        failed = run_jobs(&options, reports);
    }
    return finish(argv[0], &options, reports, failed);
}
