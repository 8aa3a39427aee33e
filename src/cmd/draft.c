/* triaged draft: the whole chain on one ticket, step by step, for whoever tunes it: what is decided, what is retrieved,
 * what is asked, what is answered, and what of that stands in a source. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/asker.h"
#include "triage/claims.h"

#define NAME "draft"

enum { TOKENS_MAX = 20000, SHOWN_HITS = 5 };

struct options {
    const char *config, *ticket, *profile;
    bool no_model, json;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--ticket", "FILE", OPTION_TEXT, ticket,
               "a ticket.v1 document, or {\"subject\": ..., \"body\": ...}; - is standard input"),
    ROW_TEXT("--config", "FILE", config, "the configuration (default: $TRIAGED_CONFIG, else triaged.yaml)"),
    ROW_TEXT("--profile", "NAME", profile, "as this profile of the configuration has it, where it has several"),
    ROW_FLAG("--no-model", no_model, "ends before the model is called"),
    ROW_FLAG("--json", json, "one object instead of the steps"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about =
        "Runs one ticket through the chain as a worker of this configuration would, and shows each step: the decision, "
        "the articles found, the prompt, the model's answer, and sentence by sentence what its claims rest on.",
    OPTION_ROWS(option_rows),
    .example = "triaged draft --ticket ticket.json --no-model",
};

/* ---- the ticket ---- */

static int read_document(const char *path, cJSON **ret_doc, struct err *reterr)
{
    static const struct json_limits limits = {TICKET_BYTES_MAX, JSON_DEPTH_MAX, TOKENS_MAX};
    CLEANUP(mem_freep) char *bytes = mem_alloc(TICKET_BYTES_MAX + 1);
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    size_t len;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the ticket %s: %s", path, strerror(errno));
    len = fread(bytes, 1, TICKET_BYTES_MAX, in);
    if (in != stdin)
        fclose(in);
    if (json_parse(bytes, len, &limits, ret_doc, reterr) < 0)
        return err_context(reterr, "the ticket %s is not one JSON document", path);
    return 0;
}

static struct ticket ticket_of(const cJSON *doc)
{
    const struct classifier_text text = {
        .subject = json_str(doc, "subject", ""),
        .body = json_str(doc, "body_text", json_str(doc, "body", "")),
        .sender = json_str(json_get(doc, "requester"), "email", ""),
        .channel = json_str(doc, "channel", ""),
    };
    struct ticket ticket = asker_ticket(&text);

    ticket.language = json_str(doc, "language", "");
    ticket.requester.name = json_str(json_get(doc, "requester"), "name", "");
    return ticket;
}

/* ---- the steps ---- */

static cJSON *decision_json(const struct decision *decision)
{
    cJSON *doc = cJSON_CreateObject(), *reasons;

    cJSON_AddStringToObject(doc, "status", result_status_name(decision->status));
    cJSON_AddStringToObject(doc, "label", decision->label);
    cJSON_AddNumberToObject(doc, "confidence", decision->confidence);
    cJSON_AddStringToObject(doc, "language", decision->language);
    reasons = cJSON_AddArrayToObject(doc, "reasons");
    for (size_t i = 0; i < decision->n_reasons; i++)
        cJSON_AddItemToArray(reasons, cJSON_CreateString(reason_name(decision->reasons[i])));
    return doc;
}

static int add_retrieved(cJSON *doc, struct asker *asker, const struct ticket *ticket, const struct decision *decision,
                         struct err *reterr)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    CLEANUP(mem_freep) char *plain = ticket_plain_text(ticket);
    CLEANUP(buf_free) struct buf query = {0};
    cJSON *list = cJSON_AddArrayToObject(doc, "retrieved");
    size_t n = 0;

    buf_printf(&query, "%s\n%s", ticket->subject, plain);
    if (knowledge_search(asker->knowledge, buf_str(&query), decision->language, NULL, hits, SHOWN_HITS, &n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        cJSON *hit = cJSON_CreateObject();
        cJSON_AddStringToObject(hit, "id", hits[i].article->id);
        cJSON_AddStringToObject(hit, "title", hits[i].article->title);
        cJSON_AddStringToObject(hit, "kind", hits[i].article->kind);
        cJSON_AddNumberToObject(hit, "score", hits[i].score);
        cJSON_AddItemToArray(list, hit);
    }
    return 0;
}

static const char *verdict_of(const struct claim_sentence *sentence)
{
    if (!sentence->n_claims)
        return "no_claim";
    return sentence->supported ? "supported" : "unsupported";
}

static cJSON *claim_json(const char *text, const struct claim *claim)
{
    CLEANUP(mem_freep) char *words = mem_strndup(text + claim->start, claim->end - claim->start);
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "text", words);
    cJSON_AddStringToObject(item, "kind", claim_kind_name(claim->kind));
    cJSON_AddBoolToObject(item, "supported", claim->supported);
    return item;
}

