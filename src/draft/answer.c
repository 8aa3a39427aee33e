/* What a model answered: nothing of it is believed before it was checked. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "triage/claims.h"
#include "triage/draft.h"

enum { ANSWER_BYTES_MAX = 262144, ANSWER_TOKENS_MAX = 20000, CLAIM_TEXTS = DRAFT_ARTICLES_MAX + 2 };

static int invalid(struct err *reterr, const char *why)
{
    return err_reason(reterr, ERR_PERMANENT, "model_invalid", "the model's answer is not usable: %s", why);
}

/* ---- the envelope ---- */

static int read_choice(const cJSON *doc, const char **ret_content, bool *ret_cut, struct err *reterr)
{
    const cJSON *choice = cJSON_GetArrayItem(json_get(doc, "choices"), 0);
    const char *finish = json_str(choice, "finish_reason", "");

    *ret_content = json_str(json_get(choice, "message"), "content", NULL);
    if (!*ret_content)
        return invalid(reterr, "no content");
    *ret_cut = strcmp(finish, "length") == 0;
    if (!*ret_cut && strcmp(finish, "stop") != 0)
        return invalid(reterr, "it did not finish");
    return 0;
}

/* Some servers wrap JSON into a code fence, whatever the schema says. */
static const char *inside_fence(const char *text, size_t *ret_len)
{
    const char *open = strchr(text, '{');
    const char *close = strrchr(text, '}');

    if (!open || !close || close < open)
        return NULL;
    *ret_len = (size_t)(close - open) + 1;
    return open;
}

/* ---- the text ---- */

static bool is_control(const char *at)
{
    unsigned char c = (unsigned char)*at;

    if (c < 0x20)
        return c != '\n';
    if (c == 0x7f)
        return true;
    return c == 0xe2 && (unsigned char)at[1] == 0x80 &&
           (((unsigned char)at[2] >= 0x8b && (unsigned char)at[2] <= 0x8f) ||
            ((unsigned char)at[2] >= 0xaa && (unsigned char)at[2] <= 0xae)); /* zero width, bidi */
}

static void clean(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (is_control(text)) {
            if ((unsigned char)*text == 0xe2)
                text += 2;
            continue;
        }
        buf_putc(out, *text);
    }
}

/* Ends the text behind its last whole sentence; 0 when there is none. */
static size_t last_sentence(const char *text, size_t len)
{
    while (len > 0 && !strchr(".!?", text[len - 1]))
        len--;
    return len;
}

static int take_text(const char *answer, bool cut, struct draft *draft, struct err *reterr)
{
    struct buf text = {0};
    size_t len;

    clean(answer, &text);
    len = text.len > DRAFT_TEXT_MAX ? DRAFT_TEXT_MAX : text.len;
    if (cut || len < text.len)
        len = last_sentence(buf_str(&text), len);
    while (len > 0 && isspace((unsigned char)buf_str(&text)[len - 1]))
        len--;
    if (len == 0) {
        buf_free(&text);
        return invalid(reterr, "it is empty");
    }
    draft->text = mem_strndup(text.data, len);
    buf_free(&text);
    return 0;
}

/* ---- citations and claims ---- */

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

static char *unsupported_json(const char *text, const struct claim *claims, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    char *json;

    for (size_t i = 0; i < n; i++) {
        cJSON *claim = cJSON_CreateObject();
        char *span = mem_strndup(text + claims[i].start, claims[i].end - claims[i].start);
        cJSON_AddStringToObject(claim, "text", span);
        cJSON_AddStringToObject(claim, "kind", claim_kind_name(claims[i].kind));
        cJSON_AddItemToArray(list, claim);
        mem_free(span);
    }
    json = json_text(list);
    cJSON_Delete(list);
    return json;
}

static void check_claims(struct knowledge *knowledge, const struct ticket *ticket, struct draft *draft)
{
    const char *texts[CITATIONS_MAX + 2] = {ticket->subject, ticket->body_text};
    struct claim claims[CLAIMS_MAX];
    size_t n = 2;

    for (size_t i = 0; i < draft->n_citations; i++) {
        const struct article *article = knowledge_find(knowledge, draft->citations[i]);
        if (article)
            texts[n++] = article->body;
    }
    n = claims_check(draft->text, texts, n, claims);
    if (n)
        draft->unsupported = unsupported_json(draft->text, claims, n);
}

/* ---- public ---- */

static int parse_reply(const char *content, bool cut, const struct draft_request *request, struct draft *draft,
                       struct err *reterr)
{
    const struct json_limits limits = {ANSWER_BYTES_MAX, JSON_DEPTH_MAX, ANSWER_TOKENS_MAX};
    CLEANUP(json_done) cJSON *reply = NULL;
    size_t len = 0;
    const char *json = inside_fence(content, &len);
    const char *answer;

    if (!json || json_parse(json, len, &limits, &reply, reterr) < 0)
        return invalid(reterr, cut ? "it was cut off" : "it is not the JSON that was asked for");
    answer = json_str(reply, "answer", NULL);
    if (!answer)
        return invalid(reterr, "it has no answer");
    if (take_text(answer, cut, draft, reterr) < 0)
        return -1;
    if (request->asks_label)
        strncat(draft->opinion, json_str(reply, "label", DRAFT_OPINION_OTHER), sizeof draft->opinion - 1);
    take_citations(json_get(reply, "citations"), request, draft);
    return 0;
}

int draft_parse(struct knowledge *knowledge, const struct ticket *ticket, const struct draft_request *request,
                const void *answer, size_t len, struct draft *ret_draft, struct err *reterr)
{
    const struct json_limits limits = {ANSWER_BYTES_MAX, JSON_DEPTH_MAX, ANSWER_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    struct draft draft = {0};
    const char *content = NULL;
    bool cut = false;

    if (json_parse(answer, len, &limits, &doc, reterr) < 0)
        return invalid(reterr, "the server's answer is not JSON");
    if (read_choice(doc, &content, &cut, reterr) < 0 || parse_reply(content, cut, request, &draft, reterr) < 0)
        return -1;
    check_claims(knowledge, ticket, &draft);
    *ret_draft = draft;
    return 0;
}

int draft_macro(struct knowledge *knowledge, const char *macro_id, struct draft *ret_draft, struct err *reterr)
{
    const struct article *macro = knowledge_find(knowledge, macro_id);
    struct draft draft = {.n_citations = 1};

    if (!macro || strcmp(macro->kind, "macro") != 0)
        return err_reason(reterr, ERR_PERMANENT, "no_macro", "the knowledge has no macro %s", macro_id);
    if (macro->n_slots)
        return err_reason(reterr, ERR_PERMANENT, "no_macro", "the macro %s has slots to fill", macro_id);
    draft.text = mem_strdup(macro->body);
    snprintf(draft.citations[0], sizeof draft.citations[0], "%s", macro->id);
    snprintf(draft.macro_id, sizeof draft.macro_id, "%s", macro->id);
    *ret_draft = draft;
    return 0;
}
