/* What a model answered: nothing of it is believed before it was checked. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "decide/addressed.h"
#include "draft/plain.h"
#include "triage/claims.h"
#include "triage/draft.h"
#include "triage/pii.h"

enum { ANSWER_BYTES_MAX = 262144, ANSWER_TOKENS_MAX = 20000, TICKET_TEXTS = 2 };

static const struct json_limits answer_limits = {ANSWER_BYTES_MAX, JSON_DEPTH_MAX, ANSWER_TOKENS_MAX};

static int invalid(struct err *reterr, const char *why)
{
    err_reason(reterr, ERR_PERMANENT, "model_invalid", "the model's answer is not usable: %s", why);
    return -1;
}

/* ---- the envelope ---- */

struct reply {
    const char *content; /* borrowed from the document */
    bool cut;            /* the length ended it */
};

static int read_choice(const cJSON *doc, struct reply *ret_reply, struct err *reterr)
{
    const cJSON *choice = cJSON_GetArrayItem(json_get(doc, "choices"), 0);
    const char *finish = json_str(choice, "finish_reason", "");
    struct reply reply = {json_str(json_get(choice, "message"), "content", NULL), strcmp(finish, "length") == 0};

    if (!reply.content)
        return invalid(reterr, "no content");
    if (!reply.cut && strcmp(finish, "stop") != 0)
        return invalid(reterr, "it did not finish");
    *ret_reply = reply;
    return 0;
}

static int64_t tokens(const cJSON *usage, const char *name)
{
    int64_t n = 0;

    return json_int64(usage, name, &n) == 0 && n > 0 ? n : 0;
}

static void read_usage(const cJSON *doc, struct draft *draft)
{
    const cJSON *usage = json_get(doc, "usage");

    draft->tokens_in = tokens(usage, "prompt_tokens");
    draft->tokens_out = tokens(usage, "completion_tokens");
    draft->tokens_cached = tokens(json_get(usage, "prompt_tokens_details"), "cached_tokens");
}

/* ---- the JSON within ---- */

/* Closes a document that the length cut inside its answer: the prompt asks for the citations first. Nothing is written
 * when it was cut elsewhere. */
static void close_cut(const char *json, struct buf *out)
{
    const char *answer = strstr(json, "\"answer\"");
    size_t len;

    if (!answer)
        return;
    answer += strlen("\"answer\"");
    answer += strspn(answer, " \n:");
    if (*answer != '"')
        return;
    len = strlen(json);
    for (const char *at = answer + 1; *at; at++) {
        if (*at == '"')
            return; /* it ends in something else */
        if (*at == '\\') {
            size_t escape = at[1] == 'u' ? 6 : 2;
            if (strlen(at) < escape) {
                len = (size_t)(at - json);
                break;
            }
            at += escape - 1;
        }
    }
    buf_add(out, json, len);
    buf_puts(out, "\"}");
}

/* Some servers wrap JSON into a code fence, whatever the schema says. */
static cJSON *parse_content(const struct reply *reply)
{
    const char *open = strchr(reply->content, '{'), *close = strrchr(reply->content, '}');
    CLEANUP(buf_free) struct buf closed = {0};
    cJSON *doc = NULL;
    struct err err;

    if (!open)
        return NULL;
    if (close > open && json_parse(open, (size_t)(close - open) + 1, &answer_limits, &doc, &err) == 0)
        return doc;
    if (reply->cut)
        close_cut(open, &closed);
    if (closed.len && json_parse(closed.data, closed.len, &answer_limits, &doc, &err) == 0)
        return doc;
    return NULL;
}

/* ---- the text ---- */

static int take_text(const char *answer, bool cut, const char *nonce, struct draft *draft, struct err *reterr)
{
    CLEANUP(buf_free) struct buf text = {0};
    size_t len;

    plain_text(answer, &text);
    len = text.len > DRAFT_TEXT_MAX ? DRAFT_TEXT_MAX : text.len;
    if (cut || len < text.len)
        len = plain_last_sentence(buf_str(&text), len);
    if (len == 0)
        return invalid(reterr, cut ? "it was cut off before its first sentence ended" : "it is empty");
    text.data[len] = '\0';
    if (plain_repeats(text.data))
        return invalid(reterr, "it repeats itself");
    if ((*nonce && strstr(text.data, nonce)) || strstr(text.data, "<<<message"))
        return invalid(reterr, "it repeats its prompt");
    draft->text = mem_strndup(text.data, len);
    return 0;
}

