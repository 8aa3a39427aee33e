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
#include "evaluation/governance.h"
#include "evaluation/results_read.h"
#include "policy/profiles.h"
#include "queue/queue.h"
#include "triage/policy.h"

#define REVIEW_DAYS      31
#define REVIEW_DAYS_MOST 1e6

struct options {
    struct cmd_common common;
    const char *since, *until, *format, *out, *results, *profile;
    double reviewer_rate, model_rate, cpu_rate, review_days;
    bool no_queue;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--since", "D", OPTION_TEXT, since, "as 2026-11-01 or 2026-11-01T08:00, UTC"),
    ROW_TEXT("--until", "D", until, "before this time (default: now)"),
    ROW_CHOICE("--format", "md|html|csv", format, "html has plots, csv one row a class (default md)"),
    ROW_TEXT("--out", "FILE", out, "a file instead of standard output"),
    ROW_TEXT("--results", "FILE", results, "results as JSON Lines (result.v1, one a line) instead of the topic"),
    ROW_FLAG("--no-queue", no_queue, "leaves Postgres out"),
    ROW_TEXT("--profile", "NAME", profile, "of several profiles this one alone; otherwise each, with its own owner"),
    ROW_NUMBER("--review-days", "N", review_days, 0, REVIEW_DAYS_MOST,
               "a quality review is overdue after so many days (default 31)"),
    ROWS_RATES(reviewer_rate, model_rate, cpu_rate),
};
static const struct option_table table_of_options = {
    .command = "report",
    .about =
        "What happened from --since to before --until, per class: decisions, wrong labels among audits with their "
        "interval, what people overrode, promotions and demotions, incidents, cost, and whose quality review is "
        "overdue. Decisions are read from the topic of results, or from a file of them; everything else from Postgres.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 done, 65 nothing was decided in this time, 69 a service is away",
    .example = "triaged report --since 2026-11-01 --until 2026-12-01 --format html --out november.html",
};
_Static_assert(REVIEW_DAYS == 31, "the help says so");

static const struct format {
    const char *word;
    void (*begin)(struct buf *out); /* NULL: nothing, as end */
    void (*one)(const struct governance *report, struct buf *out);
    void (*end)(struct buf *out);
} formats[] = {{"md", NULL, governance_markdown, NULL},
               {"html", governance_html_begin, governance_html, governance_html_end},
               {"csv", governance_csv_begin, governance_csv, NULL}};

static const struct format *format_of(const char *word)
{
    size_t i = ARRAY_LEN(formats) - 1;

    while (i > 0 && strcmp(formats[i].word, word) != 0)
        i--;
    return &formats[i];
}

/* ---- decisions ---- */

struct gathering {
    const struct options *options;
    struct profiles *table;
    char now[CLOCK_RFC3339_MAX];
    struct policy *policies[PROFILES_MAX]; /* of the profiles below, in the same order */
    struct governance *reports[PROFILES_MAX];
    size_t n;
};

/* Where there is one profile whatever was read is its own: a file may be of before its policy had this name. */
static struct governance *report_of(const struct gathering *self, const cJSON *doc)
{
    const char *profile = json_str(doc, "profile", "");

    for (size_t i = 0; i < self->n; i++) {
        if ((self->n == 1 && !self->options->profile) || strcmp(self->reports[i]->profile, profile) == 0)
            return self->reports[i];
    }
    return NULL;
}

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

/* An answer on hold is counted when it ends: as answered, as one for people, or as overtaken. */
static bool counts_as(const cJSON *doc, const char *status, enum way *ret_way)
{
    if (!json_lists(doc, "reasons", reason_name(REASON_MODE_HOLD)))
        return way_of(status, ret_way);
    if (strcmp(status, "in_review") == 0)
        return false;
    if (strcmp(status, "superseded") == 0 || strcmp(status, "withdrawn") == 0) {
        *ret_way = WAY_OVERTAKEN;
        return true;
    }
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
    struct governance *report = report_of(self, doc);
    const char *at = json_str(doc, "decided_at", ""), *status = json_str(doc, "status", ""),
               *label = json_str(doc, "label", GOVERNANCE_NO_CLASS);
    struct governance_class *class;
    enum way way;
    double cost;

    if (!report || strcmp(at, report->since) < 0 || strcmp(at, report->until) >= 0)
        return;
    class = governance_class(report, label);
    cost = way_of(status, &way) || strcmp(status, "reviewed") == 0 ? cost_of(self->options, doc, status) : 0;
    report->cost += cost;
    if (class)
        class->cost += cost;
    if (!counts_as(doc, status, &way))
        return;
    count_day(report, at, way);
    if (class)
        class->ways[way]++;
}

/* ---- people ---- */

