/* libmicrohttpd serves three pages; a table says which. */
#include "metrics/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/mem.h"
#include "metrics/metrics.h"

enum { CONNECTIONS_MAX = 64, TIMEOUT_SECONDS = 10 };

struct http {
    struct MHD_Daemon *daemon;
};

/* Each writes its page and gives the HTTP status. */
static unsigned page_metrics(struct buf *out)
{
    metrics_render(out);
    return MHD_HTTP_OK;
}

static unsigned page_live(struct buf *out)
{
    return health_alive(out, clock_mono_us()) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned page_ready(struct buf *out)
{
    return health_ready(out, clock_mono_us()) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static const struct {
    const char *path, *type;
    unsigned (*render)(struct buf *out);
} pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", page_metrics},
    {"/livez", "text/plain; charset=utf-8", page_live},
    {"/readyz", "text/plain; charset=utf-8", page_ready},
};

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status, const char *type, struct buf *text)
{
    size_t len = text->len;
    struct MHD_Response *response = MHD_create_response_from_buffer(len, buf_take(text), MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(UNUSED void *opaque, struct MHD_Connection *connection, const char *url,
                              const char *method, UNUSED const char *version, UNUSED const char *upload,
                              UNUSED size_t *upload_len, UNUSED void **state)
{
    struct buf text = {0};

    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        buf_puts(&text, "only GET\n");
        return send_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", &text);
    }
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        if (strcmp(url, pages[i].path) == 0) {
            unsigned status = pages[i].render(&text);
            return send_text(connection, status, pages[i].type, &text);
        }
    }
    buf_puts(&text, "see /metrics, /livez, /readyz\n");
    return send_text(connection, MHD_HTTP_NOT_FOUND, "text/plain", &text);
}

int http_open(const char *listen, struct http **ret_http, struct err *reterr)
{
    struct sockaddr_in address;
    struct MHD_Daemon *daemon;

    if (listen_parse("http.listen", listen, &address, reterr) < 0)
        return -1;
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR,
                              (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                              MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
    if (!daemon)
        return err_set(reterr, ERR_PERMANENT, EX_UNAVAILABLE,
                       "http.listen %s can't be used (%s); is another process there?", listen, strerror(errno));
    *ret_http = mem_alloc(sizeof **ret_http);
    (*ret_http)->daemon = daemon;
    return 0;
}

void http_close(struct http *self)
{
    if (!self)
        return;
    MHD_stop_daemon(self->daemon);
    mem_free(self);
}
