/* triaged simulate: what would have become of past tickets under another policy, model, threshold, promise or
 * knowledge. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/simulation_print.h"

#define NAME "simulate"

enum { EXAMPLES_DEFAULT = 3, EXAMPLES_MAX = 1000, REVIEWERS_MAX = 100000, REVIEW_SECONDS_MAX = 86400 };

struct options {
    struct cmd_common common;
    const char *history, *tickets, *audits, *labels, *html;
    struct redo_files files;
    struct option_list thresholds; /* CLASS=0.9 */
    struct sim_settings settings;
    double audit_percent; /* below 0: as configured */
    double examples;
    bool lift_caps, json;
};

static const struct option_row option_rows[] = {
    ROWS_REDO(files),
    ROW_LIST("--threshold", "CLASS=P", thresholds, "the threshold of a class; not proved against the floor"),
    ROW_TEXT("--history", "FILE|TOPIC", history,
             "results: a file of JSON Lines, else a topic (default: the configuration's)"),
    ROW_TEXT("--tickets", "FILE|TOPIC", tickets, "tickets, the same way"),
    ROW_TEXT("--audits", "FILE|TOPIC", audits,
             "outcomes of audits, the same way (default: none where --history is given)"),
    ROW_TEXT("--labels", "FILE", labels,
             "labels that somebody gave, as {id, label, weight}: what triaged export writes; id is KEY@REVISION or the "
             "ticket's own. They come before those of reviews and audits"),
    ROW_NUMBER("--reviewers", "N", settings.reviewers, 0, REVIEWERS_MAX,
               "at work at once in the policy's business hours (default 1)"),
    ROW_NUMBER("--review-seconds", "S", settings.review_seconds, 0, REVIEW_SECONDS_MAX,
               "of an item (default: the mean of the results that say, else 120)"),
    ROWS_RATES(settings.reviewer_rate, settings.model_rate, settings.cpu_rate),
    ROW_NUMBER("--audit-percent", "P", audit_percent, 0, 100, "of what no person sees (default: triage.audit_percent)"),
    ROW_FLAG("--lift-caps", lift_caps, "as if triage.control had capped nothing; else the caps of then hold"),
    ROW_FLAG("--show-text", settings.show_text, "shows the beginning of the tickets that flip"),
    ROW_NUMBER("--examples", "N", examples, 0, EXAMPLES_MAX, "of each kind of flip (default 3)"),
    ROW_FLAG("--json", json, "one object"),
    ROW_TEXT("--html", "FILE", html, "writes a report as one file"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Decides the tickets of the past again and says what would have been otherwise: how many no person would "
             "see and how often those would be wrong, what comes to reviewers in which hour, what it costs, and which "
             "tickets flip. Nothing is published, and no model is asked: a recorded answer counts where the prompt is "
             "the same, else the draft is unknown.",
    OPTION_ROWS(option_rows),
    OPTION_PROFILED,
    .notes = "exit codes: 0 simulated, 65 no result has its ticket here, 66 a file is missing, 69 Kafka is away, 78 a "
             "policy is refused",
    .example = "triaged simulate --policy new.yaml --threshold refund=0.9 --html flips.html",
};

/* ---- what is tried ---- */

static int set_thresholds(const struct options *options, struct policy *policy, struct err *reterr)
{
    for (size_t i = 0; i < options->thresholds.n; i++) {
        const char *given = options->thresholds.at[i], *number = given + strcspn(given, "=");
        CLEANUP(mem_freep) char *label = mem_strndup(given, (size_t)(number - given));
        char *end;
        double threshold = strtod(number += *number == '=', &end);
        if (end == number || *end || !(threshold >= 0 && threshold <= 1))
            return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--threshold %s: give CLASS=P, P a number from 0 to 1",
                           given);
        if (policy_set_threshold(policy, label, threshold) < 0)
            return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--threshold %s: the policy has no class %s", given, label);
    }
    return 0;
}

static void describe(const struct options *options, struct buf *out)
{
    const struct {
        const char *what, *given;
    } parts[] = {{"policy", options->files.policy},
                 {"floor", options->files.floor},
                 {"model", options->files.classifier},
                 {"promise", options->files.promise},
                 {"knowledge", options->files.knowledge}};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].given)
            buf_printf(out, "%s %s %s", out->len ? "," : "with", parts[i].what,
                       *parts[i].given ? parts[i].given : "none");
    }
    for (size_t i = 0; i < options->thresholds.n; i++)
        buf_printf(out, "%s threshold %s", out->len ? "," : "with", options->thresholds.at[i]);
    if (!options->settings.capped)
        buf_printf(out, "%s caps lifted", out->len ? "," : "with");
    if (!out->len)
        buf_puts(out, "with the files of the configuration");
}

