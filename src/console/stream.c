/* A stream that has nothing to say is suspended; whoever writes to it resumes it. Both happen under the one lock. */
#include "console/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/console_state.h"

enum { WAIT_MS = 500, RETRY_MS = 1000 };
#define LOOK_EVERY_US 5000000LL /* without a notification */
#define NEWS_EVERY_US 1000000LL /* at most */
#define PING_EVERY_US 15000000LL
#define LIMIT_BYTES   (1 << 20)

struct stream {
    struct stream *next;
    struct news *news;
    struct MHD_Connection *connection;
    struct link *link;
    char session[SHA256_HEX_MAX], proxied[CONSOLE_NAME_MAX], reviewer[CONSOLE_NAME_MAX];
    struct buf pending;
    size_t read;
    bool suspended, ending;
};

struct news {
    struct console *console;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop;
    struct stream *streams;
    int n;
    /* of the thread alone */
    struct queue *queue;
    bool was_down, heard;
    int64_t last, looked_us, pinged_us;
};

/* ---- a stream; all under the lock ---- */

static void wake_stream(struct stream *self)
{
    if (!self->suspended)
        return;
    self->suspended = false;
    MHD_resume_connection(self->connection);
}

static void say(struct stream *self, const char *event, const char *data)
{
    if (self->ending)
        return;
    if (self->pending.len - self->read > STREAM_PENDING_MAX) {
        self->ending = true; /* nobody reads */
        links_enter(self->news->console->links, self->link, PHASE_SEND);
    } else {
        buf_printf(&self->pending, "event: %s\ndata: %s\n\n", event, data);
    }
    wake_stream(self);
}

static int count_of(const struct news *self, const char *reviewer)
{
    int n = 0;

    for (const struct stream *at = self->streams; at; at = at->next)
        n += strcmp(at->reviewer, reviewer) == 0;
    return n;
}

struct stream *stream_new(struct news *self, const struct exchange *exchange, const char *counts)
{
    struct stream *stream = NULL;

    pthread_mutex_lock(&self->lock);
    if (!self->stop && self->n < STREAMS_MAX && count_of(self, exchange->reviewer) < STREAMS_OF_REVIEWER_MAX) {
        stream = mem_alloc(sizeof *stream);
        stream->news = self;
        stream->connection = exchange->connection;
        stream->link = exchange->link;
        snprintf(stream->session, sizeof stream->session, "%s", exchange->session);
        snprintf(stream->proxied, sizeof stream->proxied, "%s", exchange->proxied);
        snprintf(stream->reviewer, sizeof stream->reviewer, "%s", exchange->reviewer);
        buf_printf(&stream->pending, "retry: 2000\n\nevent: queue\ndata: {\"counts\":%s}\n\n", counts);
        stream->next = self->streams;
        self->streams = stream;
        self->n++;
    }
    pthread_mutex_unlock(&self->lock);
    return stream;
}

ssize_t stream_read(void *opaque, UNUSED uint64_t position, char *out, size_t max)
{
    struct stream *self = opaque;
    size_t n;

    pthread_mutex_lock(&self->news->lock);
    n = self->pending.len - self->read;
    if (n > max)
        n = max;
    if (n) {
        memcpy(out, self->pending.data + self->read, n);
        self->read += n;
        if (self->read == self->pending.len) {
            buf_reset(&self->pending);
            self->read = 0;
        }
    } else if (!self->ending) {
        self->suspended = true;
        MHD_suspend_connection(self->connection);
    }
    bool over = !n && self->ending;
    pthread_mutex_unlock(&self->news->lock);
    return over ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

void stream_gone(void *opaque)
{
    struct stream *self = opaque;
    struct news *news = self->news;

    pthread_mutex_lock(&news->lock);
    for (struct stream **at = &news->streams; *at; at = &(*at)->next) {
        if (*at == self) {
            *at = self->next;
            news->n--;
            break;
        }
    }
    pthread_mutex_unlock(&news->lock);
    buf_free(&self->pending);
    mem_free(self);
}

/* ---- to all of them ---- */

static void tell_all(struct news *self, const char *event, const char *data)
{
    pthread_mutex_lock(&self->lock);
    for (struct stream *at = self->streams; at; at = at->next)
        say(at, event, data);
    pthread_mutex_unlock(&self->lock);
}

/* JSON array of a member of every stream, for SQL; the caller frees it. */
static char *names_of(struct news *self, size_t offset)
{
    cJSON *array = cJSON_CreateArray();
    char *text;

    pthread_mutex_lock(&self->lock);
    for (struct stream *at = self->streams; at; at = at->next) {
        if (*((char *)at + offset))
            cJSON_AddItemToArray(array, cJSON_CreateString((char *)at + offset));
    }
    pthread_mutex_unlock(&self->lock);
    text = json_text(array);
    cJSON_Delete(array);
    return text;
}

static void tell_counts(struct news *self, const cJSON *counts, const cJSON *mine)
{
    pthread_mutex_lock(&self->lock);
    for (struct stream *at = self->streams; at; at = at->next) {
        cJSON *doc = cJSON_CreateObject();
        cJSON *own = cJSON_Duplicate(counts, true);
        CLEANUP(mem_freep) char *text = NULL;
        cJSON_AddNumberToObject(own, "mine", json_num(mine, at->reviewer, 0));
        cJSON_AddItemToObject(doc, "counts", own);
        text = json_text(doc);
        cJSON_Delete(doc);
        say(at, "queue", text);
    }
    pthread_mutex_unlock(&self->lock);
}

static int look(struct news *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *reviewers = names_of(self, offsetof(struct stream, reviewer));
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(json_done) cJSON *doc = NULL;
    const struct json_limits limits = {LIMIT_BYTES, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

    if (console_queue_pulse(self->queue, self->last, reviewers, &json, reterr) < 0 ||
        json_parse(json, strlen(json), &limits, &doc, reterr) < 0)
        return -1;
    (void)json_int64(doc, "at", &self->last);
    if (json_get(doc, "counts"))
        tell_counts(self, json_get(doc, "counts"), json_get(doc, "mine"));
    return 0;
}

static bool among(const cJSON *list, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, text) == 0)
            return true;
    }
    return false;
}

