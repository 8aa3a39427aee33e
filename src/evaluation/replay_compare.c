/* Canonical: members sorted by name, no blanks, numbers as they were written. */
#include "evaluation/replay_compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"

enum { PATH_MAX_BYTES = 64 };

const struct replay_left_out replay_left_out[] = {
    {"decided_at", "the moment"},
    {"timings.screen_us", "a time"},
    {"timings.classify_us", "a time"},
    {"timings.draft_us", "a time"},
    {"timings.total_us", "a time"},
    {"input", "where the ticket stood"},
    {"provenance.policy", "compared before: results are grouped by it"},
    {"provenance.classifier", "the same"},
    {"provenance.prompt", "the same"},
    {"provenance.knowledge", "the same"},
    {"provenance.promise", "the same"},
    {"provenance.arm", "which arm of a canary: the group tells it"},
    {"shadow", "what a candidate of then would have done"},
    {"provenance.build", "shown with the group; another build may decide the same"},
    {NULL, NULL},
};

static void take_out(cJSON *doc, const char *path)
{
    char first[PATH_MAX_BYTES];
    const char *dot = strchr(path, '.');
    size_t len = dot ? (size_t)(dot - path) : strlen(path);
    cJSON *inner;

    memcpy(first, path, len);
    first[len] = '\0';
    if (!dot) {
        cJSON_DeleteItemFromObjectCaseSensitive(doc, first);
        return;
    }
    inner = cJSON_GetObjectItemCaseSensitive(doc, first);
    if (cJSON_IsObject(inner))
        take_out(inner, dot + 1);
}

/* ---- canonical text ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static void add_text(struct buf *out, const cJSON *leaf)
{
    CLEANUP(mem_freep) char *text = json_text(leaf);

    buf_puts(out, text);
}

static void add_name(struct buf *out, const char *name)
{
    CLEANUP(json_done) cJSON *text = cJSON_CreateString(name);

    add_text(out, text);
    buf_putc(out, ':');
}

static void add_canonical(struct buf *out, const cJSON *value);

static void add_object(struct buf *out, const cJSON *object)
{
    size_t n = (size_t)cJSON_GetArraySize(object), at = 0;
    const cJSON **members = mem_array(n + 1, sizeof(cJSON *));
    const cJSON *member;

    cJSON_ArrayForEach(member, object) members[at++] = member;
    qsort(members, n, sizeof(cJSON *), by_name);
    buf_putc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(out, ',');
        add_name(out, members[i]->string);
        add_canonical(out, members[i]);
    }
    buf_putc(out, '}');
    mem_free(members);
}

static void add_canonical(struct buf *out, const cJSON *value)
{
    const cJSON *item;

    if (cJSON_IsObject(value)) {
        add_object(out, value);
    } else if (cJSON_IsArray(value)) {
        buf_putc(out, '[');
        cJSON_ArrayForEach(item, value)
        {
            if (item != value->child)
                buf_putc(out, ',');
            add_canonical(out, item);
        }
        buf_putc(out, ']');
    } else {
        add_text(out, value);
    }
}

/* ---- comparing ---- */

static bool equal(const cJSON *one, const cJSON *other)
{
    CLEANUP(buf_free) struct buf a = {0}, b = {0};

    if (!one || !other)
        return false;
    add_canonical(&a, one);
    add_canonical(&b, other);
    return a.len == b.len && memcmp(buf_str(&a), buf_str(&b), a.len) == 0;
}

size_t replay_differences(cJSON *then, cJSON *now, const char *ret_members[REPLAY_MEMBERS_MAX])
{
    const cJSON *member;
    size_t n = 0;

    for (const struct replay_left_out *row = replay_left_out; row->path; row++) {
        take_out(then, row->path);
        take_out(now, row->path);
    }
    cJSON_ArrayForEach(member, then)
    {
        if (n < REPLAY_MEMBERS_MAX && !equal(member, json_get(now, member->string)))
            ret_members[n++] = member->string;
    }
    cJSON_ArrayForEach(member, now)
    {
        if (n < REPLAY_MEMBERS_MAX && !json_get(then, member->string))
            ret_members[n++] = member->string;
    }
    return n;
}
