/* KIND-HASH in the folder; a policy's floor stands beside it as floor-HASH, under the hash of both. */
#include "snapshot/versions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"

#define PATH_BYTES_MAX 4096
#define COPY_BYTES     65536

static const char *const kind_names[] = {"policy", "classifier", "promise", "knowledge"};
_Static_assert(ARRAY_LEN(kind_names) == VERSION_KIND_COUNT, "a kind without a name");

const char *version_kind_name(enum version_kind kind)
{
    return kind_names[kind];
}

const char *version_path(const struct profile *row, enum version_kind kind)
{
    const char *const paths[] = {[VERSION_POLICY] = row->policy_file,
                                 [VERSION_CLASSIFIER] = row->classifier_file,
                                 [VERSION_PROMISE] = row->promise_file,
                                 [VERSION_KNOWLEDGE] = ""};

    return paths[kind];
}

static int read_file(const char *path, struct buf *ret_bytes, struct err *reterr)
{
    char chunk[COPY_BYTES];
    FILE *in = fopen(path, "rb");
    size_t n;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
        buf_add(ret_bytes, chunk, n);
    fclose(in);
    return 0;
}

/* Beside it and renamed: a reader sees the old or the new one. */
static int write_file(const char *path, const struct buf *bytes, struct err *reterr)
{
    char beside[PATH_BYTES_MAX];
    FILE *out;
    bool bad;

    snprintf(beside, sizeof beside, "%s.new", path);
    out = fopen(beside, "wb");
    if (!out)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "%s can't be written: %s", beside, strerror(errno));
    bad = bytes->len && fwrite(bytes->data, 1, bytes->len, out) != bytes->len;
    bad |= fflush(out) != 0 || fsync(fileno(out)) != 0;
    bad |= fclose(out) != 0;
    if (!bad && rename(beside, path) == 0)
        return 0;
    err_set(reterr, ERR_PERMANENT, EX_IOERR, "%s can't be written: %s", path, strerror(errno));
    unlink(beside);
    return -1;
}

static void name_copy(const struct config *config, const char *kind, const char *hash, char out[PATH_BYTES_MAX])
{
    snprintf(out, PATH_BYTES_MAX, "%.3800s/%s-%.64s", config->triage.versions_dir, kind, hash);
}

/* own: the hash is that of the file's bytes. */
static int keep_one(const struct config *config, const char *kind, const char *path, const char *hash, bool own,
                    struct err *reterr)
{
    CLEANUP(buf_free) struct buf bytes = {0};
    char copy[PATH_BYTES_MAX], found[SHA256_HEX_MAX];

    if (!*path || !*hash)
        return 0;
    name_copy(config, kind, hash, copy);
    if (access(copy, R_OK) == 0)
        return 0;
    if (read_file(path, &bytes, reterr) < 0)
        return -1;
    if (own && strcmp(sha256_hex(bytes.data, bytes.len, found), hash) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR,
                       "%s has changed since it was loaded, so no copy of %.12s is kept", path, hash);
    return write_file(copy, &bytes, reterr);
}

static int keep_profile(const struct config *config, const struct snapshot_profile *profile, struct err *reterr)
{
    const char *policy = policy_hash(profile->policy);

    return keep_one(config, "policy", profile->row->policy_file, policy, false, reterr) < 0 ||
                   keep_one(config, "floor", config->triage.policy_floor_file, policy, false, reterr) < 0 ||
                   keep_one(config, "classifier", profile->row->classifier_file, classifier_hash(profile->classifier),
                            true, reterr) < 0 ||
                   keep_one(config, "promise", profile->row->promise_file, profile->promise_id, true, reterr) < 0
               ? -1
               : 0;
}

int versions_keep(const struct snapshot *snapshot, struct err *reterr)
{
    const struct config *config = snapshot->config;

    if (!*config->triage.versions_dir)
        return 0;
    if (mkdir(config->triage.versions_dir, 0700) < 0 && errno != EEXIST)
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "triage.versions_dir %s can't be made: %s",
                       config->triage.versions_dir, strerror(errno));
    for (size_t i = 0; i < snapshot->n_profiles; i++) {
        if (keep_profile(config, &snapshot->profiles[i], reterr) < 0)
            return -1;
    }
    return 0;
}

int versions_restore(const struct config *config, const struct profile *row, enum version_kind kind, const char *hash,
                     struct err *reterr)
{
    CLEANUP(buf_free) struct buf bytes = {0};
    char copy[PATH_BYTES_MAX];
    const char *path = version_path(row, kind);

    if (!*config->triage.versions_dir || !*path)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "no copies of %s are kept: set triage.versions_dir",
                       kind_names[kind]);
    name_copy(config, kind_names[kind], hash, copy);
    if (read_file(copy, &bytes, reterr) < 0)
        return -1;
    return write_file(path, &bytes, reterr);
}
