/* triaged explain: which words and letters made a label, to the last decimal. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "decide/explain.h"

#define FEATURES_SHOWN 15

struct options {
    const char *model;
    struct classifier_text text;
    bool json;
};

static int help(void)
{
    puts("usage: triaged explain --model MODEL --text TEXT [--subject S] [--sender S] [--channel C] [--json]\n\n"
         "Shows the best label and the next one, and what each n-gram contributed to both scores. The contributions and\n"
         "the bias add up to the score; --json lists all of them.");
    return 0;
}

static int parse(int argc, char **argv, struct options *self)
{
    const struct {
        const char *name, **to;
    } table[] = {
        {"--model", &self->model},       {"--text", &self->text.body},       {"--subject", &self->text.subject},
        {"--sender", &self->text.sender}, {"--channel", &self->text.channel},
    };

    *self = (struct options){.text = {.subject = "", .body = NULL, .sender = "", .channel = ""}};
    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        if (strcmp(argv[i], "--json") == 0) {
            self->json = true;
            continue;
        }
        while (k < ARRAY_LEN(table) && strcmp(argv[i], table[k].name) != 0)
            k++;
        if (k == ARRAY_LEN(table))
            return cmd_misuse("explain", argv[i]);
        if (i + 1 >= argc)
            return cmd_needs_value("explain", argv[i]);
        *table[k].to = argv[++i];
    }
    if (self->model && self->text.body)
        return 0;
    fputs("triaged explain: --model and --text are needed; try 'triaged explain --help'\n", stderr);
    return EX_USAGE;
}

static void print_table(const struct explanation *self)
{
    size_t shown = self->n < FEATURES_SHOWN ? self->n : FEATURES_SHOWN;
    double rest[2] = {0};

    printf("%s  probability %.4f  score %.6f\n%s  probability %.4f  score %.6f\nscope score %.4f (%s)\n\n",
           self->label[0], self->probability[0], self->score[0], self->label[1], self->probability[1], self->score[1],
           self->scope_score, self->in_scope ? "in scope" : "out of scope");
    printf("%12s %12s %12s  %s\n", "difference", "best", "next", "n-gram");
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
    if (self->n_flip)
        printf("\nWithout the first %zu n-grams the label would be %s.\n", self->n_flip, self->label[1]);
}

static void print_json(const struct explanation *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(mem_freep) char *text = NULL;
    cJSON *labels = cJSON_AddArrayToObject(doc, "labels"), *list;

    for (int k = 0; k < 2; k++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "label", self->label[k]);
        cJSON_AddNumberToObject(item, "confidence", self->probability[k]);
        cJSON_AddNumberToObject(item, "score", self->score[k]);
        cJSON_AddNumberToObject(item, "bias", self->bias[k]);
        cJSON_AddItemToArray(labels, item);
    }
    cJSON_AddNumberToObject(doc, "scope_score", self->scope_score);
    cJSON_AddBoolToObject(doc, "in_scope", self->in_scope);
    cJSON_AddNumberToObject(doc, "n_flip", (double)self->n_flip);
    list = cJSON_AddArrayToObject(doc, "contributions");
    for (size_t i = 0; i < self->n; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "ngram", self->contributions[i].ngram);
        cJSON_AddStringToObject(item, "block", feature_block_name(self->contributions[i].block));
        cJSON_AddNumberToObject(item, "best", self->contributions[i].to[0]);
        cJSON_AddNumberToObject(item, "next", self->contributions[i].to[1]);
        cJSON_AddItemToArray(list, item);
    }
    text = json_text(doc);
    puts(text);
}

int cmd_explain(int argc, char **argv)
{
    struct options options;
    struct classifier *model = NULL;
    struct explanation explanation;
    struct err err = {0};
    int code;

    if (cmd_wants_help(argc, argv))
        return help();
    code = parse(argc, argv, &options);
    if (code)
        return code;
    if (classifier_load(options.model, &model, &err) < 0)
        return cmd_fail("explain", &err);
    classifier_explain(model, &options.text, &explanation);
    if (options.json)
        print_json(&explanation);
    else
        print_table(&explanation);
    explanation_done(&explanation);
    classifier_free(model);
    return 0;
}