static void take_citations(const cJSON *list, const struct draft_request *request, struct draft *draft)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, list)
    {
        for (size_t i = 0; i < request->n_sources && draft->n_citations < CITATIONS_MAX; i++) {
            bool known = cJSON_IsString(one) && strcmp(one->valuestring, request->sources[i]) == 0;
            bool twice = false;
            for (size_t j = 0; j < draft->n_citations; j++)
                twice |= strcmp(draft->citations[j], request->sources[i]) == 0;
            if (known && !twice)
                snprintf(draft->citations[draft->n_citations++], ARTICLE_ID_MAX, "%s", request->sources[i]);
        }
    }
}

static int take_reply(const struct reply *reply, const struct draft_request *request, struct draft *draft,
                      struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = parse_content(reply);
    const char *answer = json_str(doc, "answer", NULL);

    if (!doc)
        return invalid(reterr, reply->cut ? "it was cut off" : "it is not the JSON that was asked for");
    if (!answer)
        return invalid(reterr, "it has no answer");
    if (take_text(answer, reply->cut, request->nonce, draft, reterr) < 0)
        return -1;
    if (request->asks_label)
        strncat(draft->opinion, json_str(doc, "label", DRAFT_OPINION_OTHER), sizeof draft->opinion - 1);
    take_citations(json_get(doc, "citations"), request, draft);
    return 0;
}

/* ---- claims ---- */

static const char link_taken_out[] = "[link removed]";

static void add_unsupported(cJSON *list, const char *text, const char *kind, size_t start, size_t end)
{
    CLEANUP(mem_freep) char *span = mem_strndup(text + start, end - start);
    cJSON *claim = cJSON_CreateObject();

    cJSON_AddStringToObject(claim, "text", span);
    cJSON_AddStringToObject(claim, "kind", kind);
    cJSON_AddNumberToObject(claim, "start", (double)utf8_count(text, start));
    cJSON_AddNumberToObject(claim, "end", (double)utf8_count(text, end));
    cJSON_AddItemToArray(list, claim);
}

/* A link, a mail address or a phone number that only the ticket has supports nothing that we would send, unless the
 * address is the sender's own: whoever wrote the ticket chose it. */
static bool holds(const char *text, const struct ticket *ticket, const struct claim *claim)
{
    const char *own = ticket->requester.email;
    size_t len = claim->end - claim->start;

    if (!claim->supported || claim->source >= TICKET_TEXTS)
        return claim->supported;
    if (claim->kind == CLAIM_EMAIL)
        return strlen(own) == len && strncasecmp(text + claim->start, own, len) == 0;
    return claim->kind != CLAIM_LINK && claim->kind != CLAIM_PHONE;
}

static char *unsupported_json(const char *text, const struct ticket *ticket, const struct claim_report *report)
{
    CLEANUP(json_done) cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < report->n_claims; i++) {
        const struct claim *claim = &report->claims[i];
        if (!holds(text, ticket, claim))
            add_unsupported(list, text, claim_kind_name(claim->kind), claim->start, claim->end);
    }
    for (const char *at = text; (at = strstr(at, link_taken_out)) != NULL; at += sizeof link_taken_out - 1)
        add_unsupported(list, text, claim_kind_name(CLAIM_LINK), (size_t)(at - text),
                        (size_t)(at - text) + sizeof link_taken_out - 1);
    if (report->overflow)
        add_unsupported(list, text, "overflow", 0, strlen(text));
    return cJSON_GetArraySize(list) ? json_text(list) : NULL;
}

void draft_claims(struct knowledge *knowledge, const struct ticket *ticket, const struct draft *draft,
                  struct claim_report *ret_report)
{
    CLEANUP(buf_free) struct buf subject = {0};
    CLEANUP(buf_free) struct buf body = {0};
    struct claim_text texts[TICKET_TEXTS + 1 + CITATIONS_MAX * 2] = {0};
    size_t n = TICKET_TEXTS;