/* Of most results: the last one read stands for them, since a run changes its policy seldom. */
static void policy_of_then(const struct past *past, char out[SHA256_HEX_MAX])
{
    out[0] = '\0';
    if (past->decided.n) {
        CLEANUP(json_done) cJSON *doc = past_document(&past->decided.rows[past->decided.n - 1]);
        snprintf(out, SHA256_HEX_MAX, "%.64s", json_str(json_get(doc, "provenance"), "policy", ""));
    }
}

/* ---- the command ---- */

static int write_html(const char *path, const struct simulation *simulation, const struct sim_origin *origin,
                      struct err *reterr)
{
    CLEANUP(mem_freep) char *page = simulation_html(simulation, origin);
    FILE *out = fopen(path, "we");
    int failed;

    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write %s: %s", path, strerror(errno));
    failed = fputs(page, out) < 0;
    if (fclose(out) != 0 || failed)
        return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

static int tell(const struct options *options, const struct simulation *simulation, const struct sim_origin *origin,
                struct err *reterr)
{
    if (options->html && write_html(options->html, simulation, origin, reterr) < 0)
        return -1;
    if (options->json) {
        CLEANUP(json_done) cJSON *doc = simulation_json(simulation, origin);
        jsonl_print(doc);
    } else {
        simulation_print(simulation, origin);
    }
    return 0;
}

struct inputs {
    struct past past;
    struct sim_labels labels;
    struct redo *redo;
    struct simulation *simulation;
};

static void inputs_done(struct inputs *self)
{
    simulation_free(self->simulation);
    redo_close(self->redo);
    sim_labels_done(&self->labels);
    past_done(&self->past);
}

static const char *or_of(const char *given, const char *configured)
{
    return given ? given : configured;
}

static int read_inputs(const struct options *options, const struct config *config, struct inputs *self,
                       struct err *reterr)
{
    const struct config_kafka *kafka = &config->kafka;
    const char *audits = or_of(options->audits, options->history ? "" : kafka->topic_audits);

    if (past_read_results(&self->past, config, or_of(options->history, kafka->topic_results), reterr) < 0 ||
        past_read_tickets(&self->past, config, or_of(options->tickets, kafka->topic_tickets), reterr) < 0 ||
        (*audits && past_read_audits(&self->past, config, audits, reterr) < 0) ||
        (options->labels && sim_labels_read(options->labels, &self->labels, reterr) < 0))
        return -1;
    past_sort(&self->past);
    return 0;
}

static int simulate(struct options *options, const struct config *config, struct err *reterr)
{
    CLEANUP(inputs_done) struct inputs in = {0};
    CLEANUP(buf_free) struct buf changes = {0};
    char date[CLOCK_RFC3339_MAX];
    struct sim_origin origin;

    options->settings.audit_percent = options->audit_percent >= 0 ? options->audit_percent
                                      : *config->triage.audit_key ? config->triage.audit_percent
                                                                  : 0;
    if (read_inputs(options, config, &in, reterr) < 0 ||
        redo_open(config, &options->files, false, &in.redo, reterr) < 0 ||
        set_thresholds(options, redo_policy(in.redo), reterr) < 0)
        return -1;
    if (*redo_lacks(in.redo))
        fprintf(stderr,
                "triaged simulate: the encoder is missing here (%s): what it had a part in comes out otherwise\n",
                redo_lacks(in.redo));
    if (simulation_make(&in.past, in.redo, &in.labels, &options->settings, &in.simulation, reterr) < 0)
        return -1;
    describe(options, &changes);
    origin = (struct sim_origin){.history = or_of(options->history, config->kafka.topic_results),
                                 .date = clock_rfc3339(clock_wall_us(), date),
                                 .changes = buf_str(&changes),
                                 .now = redo_provenance(in.redo),
                                 .max_error = policy_promise_max_error(redo_policy(in.redo)),
                                 .confidence = policy_promise_confidence(redo_policy(in.redo)),
                                 .examples = (size_t)options->examples};
    policy_of_then(&in.past, origin.policy_then);
    return tell(options, in.simulation, &origin, reterr);
}

int cmd_simulate(int argc, char **argv)
{
    struct options options = {
        .audit_percent = -1,
        .examples = EXAMPLES_DEFAULT,
        .settings = {.reviewers = 1, .reviewer_rate = 30, .model_rate = 0.5, .cpu_rate = 0.05, .capped = true}};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    options.settings.capped = !options.lift_caps;
    rc = cmd_load_profile(&options.common, &config);
    if (rc)
        return rc;
    if (simulate(&options, config, &err) < 0)
        rc = cmd_fail(NAME, &err);
    config_free(config);
    return rc;
}
