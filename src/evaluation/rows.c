/* Reads JSON Lines through the strict gate; a bad line is reported and passed over, never half-read. */
#define _GNU_SOURCE
#include "evaluation/rows.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/jsonl.h"
#include "base/mem.h"

#define FIELDS     6
#define TOKENS_MAX 2000

struct row_reader {
    struct jsonl *lines;
    const char *target;
};

static const struct {
    const char *name, *other;
    size_t offset;
} field_table[FIELDS] = {
    {"id", "ticket_id", offsetof(struct example, id)},
    {"subject", "title", offsetof(struct example, text.subject)},
    {"body", "body_text", offsetof(struct example, text.body)},
    {"sender", "from", offsetof(struct example, text.sender)},
    {"channel", "via", offsetof(struct example, text.channel)},
    {"label", "class", offsetof(struct example, label)},
};

struct row_reader *row_reader_new(FILE *in, const char *target)
{
    static const struct json_limits limits = {.bytes = ROW_BYTES_MAX, .depth = JSON_DEPTH_MAX, .tokens = TOKENS_MAX};
    struct row_reader *self = mem_alloc(sizeof *self);

    self->lines = jsonl_new_within(in, &limits);
    self->target = target;
    return self;
}

void row_reader_free(struct row_reader *self)
{
    if (!self)
        return;
    jsonl_free(self->lines);
    mem_free(self);
}

size_t row_reader_line(const struct row_reader *self)
{
    return jsonl_line(self->lines);
}

/* A missing field is ""; one that is there must be a string (an id may be a number and is then left out). */
static int take_fields(const cJSON *doc, const char *target, struct example *ret_row, struct err *reterr)
{
    for (size_t i = 0; i < FIELDS; i++) {
        bool other = target && field_table[i].offset == offsetof(struct example, label);
        const cJSON *item = json_get(doc, other ? target : field_table[i].name);
        const char **to = (const char **)(void *)((char *)ret_row + field_table[i].offset);
        if (!item && !other)
            item = json_get(doc, field_table[i].other);
        *to = "";
        if (!item || cJSON_IsNull(item) || (i == 0 && cJSON_IsNumber(item)))
            continue;
        if (!cJSON_IsString(item))
            return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s must be a string",
                           other ? target : field_table[i].name);
        *to = item->valuestring;
    }
    return 0;
}

int row_reader_next(struct row_reader *self, struct example *ret_row, struct err *reterr)
{
    const cJSON *doc;
    int got = jsonl_next(self->lines, &doc, reterr);

    if (got <= 0)
        return got;
    return take_fields(doc, self->target, ret_row, reterr) < 0 ? -1 : 1;
}

/* ---- files and folders ---- */

/* One block of memory holds a row's strings. */
static void keep_row(struct rows *self, const struct example *row)
{
    size_t at = 0, total = 0;
    struct example copy = {0};
    char *block;

    for (size_t i = 0; i < FIELDS; i++)
        total += strlen(*(const char *const *)(const void *)((const char *)row + field_table[i].offset)) + 1;
    block = mem_alloc(total);
    for (size_t i = 0; i < FIELDS; i++) {
        const char *from = *(const char *const *)(const void *)((const char *)row + field_table[i].offset);
        size_t len = strlen(from) + 1;
        memcpy(block + at, from, len);
        *(const char **)(void *)((char *)&copy + field_table[i].offset) = block + at;
        at += len;
    }
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 1024;
        self->rows = mem_grow(self->rows, self->cap, sizeof *self->rows);
        self->docs = mem_grow(self->docs, self->cap, sizeof *self->docs);
    }
    self->docs[self->n] = block;
    self->rows[self->n++] = copy;
}

static int read_file(struct rows *self, const char *path, const char *target, crypto_hash_sha256_state *hash,
                     struct err *reterr)
{
    FILE *in = fopen(path, "re");
    struct row_reader *reader;
    struct example row;
    struct err err;
    int got;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the data %s: %s", path, strerror(errno));
    reader = row_reader_new(in, target);
    while ((got = row_reader_next(reader, &row, &err)) != 0) {
        if (got > 0) {
            const char *line = jsonl_text(reader->lines);
            crypto_hash_sha256_update(hash, (const unsigned char *)line, strlen(line));
            crypto_hash_sha256_update(hash, (const unsigned char *)"\n", 1);
            keep_row(self, &row);
        } else if (self->n_bad++ == 0) {
            snprintf(self->first_bad, sizeof self->first_bad, "%s:%zu: %.800s", path, row_reader_line(reader),
                     err.text);
        }
    }
    row_reader_free(reader);
    fclose(in);
    return 0;
}

static int is_rows_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 6 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 6, ".jsonl") == 0;
}

/* By byte value, not by locale: the order of rows decides the model's bytes. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(struct rows *self, const char *path, const char *target, crypto_hash_sha256_state *hash,
                       struct err *reterr)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, is_rows_file, by_name);
    int result = 0;

    if (n < 0)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read the folder %s: %s", path, strerror(errno));
    if (n == 0)
        result = err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "the folder %s has no *.jsonl file", path);
    for (int i = 0; i < n; i++) {
        CLEANUP(buf_free) struct buf file = {0};
        buf_printf(&file, "%s/%s", path, entries[i]->d_name);
        if (result == 0)
            result = read_file(self, buf_str(&file), target, hash, reterr);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int rows_read(const char *const *paths, size_t n_paths, const char *target, struct rows *ret_rows, struct err *reterr)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    struct rows rows = {0};
    struct stat st;

    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < n_paths; i++) {
        bool folder = stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode);
        int result = folder ? read_folder(&rows, paths[i], target, &hash, reterr)
                            : read_file(&rows, paths[i], target, &hash, reterr);
        if (result < 0) {
            rows_done(&rows);
            return -1;
        }
    }
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(rows.hash, sizeof rows.hash, digest, sizeof digest);
    *ret_rows = rows;
    return 0;
}

void rows_drop_unlabelled(struct rows *rows)
{
    size_t kept = 0;

    for (size_t i = 0; i < rows->n; i++) {
        char *doc = rows->docs[i];
        if (rows->rows[i].label[0]) {
            rows->docs[kept] = doc;
            rows->rows[kept++] = rows->rows[i];
            continue;
        }
        if (rows->n_bad++ == 0)
            snprintf(rows->first_bad, sizeof rows->first_bad, "row %zu (id %.200s) has no label", i + 1,
                     rows->rows[i].id);
        mem_free(doc);
    }
    rows->n = kept;
}

void rows_done(struct rows *self)
{
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->docs[i]);
    mem_free(self->docs);
    mem_free(self->rows);
    *self = (struct rows){0};
}
