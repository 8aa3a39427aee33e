/* A late connection is shut down, not closed: its owner, the server, then finds it ended and closes it. */
#include "console/links.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { LOOK_EVERY_MS = 200 };

struct link {
    bool used;
    int fd;
    enum phase phase;
    int64_t late_at_us; /* 0: never */
};

struct links {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool stop;
    int seconds[PHASE_COUNT];
    struct link list[LINKS_MAX];
};

static const char *const phase_names[] = {"headers", "body", "work", "send", "idle", "stream"};
_Static_assert(ARRAY_LEN(phase_names) == PHASE_COUNT, "a phase without a name");

static void end_late(struct links *self)
{
    int64_t now = clock_mono_us();

    for (size_t i = 0; i < LINKS_MAX; i++) {
        struct link *link = &self->list[i];
        if (!link->used || !link->late_at_us || now < link->late_at_us)
            continue;
        link->late_at_us = 0;
        (void)shutdown(link->fd, SHUT_RDWR);
        log_line(LOG_DEBUG, "console.late", "phase=%s", phase_names[link->phase]);
    }
}

static void *watch(void *opaque)
{
    struct links *self = opaque;

    pthread_mutex_lock(&self->lock);
    while (!self->stop) {
        struct timespec until;
        end_late(self);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_EVERY_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&self->wake, &self->lock, &until);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

struct links *links_new(const int seconds[PHASE_COUNT])
{
    struct links *self = mem_alloc(sizeof *self);

    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, NULL);
    for (int i = 0; i < PHASE_COUNT; i++)
        self->seconds[i] = seconds[i];
    pthread_create(&self->thread, NULL, watch, self);
    return self;
}

void links_free(struct links *self)
{
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->stop = true;
    pthread_cond_signal(&self->wake);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->thread, NULL);
    pthread_cond_destroy(&self->wake);
    pthread_mutex_destroy(&self->lock);
    mem_free(self);
}

static void set_phase(struct links *self, struct link *link, enum phase phase)
{
    link->phase = phase;
    link->late_at_us = self->seconds[phase] ? clock_mono_us() + self->seconds[phase] * 1000000LL : 0;
}

struct link *links_open(struct links *self, int fd)
{
    struct link *found = NULL;

    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < LINKS_MAX && !found; i++) {
        if (!self->list[i].used)
            found = &self->list[i];
    }
    if (found) {
        *found = (struct link){.used = true, .fd = fd};
        set_phase(self, found, PHASE_HEADERS);
    }
    pthread_mutex_unlock(&self->lock);
    return found;
}

void links_close(struct links *self, struct link *link)
{
    if (!link)
        return;
    pthread_mutex_lock(&self->lock);
    link->used = false;
    pthread_mutex_unlock(&self->lock);
}

void links_enter(struct links *self, struct link *link, enum phase phase)
{
    if (!link)
        return;
    pthread_mutex_lock(&self->lock);
    if (link->used)
        set_phase(self, link, phase);
    pthread_mutex_unlock(&self->lock);
}
