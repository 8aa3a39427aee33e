/* Results counted by day, class and status, between two saves. */
#ifndef TRIAGED_BRIDGE_TALLY_H
#define TRIAGED_BRIDGE_TALLY_H

#include "base/json.h"

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *self); /* NULL is fine */
void tally_clear(struct tally *self);
/* A result; notices and endings of what was counted when it was asked count for nothing but reviewed. An answer on hold
 * is counted when it ends: as answered, or as one for people. */
void tally_take(struct tally *self, const cJSON *result);
char *tally_text(const struct tally *self); /* JSON array, freed with mem_free */

#endif
