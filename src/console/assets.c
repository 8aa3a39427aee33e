/* The version is a hash over all files: an address with it never changes its content, and may be kept for ever. */
#include "console/assets.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

enum { VERSION_LEN = 16 };

static const char page_name[] = "index.html";
static const char placeholder[] = "{{version}}";

static const struct {
    const char *suffix, *type;
} type_table[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".json", "application/json"},
    {".png", "image/png"},
    {".woff2", "font/woff2"},
    {".webmanifest", "application/manifest+json"},
};

struct assets {
    struct asset list[ASSETS_MAX];
    size_t n;
    char version[VERSION_LEN + 1];
    struct buf page; /* index.html with the version in it */
};

static const char *type_of(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(type_table); i++) {
        size_t n = strlen(type_table[i].suffix);
        if (len > n && strcmp(name + len - n, type_table[i].suffix) == 0)
            return type_table[i].type;
    }
    return "application/octet-stream";
}

static void set_etag(struct asset *asset)
{
    char hash[SHA256_HEX_MAX];

    snprintf(asset->etag, sizeof asset->etag, "\"%.32s\"", sha256_hex(asset->bytes, asset->len, hash));
}

static void put_version(struct assets *self, struct asset *page)
{
    const char *at = page->bytes, *end = at + page->len;
    const char *mark;

    while ((mark = strstr(at, placeholder))) { /* what the build made ends with a 0 */
        buf_add(&self->page, at, (size_t)(mark - at));
        buf_puts(&self->page, self->version);
        at = mark + sizeof placeholder - 1;
    }
    buf_add(&self->page, at, (size_t)(end - at));
    page->bytes = buf_str(&self->page);
    page->len = self->page.len;
    set_etag(page);
}

struct assets *assets_new(void)
{
    struct assets *self = mem_alloc(sizeof *self);
    CLEANUP(buf_free) struct buf all = {0};
    char hash[SHA256_HEX_MAX];

    for (const struct asset_file *file = asset_files; file->name && self->n < ASSETS_MAX; file++) {
        struct asset *asset = &self->list[self->n++];
        *asset = (struct asset){file->name, type_of(file->name), file->bytes, file->len, ""};
        set_etag(asset);
        buf_puts(&all, file->name);
        buf_puts(&all, asset->etag);
    }
    snprintf(self->version, sizeof self->version, "%.*s", VERSION_LEN, sha256_hex(buf_str(&all), all.len, hash));
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->list[i].name, page_name) == 0)
            put_version(self, &self->list[i]);
    }
    return self;
}

void assets_free(struct assets *self)
{
    if (!self)
        return;
    buf_free(&self->page);
    mem_free(self);
}

const struct asset *assets_find(const struct assets *self, const char *name)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->list[i].name, name) == 0)
            return &self->list[i];
    }
    return NULL;
}

const char *assets_version(const struct assets *self)
{
    return self->version;
}
