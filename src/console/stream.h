/* News for open pages, as server-sent events: one thread listens to Postgres, and writes what changed to every stream.
 */
#ifndef TRIAGED_CONSOLE_STREAM_H
#define TRIAGED_CONSOLE_STREAM_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAMS_MAX             128 /* at once */
#define STREAMS_OF_REVIEWER_MAX 8
#define STREAM_PENDING_MAX      16384 /* bytes that may wait to be read before the stream is ended */

struct console;
struct exchange;
struct news;
struct stream;

int news_new(struct console *console, struct news **ret_news);
/* Ends every stream, and the thread. No stream is made afterwards. */
void news_stop(struct news *self);
void news_free(struct news *self); /* after the last stream is gone */
/* A stream for the signed-in reviewer of the exchange, beginning with these counts (JSON). NULL: there are too many. */
struct stream *stream_new(struct news *self, const struct exchange *exchange, const char *counts);

/* For libmicrohttpd. */
ssize_t stream_read(void *opaque, uint64_t position, char *out, size_t max);
void stream_gone(void *opaque);

#endif
