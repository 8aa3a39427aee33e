/* The YAML that our files are written in: mappings, sequences and scalars, no anchors, no tags, no second document, no
 * duplicate key. A tree with line numbers, and a strict walk over mappings by a table of fields. Names begin with yml_
 * because libyaml exports names such as yaml_free. */
#ifndef TRIAGED_POLICY_YAML_H
#define TRIAGED_POLICY_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "triage/err.h"

#define YAML_BYTES_MAX 1048576 /* largest file */
#define YAML_DEPTH_MAX 16
#define YAML_PATH_MAX  256 /* bytes of a key path in an error text, with the terminator */

enum yml_kind { YAML_SCALAR, YAML_MAP, YAML_LIST };

struct yml_node {
    enum yml_kind kind;
    int line;               /* 1-based */
    const char *key;        /* in its mapping, else NULL */
    const char *text;       /* of a scalar: "" for an empty or null one */
    struct yml_node *first; /* children of a mapping or sequence, in order */
    struct yml_node *next;
    size_t n_children;
};

struct yml; /* one file; owns every node and string */

/* Errors are permanent, EX_CONFIG (EX_NOINPUT when the file can't be read), and name file and line. */
int yml_load(const char *path, struct yml **ret_yaml, struct err *reterr);
void yml_free(struct yml *self);
const struct yml_node *yml_root(const struct yml *self);
const char *yml_path(const struct yml *self);
const char *yml_hash(const struct yml *self); /* SHA-256 hex of the file */

/* What a field holds, and where its value goes in the struct that yml_read fills. */
enum yml_want {
    YAML_WANT_TEXT,    /* const char *; least..most bytes */
    YAML_WANT_INTEGER, /* int; least..most */
    YAML_WANT_NUMBER,  /* double; least..most */
    YAML_WANT_WORD,    /* int: index into words */
    YAML_WANT_MAP,     /* const struct yml_node * */
    YAML_WANT_LIST,    /* const struct yml_node *; least..most children */
    YAML_WANT_ANY,     /* const struct yml_node * of any kind */
};

struct yml_field {
    const char *name;
    enum yml_want want;
    bool required;
    size_t offset;
    double least, most;
    const char *const *words; /* ends with NULL */
};

/* Fills ret_values from a mapping; fields that are absent stay as they are. where is the mapping's own key path, "" at
 * the top. An unknown key, a missing required one, a wrong kind or a value out of bounds: an error with key path and
 * line. */
int yml_read(const struct yml *self, const struct yml_node *map, const char *where, const struct yml_field *fields,
             size_t n_fields, void *ret_values, struct err *reterr);

/* "FILE:LINE: PATH: ..." with EX_CONFIG; always -1. */
int yml_refuse(const struct yml *self, const struct yml_node *node, const char *where, struct err *reterr,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
