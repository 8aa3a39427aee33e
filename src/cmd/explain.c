/* triaged explain: which words and letters made a label, to the last decimal, and what would have made another. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "decide/explain.h"
#include "decide/promise.h"
#include "evaluation/asker.h"
#include "evaluation/rows.h"
#include "triage/decide.h"

#define FEATURES_SHOWN   15
#define NEIGHBOURS_SHOWN 5
#define SNIPPET_MAX      70 /* bytes of a ticket's text as shown */

struct options {
    struct cmd_common common; /* config_path and profile: instead of files */
    struct config *config;    /* owns what it names; NULL: not asked */
    const char *model, *policy, *promise, *data, *id;
    struct classifier_text text;
    bool json;
};

static void options_done(struct options *self)
{
    config_free(self->config);
}

/* Everything that is shown; what was not asked for is empty. */
struct answer {
    struct explanation why;
    struct flip_words words;
    const struct rows *rows;
    const struct neighbour *nearest;
    size_t n_nearest;
    bool decided;
    struct decision decision;
    struct rule_hit rule;             /* id NULL when none fired */
    const struct policy_class *class; /* NULL without a policy */
};

static const struct option_row option_rows[] = {
    ROW_TEXT("--model", "FILE", model, "the model (default: the profile's, with --profile or --config)"),
    ROW_TEXT("--text", "TEXT", text.body, "the body of the ticket to explain"),
    ROW_TEXT("--subject", "S", text.subject, "its subject"),
    ROW_TEXT("--sender", "S", text.sender, "who it is from"),
    ROW_TEXT("--channel", "C", text.channel, "the way it came"),
    ROW_TEXT("--policy", "FILE", policy, "also what would be done with the ticket, and the rule when one fires"),
    ROW_TEXT("--promise", "FILE", promise, "the certified promise that the worker would hold it to"),
    ROW_TEXT("--data", "FILE|FOLDER", data, "also the labelled tickets that are most like it"),
    ROW_TEXT("--id", "ID", id, "explain this row of --data instead of a text"),
    ROW_FLAG("--json", json, "one object, with all contributions"),
};
static const struct option_table table_of_options = {
    .command = "explain",
    .about = "Shows the best label and the next one, what each n-gram contributed to both scores (with the bias they "
             "add up to the score), and without which words the label would be another.",
    OPTION_ROWS(option_rows),
    OPTION_PROFILED,
    .notes = "Give --model, or --profile or --config: then model, policy and promise are those that the configuration "
             "names for this profile. And give --text, --subject or --id.",
    .example = "triaged explain --model model.bin --text 'Where is my parcel?'",
};

static int check(const struct options *self)
{
    if (!self->model || !(self->text.body || self->text.subject[0] || self->id))
        fputs("triaged explain: --model and --text (or --id) are needed; try 'triaged explain --help'\n", stderr);
    else if (self->id && (!self->data || self->text.body || self->text.subject[0]))
        fputs("triaged explain: --id names a row of --data and replaces --text; give --data and no text\n", stderr);
    else if (self->promise && !self->policy)
        fputs("triaged explain: --promise bears on what is done with a ticket; give --policy too\n", stderr);
    else
        return 0;
    return EX_USAGE;
}

/* What is not given by its own option, the configuration of the profile gives. */
static int take_configured(struct options *self)
{
    const struct config_triage *triage;
    int code;

    if (!self->common.profile && !self->common.config_path)
        return 0;
    code = cmd_load_profile(&self->common, &self->config);
    if (code)
        return code;
    triage = &self->config->triage;
    if (!self->model)
        self->model = triage->classifier_file;
    if (!self->policy)
        self->policy = triage->policy_file;
    if (!self->promise && *triage->promise_file)
        self->promise = triage->promise_file;
    return 0;
}

static int parse(int argc, char **argv, struct options *self, int *ret_code)
{
    *self = (struct options){.text = {.subject = "", .body = NULL, .sender = "", .channel = ""}};
    if (!options_parse(&table_of_options, argc, argv, self, ret_code))
        return -1;
    if (take_configured(self) || check(self)) {
        *ret_code = EX_USAGE;
        return -1;
    }
    if (!self->text.body)
        self->text.body = "";
    return 0;
}

