/* Two tables: what an SQLSTATE is in HTTP, and which headers go with which content. */
#include "console/answer.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"

enum { RETRY_SECONDS = 2, STREAM_BLOCK = 4096 };

/* By the first characters; the first row that fits counts. */
static const struct {
    const char *state;
    unsigned status;
    const char *code, *text; /* text NULL: the queue's own sentence */
} state_table[] = {
    {"TR001", 409, "claim_lost", NULL},
    {"TR002", 404, "not_found", NULL},
    {"TR003", 409, "answered", NULL},
    {"TR004", 409, "key_reused", NULL},
    {"TR005", 409, "too_late", NULL},
    {"TR006", 422, "argument", NULL},
    {"TR007", 409, "ticket_changed", NULL},
    {"TR008", 409, "too_many_claims", NULL},
    {"TR009", 409, "taken", NULL},
    {"TR030", 403, "forbidden", NULL},
    {"TR031", 401, "signed_out", "sign in: there is no session, or it is over"},
    {"42501", 403, "forbidden", "ask whoever runs the console: your database role may not do this"},
    {"22023", 403, "forbidden", "ask whoever runs the console: the account has no database role"},
    {"22", 422, "argument", "check what was sent: a value is not of its kind or out of its bounds"},
    {"23", 422, "argument", "check what was sent: a value is not allowed"},
    {"57014", 503, "unavailable", "try again: the database took too long"},
};

static const char page_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                                  "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
                                  "base-uri 'none'";
static const char data_policy[] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static const struct {
    const char *name, *value;
} always_table[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Permissions-Policy",
     "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
     "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"},
    {"X-Robots-Tag", "noindex, nofollow"},
};

/* ---- making ---- */

static void put_error(struct answer *self, unsigned status, const char *code, const char *text, const char *state,
                      const char *detail)
{
    cJSON *doc = cJSON_CreateObject();
    cJSON *error = cJSON_AddObjectToObject(doc, "error");
    CLEANUP(mem_freep) char *json = NULL;

    cJSON_AddStringToObject(error, "code", code);
    if (state && *state)
        cJSON_AddStringToObject(error, "sqlstate", state);
    if (detail && *detail)
        cJSON_AddStringToObject(error, "state", detail);
    cJSON_AddStringToObject(error, "text", text);
    json = json_text(doc);
    cJSON_Delete(doc);
    buf_reset(&self->text);
    buf_puts(&self->text, json);
    self->status = status;
    self->content = CONTENT_JSON;
}

void answer_error(struct answer *self, unsigned status, const char *code, const char *text)
{
    put_error(self, status, code, text, NULL, NULL);
}

void answer_unavailable(struct answer *self)
{
    self->retry_after = RETRY_SECONDS;
    answer_error(self, MHD_HTTP_SERVICE_UNAVAILABLE, "unavailable",
                 "wait a moment: the database can't be reached; nothing you wrote is lost");
}

/* The queue's sentences come from our own SQL; others may quote data, and stay here. */
void answer_queue_error(struct answer *self, const struct err *err, const char *detail)
{
    static const char prefix[] = "Postgres: ";
    const char *text = err->text;

    if (strncmp(text, prefix, sizeof prefix - 1) == 0)
        text += sizeof prefix - 1;
    for (size_t i = 0; i < ARRAY_LEN(state_table); i++) {
        if (!*err->reason || strncmp(err->reason, state_table[i].state, strlen(state_table[i].state)) != 0)
            continue;
        if (state_table[i].status == MHD_HTTP_SERVICE_UNAVAILABLE)
            self->retry_after = RETRY_SECONDS;
        put_error(self, state_table[i].status, state_table[i].code, state_table[i].text ? state_table[i].text : text,
                  err->reason, strcmp(err->reason, "TR007") == 0 ? detail : NULL);
        return;
    }
    if (err->class == ERR_TRANSIENT)
        answer_unavailable(self);
    else
        put_error(self, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal",
                  "tell whoever runs the console: its log says what failed", err->reason, NULL);
}

void answer_json_take(struct answer *self, unsigned status, char *json)
{
    buf_free(&self->text);
    self->text = (struct buf){.data = json, .len = strlen(json), .cap = strlen(json) + 1};
    self->status = status;
    self->content = CONTENT_JSON;
}

void answer_done(struct answer *self)
{
    buf_free(&self->text);
}

/* ---- sending ---- */

static const char *type_of(const struct answer *answer)
{
    switch (answer->content) {
    case CONTENT_JSON:
        return "application/json";
    case CONTENT_TEXT:
        return "text/plain; charset=utf-8";
    case CONTENT_ASSET:
        return answer->asset->type;
    case CONTENT_STREAM:
        return "text/event-stream";
    case CONTENT_NONE:
        break;
    }
    return NULL;
}

static void add_caching(struct MHD_Response *response, const struct answer *answer)
{
    if (answer->content != CONTENT_ASSET) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        return;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, answer->asset->etag);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                            answer->keep_for_ever ? "public, max-age=31536000, immutable" : "no-cache");
}

static void add_headers(struct MHD_Response *response, const struct answer *answer)
{
    const char *type = type_of(answer);

    if (type && answer->status != MHD_HTTP_NOT_MODIFIED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; i < ARRAY_LEN(always_table); i++)
        MHD_add_response_header(response, always_table[i].name, always_table[i].value);
    MHD_add_response_header(response, "Content-Security-Policy",
                            answer->content == CONTENT_ASSET ? page_policy : data_policy);
    add_caching(response, answer);
    if (answer->content == CONTENT_STREAM)
        MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* a proxy passes each event on at once */
    if (*answer->cookie)
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, answer->cookie);
    if (answer->retry_after) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%d", answer->retry_after);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
}

static struct MHD_Response *response_of(struct answer *answer)
{
    size_t len;

    if (answer->content == CONTENT_STREAM)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, answer->stream,
                                                 stream_gone);
    if (answer->content == CONTENT_ASSET && answer->status == MHD_HTTP_OK)
        return MHD_create_response_from_buffer(answer->asset->len, (void *)answer->asset->bytes,
                                               MHD_RESPMEM_PERSISTENT);
    if (answer->content == CONTENT_NONE || answer->content == CONTENT_ASSET)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    len = answer->text.len;
    return MHD_create_response_from_buffer(len, buf_take(&answer->text), MHD_RESPMEM_MUST_FREE);
}

enum MHD_Result answer_send(struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    struct MHD_Response *response = response_of(answer);
    enum MHD_Result result;

    add_headers(response, answer);
    exchange->stage = STAGE_SENT;
    result = MHD_queue_response(exchange->connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}
