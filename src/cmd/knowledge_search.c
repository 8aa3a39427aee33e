/* triaged knowledge search: ranks articles for a question, or for a file of questions; where the file says which
 * articles are right, it also says how often they were found. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "triage/encoder.h"
#include "triage/knowledge.h"

#define NAME "knowledge search"

enum { TOP_FEW = 3 };

struct options {
    const char *dir, *queries, *language, *kind, *encoder;
    struct option_words words; /* QUESTION */
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--dir", "DIR", OPTION_TEXT, dir,
               "Markdown files with front matter, or JSON Lines rows {id, title, body}"),
    ROW_TEXT("--queries", "FILE", queries,
             "instead of a question: rows {id, query}, also with language; - is standard input. Each is answered by "
             "{id, hits: [{id, score}]}, at most ten hits, best first, higher is better"),
    ROW_TEXT("--language", "en|de", language, "of the question"),
    ROW_TEXT("--kind", "article|macro", kind, "only these"),
    ROW_TEXT("--encoder", "DIR", encoder,
             "English questions are ranked by meaning, too; where deploy/lib/encoder.sh put it"),
    ROW_FLAG("--json", json, "as JSON"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    OPTION_WORDS("[QUESTION]", 0, 1),
    .about =
        "Ranks articles for a question, or for a file of questions. Where its rows have relevant: [ids], the last line "
        "on standard error says how often the right article came first, and how often it was among the first three.",
    OPTION_ROWS(option_rows),
    .example = "triaged knowledge search --dir articles 'How do I get my money back?'",
};

/* ---- answers ---- */

static void print_json(const cJSON *id, const struct knowledge_hit *hits, size_t n)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *list;

    if (id)
        cJSON_AddItemToObject(doc, "id", cJSON_Duplicate(id, true));
    list = cJSON_AddArrayToObject(doc, "hits");
    for (size_t i = 0; i < n; i++) {
        cJSON *hit = cJSON_CreateObject();
        cJSON_AddStringToObject(hit, "id", hits[i].article->id);
        cJSON_AddNumberToObject(hit, "score", hits[i].score);
        cJSON_AddItemToArray(list, hit);
    }
    jsonl_print(doc);
}

static void print_table(const struct knowledge_hit *hits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%8.2f  %-8s %-3s %-36s %s\n", hits[i].score, hits[i].article->kind, hits[i].article->language,
               hits[i].article->id, hits[i].article->title);
    if (n == 0)
        puts("nothing found");
}

/* ---- measuring ---- */

struct measure {
    size_t queries, first, few;
};

static bool is_relevant(const cJSON *relevant, const char *id)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, relevant)
    {
        if (cJSON_IsString(one) && strcmp(one->valuestring, id) == 0)
            return true;
    }
    return false;
}

static void measure(struct measure *self, const cJSON *relevant, const struct knowledge_hit *hits, size_t n)
{
    bool few = false;

    if (!cJSON_IsArray(relevant))
        return;
    self->queries++;
    self->first += n > 0 && is_relevant(relevant, hits[0].article->id);
    for (size_t i = 0; i < n && i < TOP_FEW; i++)
        few |= is_relevant(relevant, hits[i].article->id);
    self->few += few;
}

static void print_measure(const struct measure *self)
{
    if (self->queries)
        fprintf(stderr, "right article first: %.3f, among the first three: %.3f (%zu questions)\n",
                (double)self->first / (double)self->queries, (double)self->few / (double)self->queries, self->queries);
}

/* ---- running ---- */

static int answer_row(struct knowledge *knowledge, const struct options *options, const cJSON *row,
                      struct measure *measured, struct err *reterr)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    const char *query = json_str(row, "query", NULL);
    const char *language = json_str(row, "language", options->language ? options->language : "");
    size_t n;

    if (!query)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the row has no query");
    if (knowledge_search(knowledge, query, language, options->kind, hits, KNOWLEDGE_HITS_MAX, &n, reterr) < 0)
        return -1;
    measure(measured, json_get(row, "relevant"), hits, n);
    if (options->json)
        print_json(json_get(row, "id"), hits, n);
    else {
        printf("%s\n", query);
        print_table(hits, n);
    }
    return 0;
}

static int answer_file(struct knowledge *knowledge, const struct options *options)
{
    FILE *in = strcmp(options->queries, "-") == 0 ? stdin : fopen(options->queries, "re");
    struct jsonl *rows;
    struct measure measured = {0};
    const cJSON *row;
    struct err err = {0};
    int got, code = 0;

    if (!in) {
        err_set(&err, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", options->queries, strerror(errno));
        return cmd_fail(NAME, &err);
    }
    rows = jsonl_new(in);
    while ((got = jsonl_next(rows, &row, &err)) != 0) {
        if (got > 0 && answer_row(knowledge, options, row, &measured, &err) == 0)
            continue;
        jsonl_print_bad(jsonl_line(rows), &err);
        code = EX_DATAERR;
    }
    jsonl_free(rows);
    if (in != stdin)
        fclose(in);
    print_measure(&measured);
    return code;
}

static int answer_question(struct knowledge *knowledge, const struct options *options)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    struct err err = {0};
    size_t n;

    if (knowledge_search(knowledge, options->words.at[0], options->language ? options->language : "", options->kind,
                         hits, KNOWLEDGE_HITS_MAX, &n, &err) < 0)
        return cmd_fail(NAME, &err);
    if (options->json)
        print_json(NULL, hits, n);
    else
        print_table(hits, n);
    return 0;
}

static int answer(struct knowledge *knowledge, const struct options *options)
{
    struct encoder *encoder = NULL;
    struct err err = {0};
    int code = 0;

    if (options->encoder && (encoder_open(options->encoder, ENCODER_TOKENS_MAX, 0, &encoder, &err) < 0 ||
                             knowledge_attach(knowledge, encoder, &err) < 0))
        code = cmd_fail(NAME, &err);
    else
        code = options->queries ? answer_file(knowledge, options) : answer_question(knowledge, options);
    encoder_close(encoder);
    return code;
}

int cmd_knowledge_search(int argc, char **argv)
{
    struct options options = {0};
    struct knowledge *knowledge = NULL;
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (!options.words.n == !options.queries) {
        fputs("triaged knowledge search: give either a question or --queries; try --help\n", stderr);
        return EX_USAGE;
    }
    if (knowledge_load(options.dir, &knowledge, &err) < 0)
        return cmd_fail(NAME, &err);
    code = answer(knowledge, &options);
    knowledge_free(knowledge);
    if (fflush(stdout) != 0)
        return EX_IOERR;
    return code;
}
