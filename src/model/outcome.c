/* The meaning of an end, as tables: one row a kind of transport, one row a range of statuses. */
#include "model/outcome.h"

#include <ctype.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"

enum { ERROR_BYTES_MAX = 65536, ERROR_TYPE_MAX = 40 };

static const struct {
    enum err_class class;
    const char *reason, *text;
    enum breaker_word breaker;
    bool again;
} transport_table[TRANSPORT_ENDS] = {
    [TRANSPORT_TIMEOUT] = {ERR_TRANSIENT, "model_timeout", "the model server did not answer in time", BREAKER_BAD,
                           true},
    [TRANSPORT_UNREACHED] = {ERR_TRANSIENT, "model_unavailable", "the model server can't be reached", BREAKER_BAD,
                             true},
    [TRANSPORT_BROKEN] = {ERR_TRANSIENT, "model_unavailable", "the model server ended the connection", BREAKER_BAD,
                          true},
    [TRANSPORT_TOO_LARGE] = {ERR_PERMANENT, "model_invalid", "the model's answer is too large", BREAKER_GOOD, false},
    [TRANSPORT_TLS] = {ERR_PERMANENT, "model_unavailable", "the model server's certificate is not accepted",
                       BREAKER_BAD, false},
};

/* The first row whose range holds the status counts. */
static const struct {
    long from, to;
    enum err_class class;
    const char *reason, *hint;
    enum breaker_word breaker;
    bool again;
} status_table[] = {
    {300, 399, ERR_PERMANENT, "model_unavailable", "it points elsewhere; set model.url to where it is", BREAKER_BAD,
     false},
    {401, 401, ERR_PERMANENT, "model_unavailable", "check model.api_key_file", BREAKER_BAD, false},
    {403, 403, ERR_PERMANENT, "model_unavailable", "check model.api_key_file", BREAKER_BAD, false},
    {404, 405, ERR_PERMANENT, "model_unavailable", "check model.url and model.name", BREAKER_BAD, false},
    {408, 408, ERR_TRANSIENT, "model_timeout", "it gave up waiting", BREAKER_BAD, true},
    {429, 429, ERR_TRANSIENT, "model_unavailable", "it has too much to do", BREAKER_BAD, true},
    {400, 499, ERR_PERMANENT, "model_invalid", "it refuses the request", BREAKER_GOOD, false},
    {500, 599, ERR_TRANSIENT, "model_unavailable", "it has a fault or is still loading", BREAKER_BAD, true},
    {0, 999, ERR_PERMANENT, "model_unavailable", "it speaks another protocol", BREAKER_BAD, false},
};

static struct outcome of_transport(const struct try_end *end)
{
    struct outcome outcome = {.again = transport_table[end->transport].again,
                              .breaker = transport_table[end->transport].breaker};

    if (end->transport == TRANSPORT_TIMEOUT && end->short_time)
        outcome.breaker = BREAKER_NOTHING;
    err_reason(&outcome.err, transport_table[end->transport].class, transport_table[end->transport].reason, "%s%s%s",
               transport_table[end->transport].text, *end->detail ? ": " : "", end->detail);
    return outcome;
}

/* The type that an error names, such as exceed_context_size_error: a word and no more, for the response may repeat the
 * prompt. "" when there is none. */
static void error_type(const struct try_end *end, char type[ERROR_TYPE_MAX])
{
    const struct json_limits limits = {ERROR_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    struct err err;
    const char *word = "";
    size_t len;

    *type = '\0';
    if (!end->len || json_parse(end->body, end->len, &limits, &doc, &err) < 0)
        return;
    word = json_str(json_get(doc, "error"), "type", "");
    for (len = 0; islower((unsigned char)word[len]) || word[len] == '_'; len++)
        continue;
    if (word[len] == '\0' && len < ERROR_TYPE_MAX)
        memcpy(type, word, len + 1);
}

static struct outcome of_status(const struct try_end *end)
{
    struct outcome outcome = {0};
    char type[ERROR_TYPE_MAX];
    size_t row = 0;

    while (row + 1 < ARRAY_LEN(status_table) &&
           (end->status < status_table[row].from || end->status > status_table[row].to))
        row++;
    error_type(end, type);
    outcome.again = status_table[row].again;
    outcome.breaker = status_table[row].breaker;
    err_reason(&outcome.err, status_table[row].class, status_table[row].reason, "the model server answers %ld%s%s: %s",
               end->status, *type ? " " : "", type, status_table[row].hint);
    return outcome;
}

/* A 200 that does not even begin as JSON comes from something else: a login page, a proxy. */
static bool begins_as_json(const struct try_end *end)
{
    size_t at = 0;

    while (at < end->len && isspace((unsigned char)end->body[at]))
        at++;
    return at < end->len && end->body[at] == '{';
}

struct outcome outcome_of(const struct try_end *end)
{
    struct outcome outcome = {.breaker = BREAKER_BAD};

    if (end->transport != TRANSPORT_OK)
        return of_transport(end);
    if (end->status != 200)
        return of_status(end);
    if (begins_as_json(end))
        return (struct outcome){.ok = true, .breaker = BREAKER_GOOD};
    err_reason(&outcome.err, ERR_PERMANENT, "model_invalid", "what answers at model.url does not speak JSON");
    return outcome;
}
