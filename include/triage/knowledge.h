/* Articles and approved macros. A base holds them and what they mean, never changes once it is shared, and is for any
 * thread; a knowledge is one thread's way to search it: SQLite FTS5 (BM25), and the encoder where there is one. */
#ifndef TRIAGE_KNOWLEDGE_H
#define TRIAGE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/decision.h"
#include "triage/encoder.h"
#include "triage/err.h"

#define KNOWLEDGE_HITS_MAX 10
#define ARTICLE_BYTES_MAX 65536
#define ARTICLES_MAX 100000

struct knowledge;
struct knowledge_base;

struct article {
    const char *id, *title, *body, *language, *kind; /* kind: article | macro; borrowed from the knowledge */
    const char *audience, *updated; /* audience: customer | agent | ""; updated: YYYY-MM-DD or "" */
    size_t n_slots; /* of a macro */
    const char *slots, *labels; /* as in the file: [a, b] */
    const char *approved_by, *approved_on; /* of a macro; "" while nobody approved it */
    const char *hash; /* SHA-256 hex over all of it: which version of the article this is */
    const char *superseded_by; /* id of the article that took its place: then it is found by id only, never searched */
    const char *review_by; /* YYYY-MM-DD: somebody looks at it by then; "" no such day */
};

/* Days since 1970 of a text that begins with YYYY-MM-DD; -1: it is no date. */
long article_day(const char *text);
/* Its day has passed, in UTC, or can't be read. */
bool article_review_overdue(const struct article *self, int64_t now_s);

struct knowledge_hit {
    const struct article *article;
    double score; /* higher is better, >= 0 */
};

/* Best score below which an article is too weak a ground for a draft, on either scale; docs/DRAFTS.md says how they were
 * measured. */
#define KNOWLEDGE_LEAST_WORDS 3.0
#define KNOWLEDGE_LEAST_MEANING 40.0

/* ---- the base ---- */

/* Reads a folder of Markdown files with front matter, or JSON Lines rows {id, title, body}. A bad file is an error that
 * names it; so is an article beyond ARTICLE_BYTES_MAX. The caller has one reference. */
int knowledge_base_read(const char *dir, struct knowledge_base **ret_base, struct err *reterr);
/* The same of JSON objects, each as one row of such a file. */
int knowledge_base_of_rows(const char *const *rows, size_t n, struct knowledge_base **ret_base, struct err *reterr);
/* Embeds the English articles: about 20 ms a passage, but for those that `before` (NULL: none) or the file (path ""
 * none) knows already. For the one thread that has the base, before it is shared. */
int knowledge_base_embed(struct knowledge_base *self, struct encoder *encoder, const struct knowledge_base *before,
                         const char *path, struct err *reterr);
/* Keeps the vectors in the file, where they are others than it held. */
int knowledge_base_keep(const struct knowledge_base *self, const char *path, struct err *reterr);
struct knowledge_base *knowledge_base_ref(struct knowledge_base *self);
void knowledge_base_unref(struct knowledge_base *self); /* the last one frees; NULL is fine */
const char *knowledge_base_hash(const struct knowledge_base *self); /* SHA-256 hex over all articles */
size_t knowledge_base_count(const struct knowledge_base *self);
const struct article *knowledge_base_at(const struct knowledge_base *self, size_t index); /* in the order of the ids */
const struct article *knowledge_base_find(const struct knowledge_base *self, const char *id); /* NULL: unknown */
char *knowledge_base_row(const struct knowledge_base *self, size_t index); /* as knowledge_base_of_rows reads it; owned */

/* ---- searching it ---- */

/* Indexes the words of the base, and takes a reference. With an encoder (borrowed, it outlives the knowledge), and where
 * the base was embedded by it, an English question also gains what it and an article have in common in meaning: the
 * scores are added. Other languages are ranked by words alone. */
int knowledge_open(struct knowledge_base *base, struct encoder *encoder, struct knowledge **ret_knowledge,
                   struct err *reterr);
/* knowledge_base_read and knowledge_open in one, by words. */
int knowledge_load(const char *dir, struct knowledge **ret_knowledge, struct err *reterr);
void knowledge_free(struct knowledge *self);
/* Embeds the base of this knowledge, which must have no other user, and ranks by meaning from now on. Borrows the encoder.
 * On failure the knowledge ranks as before. */
int knowledge_attach(struct knowledge *self, struct encoder *encoder, struct err *reterr);
const char *knowledge_hash(const struct knowledge *self); /* SHA-256 hex over all articles */
size_t knowledge_count(const struct knowledge *self);
const struct article *knowledge_at(const struct knowledge *self, size_t index);
const struct article *knowledge_find(const struct knowledge *self, const char *id); /* NULL when unknown */

/* Best first, at most cap and KNOWLEDGE_HITS_MAX; 0 hits is no error. language "" means any; kind NULL means any. An
 * article without a language fits every language. */
int knowledge_search(struct knowledge *self, const char *query, const char *language, const char *kind,
                     struct knowledge_hit *ret_hits, size_t cap, size_t *ret_n, struct err *reterr);
/* Of the last search: which of the two scales its scores are on (it falls back to words when the encoder fails), and the
 * least score on that scale. */
bool knowledge_by_meaning(const struct knowledge *self);
double knowledge_least(const struct knowledge *self);
/* Of the last search: the best of those that did not fit its language. Returns how many, at most cap. */
size_t knowledge_other_languages(const struct knowledge *self, const char *language, struct knowledge_hit *ret_hits,
                                 size_t cap);

#endif
