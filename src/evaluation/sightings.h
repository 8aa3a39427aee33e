/* Which version of policy, classifier, promise and knowledge decided when, as the results of workers tell it. Pure. */
#ifndef TRIAGED_EVALUATION_SIGHTINGS_H
#define TRIAGED_EVALUATION_SIGHTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/versions.h"

#define SIGHTINGS_OVERLAP_US 60000000LL /* workers that change within it of each other made one change */

/* One decision of a worker. */
struct sighting {
    size_t profile; /* the caller's number of it */
    int64_t at_us;
    uint64_t
        decision; /* a hash of ticket, revision and versions: equal for all that is said later of the same decision */
    size_t versions[VERSION_KIND_COUNT]; /* places in the lists of versions */
};

struct sightings {
    struct sighting *list; /* in any order */
    size_t n, cap;
    char **versions[VERSION_KIND_COUNT]; /* hashes, each once; place 0 is "", which took no part */
    size_t n_versions[VERSION_KIND_COUNT];
};

/* ticket: its key and revision. Of what is noted of one decision the earliest counts. */
void sightings_note(struct sightings *self, size_t profile, const char *ticket, int64_t at_us,
                    const char *const hashes[VERSION_KIND_COUNT]);
/* The version that the profile had right before `hash` came into force, the last time that it did, and when it was last
 * seen before that. NULL: none is known. Borrowed. */
const char *sightings_before(struct sightings *self, size_t profile, enum version_kind kind, const char *hash,
                             int64_t *ret_last_us);
void sightings_done(struct sightings *self);

#endif
