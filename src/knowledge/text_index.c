/* The index over SQLite FTS5. English is stemmed by Porter's stemmer; other languages are indexed as they are, in
 * tables of their own, so that their words do not change each other's weights. */
#include "knowledge/text_index.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "knowledge/terms.h"

enum { CANDIDATES_MAX = 1000, PARTS_MAX = 1 << 24 };

enum table { TITLE_EN, TITLE_ANY, BODY_EN, BODY_ANY, TITLE_GRAMS, TABLES };

#define MAKE(name, tokenizer)                                                                                          \
    "create virtual table " name " using fts5(text, content = '', tokenize = \"" tokenizer "\")"
#define INSERT(name) "insert into " name " (rowid, text) values (?1, ?2)"
#define SEARCH(name)                                                                                                   \
    "select rowid, bm25(" name ") as score from " name " where " name " match ?1 order by score limit ?2"
#define MERGE(name)          "insert into " name " (" name ") values ('optimize')"
#define ROW(name, tokenizer) MAKE(name, tokenizer), INSERT(name), SEARCH(name), MERGE(name)

/* Weights were chosen on half of a public set of questions and answers (triaged knowledge search --queries). */
static const struct {
    const char *make, *insert, *search, *merge;
    double weight;
    bool grams;
} table_rows[TABLES] = {
    [TITLE_EN] = {ROW("title_en", "porter unicode61 remove_diacritics 2"), 1.0, false},
    [TITLE_ANY] = {ROW("title_any", "unicode61 remove_diacritics 2"), 1.0, false},
    [BODY_EN] = {ROW("body_en", "porter unicode61 remove_diacritics 2"), 0.8, false},
    [BODY_ANY] = {ROW("body_any", "unicode61 remove_diacritics 2"), 0.8, false},
    [TITLE_GRAMS] = {ROW("title_grams", "trigram"), 0.1, true},
};

struct text_index {
    sqlite3 *db;
    sqlite3_stmt *insert[TABLES], *search[TABLES];
    size_t *articles[TABLES]; /* of each row, by its rowid */
    size_t n[TABLES], cap[TABLES];
};

static int sqlite_err(struct text_index *self, struct err *reterr)
{
    return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the knowledge index: %s", sqlite3_errmsg(self->db));
}

/* ---- life ---- */

static int open_tables(struct text_index *self, struct err *reterr)
{
    if (sqlite3_open_v2(":memory:", &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return sqlite_err(self, reterr);
    for (int i = 0; i < TABLES; i++) {
        if (sqlite3_exec(self->db, table_rows[i].make, NULL, NULL, NULL) ||
            sqlite3_prepare_v2(self->db, table_rows[i].insert, -1, &self->insert[i], NULL) ||
            sqlite3_prepare_v2(self->db, table_rows[i].search, -1, &self->search[i], NULL))
            return sqlite_err(self, reterr);
    }
    return 0;
}

int text_index_new(struct text_index **ret_index, struct err *reterr)
{
    struct text_index *self = mem_alloc(sizeof *self);

    if (open_tables(self, reterr) < 0) {
        text_index_free(self);
        return -1;
    }
    *ret_index = self;
    return 0;
}

void text_index_free(struct text_index *self)
{
    if (!self)
        return;
    for (int i = 0; i < TABLES; i++) {
        sqlite3_finalize(self->insert[i]);
        sqlite3_finalize(self->search[i]);
        mem_free(self->articles[i]);
    }
    sqlite3_close(self->db);
    mem_free(self);
}

/* ---- adding ---- */

static int add_row(struct text_index *self, enum table table, size_t article, const char *text, size_t len,
                   struct err *reterr)
{
    sqlite3_stmt *insert = self->insert[table];

    if (strspn(text, " \t\r\n") >= len)
        return 0;
    if (self->n[table] == PARTS_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the knowledge has more than %d parts", PARTS_MAX);
    if (self->n[table] == self->cap[table]) {
        self->cap[table] = self->cap[table] ? self->cap[table] * 2 : 64;
        self->articles[table] = mem_grow(self->articles[table], self->cap[table], sizeof **self->articles);
    }
    self->articles[table][self->n[table]] = article;
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)self->n[table]++);
    sqlite3_bind_text(insert, 2, text, (int)len, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE)
        return sqlite_err(self, reterr);
    sqlite3_reset(insert);
    return 0;
}

/* A part runs from one heading to the next. */
static int add_body(struct text_index *self, enum table table, size_t article, const char *body, struct err *reterr)
{
    while (*body) {
        const char *next = strstr(body + 1, "\n#");
        size_t len = next ? (size_t)(next + 1 - body) : strlen(body);
        if (add_row(self, table, article, body, len, reterr) < 0)
            return -1;
        body += len;
    }
    return 0;
}

int text_index_add(struct text_index *self, size_t article, const char *language, const char *title, const char *body,
                   struct err *reterr)
{
    bool english = !*language || strncmp(language, "en", 2) == 0;
    size_t len = strlen(title);

    if (add_row(self, english ? TITLE_EN : TITLE_ANY, article, title, len, reterr) < 0 ||
        add_row(self, TITLE_GRAMS, article, title, len, reterr) < 0)
        return -1;
    return add_body(self, english ? BODY_EN : BODY_ANY, article, body, reterr);
}

/* Each row that was added is a segment of its own, and a search looks into every one: merged it costs a fraction. */
int text_index_merge(struct text_index *self, struct err *reterr)
{
    for (int i = 0; i < TABLES; i++) {
        if (sqlite3_exec(self->db, table_rows[i].merge, NULL, NULL, NULL))
            return sqlite_err(self, reterr);
    }
    return 0;
}

/* ---- searching ---- */

static int search_table(struct text_index *self, enum table table, const struct buf *match, double *best,
                        size_t n_scores, struct err *reterr)
{
    sqlite3_stmt *search = self->search[table];
    int rc;

    if (!match->len)
        return 0;
    sqlite3_bind_text(search, 1, match->data, (int)match->len, SQLITE_STATIC);
    sqlite3_bind_int(search, 2, CANDIDATES_MAX);
    while ((rc = sqlite3_step(search)) == SQLITE_ROW) {
        size_t article = self->articles[table][sqlite3_column_int64(search, 0)];
        double score = -sqlite3_column_double(search, 1);
        if (article < n_scores && score > best[article])
            best[article] = score;
    }
    sqlite3_reset(search);
    return rc == SQLITE_DONE ? 0 : sqlite_err(self, reterr);
}

int text_index_search(struct text_index *self, const char *question, const char *language, double *scores,
                      size_t n_scores, struct err *reterr)
{
    CLEANUP(buf_free) struct buf words = {0}, grams = {0};
    CLEANUP(mem_freep) double *best = mem_array(n_scores + 1, sizeof *best);

    terms_words(question, language, &words);
    terms_grams(question, language, &grams);
    for (int i = 0; i < TABLES; i++) {
        memset(best, 0, n_scores * sizeof *best);
        if (search_table(self, (enum table)i, table_rows[i].grams ? &grams : &words, best, n_scores, reterr) < 0)
            return -1;
        for (size_t a = 0; a < n_scores; a++)
            scores[a] += table_rows[i].weight * best[a];
    }
    return 0;
}
