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
    int64_t try_at_us; /* no connection is opened before: it would fail */
    int n;
    pthread_t threads[];
};

static bool may_try(struct jobs *self)
{
    int64_t now = clock_mono_us();
    bool may;

    pthread_mutex_lock(&self->lock);
    may = now >= self->try_at_us;
    if (may && !self->console->postgres_up)
        self->try_at_us = now + TRY_AGAIN_US; /* one at a time finds out */
    pthread_mutex_unlock(&self->lock);
    return may;
}

/* NULL: Postgres is away. */
static struct queue *connected(struct jobs *self, struct queue *queue)
{
    struct err err = {0};

    if (queue && console_queue_alive(queue))
        return queue;
    queue_close(queue);
    if (!may_try(self))
        return NULL;
    if (console_queue_open(&self->console->postgres, &queue, &err) == 0) {
        self->console->postgres_up = true;
        return queue;
    }
    log_line(LOG_WARN, "console.postgres_away", "text=\"%.300s\"", err.text);
    self->console->postgres_up = false;
    pthread_mutex_lock(&self->lock);
    self->try_at_us = clock_mono_us() + TRY_AGAIN_US;
    pthread_mutex_unlock(&self->lock);
    return NULL;
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

static void *work(void *opaque)
{
    struct jobs *self = opaque;
    struct queue *queue = NULL;
    struct exchange *exchange;

    while ((exchange = pop(self))) {
        queue = connected(self, queue);
        if (queue)
            api_answer(exchange, queue);
        else
            answer_unavailable(&exchange->answer);
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
