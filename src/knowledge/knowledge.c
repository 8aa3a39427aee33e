/* The articles with their hash and vectors, counted; and over them one thread's index. */
#include "triage/knowledge.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "knowledge/article.h"
#include "knowledge/meaning.h"
#include "knowledge/text_index.h"

struct knowledge_base {
    struct article_list articles; /* sorted by id */
    struct meaning *meaning;      /* of the English ones; NULL: not embedded */
    size_t made;                  /* vectors that no file and no earlier base had */
    size_t in_file;               /* vectors that the file had */
    char encoder[SHA256_HEX_MAX]; /* that embedded them */
    char hash[SHA256_HEX_MAX];
    _Atomic int users;
};

struct knowledge {
    struct knowledge_base *base;
    struct text_index *index; /* of those that are not superseded */
    struct encoder *encoder;  /* NULL: words alone */
    double *scores;           /* of the last search */
    bool by_meaning;          /* was it */
};

/* ---- the base ---- */

/* Every field of every article, in the order of the ids: the files' names and order do not matter. */
static void hash_all(struct knowledge_base *self)
{
    CLEANUP(buf_free) struct buf all = {0};

    for (size_t i = 0; i < self->articles.n; i++) {
        for (int field = 0; field < FIELD_COUNT; field++)
            buf_add(&all, self->articles.items[i].fields[field], strlen(self->articles.items[i].fields[field]) + 1);
    }
    sha256_hex(buf_str(&all), all.len, self->hash);
}

static struct knowledge_base *base_new(void)
{
    struct knowledge_base *self = mem_alloc(sizeof *self);

    self->users = 1;
    return self;
}

int knowledge_base_read(const char *dir, struct knowledge_base **ret_base, struct err *reterr)
{
    struct knowledge_base *self = base_new();

    if (articles_read(dir, &self->articles, reterr) < 0) {
        knowledge_base_unref(self);
        return -1;
    }
    hash_all(self);
    *ret_base = self;
    return 0;
}

int knowledge_base_of_rows(const char *const *rows, size_t n, struct knowledge_base **ret_base, struct err *reterr)
{
    struct knowledge_base *self = base_new();

    if (articles_of_rows(rows, n, &self->articles, reterr) < 0) {
        knowledge_base_unref(self);
        return -1;
    }
    hash_all(self);
    *ret_base = self;
    return 0;
}

struct knowledge_base *knowledge_base_ref(struct knowledge_base *self)
{
    self->users++;
    return self;
}

void knowledge_base_unref(struct knowledge_base *self)
{
    if (!self || atomic_fetch_sub(&self->users, 1) > 1)
        return;
    meaning_free(self->meaning);
    articles_free(&self->articles);
    mem_free(self);
}

const char *knowledge_base_hash(const struct knowledge_base *self)
{
    return self->hash;
}

size_t knowledge_base_count(const struct knowledge_base *self)
{
    return self->articles.n;
}

const struct article *knowledge_base_at(const struct knowledge_base *self, size_t index)
{
    return &self->articles.items[index].article;
}

static int by_id(const void *id, const void *row)
{
    return strcmp(id, ((const struct owned_article *)row)->article.id);
}

const struct article *knowledge_base_find(const struct knowledge_base *self, const char *id)
{
    const struct owned_article *found;

    if (!self->articles.n)
        return NULL;
    found = bsearch(id, self->articles.items, self->articles.n, sizeof *self->articles.items, by_id);
    return found ? &found->article : NULL;
}

char *knowledge_base_row(const struct knowledge_base *self, size_t index)
{
    return article_row(&self->articles.items[index]);
}

/* ---- vectors ---- */

static bool is_english(const char *language)
{
    return !*language || strncmp(language, "en", 2) == 0;
}

static struct meaning *meaning_of(const struct article_list *articles)
{
    struct meaning *meaning = meaning_new();

    for (size_t i = 0; i < articles->n; i++) {
        const struct article *article = &articles->items[i].article;
        if (!*article->superseded_by && is_english(article->language))
            meaning_add(meaning, i, article->title, article->body);
    }
    return meaning;
}

int knowledge_base_embed(struct knowledge_base *self, struct encoder *encoder, const struct knowledge_base *before,
                         const char *path, struct err *reterr)
{
    bool same = before && before->meaning && strcmp(before->encoder, encoder_hash(encoder)) == 0;
    CLEANUP(vectors_done) struct vectors *stored = same ? NULL : vectors_load(path, encoder_hash(encoder));
    struct meaning *meaning = meaning_of(&self->articles);

    if (meaning_finish(meaning, encoder, same ? meaning_vectors(before->meaning) : stored, &self->made, reterr) < 0) {
        meaning_free(meaning);
        return -1;
    }
    self->in_file = same ? before->in_file : vectors_count(stored);
    self->meaning = meaning;
    snprintf(self->encoder, sizeof self->encoder, "%s", encoder_hash(encoder));
    return 0;
}

