/* The index: every article in chunks by heading, in an in-memory SQLite FTS5 table; the best chunk counts for its article.
 * Score: BM25 as SQLite computes it (Robertson and Zaragoza, 2009), turned so that higher is better. */
#include "triage/knowledge.h"

#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "draft/article.h"

enum { QUERY_WORDS_MAX = 64, WORD_BYTES_MAX = 64, CANDIDATES_MAX = 200 };

struct knowledge {
    sqlite3 *db;
    sqlite3_stmt *search;
    struct article_list articles;
    char hash[SHA256_HEX_MAX];
};

static const char sql_make[] = "create virtual table chunk using fts5(title, body, article unindexed, "
                               "tokenize = 'porter unicode61 remove_diacritics 2')";
static const char sql_insert[] = "insert into chunk (title, body, article) values (?1, ?2, ?3)";
static const char sql_search[] =
    "select article, bm25(chunk, 2.0, 1.0) as score from chunk where chunk match ?1 order by score limit ?2";

/* Words that tell nothing of a question's subject, English and German. */
static const char *const stop_words[] = {
    "a",    "an",   "and",  "are",  "as",    "at",   "be",   "but",  "by",    "can",   "could", "do",   "does", "for",
    "from", "had",  "has",  "have", "hello", "hi",   "how",  "i",    "if",    "in",    "is",    "it",   "its",  "me",
    "my",   "not",  "of",   "on",   "or",    "our",  "please", "so", "thanks", "that",  "the",   "there", "this", "to",
    "was",  "we",   "what", "when", "where", "which", "who", "why",  "will",  "with",  "would", "you",  "your", "am",
    "aber", "als",  "auch", "auf",  "aus",   "bei",  "bin",  "bitte", "das",  "dem",   "den",   "der",  "des",  "die",
    "ein",  "eine", "einen", "er",  "es",    "für",  "hallo", "habe", "ich",  "ihr",   "ihre",  "im",   "ist",  "kann",
    "mein", "meine", "mich", "mir", "mit",   "nicht", "noch", "oder", "sie",  "sind",  "so",    "und",  "uns",  "von",
    "was",  "wie",  "wir",  "wird", "zu",    "zum",  "zur"};

/* ---- loading ---- */

static int sqlite_err(struct knowledge *self, struct err *reterr)
{
    return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the knowledge index: %s", sqlite3_errmsg(self->db));
}

static int insert_chunk(struct knowledge *self, sqlite3_stmt *insert, size_t article, const char *body, size_t len,
                        struct err *reterr)
{
    const char *title = self->articles.items[article].article.title;

    if (strspn(body, " \t\r\n") >= len)
        return 0;
    sqlite3_bind_text(insert, 1, title, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, body, (int)len, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, (sqlite3_int64)article);
    if (sqlite3_step(insert) != SQLITE_DONE)
        return sqlite_err(self, reterr);
    sqlite3_reset(insert);
    return 0;
}

/* A chunk runs from one heading to the next. */
static int index_article(struct knowledge *self, sqlite3_stmt *insert, size_t article, struct err *reterr)
{
    const char *at = self->articles.items[article].article.body;

    while (*at) {
        const char *next = strstr(at + 1, "\n#");
        size_t len = next ? (size_t)(next + 1 - at) : strlen(at);
        if (insert_chunk(self, insert, article, at, len, reterr) < 0)
            return -1;
        at += len;
    }
    return 0;
}

static int index_all(struct knowledge *self, struct err *reterr)
{
    sqlite3_stmt *insert = NULL;
    int rc = 0;

    if (sqlite3_open(":memory:", &self->db) != SQLITE_OK || sqlite3_exec(self->db, sql_make, NULL, NULL, NULL) ||
        sqlite3_prepare_v2(self->db, sql_insert, -1, &insert, NULL) ||
        sqlite3_prepare_v2(self->db, sql_search, -1, &self->search, NULL))
        rc = sqlite_err(self, reterr);
    for (size_t i = 0; rc == 0 && i < self->articles.n; i++) {
        if (!self->articles.items[i].superseded)
            rc = index_article(self, insert, i, reterr);
    }
    sqlite3_finalize(insert);
    return rc;
}

