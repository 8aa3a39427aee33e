/* triaged report: what happened in a period, for a lead. Decisions from the topic of results or a file of them; people,
 * audits, incidents and autonomy from Postgres. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/governance.h"
#include "cmd/results_read.h"
#include "queue/queue.h"
#include "triage/policy.h"

#define REVIEW_DAYS 31
#define RATE_MOST   1e6

struct options {
    struct cmd_common common;
    const char *since, *until, *format, *out, *results;
    double reviewer_rate, model_rate, cpu_rate, review_days;
    bool no_queue, help;
};

static const char help_text[] =
    "usage: triaged report --since D [--until D] [--format md|html|csv] [--out F] [--results F.jsonl] [--no-queue] "
    "[--config FILE]\n\n"
    "What happened from D to before D, per class: decisions, wrong labels among audits with their interval, what "
    "people\n"
    "overrode, promotions and demotions, incidents, cost, and whose quality review is overdue. Decisions are read from "
    "the topic\n"
    "of results, or from a file of them (result.v1, one a line); everything else from Postgres.\n\n"
    "  --since D, --until D  as 2026-11-01 or 2026-11-01T08:00, UTC; until is now where it is not given\n"
    "  --format md|html|csv  (default md); html has plots, csv one row a class\n"
    "  --out F               a file instead of standard output\n"
    "  --results F           results as JSON Lines instead of the topic\n"
    "  --no-queue            leaves Postgres out\n"
    "  --review-days N       a quality review is overdue after so many days (default 31)\n"
    "  --reviewer-rate R --model-rate R --cpu-rate R   cost of an hour (default 30, 0.5, 0.05)\n\n"
    "exit codes: 0 done, 65 nothing was decided in this time, 69 a service is away";

static int parse_text(struct options *self, int argc, char **argv, int *i, bool *ret_taken)
{
    const struct {
        const char *name, **to;
    } texts[] = {{"--since", &self->since},
                 {"--until", &self->until},
                 {"--format", &self->format},
                 {"--out", &self->out},
                 {"--results", &self->results}};
    const struct {
        const char *name;
        double *to;
    } numbers[] = {{"--reviewer-rate", &self->reviewer_rate},
                   {"--model-rate", &self->model_rate},
                   {"--cpu-rate", &self->cpu_rate},
                   {"--review-days", &self->review_days}};
    const char *option = argv[*i];

    *ret_taken = true;
    for (size_t t = 0; t < ARRAY_LEN(texts); t++) {
        if (strcmp(option, texts[t].name) != 0)
            continue;
        if (++*i >= argc)
            return cmd_needs_value("report", option);
        *texts[t].to = argv[*i];
        return 0;
    }
    for (size_t t = 0; t < ARRAY_LEN(numbers); t++) {
        char *end;
        if (strcmp(option, numbers[t].name) != 0)
            continue;
        if (++*i >= argc)
            return cmd_needs_value("report", option);
        *numbers[t].to = strtod(argv[*i], &end);
        return end == argv[*i] || *end || !(*numbers[t].to >= 0 && *numbers[t].to <= RATE_MOST)
                   ? cmd_misuse("report", argv[*i])
                   : 0;
    }
    *ret_taken = false;
    return 0;
}

static bool known_format(const char *format)
{
    return strcmp(format, "md") == 0 || strcmp(format, "html") == 0 || strcmp(format, "csv") == 0;
}

static int parse(struct options *self, int argc, char **argv)
{
    *self = (struct options){
        .format = "md", .reviewer_rate = 30, .model_rate = 0.5, .cpu_rate = 0.05, .review_days = REVIEW_DAYS};
    for (int i = 1; i < argc; i++) {
        bool taken_text;
        int taken = cmd_common_take(&self->common, argc, argv, &i), code;
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        code = parse_text(self, argc, argv, &i, &taken_text);
        if (code)
            return code;
        if (taken_text)
            continue;
        if (strcmp(argv[i], "--no-queue") == 0)
            self->no_queue = true;
        else if (strcmp(argv[i], "--help") == 0)
            self->help = true;
        else
            return cmd_misuse("report", argv[i]);
    }
    if (self->help || (self->since && known_format(self->format)))
        return 0;
    fputs("triaged report: --since is needed, and a format of md, html or csv; try --help\n", stderr);
    return EX_USAGE;
}

/* ---- decisions ---- */

