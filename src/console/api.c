/* One table: a route, the call it makes, where its parameters come from. The queue checks what they mean. */
#include "console/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/answer.h"
#include "console/console_state.h"
#include "console/item.h"
#include "console/session_document.h"
#include "console/sign_in.h"

enum { BODY_DEPTH_MAX = 4, BODY_TOKENS_MAX = 1000, NUMBER_TEXT = 32 };

enum from { FROM_ITEM, FROM_QUERY, FROM_BODY };
enum kind { KIND_TEXT, KIND_WHOLE, KIND_NUMBER, KIND_LIST };

struct param {
    enum from from;
    const char *name; /* in the body */
    enum kind kind;
    enum query_id query;
    bool needed;
};

#define ITEM                                                                                                           \
    {                                                                                                                  \
        FROM_ITEM, "item", KIND_WHOLE, 0, true                                                                         \
    }
#define QUERY(id)                                                                                                      \
    {                                                                                                                  \
        FROM_QUERY, "", KIND_TEXT, id, false                                                                           \
    }
#define NEEDED(name, kind)                                                                                             \
    {                                                                                                                  \
        FROM_BODY, name, kind, 0, true                                                                                 \
    }
#define OPTIONAL(name, kind)                                                                                           \
    {                                                                                                                  \
        FROM_BODY, name, kind, 0, false                                                                                \
    }
#define CLAIM_NO NEEDED("claim_no", KIND_WHOLE)
#define KEY      NEEDED("key", KIND_TEXT)

enum shape { SHAPE_AS_IS, SHAPE_ITEM, SHAPE_SESSION, SHAPE_NONE, SHAPE_STREAM };

static const struct api_row {
    enum route_id route;
    enum console_call call;
    enum shape shape;
    size_t n;
    struct param params[CONSOLE_PARAMS_MAX];
} api_table[] = {
    {ROUTE_SESSION, CALL_SESSION, SHAPE_SESSION, 0, {{0}}},
    {ROUTE_QUEUE,
     CALL_QUEUE,
     SHAPE_AS_IS,
     10,
     {QUERY(QUERY_GROUP), QUERY(QUERY_LABEL), QUERY(QUERY_RISK), QUERY(QUERY_STATE), QUERY(QUERY_TEXT),
      QUERY(QUERY_OVERDUE), QUERY(QUERY_MINE), QUERY(QUERY_AFTER), QUERY(QUERY_LIMIT), QUERY(QUERY_PROFILE)}},
    {ROUTE_MINE, CALL_MINE, SHAPE_AS_IS, 0, {{0}}},
    {ROUTE_CLAIM, CALL_CLAIM, SHAPE_ITEM, 2, {OPTIONAL("groups", KIND_LIST), OPTIONAL("key", KIND_TEXT)}},
    {ROUTE_ITEM, CALL_ITEM, SHAPE_ITEM, 1, {ITEM}},
    {ROUTE_CLAIM_ITEM, CALL_CLAIM_ITEM, SHAPE_ITEM, 1, {ITEM}},
    {ROUTE_RENEW, CALL_RENEW, SHAPE_AS_IS, 3, {ITEM, CLAIM_NO, OPTIONAL("active_seconds", KIND_NUMBER)}},
    {ROUTE_RESOLVE,
     CALL_RESOLVE,
     SHAPE_AS_IS,
     8,
     {ITEM, CLAIM_NO, KEY, NEEDED("outcome", KIND_TEXT), OPTIONAL("label", KIND_TEXT), OPTIONAL("text", KIND_TEXT),
      OPTIONAL("seconds", KIND_NUMBER), OPTIONAL("alike", KIND_LIST)}},
    {ROUTE_UNDO, CALL_UNDO, SHAPE_AS_IS, 2, {ITEM, KEY}},
    {ROUTE_SKIP, CALL_SKIP, SHAPE_NONE, 3, {ITEM, CLAIM_NO, NEEDED("reason", KIND_TEXT)}},
    {ROUTE_SNOOZE, CALL_SNOOZE, SHAPE_NONE, 3, {ITEM, CLAIM_NO, NEEDED("until", KIND_TEXT)}},
    {ROUTE_RELEASE, CALL_RELEASE, SHAPE_NONE, 2, {ITEM, CLAIM_NO}},
    {ROUTE_ESCALATE,
     CALL_ESCALATE,
     SHAPE_NONE,
     4,
     {ITEM, CLAIM_NO, NEEDED("reason", KIND_TEXT), OPTIONAL("group", KIND_TEXT)}},
    {ROUTE_REASSIGN,
     CALL_REASSIGN,
     SHAPE_NONE,
     4,
     {ITEM, CLAIM_NO, NEEDED("to", KIND_TEXT), NEEDED("reason", KIND_TEXT)}},
    {ROUTE_FORGET_REASON, CALL_FORGET_REASON, SHAPE_NONE, 1, {NEEDED("reason", KIND_TEXT)}},
    {ROUTE_EVENTS, CALL_COUNTS, SHAPE_STREAM, 0, {{0}}},
    {ROUTE_FIGURES, CALL_FIGURES, SHAPE_AS_IS, 2, {QUERY(QUERY_DAYS), QUERY(QUERY_PROFILE)}},
    {ROUTE_OVERVIEW, CALL_OVERVIEW, SHAPE_AS_IS, 0, {{0}}},
};

