/* Text of a model made plain: no markup, no control or invisible characters, no runs of blanks. Pure. */
#ifndef TRIAGED_DRAFT_PLAIN_H
#define TRIAGED_DRAFT_PLAIN_H

#include <stdbool.h>

#include "base/buf.h"

void plain_text(const char *text, struct buf *out);

/* Length of the text up to its last whole sentence within the first len bytes; 0 when there is none. */
size_t plain_last_sentence(const char *text, size_t len);

/* Whether most of the text stands word for word in the other: an echo of the ticket is no answer to it. */
bool plain_echoes(const char *text, const char *other);

/* Whether a line or a sentence comes again so often that the model was in a loop. */
bool plain_repeats(const char *text);

#endif
