/* A snapshot with what one lane needs to decide by it: for each profile a decider and the articles. Of one thread.
 * Works hold the view that they were admitted under, so that a ticket is decided, drafted, checked and told of by one
 * and the same. */
#ifndef TRIAGED_LANE_VIEW_H
#define TRIAGED_LANE_VIEW_H

#include <stddef.h>

#include "snapshot/snapshot.h"
#include "triage/decide.h"
#include "triage/knowledge.h"
#include "triage/pii.h"

struct view_profile {
    struct decider *decider;
    struct knowledge *knowledge; /* NULL: none configured, or its topic is not read yet; profiles may share one */
};

struct view {
    struct snapshot *snapshot;
    struct tools *tools;                        /* owns deciders and pii, with other views */
    struct view_profile profiles[PROFILES_MAX]; /* as the snapshot's */
    struct view_profile candidate;              /* of a canary; shares the articles of its profile */
    struct pii *pii;                            /* masks what goes into prompts */
    size_t users;
};

/* The one in force; *ret_version is the version that it was taken for, at the latest. before: the lane's last one, NULL
 * none, of which it takes over what has not changed. */
int view_new(struct snapshots *snapshots, const struct view *before, uint64_t *ret_version, struct view **ret_view,
             struct err *reterr);
struct view *view_ref(struct view *self);
void view_unref(struct view *self); /* the last one frees; NULL is fine */

#endif