static void add_verdicts(cJSON *doc, const char *text, const struct claim_report *report)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "sentences");

    for (size_t i = 0; i < report->n_sentences; i++) {
        const struct claim_sentence *sentence = &report->sentences[i];
        CLEANUP(mem_freep) char *span = mem_strndup(text + sentence->start, sentence->end - sentence->start);
        cJSON *one = cJSON_CreateObject(), *claims;
        cJSON_AddStringToObject(one, "text", span);
        cJSON_AddStringToObject(one, "verdict", verdict_of(sentence));
        claims = cJSON_AddArrayToObject(one, "claims");
        for (size_t k = 0; k < sentence->n_claims; k++)
            cJSON_AddItemToArray(claims, claim_json(text, &report->claims[sentence->first_claim + k]));
        cJSON_AddItemToArray(list, one);
    }
}

static void add_draft(cJSON *doc, struct asker *asker, const struct ticket *ticket, const struct draft *draft)
{
    CLEANUP(mem_freep) struct claim_report *report = mem_alloc(sizeof *report);
    cJSON *at = cJSON_AddObjectToObject(doc, "draft"), *citations;

    draft_claims(asker->knowledge, ticket, draft, report);
    cJSON_AddStringToObject(at, "text", draft->text);
    citations = cJSON_AddArrayToObject(at, "citations");
    for (size_t i = 0; i < draft->n_citations; i++)
        cJSON_AddItemToArray(citations, cJSON_CreateString(draft->citations[i]));
    cJSON_AddStringToObject(at, "macro_id", draft->macro_id);
    add_verdicts(at, draft->text, report);
    cJSON_AddStringToObject(doc, "outcome",
                            draft->unsupported ? "not sent: unsupported_claim" : "every claim has its source");
}

static int ask(cJSON *doc, struct asker *asker, const struct ticket *ticket, const struct draft_request *request,
               struct err *reterr)
{
    CLEANUP(decision_clear) struct decision heard = {0};
    struct model_answer answer = {0};
    struct err err = {0};
    cJSON *call;

    if (asker_call(asker, request->body, &answer, reterr) < 0)
        return -1;
    call = cJSON_AddObjectToObject(doc, "call");
    cJSON_AddNumberToObject(call, "seconds", (double)asker->called_us / 1e6);
    if (!answer.ok)
        cJSON_AddStringToObject(doc, "outcome", answer.err.text);
    else if (draft_parse(asker->knowledge, ticket, request, answer.body, answer.len, &heard.draft, &err) < 0)
        cJSON_AddStringToObject(doc, "outcome", err.text);
    if (heard.draft.text) {
        cJSON_AddNumberToObject(call, "tokens_in", (double)heard.draft.tokens_in);
        cJSON_AddNumberToObject(call, "tokens_cached", (double)heard.draft.tokens_cached);
        cJSON_AddNumberToObject(call, "tokens_out", (double)heard.draft.tokens_out);
        add_draft(doc, asker, ticket, &heard.draft);
    }
    model_answer_free(&answer);
    return 0;
}

static struct draft_settings settings_of(const struct asker *asker)
{
    return (struct draft_settings){.model_name = asker->config->model.name,
                                   .max_tokens = asker->config->model.max_tokens,
                                   .label_opinion = asker->config->model.label_opinion,
                                   .pii = asker->pii,
                                   .commitments = policy_commitments(asker->policy),
                                   .retrieval_least = DRAFT_RETRIEVAL_LEAST,
                                   .nonce = 1};
}

static int add_answer(cJSON *doc, const struct options *options, struct asker *asker, const struct ticket *ticket,
                      const struct decision *decision, struct err *reterr)
{
    const struct draft_settings settings = settings_of(asker);
    CLEANUP(draft_request_free) struct draft_request request = {0};
    CLEANUP(json_done) cJSON *body = NULL;
    int made = draft_prompt(asker->knowledge, ticket, decision, &settings, &request, reterr);

    if (made < 0)
        return -1;
    cJSON_AddItemToObject(doc, "context", cJSON_Parse(request.context));
    if (made == 0) {
        cJSON_AddStringToObject(doc, "outcome", "no draft: retrieval_weak");
        return 0;
    }
    body = cJSON_Parse(request.body);
    cJSON_AddItemToObject(doc, "prompt", cJSON_Duplicate(json_get(body, "messages"), true));
    return options->no_model ? 0 : ask(doc, asker, ticket, &request, reterr);
}

/* A macro that fits is the draft; else the model is asked. */
static int add_steps(cJSON *doc, const struct options *options, struct asker *asker, const struct ticket *ticket,
                     struct decision *decision, struct err *reterr)
{
    const struct draft_settings settings = settings_of(asker);
    struct err err = {0};

