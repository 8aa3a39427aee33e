/* libyaml's events to a tree, and tables of fields over the tree. Knows nothing of what the files mean. */
#include "policy/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <yaml.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

struct yml {
    char *path;
    char hash[SHA256_HEX_MAX];
    struct yml_node *root;
};

struct reader {
    struct yml *yaml;
    yaml_parser_t parser;
    struct err *reterr;
};

static int read_node(struct reader *r, const yaml_event_t *event, int depth, struct yml_node **ret_node);

int yml_refuse(const struct yml *self, const struct yml_node *node, const char *where, struct err *reterr,
               const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = '\0';
    va_end(args);
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s:%d: %s%s%.700s", self->path, node->line, where,
                   *where ? ": " : "", text);
}

static int refuse_line(struct reader *r, size_t line, const char *what)
{
    err_set(r->reterr, ERR_PERMANENT, EX_CONFIG, "%s:%zu: %s", r->yaml->path, line, what);
    return -1; /* said here so that an analyser of this file sees it */
}

/* ---- the tree ---- */

static void node_free(struct yml_node *node)
{
    while (node) {
        struct yml_node *next = node->next;
        node_free(node->first); /* as deep as YAML_DEPTH_MAX */
        mem_free((char *)node->key);
        mem_free((char *)node->text);
        mem_free(node);
        node = next;
    }
}

static struct yml_node *node_new(enum yml_kind kind, const yaml_event_t *event)
{
    struct yml_node *node = mem_alloc(sizeof *node);

    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    return node;
}

static int next_event(struct reader *r, yaml_event_t *ret_event)
{
    if (yaml_parser_parse(&r->parser, ret_event))
        return 0;
    return refuse_line(r, r->parser.problem_mark.line + 1, r->parser.problem ? r->parser.problem : "not YAML");
}

