/* Copies of what a worker decided by, under their hashes, so that an earlier version can be put in force again: policy,
 * its floor, classifier and promise. Articles are a folder or a topic with a history of its own, and are not copied. */
#ifndef TRIAGED_SNAPSHOT_VERSIONS_H
#define TRIAGED_SNAPSHOT_VERSIONS_H

#include "policy/config.h"
#include "snapshot/snapshot.h"

enum version_kind { VERSION_POLICY, VERSION_CLASSIFIER, VERSION_PROMISE, VERSION_KNOWLEDGE, VERSION_KIND_COUNT };
/* The name of the member of provenance: policy, classifier, promise, knowledge. */
const char *version_kind_name(enum version_kind kind);
/* The file that the profile has it from; "" none, or no single file. */
const char *version_path(const struct profile *row, enum version_kind kind);

/* Copies what the snapshot was loaded from into triage.versions_dir, where it is not there yet; nothing without a
 * folder. A classifier or promise that has changed since it was loaded is an error, and not kept. */
int versions_keep(const struct snapshot *snapshot, struct err *reterr);
/* Puts the kept copy in the place of the profile's file, by a rename. EX_NOINPUT: no copy of this hash is kept. */
int versions_restore(const struct config *config, const struct profile *row, enum version_kind kind, const char *hash,
                     struct err *reterr);

#endif
