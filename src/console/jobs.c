/* A thread keeps its connection from one request to the next, opens it anew where it died, and while Postgres is away
 * asks for it once a second at most: everybody else is told at once. */
#include "console/jobs.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/answer.h"
#include "console/api.h"
#include "console/console_state.h"

#define TRY_AGAIN_US 1000000LL

struct jobs {
    struct console *console;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct exchange *first, **last;
    bool stop;
    pthread_mutex_t opening;
    int64_t try_at_us; /* no connection is opened before: it would fail */
    int n;
    pthread_t threads[];
};

/* NULL: Postgres is away. One thread at a time finds out; who waited for it believes it. */
static struct queue *open_one(struct jobs *self)
{
    struct queue *queue = NULL;
    struct err err = {0};

    pthread_mutex_lock(&self->opening);
    if (clock_mono_us() >= self->try_at_us) {
        if (console_queue_open(&self->console->postgres, &queue, &err) == 0) {
            self->console->postgres_up = true;
        } else {
            log_line(LOG_WARN, "console.postgres_away", "text=\"%.300s\"", err.text);
            self->console->postgres_up = false;
            self->try_at_us = clock_mono_us() + TRY_AGAIN_US;
        }
    }
    pthread_mutex_unlock(&self->opening);
    return queue;
}

static struct queue *connected(struct jobs *self, struct queue *queue)
{
    if (queue && console_queue_alive(queue))
        return queue;
    queue_close(queue);
    return open_one(self);
}

static struct exchange *pop(struct jobs *self)
{
    struct exchange *exchange;

    pthread_mutex_lock(&self->lock);
    while (!self->first && !self->stop)
        pthread_cond_wait(&self->wake, &self->lock);
    exchange = self->first;
    if (exchange) {
        self->first = exchange->next;
        if (!self->first)
            self->last = &self->first;
    }
    pthread_mutex_unlock(&self->lock);
    return exchange;
}

/* What only reads is asked again when its connection died under it; the rest is for its sender to ask again. */
static struct queue *answer(struct jobs *self, struct exchange *exchange, struct queue *queue)
{
    for (int again = !route_changes(exchange->routed.route); again >= 0; again--) {
        queue = connected(self, queue);
        if (!queue) {
            answer_unavailable(&exchange->answer);
            return NULL;
        }
        api_answer(exchange, queue);
        if (exchange->answer.status != MHD_HTTP_SERVICE_UNAVAILABLE || console_queue_alive(queue))
            break;
    }
    return queue;
}

static void *work(void *opaque)
{
    struct jobs *self = opaque;
    struct queue *queue = NULL;
    struct exchange *exchange;

    while ((exchange = pop(self))) {
        queue = answer(self, exchange, queue);
        MHD_resume_connection(exchange->connection);
    }
    queue_close(queue);
    return NULL;
}

int jobs_new(struct console *console, int threads, struct jobs **ret_jobs)
{
    struct jobs *self = mem_alloc(sizeof *self + (size_t)threads * sizeof *self->threads);

    self->console = console;
    self->last = &self->first;
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->opening, NULL);
    pthread_cond_init(&self->wake, NULL);
    for (; self->n < threads; self->n++) {
        if (pthread_create(&self->threads[self->n], NULL, work, self) != 0)
            break;
    }
    *ret_jobs = self;
    return self->n > 0 ? 0 : -1;
}

void jobs_stop(struct jobs *self)
{
    pthread_mutex_lock(&self->lock);
    self->stop = true;
    pthread_cond_broadcast(&self->wake);
    pthread_mutex_unlock(&self->lock);
    for (int i = 0; i < self->n; i++)
        pthread_join(self->threads[i], NULL);
}

void jobs_free(struct jobs *self)
{
    if (!self)
        return;
    pthread_cond_destroy(&self->wake);
    pthread_mutex_destroy(&self->lock);
    pthread_mutex_destroy(&self->opening);
    mem_free(self);
}

bool jobs_push(struct jobs *self, struct exchange *exchange)
{
    bool taken;

    pthread_mutex_lock(&self->lock);
    taken = !self->stop;
    if (taken) {
        exchange->next = NULL;
        *self->last = exchange;
        self->last = &exchange->next;
        pthread_cond_signal(&self->wake);
    }
    pthread_mutex_unlock(&self->lock);
    return taken;
}
