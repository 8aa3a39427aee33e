/* Calls of OpenAI-compatible servers over curl multi, in the caller's event loop. Every call ends in exactly one
 * answer: in time, by its deadline, or at once when every breaker is open. */
#include "model/model.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/backoff.h"
#include "model/endpoints.h"
#include "model/outcome.h"

enum {
    HEADER_MAX = 512,
    KEEPALIVE_AGE_S = 4, /* llama.cpp's server ends idle connections after 5 s */
    SHORT_TIME_PART = 2, /* a try with less than half of the call's time does not count against the server */
};

struct call {
    struct call *next;
    uint64_t number;
    CURL *easy;
    struct endpoint *endpoint; /* of the running try, or the last one */
    bool running; /* handed to curl; else it waits for retry_at_us */
    char *body;
    char traceparent[64];
    struct curl_slist *headers;
    struct buf answer;
    bool too_large;
    bool probe;       /* the breaker let it through to see */
    bool reconnected; /* a dead connection was tried again already */
    int64_t started_us, deadline_us, retry_at_us;
    long timeout_ms; /* of the running try */
    int tries;
    int64_t try_us; /* when the running try began */
    struct err why; /* of the last try that failed */
};

struct done {
    struct done *next;
    struct model_answer answer;
};

struct model {
    CURLM *multi;
    int epoll_fd;
    uint32_t tag;
    char *authorization;
    int call_timeout_ms, connect_timeout_ms, retries;
    uint64_t seed;
    void (*on_try)(void *opaque, const struct model_try *ended);
    void *opaque;
    struct endpoints endpoints;
    struct call *calls;
    size_t n_calls;
    struct done *first, *last;
    int64_t timer_us; /* when curl wants to be called; INT64_MAX never */
};

/* ---- curl's sockets and timer ---- */

static int on_curl_socket(UNUSED CURL *easy, curl_socket_t fd, int what, void *opaque, void *known)
{
    static char registered; /* its address marks a socket that epoll has */
    struct model *self = opaque;
    struct epoll_event event = {.data.u64 = (uint64_t)self->tag << 32 | (uint32_t)fd};

    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        curl_multi_assign(self->multi, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (epoll_ctl(self->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0 && errno == ENOENT)
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(self->multi, fd, &registered);
    return 0;
}

static int on_curl_timer(UNUSED CURLM *multi, long wait_ms, void *opaque)
{
    struct model *self = opaque;

    self->timer_us = wait_ms < 0 ? INT64_MAX : clock_mono_us() + wait_ms * 1000LL;
    return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *opaque)
{
    struct call *call = opaque;
    size_t len = size * count;

    if (call->answer.len + len > MODEL_ANSWER_BYTES_MAX) {
        call->too_large = true;
        return 0; /* curl ends the transfer */
    }
    buf_add(&call->answer, bytes, len);
    return len;
}

/* ---- life ---- */

struct model_settings model_settings_of(const struct config_model *config, uint64_t seed)
{
    return (struct model_settings){.url = config->url,
                                   .api_key = config->api_key,
                                   .slots = config->slots,
                                   .call_timeout_ms = config->call_timeout_ms,
                                   .connect_timeout_ms = config->connect_timeout_ms,
                                   .retries = config->retries,
                                   .breaker_failures = config->breaker_failures,
                                   .breaker_open_ms = config->breaker_open_ms,
                                   .seed = seed};
}

int model_open(const struct model_settings *settings, int epoll_fd, uint32_t tag, struct model **ret_model,
               struct err *reterr)
{
    struct endpoints endpoints;
    struct model *self;
    CURLM *multi;

    if (endpoints_parse(settings->url, settings->breaker_failures, settings->breaker_open_ms * 1000LL, &endpoints, reterr) < 0)
        return -1;
    multi = curl_multi_init();
    if (!multi) {
        endpoints_done(&endpoints);
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the HTTP client can't be made");
    }
    self = mem_alloc(sizeof *self);
    self->multi = multi;
    self->epoll_fd = epoll_fd;
    self->tag = tag;
    self->call_timeout_ms = settings->call_timeout_ms;
    self->connect_timeout_ms = settings->connect_timeout_ms;
    self->retries = settings->retries;
    self->seed = settings->seed;
    self->timer_us = INT64_MAX;
    self->endpoints = endpoints;
    self->on_try = settings->on_try;
    self->opaque = settings->opaque;
    if (settings->api_key && *settings->api_key) {
        struct buf header = {0};
        buf_printf(&header, "Authorization: Bearer %s", settings->api_key);
        self->authorization = buf_take(&header);
    }
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, self);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)(settings->slots * (int)endpoints.count));
    *ret_model = self;
    return 0;
}

