/* Everything here runs on libmicrohttpd's one thread and returns at once. */
#include "console/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/answer.h"
#include "console/console_state.h"

enum {
    HEADER_BYTES_MAX = 32 << 10, /* of one connection: request line, headers, and the buffers of its answer */
    DRAIN_BYTES_MAX = 4 * GATE_BODY_MAX,
    INACTIVE_SECONDS = 120, /* the phases end a connection long before */
    ADDRESS_MAX = 64,
};

/* ---- headers ---- */

struct header_take {
    struct gate_headers *headers;
    const char *address_header, *proxy_user_header;
    const char *address; /* the last one of its kind */
    const char *if_none_match;
};

static const char **header_place(struct header_take *take, const char *name)
{
    const struct {
        const char *name, **to;
    } places[] = {
        {"Host", &take->headers->host},
        {"Origin", &take->headers->origin},
        {"Sec-Fetch-Site", &take->headers->fetch_site},
        {"Content-Type", &take->headers->content_type},
        {"Content-Length", &take->headers->content_length},
        {"Cookie", &take->headers->cookie},
        {"X-CSRF-Token", &take->headers->csrf},
        {"X-Triaged-Proxy-Secret", &take->headers->proxy_secret},
        {"If-None-Match", &take->if_none_match},
        {take->proxy_user_header, &take->headers->proxy_user},
    };

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (*places[i].name && strcasecmp(places[i].name, name) == 0)
            return places[i].to;
    }
    return NULL;
}

static enum MHD_Result take_header(void *opaque, UNUSED enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct header_take *take = opaque;
    const char **place = header_place(take, name);

    if (*take->address_header && strcasecmp(take->address_header, name) == 0)
        take->address = value;
    if (place) {
        take->headers->doubled |= *place != NULL;
        *place = value ? value : "";
    }
    return MHD_YES;
}

/* ---- where it comes from ---- */

static void address_of(struct MHD_Connection *connection, const char *forwarded, char out[ADDRESS_MAX])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    out[0] = '\0';
    if (forwarded) { /* what the proxy itself wrote stands last */
        const char *comma = strrchr(forwarded, ',');
        const char *last = comma ? comma + 1 : forwarded;
        snprintf(out, ADDRESS_MAX, "%s", last + strspn(last, " "));
    } else if (info) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)info->client_addr;
        snprintf(out, ADDRESS_MAX, "%08x", address->sin_addr.s_addr);
    }
}

/* ---- rates ---- */

static bool slow_down(struct exchange *exchange)
{
    struct console *console = exchange->console;
    bool signing_in = exchange->routed.route == ROUTE_SIGN_IN;
    const char *who = *exchange->session ? exchange->session : exchange->proxied;
    uint64_t key = *who && !signing_in ? hash64(who, strlen(who)) : exchange->address;
    int64_t wait_us;
    bool ok;

    pthread_mutex_lock(&console->rate_lock);
    ok = rate_take(signing_in ? console->sign_ins : console->requests, key, clock_mono_us(), &wait_us);
    pthread_mutex_unlock(&console->rate_lock);
    if (ok)
        return false;
    exchange->answer.retry_after = (int)(wait_us / 1000000 + 1);
    answer_error(&exchange->answer, MHD_HTTP_TOO_MANY_REQUESTS, "slow_down",
                 "wait a moment: there were too many requests at once");
    return true;
}

/* ---- what needs no worker ---- */

static void answer_asset(struct exchange *exchange, const char *name)
{
    const struct assets *assets = exchange->console->assets;
    const struct asset *asset = assets_find(assets, name);
    const char *version = exchange->routed.query[QUERY_VERSION];
    struct answer *answer = &exchange->answer;

    if (!asset) {
        answer_error(answer, MHD_HTTP_NOT_FOUND, "not_found", "there is no such file");
        return;
    }
    answer->content = CONTENT_ASSET;
    answer->asset = asset;
    answer->keep_for_ever = version && strcmp(version, assets_version(assets)) == 0;
    answer->status = strcmp(exchange->if_none_match, asset->etag) == 0 ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
}