static cJSON *of_profile(const cJSON *rows, const char *profile)
{
    cJSON *own = rows ? cJSON_CreateArray() : NULL;
    const cJSON *one;

    cJSON_ArrayForEach(one, rows)
    {
        if (strcmp(json_str(one, "profile", ""), profile) == 0)
            cJSON_AddItemToArray(own, cJSON_Duplicate(one, true));
    }
    return own;
}

static void take_people(struct governance *report, const cJSON *doc)
{
    const cJSON *one;

    report->incidents = of_profile(json_get(doc, "incidents"), report->profile);
    report->steps = of_profile(json_get(doc, "steps"), report->profile);
    report->reviews = of_profile(json_get(doc, "reviews"), report->profile);
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

static int write_out(const struct gathering *self, struct err *reterr)
{
    const struct options *options = self->options;
    const struct format *format = format_of(options->format);
    CLEANUP(buf_free) struct buf page = {0};
    FILE *out = options->out ? fopen(options->out, "w") : stdout;
    bool bad;

    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "%s can't be written", options->out);
    if (format->begin)
        format->begin(&page);
    for (size_t i = 0; i < self->n; i++) {
        if (i && !format->begin)
            buf_putc(&page, '\n');
        format->one(self->reports[i], &page);
    }
    if (format->end)
        format->end(&page);
    bad = fputs(buf_str(&page), out) < 0;
    bad |= (options->out ? fclose(out) : fflush(out)) != 0;
    return bad ? err_set(reterr, ERR_PERMANENT, EX_IOERR, "the report can't be written in full") : 0;
}

static int gather(struct gathering *self, const struct config *config, struct err *reterr)
{
    CLEANUP(json_done) cJSON *people = NULL;
    const struct results_source source = {
        .config = config, .file = self->options->results, .profile = self->n == 1 ? self->reports[0]->profile : NULL};
    size_t n_classes = 0;

    if (results_each(&source, take, self, reterr) < 0 ||
        (!self->options->no_queue && read_people(config, self->reports[0], &people, reterr) < 0))
        return -1;
    for (size_t i = 0; i < self->n; i++) {
        struct governance *report = self->reports[i];
        take_people(report, people);
        n_classes += report->n_classes;
        qsort(report->classes, report->n_classes, sizeof *report->classes, by_label);
    }
    if (n_classes == 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "give another time: nothing was decided from %s to %s",
                       self->reports[0]->since, self->reports[0]->until);
    return write_out(self, reterr);
}

/* A page about each profile, or about the one that is named: whose it is, as its own policy says. */
static int open_profile(struct gathering *self, const struct config *config, const struct profile *row,
                        struct err *reterr)
{
    const struct options *options = self->options;
    struct policy *policy;
    struct governance *report;

    if (policy_load_on(row->policy_file, config->triage.policy_floor_file, &policy, reterr) < 0)
        return -1;
    report = mem_alloc(sizeof *report);
    *report = (struct governance){.since = options->since,
                                  .until = options->until ? options->until : self->now,
                                  .source = options->results ? options->results : config->kafka.topic_results,
                                  .owner = policy_owner(policy),
                                  .profile = policy_profile(policy),
                                  .cadence = policy_review_cadence(policy),
                                  .review_days = (int)options->review_days,
                                  .now_s = (double)clock_wall_us() / 1e6};
    self->policies[self->n] = policy;
    self->reports[self->n++] = report;
    return 0;
}

static int open_profiles(struct gathering *self, const struct config *config, struct err *reterr)
{
    const char *only = self->options->profile;
    size_t index;

    if (profiles_load(config, &self->table, reterr) < 0 ||
        (only && profiles_named(self->table, only, &index, reterr) < 0))
        return -1;
    for (size_t i = 0; i < profiles_count(self->table); i++) {
        if ((!only || i == index) && open_profile(self, config, profiles_at(self->table, i), reterr) < 0)
            return -1;
    }
    return 0;
}

static void gathering_done(struct gathering *self)
{
    for (size_t i = 0; i < self->n; i++) {
        cJSON_Delete(self->reports[i]->incidents);
        cJSON_Delete(self->reports[i]->steps);
        cJSON_Delete(self->reports[i]->reviews);
        mem_free(self->reports[i]);
        policy_free(self->policies[i]);
    }
    profiles_free(self->table);
}

static int report_on(const struct config *config, const struct options *options, struct err *reterr)
{
    CLEANUP(gathering_done) struct gathering self = {.options = options};

    clock_rfc3339(clock_wall_us(), self.now);
    return open_profiles(&self, config, reterr) < 0 ? -1 : gather(&self, config, reterr);
}

int cmd_report(int argc, char **argv)
{
    struct options options = {
        .format = "md", .reviewer_rate = 30, .model_rate = 0.5, .cpu_rate = 0.05, .review_days = REVIEW_DAYS};
    struct config *config = NULL;
    struct err err = {0};
    int code;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &code))
        return code;
    code = report_on(config, &options, &err) < 0 ? cmd_fail("report", &err) : 0;
    config_free(config);
    return code;
}
