#define _GNU_SOURCE /* strcasestr */
/* Finding, masking and restoring. Cards, IBANs and mail addresses come first, then what the fields say, then
 * streets and phones by shape; names last, because a street may be called after somebody. */
#include "triage/pii.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "pii/addresses.h"
#include "pii/patterns.h"
#include "pii/spans.h"
#include "pii/words.h"

#define LITERAL PII_KINDS /* the text had something that looks like a placeholder */

enum { PLACEHOLDER_MAX = 32 };

static const char *const kind_names[PII_KINDS] = {
    [PII_CARD] = "card",   [PII_IBAN] = "iban",       [PII_EMAIL] = "email",
    [PII_PHONE] = "phone", [PII_ADDRESS] = "address", [PII_NAME] = "name",
};
static const char *const tags[PII_KINDS + 1] = {
    [PII_CARD] = "CARD",       [PII_IBAN] = "IBAN", [PII_EMAIL] = "EMAIL", [PII_PHONE] = "PHONE",
    [PII_ADDRESS] = "ADDRESS", [PII_NAME] = "NAME", [LITERAL] = "LITERAL",
};

/* The first word within a field's name decides. */
static const struct {
    const char *word;
    enum pii_field_kind kind;
} field_words[] = {
    {"mail", PII_FIELD_EMAIL},      {"phone", PII_FIELD_PHONE},     {"mobile", PII_FIELD_PHONE},
    {"telefon", PII_FIELD_PHONE},   {"handy", PII_FIELD_PHONE},     {"fax", PII_FIELD_PHONE},
    {"order", PII_FIELD_KEEP},      {"ticket", PII_FIELD_KEEP},     {"invoice", PII_FIELD_KEEP},
    {"bestell", PII_FIELD_KEEP},    {"auftrag", PII_FIELD_KEEP},    {"rechnung", PII_FIELD_KEEP},
    {"tracking", PII_FIELD_KEEP},   {"serial", PII_FIELD_KEEP},     {"version", PII_FIELD_KEEP},
    {"product", PII_FIELD_KEEP},    {"sku", PII_FIELD_KEEP},        {"date", PII_FIELD_KEEP},
    {"file", PII_FIELD_OTHER},      {"company", PII_FIELD_OTHER},   {"country", PII_FIELD_OTHER},
    {"address", PII_FIELD_ADDRESS}, {"adresse", PII_FIELD_ADDRESS}, {"anschrift", PII_FIELD_ADDRESS},
    {"street", PII_FIELD_ADDRESS},  {"stra", PII_FIELD_ADDRESS},    {"city", PII_FIELD_ADDRESS},
    {"town", PII_FIELD_ADDRESS},    {"post", PII_FIELD_ADDRESS},    {"zip", PII_FIELD_ADDRESS},
    {"plz", PII_FIELD_ADDRESS},     {"eircode", PII_FIELD_ADDRESS}, {"wohnort", PII_FIELD_ADDRESS},
    {"name", PII_FIELD_NAME},       {"customer", PII_FIELD_NAME},   {"requester", PII_FIELD_NAME},
    {"kunde", PII_FIELD_NAME},      {"contact", PII_FIELD_NAME},    {"recipient", PII_FIELD_NAME},
};

struct pii {
    struct patterns *patterns;
    struct addresses *addresses;
    struct spans spans;
};

const char *pii_kind_name(enum pii_kind kind)
{
    return kind_names[kind];
}

enum pii_field_kind pii_field_kind_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(field_words); i++) {
        if (strcasestr(name, field_words[i].word))
            return field_words[i].kind;
    }
    return strcasecmp(name, "tel") == 0 ? PII_FIELD_PHONE : PII_FIELD_OTHER;
}

/* ---- finding ---- */

int pii_new(struct pii **ret_pii, struct err *reterr)
{
    struct pii *self = mem_alloc(sizeof *self);

    if (patterns_new(&self->patterns, reterr) < 0 || addresses_new(&self->addresses, reterr) < 0) {
        pii_free(self);
        return -1;
    }
    *ret_pii = self;
    return 0;
}

void pii_free(struct pii *self)
{
    if (!self)
        return;
    patterns_free(self->patterns);
    addresses_free(self->addresses);
    spans_free(&self->spans);
    mem_free(self);
}

