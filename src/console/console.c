/* Puts the parts together, and takes them apart in the order in which nobody is left waiting. */
#include "console/console.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "console/console_state.h"
#include "console/server.h"

enum { BURST = 5, SEND_SECONDS = 30 };
#define SECOND_US 1000000LL

/* Without a list: the address itself, and the name that a browser on this machine uses for it. */
static void set_hosts(struct console *self, const struct config_console *config)
{
    const char *port = strrchr(config->listen, ':');

    if (*config->hosts)
        buf_puts(&self->hosts, config->hosts);
    else
        buf_printf(&self->hosts, "%s,localhost%s", config->listen, port ? port : "");
    self->rules = (struct gate_rules){.hosts = buf_str(&self->hosts),
                                      .proxy_secret = *config->proxy_user_header ? config->proxy_secret : ""};
}

static int check(const struct config_console *config, struct err *reterr)
{
    if (*config->proxy_user_header && strlen(config->proxy_secret) < GATE_SECRET_LEAST)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "console.proxy_secret_file must hold %d bytes or more where console.proxy_user_header is set",
                       GATE_SECRET_LEAST);
    if (!config->accounts && !*config->proxy_user_header)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "set console.accounts or console.proxy_user_header: nobody could sign in");
    if (sodium_init() < 0)
        return err_set(reterr, ERR_PERMANENT, EX_OSERR, "the system gives no random numbers");
    return 0;
}

static struct links *new_links(const struct config_console *config)
{
    const int seconds[PHASE_COUNT] = {[PHASE_HEADERS] = config->header_seconds,
                                      [PHASE_BODY] = config->body_seconds,
                                      [PHASE_SEND] = SEND_SECONDS,
                                      [PHASE_IDLE] = config->idle_seconds};

    return links_new(seconds);
}

static int start(struct console *self, const struct config_console *config, struct err *reterr)
{
    if (jobs_new(self, config->connections, &self->jobs) < 0 || news_new(self, &self->news) < 0)
        return err_set(reterr, ERR_FATAL, EX_OSERR, "the console's threads can't be started");
    return server_open(self, reterr);
}

int console_open(const struct console_parts *parts, struct console **ret_console, struct err *reterr)
{
    const struct config_console *config = &parts->config->console;
    struct console *self;

    if (check(config, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    self->parts = *parts;
    self->postgres = parts->config->postgres;
    if (*config->conninfo) {
        self->postgres.conninfo = config->conninfo;
        self->postgres.password = config->password;
    }
    set_hosts(self, config);
    pthread_mutex_init(&self->rate_lock, NULL);
    self->sign_ins = rate_new(60 * SECOND_US / config->sign_ins_per_minute, config->sign_ins_per_minute);
    self->requests = rate_new(SECOND_US / config->requests_per_second, config->requests_per_second * BURST);
    self->assets = assets_new();
    self->links = new_links(config);
    if (start(self, config, reterr) < 0) {
        console_close(self);
        return -1;
    }
    *ret_console = self;
    return 0;
}

/* Streams end and workers finish while the server still runs, so that it can send what they made; it must not be
 * stopped while a connection is suspended. */
void console_close(struct console *self)
{
    if (!self)
        return;
    if (self->daemon)
        server_quiesce(self);
    if (self->news)
        news_stop(self->news);
    if (self->jobs)
        jobs_stop(self->jobs);
    if (self->daemon)
        server_close(self);
    news_free(self->news);
    jobs_free(self->jobs);
    links_free(self->links);
    assets_free(self->assets);
    rate_free(self->sign_ins);
    rate_free(self->requests);
    pthread_mutex_destroy(&self->rate_lock);
    buf_free(&self->hosts);
    mem_free(self);
}
