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

#define NAME      "simulate"
#define RATE_MOST 1e6

enum { THRESHOLDS_MAX = 64, EXAMPLES_DEFAULT = 3, EXAMPLES_MAX = 1000 };

struct options {
    struct cmd_common common;
    const char *history, *tickets, *audits, *labels, *html;
    struct redo_files files;
    const char *thresholds[THRESHOLDS_MAX]; /* CLASS=0.9 */
    size_t n_thresholds;
    struct sim_settings settings;
    double audit_percent; /* below 0: as configured */
    double examples;
    bool json;
};

static int help(void)
{
    puts("usage: triaged simulate [--policy F] [--floor F] [--model F] [--promise F] [--knowledge D] [--threshold "
         "CLASS=P ...]\n"
         "                        [--history F|TOPIC] [--tickets F|TOPIC] [--audits F|TOPIC] [--labels F]\n"
         "                        [--reviewers N] [--review-seconds S] [--reviewer-rate R] [--model-rate R] "
         "[--cpu-rate R]\n"
         "                        [--audit-percent P] [--lift-caps] [--show-text] [--examples N] [--json] [--html F]\n"
         "                        [--config FILE]\n\n"
         "Decides the tickets of the past again and says what would have been otherwise: how many no person would see "
         "and how\n"
         "often those would be wrong, what comes to reviewers in which hour, what it costs, and which tickets flip. "
         "Nothing is\n"
         "published, and no model is asked: a recorded answer counts where the prompt is the same, else the draft is "
         "unknown.\n\n"
         "  --policy, --floor, --model, --promise, --knowledge\n"
         "                    what to try; the rest is the configuration's; --promise '' for none\n"
         "  --threshold C=P   the threshold of a class; not proved against the floor\n"
         "  --history, --tickets, --audits\n"
         "                    results, tickets, outcomes of audits: a file of JSON Lines, else a topic (default: the\n"
         "                    configuration's topics; no audits where --history is given)\n"
         "  --labels F        labels that somebody gave, as {id, label, weight}: what triaged export writes; id is "
         "KEY@REVISION\n"
         "                    or the ticket's own. They come before those of reviews and audits\n"
         "  --reviewers N     at work at once in the policy's business hours (default 1)\n"
         "  --review-seconds  of an item (default: the mean of the results that say, else 120)\n"
         "  --*-rate R        cost of an hour of a reviewer (30), a model slot (0.5), a core (0.05)\n"
         "  --audit-percent P of what no person sees (default: triage.audit_percent)\n"
         "  --lift-caps       as if triage.control had capped nothing; else the caps of then hold\n"
         "  --show-text       shows the beginning of the tickets that flip\n"
         "  --examples N      of each kind of flip (default 3)\n"
         "  --html F          writes a report as one file\n\n"
         "exit codes: 0 simulated, 65 no result has its ticket here, 66 a file is missing, 69 Kafka is away, 78 a "
         "policy is\n"
         "refused");
    return 0;
}

/* ---- options ---- */

static int take_text(struct options *self, int argc, char **argv, int *i)
{
    const struct {
        const char *name, **to;
    } table[] = {{"--history", &self->history},
                 {"--tickets", &self->tickets},
                 {"--audits", &self->audits},
                 {"--labels", &self->labels},
                 {"--html", &self->html},
                 {"--policy", &self->files.policy},
                 {"--floor", &self->files.floor},
                 {"--model", &self->files.classifier},
                 {"--promise", &self->files.promise},
                 {"--knowledge", &self->files.knowledge}};

    for (size_t k = 0; k < ARRAY_LEN(table); k++) {
        if (strcmp(table[k].name, argv[*i]) != 0)
            continue;
        if (*i + 1 >= argc)
            return -cmd_needs_value(NAME, argv[*i]);
        *table[k].to = argv[++*i];
        return 1;
    }
    return 0;
}