static void stop_try(struct model *self, struct call *call)
{
    if (!call->running)
        return;
    curl_multi_remove_handle(self->multi, call->easy);
    call->running = false;
    call->endpoint->running--;
}

static void free_call(struct model *self, struct call *call)
{
    stop_try(self, call);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    buf_free(&call->answer);
    mem_free(call->body);
    mem_free(call);
}

static void unlink_call(struct model *self, struct call *call)
{
    struct call **at = &self->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    self->n_calls--;
}

void model_close(struct model *self)
{
    struct model_answer answer;

    if (!self)
        return;
    while (self->calls) {
        struct call *call = self->calls;
        unlink_call(self, call);
        free_call(self, call);
    }
    while (model_next_answer(self, &answer))
        model_answer_free(&answer);
    curl_multi_cleanup(self->multi);
    endpoints_done(&self->endpoints);
    mem_free(self->authorization);
    mem_free(self);
}

/* ---- ending a call ---- */

static void push_answer(struct model *self, const struct model_answer *answer)
{
    struct done *done = mem_alloc(sizeof *done);

    done->answer = *answer;
    if (self->last)
        self->last->next = done;
    else
        self->first = done;
    self->last = done;
}

static void end_call(struct model *self, struct call *call, const struct err *err)
{
    struct model_answer answer = {
        .call = call->number, .ok = err == NULL, .took_us = clock_mono_us() - call->started_us, .tries = call->tries};

    if (err) {
        answer.err = *err;
    } else {
        answer.len = call->answer.len;
        answer.body = buf_take(&call->answer);
    }
    push_answer(self, &answer);
    unlink_call(self, call);
    free_call(self, call);
}

/* ---- one try ---- */

static void prepare(struct model *self, struct call *call)
{
    char header[HEADER_MAX];

    call->headers = curl_slist_append(NULL, "Content-Type: application/json");
    call->headers = curl_slist_append(call->headers, "Expect:");
    if (self->authorization)
        call->headers = curl_slist_append(call->headers, self->authorization);
    if (*call->traceparent) {
        snprintf(header, sizeof header, "traceparent: %s", call->traceparent);
        call->headers = curl_slist_append(call->headers, header);
    }
    call->easy = curl_easy_init();
    curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(call->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(call->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* cancelling closes it */
    curl_easy_setopt(call->easy, CURLOPT_PROXY, ""); /* tickets go to model.url only, whatever the environment says */
    curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(call->body));
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(call->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)self->connect_timeout_ms);
    curl_easy_setopt(call->easy, CURLOPT_MAXAGE_CONN, (long)KEEPALIVE_AGE_S);
}

/* At call->endpoint. */
static void start_try(struct model *self, struct call *call, int64_t now_us)
{
    CLEANUP(buf_free) struct buf url = {0};
    int64_t left_ms = (call->deadline_us - now_us) / 1000;

    call->timeout_ms = left_ms < self->call_timeout_ms ? (long)left_ms : self->call_timeout_ms;
    buf_reset(&call->answer);
    call->too_large = false;
    call->tries++;
    buf_printf(&url, "%s/chat/completions", call->endpoint->url);
    curl_easy_setopt(call->easy, CURLOPT_URL, buf_str(&url)); /* curl copies it */
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, call->timeout_ms > 0 ? call->timeout_ms : 1L);
    curl_easy_setopt(call->easy, CURLOPT_FRESH_CONNECT, call->reconnected ? 1L : 0L);
    call->running = true;
    call->endpoint->running++;
    call->try_us = clock_mono_us();
    curl_multi_add_handle(self->multi, call->easy);
}

