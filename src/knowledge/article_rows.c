/* Two sorted arrays, ids and rows; an id is looked for by halves. */
#include "knowledge/article_rows.h"

#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "triage/knowledge.h"

struct article_rows {
    char **ids, **rows;
    size_t n, cap;
};

struct article_rows *article_rows_new(void)
{
    return mem_alloc(sizeof(struct article_rows));
}

void article_rows_free(struct article_rows *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++) {
        mem_free(self->ids[i]);
        mem_free(self->rows[i]);
    }
    mem_free(self->ids);
    mem_free(self->rows);
    mem_free(self);
}

/* ---- places ---- */

/* Where the id stands, or would. */
static size_t place_of(const struct article_rows *self, const char *id, bool *ret_there)
{
    size_t from = 0, to = self->n;

    while (from < to) {
        size_t half = from + (to - from) / 2;
        if (strcmp(self->ids[half], id) < 0)
            from = half + 1;
        else
            to = half;
    }
    *ret_there = from < self->n && strcmp(self->ids[from], id) == 0;
    return from;
}

static void insert(struct article_rows *self, size_t at, const char *id)
{
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 64;
        self->ids = mem_grow(self->ids, self->cap, sizeof *self->ids);
        self->rows = mem_grow(self->rows, self->cap, sizeof *self->rows);
    }
    memmove(self->ids + at + 1, self->ids + at, (self->n - at) * sizeof *self->ids);
    memmove(self->rows + at + 1, self->rows + at, (self->n - at) * sizeof *self->rows);
    self->ids[at] = mem_strdup(id);
    self->rows[at] = NULL;
    self->n++;
}

static void drop(struct article_rows *self, size_t at)
{
    mem_free(self->ids[at]);
    mem_free(self->rows[at]);
    self->n--;
    memmove(self->ids + at, self->ids + at + 1, (self->n - at) * sizeof *self->ids);
    memmove(self->rows + at, self->rows + at + 1, (self->n - at) * sizeof *self->rows);
}

/* ---- taking ---- */

/* Read as the worker will read it: then all of them together can be read, too. */
static int check(const char *row, const char *id, struct err *reterr)
{
    struct knowledge_base *base;
    int rc = 0;

    if (knowledge_base_of_rows(&row, 1, &base, reterr) < 0)
        return -1;
    if (strcmp(knowledge_base_at(base, 0)->id, id) != 0)
        rc = err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the record's key is not the id of its article");
    knowledge_base_unref(base);
    return rc;
}

static void put(struct article_rows *self, const char *id, char *row, bool *ret_changed)
{
    bool there;
    size_t at = place_of(self, id, &there);

    if (!there)
        insert(self, at, id);
    *ret_changed = !self->rows[at] || strcmp(self->rows[at], row) != 0;
    mem_free(self->rows[at]);
    self->rows[at] = row;
}

int article_rows_take(struct article_rows *self, const struct record *record, bool *ret_changed, struct err *reterr)
{
    char id[ARTICLE_ID_MAX], *row;
    bool there;
    size_t at;

    if (!record->key || record->key_len == 0 || record->key_len >= sizeof id)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the record's key is no id of an article");
    memcpy(id, record->key, record->key_len);
    id[record->key_len] = '\0';
    at = place_of(self, id, &there);
    if (!record->value) {
        if (there)
            drop(self, at);
        *ret_changed = there;
        return 0;
    }
    row = mem_strndup(record->value, record->value_len);
    if (check(row, id, reterr) < 0) {
        mem_free(row);
        return -1;
    }
    put(self, id, row, ret_changed);
    return 0;
}

/* ---- looking ---- */

size_t article_rows_count(const struct article_rows *self)
{
    return self->n;
}

const char *const *article_rows_list(const struct article_rows *self)
{
    return (const char *const *)self->rows;
}

const char *article_rows_id(const struct article_rows *self, size_t index)
{
    return self->ids[index];
}

const char *article_rows_find(const struct article_rows *self, const char *id)
{
    bool there;
    size_t at = place_of(self, id, &there);

    return there ? self->rows[at] : NULL;
}
