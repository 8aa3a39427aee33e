/* One item as the page shows it: what the queue knows of it, with the reasons in words, the class's guideline, the
 * cited articles, and what in the text speaks for the label. */
#ifndef TRIAGED_CONSOLE_ITEM_H
#define TRIAGED_CONSOLE_ITEM_H

#include "console/console.h"

#define ITEM_BYTES_MAX (8 << 20)

/* From the JSON of triage.item_page. NULL when it can't be read. The caller frees. */
char *item_document(const struct console_parts *parts, const char *json);

#endif