int pii_find(struct pii *self, const char *text, const struct pii_field *fields, size_t n_fields,
             const struct pii_span **ret_spans, size_t *ret_n, struct err *reterr)
{
    size_t len = strlen(text);

    if (len > PII_TEXT_BYTES_MAX)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "a text to mask has at most %d bytes", PII_TEXT_BYTES_MAX);
    self->spans.n = 0;
    if (patterns_find(self->patterns, PHASE_EARLY, text, len, &self->spans, reterr) < 0)
        return -1;
    words_find(text, fields, n_fields, &self->spans);
    if (patterns_find(self->patterns, PHASE_LATE, text, len, &self->spans, reterr) < 0)
        return -1;
    words_find_names(text, fields, n_fields, &self->spans);
    addresses_grow(self->addresses, text, len, &self->spans);
    spans_settle(&self->spans);
    *ret_spans = self->spans.items;
    *ret_n = self->spans.n;
    return 0;
}

/* ---- the vault ---- */

struct entry {
    char placeholder[PLACEHOLDER_MAX];
    char *value;
    int kind;
};

struct pii_vault {
    struct entry *items;
    size_t n, cap;
    size_t of_kind[PII_KINDS + 1];
};

struct pii_vault *pii_vault_new(void)
{
    return mem_alloc(sizeof(struct pii_vault));
}

void pii_vault_free(struct pii_vault *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->items[i].value);
    mem_free(self->items);
    mem_free(self);
}

static const char *placeholder_for(struct pii_vault *self, int kind, const char *value, size_t len)
{
    struct entry *entry;

    for (size_t i = 0; i < self->n; i++) {
        entry = &self->items[i];
        if (entry->kind == kind && strlen(entry->value) == len && memcmp(entry->value, value, len) == 0)
            return entry->placeholder;
    }
    if (self->n == self->cap) {
        self->cap = self->cap ? self->cap * 2 : 16;
        self->items = mem_grow(self->items, self->cap, sizeof *self->items);
    }
    entry = &self->items[self->n++];
    *entry = (struct entry){.kind = kind, .value = mem_strndup(value, len)};
    snprintf(entry->placeholder, sizeof entry->placeholder, "[%s_%zu]", tags[kind], ++self->of_kind[kind]);
    return entry->placeholder;
}

/* Bytes of what looks like a placeholder at text, 0 when it does not. */
static size_t placeholder_at(const char *text)
{
    for (int kind = 0; *text == '[' && kind <= LITERAL; kind++) {
        size_t n = strlen(tags[kind]), digits;
        if (strncmp(text + 1, tags[kind], n) != 0 || text[n + 1] != '_')
            continue;
        digits = strspn(text + n + 2, "0123456789");
        if (digits && text[n + 2 + digits] == ']')
            return n + 3 + digits;
    }
    return 0;
}

/* ---- masking ---- */

/* The text between two spans. */
static void add_between(struct pii_vault *vault, const char *text, size_t len, struct buf *out)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = placeholder_at(text + at);
        if (n && at + n <= len) {
            buf_puts(out, placeholder_for(vault, LITERAL, text + at, n));
        } else {
            n = 1;
            buf_putc(out, text[at]);
        }
    }
}

int pii_mask(struct pii *self, struct pii_vault *vault, const char *text, const struct pii_field *fields,
             size_t n_fields, char **ret_masked, struct err *reterr)
{
    const struct pii_span *spans = NULL;
    struct buf out = {0};
    size_t n = 0, at = 0;

    if (pii_find(self, text, fields, n_fields, &spans, &n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        add_between(vault, text + at, spans[i].start - at, &out);
        buf_puts(&out,
                 placeholder_for(vault, (int)spans[i].kind, text + spans[i].start, spans[i].end - spans[i].start));
        at = spans[i].end;
    }
    add_between(vault, text + at, strlen(text + at), &out);
    *ret_masked = buf_take(&out);
    return 0;
}

static const char *value_of(const struct pii_vault *vault, const char *placeholder, size_t len)
{
    for (size_t i = 0; i < vault->n; i++) {
        const struct entry *entry = &vault->items[i];
        if (strlen(entry->placeholder) == len && memcmp(entry->placeholder, placeholder, len) == 0)
            return entry->value;
    }
    return NULL;
}

char *pii_restore(const struct pii_vault *vault, const char *masked)
{
    struct buf out = {0};

    while (*masked) {
        size_t n = placeholder_at(masked);
        const char *value = n ? value_of(vault, masked, n) : NULL;
        if (value)
            buf_puts(&out, value);
        else
            buf_add(&out, masked, n ? n : 1);
        masked += n ? n : 1;
    }
    return buf_take(&out);
}
