/* What a prompt may rest on: the articles that fit a ticket, the part of each that is shown, and what was left out.
 * Pure but for the knowledge; it must not know what a prompt looks like. */
#ifndef TRIAGED_DRAFT_SOURCES_H
#define TRIAGED_DRAFT_SOURCES_H

#include <stddef.h>

#include "base/buf.h"
#include "draft/seen.h"
#include "triage/draft.h"
#include "triage/err.h"
#include "triage/knowledge.h"

#define SOURCE_BYTES_MAX     1500 /* of one source in the prompt */
#define SOURCES_LEFT_OUT_MAX 16

/* Bytes that a token stands for, at the least, in English and German: what is not counted yet is taken for too much. */
#define SOURCE_BYTES_PER_TOKEN 3

struct source {
    const struct article *article;
    double score;
    size_t start, len; /* bytes of the body that are shown */
};

struct left_out {
    const struct article *article;
    const char *reason; /* audience | template | weak | budget | language | superseded */
};

struct sources {
    struct source items[DRAFT_ARTICLES_MAX];
    size_t n;
    struct left_out left_out[SOURCES_LEFT_OUT_MAX];
    size_t n_left_out;
};

/* The longest prefix of at most max bytes that ends between characters, and behind a line or a sentence where one ends
 * in the second half: half a number is worse than none. */
size_t sources_cut(const char *text, size_t max);

/* What articles and macros are searched with. */
void sources_query(const struct seen_text *seen, struct buf *out);

/* tokens_max: of all sources together. The best source is never left out for its size. */
int sources_find(struct knowledge *knowledge, const struct seen_text *seen, const char *language, size_t tokens_max,
                 struct sources *ret_sources, struct err *reterr);

#endif
