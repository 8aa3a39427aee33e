/* triaged verify: reads the topics and the queue in full, checks that every input has exactly one outcome, and sums up
 * what was decided in words that a person understands. */
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "check/collect.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

enum { POLL_MS = 500, SHOWN_TEXT = 300, WAIT_MOST_S = 1000000, EXPECT_MOST = 2000000000 };

struct options {
    struct cmd_common common;
    bool summary, json, no_queue;
    int64_t wait_s, expect;
};

static const struct option_row option_rows[] = {
    ROW_INTEGER("--wait", "SECONDS", wait_s, 0, WAIT_MOST_S,
                "first waits until every input has its outcome and the queue has every request, with progress"),
    ROW_INTEGER("--expect", "N", expect, 0, EXPECT_MOST, "waits for at least N inputs"),
    ROW_FLAG("--summary", summary, "prints what was decided and why, with a few examples"),
    ROW_FLAG("--json", json, "prints the verdict as one JSON object"),
    ROW_FLAG("--no-queue", no_queue, "leaves Postgres out"),
};
static const struct option_table table_of_options = {
    .command = "verify",
    .about =
        "Reads the ticket, result, review and dead letter topics and the review queue in full and checks that each "
        "input has exactly one outcome, that no id or decision is doubled, that each review request is one item in the "
        "queue, and that decisions of one conversation are in order. Fails when there is nothing to check.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 all right, 65 a fault was found, 69 a service is away, 75 the wait ran out",
    .example = "triaged verify --wait 60 --summary",
};

/* ---- waiting ---- */

static size_t count_kind(const struct history *history, enum output_kind kind, enum result_status status)
{
    size_t n = 0;

    for (size_t i = 0; i < history->n_outputs; i++)
        n += history->outputs[i].kind == kind && (kind != OUTPUT_RESULT || history->outputs[i].status == status);
    return n;
}

static void show_progress(struct history *history, size_t missing, int64_t began_us)
{
    static const enum result_status shown[] = {STATUS_ANSWERED, STATUS_SUGGESTED, STATUS_IN_REVIEW, STATUS_IGNORED};

    fprintf(stderr, "%s  %3.0f s  %zu of %zu decided", isatty(STDERR_FILENO) ? "\r\033[K" : "",
            (double)(clock_mono_us() - began_us) / 1e6, history->n_inputs - missing, history->n_inputs);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        fprintf(stderr, ", %zu %s", count_kind(history, OUTPUT_RESULT, shown[i]), result_status_name(shown[i]));
    fprintf(stderr, ", %zu dead letters%s", count_kind(history, OUTPUT_DEADLETTER, STATUS_COUNT),
            isatty(STDERR_FILENO) ? "" : "\n");
    fflush(stderr);
}

/* 0 settled, 1 the time ran out, -1 error. */
static int wait_until_settled(struct collector *collector, const struct options *options, struct err *reterr)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int64_t began = clock_mono_us();
    size_t last = SIZE_MAX;

    for (;;) {
        struct history *history = collector_history(collector);
        size_t missing;
        bool complete = last == 0; /* before this round: what was committed with the last result is in this one */
        bool whole = collector_read(collector, reterr) == 0;
        if (!whole && reterr->class != ERR_TRANSIENT)
            return -1;
        missing = history_missing(history);
        if (missing != last)
            show_progress(history, missing, began);
        last = whole ? missing : SIZE_MAX;
        if (whole && complete && missing == 0 && history->n_inputs >= (size_t)options->expect) {
            if (options->no_queue || (collector_read_queue(collector, reterr) == 0 && history_under_way(history) == 0))
                break;
        }
        if (clock_mono_us() - began > options->wait_s * 1000000LL) {
            fputc('\n', stderr);
            return 1;
        }
        nanosleep(&pause, NULL);
    }
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return 0;
}

/* ---- printing ---- */

static void print_json(const struct verdict *verdict, bool good)
{
    cJSON *doc = cJSON_CreateObject();
    cJSON *status = cJSON_AddObjectToObject(doc, "status");
    cJSON *faults = cJSON_AddObjectToObject(doc, "faults");

    cJSON_AddBoolToObject(doc, "good", good);
    cJSON_AddNumberToObject(doc, "inputs", (double)verdict->inputs);
    cJSON_AddNumberToObject(doc, "outcomes", (double)verdict->outcomes);
    cJSON_AddNumberToObject(doc, "in_review_open", (double)verdict->waiting);
    cJSON_AddNumberToObject(doc, "deadletters", (double)verdict->deadletters);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        cJSON_AddNumberToObject(status, result_status_name((enum result_status)i), (double)verdict->by_status[i]);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        cJSON_AddNumberToObject(faults, history_fault_name((enum history_fault)i), (double)verdict->faults[i]);
    jsonl_print(doc);
    cJSON_Delete(doc);
}

static void print_faults(const struct verdict *verdict)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        const struct history_output *example = &verdict->example[i];
        if (verdict->faults[i])
            printf("  FAULT %s: %" PRIu64 " times: %s; first at partition %d offset %" PRId64 " revision %" PRId64 "\n",
                   history_fault_name((enum history_fault)i), verdict->faults[i],
                   history_fault_meaning((enum history_fault)i), example->partition, example->offset,
                   example->revision);
    }
}

