/* Two results as canonical JSON, member by member, without what no second run can repeat. Pure. */
#ifndef TRIAGED_EVALUATION_REPLAY_COMPARE_H
#define TRIAGED_EVALUATION_REPLAY_COMPARE_H

#include <stddef.h>

#include "base/json.h"

#define REPLAY_MEMBERS_MAX 48 /* members of a result that are told apart */

/* What is not compared, and why; path NULL behind the last. */
struct replay_left_out {
    const char *path, *why;
};
extern const struct replay_left_out replay_left_out[];

/* The names of the members that differ, borrowed from the documents, each once; how many, at most REPLAY_MEMBERS_MAX. A
 * member that one of them lacks differs. Takes out of both what is left out. */
size_t replay_differences(cJSON *then, cJSON *now, const char *ret_members[REPLAY_MEMBERS_MAX]);

#endif