struct gathering {
    struct governance *report;
    const struct options *options;
};

static bool way_of(const char *status, enum way *ret_way)
{
    static const struct {
        const char *status;
        enum way way;
    } ways[] = {
        {"answered", WAY_ANSWERED}, {"suggested", WAY_SUGGESTED}, {"in_review", WAY_REVIEW}, {"ignored", WAY_IGNORED}};

    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (strcmp(ways[i].status, status) == 0) {
            *ret_way = ways[i].way;
            return true;
        }
    }
    return false;
}

static void count_day(struct governance *report, const char *at, enum way way)
{
    size_t i = report->n_days;

    while (i > 0 && strncmp(report->days[i - 1].date, at, 10) > 0)
        i--;
    if (i == 0 || strncmp(report->days[i - 1].date, at, 10) != 0) {
        if (report->n_days == GOVERNANCE_DAYS_MAX)
            return;
        memmove(&report->days[i + 1], &report->days[i], (report->n_days - i) * sizeof *report->days);
        report->days[i] = (struct governance_day){0};
        snprintf(report->days[i].date, sizeof report->days[i].date, "%.10s", at);
        report->n_days++;
        i++;
    }
    report->days[i - 1].ways[way]++;
}

/* An answer on hold is counted when it ends: as answered, or as one for people. */
static bool counts_as(const cJSON *doc, const char *status, enum way *ret_way)
{
    if (!json_lists(doc, "reasons", reason_name(REASON_MODE_HOLD)))
        return way_of(status, ret_way);
    if (strcmp(status, "in_review") == 0)
        return false;
    return way_of(strcmp(status, "reviewed") == 0 ? "in_review" : status, ret_way);
}

static double cost_of(const struct options *rates, const cJSON *doc, const char *status)
{
    const cJSON *timings = json_get(doc, "timings");
    double cpu = (json_num(timings, "screen_us", 0) + json_num(timings, "classify_us", 0)) / 1e6;
    double model = json_num(timings, "draft_us", 0) / 1e6;

    if (strcmp(status, "reviewed") == 0) /* the machine's part was counted when it asked */
        return json_num(json_get(doc, "review"), "seconds", 0) * rates->reviewer_rate / 3600;
    if (strcmp(status, "answered") == 0 && json_lists(doc, "reasons", reason_name(REASON_MODE_HOLD)))
        return 0;
    return (cpu * rates->cpu_rate + model * rates->model_rate) / 3600;
}

static void take(void *opaque, const cJSON *doc)
{
    struct gathering *self = opaque;
    const char *at = json_str(doc, "decided_at", ""), *status = json_str(doc, "status", ""),
               *label = json_str(doc, "label", GOVERNANCE_NO_CLASS);
    struct governance_class *class;
    enum way way;
    double cost;

    if (strcmp(at, self->options->since) < 0 || strcmp(at, self->report->until) >= 0)
        return;
    class = governance_class(self->report, label);
    cost = way_of(status, &way) || strcmp(status, "reviewed") == 0 ? cost_of(self->options, doc, status) : 0;
    self->report->cost += cost;
    if (class)
        class->cost += cost;
    if (!counts_as(doc, status, &way))
        return;
    count_day(self->report, at, way);
    if (class)
        class->ways[way]++;
}

/* ---- people ---- */

static void take_people(struct governance *report, const cJSON *doc)
{
    const cJSON *one;

    report->incidents = json_get(doc, "incidents");
    report->steps = json_get(doc, "steps");
    report->reviews = json_get(doc, "reviews");
    report->bypassed = json_num(doc, "bypassed", 0);
    report->waiting = json_num(doc, "waiting", 0);
    report->overdue = json_num(doc, "overdue", 0);
    report->manual_seconds = json_num(doc, "manual_seconds", 0);
    cJSON_ArrayForEach(one, json_get(doc, "classes"))
    {
        const char *label = json_str(one, "label", "");
        struct governance_class *class = strcmp(json_str(one, "profile", ""), report->profile) == 0
                                             ? governance_class(report, *label ? label : GOVERNANCE_NO_CLASS)
                                             : NULL;
        if (!class)
            continue;
        class->answers = (size_t)json_num(one, "answers", 0);
        class->overridden = (size_t)json_num(one, "overridden", 0);
        class->unedited = (size_t)json_num(one, "unedited", 0);
        class->late = (size_t)json_num(one, "late", 0);
        class->audits = (size_t)json_num(one, "audits", 0);
        class->wrong = (size_t)json_num(one, "wrong", 0);
        class->skipped = (size_t)json_num(one, "skipped", 0);
        class->median_seconds = json_num(one, "median_seconds", -1);
    }
}

