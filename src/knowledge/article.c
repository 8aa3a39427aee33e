/* Articles from files: a small, strict front matter (key: value lines between two lines of ---), and JSON Lines rows.
 */
#include "knowledge/article.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"

enum {
    ROW_BYTES_MAX = 1 << 20,
    PATH_BYTES_MAX = 4096,
    FILE_BYTES_MAX = 256 << 20,
    READ_CHUNK = 65536,
    WHERE_MAX = 64,
    DATE_LEN = 10,
    DAY_S = 86400
};

static const char *const field_names[FIELD_COUNT] = {
    "id",    "kind",        "title",       "audience",      "language",  "updated", "labels",
    "slots", "approved_by", "approved_on", "superseded_by", "review_by", "body",
};

/* ---- one article ---- */

/* Entries of a list as [a, b]; 0 when it is empty or none. */
static size_t count_entries(const char *list)
{
    size_t n = 0;

    if (*list != '[')
        return 0;
    for (list++; *list && *list != ']';) {
        size_t len = strcspn(list, ",]");
        n += strspn(list, " ") < len;
        list += len + (list[len] == ',');
    }
    return n;
}

static void free_fields(char *fields[FIELD_COUNT])
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        mem_free(fields[i]);
        fields[i] = NULL;
    }
}

static int check_fields(char *const fields[FIELD_COUNT], const char *where, struct err *reterr)
{
    const char *id = fields[FIELD_ID], *body = fields[FIELD_BODY];

    if (!id || !*id || !body || !*body)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s: an article needs an id and a body", where);
    if (strlen(id) >= ARTICLE_ID_MAX || strpbrk(id, " \t\r\n\"\\"))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s: an id has at most %d bytes and neither blanks nor quotes", where, ARTICLE_ID_MAX - 1);
    if (strlen(body) > ARTICLE_BYTES_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s: split the article; it has more than %d bytes", where,
                       ARTICLE_BYTES_MAX);
    return 0;
}

/* Names the version: every field counts, so that a new title or another audience is a new version too. A review date
 * counts where there is one: articles of before it was known keep the names that results carry. */
static char *hash_of(char *const fields[FIELD_COUNT])
{
    CLEANUP(buf_free) struct buf all = {0};
    char hash[SHA256_HEX_MAX];

    for (int i = 0; i < FIELD_COUNT; i++) {
        if (i != FIELD_REVIEW_BY || *fields[i])
            buf_add(&all, fields[i], strlen(fields[i]) + 1);
    }
    return mem_strdup(sha256_hex(all.data, all.len, hash));
}

static struct article borrow(char *const fields[FIELD_COUNT], const char *hash)
{
    return (struct article){.id = fields[FIELD_ID],
                            .title = fields[FIELD_TITLE],
                            .body = fields[FIELD_BODY],
                            .language = fields[FIELD_LANGUAGE],
                            .kind = *fields[FIELD_KIND] ? fields[FIELD_KIND] : "article",
                            .audience = fields[FIELD_AUDIENCE],
                            .updated = fields[FIELD_UPDATED],
                            .n_slots = count_entries(fields[FIELD_SLOTS]),
                            .slots = fields[FIELD_SLOTS],
                            .labels = fields[FIELD_LABELS],
                            .approved_by = fields[FIELD_APPROVED_BY],
                            .approved_on = fields[FIELD_APPROVED_ON],
                            .hash = hash,
                            .superseded_by = fields[FIELD_SUPERSEDED_BY],
                            .review_by = fields[FIELD_REVIEW_BY]};
}

long article_day(const char *text)
{
    char time[CLOCK_RFC3339_MAX];
    int64_t wall_us;

    if (strnlen(text, DATE_LEN) < DATE_LEN)
        return -1;
    snprintf(time, sizeof time, "%.*sT00:00:00Z", DATE_LEN, text);
    return clock_parse(time, &wall_us) == 0 && wall_us >= 0 ? (long)(wall_us / 1000000 / DAY_S) : -1;
}

bool article_review_overdue(const struct article *self, int64_t now_s)
{
    return *self->review_by && article_day(self->review_by) < now_s / DAY_S;
}

/* Takes the fields, also on failure. */
static int add_article(struct article_list *list, char *fields[FIELD_COUNT], const char *where, struct err *reterr)
{
    struct owned_article *owned;

    if (check_fields(fields, where, reterr) < 0) {
        free_fields(fields);
        return -1;
    }
    if (list->n == ARTICLES_MAX) {
        free_fields(fields);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s: more than %d articles", where, ARTICLES_MAX);
    }
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->items = mem_grow(list->items, list->cap, sizeof *list->items);
    }
    owned = &list->items[list->n++];
    for (int i = 0; i < FIELD_COUNT; i++)
        owned->fields[i] = fields[i] ? fields[i] : mem_strdup("");
    owned->hash = hash_of(owned->fields);
    owned->article = borrow(owned->fields, owned->hash);
    return 0;
}

/* The whole file without a byte order mark and carriage returns; NULL on failure. */
static char *read_file(const char *path, struct err *reterr)
{
    FILE *file = fopen(path, "re");
    char chunk[READ_CHUNK];
    struct buf text = {0};
    size_t n;

    if (!file) {
        err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && text.len <= FILE_BYTES_MAX) {
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            if (chunk[i] != '\r' && chunk[i] != '\0')
                chunk[kept++] = chunk[i];
        }
        buf_add(&text, chunk, kept);
    }
    fclose(file);
    if (text.len > FILE_BYTES_MAX) {
        buf_free(&text);
        err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s is larger than %d bytes; split it", path, FILE_BYTES_MAX);
        return NULL;
    }
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        memmove(text.data, text.data + 3, (text.len -= 3) + 1);
    return buf_take(&text);
}

