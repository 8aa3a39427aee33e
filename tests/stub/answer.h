/* What the stub answers: a chat completion that is valid for the request's own schema, or a spoilt one. */
#ifndef STUB_ANSWER_H
#define STUB_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "faults.h"

/* How a response leaves, besides its bytes. */
struct reply {
    struct buf bytes;             /* header and body */
    uint64_t filler;              /* so many further bytes follow that nobody wrote down */
    size_t first;                 /* bytes that go at once; the rest one a second */
    bool dripping, close, silent; /* silent: nothing leaves, the connection stays */
    bool closes_when_reused;
};

/* request is the JSON of the chat completion; it may be anything. */
void reply_make(struct reply *self, enum fault fault, const char *request);
/* A plain response of the stub's own pages. */
void reply_plain(struct reply *self, const char *status, const char *body);
void reply_free(struct reply *self);

#endif
