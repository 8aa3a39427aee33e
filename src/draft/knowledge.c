/* The knowledge: the articles of one folder, their hash, and the index over them. */
#include "triage/knowledge.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "draft/article.h"
#include "draft/meaning.h"
#include "draft/text_index.h"

struct knowledge {
    struct article_list articles; /* sorted by id */
    struct text_index *index;     /* of those that are not superseded */
    struct meaning *meaning;      /* of the English ones; NULL without an encoder */
    double *scores;               /* of the last search */
    char hash[SHA256_HEX_MAX];
};

/* ---- loading ---- */

static int index_all(struct knowledge *self, struct err *reterr)
{
    if (text_index_new(&self->index, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->articles.n; i++) {
        const struct article *article = &self->articles.items[i].article;
        if (*article->superseded_by)
            continue;
        if (text_index_add(self->index, i, article->language, article->title, article->body, reterr) < 0)
            return err_context(reterr, "%s", article->id);
    }
    return text_index_merge(self->index, reterr);
}

/* Every field of every article, in the order of the ids: the files' names and order do not matter. */
static void hash_all(struct knowledge *self)
{
    CLEANUP(buf_free) struct buf all = {0};

    for (size_t i = 0; i < self->articles.n; i++) {
        for (int field = 0; field < FIELD_COUNT; field++)
            buf_add(&all, self->articles.items[i].fields[field], strlen(self->articles.items[i].fields[field]) + 1);
    }
    sha256_hex(buf_str(&all), all.len, self->hash);
}

int knowledge_load(const char *dir, struct knowledge **ret_knowledge, struct err *reterr)
{
    struct knowledge *self = mem_alloc(sizeof *self);

    if (articles_read(dir, &self->articles, reterr) < 0 || index_all(self, reterr) < 0) {
        knowledge_free(self);
        return -1;
    }
    self->scores = mem_array(self->articles.n + 1, sizeof *self->scores);
    hash_all(self);
    *ret_knowledge = self;
    return 0;
}

void knowledge_free(struct knowledge *self)
{
    if (!self)
        return;
    text_index_free(self->index);
    meaning_free(self->meaning);
    articles_free(&self->articles);
    mem_free(self->scores);
    mem_free(self);
}

static bool is_english(const char *language)
{
    return !*language || strncmp(language, "en", 2) == 0;
}

int knowledge_attach(struct knowledge *self, struct encoder *encoder, struct err *reterr)
{
    struct meaning *meaning = meaning_new(encoder);

    for (size_t i = 0; i < self->articles.n; i++) {
        const struct article *article = &self->articles.items[i].article;
        if (*article->superseded_by || !is_english(article->language))
            continue;
        if (meaning_add(meaning, i, article->title, article->body, reterr) < 0) {
            meaning_free(meaning);
            return err_context(reterr, "%s", article->id);
        }
    }
    meaning_free(self->meaning);
    self->meaning = meaning;
    return 0;
}

/* ---- looking up ---- */

const char *knowledge_hash(const struct knowledge *self)
{
    return self->hash;
}

size_t knowledge_count(const struct knowledge *self)
{
    return self->articles.n;
}

const struct article *knowledge_at(const struct knowledge *self, size_t index)
{
    return &self->articles.items[index].article;
}

static int by_id(const void *id, const void *row)
{
    return strcmp(id, ((const struct owned_article *)row)->article.id);
}

const struct article *knowledge_find(const struct knowledge *self, const char *id)
{
    const struct owned_article *found;

    if (!self->articles.n)
        return NULL;
    found = bsearch(id, self->articles.items, self->articles.n, sizeof *self->articles.items, by_id);
    return found ? &found->article : NULL;
}

/* ---- searching ---- */

static bool fits(const struct article *article, const char *language, const char *kind)
{
    if (kind && strcmp(article->kind, kind) != 0)
        return false;
    return !*language || !*article->language || strncmp(article->language, language, 2) == 0;
}

/* Keeps the best of them in order; equal scores keep the order of the ids. */
static size_t insert_hit(struct knowledge_hit *hits, size_t n, size_t cap, const struct knowledge_hit *hit)
{
    size_t at = n;

    while (at > 0 && hits[at - 1].score < hit->score)
        at--;
    if (at == cap)
        return n;
    if (n == cap)
        n--;
    memmove(hits + at + 1, hits + at, (n - at) * sizeof *hits);
    hits[at] = *hit;
    return n + 1;
}

int knowledge_search(struct knowledge *self, const char *query, const char *language, const char *kind,
                     struct knowledge_hit *ret_hits, size_t cap, size_t *ret_n, struct err *reterr)
{
    size_t n = 0;

    if (cap > KNOWLEDGE_HITS_MAX)
        cap = KNOWLEDGE_HITS_MAX;
    if (!language)
        language = "";
    memset(self->scores, 0, self->articles.n * sizeof *self->scores);
    if (text_index_search(self->index, query, language, self->scores, self->articles.n, reterr) < 0)
        return -1;
    if (self->meaning && is_english(language) &&
        meaning_search(self->meaning, query, self->scores, self->articles.n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->articles.n; i++) {
        const struct knowledge_hit hit = {knowledge_at(self, i), self->scores[i]};
        if (hit.score > 0 && fits(hit.article, language, kind))
            n = insert_hit(ret_hits, n, cap, &hit);
    }
    *ret_n = n;
    return 0;
}
