/* The page's files: built into the program, found by name in a list. */
#ifndef TRIAGED_CONSOLE_ASSETS_H
#define TRIAGED_CONSOLE_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#define ASSETS_MAX     64
#define ASSET_ETAG_MAX 40 /* with quotes and terminator */

/* What the build made of the folder; a row without a name ends it. */
struct asset_file {
    const char *name;
    const unsigned char *bytes;
    size_t len;
};
extern const struct asset_file asset_files[];

struct asset {
    const char *name, *type;
    const void *bytes;
    size_t len;
    char etag[ASSET_ETAG_MAX]; /* of the bytes */
};

struct assets;

struct assets *assets_new(void);
void assets_free(struct assets *self);
/* NULL: there is none of this name. index.html has {{version}} replaced. */
const struct asset *assets_find(const struct assets *self, const char *name);
const char *assets_version(const struct assets *self); /* of all files together */

#endif
