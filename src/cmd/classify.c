/* triaged classify: a filter, JSON Lines in and out, one row for one row and in order. */
#include <stdio.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/opinion.h"
#include "decide/promise.h"
#include "evaluation/rows.h"

struct options {
    const char *model, *promise;
    struct opinion asked;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--model", "MODEL", OPTION_TEXT, model, "the model file"),
    ROW_TEXT("--promise", "FILE", promise, "says of each row whether this promise accepts it"),
    ROWS_OPINION(asked),
};
static const struct option_table table_of_options = {
    .command = "classify",
    .streams = "< IN.jsonl > OUT.jsonl",
    .about = "Each row {id, subject, body, sender, channel} is answered by one row {id, label, confidence, "
             "alternatives, in_scope, scope_score, accepted}; accepted is null without a promise. A line that is no "
             "row is answered by {line, error} and makes the exit code 65.",
    OPTION_ROWS(option_rows),
    .example = "triaged classify --model model.bin < tickets.jsonl > labels.jsonl",
};

static void print_row(const struct example *row, const struct prediction *prediction, const struct promise *promise)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *alternatives;

    cJSON_AddStringToObject(doc, "id", row->id);
    cJSON_AddStringToObject(doc, "label", prediction->top[0].label);
    cJSON_AddNumberToObject(doc, "confidence", prediction->top[0].confidence);
    alternatives = cJSON_AddArrayToObject(doc, "alternatives");
    for (size_t i = 0; i < prediction->n_top; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", prediction->top[i].label);
        cJSON_AddNumberToObject(item, "confidence", prediction->top[i].confidence);
        cJSON_AddItemToArray(alternatives, item);
    }
    cJSON_AddBoolToObject(doc, "in_scope", prediction->in_scope);
    cJSON_AddNumberToObject(doc, "scope_score", prediction->scope_score);
    if (promise)
        cJSON_AddBoolToObject(doc, "accepted", promise_accepts(promise, prediction));
    else
        cJSON_AddNullToObject(doc, "accepted");
    jsonl_print(doc);
}

static size_t filter(const struct classifier *model, struct classifier_scratch *scratch, const struct promise *promise)
{
    struct row_reader *reader = row_reader_new(stdin, NULL);
    struct prediction prediction;
    struct example row;
    struct err err;
    size_t bad = 0;
    int got;

    while ((got = row_reader_next(reader, &row, &err)) != 0) {
        if (got < 0) {
            bad++;
            jsonl_print_bad(row_reader_line(reader), &err);
            continue;
        }
        classifier_predict(model, scratch, &row.text, &prediction);
        print_row(&row, &prediction, promise);
    }
    row_reader_free(reader);
    return bad;
}

int cmd_classify(int argc, char **argv)
{
    struct options options = {0};
    struct classifier *model = NULL;
    struct classifier_scratch *scratch;
    CLEANUP(promise_done) struct promise promise = {0};
    struct err err = {0};
    size_t bad;
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (classifier_load(options.model, &model, &err) < 0)
        return cmd_fail("classify", &err);
    if (options.promise && promise_load(options.promise, model, &promise, &err) < 0) {
        classifier_free(model);
        return cmd_fail("classify", &err);
    }
    scratch = opinion_scratch(&options.asked, "classify", model);
    if (!scratch) {
        classifier_free(model);
        return EX_NOINPUT;
    }
    bad = filter(model, scratch, options.promise ? &promise : NULL);
    classifier_scratch_free(scratch);
    classifier_free(model);
    if (fflush(stdout) != 0)
        return EX_IOERR;
    if (bad)
        fprintf(stderr, "triaged classify: %zu lines were no rows; each is answered by {line, error}\n", bad);
    return bad ? EX_DATAERR : 0;
}
