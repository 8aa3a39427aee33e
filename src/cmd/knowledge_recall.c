/* triaged knowledge recall: which answers went out that rest on an article, and on which version of it: for whoever has
 * to write to those customers again. What still waits for a person is checked again by the worker. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/article_topic.h"
#include "evaluation/results_read.h"
#include "triage/knowledge.h"

#define NAME "knowledge recall"

enum { HASH_SHOWN = 12 };

struct options {
    struct cmd_common common;
    const char *article, *since;
    bool all, json;
};

struct recalling {
    const struct options *options;
    const char *now; /* hash of the version in force; NULL: there is none */
    size_t found;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--article", "ID", OPTION_TEXT, article, "which article"),
    ROW_TEXT("--since", "TIME", since,
             "only what was decided at this time or later, as 2026-11-24 or 2026-11-24T09:30"),
    ROW_FLAG("--all", all, "also those that cite the version in force"),
    ROW_FLAG("--json", json, "a JSON object a line, with the text that went out"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Lists the answers that went out (answered, suggested, or reviewed by a person) and cite an article in "
             "another version than the one in force, from the topic of results, oldest first in each partition: when, "
             "status, key, revision, version. An article that is gone is in no version.",
    OPTION_ROWS(option_rows),
    OPTION_PROFILED,
    .example = "triaged knowledge recall --article refunds --since 2026-11-24",
};

/* ---- the version in force ---- */

static int base_in_force(const struct config *config, struct knowledge_base **ret_base, struct err *reterr)
{
    if (*config->kafka.topic_knowledge)
        return article_topic_base(&config->kafka, ret_base, reterr);
    if (*config->triage.knowledge_dir)
        return knowledge_base_read(config->triage.knowledge_dir, ret_base, reterr);
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "set kafka.topics.knowledge or triage.knowledge_dir");
}

/* ---- results ---- */

static bool went_out(const char *status)
{
    return strcmp(status, "answered") == 0 || strcmp(status, "suggested") == 0 || strcmp(status, "reviewed") == 0;
}

/* The version that the result cites; NULL: it does not cite the article. */
static const char *cited_version(const cJSON *result, const char *article)
{
    const cJSON *one;
    bool cited = false;

    cJSON_ArrayForEach(one, json_get(json_get(result, "draft"), "citations")) cited |=
        cJSON_IsString(one) && strcmp(one->valuestring, article) == 0;
    if (!cited)
        return NULL;
    cJSON_ArrayForEach(one, json_get(json_get(result, "context"), "articles"))
    {
        if (strcmp(json_str(one, "id", ""), article) == 0)
            return json_str(one, "hash", "");
    }
    return "";
}

/* What a person wrote went out instead of the draft. */
static const char *text_of(const cJSON *result)
{
    return json_str(json_get(result, "review"), "final_text", json_str(json_get(result, "draft"), "text", ""));
}

static void print_json(const cJSON *result, const char *version)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddStringToObject(doc, "decided_at", json_str(result, "decided_at", ""));
    cJSON_AddStringToObject(doc, "status", json_str(result, "status", ""));
    cJSON_AddStringToObject(doc, "key", json_str(result, "key", ""));
    cJSON_AddNumberToObject(doc, "revision", json_num(result, "revision", 0));
    cJSON_AddStringToObject(doc, "id", json_str(result, "id", ""));
    cJSON_AddStringToObject(doc, "version", version);
    cJSON_AddStringToObject(doc, "text", text_of(result));
    jsonl_print(doc);
}

static void take(void *opaque, const cJSON *result)
{
    struct recalling *self = opaque;
    const char *version = cited_version(result, self->options->article);
    const char *at = json_str(result, "decided_at", "");

    if (!version || !went_out(json_str(result, "status", "")) ||
        (self->options->since && strcmp(at, self->options->since) < 0) ||
        (!self->options->all && self->now && strcmp(version, self->now) == 0))
        return;
    self->found++;
    if (self->options->json)
        print_json(result, version);
    else
        printf("%-24s %-9s %s@%.0f %.*s\n", at, json_str(result, "status", ""), json_str(result, "key", ""),
               json_num(result, "revision", 0), HASH_SHOWN, version);
}

static int recall(const struct options *options, const struct config *config, struct err *reterr)
{
    struct recalling self = {.options = options};
    const struct results_source source = {.config = config};
    struct knowledge_base *base = NULL;
    const struct article *article;
    int rc;

    if (base_in_force(config, &base, reterr) < 0)
        return -1;
    article = knowledge_base_find(base, options->article);
    self.now = article ? article->hash : NULL;
    rc = results_each(&source, take, &self, reterr);
    if (rc == 0)
        fprintf(stderr, "%zu answers went out that cite %s%s; in force: %.*s\n", self.found, options->article,
                options->all ? "" : " in another version", HASH_SHOWN, self.now ? self.now : "none");
    knowledge_base_unref(base);
    return rc;
}

int cmd_knowledge_recall(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int code;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &code))
        return code;
    code = recall(&options, config, &err) < 0 ? cmd_fail(NAME, &err) : 0;
    config_free(config);
    return code;
}