static void answer_probe(struct exchange *exchange)
{
    bool ready = exchange->routed.route == ROUTE_LIVE || exchange->console->postgres_up;

    exchange->answer.content = CONTENT_TEXT;
    exchange->answer.status = ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    buf_puts(&exchange->answer.text, ready ? "ok\n" : "postgres: away\n");
}

static bool answer_at_once(struct exchange *exchange)
{
    enum route_id route = exchange->routed.route;

    if (route == ROUTE_PAGE || route == ROUTE_STATIC)
        answer_asset(exchange, route == ROUTE_PAGE ? "index.html" : exchange->routed.name);
    else if (route == ROUTE_LIVE || route == ROUTE_READY)
        answer_probe(exchange);
    else
        return false;
    return true;
}

/* ---- the headers are there ---- */

static void refuse(struct exchange *exchange, const struct gate_refusal *refusal)
{
    answer_error(&exchange->answer, refusal->status, refusal->code, refusal->text);
}

static const struct gate_refusal *route_refusal(unsigned status)
{
    static const struct gate_refusal table[] = {
        {400, "bad_request", "check the address: it is not well-formed"},
        {404, "not_found", "there is nothing here"},
        {405, "method", "this address takes another method"},
        {414, "too_large", "the address is too long"},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].status == status)
            return &table[i];
    }
    return &table[0];
}

/* Who asks, as far as the headers tell: the database decides whether the session still is one. */
static bool known(struct exchange *exchange, const struct gate_headers *headers)
{
    static const struct gate_refusal signed_out = {401, "signed_out", "sign in: there is no session, or it is over"};
    static const struct gate_refusal bad_token = {403, "csrf", "load the page again: its token is not this session's"};
    const struct gate_rules *rules = &exchange->console->rules;
    char token[SESSION_ID_MAX];

    if (gate_is_proxied(headers, rules) && strlen(headers->proxy_user) < sizeof exchange->proxied) {
        snprintf(exchange->proxied, sizeof exchange->proxied, "%s", headers->proxy_user);
        session_csrf_proxied(exchange->proxied, rules->proxy_secret, token);
    } else if (exchange->console->parts.config->console.accounts &&
               gate_cookie(headers->cookie, exchange->session_id)) {
        session_hash(exchange->session_id, exchange->session);
        session_csrf(exchange->session_id, token);
    } else if (!route_is_open(exchange->routed.route)) {
        refuse(exchange, &signed_out);
        return false;
    }
    if (!route_is_open(exchange->routed.route) && route_changes(exchange->routed.route) &&
        !gate_same(headers->csrf, token)) {
        refuse(exchange, &bad_token);
        return false;
    }
    return true;
}

/* True: the exchange has its answer. */
static bool settled(struct exchange *exchange, const char *method)
{
    struct console *console = exchange->console;
    const struct config_console *config = &console->parts.config->console;
    struct gate_headers headers = {0};
    struct header_take take = {&headers, config->address_header, config->proxy_user_header, NULL, NULL};
    char address[ADDRESS_MAX];
    struct gate_refusal refusal;
    unsigned status;

    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, &take);
    address_of(exchange->connection, take.address, address);
    exchange->address = hash64(address, strlen(address));
    snprintf(exchange->if_none_match, sizeof exchange->if_none_match, "%s",
             take.if_none_match ? take.if_none_match : "");
    status = router_route(router_method(method), exchange->target, &exchange->routed);
    if (status != MHD_HTTP_OK) {
        exchange->routed.route = ROUTE_STATIC;
        refuse(exchange, route_refusal(status));
        return true;
    }
    refusal = gate_check(exchange->routed.route, &headers, &console->rules);
    if (refusal.status) {
        refuse(exchange, &refusal);
        return true;
    }
    if (answer_at_once(exchange))
        return true;
    return !known(exchange, &headers) || slow_down(exchange);
}

/* ---- the exchange, step by step ---- */

/* Suspended first: the worker may be done before this returns. */
static enum MHD_Result hand_over(struct exchange *exchange)
{
    exchange->stage = STAGE_WORK;
    links_enter(exchange->console->links, exchange->link, PHASE_WORK);
    MHD_suspend_connection(exchange->connection);
    if (jobs_push(exchange->console->jobs, exchange))
        return MHD_YES;
    answer_unavailable(&exchange->answer);
    MHD_resume_connection(exchange->connection);
    return MHD_YES;
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
    links_enter(exchange->console->links, exchange->link,
                exchange->answer.content == CONTENT_STREAM ? PHASE_STREAM : PHASE_SEND);
    return answer_send(exchange);
}

