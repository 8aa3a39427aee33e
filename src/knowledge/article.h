/* Reading articles: Markdown with front matter, or JSON Lines. */
#ifndef TRIAGED_KNOWLEDGE_ARTICLE_H
#define TRIAGED_KNOWLEDGE_ARTICLE_H

#include "triage/err.h"
#include "triage/knowledge.h"

/* The fields that are kept, by the names of the front matter and of the rows; all others are passed over. */
enum article_field {
    FIELD_ID,
    FIELD_KIND,
    FIELD_TITLE,
    FIELD_AUDIENCE,
    FIELD_LANGUAGE,
    FIELD_UPDATED,
    FIELD_LABELS,
    FIELD_SLOTS,
    FIELD_APPROVED_BY,
    FIELD_APPROVED_ON,
    FIELD_SUPERSEDED_BY,
    FIELD_REVIEW_BY,
    FIELD_BODY,
    FIELD_COUNT
};

/* An article with the strings that it borrows. */
struct owned_article {
    struct article article;
    char *fields[FIELD_COUNT]; /* "" for what is missing */
    char *hash;
};

struct article_list {
    struct owned_article *items; /* sorted by id */
    size_t n, cap;
};

/* Reads every *.md (but README.md) and *.jsonl of the folder. On failure the list holds what was read before. */
int articles_read(const char *dir, struct article_list *list, struct err *reterr);
/* The same of JSON objects, one article each. */
int articles_of_rows(const char *const *rows, size_t n, struct article_list *list, struct err *reterr);
char *article_row(const struct owned_article *self); /* the JSON object that gives it; the caller frees it */
void articles_free(struct article_list *list);

#endif