/* ---- as a table ---- */

static void print_scores(const struct explanation *why)
{
    printf("label        %s  probability %.4f  score %.6f\n", why->label[0], why->probability[0], why->score[0]);
    printf("next         %s  probability %.4f  score %.6f\n", why->label[1], why->probability[1], why->score[1]);
    printf("margin       %.6f\nscope score  %.4f (%s)\n", why->score[0] - why->score[1], why->scope_score,
           why->in_scope ? "in scope" : "out of scope");
}

static void print_decision(const struct answer *self)
{
    const struct decision *decision = &self->decision;

    if (!self->decided)
        return;
    printf("\noutcome      %s\n", result_status_name(decision->status));
    if (self->rule.id)
        printf("rule         %s: %s\n", self->rule.id, self->rule.text ? self->rule.text : "");
    for (size_t i = 0; i < decision->n_reasons; i++)
        printf("%-12s %s: %s\n", i == 0 ? "reasons" : "", reason_name(decision->reasons[i]),
               reason_description(decision->reasons[i]));
    if (self->class)
        printf("threshold    %.4f for class %s\n", self->class->threshold, self->class->label);
}

static void print_contributions(const struct explanation *self)
{
    size_t shown = self->n < FEATURES_SHOWN ? self->n : FEATURES_SHOWN;
    double rest[2] = {0};

    printf("\n%12s %12s %12s  %s\n", "difference", "best", "next", "n-gram");
    for (size_t i = 0; i < shown; i++) {
        const struct contribution *c = &self->contributions[i];
        printf("%12.6f %12.6f %12.6f  \"%s\" (%s)\n", c->to[0] - c->to[1], c->to[0], c->to[1], c->ngram,
               feature_block_name(c->block));
    }
    for (size_t i = shown; i < self->n; i++) {
        rest[0] += self->contributions[i].to[0];
        rest[1] += self->contributions[i].to[1];
    }
    printf("%12.6f %12.6f %12.6f  %zu further n-grams\n", rest[0] - rest[1], rest[0], rest[1], self->n - shown);
    printf("%12.6f %12.6f %12.6f  bias\n", self->bias[0] - self->bias[1], self->bias[0], self->bias[1]);
    printf("%12.6f %12.6f %12.6f  sum\n", self->score[0] - self->score[1], self->score[0], self->score[1]);
}

static void print_flip(const struct answer *self)
{
    const struct explanation *why = &self->why;

    puts("\nwhat would have changed it");
    if (self->words.n)
        printf("  without the word%s", self->words.n > 1 ? "s" : "");
    for (size_t i = 0; i < self->words.n; i++)
        printf("%s \"%s\"", i == 0 ? "" : i + 1 == self->words.n ? " and" : ",", self->words.words[i]);
    if (self->words.n)
        printf(" the label would be %s\n", self->words.label);
    else
        printf("  no set of up to %d words: what speaks for %s stands in more places\n", FLIP_WORDS_MAX, why->label[0]);
    if (why->n_flip)
        printf("  the fewest n-grams: %zu of %zu; without them %s would score higher\n", why->n_flip, why->n,
               why->flip_label);
    else
        puts("  no set of n-grams: even without any the label would be the same");
}

/* One line of a ticket: the subject, or how the body begins. */
static char *snippet(const struct classifier_text *text, char out[SNIPPET_MAX])
{
    const char *from = text->subject[0] ? text->subject : text->body;

    return utf8_line(from, strlen(from), out, SNIPPET_MAX);
}

static void print_nearest(const struct answer *self)
{
    size_t agree = 0;
    char text[SNIPPET_MAX];

    if (!self->rows)
        return;
    puts(self->n_nearest ? "\nnearest labelled tickets" : "\nno labelled ticket has an n-gram in common with it");
    for (size_t i = 0; i < self->n_nearest; i++) {
        const struct example *row = &self->rows->rows[self->nearest[i].row];
        agree += strcmp(row->label, self->why.label[0]) == 0;
        printf("  %.3f  %-24s %-20s %s\n", self->nearest[i].cosine, row->label, row->id, snippet(&row->text, text));
    }
    if (self->n_nearest)
        printf("  %zu of %zu are labelled %s\n", agree, self->n_nearest, self->why.label[0]);
}

