/* triaged plan: how many cores, model slots and reviewers for so many tickets an hour. Works from results, so from the times
 * of the server and the people at hand, and by Erlang's C. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/erlang.h"
#include "cmd/jsonl.h"
#include "cmd/ledger.h"

enum { NUMBER_MOST = 100000000 };

struct options {
    double tickets, sla_minutes, model_wait_s, late, slots, reviewers, draft_seconds, review_seconds;
    bool json;
};

static const char help_text[] =
    "usage: triaged plan --tickets N [--sla-minutes M] [--model-wait S] [--late SHARE] [--slots C] [--reviewers R]\n"
    "                    [--draft-seconds S] [--review-seconds S] [--json] < RESULTS.jsonl\n\n"
    "How many cores, model slots and reviewers N tickets an hour need. The shares that ask the model or a person, and how\n"
    "long each takes, come from results (result.v1, one a line) of the servers and people at hand.\n\n"
    "  --tickets N         tickets an hour\n"
    "  --sla-minutes M     a review begins within this time (default 60)\n"
    "  --model-wait S      a draft begins within this many seconds (default 30)\n"
    "  --late SHARE        so many may wait longer (default 0.05)\n"
    "  --slots C, --reviewers R   what there is: says what share would be late with it\n"
    "  --draft-seconds S   of one draft, instead of the mean of the results\n"
    "  --review-seconds S  active time of one review, instead of the mean of the results\n\n"
    "Model: M/M/c (Poisson arrivals, exponential times, first come first served). The draft seconds of results hold the wait\n"
    "for a slot: take them from a run that was not full. Reviewers are people at work at once.\n\n"
    "exit codes: 0 planned, 1 what there is does not do, 65 there is no result among the lines";

static int parse(int argc, char **argv, struct options *self)
{
    *self = (struct options){.sla_minutes = 60, .model_wait_s = 30, .late = 0.05};
    const struct {
        const char *name;
        double *to, most;
    } numbers[] = {{"--tickets", &self->tickets, NUMBER_MOST},
                   {"--sla-minutes", &self->sla_minutes, NUMBER_MOST},
                   {"--model-wait", &self->model_wait_s, NUMBER_MOST},
                   {"--late", &self->late, 0.5},
                   {"--slots", &self->slots, ERLANG_SERVERS_MAX},
                   {"--reviewers", &self->reviewers, ERLANG_SERVERS_MAX},
                   {"--draft-seconds", &self->draft_seconds, NUMBER_MOST},
                   {"--review-seconds", &self->review_seconds, NUMBER_MOST}};

    for (int i = 1; i < argc; i++) {
        size_t n = 0;
        char *end;
        if (strcmp(argv[i], "--json") == 0) {
            self->json = true;
            continue;
        }
        while (n < ARRAY_LEN(numbers) && strcmp(numbers[n].name, argv[i]) != 0)
            n++;
        if (n == ARRAY_LEN(numbers))
            return cmd_misuse("plan", argv[i]);
        if (++i >= argc)
            return cmd_needs_value("plan", argv[i - 1]);
        *numbers[n].to = strtod(argv[i], &end);
        if (end == argv[i] || *end || !(*numbers[n].to > 0 && *numbers[n].to <= numbers[n].most))
            return cmd_misuse("plan", argv[i]);
    }
    return self->tickets > 0 ? 0 : cmd_misuse("plan", "(--tickets is needed)");
}

/* ---- the answer ---- */

struct need {
    const char *what;
    double per_hour, service_s, wait_s;
    int have; /* 0: not said */
    double load; /* servers busy on average */
    int needed;
    double late; /* share with what there is, else with what is needed */
};

static void work_out(struct need *self, double late)
{
    int servers;

    self->load = self->per_hour / 3600 * self->service_s;
    self->needed = erlang_servers(self->load, self->service_s, self->wait_s, late);
    servers = self->have ? self->have : self->needed;
    self->late = self->load > 0 && servers > 0
                     ? erlang_late_chance(self->load, servers, self->service_s, self->wait_s)
                     : 0;
}

static void print_table(const struct need *need)
{
    printf("%-12s %10.1f %10.3f %10.2f %8d ", need->what, need->per_hour, need->service_s, need->load, need->needed);
    if (need->have)
        printf("%8d %9.2f %%\n", need->have, need->late * 100);
    else
        printf("%8s %9.2f %%\n", "-", need->late * 100);
}

static void print_json(const struct need *need)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddStringToObject(doc, "what", need->what);
    cJSON_AddNumberToObject(doc, "per_hour", need->per_hour);
    cJSON_AddNumberToObject(doc, "seconds_each", need->service_s);
    cJSON_AddNumberToObject(doc, "busy", need->load);
    cJSON_AddNumberToObject(doc, "needed", need->needed);
    if (need->have)
        cJSON_AddNumberToObject(doc, "have", need->have);
    else
        cJSON_AddNullToObject(doc, "have");
    cJSON_AddNumberToObject(doc, "late_share", need->late);
    jsonl_print(doc);
}

static double mean(double given, double sum, size_t n)
{
    return given > 0 ? given : n ? sum / (double)n : 0;
}

/* Whether what there is does. */
static bool plan(const struct ledger *ledger, const struct options *options)
{
    const struct ledger_sum *all = &ledger->all;
    double ended = (double)(all->tickets + ledger->open), people = (double)(all->reviewed + ledger->open);
    struct need needs[] = {
        {.what = "cores", .per_hour = options->tickets, .service_s = all->cpu_s / (double)all->tickets, .wait_s = 1},
        {.what = "model slots",
         .per_hour = options->tickets * (double)all->drafts / (double)all->tickets,
         .service_s = mean(options->draft_seconds, all->model_s, all->drafts),
         .wait_s = options->model_wait_s,
         .have = (int)options->slots},
        {.what = "reviewers",
         .per_hour = options->tickets * people / ended,
         .service_s = mean(options->review_seconds, all->reviewer_s, all->reviewed),
         .wait_s = options->sla_minutes * 60,
         .have = (int)options->reviewers},
    };
    bool enough = true;

    if (!options->json)
        printf("%-12s %10s %10s %10s %8s %8s %11s\n", "", "an hour", "s each", "busy", "needed", "have", "late");
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        work_out(&needs[i], options->late);
        (options->json ? print_json : print_table)(&needs[i]);
        enough = enough && (!needs[i].have || (needs[i].needed >= 0 && needs[i].have >= needs[i].needed));
    }
    if (!options->json)
        printf("M/M/c from %zu results; late: a draft waits over %g s, a review over %g min\n", all->tickets,
               options->model_wait_s, options->sla_minutes);
    if (people > 0 && needs[2].service_s <= 0)
        fputs("triaged plan: no review in these results names its time; give --review-seconds\n", stderr);
    return enough;
}

int cmd_plan(int argc, char **argv)
{
    struct options options;
    struct ledger *ledger = NULL;
    struct err err = {0};
    bool enough;
    int code;

    if (cmd_wants_help(argc, argv))
        return puts(help_text) < 0;
    code = parse(argc, argv, &options);
    if (code)
        return code;
    if (ledger_read(stdin, 0, &ledger, &err) < 0)
        return cmd_fail("plan", &err);
    enough = plan(ledger, &options);
    ledger_free(ledger);
    return enough ? 0 : 1;
}