/* ---- parameters ---- */

struct values {
    char *list[CONSOLE_PARAMS_MAX];
};

static void values_done(struct values *self)
{
    for (size_t i = 0; i < CONSOLE_PARAMS_MAX; i++)
        mem_free(self->list[i]);
}

static char *number_text(double number, bool whole)
{
    char text[NUMBER_TEXT];

    snprintf(text, sizeof text, whole ? "%.0f" : "%.3f", number);
    return mem_strdup(text);
}

/* A list of texts or of whole numbers, as the queue's functions take it: JSON. */
static bool list_is_plain(const cJSON *list)
{
    const cJSON *item;

    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) && !cJSON_IsNumber(item))
            return false;
    }
    return true;
}

/* False: there is a value, of another kind. null is the same as none. */
static bool body_value(const cJSON *body, const struct param *param, char **ret_value)
{
    const cJSON *item = json_get(body, param->name);
    int64_t whole;

    if (!item || cJSON_IsNull(item))
        return !param->needed;
    switch (param->kind) {
    case KIND_TEXT:
        *ret_value = cJSON_IsString(item) ? mem_strdup(item->valuestring) : NULL;
        break;
    case KIND_WHOLE:
        *ret_value = json_int64(body, param->name, &whole) == 0 ? number_text((double)whole, true) : NULL;
        break;
    case KIND_NUMBER:
        *ret_value = cJSON_IsNumber(item) ? number_text(item->valuedouble, false) : NULL;
        break;
    case KIND_LIST:
        *ret_value = list_is_plain(item) ? json_text(item) : NULL;
        break;
    }
    return *ret_value != NULL;
}

static bool take_value(const struct exchange *exchange, const cJSON *body, const struct param *param, char **ret_value)
{
    char text[NUMBER_TEXT];

    switch (param->from) {
    case FROM_ITEM:
        snprintf(text, sizeof text, "%" PRId64, exchange->routed.item);
        *ret_value = mem_strdup(text);
        return true;
    case FROM_QUERY:
        *ret_value = exchange->routed.query[param->query] && *exchange->routed.query[param->query]
                         ? mem_strdup(exchange->routed.query[param->query])
                         : NULL;
        return true;
    case FROM_BODY:
        break;
    }
    return body_value(body, param, ret_value);
}

static bool take_values(struct exchange *exchange, const cJSON *body, const struct api_row *row, struct values *values)
{
    for (size_t i = 0; i < row->n; i++) {
        const struct param *param = &row->params[i];
        char text[160];
        if (take_value(exchange, body, param, &values->list[i]))
            continue;
        snprintf(text, sizeof text, "send \"%s\" as %s", param->name,
                 param->kind == KIND_TEXT     ? "a text"
                 : param->kind == KIND_LIST   ? "a list of texts or whole numbers"
                 : param->kind == KIND_NUMBER ? "a number"
                                              : "a whole number");
        answer_error(&exchange->answer, MHD_HTTP_UNPROCESSABLE_CONTENT, "argument", text);
        return false;
    }
    return true;
}

/* ---- shapes ---- */

static void answer_item(struct exchange *exchange, const char *json)
{
    char *text = json ? item_document(&exchange->console->parts, json) : NULL;

    if (text) {
        answer_json_take(&exchange->answer, MHD_HTTP_OK, text);
    } else if (!json) {
        exchange->answer.status = MHD_HTTP_NO_CONTENT;
    } else {
        answer_error(&exchange->answer, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal",
                     "work on this item in a terminal (triaged queue show): it is too large for the page");
    }
}

static void answer_stream(struct exchange *exchange, const char *counts)
{
    struct answer *answer = &exchange->answer;

    answer->stream = stream_new(exchange->console->news, exchange, counts);
    if (answer->stream) {
        answer->status = MHD_HTTP_OK;
        answer->content = CONTENT_STREAM;
        return;
    }
    answer->retry_after = 30;
    answer_error(answer, MHD_HTTP_TOO_MANY_REQUESTS, "slow_down",
                 "close some of the console's windows: too many are open");
}

