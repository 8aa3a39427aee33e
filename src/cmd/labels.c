/* triaged labels: what is wrong with the classes and the labels, with examples and what to do about it. */
#include <stdio.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "evaluation/label_report.h"

struct options {
    const char *data, *model, *policy;
    bool json;
};

struct inputs {
    struct classifier *model; /* NULL without */
    struct classifier_scratch *scratch;
    struct policy *policy; /* NULL without */
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--data", "FILE|FOLDER", OPTION_TEXT, data,
               "labelled rows, JSON Lines {id, subject, body, sender, channel, label}"),
    ROW_TEXT("--model", "FILE", model, "judge by this model instead of training"),
    ROW_TEXT("--policy", "FILE", policy, "also compare the classes with those of the policy"),
    ROW_FLAG("--json", json, "one object with all findings"),
};
static const struct option_table table_of_options = {
    .command = "labels",
    .about = "Looks for what keeps a model from being better than its labels: classes that overlap, classes with too "
             "few tickets or none, tickets that seem to want a class of their own, equal texts with different labels, "
             "duplicates, and labels that are likely wrong. Each finding comes with examples and with what to do.",
    OPTION_ROWS(option_rows),
    .notes = "Each ticket is judged by a model that did not see it: trained on the other tickets (out of fold), or the "
             "one given by --model, which must not have been trained on them.",
    .example = "triaged labels --data tickets.jsonl --policy policy.yaml",
};

static void inputs_done(struct inputs *self)
{
    classifier_scratch_free(self->scratch);
    classifier_free(self->model);
    policy_free(self->policy);
}

static int open_inputs(const struct options *options, struct inputs *self, struct err *reterr)
{
    if ((options->model && classifier_load(options->model, &self->model, reterr) < 0) ||
        (options->policy && policy_load(options->policy, &self->policy, reterr) < 0))
        return -1;
    if (self->model)
        self->scratch = opinion_scratch(&(struct opinion){0}, "labels", self->model);
    return 0;
}

int cmd_labels(int argc, char **argv)
{
    struct options options = {0};
    CLEANUP(inputs_done) struct inputs inputs = {0};
    CLEANUP(label_report_done) struct label_report report = {0};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (open_inputs(&options, &inputs, &err) < 0 ||
        label_report_make(options.data, &(struct label_judge){inputs.model, inputs.scratch, inputs.policy}, &report,
                          &err) < 0)
        return cmd_fail("labels", &err);
    if (options.json)
        label_report_print_json(&report);
    else
        label_report_print(&report);
    if (report.rows.n_bad)
        fprintf(stderr, "triaged labels: %zu lines were passed over, the first: %s\n", report.rows.n_bad,
                report.rows.first_bad);
    return report.rows.n_bad ? EX_DATAERR : 0;
}
