/* Choosing among model servers: see endpoints.h. */
#include "model/endpoints.h"

#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "base/mem.h"

#define BETWEEN ", \t"

static int add(struct endpoints *self, const char *url, size_t len, struct err *reterr)
{
    if (len < 8 || (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "model.url: '%.*s' is no http:// or https:// address; several are separated by commas", (int)len,
                       url);
    if (self->count == ENDPOINTS_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "model.url names more than %d servers", ENDPOINTS_MAX);
    while (url[len - 1] == '/')
        len--;
    for (size_t i = 0; i < self->count; i++) {
        if (strlen(self->at[i].url) == len && strncmp(self->at[i].url, url, len) == 0)
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "model.url names %.*s twice", (int)len, url);
    }
    self->at[self->count].url = mem_alloc(len + 1);
    memcpy(self->at[self->count++].url, url, len);
    return 0;
}

int endpoints_parse(const char *urls, int limit, int64_t open_us, struct endpoints *ret_endpoints, struct err *reterr)
{
    struct endpoints made = {0};
    const char *at = urls + strspn(urls, BETWEEN);

    while (*at) {
        size_t len = strcspn(at, BETWEEN);
        if (add(&made, at, len, reterr) < 0) {
            endpoints_done(&made);
            return -1;
        }
        made.at[made.count - 1].breaker = (struct breaker){.limit = limit, .open_us = open_us};
        at += len;
        at += strspn(at, BETWEEN);
    }
    if (!made.count)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "model.url names no server");
    *ret_endpoints = made;
    return 0;
}

void endpoints_done(struct endpoints *self)
{
    for (size_t i = 0; i < self->count; i++)
        mem_free(self->at[i].url);
    self->count = 0;
}

struct endpoint *endpoints_admit(struct endpoints *self, const struct endpoint *failed, int64_t now_us,
                                 bool *ret_probe)
{
    struct endpoint *best = NULL;

    for (size_t i = 0; i < self->count; i++) {
        struct endpoint *one = &self->at[(self->turn + i) % self->count];
        if (breaker_open(&one->breaker, now_us))
            continue;
        if (!best || best == failed || (one != failed && one->running < best->running))
            best = one;
    }
    if (!best)
        return NULL;
    self->turn = (size_t)(best - self->at) + 1;
    breaker_admit(&best->breaker, now_us, ret_probe);
    return best;
}

bool endpoints_open(const struct endpoints *self, int64_t now_us)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!breaker_open(&self->at[i].breaker, now_us))
            return false;
    }
    return true;
}

int endpoints_failures(const struct endpoints *self)
{
    int least = self->at[0].breaker.failures;

    for (size_t i = 1; i < self->count; i++) {
        if (self->at[i].breaker.failures < least)
            least = self->at[i].breaker.failures;
    }
    return least;
}