static void answer_shaped(struct exchange *exchange, enum shape shape, struct console_reply *reply)
{
    char *text = NULL;

    switch (shape) {
    case SHAPE_AS_IS:
        answer_json_take(&exchange->answer, MHD_HTTP_OK, reply->json ? reply->json : mem_strdup("null"));
        reply->json = NULL;
        return;
    case SHAPE_ITEM:
        answer_item(exchange, reply->json);
        return;
    case SHAPE_SESSION:
        text = reply->json ? session_document(exchange, reply->json) : NULL;
        if (text)
            answer_json_take(&exchange->answer, MHD_HTTP_OK, text);
        else
            answer_error(&exchange->answer, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal",
                         "tell whoever runs the console");
        return;
    case SHAPE_STREAM:
        answer_stream(exchange, reply->json ? reply->json : "{}");
        return;
    case SHAPE_NONE:
        exchange->answer.status = MHD_HTTP_NO_CONTENT;
        return;
    }
}

/* ---- a request ---- */

static const struct api_row *row_of(enum route_id route)
{
    for (size_t i = 0; i < ARRAY_LEN(api_table); i++) {
        if (api_table[i].route == route)
            return &api_table[i];
    }
    return NULL;
}

/* Answering or undoing others alike is another function of the queue. */
static enum console_call call_of(const struct api_row *row, const struct values *values, const cJSON *body)
{
    const cJSON *alike = json_get(body, "alike");

    if (row->route == ROUTE_RESOLVE && cJSON_IsArray(alike) && cJSON_GetArraySize(alike) > 0 && values->list[7])
        return CALL_RESOLVE_ALIKE;
    if (row->route == ROUTE_UNDO && cJSON_IsTrue(alike))
        return CALL_UNDO_ALIKE;
    return row->call;
}

static void call_queue(struct exchange *exchange, struct queue *queue, const struct api_row *row, const cJSON *body)
{
    CLEANUP(values_done) struct values values = {0};
    const struct console_who who = {.session = exchange->session,
                                    .proxied = *exchange->proxied ? exchange->proxied : NULL};
    struct console_reply reply = {0};
    struct err err = {0};

    if (!take_values(exchange, body, row, &values))
        return;
    if (console_queue_call(queue, &who, call_of(row, &values, body), (const char *const *)values.list, &reply, &err) <
        0) {
        answer_queue_error(&exchange->answer, &err, reply.detail);
        if (exchange->answer.status >= MHD_HTTP_INTERNAL_SERVER_ERROR)
            log_line(LOG_WARN, "console.failed", "route=%s sqlstate=%s text=\"%.300s\"", route_pattern(row->route),
                     err.reason, err.text);
    } else {
        snprintf(exchange->reviewer, sizeof exchange->reviewer, "%s", reply.reviewer);
        answer_shaped(exchange, row->shape, &reply);
    }
    mem_free(reply.json);
}

/* An empty body is an empty object. */
static bool read_body(struct exchange *exchange, cJSON **ret_body)
{
    const struct json_limits limits = {GATE_BODY_MAX, BODY_DEPTH_MAX, BODY_TOKENS_MAX};
    struct err err = {0};

    if (!route_has_body(exchange->routed.route) || exchange->body.len == 0) {
        *ret_body = cJSON_CreateObject();
        return true;
    }
    if (json_parse(exchange->body.data, exchange->body.len, &limits, ret_body, &err) < 0 ||
        !cJSON_IsObject(*ret_body)) {
        answer_error(&exchange->answer, MHD_HTTP_BAD_REQUEST, "bad_request",
                     "send a JSON object, in UTF-8, no key twice");
        return false;
    }
    return true;
}

static void log_answer(const struct exchange *exchange)
{
    bool quiet = !route_changes(exchange->routed.route) && exchange->answer.status < MHD_HTTP_BAD_REQUEST;
    char who[CONSOLE_NAME_MAX * 2 + 4];

    log_line(quiet ? LOG_DEBUG : LOG_INFO, "console.answered",
             "route=%s item=%" PRId64 " status=%u reviewer=%s ms=%.1f", route_pattern(exchange->routed.route),
             exchange->routed.item, exchange->answer.status, log_quote(exchange->reviewer, who, sizeof who),
             (double)(clock_mono_us() - exchange->began_us) / 1000);
}

void api_answer(struct exchange *exchange, struct queue *queue)
{
    const struct api_row *row = row_of(exchange->routed.route);
    CLEANUP(json_done) cJSON *body = NULL;

    if (read_body(exchange, &body)) {
        if (exchange->routed.route == ROUTE_SIGN_IN)
            sign_in(exchange, queue, body);
        else if (exchange->routed.route == ROUTE_SIGN_OUT)
            sign_out(exchange, queue);
        else if (row)
            call_queue(exchange, queue, row, body);
        else
            answer_error(&exchange->answer, MHD_HTTP_NOT_FOUND, "not_found", "there is nothing here");
    }
    log_answer(exchange);
}
