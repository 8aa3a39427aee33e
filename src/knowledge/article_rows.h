/* The articles of a compacted topic: by id, the JSON object that was written last. Pure. */
#ifndef TRIAGED_KNOWLEDGE_ARTICLE_ROWS_H
#define TRIAGED_KNOWLEDGE_ARTICLE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"
#include "triage/ticket.h"

struct article_rows;

struct article_rows *article_rows_new(void);
void article_rows_free(struct article_rows *self);

/* Key: the id; value: the article, NULL: it is gone. An article that could not be read, or has another id than its key,
 * is an error, and changes nothing. *ret_changed: whether anything is other than before. */
int article_rows_take(struct article_rows *self, const struct record *record, bool *ret_changed, struct err *reterr);

size_t article_rows_count(const struct article_rows *self);
const char *const *article_rows_list(const struct article_rows *self); /* sorted by id; until the next call of take */
const char *article_rows_id(const struct article_rows *self, size_t index);
const char *article_rows_find(const struct article_rows *self, const char *id); /* NULL: none */

#endif
