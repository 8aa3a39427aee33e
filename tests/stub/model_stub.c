/* A scripted model server: OpenAI-compatible, one epoll thread, as many requests at once as come.
 *   model_stub --port P [--delay-ms A[:B]] [--script FILE] [--seed N] [--log FILE]
 * POST .../chat/completions answers after the delay, or with a fault (faults.h): by a marker [[stub:NAME]] in the text
 * of the request, or by a rule. Rules come from the script and from POST /control, which takes the same lines. GET
 * /stats tells what happened, GET /reset zeroes it, GET /health is 200. It listens on 127.0.0.1 only and says
 * "listening on PORT" when it does; port 0 picks a free one. With --log each request whose text holds [[id:NAME]] adds a
 * line "MICROSECONDS NAME" to the file at once: who was asked for, and how often. With STUB_PROMPTS=FILE in the
 * environment every request is added to that file. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "faults.h"

enum {
    CONNS_MAX = 65536,
    BACKLOG = 4096,
    EVENTS_MAX = 256,
    READ_CHUNK = 65536,
    REQUEST_MAX = 8 << 20,
    DRIP_US = 1000000,
    FILLER_CHUNK = 65536,
    SCRIPT_MAX = 65536,
    ADDRESS_TRIES_MS = 5000,
};

struct conn {
    int fd;
    struct buf in;
    struct reply reply;
    size_t sent;
    int64_t due_us;     /* 0: none */
    bool busy, sending; /* between a request and the end of its response; its bytes may go */
    bool drop_next;     /* the next request on it is cut */
    enum fault fault;
};

struct stub {
    int epoll_fd, listen_fd, port;
    FILE *log; /* NULL: none */
    FILE *prompts; /* every request, one a line; NULL: none is kept */
    struct conn *conns[CONNS_MAX];
    int fd_end; /* no connection has this number or a higher one */
    struct rules rules;
    int64_t deaf_until_us;
    uint64_t requests, answered, cancelled, in_flight, max_in_flight, connections, per_fault[FAULT_COUNT];
};

static volatile sig_atomic_t stopping;

static void on_signal(UNUSED int number)
{
    stopping = 1;
}

/* ---- the socket ---- */

static int open_listener(struct stub *self)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)self->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN};
    socklen_t len = sizeof address;
    int one = 1;

    self->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(self->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(self->listen_fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(self->listen_fd, BACKLOG) < 0 || getsockname(self->listen_fd, (struct sockaddr *)&address, &len) < 0) {
        perror("model_stub: listen");
        return -1;
    }
    self->port = ntohs(address.sin_port);
    event.data.fd = self->listen_fd;
    return epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->listen_fd, &event);
}

static void watch(struct stub *self, const struct conn *conn, bool to_write)
{
    struct epoll_event event = {.events = EPOLLIN | (to_write ? EPOLLOUT : 0u), .data.fd = conn->fd};

    epoll_ctl(self->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event);
}

