/* One blocking GET of /models, the one request that every OpenAI-compatible server answers without work. */
#include "model/probe.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"

static size_t on_body(char *bytes, size_t size, size_t count, void *opaque)
{
    struct buf *body = opaque;
    size_t len = size * count;

    if (body->len + len > PROBE_BYTES_MAX)
        return 0; /* curl ends the transfer */
    buf_add(body, bytes, len);
    return len;
}

static int fetch(const struct model_settings *settings, struct buf *body, long *ret_status, struct err *reterr)
{
    CLEANUP(buf_free) struct buf url = {0};
    CLEANUP(buf_free) struct buf header = {0};
    struct curl_slist *headers = NULL;
    char detail[CURL_ERROR_SIZE] = "";
    CURL *easy = curl_easy_init();
    CURLcode code;

    if (!easy)
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the HTTP client can't be made");
    buf_printf(&url, "%s/models", settings->url);
    if (settings->api_key && *settings->api_key) {
        buf_printf(&header, "Authorization: Bearer %s", settings->api_key);
        headers = curl_slist_append(headers, buf_str(&header));
    }
    curl_easy_setopt(easy, CURLOPT_URL, buf_str(&url));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)settings->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)PROBE_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
    code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, ret_status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    if (code == CURLE_OK)
        return 0;
    return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE,
                   "no model server answers at %s: %s; start it or correct model.url", settings->url,
                   *detail ? detail : curl_easy_strerror(code));
}

static int judge_status(const struct model_settings *settings, long status, struct err *reterr)
{
    if (status == 200)
        return 0;
    if (status == 401 || status == 403)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "the model server at %s refuses the key (HTTP %ld); correct model.api_key_file", settings->url,
                       status);
    if (status == 503)
        return err_set(reterr, ERR_TRANSIENT, EX_TEMPFAIL, "the model server at %s is still loading; try again",
                       settings->url);
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                   "the model server at %s answers HTTP %ld to /models; model.url usually ends in /v1", settings->url,
                   status);
}

static int judge_models(const struct model_settings *settings, const char *name, const cJSON *answer,
                        struct err *reterr)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "data");
    const cJSON *entry;
    const char *first = NULL;

    cJSON_ArrayForEach(entry, list)
    {
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "id"));
        if (id && strcmp(id, name) == 0)
            return 0;
        if (id && !first)
            first = id;
    }
    if (!first)
        return 0;
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                   "the model server at %s has no model %s, but for example %s; correct "
                   "model.name",
                   settings->url, name, first);
}

int model_probe(const struct model_settings *settings, const char *name, struct err *reterr)
{
    CLEANUP(buf_free) struct buf body = {0};
    CLEANUP(json_done) cJSON *answer = NULL;
    const struct json_limits limits = {.bytes = PROBE_BYTES_MAX, .depth = JSON_DEPTH_MAX, .tokens = JSON_TOKENS_MAX};
    long status = 0;

    if (fetch(settings, &body, &status, reterr) < 0 || judge_status(settings, status, reterr) < 0)
        return -1;
    if (json_parse(body.data, body.len, &limits, &answer, reterr) < 0)
        return err_set(
            reterr, ERR_PERMANENT, EX_CONFIG,
            "the model server at %s answers /models with something else than JSON; model.url usually ends in /v1",
            settings->url);
    return judge_models(settings, name, answer, reterr);
}