    /* What may speak to a machine supports nothing that we would send. */
    addressed_leave_out(&subject, ticket->subject, strlen(ticket->subject));
    addressed_leave_out(&body, ticket->body_text, strlen(ticket->body_text));
    texts[0] = (struct claim_text){buf_str(&subject), true};
    texts[1] = (struct claim_text){buf_str(&body), true};
    if (draft->commitments && *draft->commitments)
        texts[n++] = (struct claim_text){draft->commitments, false};

    for (size_t i = 0; i < draft->n_citations && n + 2 <= CLAIM_TEXTS_MAX; i++) {
        const struct article *article = knowledge_find(knowledge, draft->citations[i]);
        if (!article)
            continue;
        texts[n++] = (struct claim_text){article->title, false};
        texts[n++] = (struct claim_text){article->body, false};
    }
    claims_check(draft->text, texts, n, ret_report);
}

char *draft_unsupported(struct knowledge *knowledge, const struct ticket *ticket, const struct draft *draft)
{
    CLEANUP(mem_freep) struct claim_report *report = mem_alloc(sizeof *report);

    draft_claims(knowledge, ticket, draft, report);
    return unsupported_json(draft->text, ticket, report);
}

/* Only links of cited articles are shown to anybody, reviewers included; the place of another is marked. */
static void take_links_out(struct knowledge *knowledge, const struct ticket *ticket, struct draft *draft)
{
    CLEANUP(mem_freep) struct claim_report *report = mem_alloc(sizeof *report);
    struct buf text = {0};
    size_t at = 0;

    draft_claims(knowledge, ticket, draft, report);
    for (size_t i = 0; i < report->n_claims; i++) {
        const struct claim *claim = &report->claims[i];
        if (claim->kind != CLAIM_LINK || holds(draft->text, ticket, claim) || claim->start < at)
            continue;
        buf_add(&text, draft->text + at, claim->start - at);
        buf_puts(&text, link_taken_out);
        at = claim->end;
    }
    buf_puts(&text, draft->text + at);
    mem_free(draft->text);
    draft->text = buf_take(&text);
}

/* A placeholder that is left stands for nothing that we know. */
static bool has_placeholder(const char *text)
{
    for (const char *at = strchr(text, '['); at; at = strchr(at + 1, '[')) {
        for (int kind = 0; kind < PII_KINDS; kind++) {
            const char *name = pii_kind_name((enum pii_kind)kind);
            size_t len = strlen(name);
            if (strncasecmp(at + 1, name, len) == 0 && at[1 + len] == '_')
                return true;
        }
    }
    return false;
}

/* What was masked stands in the text again. */
static int restore(const struct draft_request *request, struct draft *draft, struct err *reterr)
{
    char *masked = draft->text;

    if (!request->vault)
        return 0;
    draft->text = pii_restore(request->vault, masked);
    mem_free(masked);
    return has_placeholder(draft->text) ? invalid(reterr, "it names somebody whom the ticket does not") : 0;
}

static void draft_clear(struct draft *draft)
{
    mem_free(draft->text);
    *draft = (struct draft){0};
}

/* ---- public ---- */

int draft_parse(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
                const void *answer, size_t len, struct draft *ret_draft, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = NULL;
    struct draft draft = {.commitments = request->commitments};
    struct reply reply = {0};

    if (json_parse(answer, len, &answer_limits, &doc, reterr) < 0)
        return invalid(reterr, "the server's answer is not JSON");
    if (read_choice(doc, &reply, reterr) < 0 || take_reply(&reply, request, &draft, reterr) < 0)
        return -1;
    if (restore(request, &draft, reterr) < 0) {
        draft_clear(&draft);
        return -1;
    }
    if (plain_echoes(draft.text, ticket->body_text)) {
        draft_clear(&draft);
        return invalid(reterr, "it repeats the ticket");
    }
    read_usage(doc, &draft);
    take_links_out(knowledge, ticket, &draft);
    draft.unsupported = draft_unsupported(knowledge, ticket, &draft);
    *ret_draft = draft;
    return 0;
}