static void accept_all(struct stub *self)
{
    int fd, one = 1;

    while ((fd = accept4(self->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (fd >= CONNS_MAX) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        self->conns[fd] = mem_alloc(sizeof *self->conns[fd]);
        self->conns[fd]->fd = fd;
        self->fd_end = fd >= self->fd_end ? fd + 1 : self->fd_end;
        self->connections++;
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

/* reset: the peer sees a cut, not an orderly end. */
static void drop(struct stub *self, struct conn *conn, bool reset)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (conn->busy) {
        self->in_flight--;
        self->cancelled++;
    }
    if (reset)
        setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    self->conns[conn->fd] = NULL;
    close(conn->fd);
    reply_free(&conn->reply);
    buf_free(&conn->in);
    mem_free(conn);
}

/* ---- sending ---- */

static void finish_reply(struct stub *self, struct conn *conn)
{
    conn->drop_next = conn->reply.closes_when_reused;
    if (conn->busy) {
        conn->busy = false;
        self->in_flight--;
        self->answered++;
    }
    conn->sending = false;
    conn->sent = 0;
    conn->due_us = 0;
    reply_free(&conn->reply);
    watch(self, conn, false);
}

/* 1 all sent that may go now, 0 the socket is full, -1 it is gone. */
static int send_some(struct conn *conn)
{
    static const char filler[FILLER_CHUNK];
    struct reply *reply = &conn->reply;
    size_t may = reply->dripping ? reply->first : reply->bytes.len;

    while (conn->sent < may || (!reply->dripping && reply->filler)) {
        bool own = conn->sent < may;
        size_t most = reply->filler < FILLER_CHUNK ? (size_t)reply->filler : FILLER_CHUNK;
        ssize_t n = own ? send(conn->fd, reply->bytes.data + conn->sent, may - conn->sent, MSG_NOSIGNAL)
                        : send(conn->fd, filler, most, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        conn->sent += own ? (size_t)n : 0;
        reply->filler -= own ? 0 : (uint64_t)n;
    }
    return 1;
}

/* False when the connection is gone. */
static bool pump(struct stub *self, struct conn *conn)
{
    struct reply *reply = &conn->reply;
    int rc = send_some(conn);

    if (rc < 0 || (rc == 1 && reply->close && !reply->dripping)) {
        drop(self, conn, true);
        return false;
    }
    watch(self, conn, rc == 0);
    if (rc == 0)
        return true;
    if (reply->dripping && reply->first < reply->bytes.len) {
        conn->due_us = reply->silent ? 0 : clock_mono_us() + DRIP_US;
        return true;
    }
    if (!reply->silent)
        finish_reply(self, conn);
    return true;
}

/* ---- requests ---- */

static void stats(struct stub *self, struct conn *conn)
{
    CLEANUP(buf_free) struct buf body = {0};
    const char *comma = "";

    buf_printf(&body,
               "{\"requests\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"cancelled\":%" PRIu64 ",\"in_flight\":%" PRIu64
               ",\"max_in_flight\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"faults\":{",
               self->requests, self->answered, self->cancelled, self->in_flight, self->max_in_flight,
               self->connections);
    for (int i = 1; i < FAULT_COUNT; i++) {
        if (self->per_fault[i]) {
            buf_printf(&body, "%s\"%s\":%" PRIu64, comma, fault_name((enum fault)i), self->per_fault[i]);
            comma = ",";
        }
    }
    buf_puts(&body, "}}");
    reply_plain(&conn->reply, "200 OK", buf_str(&body));
}

static void reset_stats(struct stub *self)
{
    self->requests = self->answered = self->cancelled = self->connections = 0;
    self->max_in_flight = self->in_flight;
    memset(self->per_fault, 0, sizeof self->per_fault);
}

static void control(struct stub *self, struct conn *conn, const char *lines)
{
    char answer[64];
    int line = 0;

    if (rules_take(&self->rules, lines, &line) < 0) {
        snprintf(answer, sizeof answer, "{\"error\":\"line %d is no rule\"}", line);
        reply_plain(&conn->reply, "400 Bad Request", answer);
        return;
    }
    reply_plain(&conn->reply, "200 OK", "{}");
}

static void log_request(struct stub *self, const char *body)
{
    static const char marker[] = "[[id:";
    const char *at = self->log ? strstr(body, marker) : NULL;

    if (!at)
        return;
    at += sizeof marker - 1;
    fprintf(self->log, "%" PRId64 " %.*s\n", clock_mono_us(), (int)strcspn(at, "]\""), at);
    fflush(self->log);
}

/* A request is one line of JSON. */
static void keep_prompt(struct stub *self, const char *body)
{
    if (!self->prompts || !*body || strchr(body, '\n'))
        return;
    fprintf(self->prompts, "%s\n", body);
    fflush(self->prompts);
}

static void chat(struct stub *self, struct conn *conn, const char *body)
{
    keep_prompt(self, body);
    log_request(self, body);
    self->requests++;
    self->in_flight++;
    if (self->in_flight > self->max_in_flight)
        self->max_in_flight = self->in_flight;
    conn->busy = true;
    conn->fault = rules_fault(&self->rules, body, self->requests);
    self->per_fault[conn->fault]++;
    reply_make(&conn->reply, conn->fault, body);
    conn->due_us = clock_mono_us() + rules_delay_us(&self->rules);
}

static void route(struct stub *self, struct conn *conn, const char *head, const char *body)
{
    if (strncmp(head, "POST /control", 13) == 0) {
        control(self, conn, body);
    } else if (strncmp(head, "GET /stats", 10) == 0) {
        stats(self, conn);
    } else if (strncmp(head, "GET /reset", 10) == 0) {
        reset_stats(self);
        reply_plain(&conn->reply, "200 OK", "{}");
    } else if (strncmp(head, "POST ", 5) == 0) {
        chat(self, conn, body);
        return;
    } else {
        reply_plain(&conn->reply, "200 OK", "{\"status\":\"ok\",\"object\":\"list\",\"data\":[{\"id\":\"stub\"}]}");
    }
    conn->due_us = 1; /* at once */
}

static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\nContent-Length:");

    return at ? strtoul(at + 17, NULL, 10) : 0;
}

/* Takes one whole request from what was read. False when the connection is gone. */
static bool take_request(struct stub *self, struct conn *conn)
{
    char *end = conn->in.data ? strstr(conn->in.data, "\r\n\r\n") : NULL;
    char *body;
    size_t head_len, body_len;

    if (conn->busy || conn->due_us || !end)
        return true;
    head_len = (size_t)(end - conn->in.data) + 4;
    *end = '\0';
    body_len = content_length(conn->in.data);
    *end = '\r';
    if (body_len > REQUEST_MAX || conn->drop_next) {
        drop(self, conn, true);
        return false;
    }
    if (conn->in.len < head_len + body_len)
        return true;
    body = mem_strndup(conn->in.data + head_len, body_len);
    *end = '\0';
    route(self, conn, conn->in.data, body);
    mem_free(body);
    memmove(conn->in.data, conn->in.data + head_len + body_len, conn->in.len - head_len - body_len + 1);
    conn->in.len -= head_len + body_len;
    return true;
}

static void on_readable(struct stub *self, struct conn *conn)
{
    char chunk[READ_CHUNK];
    ssize_t n;

    while ((n = recv(conn->fd, chunk, sizeof chunk, 0)) > 0) {
        buf_add(&conn->in, chunk, (size_t)n);
        if (conn->in.len > REQUEST_MAX + READ_CHUNK)
            break;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(self, conn, false);
        return;
    }
    take_request(self, conn);
}

/* ---- time ---- */

static void on_due(struct stub *self, struct conn *conn)
{
    struct reply *reply = &conn->reply;

    conn->due_us = 0;
    if (conn->sending && reply->dripping)
        reply->first++;
    conn->sending = true;
    if (!pump(self, conn) || conn->busy)
        return;
    if (conn->in.len && take_request(self, conn) && conn->due_us == 1)
        on_due(self, conn);
}

static void hear_or_not(struct stub *self, int64_t now)
{
    if (self->rules.deaf_us) {
        self->deaf_until_us = now + self->rules.deaf_us;
        self->rules.deaf_us = 0;
        close(self->listen_fd);
        self->listen_fd = -1;
    }
    if (self->listen_fd < 0 && now >= self->deaf_until_us && open_listener(self) < 0)
        self->deaf_until_us = now + ADDRESS_TRIES_MS * 1000LL;
}

/* Milliseconds until something is due. */
static int run_due(struct stub *self)
{
    int64_t now = clock_mono_us(), next = INT64_MAX;

    hear_or_not(self, now);
    if (self->listen_fd < 0)
        next = self->deaf_until_us;
    for (int fd = 0; fd < self->fd_end; fd++) {
        if (self->conns[fd] && self->conns[fd]->due_us && self->conns[fd]->due_us <= now)
            on_due(self, self->conns[fd]);
        if (self->conns[fd] && self->conns[fd]->due_us && self->conns[fd]->due_us < next)
            next = self->conns[fd]->due_us;
    }
    if (next == INT64_MAX)
        return -1;
    return next <= now ? 0 : (int)((next - now + 999) / 1000);
}

static int serve(struct stub *self)
{
    struct epoll_event events[EVENTS_MAX];

    while (!stopping) {
        int n = epoll_wait(self->epoll_fd, events, EVENTS_MAX, run_due(self));
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            struct conn *conn = fd == self->listen_fd ? NULL : self->conns[fd];
            if (fd == self->listen_fd)
                accept_all(self);
            else if (conn && events[i].events & EPOLLOUT)
                pump(self, conn);
            else if (conn)
                on_readable(self, conn);
        }
    }
    return 0;
}

/* ---- starting ---- */

static int take_script(struct stub *self, const char *path)
{
    char text[SCRIPT_MAX];
    FILE *file = fopen(path, "re");
    size_t n;
    int line = 0;

    if (!file) {
        perror(path);
        return -1;
    }
    n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    if (rules_take(&self->rules, text, &line) == 0)
        return 0;
    fprintf(stderr, "model_stub: %s line %d is no rule\n", path, line);
    return -1;
}

static int take_option(struct stub *self, const char *name, const char *value)
{
    char rule[64];
    int line;

    if (strcmp(name, "--port") == 0) {
        self->port = atoi(value);
        return 0;
    }
    if (strcmp(name, "--seed") == 0) {
        self->rules.delay_seed = strtoull(value, NULL, 10);
        return 0;
    }
    if (strcmp(name, "--script") == 0)
        return take_script(self, value);
    if (strcmp(name, "--log") == 0) {
        self->log = fopen(value, "ae");
        return self->log ? 0 : -1;
    }
    if (strcmp(name, "--delay-ms") != 0)
        return -1;
    snprintf(rule, sizeof rule, "delay %s", value);
    return rules_take(&self->rules, rule, &line);
}

int main(int argc, char **argv)
{
    static struct stub stub = {.port = 18080};
    const struct sigaction stop = {.sa_handler = on_signal};

    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || take_option(&stub, argv[i], argv[i + 1]) < 0) {
            fputs("usage: model_stub --port P [--delay-ms A[:B]] [--script FILE] [--seed N] [--log FILE]\n", stderr);
            return 64;
        }
    }
    if (getenv("STUB_PROMPTS"))
        stub.prompts = fopen(getenv("STUB_PROMPTS"), "ae");
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    stub.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (open_listener(&stub) < 0)
        return 71;
    printf("listening on %d\n", stub.port);
    fflush(stdout);
    serve(&stub);
    for (int fd = 0; fd < CONNS_MAX; fd++) {
        if (stub.conns[fd])
            drop(&stub, stub.conns[fd], false);
    }
    return 0;
}
