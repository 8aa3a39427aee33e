/* The model edge: calls to OpenAI-compatible servers over curl multi, driven by the lane's event loop. It knows nothing
 * of tickets: a call has a number of the caller's, a body and a deadline, and ends in exactly one answer.
 * Not thread-safe: one per lane. */
#ifndef TRIAGED_MODEL_MODEL_H
#define TRIAGED_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"
#include "triage/err.h"

#define MODEL_ANSWER_BYTES_MAX 262144 /* more is cut off and is a permanent failure */

/* One try of a call, as it ended: for figures. */
struct model_try {
    const char *endpoint; /* borrowed for the call */
    bool ok;
    int64_t took_us;
};

struct model_settings {
    const char *url; /* one or several, see endpoints.h; a call goes to the least loaded, a further try to another */
    const char *api_key;
    int slots, call_timeout_ms, connect_timeout_ms, retries;
    int breaker_failures, breaker_open_ms;
    uint64_t seed; /* for the jitter of retries */
    void (*on_try)(void *opaque, const struct model_try *ended); /* NULL: nobody asks */
    void *opaque;
};

/* As the configuration says; its strings are borrowed. */
struct model_settings model_settings_of(const struct config_model *config, uint64_t seed);

struct model_answer {
    uint64_t call; /* the caller's number */
    bool ok;
    struct err err; /* when not ok; reason model_unavailable | model_timeout | model_invalid */
    char *body;     /* owned by the answer; NULL when not ok */
    size_t len;
    int64_t took_us;
    int tries;
};

struct model; /* opaque */

/* epoll_fd: the loop's epoll; sockets are registered there with data.u64 = tag << 32 | fd. */
int model_open(const struct model_settings *settings, int epoll_fd, uint32_t tag, struct model **ret_model,
               struct err *reterr);
void model_close(struct model *self); /* cancels what runs; no answers come of it */

/* Starts a call; body is copied. deadline_us on the monotonic clock bounds all tries. traceparent may be "". */
int model_call(struct model *self, uint64_t call, const char *body, const char *traceparent, int64_t deadline_us,
               struct err *reterr);
void model_cancel(struct model *self, uint64_t call); /* closes its connection; no answer comes of it */

void model_on_socket(struct model *self, int fd, uint32_t epoll_events, int64_t now_us);
/* Runs timers; returns when to call again (monotonic microseconds, INT64_MAX: never). */
int64_t model_tick(struct model *self, int64_t now_us);
/* Next finished call, or false. The caller frees with model_answer_free. */
bool model_next_answer(struct model *self, struct model_answer *ret_answer);
void model_answer_free(struct model_answer *answer);

/* The server at index, and whether its breaker is open; NULL beyond the last. */
const char *model_endpoint_at(const struct model *self, size_t index, int64_t now_us, bool *ret_open);
bool model_breaker_open(const struct model *self, int64_t now_us); /* of every server */
size_t model_calls_running(const struct model *self);

#endif