/* ---- the end of a try ---- */

static const struct {
    CURLcode code;
    enum transport_end transport;
} curl_ends[] = {
    {CURLE_OK, TRANSPORT_OK},
    {CURLE_OPERATION_TIMEDOUT, TRANSPORT_TIMEOUT},
    {CURLE_COULDNT_CONNECT, TRANSPORT_UNREACHED},
    {CURLE_COULDNT_RESOLVE_HOST, TRANSPORT_UNREACHED},
    {CURLE_PEER_FAILED_VERIFICATION, TRANSPORT_TLS},
    {CURLE_SSL_CACERT_BADFILE, TRANSPORT_TLS},
};

static bool on_new_connection(const struct call *call)
{
    long connects = 1;

    curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
    return connects > 0;
}

static struct outcome judge(const struct model *self, const struct call *call, CURLcode code)
{
    struct try_end end = {.transport = TRANSPORT_BROKEN,
                          .body = call->answer.data,
                          .len = call->answer.len,
                          .detail = code == CURLE_OK || call->too_large ? "" : curl_easy_strerror(code)};
    curl_off_t connect_us = 0;

    for (size_t i = 0; i < ARRAY_LEN(curl_ends); i++) {
        if (curl_ends[i].code == code)
            end.transport = curl_ends[i].transport;
    }
    if (call->too_large)
        end.transport = TRANSPORT_TOO_LARGE;
    end.short_time = call->timeout_ms < self->call_timeout_ms / SHORT_TIME_PART;
    curl_easy_getinfo(call->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
    if (end.transport == TRANSPORT_TIMEOUT && connect_us == 0 && on_new_connection(call))
        end.transport = TRANSPORT_UNREACHED;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &end.status);
    return outcome_of(&end);
}

/* A kept connection that the server had closed: no fault of the server, tried again at once on a new one. */
static bool died_on_reuse(const struct call *call, CURLcode code)
{
    if (call->reconnected || (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING))
        return false;
    return !on_new_connection(call);
}

static void tell_breaker(struct call *call, enum breaker_word word)
{
    struct breaker *breaker = &call->endpoint->breaker;

    if (word == BREAKER_GOOD)
        breaker_success(breaker);
    else if (word == BREAKER_BAD)
        breaker_failure(breaker, call->probe, clock_mono_us());
    else
        breaker_forget(breaker, call->probe);
    call->probe = false;
}

/* Plans the next try; false when there is none. */
static bool plan_retry(struct model *self, struct call *call)
{
    int64_t now = clock_mono_us();
    curl_off_t after_s = 0;

    if (call->tries > self->retries)
        return false;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &after_s);
    return backoff_next(call->tries, after_s, now, call->deadline_us, &self->seed, &call->retry_at_us) &&
           !endpoints_open(&self->endpoints, call->retry_at_us);
}

static void try_ended(struct model *self, struct call *call, CURLcode code)
{
    struct outcome outcome;

    stop_try(self, call);
    if (died_on_reuse(call, code)) {
        call->reconnected = true;
        call->tries--;
        start_try(self, call, clock_mono_us());
        return;
    }
    outcome = judge(self, call, code);
    tell_breaker(call, outcome.breaker);
    if (self->on_try)
        self->on_try(self->opaque, &(struct model_try){.endpoint = call->endpoint->url,
                                                       .ok = outcome.ok,
                                                       .took_us = clock_mono_us() - call->try_us});
    if (outcome.ok)
        end_call(self, call, NULL);
    else if (!outcome.again || !plan_retry(self, call))
        end_call(self, call, &outcome.err);
    else
        call->why = outcome.err;
}