/* A page that is left open does not outlive its session. */
static int ping(struct news *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *sessions = names_of(self, offsetof(struct stream, session));
    CLEANUP(mem_freep) char *names = names_of(self, offsetof(struct stream, proxied));
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(json_done) cJSON *alive = NULL;
    const struct json_limits limits = {LIMIT_BYTES, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

    if (console_queue_alive_sessions(self->queue, sessions, names, &json, reterr) < 0 ||
        json_parse(json, strlen(json), &limits, &alive, reterr) < 0)
        return -1;
    pthread_mutex_lock(&self->lock);
    for (struct stream *at = self->streams; at; at = at->next) {
        bool stays = among(alive, *at->session ? at->session : at->proxied);
        say(at, stays ? "ping" : "signed_out", "{}");
        at->ending |= !stays;
    }
    pthread_mutex_unlock(&self->lock);
    return 0;
}

/* ---- the thread ---- */

static bool nap(struct news *self, int ms)
{
    struct timespec until;
    bool stop;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&self->lock);
    if (!self->stop)
        pthread_cond_timedwait(&self->wake, &self->lock, &until);
    stop = self->stop;
    pthread_mutex_unlock(&self->lock);
    return !stop;
}

static int connect_now(struct news *self, struct err *reterr)
{
    if (console_queue_open(&self->console->postgres, &self->queue, reterr) < 0)
        return -1;
    if (console_queue_listen(self->queue, reterr) < 0)
        return -1;
    self->console->postgres_up = true;
    self->last = -1;
    self->looked_us = 0;
    self->heard = true;
    if (self->was_down)
        tell_all(self, "up", "{}");
    log_line(LOG_INFO, "console.postgres_up", "again=%d", self->was_down);
    self->was_down = false;
    return 0;
}

static int turn(struct news *self, struct err *reterr)
{
    int64_t now;
    bool heard;

    if (!self->queue && connect_now(self, reterr) < 0)
        return -1;
    if (console_queue_wait(self->queue, WAIT_MS, &heard, reterr) < 0)
        return -1;
    self->heard |= heard;
    now = clock_mono_us();
    if ((self->heard && now - self->looked_us >= NEWS_EVERY_US) || now - self->looked_us >= LOOK_EVERY_US) {
        self->heard = false;
        self->looked_us = now;
        if (look(self, reterr) < 0)
            return -1;
    }
    if (now - self->pinged_us >= PING_EVERY_US) {
        self->pinged_us = now;
        return ping(self, reterr);
    }
    return 0;
}

static void went_down(struct news *self, const struct err *err)
{
    queue_close(self->queue);
    self->queue = NULL;
    self->console->postgres_up = false;
    if (!self->was_down) {
        log_line(LOG_WARN, "console.postgres_away", "text=\"%.300s\"", err->text);
        tell_all(self, "down", "{}");
    }
    self->was_down = true;
}

static bool stopping(struct news *self)
{
    bool stop;

    pthread_mutex_lock(&self->lock);
    stop = self->stop;
    pthread_mutex_unlock(&self->lock);
    return stop;
}

static void *run(void *opaque)
{
    struct news *self = opaque;

    while (!stopping(self)) {
        struct err err = {0};
        if (turn(self, &err) < 0) {
            went_down(self, &err);
            nap(self, RETRY_MS);
        }
    }
    queue_close(self->queue);
    return NULL;
}

int news_new(struct console *console, struct news **ret_news)
{
    struct news *self = mem_alloc(sizeof *self);

    self->console = console;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, NULL);
    self->started = pthread_create(&self->thread, NULL, run, self) == 0;
    *ret_news = self;
    return self->started ? 0 : -1;
}

void news_stop(struct news *self)
{
    pthread_mutex_lock(&self->lock);
    self->stop = true;
    pthread_cond_signal(&self->wake);
    for (struct stream *at = self->streams; at; at = at->next) {
        at->ending = true;
        wake_stream(at);
    }
    pthread_mutex_unlock(&self->lock);
    if (self->started)
        pthread_join(self->thread, NULL);
}

void news_free(struct news *self)
{
    if (!self)
        return;
    pthread_cond_destroy(&self->wake);
    pthread_mutex_destroy(&self->lock);
    mem_free(self);
}
