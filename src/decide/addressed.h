/* Whether a sentence speaks to a machine that reads tickets instead of to the company: a linear model over hashed words
 * and pairs of words, one sentence at a time. Its weights are made by tests/injection/learn.py. It knows nothing of
 * tickets. */
#ifndef TRIAGED_DECIDE_ADDRESSED_H
#define TRIAGED_DECIDE_ADDRESSED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* text: UTF-8, visible characters only. True when any sentence of at least two words reaches the bound. */
bool addressed_to_machine(const char *text, size_t len);

/* Adds the text without the sentences that may speak to a machine: a lower bound, which one in twenty harmless texts
 * reaches, too. Line ends stay. True when something was left out. */
bool addressed_leave_out(struct buf *out, const char *text, size_t len);

#endif
