/* What the stub can do wrong, and which request it does it to. */
#ifndef STUB_FAULTS_H
#define STUB_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names are those of the marker [[stub:NAME]] in a ticket's text and of the rules. */
#define FAULTS(X)                                                                                                      \
    X(NONE, "none")                                                                                                    \
    X(RESET, "reset")         /* the connection is cut before a header */                                              \
    X(HANG, "hang")           /* nothing ever comes */                                                                 \
    X(HANG_BODY, "hang_body") /* the header comes, the body never */                                                   \
    X(SLOW, "slow")           /* a byte a second */                                                                    \
    X(HTTP_400, "400")        /* the prompt is too long for the model */                                               \
    X(HTTP_401, "401")                                                                                                 \
    X(HTTP_429, "429") /* with Retry-After: 1 */                                                                       \
    X(HTTP_500, "500")                                                                                                 \
    X(HTTP_503, "503")    /* with Retry-After: 1 */                                                                    \
    X(LOADING, "loading") /* 503 as llama.cpp says it while it loads */                                                \
    X(REDIRECT, "redirect")                                                                                            \
    X(HTML, "html")           /* 200 with a page */                                                                    \
    X(EMPTY, "empty")         /* 200 without a body */                                                                 \
    X(TRUNCATED, "truncated") /* JSON that ends too early */                                                           \
    X(CUT, "cut")             /* fewer bytes than Content-Length said */                                               \
    X(WRONG_TYPES, "wrong_types")                                                                                      \
    X(EXTRA_FIELDS, "extra_fields")                                                                                    \
    X(NAN_NUMBER, "nan")                                                                                               \
    X(BAD_UTF8, "bad_utf8")                                                                                            \
    X(BAD_CITATION, "bad_citation") /* a value outside the set of the schema */                                        \
    X(EMPTY_DRAFT, "empty_draft")                                                                                      \
    X(LOOP, "loop")     /* one token again and again, until the length ends it */                                      \
    X(LENGTH, "length") /* finish_reason length in the middle of a sentence */                                         \
    X(FENCE, "fence")   /* the JSON in a code fence */                                                                 \
    X(SCHEMA_IGNORED, "schema_ignored")                                                                                \
    X(FALSE_CLAIM, "false_claim") /* a fluent draft that claims a refund */                                            \
    X(LONG_DRAFT, "long_draft")   /* a good draft of some thousand bytes */                                            \
    X(GZIP_BOMB, "gzip_bomb")                                                                                          \
    X(HUGE_BODY, "huge")              /* 1 GB */                                                                       \
    X(DEAD_ON_REUSE, "dead_on_reuse") /* answers, and cuts the connection when it is used again */

enum fault {
#define X(id, name) FAULT_##id,
    FAULTS(X)
#undef X
        FAULT_COUNT
};

const char *fault_name(enum fault fault);
/* FAULT_COUNT when there is none of this name (len bytes). */
enum fault fault_find(const char *name, size_t len);

#define RULES_MAX 64

/* When a fault happens without a marker: at every Nth request, or at the next N. */
struct rule {
    enum fault fault;
    uint64_t every, next;
};

struct rules {
    struct rule list[RULES_MAX];
    size_t n;
    int64_t delay_least_us, delay_most_us;
    uint64_t delay_seed;
    int64_t
        deaf_us; /* not listening for this long from now: connections are refused; the server takes it and zeroes it */
};

/* Takes lines: "every N FAULT", "next N FAULT", "delay A[:B]" (ms), "refuse MS", "clear", "# comment". 0, or -1 with
 * the number of the line that is none of these. */
int rules_take(struct rules *self, const char *text, int *ret_line);
/* The fault of this request: a marker in its text first, then the rules in order. */
enum fault rules_fault(struct rules *self, const char *body, uint64_t request);
int64_t rules_delay_us(struct rules *self);

#endif