int knowledge_base_keep(const struct knowledge_base *self, const char *path, struct err *reterr)
{
    if (!*path || !self->meaning || (self->made == 0 && vectors_count(meaning_vectors(self->meaning)) == self->in_file))
        return 0;
    return vectors_save(meaning_vectors(self->meaning), path, reterr);
}

/* ---- opening ---- */

static int index_all(struct knowledge *self, struct err *reterr)
{
    const struct article_list *articles = &self->base->articles;

    if (text_index_new(&self->index, reterr) < 0)
        return -1;
    for (size_t i = 0; i < articles->n; i++) {
        const struct article *article = &articles->items[i].article;
        if (*article->superseded_by)
            continue;
        if (text_index_add(self->index, i, article->language, article->title, article->body, reterr) < 0)
            return err_context(reterr, "%s", article->id);
    }
    return text_index_merge(self->index, reterr);
}

int knowledge_open(struct knowledge_base *base, struct encoder *encoder, struct knowledge **ret_knowledge,
                   struct err *reterr)
{
    struct knowledge *self = mem_alloc(sizeof *self);

    self->base = knowledge_base_ref(base);
    if (encoder && base->meaning && strcmp(base->encoder, encoder_hash(encoder)) == 0)
        self->encoder = encoder;
    if (index_all(self, reterr) < 0) {
        knowledge_free(self);
        return -1;
    }
    self->scores = mem_array(base->articles.n + 1, sizeof *self->scores);
    *ret_knowledge = self;
    return 0;
}

int knowledge_load(const char *dir, struct knowledge **ret_knowledge, struct err *reterr)
{
    struct knowledge_base *base;
    int rc;

    if (knowledge_base_read(dir, &base, reterr) < 0)
        return -1;
    rc = knowledge_open(base, NULL, ret_knowledge, reterr);
    knowledge_base_unref(base);
    return rc;
}

void knowledge_free(struct knowledge *self)
{
    if (!self)
        return;
    text_index_free(self->index);
    knowledge_base_unref(self->base);
    mem_free(self->scores);
    mem_free(self);
}

int knowledge_attach(struct knowledge *self, struct encoder *encoder, struct err *reterr)
{
    if (knowledge_base_embed(self->base, encoder, NULL, "", reterr) < 0)
        return -1;
    self->encoder = encoder;
    return 0;
}

/* ---- looking up ---- */

const char *knowledge_hash(const struct knowledge *self)
{
    return self->base->hash;
}

size_t knowledge_count(const struct knowledge *self)
{
    return self->base->articles.n;
}

const struct article *knowledge_at(const struct knowledge *self, size_t index)
{
    return knowledge_base_at(self->base, index);
}

const struct article *knowledge_find(const struct knowledge *self, const char *id)
{
    return knowledge_base_find(self->base, id);
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
    struct err ignored = {0};
    size_t n = 0;

    if (cap > KNOWLEDGE_HITS_MAX)
        cap = KNOWLEDGE_HITS_MAX;
    if (!language)
        language = "";
    memset(self->scores, 0, self->base->articles.n * sizeof *self->scores);
    if (text_index_search(self->index, query, language, self->scores, self->base->articles.n, reterr) < 0)
        return -1;
    self->by_meaning = self->encoder && is_english(language) &&
                       meaning_search(self->base->meaning, self->encoder, query, self->scores, self->base->articles.n,
                                      &ignored) == 0; /* an encoder that fails adds nothing */
    for (size_t i = 0; i < self->base->articles.n; i++) {
        const struct knowledge_hit hit = {knowledge_at(self, i), self->scores[i]};
        if (hit.score > 0 && fits(hit.article, language, kind))
            n = insert_hit(ret_hits, n, cap, &hit);
    }
    *ret_n = n;
    return 0;
}

size_t knowledge_other_languages(const struct knowledge *self, const char *language, struct knowledge_hit *ret_hits,
                                 size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < self->base->articles.n; i++) {
        const struct knowledge_hit hit = {knowledge_at(self, i), self->scores[i]};
        if (hit.score > 0 && !fits(hit.article, language, NULL))
            n = insert_hit(ret_hits, n, cap, &hit);
    }
    return n;
}

bool knowledge_by_meaning(const struct knowledge *self)
{
    return self->by_meaning;
}

double knowledge_least(const struct knowledge *self)
{
    return self->by_meaning ? KNOWLEDGE_LEAST_MEANING : KNOWLEDGE_LEAST_WORDS;
}
