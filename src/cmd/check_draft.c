/* triaged check-draft: a filter over drafts; each is answered by a verdict, sentence by sentence. */
#include <stdio.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "triage/claims.h"
#include "triage/knowledge.h"

#define NAME "check-draft"

struct options {
    const char *knowledge;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--knowledge", "DIR", OPTION_TEXT, knowledge, "the articles that drafts cite"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .streams = "< IN.jsonl > OUT.jsonl",
    .about = "Each row {id, ticket: {subject, body}, draft, citations: [article ids]} is answered by {id, verdict, "
             "sentences}. verdict is supported or unsupported; a sentence has {text, verdict, kind, span, source, "
             "claims} where verdict may also be no_claim, kind and span are those of its first unsupported claim (else "
             "of its first), and source is {id, start, end}: an article's id, ticket.subject or ticket.body. Spans are "
             "code points, half-open. A line that is no row is answered by {line, error} and makes the exit code 65.",
    OPTION_ROWS(option_rows),
    .example = "triaged check-draft --knowledge articles < drafts.jsonl > verdicts.jsonl",
};

/* ---- the row ---- */

/* What a draft may rest on, with the names that the answer uses. */
struct grounds {
    struct claim_text texts[CLAIM_TEXTS_MAX];
    const char *names[CLAIM_TEXTS_MAX];
    size_t n;
};

static void add_ground(struct grounds *self, const char *name, const char *text, bool ticket)
{
    if (self->n == CLAIM_TEXTS_MAX || !*text)
        return;
    self->names[self->n] = name;
    self->texts[self->n++] = (struct claim_text){text, ticket};
}

static void take_grounds(struct grounds *self, const cJSON *row, const struct knowledge *knowledge)
{
    const cJSON *ticket = json_get(row, "ticket"), *cited;
    const char *body = json_str(ticket, "body", NULL);

    add_ground(self, "ticket.subject", json_str(ticket, "subject", ""), true);
    add_ground(self, "ticket.body", body ? body : json_str(ticket, "body_text", ""), true);
    cJSON_ArrayForEach(cited, json_get(row, "citations"))
    {
        const struct article *article = cJSON_IsString(cited) ? knowledge_find(knowledge, cited->valuestring) : NULL;
        if (!article)
            continue;
        add_ground(self, article->id, article->body, false);
        add_ground(self, article->id, article->title, false);
    }
}

/* ---- the answer ---- */

static void add_span(cJSON *object, const char *text, size_t start, size_t end)
{
    cJSON *span = cJSON_AddArrayToObject(object, "span");

    cJSON_AddItemToArray(span, cJSON_CreateNumber((double)utf8_count(text, start)));
    cJSON_AddItemToArray(span, cJSON_CreateNumber((double)utf8_count(text, end)));
}

static void add_source(cJSON *object, const struct claim *claim, const struct grounds *grounds)
{
    const char *text;
    cJSON *source;

    if (!claim || !claim->supported) {
        cJSON_AddNullToObject(object, "source");
        return;
    }
    text = grounds->texts[claim->source].text;
    source = cJSON_AddObjectToObject(object, "source");
    cJSON_AddStringToObject(source, "id", grounds->names[claim->source]);
    cJSON_AddNumberToObject(source, "start", (double)utf8_count(text, claim->source_start));
    cJSON_AddNumberToObject(source, "end", (double)utf8_count(text, claim->source_end));
}

static void add_text(cJSON *object, const char *text, size_t start, size_t end)
{
    CLEANUP(mem_freep) char *span = mem_strndup(text + start, end - start);

    cJSON_AddStringToObject(object, "text", span);
}

static void add_claims(cJSON *object, const char *draft, const struct claim_sentence *sentence,
                       const struct claim_report *report, const struct grounds *grounds)
{
    cJSON *list = cJSON_AddArrayToObject(object, "claims");

    for (size_t i = 0; i < sentence->n_claims; i++) {
        const struct claim *claim = &report->claims[sentence->first_claim + i];
        cJSON *one = cJSON_CreateObject();
        add_text(one, draft, claim->start, claim->end);
        cJSON_AddStringToObject(one, "verdict", claim->supported ? "supported" : "unsupported");
        cJSON_AddStringToObject(one, "kind", claim_kind_name(claim->kind));
        add_span(one, draft, claim->start, claim->end);
        add_source(one, claim, grounds);
        cJSON_AddItemToArray(list, one);
    }
}

/* The claim that stands for a sentence: the first without support, else the first. */
static const struct claim *leading_claim(const struct claim_sentence *sentence, const struct claim_report *report)
{
    for (size_t i = 0; i < sentence->n_claims; i++) {
        if (!report->claims[sentence->first_claim + i].supported)
            return &report->claims[sentence->first_claim + i];
    }
    return sentence->n_claims ? &report->claims[sentence->first_claim] : NULL;
}

static cJSON *sentence_json(const char *draft, const struct claim_sentence *sentence, const struct claim_report *report,
                            const struct grounds *grounds)
{
    const struct claim *claim = leading_claim(sentence, report);
    cJSON *object = cJSON_CreateObject();

    add_text(object, draft, sentence->start, sentence->end);
    cJSON_AddStringToObject(object, "verdict", !claim ? "no_claim" : sentence->supported ? "supported" : "unsupported");
    if (claim)
        cJSON_AddStringToObject(object, "kind", claim_kind_name(claim->kind));
    else
        cJSON_AddNullToObject(object, "kind");
    add_span(object, draft, claim ? claim->start : sentence->start, claim ? claim->end : sentence->end);
    add_source(object, claim, grounds);
    add_claims(object, draft, sentence, report, grounds);
    return object;
}

static int answer(const cJSON *row, const struct knowledge *knowledge, struct err *reterr)
{
    CLEANUP(mem_freep) struct claim_report *report = mem_alloc(sizeof *report);
    CLEANUP(json_done) cJSON *doc = NULL;
    const char *draft = json_str(row, "draft", NULL);
    struct grounds grounds = {0};
    cJSON *sentences;

    if (!draft)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the row has no draft");
    take_grounds(&grounds, row, knowledge);
    claims_check(draft, grounds.texts, grounds.n, report);
    doc = cJSON_CreateObject();
    if (json_get(row, "id"))
        cJSON_AddItemToObject(doc, "id", cJSON_Duplicate(json_get(row, "id"), true));
    cJSON_AddStringToObject(doc, "verdict", report->supported ? "supported" : "unsupported");
    sentences = cJSON_AddArrayToObject(doc, "sentences");
    for (size_t i = 0; i < report->n_sentences; i++)
        cJSON_AddItemToArray(sentences, sentence_json(draft, &report->sentences[i], report, &grounds));
    jsonl_print(doc);
    return 0;
}

static int filter(const struct knowledge *knowledge)
{
    struct jsonl *rows = jsonl_new(stdin);
    struct err err = {0};
    const cJSON *row;
    int got, code = 0;

    while ((got = jsonl_next(rows, &row, &err)) != 0) {
        if (got > 0 && answer(row, knowledge, &err) == 0)
            continue;
        jsonl_print_bad(jsonl_line(rows), &err);
        code = EX_DATAERR;
    }
    jsonl_free(rows);
    return fflush(stdout) == 0 ? code : EX_IOERR;
}

int cmd_check_draft(int argc, char **argv)
{
    struct knowledge *knowledge = NULL;
    struct options options = {0};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (knowledge_load(options.knowledge, &knowledge, &err) < 0)
        return cmd_fail(NAME, &err);
    code = filter(knowledge);
    knowledge_free(knowledge);
    return code;
}
