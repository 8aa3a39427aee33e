/* What the files of the console share: the console, and one exchange (a request and its answer). */
#ifndef TRIAGED_CONSOLE_CONSOLE_STATE_H
#define TRIAGED_CONSOLE_CONSOLE_STATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "console/assets.h"
#include "console/console.h"
#include "console/gate.h"
#include "console/jobs.h"
#include "console/links.h"
#include "console/rate.h"
#include "console/router.h"
#include "console/session.h"
#include "console/stream.h"
#include "queue/console.h"

#define COOKIE_HEADER_MAX 256

struct console {
    struct console_parts parts;
    struct config_postgres postgres; /* the console's own login */
    struct gate_rules rules;
    struct buf hosts;
    struct assets *assets;
    struct rate *sign_ins, *requests;
    pthread_mutex_t rate_lock;
    struct links *links;
    struct jobs *jobs;
    struct news *news;
    struct MHD_Daemon *daemon;
    _Atomic bool postgres_up;
};

enum content { CONTENT_NONE, CONTENT_JSON, CONTENT_TEXT, CONTENT_ASSET, CONTENT_STREAM };

struct answer {
    unsigned status;
    enum content content;
    struct buf text;
    const struct asset *asset;
    bool keep_for_ever; /* of an asset: asked for by its version */
    struct stream *stream;
    int retry_after; /* seconds, 0: not said */
    char cookie[COOKIE_HEADER_MAX];
};

enum stage { STAGE_TARGET, STAGE_BODY, STAGE_WORK, STAGE_SENT };

struct exchange {
    struct console *console;
    struct MHD_Connection *connection;
    struct link *link;
    struct exchange *next; /* in the queue of jobs */
    enum stage stage;
    char *target;
    struct routed routed;
    struct buf body;
    bool body_too_large;
    char session_id[SESSION_ID_MAX], session[SHA256_HEX_MAX]; /* "" without a session */
    char proxied[CONSOLE_NAME_MAX];                           /* "" when no proxy signed somebody in */
    char reviewer[CONSOLE_NAME_MAX];                          /* whose role was taken */
    char if_none_match[ASSET_ETAG_MAX];
    uint64_t address; /* a hash of where it comes from */
    int64_t began_us;
    struct answer answer;
};

#endif