static void hash_all(struct knowledge *self)
{
    CLEANUP(buf_free) struct buf all = {0};

    for (size_t i = 0; i < self->articles.n; i++) {
        const struct article *article = &self->articles.items[i].article;
        buf_printf(&all, "%s\n%s\n%s\n%s\n%s\n\f", article->id, article->kind, article->language, article->title,
                   article->body);
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
    hash_all(self);
    *ret_knowledge = self;
    return 0;
}

void knowledge_free(struct knowledge *self)
{
    if (!self)
        return;
    sqlite3_finalize(self->search);
    sqlite3_close(self->db);
    articles_free(&self->articles);
    mem_free(self);
}

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

const struct article *knowledge_find(const struct knowledge *self, const char *id)
{
    for (size_t i = 0; i < self->articles.n; i++) {
        if (strcmp(self->articles.items[i].article.id, id) == 0)
            return &self->articles.items[i].article;
    }
    return NULL;
}

/* ---- searching ---- */

static bool is_stop_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(stop_words); i++) {
        if (strcmp(stop_words[i], word) == 0)
            return true;
    }
    return false;
}

static bool is_word_byte(unsigned char c)
{
    return c >= 0x80 || isalnum(c);
}

static void add_word(struct buf *match, const char *word, size_t len, int *count)
{
    char lower[WORD_BYTES_MAX];

    if (len == 0 || len >= sizeof lower || *count >= QUERY_WORDS_MAX)
        return;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)((unsigned char)word[i] < 0x80 ? tolower((unsigned char)word[i]) : word[i]);
    lower[len] = '\0';
    if (is_stop_word(lower))
        return;
    buf_printf(match, "%s\"%s\"", *count ? " OR " : "", lower);
    (*count)++;
}

/* Any of the words; each quoted, so that nothing of a ticket is read as an operator. */
static void make_match(const char *query, struct buf *match)
{
    int count = 0;

    while (*query) {
        size_t len = 0;
        while (*query && !is_word_byte((unsigned char)*query))
            query++;
        while (query[len] && is_word_byte((unsigned char)query[len]))
            len++;
        add_word(match, query, len, &count);
        query += len;
    }
}

static bool wanted(const struct article *article, const char *language, const char *kind)
{
    if (kind && strcmp(article->kind, kind) != 0)
        return false;
    return !language || !*language || !*article->language || strcmp(article->language, language) == 0;
}

static bool have(const struct knowledge_hit *hits, size_t n, const struct article *article)
{
    for (size_t i = 0; i < n; i++) {
        if (hits[i].article == article)
            return true;
    }
    return false;
}

int knowledge_search(struct knowledge *self, const char *query, const char *language, const char *kind,
                     struct knowledge_hit *ret_hits, size_t cap, size_t *ret_n, struct err *reterr)
{
    CLEANUP(buf_free) struct buf match = {0};
    size_t n = 0;
    int rc = SQLITE_DONE;

    *ret_n = 0;
    make_match(query, &match);
    if (!match.len)
        return 0;
    sqlite3_reset(self->search);
    sqlite3_bind_text(self->search, 1, buf_str(&match), -1, SQLITE_STATIC);
    sqlite3_bind_int(self->search, 2, CANDIDATES_MAX);
    while (n < cap && n < KNOWLEDGE_HITS_MAX && (rc = sqlite3_step(self->search)) == SQLITE_ROW) {
        const struct article *article = knowledge_at(self, (size_t)sqlite3_column_int64(self->search, 0));
        if (wanted(article, language, kind) && !have(ret_hits, n, article))
            ret_hits[n++] = (struct knowledge_hit){article, -sqlite3_column_double(self->search, 1)};
    }
    sqlite3_reset(self->search);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return sqlite_err(self, reterr);
    *ret_n = n;
    return 0;
}
