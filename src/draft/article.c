/* Articles from files: a small, strict front matter (key: value lines between two lines of ---), and JSON Lines rows. */
#include "draft/article.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"

enum { LINE_BYTES_MAX = 1 << 20, PATH_BYTES_MAX = 4096, FILE_BYTES_MAX = 8 << 20 };

/* The fields of the front matter that are kept; all others are allowed and passed over. */
enum field { F_ID, F_KIND, F_TITLE, F_AUDIENCE, F_LANGUAGE, F_UPDATED, F_SLOTS, F_SUPERSEDED_BY, F_BODY, F_COUNT };
static const char *const field_names[F_COUNT] = {"id",      "kind",  "title",         "audience", "language",
                                                 "updated", "slots", "superseded_by", "body"};

static size_t count_slots(const char *list)
{
    size_t n = 0;

    if (!list || *list != '[' || strcspn(list + 1, " ]") == 0)
        return list && *list == '[' && list[1] != ']' && list[1] != ' ' ? 1 : 0;
    n = 1;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

/* Takes the fields; "" for what is missing. */
static int add_article(struct article_list *list, char *fields[F_COUNT], const char *where, struct err *reterr)
{
    struct owned_article *owned;

    if (!fields[F_ID] || !*fields[F_ID] || !fields[F_BODY] || !*fields[F_BODY]) {
        for (int i = 0; i < F_COUNT; i++)
            mem_free(fields[i]);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "%s: an article needs an id and a body", where);
    }
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->items = mem_grow(list->items, list->cap, sizeof *list->items);
    }
    owned = &list->items[list->n++];
    *owned = (struct owned_article){0};
    for (int i = 0; i < F_COUNT; i++)
        owned->fields[i] = fields[i] ? fields[i] : mem_strdup("");
    owned->superseded = *owned->fields[F_SUPERSEDED_BY] != '\0';
    owned->article = (struct article){.id = owned->fields[F_ID],
                                      .title = owned->fields[F_TITLE],
                                      .body = owned->fields[F_BODY],
                                      .language = owned->fields[F_LANGUAGE],
                                      .kind = *owned->fields[F_KIND] ? owned->fields[F_KIND] : "article",
                                      .audience = owned->fields[F_AUDIENCE],
                                      .updated = owned->fields[F_UPDATED],
                                      .n_slots = count_slots(owned->fields[F_SLOTS])};
    return 0;
}

static char *read_file(const char *path, struct err *reterr)
{
    FILE *file = fopen(path, "re");
    char chunk[65536];
    struct buf text = {0};
    size_t n;

    if (!file) {
        err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && text.len < FILE_BYTES_MAX)
        buf_add(&text, chunk, n);
    fclose(file);
    return buf_take(&text);
}

/* ---- Markdown ---- */

static char *trimmed(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t' || *from == '"'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\r' || to[-1] == '\n' || to[-1] == '"'))
        to--;
    return mem_strndup(from, (size_t)(to - from));
}

static void take_line(const char *line, const char *end, char *fields[F_COUNT])
{
    const char *colon = memchr(line, ':', (size_t)(end - line));

    for (int i = 0; colon && i < F_BODY; i++) {
        if (strlen(field_names[i]) == (size_t)(colon - line) &&
            memcmp(line, field_names[i], (size_t)(colon - line)) == 0) {
            mem_free(fields[i]);
            fields[i] = trimmed(colon + 1, end);
        }
    }
}

static int read_markdown(struct article_list *list, const char *path, struct err *reterr)
{
    char *text = read_file(path, reterr);
    char *fields[F_COUNT] = {0};
    const char *line;

    if (!text)
        return -1;
    if (strncmp(text, "---\n", 4) != 0 || !strstr(text + 4, "\n---\n")) {
        mem_free(text);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s: an article begins with its front matter between two lines of ---", path);
    }
    for (line = text + 4; strncmp(line, "---\n", 4) != 0; line = strchr(line, '\n') + 1)
        take_line(line, strchr(line, '\n'), fields);
    line += 4;
    fields[F_BODY] = trimmed(line + strspn(line, "\n"), line + strlen(line));
    mem_free(text);
    return add_article(list, fields, path, reterr);
}

/* ---- JSON Lines ---- */

static int read_row(struct article_list *list, const char *row, size_t len, const char *where, struct err *reterr)
{
    const struct json_limits limits = {LINE_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *doc = NULL;
    char *fields[F_COUNT] = {0};

    if (json_parse(row, len, &limits, &doc, reterr) < 0)
        return err_context(reterr, "%s", where);
    for (int i = 0; i < F_COUNT; i++) {
        const char *value = json_str(doc, field_names[i], NULL);
        fields[i] = value ? mem_strdup(value) : NULL;
    }
    return add_article(list, fields, where, reterr);
}

static int read_rows(struct article_list *list, const char *path, struct err *reterr)
{
    char *text = read_file(path, reterr);
    char where[PATH_BYTES_MAX + 32];
    int number = 0, rc = 0;

    if (!text)
        return -1;
    for (char *line = text; rc == 0 && *line;) {
        size_t len = strcspn(line, "\n");
        snprintf(where, sizeof where, "%s line %d", path, ++number);
        if (len)
            rc = read_row(list, line, len, where, reterr);
        line += len + (line[len] == '\n');
    }
    mem_free(text);
    return rc;
}

/* ---- the folder ---- */

static int is_article_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && (strcmp(dot, ".md") == 0 || strcmp(dot, ".jsonl") == 0) && strcmp(entry->d_name, "README.md") != 0;
}

static int check_unique(const struct article_list *list, struct err *reterr)
{
    for (size_t i = 0; i < list->n; i++) {
        for (size_t j = i + 1; j < list->n; j++) {
            if (strcmp(list->items[i].article.id, list->items[j].article.id) == 0)
                return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "two articles have the id %s; ids must be unique",
                               list->items[i].article.id);
        }
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
            rc = strstr(path, ".jsonl") ? read_rows(list, path, reterr) : read_markdown(list, path, reterr);
        free(entries[i]);
    }
    free(entries);
    return rc == 0 ? check_unique(list, reterr) : rc;
}

void articles_free(struct article_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        for (int f = 0; f < F_COUNT; f++)
            mem_free(list->items[i].fields[f]);
    }
    mem_free(list->items);
    *list = (struct article_list){0};
}