static int take_number(struct options *self, int argc, char **argv, int *i)
{
    struct sim_settings *settings = &self->settings;
    const struct {
        const char *name;
        double *to, most;
    } table[] = {{"--reviewers", &settings->reviewers, 100000},
                 {"--review-seconds", &settings->review_seconds, 86400},
                 {"--reviewer-rate", &settings->reviewer_rate, RATE_MOST},
                 {"--model-rate", &settings->model_rate, RATE_MOST},
                 {"--cpu-rate", &settings->cpu_rate, RATE_MOST},
                 {"--audit-percent", &self->audit_percent, 100},
                 {"--examples", &self->examples, EXAMPLES_MAX}};
    char *end;

    for (size_t k = 0; k < ARRAY_LEN(table); k++) {
        if (strcmp(table[k].name, argv[*i]) != 0)
            continue;
        if (*i + 1 >= argc)
            return -cmd_needs_value(NAME, argv[*i]);
        *table[k].to = strtod(argv[++*i], &end);
        return end == argv[*i] || *end || !(*table[k].to >= 0 && *table[k].to <= table[k].most)
                   ? -cmd_misuse(NAME, argv[*i])
                   : 1;
    }
    return 0;
}

static int take_threshold(struct options *self, int argc, char **argv, int *i)
{
    if (strcmp(argv[*i], "--threshold") != 0)
        return 0;
    if (*i + 1 >= argc)
        return -cmd_needs_value(NAME, argv[*i]);
    if (self->n_thresholds == THRESHOLDS_MAX || !strchr(argv[++*i], '='))
        return -cmd_misuse(NAME, argv[*i]);
    self->thresholds[self->n_thresholds++] = argv[*i];
    return 1;
}

static int take_switch(struct options *self, const char *name)
{
    if (strcmp(name, "--json") == 0)
        self->json = true;
    else if (strcmp(name, "--show-text") == 0)
        self->settings.show_text = true;
    else if (strcmp(name, "--lift-caps") == 0)
        self->settings.capped = false;
    else
        return 0;
    return 1;
}

static int parse(struct options *self, int argc, char **argv)
{
    *self = (struct options){
        .audit_percent = -1,
        .examples = EXAMPLES_DEFAULT,
        .settings = {.reviewers = 1, .reviewer_rate = 30, .model_rate = 0.5, .cpu_rate = 0.05, .capped = true}};
    for (int i = 1; i < argc; i++) {
        int taken = take_switch(self, argv[i]);
        if (taken == 0 && (taken = cmd_common_take(&self->common, argc, argv, &i)) < 0)
            return EX_USAGE;
        if (taken == 0)
            taken = take_text(self, argc, argv, &i);
        if (taken == 0)
            taken = take_number(self, argc, argv, &i);
        if (taken == 0)
            taken = take_threshold(self, argc, argv, &i);
        if (taken < 0)
            return EX_USAGE;
        if (taken == 0)
            return cmd_misuse(NAME, argv[i]);
    }
    return 0;
}

/* ---- what is tried ---- */

static int set_thresholds(const struct options *options, struct policy *policy, struct err *reterr)
{
    for (size_t i = 0; i < options->n_thresholds; i++) {
        const char *equals = strchr(options->thresholds[i], '=');
        CLEANUP(mem_freep) char *label = mem_strndup(options->thresholds[i], (size_t)(equals - options->thresholds[i]));
        char *end;
        double threshold = strtod(equals + 1, &end);
        if (end == equals + 1 || *end || !(threshold >= 0 && threshold <= 1))
            return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--threshold %s: give a number from 0 to 1",
                           options->thresholds[i]);
        if (policy_set_threshold(policy, label, threshold) < 0)
            return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--threshold %s: the policy has no class %s",
                           options->thresholds[i], label);
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
    for (size_t i = 0; i < options->n_thresholds; i++)
        buf_printf(out, "%s threshold %s", out->len ? "," : "with", options->thresholds[i]);
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
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (cmd_wants_help(argc, argv))
        return help();
    rc = parse(&options, argc, argv);
    if (rc == 0)
        rc = cmd_load_profile(&options.common, &config);
    if (rc)
        return rc;
    if (simulate(&options, config, &err) < 0)
        rc = cmd_fail(NAME, &err);
    config_free(config);
    return rc;
}
