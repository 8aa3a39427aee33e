/* Answers. The content follows the schema of the request: texts from below, and from each closed set its first value.
 */
#include "answer.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"

enum {
    REQUEST_BYTES_MAX = 1 << 20,
    REQUEST_TOKENS_MAX = 100000,
    LOOP_TOKENS = 400,
    LONG_BYTES = 3900,
    BYTES_PER_TOKEN = 4,
    GZIP_WRAPPER = 16
};
#define HUGE_BYTES (1ull << 30)
#define BOMB_BYTES (64ull << 20)

static const char text_en[] =
    "Thank you for writing to us. Please send us your order number, so that we can look into this.";
static const char text_de[] =
    "Danke für Ihre Nachricht. Bitte nennen Sie uns Ihre Bestellnummer, damit wir nachsehen können.";
static const char text_false[] =
    "We have refunded EUR 731.55 to your card today. A courier will be with you in 17 hours.";
static const char text_cut[] = "Thank you for writing to us. Please send us your order number, so that we";

static const char *long_text(void)
{
    static char text[LONG_BYTES];

    for (size_t len = 0; len + sizeof text_en < sizeof text; len += sizeof text_en) {
        memcpy(text + len, text_en, sizeof text_en - 1);
        text[len + sizeof text_en - 1] = ' ';
    }
    return text;
}

static const char *text_for(enum fault fault, const char *request)
{
    if (fault == FAULT_LONG_DRAFT)
        return long_text();
    if (fault == FAULT_FALSE_CLAIM)
        return text_false;
    if (fault == FAULT_LENGTH)
        return text_cut;
    if (fault == FAULT_EMPTY_DRAFT)
        return "";
    return strstr(request, "answer: German") ? text_de : text_en;
}

/* ---- a value for a schema ---- */

static cJSON *value_for(const cJSON *schema, enum fault fault, const char *text);

static cJSON *object_for(const cJSON *schema, enum fault fault, const char *text)
{
    cJSON *object = cJSON_CreateObject();
    const cJSON *property;

    cJSON_ArrayForEach(property, json_get(schema, "properties"))
        cJSON_AddItemToObject(object, property->string, value_for(property, fault, text));
    if (fault == FAULT_EXTRA_FIELDS)
        cJSON_AddStringToObject(object, "action", "refund");
    return object;
}

static cJSON *value_for(const cJSON *schema, enum fault fault, const char *text)
{
    const cJSON *choice = cJSON_GetArrayItem(json_get(schema, "enum"), 0);
    const char *type = json_str(schema, "type", "");
    cJSON *list;

    if (strcmp(type, "object") == 0)
        return object_for(schema, fault, text);
    if (fault == FAULT_WRONG_TYPES)
        return cJSON_CreateNumber(7);
    if (strcmp(type, "array") == 0) {
        list = cJSON_CreateArray();
        cJSON_AddItemToArray(list, value_for(json_get(schema, "items"), fault, text));
        return list;
    }
    if (choice)
        return fault == FAULT_BAD_CITATION ? cJSON_CreateString("no-such-value") : cJSON_Duplicate(choice, true);
    return strcmp(type, "string") == 0 ? cJSON_CreateString(text) : cJSON_CreateNumber(0);
}

/* ---- the content ---- */

static char *content_for(const cJSON *request, enum fault fault, const char *text)
{
    const cJSON *schema = json_get(json_get(json_get(request, "response_format"), "json_schema"), "schema");
    struct buf content = {0};
    cJSON *value;
    char *json;

    if (!schema || fault == FAULT_SCHEMA_IGNORED) {
        buf_puts(&content, text);
        return buf_take(&content);
    }
    value = value_for(schema, fault, text);
    json = json_text(value);
    cJSON_Delete(value);
    if (fault == FAULT_LOOP) {
        buf_puts(&content, "{\"answer\": \"");
        for (int i = 0; i < LOOP_TOKENS; i++)
            buf_puts(&content, "the ");
    } else if (fault == FAULT_LENGTH) {
        buf_add(&content, json, (size_t)(strstr(json, text) - json) + strlen(text));
    } else {
        buf_printf(&content, "%s%s%s", fault == FAULT_FENCE ? "```json\n" : "", json,
                   fault == FAULT_FENCE ? "\n```" : "");
    }
    mem_free(json);
    return buf_take(&content);
}