static int read_people(const struct config *config, const struct governance *report, cJSON **ret_doc,
                       struct err *reterr)
{
    static const struct json_limits limits = {16 << 20, JSON_DEPTH_MAX, 1000000};
    CLEANUP(mem_freep) char *text = NULL;
    struct queue *queue;
    int rc;

    if (queue_open(&config->postgres, "triaged-report", &queue, reterr) < 0)
        return -1;
    rc = queue_governance(queue, report->since, report->until, &text, reterr);
    queue_close(queue);
    return rc < 0 ? -1 : json_parse(text, strlen(text), &limits, ret_doc, reterr);
}

/* ---- writing ---- */

static int by_label(const void *a, const void *b)
{
    return strcmp(((const struct governance_class *)a)->label, ((const struct governance_class *)b)->label);
}

static int write_out(const struct governance *report, const struct options *options, struct err *reterr)
{
    CLEANUP(buf_free) struct buf page = {0};
    FILE *out = options->out ? fopen(options->out, "w") : stdout;
    bool bad;

    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "%s can't be written", options->out);
    if (strcmp(options->format, "html") == 0)
        governance_html(report, &page);
    else if (strcmp(options->format, "csv") == 0)
        governance_csv(report, &page);
    else
        governance_markdown(report, &page);
    bad = fputs(buf_str(&page), out) < 0;
    bad |= (options->out ? fclose(out) : fflush(out)) != 0;
    return bad ? err_set(reterr, ERR_PERMANENT, EX_IOERR, "the report can't be written in full") : 0;
}

static int gather(const struct config *config, const struct options *options, struct governance *report,
                  struct err *reterr)
{
    CLEANUP(json_done) cJSON *people = NULL;
    struct gathering gathering = {report, options};
    const struct results_source source = {.config = config, .file = options->results, .profile = report->profile};

    if (results_each(&source, take, &gathering, reterr) < 0 ||
        (!options->no_queue && read_people(config, report, &people, reterr) < 0))
        return -1;
    take_people(report, people);
    if (report->n_classes == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "give another time: nothing was decided from %s to %s",
                       report->since, report->until);
    qsort(report->classes, report->n_classes, sizeof *report->classes, by_label);
    return write_out(report, options, reterr);
}

static int report_on(const struct config *config, const struct options *options, struct err *reterr)
{
    struct governance *report = mem_alloc(sizeof *report);
    struct policy *policy = NULL;
    char now[CLOCK_RFC3339_MAX];
    int rc = policy_load_on(config->triage.policy_file, config->triage.policy_floor_file, &policy, reterr);

    if (rc == 0) {
        clock_rfc3339(clock_wall_us(), now);
        report->since = options->since;
        report->until = options->until ? options->until : now;
        report->source = options->results ? options->results : config->kafka.topic_results;
        report->owner = policy_owner(policy);
        report->profile = policy_profile(policy);
        report->cadence = policy_review_cadence(policy);
        report->review_days = (int)options->review_days;
        report->now_s = (double)clock_wall_us() / 1e6;
        rc = gather(config, options, report, reterr);
    }
    policy_free(policy);
    mem_free(report);
    return rc;
}

int cmd_report(int argc, char **argv)
{
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int code = parse(&options, argc, argv);

    if (code)
        return code;
    if (options.help)
        return puts(help_text) < 0;
    code = cmd_load_config(&options.common, &config);
    if (code)
        return code;
    code = report_on(config, &options, &err) < 0 ? cmd_fail("report", &err) : 0;
    config_free(config);
    return code;
}
