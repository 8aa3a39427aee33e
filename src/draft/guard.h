/* What of a ticket's text goes into a prompt: what a person would read, and nothing that only a machine would. Pure. */
#ifndef TRIAGED_DRAFT_GUARD_H
#define TRIAGED_DRAFT_GUARD_H

#include <stddef.h>

#include "base/buf.h"

#define GUARD_BLOB_LETTERS 80 /* a run of base64 or hex letters of at least this length is no writing */

/* Appends the text without invisible, bidirectional and tag characters, with "[data]" in the place of each blob, and
 * with marks of chat templates, such as <|im_start|>, taken apart. Quoted replies are ticket_plain_text's to leave out.
 */
void guard_add(struct buf *out, const char *text, size_t len);

#endif