static bool is_null(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;

    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && (strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static int read_scalar(struct reader *r, const yaml_event_t *event, char **ret_text)
{
    const char *text = (const char *)event->data.scalar.value;

    if (event->data.scalar.anchor || event->data.scalar.tag)
        return refuse_line(r, event->start_mark.line + 1, "anchors and tags are not used here; write the value out");
    if (strlen(text) != event->data.scalar.length)
        return refuse_line(r, event->start_mark.line + 1, "a NUL character in a value");
    *ret_text = is_null(event) ? mem_strndup("", 0) : mem_strndup(text, event->data.scalar.length);
    return 0;
}

static bool has_key(const struct yml_node *map, const char *key)
{
    for (const struct yml_node *child = map->first; child; child = child->next) {
        if (strcmp(child->key, key) == 0)
            return true;
    }
    return false;
}

/* Reads the value that belongs to the key in event. */
static int read_member(struct reader *r, const struct yml_node *map, const yaml_event_t *event, int depth,
                       struct yml_node **ret_child)
{
    CLEANUP(mem_freep) char *key = NULL;
    yaml_event_t value;
    int rc;

    if (event->type != YAML_SCALAR_EVENT)
        return refuse_line(r, event->start_mark.line + 1, "a key must be a plain word");
    if (read_scalar(r, event, &key) < 0)
        return -1;
    if (has_key(map, key))
        return err_set(r->reterr, ERR_PERMANENT, EX_CONFIG, "%s:%zu: the key %s stands here twice; keep one",
                       r->yaml->path, event->start_mark.line + 1, key);
    if (next_event(r, &value) < 0)
        return -1;
    rc = read_node(r, &value, depth, ret_child);
    yaml_event_delete(&value);
    if (rc == 0) {
        (*ret_child)->key = key;
        key = NULL;
    }
    return rc;
}

static int read_children(struct reader *r, struct yml_node *parent, yaml_event_type_t end, int depth)
{
    struct yml_node **tail = &parent->first;
    yaml_event_t event;

    for (;;) {
        bool done;
        int rc;
        if (next_event(r, &event) < 0)
            return -1;
        done = event.type == end;
        rc = done                       ? 0
             : parent->kind == YAML_MAP ? read_member(r, parent, &event, depth, tail)
                                        : read_node(r, &event, depth, tail);
        yaml_event_delete(&event);
        if (rc < 0 || done)
            return rc;
        tail = &(*tail)->next;
        parent->n_children++;
    }
}

static int read_container(struct reader *r, const yaml_event_t *event, int depth, struct yml_node **ret_node)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const void *decorated = map ? (const void *)event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    struct yml_node *node;

    if (decorated)
        return refuse_line(r, event->start_mark.line + 1, "anchors are not used here; write the value out");
    if (depth >= YAML_DEPTH_MAX)
        return refuse_line(r, event->start_mark.line + 1, "nested deeper than allowed");
    node = node_new(map ? YAML_MAP : YAML_LIST, event);
    if (read_children(r, node, map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, depth + 1) < 0) {
        node_free(node);
        return -1;
    }
    *ret_node = node;
    return 0;
}

static int read_node(struct reader *r, const yaml_event_t *event, int depth, struct yml_node **ret_node)
{
    char *text = NULL;

    if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
        return read_container(r, event, depth, ret_node);
    if (event->type == YAML_ALIAS_EVENT)
        return refuse_line(r, event->start_mark.line + 1, "aliases are not used here; write the value out");
    if (event->type != YAML_SCALAR_EVENT)
        return refuse_line(r, event->start_mark.line + 1, "one YAML document is expected");
    if (read_scalar(r, event, &text) < 0)
        return -1;
    *ret_node = node_new(YAML_SCALAR, event);
    (*ret_node)->text = text;
    return 0;
}

/* The next event that says something; gives its type. */
static int skip_frame(struct reader *r, yaml_event_t *ret_event)
{
    for (;;) {
        if (next_event(r, ret_event) < 0)
            return -1;
        if (ret_event->type != YAML_STREAM_START_EVENT && ret_event->type != YAML_DOCUMENT_START_EVENT &&
            ret_event->type != YAML_DOCUMENT_END_EVENT)
            return (int)ret_event->type;
        yaml_event_delete(ret_event);
    }
}

/* An empty file is an empty mapping. */
static int read_document(struct reader *r, struct yml_node **ret_root)
{
    yaml_event_t event;
    int type = skip_frame(r, &event);
    int rc = 0;

    if (type < 0)
        return -1;
    if (type == YAML_STREAM_END_EVENT)
        *ret_root = node_new(YAML_MAP, &event);
    else
        rc = read_node(r, &event, 0, ret_root);
    yaml_event_delete(&event);
    if (rc < 0 || type == YAML_STREAM_END_EVENT)
        return rc;
    type = skip_frame(r, &event);
    if (type < 0)
        return -1;
    yaml_event_delete(&event);
    return type == YAML_STREAM_END_EVENT ? 0 : refuse_line(r, 1, "one YAML document is expected, here are more");
}

static int parse(struct yml *self, const struct buf *bytes, struct err *reterr)
{
    struct reader r = {.yaml = self, .reterr = reterr};
    int rc;

    if (!yaml_parser_initialize(&r.parser))
        return err_set(reterr, ERR_FATAL, EX_OSERR, "no memory to read %s", self->path);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)buf_str(bytes), bytes->len);
    rc = read_document(&r, &self->root);
    yaml_parser_delete(&r.parser);
    if (rc < 0)
        return -1;
    if (self->root->kind != YAML_MAP)
        return yml_refuse(self, self->root, "", reterr, "the file must hold 'key: value' lines");
    return 0;
}

static int read_file(const char *path, struct buf *ret_bytes, struct err *reterr)
{
    char chunk[4096];
    FILE *file = fopen(path, "re");
    size_t n;
    int failed;

    if (!file)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "give a file that can be read: %s: %s", path,
                       strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && ret_bytes->len <= YAML_BYTES_MAX)
        buf_add(ret_bytes, chunk, n);
    failed = ferror(file);
    fclose(file);
    if (failed)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "give a file that can be read: %s", path);
    if (ret_bytes->len > YAML_BYTES_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s is larger than %d bytes; is it the right file?", path,
                       YAML_BYTES_MAX);
    return 0;
}