static void reap(struct model *self)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left))) {
        char *call = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        try_ended(self, (struct call *)(void *)call, code);
    }
}

/* ---- the caller's verbs ---- */

int model_call(struct model *self, uint64_t number, const char *body, const char *traceparent, int64_t deadline_us,
               struct err *reterr)
{
    int64_t now = clock_mono_us();
    struct endpoint *endpoint;
    struct call *call;
    bool probe;

    endpoint = endpoints_admit(&self->endpoints, NULL, now, &probe);
    if (!endpoint)
        return err_reason(reterr, ERR_TRANSIENT, "model_unavailable", "the model server has failed %d times in a row",
                          endpoints_failures(&self->endpoints));
    call = mem_alloc(sizeof *call);
    call->number = number;
    call->endpoint = endpoint;
    call->probe = probe;
    call->body = mem_strdup(body);
    call->started_us = now;
    call->deadline_us = deadline_us;
    snprintf(call->traceparent, sizeof call->traceparent, "%s", traceparent ? traceparent : "");
    call->next = self->calls;
    self->calls = call;
    self->n_calls++;
    prepare(self, call);
    start_try(self, call, now);
    return 0;
}

void model_cancel(struct model *self, uint64_t number)
{
    for (struct call *call = self->calls; call; call = call->next) {
        if (call->number == number) {
            breaker_forget(&call->endpoint->breaker, call->probe);
            unlink_call(self, call);
            free_call(self, call);
            return;
        }
    }
}

void model_on_socket(struct model *self, int fd, uint32_t epoll_events, UNUSED int64_t now_us)
{
    int running;
    int what = (epoll_events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (epoll_events & EPOLLOUT ? CURL_CSELECT_OUT : 0) | (epoll_events & EPOLLERR ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(self->multi, fd, what, &running);
    reap(self);
}

/* At another server where there is one. Breakers may have opened, or be half open, since the retry was planned. */
static void retry(struct model *self, struct call *call, int64_t now_us)
{
    struct endpoint *endpoint = endpoints_admit(&self->endpoints, call->endpoint, now_us, &call->probe);

    if (!endpoint) {
        end_call(self, call, &call->why);
        return;
    }
    call->endpoint = endpoint;
    start_try(self, call, now_us);
}

static int64_t start_retries(struct model *self, int64_t now_us)
{
    int64_t wake = INT64_MAX;

    for (struct call *call = self->calls, *next; call; call = next) {
        next = call->next;
        if (call->running)
            continue;
        if (call->retry_at_us <= now_us)
            retry(self, call, now_us);
        else if (call->retry_at_us < wake)
            wake = call->retry_at_us;
    }
    return wake;
}

int64_t model_tick(struct model *self, int64_t now_us)
{
    int64_t wake = start_retries(self, now_us);
    int running;

    if (self->timer_us <= now_us) {
        self->timer_us = INT64_MAX;
        curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        reap(self);
    }
    if (self->first)
        return now_us;
    return self->timer_us < wake ? self->timer_us : wake;
}

bool model_next_answer(struct model *self, struct model_answer *ret_answer)
{
    struct done *done = self->first;

    if (!done)
        return false;
    self->first = done->next;
    if (!self->first)
        self->last = NULL;
    *ret_answer = done->answer;
    mem_free(done);
    return true;
}

void model_answer_free(struct model_answer *answer)
{
    mem_free(answer->body);
    answer->body = NULL;
}

const char *model_endpoint_at(const struct model *self, size_t index, int64_t now_us, bool *ret_open)
{
    if (index >= self->endpoints.count)
        return NULL;
    *ret_open = breaker_open(&self->endpoints.at[index].breaker, now_us);
    return self->endpoints.at[index].url;
}

bool model_breaker_open(const struct model *self, int64_t now_us)
{
    return endpoints_open(&self->endpoints, now_us);
}

size_t model_calls_running(const struct model *self)
{
    return self->n_calls;
}
