/* triaged plan: how many cores, model slots and reviewers for so many tickets an hour. Works from results, so from the
 * times of the server and the people at hand, and by Erlang's C. */
#include <stdio.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/erlang.h"
#include "evaluation/ledger.h"

#define NUMBER_LEAST 1e-9
#define NUMBER_MOST  1e8

struct options {
    double tickets, sla_minutes, model_wait_s, late, slots, reviewers, draft_seconds, review_seconds;
    bool json;
};

/* Below every least there is nothing to plan. */
#define NUMBER(name, value, field, most, about) ROW_NUMBER(name, value, field, NUMBER_LEAST, most, about)
static const struct option_row option_rows[] = {
    {OPTION_ROW("--tickets", "N", OPTION_NUMBER, tickets, "tickets an hour"), .least = NUMBER_LEAST,
     .most = NUMBER_MOST, .needed = true},
    NUMBER("--sla-minutes", "M", sla_minutes, NUMBER_MOST, "a review begins within this time (default 60)"),
    NUMBER("--model-wait", "S", model_wait_s, NUMBER_MOST, "a draft begins within this many seconds (default 30)"),
    NUMBER("--late", "SHARE", late, 0.5, "so many may wait longer (default 0.05)"),
    NUMBER("--slots", "C", slots, ERLANG_SERVERS_MAX,
           "model slots that there are: says what share would be late with them"),
    NUMBER("--reviewers", "R", reviewers, ERLANG_SERVERS_MAX, "the same of reviewers"),
    NUMBER("--draft-seconds", "S", draft_seconds, NUMBER_MOST, "of one draft, instead of the mean of the results"),
    NUMBER("--review-seconds", "S", review_seconds, NUMBER_MOST,
           "active time of one review, instead of the mean of the results"),
    ROW_FLAG("--json", json, "one object a line"),
};
static const struct option_table table_of_options = {
    .command = "plan",
    .streams = "< RESULTS.jsonl",
    .about =
        "How many cores, model slots and reviewers N tickets an hour need. The shares that ask the model or a person, "
        "and how long each takes, come from results (result.v1, one a line) of the servers and people at hand.",
    OPTION_ROWS(option_rows),
    .notes =
        "Model: M/M/c (Poisson arrivals, exponential times, first come first served). The draft seconds of results "
        "hold the wait for a slot: take them from a run that was not full. Reviewers are people at work at once.\n\n"
        "exit codes: 0 planned, 1 what there is does not do, 65 there is no result among the lines",
    .example = "triaged plan --tickets 2000 --reviewers 12 < results.jsonl",
};

/* ---- the answer ---- */

struct need {
    const char *what;
    double per_hour, service_s, wait_s;
    int have;    /* 0: not said */
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
    self->late =
        self->load > 0 && servers > 0 ? erlang_late_chance(self->load, servers, self->service_s, self->wait_s) : 0;
}

/* There is work, and nobody knows how long it takes. */
static bool unknown(const struct need *need)
{
    return need->per_hour > 0 && need->service_s <= 0;
}

static void print_table(const struct need *need)
{
    if (unknown(need)) {
        printf("%-12s %10.1f %10s %10s %8s %8s %11s\n", need->what, need->per_hour, "?", "?", "?", "-", "?");
        return;
    }
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
    if (unknown(need))
        cJSON_AddNullToObject(doc, "needed");
    else
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
        enough = enough &&
                 (!needs[i].have || (!unknown(&needs[i]) && needs[i].needed >= 0 && needs[i].have >= needs[i].needed));
    }
    if (!options->json)
        printf("M/M/c from %zu results; late: a draft waits over %g s, a review over %g min\n", all->tickets,
               options->model_wait_s, options->sla_minutes);
    if (unknown(&needs[2]))
        fputs("triaged plan: no review in these results names its time; give --review-seconds\n", stderr);
    return enough;
}

int cmd_plan(int argc, char **argv)
{
    struct options options = {.sla_minutes = 60, .model_wait_s = 30, .late = 0.05};
    struct ledger *ledger = NULL;
    struct err err = {0};
    bool enough;
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (ledger_read(stdin, 0, &ledger, &err) < 0)
        return cmd_fail("plan", &err);
    enough = plan(ledger, &options);
    ledger_free(ledger);
    return enough ? 0 : 1;
}
