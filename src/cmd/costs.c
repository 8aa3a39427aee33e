/* triaged costs: what tickets cost, by class, and what one right resolution costs. */
#include <stdio.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/ledger.h"

struct options {
    double reviewer, model, cpu, error; /* per hour; error 0..1 */
    bool json;
};

static const struct option_row option_rows[] = {
    ROWS_RATES(reviewer, model, cpu),
    ROW_NUMBER("--unseen-error", "E", error, 0, 1,
               "share of errors in what no person saw and nothing was promised for (default 0)"),
    ROW_FLAG("--json", json, "one object a line: all, then each class"),
};
static const struct option_table table_of_options = {
    .command = "costs",
    .streams = "< RESULTS.jsonl",
    .about =
        "Reads results (result.v1, one a line) and prices what they say of themselves: processor and model seconds, "
        "tokens, and the reviewers' active seconds. Model seconds are those of the draft, waiting for a slot included.",
    OPTION_ROWS(option_rows),
    .notes =
        "A right resolution: reviewed and not sent on, or ended without a person, counted with one minus its certified "
        "error. Suggestions end in the helpdesk: their cost is in the cost of a ticket, and in no resolution.\n\n"
        "exit codes: 0 done, 65 there is no result among the lines",
    .example = "triaged costs --reviewer-rate 42 --json < results.jsonl",
};

static double cost_of(const struct ledger_sum *sum, const struct options *rates)
{
    return (sum->reviewer_s * rates->reviewer + sum->model_s * rates->model + sum->cpu_s * rates->cpu) / 3600;
}

/* Negative: nothing was resolved. */
static double per_correct(const struct ledger_sum *sum, const struct options *rates)
{
    double cost = cost_of(sum, rates) - sum->suggested_model_s * rates->model / 3600;

    return sum->correct > 0 ? cost / sum->correct : -1;
}

static void print_row(const struct ledger_sum *sum, const struct options *rates)
{
    double correct = per_correct(sum, rates);

    printf("%-24s %8zu %8zu %8zu %9zu %9.1f %9.1f %9.1f %9.4f ", sum->label, sum->tickets, sum->alone, sum->reviewed,
           sum->suggested, sum->cpu_s, sum->model_s, sum->reviewer_s, cost_of(sum, rates) / (double)sum->tickets);
    if (correct < 0)
        printf("%11s\n", "-");
    else
        printf("%11.4f\n", correct);
}

static void print_json(const struct ledger_sum *sum, const struct options *rates)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"tickets", (double)sum->tickets},
                   {"alone", (double)sum->alone},
                   {"reviewed", (double)sum->reviewed},
                   {"suggested", (double)sum->suggested},
                   {"other", (double)sum->other},
                   {"cpu_seconds", sum->cpu_s},
                   {"model_seconds", sum->model_s},
                   {"reviewer_seconds", sum->reviewer_s},
                   {"tokens_in", sum->tokens_in},
                   {"tokens_out", sum->tokens_out},
                   {"cost", cost_of(sum, rates)},
                   {"cost_per_ticket", cost_of(sum, rates) / (double)sum->tickets},
                   {"correct", sum->correct}};

    cJSON_AddStringToObject(doc, "label", sum->label);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        cJSON_AddNumberToObject(doc, numbers[i].key, numbers[i].value);
    if (sum->correct > 0)
        cJSON_AddNumberToObject(doc, "cost_per_correct", per_correct(sum, rates));
    else
        cJSON_AddNullToObject(doc, "cost_per_correct");
    jsonl_print(doc);
}

int cmd_costs(int argc, char **argv)
{
    struct options options = {.reviewer = 30, .model = 0.5, .cpu = 0.05};
    struct ledger *ledger = NULL;
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (ledger_read(stdin, options.error, &ledger, &err) < 0)
        return cmd_fail("costs", &err);
    void (*print)(const struct ledger_sum *, const struct options *) = options.json ? print_json : print_row;
    if (!options.json)
        printf("%-24s %8s %8s %8s %9s %9s %9s %9s %9s %11s\n", "class", "tickets", "alone", "reviewed", "suggested",
               "cpu s", "model s", "people s", "a ticket", "a right one");
    print(&ledger->all, &options);
    for (size_t i = 0; i < ledger->n_classes; i++)
        print(&ledger->classes[i], &options);
    if (!options.json && (ledger->open || ledger->bad_lines))
        printf("%zu still in review; %zu lines were no result\n", ledger->open, ledger->bad_lines);
    ledger_free(ledger);
    return 0;
}
