/* triaged mask: what of a text is personal data, for scripts and for whoever wants to see what the model sees. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "triage/pii.h"

#define NAME "mask"

struct options {
    bool show;
};

static const struct option_row option_rows[] = {
    ROW_FLAG("--show", show, "also {restored: true}, when the masked text gives back every byte"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .streams = "< IN.jsonl > OUT.jsonl",
    .about = "Each row {id, text, fields} is answered by {id, text, found: [{kind, start, end}]}: the text with "
             "placeholders, and what they replace, in code points of the text that came in, half-open. kind: card, "
             "iban, email, phone, address, name. fields is an object (also of objects) or a list of {name, value}; "
             "names and addresses in it are found again in the text, order numbers in it are kept.",
    OPTION_ROWS(option_rows),
    .example = "triaged mask --show < texts.jsonl > masked.jsonl",
};

/* ---- fields ---- */

struct fields {
    struct pii_field items[PII_FIELDS_MAX];
    size_t n;
};

static void add_field(struct fields *self, enum pii_field_kind kind, const char *value)
{
    if (self->n < PII_FIELDS_MAX && kind != PII_FIELD_OTHER && value && *value)
        self->items[self->n++] = (struct pii_field){kind, value};
}

/* A name that says nothing takes the kind of what it stands in: address: {line1, city}. */
static void take_fields(struct fields *self, const cJSON *value, const char *name, enum pii_field_kind outer)
{
    enum pii_field_kind kind = name ? pii_field_kind_of(name) : PII_FIELD_OTHER;
    const cJSON *child;

    kind = kind == PII_FIELD_OTHER ? outer : kind;
    if (cJSON_IsString(value))
        add_field(self, kind, value->valuestring);
    if (cJSON_IsObject(value) && json_str(value, "name", NULL) && json_str(value, "value", NULL)) {
        add_field(self, pii_field_kind_of(json_str(value, "name", "")), json_str(value, "value", NULL));
        return;
    }
    cJSON_ArrayForEach(child, value)
    {
        take_fields(self, child, child->string, kind);
    }
}

/* ---- one row ---- */

static void add_found(cJSON *doc, const char *text, const struct pii_span *spans, size_t n)
{
    cJSON *found = cJSON_AddArrayToObject(doc, "found");

    for (size_t i = 0; i < n; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "kind", pii_kind_name(spans[i].kind));
        cJSON_AddNumberToObject(one, "start", (double)utf8_count(text, spans[i].start));
        cJSON_AddNumberToObject(one, "end", (double)utf8_count(text, spans[i].end));
        cJSON_AddItemToArray(found, one);
    }
}

static void vault_done(struct pii_vault **vault)
{
    pii_vault_free(*vault);
}

static int answer(struct pii *pii, const cJSON *row, bool show, struct err *reterr)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(vault_done) struct pii_vault *vault = pii_vault_new();
    CLEANUP(mem_freep) char *masked = NULL, *restored = NULL;
    const char *text = json_str(row, "text", NULL);
    const struct pii_span *spans;
    struct fields fields = {.n = 0};
    size_t n;

    if (!text)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the row has no text");
    take_fields(&fields, json_get(row, "fields"), NULL, PII_FIELD_OTHER);
    if (pii_mask(pii, vault, text, fields.items, fields.n, &masked, reterr) < 0 ||
        pii_find(pii, text, fields.items, fields.n, &spans, &n, reterr) < 0)
        return -1;
    if (json_get(row, "id"))
        cJSON_AddItemToObject(doc, "id", cJSON_Duplicate(json_get(row, "id"), true));
    cJSON_AddStringToObject(doc, "text", masked);
    add_found(doc, text, spans, n);
    restored = pii_restore(vault, masked);
    if (show)
        cJSON_AddBoolToObject(doc, "restored", strcmp(restored, text) == 0);
    jsonl_print(doc);
    return 0;
}

int cmd_mask(int argc, char **argv)
{
    struct options options = {0};
    struct pii *pii = NULL;
    struct jsonl *rows;
    const cJSON *row;
    struct err err = {0};
    int got, code = 0;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (pii_new(&pii, &err) < 0)
        return cmd_fail(NAME, &err);
    rows = jsonl_new(stdin);
    while ((got = jsonl_next(rows, &row, &err)) != 0) {
        if (got > 0 && answer(pii, row, options.show, &err) == 0)
            continue;
        jsonl_print_bad(jsonl_line(rows), &err);
        code = EX_DATAERR;
    }
    jsonl_free(rows);
    pii_free(pii);
    return fflush(stdout) == 0 ? code : EX_IOERR;
}