int yml_load(const char *path, struct yml **ret_yaml, struct err *reterr)
{
    CLEANUP(buf_free) struct buf bytes = {0};
    struct yml *self;

    if (read_file(path, &bytes, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    self->path = mem_strdup(path);
    sha256_hex(buf_str(&bytes), bytes.len, self->hash);
    if (parse(self, &bytes, reterr) < 0) {
        yml_free(self);
        return -1;
    }
    *ret_yaml = self;
    return 0;
}

void yml_free(struct yml *self)
{
    if (!self)
        return;
    node_free(self->root);
    mem_free(self->path);
    mem_free(self);
}

const struct yml_node *yml_root(const struct yml *self)
{
    return self->root;
}

const char *yml_path(const struct yml *self)
{
    return self->path;
}

const char *yml_hash(const struct yml *self)
{
    return self->hash;
}

/* ---- fields ---- */

struct slot {
    const struct yml *yaml;
    const struct yml_node *node;
    const struct yml_field *field;
    const char *where; /* path of the field */
    void *to;
    struct err *reterr;
};

static int take_text(const struct slot *s)
{
    size_t len = strlen(s->node->text);

    if ((double)len < s->field->least || (double)len > s->field->most)
        return yml_refuse(s->yaml, s->node, s->where, s->reterr, "give %.0f to %.0f bytes of text", s->field->least,
                          s->field->most);
    *(const char **)s->to = s->node->text;
    return 0;
}

static int take_number(const struct slot *s)
{
    bool whole = s->field->want == YAML_WANT_INTEGER;
    char *end;
    double value = strtod(s->node->text, &end);

    if (end == s->node->text || *end || !isfinite(value) || value < s->field->least || value > s->field->most ||
        (whole && value != floor(value)))
        return yml_refuse(s->yaml, s->node, s->where, s->reterr, "give %s from %.15g to %.15g, not '%.40s'",
                          whole ? "a whole number" : "a number", s->field->least, s->field->most, s->node->text);
    if (whole)
        *(int *)s->to = (int)value;
    else
        *(double *)s->to = value;
    return 0;
}

static int take_word(const struct slot *s)
{
    CLEANUP(buf_free) struct buf allowed = {0};

    for (int i = 0; s->field->words[i]; i++) {
        if (strcmp(s->field->words[i], s->node->text) == 0) {
            *(int *)s->to = i;
            return 0;
        }
        buf_printf(&allowed, "%s%s", i ? ", " : "", s->field->words[i]);
    }
    return yml_refuse(s->yaml, s->node, s->where, s->reterr, "give one of %s, not '%.40s'", buf_str(&allowed),
                      s->node->text);
}

static int take_node(const struct slot *s)
{
    if (s->field->want == YAML_WANT_LIST &&
        ((double)s->node->n_children < s->field->least || (double)s->node->n_children > s->field->most))
        return yml_refuse(s->yaml, s->node, s->where, s->reterr, "give %.0f to %.0f entries, not %zu", s->field->least,
                          s->field->most, s->node->n_children);
    *(const struct yml_node **)s->to = s->node;
    return 0;
}

static const struct {
    enum yml_kind kind;
    const char *what;
    int (*take)(const struct slot *s);
} wants[] = {
    [YAML_WANT_TEXT] = {YAML_SCALAR, "text", take_text},
    [YAML_WANT_INTEGER] = {YAML_SCALAR, "a whole number", take_number},
    [YAML_WANT_NUMBER] = {YAML_SCALAR, "a number", take_number},
    [YAML_WANT_WORD] = {YAML_SCALAR, "one word", take_word},
    [YAML_WANT_MAP] = {YAML_MAP, "a group of 'key: value' lines", take_node},
    [YAML_WANT_LIST] = {YAML_LIST, "a list", take_node},
    [YAML_WANT_ANY] = {YAML_SCALAR, "a value", take_node}, /* the kind is not looked at */
};

static int take(const struct slot *s)
{
    if (s->field->want != YAML_WANT_ANY && s->node->kind != wants[s->field->want].kind)
        return yml_refuse(s->yaml, s->node, s->where, s->reterr, "give %s", wants[s->field->want].what);
    return wants[s->field->want].take(s);
}

static const struct yml_field *field_of(const struct yml_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

static int unknown_key(const struct yml *self, const struct yml_node *child, const char *where,
                       const struct yml_field *fields, size_t n, struct err *reterr)
{
    CLEANUP(buf_free) struct buf known = {0};

    for (size_t i = 0; i < n; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", fields[i].name);
    return yml_refuse(self, child, where, reterr, "unknown key '%.60s'; known are %s", child->key, buf_str(&known));
}

static int missing(const struct yml *self, const struct yml_node *map, const char *where,
                   const struct yml_field *fields, size_t n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].required && !has_key(map, fields[i].name))
            return yml_refuse(self, map, where, reterr, "add the key '%s': it is required", fields[i].name);
    }
    return 0;
}

int yml_read(const struct yml *self, const struct yml_node *map, const char *where, const struct yml_field *fields,
             size_t n_fields, void *ret_values, struct err *reterr)
{
    if (map->kind != YAML_MAP)
        return yml_refuse(self, map, where, reterr, "give a group of 'key: value' lines");
    for (const struct yml_node *child = map->first; child; child = child->next) {
        const struct yml_field *field = field_of(fields, n_fields, child->key);
        char path[YAML_PATH_MAX];
        if (!field)
            return unknown_key(self, child, where, fields, n_fields, reterr);
        snprintf(path, sizeof path, "%s%s%s", where, *where ? "." : "", child->key);
        struct slot slot = {self, child, field, path, (char *)ret_values + field->offset, reterr};
        if (take(&slot) < 0)
            return -1;
    }
    return missing(self, map, where, fields, n_fields, reterr);
}
