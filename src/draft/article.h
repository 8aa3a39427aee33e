/* Reading articles: Markdown with front matter, or JSON Lines. */
#ifndef TRIAGED_DRAFT_ARTICLE_H
#define TRIAGED_DRAFT_ARTICLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "triage/err.h"
#include "triage/knowledge.h"

#define ARTICLES_MAX 100000
#define ARTICLE_SLOTS_MAX 32

/* An article with the memory that it borrows from. */
struct owned_article {
    struct article article;
    char *text; /* the file or row; fields point into copies below */
    char *fields[9];
    bool superseded; /* another article stands in its place: never retrieved */
};

struct article_list {
    struct owned_article *items;
    size_t n, cap;
};

/* Reads every *.md and *.jsonl of the folder, in the order of their names. */
int articles_read(const char *dir, struct article_list *list, struct err *reterr);
void articles_free(struct article_list *list);

#endif