    cJSON_AddItemToObject(doc, "decision", decision_json(decision));
    if (add_retrieved(doc, asker, ticket, decision, reterr) < 0)
        return -1;
    if (!*decision->draft.macro_id && !decision->wants_draft) {
        cJSON_AddStringToObject(doc, "outcome", "no draft: this decision has none");
        return 0;
    }
    if ((!*decision->draft.macro_id ||
         draft_macro(asker->knowledge, decision->draft.macro_id, ticket, &decision->draft, &err) < 0) &&
        draft_fitting_macro(asker->knowledge, ticket, decision, &settings, &decision->draft, &err) != 1)
        return add_answer(doc, options, asker, ticket, decision, reterr);
    add_draft(doc, asker, ticket, &decision->draft);
    return 0;
}

/* ---- for a person ---- */

static void print_decision(const cJSON *decision)
{
    const cJSON *reason;

    printf("Decision\n  %s as %s (%.2f), language %s:", json_str(decision, "status", ""),
           json_str(decision, "label", ""), json_num(decision, "confidence", 0), json_str(decision, "language", ""));
    cJSON_ArrayForEach(reason, json_get(decision, "reasons")) printf(" %s", reason->valuestring);
    putchar('\n');
}

static void print_retrieved(const cJSON *list)
{
    const cJSON *hit;

    puts("\nRetrieved");
    cJSON_ArrayForEach(hit, list)
        printf("  %7.2f  %-28s %s\n", json_num(hit, "score", 0), json_str(hit, "id", ""), json_str(hit, "title", ""));
}

static void print_context(const cJSON *context)
{
    const cJSON *one;

    puts("\nContext");
    cJSON_ArrayForEach(one, json_get(context, "articles"))
        printf("  shown     %s, characters %.0f to %.0f\n", json_str(one, "id", ""),
               json_num(json_get(one, "chunk"), "start", 0), json_num(json_get(one, "chunk"), "end", 0));
    cJSON_ArrayForEach(one, json_get(context, "left_out"))
        printf("  left out  %s: %s\n", json_str(one, "id", json_str(one, "field", "")), json_str(one, "reason", ""));
}

static void print_draft(const cJSON *draft)
{
    const cJSON *sentence, *claim, *cited;

    printf("\nDraft%s%s, cites", *json_str(draft, "macro_id", "") ? ", macro " : "", json_str(draft, "macro_id", ""));
    cJSON_ArrayForEach(cited, json_get(draft, "citations")) printf(" %s", cited->valuestring);
    putchar('\n');
    cJSON_ArrayForEach(sentence, json_get(draft, "sentences"))
    {
        printf("  [%s] %s\n", json_str(sentence, "verdict", ""), json_str(sentence, "text", ""));
        cJSON_ArrayForEach(claim, json_get(sentence, "claims"))
            printf("      %-11s %-10s %s\n", json_bool(claim, "supported", false) ? "stands" : "NO SOURCE",
                   json_str(claim, "kind", ""), json_str(claim, "text", ""));
    }
}

static void print_steps(const cJSON *doc)
{
    const cJSON *message, *call = json_get(doc, "call");

    print_decision(json_get(doc, "decision"));
    print_retrieved(json_get(doc, "retrieved"));
    if (json_get(doc, "context"))
        print_context(json_get(doc, "context"));
    cJSON_ArrayForEach(message, json_get(doc, "prompt"))
        printf("\nPrompt, %s\n%s", json_str(message, "role", ""), json_str(message, "content", ""));
    if (call)
        printf("\nCall\n  %.1f s, %.0f tokens in (%.0f cached), %.0f out\n", json_num(call, "seconds", 0),
               json_num(call, "tokens_in", 0), json_num(call, "tokens_cached", 0), json_num(call, "tokens_out", 0));
    if (json_get(doc, "draft"))
        print_draft(json_get(doc, "draft"));
    if (json_get(doc, "outcome"))
        printf("\nOutcome\n  %s\n", json_str(doc, "outcome", ""));
}

/* ---- the command ---- */

static int show(const struct options *options, struct asker *asker, const cJSON *in, struct err *reterr)
{
    const struct ticket ticket = ticket_of(in);
    CLEANUP(decision_clear) struct decision decision = {0};
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    decider_decide(asker->decider, &ticket, &decision);
    if (add_steps(doc, options, asker, &ticket, &decision, reterr) < 0)
        return -1;
    if (options->json)
        jsonl_print(doc);
    else
        print_steps(doc);
    return 0;
}

int cmd_draft(int argc, char **argv)
{
    struct options options = {.config = getenv("TRIAGED_CONFIG")};
    CLEANUP(asker_done) struct asker asker = ASKER_CLOSED;
    CLEANUP(json_done) cJSON *in = NULL;
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (!options.config)
        options.config = "triaged.yaml";
    asker.profile = options.profile;
    if (read_document(options.ticket, &in, &err) < 0 ||
        asker_open(options.config, NULL, !options.no_model, &asker, &err) < 0 || show(&options, &asker, in, &err) < 0)
        return cmd_fail(NAME, &err);
    return 0;
}