/* ---- Markdown ---- */

static char *trimmed(const char *from, const char *to)
{
    while (from < to && strchr(" \t\n", *from))
        from++;
    while (to > from && strchr(" \t\n", to[-1]))
        to--;
    return mem_strndup(from, (size_t)(to - from));
}

/* A value may stand in quotes, as in YAML. */
static char *value_of(const char *from, const char *to)
{
    char *value = trimmed(from, to);
    size_t len = strlen(value);

    if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
        memmove(value, value + 1, len - 2);
        value[len - 2] = '\0';
    }
    return value;
}

static void take_line(const char *line, const char *end, char *fields[FIELD_COUNT])
{
    const char *colon = memchr(line, ':', (size_t)(end - line));

    for (int i = 0; colon && i < FIELD_BODY; i++) {
        if (strlen(field_names[i]) == (size_t)(colon - line) &&
            memcmp(line, field_names[i], (size_t)(colon - line)) == 0) {
            mem_free(fields[i]);
            fields[i] = value_of(colon + 1, end);
        }
    }
}

static int read_markdown(struct article_list *list, const char *path, struct err *reterr)
{
    CLEANUP(mem_freep) char *text = read_file(path, reterr);
    char *fields[FIELD_COUNT] = {0};
    const char *line;

    if (!text)
        return -1;
    if (strncmp(text, "---\n", 4) != 0 || !strstr(text + 3, "\n---\n"))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s: an article begins with its front matter between two lines of ---", path);
    for (line = text + 4; strncmp(line, "---\n", 4) != 0; line = strchr(line, '\n') + 1)
        take_line(line, strchr(line, '\n'), fields);
    line += 4;
    fields[FIELD_BODY] = trimmed(line, line + strlen(line));
    return add_article(list, fields, path, reterr);
}

/* ---- JSON Lines ---- */

static int read_row(struct article_list *list, const char *row, size_t len, const char *where, struct err *reterr)
{
    const struct json_limits limits = {ROW_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    char *fields[FIELD_COUNT] = {0};

    if (json_parse(row, len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "%s", where);
    for (int i = 0; i < FIELD_COUNT; i++)
        fields[i] = mem_strdup(json_str(doc, field_names[i], NULL));
    return add_article(list, fields, where, reterr);
}

static int read_rows(struct article_list *list, const char *path, struct err *reterr)
{
    CLEANUP(mem_freep) char *text = read_file(path, reterr);
    char where[PATH_BYTES_MAX + 32];
    int number = 0;

    if (!text)
        return -1;
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        snprintf(where, sizeof where, "%s line %d", path, ++number);
        if (strspn(line, " \t") < len && read_row(list, line, len, where, reterr) < 0)
            return -1;
        line += len + (line[len] == '\n');
    }
    return 0;
}

/* ---- the folder ---- */

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);

    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static int is_article_file(const struct dirent *entry)
{
    const char *name = entry->d_name;

    return *name != '.' && strcmp(name, "README.md") != 0 && (ends_with(name, ".md") || ends_with(name, ".jsonl"));
}

static int by_id(const void *a, const void *b)
{
    const struct owned_article *one = a, *other = b;

    return strcmp(one->article.id, other->article.id);
}

static int sort_unique(struct article_list *list, struct err *reterr)
{
    if (list->n)
        qsort(list->items, list->n, sizeof *list->items, by_id);
    for (size_t i = 1; i < list->n; i++) {
        if (by_id(&list->items[i - 1], &list->items[i]) == 0)
            return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "two articles have the id %s; ids must be unique",
                           list->items[i].article.id);
    }
    return 0;
}

int articles_read(const char *dir, struct article_list *list, struct err *reterr)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_article_file, alphasort);
    int rc = 0;

    if (n < 0)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "the knowledge folder %s can't be read: %s", dir,
                       strerror(errno));
    for (int i = 0; i < n; i++) {
        char path[PATH_BYTES_MAX];
        snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
        if (rc == 0)
            rc = ends_with(path, ".jsonl") ? read_rows(list, path, reterr) : read_markdown(list, path, reterr);
        free(entries[i]);
    }
    free(entries);
    return rc == 0 ? sort_unique(list, reterr) : rc;
}

int articles_of_rows(const char *const *rows, size_t n, struct article_list *list, struct err *reterr)
{
    char where[WHERE_MAX];

    for (size_t i = 0; i < n; i++) {
        snprintf(where, sizeof where, "article %zu of %zu", i + 1, n);
        if (read_row(list, rows[i], strlen(rows[i]), where, reterr) < 0)
            return -1;
    }
    return sort_unique(list, reterr);
}

/* ---- one row ---- */

char *article_row(const struct owned_article *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();

    for (int i = 0; i < FIELD_COUNT; i++) {
        if (*self->fields[i])
            cJSON_AddStringToObject(doc, field_names[i], self->fields[i]);
    }
    return json_text(doc);
}

void articles_free(struct article_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free_fields(list->items[i].fields);
        mem_free(list->items[i].hash);
    }
    mem_free(list->items);
    *list = (struct article_list){0};
}