static void print_table(const struct answer *self)
{
    print_scores(&self->why);
    print_decision(self);
    print_contributions(&self->why);
    print_flip(self);
    print_nearest(self);
}

/* ---- as JSON ---- */

static void add_scores(const struct explanation *why, cJSON *doc)
{
    cJSON *labels = cJSON_AddArrayToObject(doc, "labels");

    for (int k = 0; k < 2; k++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", why->label[k]);
        cJSON_AddNumberToObject(item, "confidence", why->probability[k]);
        cJSON_AddNumberToObject(item, "score", why->score[k]);
        cJSON_AddNumberToObject(item, "bias", why->bias[k]);
        cJSON_AddItemToArray(labels, item);
    }
    cJSON_AddNumberToObject(doc, "margin", why->score[0] - why->score[1]);
    cJSON_AddNumberToObject(doc, "scope_score", why->scope_score);
    cJSON_AddBoolToObject(doc, "in_scope", why->in_scope);
}

static void add_decision(const struct answer *self, cJSON *doc)
{
    cJSON *reasons;

    if (!self->decided)
        return;
    cJSON_AddStringToObject(doc, "outcome", result_status_name(self->decision.status));
    if (self->rule.id)
        cJSON_AddStringToObject(doc, "rule", self->rule.id);
    else
        cJSON_AddNullToObject(doc, "rule");
    if (self->class)
        cJSON_AddNumberToObject(doc, "threshold", self->class->threshold);
    reasons = cJSON_AddArrayToObject(doc, "reasons");
    for (size_t i = 0; i < self->decision.n_reasons; i++)
        cJSON_AddItemToArray(reasons, cJSON_CreateString(reason_name(self->decision.reasons[i])));
}

static void add_flip(const struct answer *self, cJSON *doc)
{
    const struct explanation *why = &self->why;
    cJSON *words = cJSON_AddObjectToObject(doc, "flip_words"), *ngrams = cJSON_AddObjectToObject(doc, "flip_ngrams");
    cJSON *list = cJSON_AddArrayToObject(words, "words");

    for (size_t i = 0; i < self->words.n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(self->words.words[i]));
    if (self->words.n)
        cJSON_AddStringToObject(words, "label", self->words.label);
    else
        cJSON_AddNullToObject(words, "label");
    list = cJSON_AddArrayToObject(ngrams, "contributions"); /* places in the list below */
    for (size_t i = 0; i < why->n_flip; i++)
        cJSON_AddItemToArray(list, cJSON_CreateNumber((double)why->flip[i]));
    if (why->n_flip)
        cJSON_AddStringToObject(ngrams, "label", why->flip_label);
    else
        cJSON_AddNullToObject(ngrams, "label");
}

static void add_nearest(const struct answer *self, cJSON *doc)
{
    cJSON *list;

    if (!self->rows)
        return;
    list = cJSON_AddArrayToObject(doc, "nearest");
    for (size_t i = 0; i < self->n_nearest; i++) {
        const struct example *row = &self->rows->rows[self->nearest[i].row];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "id", row->id);
        cJSON_AddStringToObject(item, "label", row->label);
        cJSON_AddNumberToObject(item, "cosine", self->nearest[i].cosine);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_contributions(const struct explanation *why, cJSON *doc)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "contributions");

    for (size_t i = 0; i < why->n; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "ngram", why->contributions[i].ngram);
        cJSON_AddStringToObject(item, "block", feature_block_name(why->contributions[i].block));
        cJSON_AddNumberToObject(item, "best", why->contributions[i].to[0]);
        cJSON_AddNumberToObject(item, "next", why->contributions[i].to[1]);
        cJSON_AddItemToArray(list, item);
    }
}

static void print_json(const struct answer *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    add_scores(&self->why, doc);
    add_decision(self, doc);
    add_flip(self, doc);
    add_nearest(self, doc);
    add_contributions(&self->why, doc);
    jsonl_print(doc);
}

/* ---- what would be done ---- */