static void completion(struct buf *out, const char *content, enum fault fault, size_t request_len)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(mem_freep) char *json = NULL;
    cJSON *choice = cJSON_CreateObject(), *message, *usage;
    size_t tokens_in = request_len / BYTES_PER_TOKEN, tokens_out = strlen(content) / BYTES_PER_TOKEN + 1;

    cJSON_AddStringToObject(doc, "id", "stub-1");
    cJSON_AddStringToObject(doc, "object", "chat.completion");
    cJSON_AddStringToObject(doc, "model", "stub");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(doc, "choices"), choice);
    cJSON_AddNumberToObject(choice, "index", 0);
    cJSON_AddStringToObject(choice, "finish_reason", fault == FAULT_LENGTH || fault == FAULT_LOOP ? "length" : "stop");
    message = cJSON_AddObjectToObject(choice, "message");
    cJSON_AddStringToObject(message, "role", "assistant");
    cJSON_AddStringToObject(message, "content", content);
    usage = cJSON_AddObjectToObject(doc, "usage");
    cJSON_AddNumberToObject(usage, "prompt_tokens", (double)tokens_in);
    cJSON_AddNumberToObject(usage, "completion_tokens", (double)tokens_out);
    cJSON_AddNumberToObject(usage, "total_tokens", (double)(tokens_in + tokens_out));
    json = json_text(doc);
    buf_puts(out, json);
}

/* ---- the body ---- */

static void spoil(struct buf *body, enum fault fault)
{
    static const char nan_number[] = ",\"usage\":{\"prompt_tokens\":NaN}}";
    char *at;

    if (fault == FAULT_TRUNCATED) {
        body->len = body->len * 2 / 3;
    } else if (fault == FAULT_NAN_NUMBER) {
        at = strstr(body->data, ",\"usage\"");
        body->len = (size_t)(at - body->data);
        buf_puts(body, nan_number);
    } else if (fault == FAULT_BAD_UTF8) {
        at = strstr(body->data, "Thank");
        at = at ? at : strstr(body->data, "Danke");
        if (at)
            *at = (char)0xc0;
    }
}

static void chat_body(struct buf *body, enum fault fault, const char *request)
{
    const struct json_limits limits = {REQUEST_BYTES_MAX, JSON_DEPTH_MAX, REQUEST_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *content = NULL;
    struct err err;

    if (json_parse(request, strlen(request), &limits, &doc, &err) < 0)
        doc = cJSON_CreateObject();
    content = content_for(doc, fault, text_for(fault, request));
    completion(body, content, fault, strlen(request));
    spoil(body, fault);
}

/* ---- the response ---- */

static void response(struct buf *out, const char *status, const char *more, const struct buf *body, uint64_t len)
{
    buf_printf(out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %llu\r\n\r\n", status, more,
               (unsigned long long)len);
    if (body)
        buf_add(out, buf_str(body), body->len);
}

/* Faults that are a fixed response. */
static const struct {
    enum fault fault;
    const char *status, *headers, *body;
} fixed[] = {
    {FAULT_HTTP_400, "400 Bad Request", "",
     "{\"error\":{\"code\":400,\"type\":\"exceed_context_size_error\",\"message\":\"the request exceeds the "
     "context\"}}"},
    {FAULT_HTTP_401, "401 Unauthorized", "", "{\"error\":{\"type\":\"authentication_error\"}}"},
    {FAULT_HTTP_429, "429 Too Many Requests", "Retry-After: 1\r\n", "{\"error\":{\"type\":\"rate_limit_error\"}}"},
    {FAULT_HTTP_500, "500 Internal Server Error", "", "{\"error\":{\"type\":\"server_error\"}}"},
    {FAULT_HTTP_503, "503 Service Unavailable", "Retry-After: 1\r\n", "{\"error\":{\"type\":\"server_error\"}}"},
    {FAULT_LOADING, "503 Service Unavailable", "",
     "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}"},
    {FAULT_REDIRECT, "302 Found", "Location: http://127.0.0.1:9/v1/chat/completions\r\n", ""},
    {FAULT_HTML, "200 OK", "", "<!doctype html><title>Sign in</title><p>Please sign in to the network."},
    {FAULT_EMPTY, "200 OK", "", ""},
};

static bool make_fixed(struct reply *self, enum fault fault)
{
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        if (fixed[i].fault != fault)
            continue;
        response(&self->bytes, fixed[i].status, fixed[i].headers, NULL, strlen(fixed[i].body));
        buf_puts(&self->bytes, fixed[i].body);
        return true;
    }
    return false;
}