static void print_counts(const struct verdict *verdict, const struct collect_counts *counts)
{
    static const struct {
        enum result_status status;
        const char *words;
    } rows[] = {
        {STATUS_ANSWERED, "answered without a person"},
        {STATUS_SUGGESTED, "suggested to the helpdesk's agent"},
        {STATUS_IN_REVIEW, "sent to a reviewer"},
        {STATUS_IGNORED, "ignored (spam, automatic mail)"},
        {STATUS_WITHDRAWN, "withdrawn by the sender"},
        {STATUS_DUPLICATE, "repeats of a seen revision (notice)"},
        {STATUS_STALE, "older than a seen revision (notice)"},
        {STATUS_FAILED, "failed, back to the helpdesk"},
        {STATUS_REVIEWED, "decided by a person"},
        {STATUS_SUPERSEDED, "overtaken while in review"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (verdict->by_status[rows[i].status])
            printf("  %6" PRIu64 "  %-12s %s\n", verdict->by_status[rows[i].status], result_status_name(rows[i].status),
                   rows[i].words);
    }
    printf("  %6" PRIu64 "  %-12s %s\n", verdict->deadletters, "dead letters", "could not be read");
    puts("\nWhy a reviewer is asked:");
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (counts->review_reasons[i])
            printf("  %6" PRIu64 "  %-22s %s\n", counts->review_reasons[i], reason_name((enum reason)i),
                   reason_description((enum reason)i));
    }
    puts("\nWhy a payload is a dead letter:");
    for (size_t i = 0; i < counts->n_deadletter_reasons; i++)
        printf("  %6" PRIu64 "  %s\n", counts->deadletter_counts[i], counts->deadletter_reasons[i]);
}

static void print_sample(const struct sample *sample)
{
    cJSON *doc = cJSON_Parse(sample->json);
    const cJSON *draft = json_get(doc, "draft");
    const cJSON *reason;
    char text[SHOWN_TEXT + 4] = "";

    printf("\n  %s  revision %.0f  %s  label %s (%.2f)\n    because:", json_str(doc, "key", "?"),
           json_num(doc, "revision", 0), result_status_name(sample->status), json_str(doc, "label", "none"),
           json_num(doc, "confidence", 0));
    cJSON_ArrayForEach(reason, json_get(doc, "reasons")) printf(" %s", cJSON_GetStringValue(reason));
    if (draft)
        snprintf(text, sizeof text, "%.*s", SHOWN_TEXT, json_str(draft, "text", ""));
    for (char *c = text; *c; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    if (*text)
        printf("\n    %s: %s", *json_str(draft, "macro_id", "") ? "macro" : "draft", text);
    puts("");
    cJSON_Delete(doc);
}

static void print_summary(struct collector *collector, const struct verdict *verdict)
{
    const struct collect_counts *counts = collector_counts(collector);
    const struct sample *samples;
    size_t n = collector_samples(collector, &samples);
    double seconds = (double)(counts->last_ms - counts->first_ms) / 1000;

    puts("\nWhat was decided:");
    print_counts(verdict, counts);
    if (seconds > 0)
        printf("\nFrom the first ticket to the last outcome: %.1f s, %.1f a second\n", seconds,
               (double)verdict->outcomes / seconds);
    if (n)
        puts("\nA few decisions:");
    for (size_t i = 0; i < n; i++)
        print_sample(&samples[i]);
    puts("");
}

static int report(struct collector *collector, const struct options *options, bool settled)
{
    struct history *history = collector_history(collector);
    struct verdict verdict;
    bool good;

    history->settled = settled;
    good = history_judge(history, &verdict);
    if (options->json) {
        print_json(&verdict, good);
    } else {
        if (options->summary)
            print_summary(collector, &verdict);
        printf("Check: %" PRIu64 " inputs, %" PRIu64 " with exactly one outcome: %s\n", verdict.inputs,
               verdict.outcomes,
               good             ? "all right"
               : verdict.inputs ? "FAULTS FOUND"
                                : "NOTHING TO CHECK");
        print_faults(&verdict);
    }
    return good ? 0 : EX_DATAERR;
}

static int verify(const struct config *config, const struct options *options, struct err *reterr)
{
    struct collector *collector = NULL;
    int waited = 0;
    int rc;

    if (collector_open(config, !options->no_queue, &collector, reterr) < 0)
        return cmd_fail("verify", reterr);
    if (options->wait_s)
        waited = wait_until_settled(collector, options, reterr);
    else if (collector_read(collector, reterr) < 0 ||
             (!options->no_queue && collector_read_queue(collector, reterr) < 0))
        waited = -1;
    if (waited < 0)
        rc = cmd_fail("verify", reterr);
    else
        rc = report(collector, options, options->wait_s && !waited);
    if (waited > 0) {
        fputs("triaged verify: the wait ran out before every input had its outcome\n", stderr);
        rc = EX_TEMPFAIL;
    }
    collector_close(collector);
    return rc;
}

int cmd_verify(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    rc = verify(config, &options, &err);
    config_free(config);
    return rc;
}