static int decide(const struct options *options, const struct classifier *model, const struct policy *policy,
                  struct answer *answer, struct err *reterr)
{
    const struct ticket ticket = asker_ticket(&options->text);
    struct promise promise;
    struct decider_parts parts = {.policy = policy, .classifier = model};
    struct decider *decider;
    struct err err;

    if (options->promise && promise_load(options->promise, model, &promise, reterr) < 0)
        return -1;
    parts.promise = options->promise ? &promise : NULL;
    if (decider_new(&parts, &decider, reterr) < 0)
        return -1;
    decider_decide(decider, &ticket, &answer->decision);
    const struct rule_view view = {.ticket = &ticket,
                                   .language = answer->decision.language,
                                   .label = answer->decision.label,
                                   .probability = answer->decision.confidence};
    if (policy_match(policy, &view, &answer->rule, &err) != 1 &&
        policy_match_after(policy, &view, &answer->rule, &err) != 1)
        answer->rule = (struct rule_hit){0};
    answer->class = policy_class_find(policy, answer->why.label[0]);
    answer->decided = true;
    decider_free(decider);
    return 0;
}

/* ---- the command ---- */

struct inputs {
    struct classifier *model;
    struct policy *policy;
    struct rows rows;
    struct neighbours *neighbours;
};

static void inputs_done(struct inputs *self)
{
    classifier_free(self->model);
    policy_free(self->policy);
    rows_done(&self->rows);
    neighbours_free(self->neighbours);
}

static int find_row(struct options *options, const struct rows *rows, struct err *reterr)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (strcmp(rows->rows[i].id, options->id) == 0) {
            options->text = rows->rows[i].text;
            return 0;
        }
    }
    return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s has no row with id %s; ids are compared letter by letter",
                   options->data, options->id);
}

static int open_inputs(struct options *options, struct inputs *self, struct err *reterr)
{
    if (classifier_load(options->model, &self->model, reterr) < 0 ||
        (options->policy && policy_load(options->policy, &self->policy, reterr) < 0) ||
        (options->data && rows_read(&options->data, 1, NULL, &self->rows, reterr) < 0) ||
        (options->id && find_row(options, &self->rows, reterr) < 0))
        return -1;
    return 0;
}

/* The row that is being explained is not its own neighbour. */
static void look_around(const struct options *options, struct inputs *inputs, struct answer *answer)
{
    struct progress progress = progress_begin("explain", "rows", inputs->rows.n);

    inputs->neighbours = neighbours_new(inputs->model, &options->text, NEIGHBOURS_SHOWN);
    for (size_t i = 0; i < inputs->rows.n; i++) {
        const struct example *row = &inputs->rows.rows[i];
        if (row->label[0] && !(options->id && strcmp(row->id, options->id) == 0))
            neighbours_offer(inputs->neighbours, i, &row->text);
        progress_at(&progress, i);
    }
    answer->n_nearest = neighbours_nearest(inputs->neighbours, &answer->nearest);
    answer->rows = &inputs->rows;
}

int cmd_explain(int argc, char **argv)
{
    CLEANUP(options_done) struct options options = {0};
    CLEANUP(inputs_done) struct inputs inputs = {0};
    struct answer answer = {0};
    struct err err = {0};
    int code;

    if (parse(argc, argv, &options, &code) < 0)
        return code;
    if (open_inputs(&options, &inputs, &err) < 0)
        return cmd_fail("explain", &err);
    classifier_explain(inputs.model, &options.text, &answer.why);
    if (inputs.policy && decide(&options, inputs.model, inputs.policy, &answer, &err) < 0) {
        explanation_done(&answer.why);
        return cmd_fail("explain", &err);
    }
    classifier_flip_words(inputs.model, &options.text, &answer.words);
    if (options.data)
        look_around(&options, &inputs, &answer);
    if (options.json)
        print_json(&answer);
    else
        print_table(&answer);
    if (inputs.rows.n_bad)
        fprintf(stderr, "triaged explain: %zu lines were passed over, the first: %s\n", inputs.rows.n_bad,
                inputs.rows.first_bad);
    explanation_done(&answer.why);
    decision_clear(&answer.decision);
    return inputs.rows.n_bad ? EX_DATAERR : 0;
}