static void make_chat(struct reply *self, enum fault fault, const char *request)
{
    CLEANUP(buf_free) struct buf body = {0};
    size_t header;

    chat_body(&body, fault, request);
    response(&self->bytes, "200 OK", "", NULL, body.len);
    header = self->bytes.len;
    buf_add(&self->bytes, body.data, fault == FAULT_CUT ? body.len / 2 : body.len);
    self->close = fault == FAULT_CUT;
    self->dripping = fault == FAULT_SLOW || fault == FAULT_HANG_BODY;
    self->first = header;
    self->silent = fault == FAULT_HANG_BODY;
    self->closes_when_reused = fault == FAULT_DEAD_ON_REUSE;
}

/* Blanks that grow a thousandfold when they are unpacked. */
static void make_bomb(struct reply *self)
{
    static const unsigned char blanks[65536] = {0};
    CLEANUP(buf_free) struct buf packed = {0};
    unsigned char chunk[65536];
    z_stream stream = {0};

    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPER, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
    for (uint64_t done = 0; done < BOMB_BYTES; done += sizeof blanks) {
        stream.next_in = (unsigned char *)(uintptr_t)blanks;
        stream.avail_in = sizeof blanks;
        do {
            stream.next_out = chunk;
            stream.avail_out = sizeof chunk;
            deflate(&stream, done + sizeof blanks >= BOMB_BYTES ? Z_FINISH : Z_NO_FLUSH);
            buf_add(&packed, chunk, sizeof chunk - stream.avail_out);
        } while (stream.avail_out == 0);
    }
    deflateEnd(&stream);
    response(&self->bytes, "200 OK", "Content-Encoding: gzip\r\n", &packed, packed.len);
}

void reply_make(struct reply *self, enum fault fault, const char *request)
{
    *self = (struct reply){0};
    if (make_fixed(self, fault))
        return;
    if (fault == FAULT_RESET || fault == FAULT_HANG) {
        self->close = fault == FAULT_RESET;
        self->silent = fault == FAULT_HANG;
    } else if (fault == FAULT_HUGE_BODY) {
        response(&self->bytes, "200 OK", "", NULL, HUGE_BYTES);
        buf_putc(&self->bytes, '{');
        self->filler = HUGE_BYTES - 1;
    } else if (fault == FAULT_GZIP_BOMB) {
        make_bomb(self);
    } else {
        make_chat(self, fault, request);
    }
}

void reply_plain(struct reply *self, const char *status, const char *body)
{
    *self = (struct reply){0};
    response(&self->bytes, status, "", NULL, strlen(body));
    buf_puts(&self->bytes, body);
}

void reply_free(struct reply *self)
{
    buf_free(&self->bytes);
    *self = (struct reply){0};
}
