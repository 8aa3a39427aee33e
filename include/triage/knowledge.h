/* Articles and approved macros, indexed in SQLite FTS5 (BM25). One handle per thread; snapshots by path. */
#ifndef TRIAGE_KNOWLEDGE_H
#define TRIAGE_KNOWLEDGE_H

#include <stddef.h>

#include "triage/decision.h"
#include "triage/encoder.h"
#include "triage/err.h"

#define KNOWLEDGE_HITS_MAX 10
#define ARTICLE_BYTES_MAX 65536
#define ARTICLES_MAX 100000

struct knowledge;

struct article {
    const char *id, *title, *body, *language, *kind; /* kind: article | macro; borrowed from the knowledge */
    const char *audience, *updated; /* audience: customer | agent | ""; updated: YYYY-MM-DD or "" */
    size_t n_slots; /* of a macro */
    const char *slots, *labels; /* as in the file: [a, b] */
    const char *approved_by, *approved_on; /* of a macro; "" while nobody approved it */
    const char *superseded_by; /* id of the article that took its place: then it is found by id only, never searched */
};

struct knowledge_hit {
    const struct article *article;
    double score; /* higher is better, >= 0 */
};

/* Reads a folder of Markdown files with front matter, or JSON Lines rows {id, title, body}. Builds an in-memory index.
 * A bad file is an error that names it; so is an article beyond ARTICLE_BYTES_MAX. */
int knowledge_load(const char *dir, struct knowledge **ret_knowledge, struct err *reterr);
void knowledge_free(struct knowledge *self);
/* Embeds the English articles, and from now on adds what an English question and an article have in common in meaning to
 * what they share in words (the scores are added; other languages are ranked by words alone). Takes about 20 ms a
 * passage. Borrows the encoder, which must outlive the knowledge. On failure the knowledge ranks as before. */
int knowledge_attach(struct knowledge *self, struct encoder *encoder, struct err *reterr);
const char *knowledge_hash(const struct knowledge *self); /* SHA-256 hex over all articles */
size_t knowledge_count(const struct knowledge *self);
const struct article *knowledge_at(const struct knowledge *self, size_t index);
const struct article *knowledge_find(const struct knowledge *self, const char *id); /* NULL when unknown */

/* Best first, at most cap and KNOWLEDGE_HITS_MAX; 0 hits is no error. language "" means any; kind NULL means any. An
 * article without a language fits every language. */
int knowledge_search(struct knowledge *self, const char *query, const char *language, const char *kind,
                     struct knowledge_hit *ret_hits, size_t cap, size_t *ret_n, struct err *reterr);

#endif