/* A body that is too large is read on for a while, so that its sender hears why. */
static enum MHD_Result take_body(struct exchange *exchange, const char *bytes, size_t *len)
{
    if (exchange->body.len + *len > GATE_BODY_MAX)
        exchange->body_too_large = true;
    if (exchange->body.len + *len > DRAIN_BYTES_MAX)
        return MHD_NO;
    if (exchange->body_too_large)
        exchange->body.len += *len; /* counted, not kept */
    else
        buf_add(&exchange->body, bytes, *len);
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result body_is_there(struct exchange *exchange)
{
    if (!exchange->body_too_large)
        return hand_over(exchange);
    answer_error(&exchange->answer, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", "send at most 262144 bytes");
    return send_answer(exchange);
}

static enum MHD_Result handle(UNUSED void *opaque, UNUSED struct MHD_Connection *connection, UNUSED const char *url,
                              const char *method, UNUSED const char *version, const char *upload, size_t *upload_len,
                              void **state)
{
    struct exchange *exchange = *state;

    switch (exchange->stage) {
    case STAGE_TARGET:
        exchange->stage = STAGE_BODY;
        links_enter(exchange->console->links, exchange->link, PHASE_BODY);
        return settled(exchange, method) ? send_answer(exchange) : MHD_YES;
    case STAGE_BODY:
        return *upload_len ? take_body(exchange, upload, upload_len) : body_is_there(exchange);
    case STAGE_WORK:
        return send_answer(exchange);
    case STAGE_SENT:
        break;
    }
    return MHD_YES;
}

/* ---- beginning and end of a request and of a connection ---- */

static struct link *link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static void *on_target(void *opaque, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = mem_alloc(sizeof *exchange);

    exchange->console = opaque;
    exchange->connection = connection;
    exchange->link = link_of(connection);
    exchange->target = mem_strdup(target);
    exchange->began_us = clock_mono_us();
    return exchange;
}

static void on_completed(void *opaque, UNUSED struct MHD_Connection *connection, void **state,
                         UNUSED enum MHD_RequestTerminationCode how)
{
    struct console *console = opaque;
    struct exchange *exchange = *state;

    if (!exchange)
        return;
    links_enter(console->links, exchange->link, PHASE_IDLE);
    if (exchange->body.data)
        explicit_bzero(exchange->body.data, exchange->body.cap); /* it may hold a password */
    buf_free(&exchange->body);
    answer_done(&exchange->answer);
    mem_free(exchange->target);
    mem_free(exchange);
    *state = NULL;
}

static void on_connection(void *opaque, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct console *console = opaque;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        links_close(console->links, *socket_context);
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *socket_context = info ? links_open(console->links, info->connect_fd) : NULL;
}

/* Targets stay as they were sent: the router decodes what it takes of them. */
static size_t leave_escaped(UNUSED void *opaque, UNUSED struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

int server_open(struct console *console, struct err *reterr)
{
    const struct config_console *config = &console->parts.config->console;
    struct sockaddr_in address;

    if (listen_parse("console.listen", config->listen, &address, reterr) < 0)
        return -1;
    console->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, console, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LINKS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)config->connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)INACTIVE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES_MAX,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, console, MHD_OPTION_NOTIFY_COMPLETED, on_completed, console,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, console, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTENING_ADDRESS_REUSE, 0u, MHD_OPTION_END);
    if (!console->daemon)
        return err_set(reterr, ERR_PERMANENT, EX_UNAVAILABLE,
                       "console.listen %s can't be used (%s); is another process there?", config->listen,
                       strerror(errno));
    return 0;
}

void server_quiesce(struct console *console)
{
    int fd = MHD_quiesce_daemon(console->daemon);

    if (fd >= 0)
        close(fd);
}

void server_close(struct console *console)
{
    MHD_stop_daemon(console->daemon);
    console->daemon = NULL;
}
