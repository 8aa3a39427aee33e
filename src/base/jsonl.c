/* Reading and writing JSON Lines for the commands that are filters. */
#define _GNU_SOURCE
#include "base/jsonl.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"

struct jsonl {
    FILE *in;
    struct json_limits limits;
    char *line;
    size_t cap, number;
    cJSON *doc;
};

struct jsonl *jsonl_new_within(FILE *in, const struct json_limits *limits)
{
    struct jsonl *self = mem_alloc(sizeof *self);

    self->in = in;
    self->limits = *limits;
    return self;
}

struct jsonl *jsonl_new(FILE *in)
{
    static const struct json_limits limits = {JSONL_BYTES_MAX - 1, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

    return jsonl_new_within(in, &limits);
}

void jsonl_free(struct jsonl *self)
{
    if (!self)
        return;
    cJSON_Delete(self->doc);
    free(self->line);
    mem_free(self);
}

size_t jsonl_line(const struct jsonl *self)
{
    return self->number;
}

int jsonl_next(struct jsonl *self, const cJSON **ret_doc, struct err *reterr)
{
    ssize_t len;

    do {
        len = getline(&self->line, &self->cap, self->in);
        if (len < 0)
            return 0;
        self->number++;
    } while (strspn(self->line, " \t\r\n") == (size_t)len);
    if (self->line[len - 1] == '\n')
        self->line[--len] = '\0';
    json_done(&self->doc);
    if (json_parse(self->line, (size_t)len, &self->limits, &self->doc, reterr) < 0)
        return -1;
    if (!cJSON_IsObject(self->doc))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the line is not a JSON object");
    *ret_doc = self->doc;
    return 1;
}

const char *jsonl_text(const struct jsonl *self)
{
    return self->line;
}

void jsonl_print(const cJSON *doc)
{
    CLEANUP(mem_freep) char *text = json_text(doc);

    puts(text);
}

void jsonl_print_bad(size_t line, const struct err *err)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    cJSON_AddNumberToObject(doc, "line", (double)line);
    cJSON_AddStringToObject(doc, "error", err->text);
    jsonl_print(doc);
}
