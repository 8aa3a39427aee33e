/* Sentences of a folded text. Pure. */
#ifndef TRIAGED_CLAIMS_SENTENCES_H
#define TRIAGED_CLAIMS_SENTENCES_H

#include "claims/fold.h"

/* The sentence that begins at or behind *at, which is moved behind it. False at the end. The span is without the blanks
 * around it; line ends that stand alone end a sentence too. */
bool sentence_next(const struct folded *text, size_t *at, size_t *ret_start, size_t *ret_end);

#endif
