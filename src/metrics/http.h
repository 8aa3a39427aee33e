/* The HTTP endpoint of a worker: /metrics, /livez, /readyz. Nothing else, nothing that changes anything. */
#ifndef TRIAGED_METRICS_HTTP_H
#define TRIAGED_METRICS_HTTP_H

#include "triage/err.h"

struct http;

/* listen: "host:port", host a numeric address. Serves from a thread of its own. */
int http_open(const char *listen, struct http **ret_http, struct err *reterr);
void http_close(struct http *self);

#endif
