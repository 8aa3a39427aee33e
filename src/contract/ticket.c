/* A record to a ticket: schemas/ticket.v1.json by hand, from tables. Error texts name fields and never quote content.
 */
#include "triage/ticket.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "contract/envelope.h"
#include "contract/ticket_doc.h"

static const char *const event_names[] = {
    [TICKET_CREATED] = "created",
    [TICKET_UPDATED] = "updated",
    [TICKET_MESSAGE_ADDED] = "message_added",
    [TICKET_WITHDRAWN] = "withdrawn",
};

const char *ticket_event_name(enum ticket_event event)
{
    return event_names[event];
}

/* ---- fields by table ---- */

enum { NOWHERE = -1 }; /* checked and not kept */

struct field {
    const char *name;
    long offset;   /* of a const char * in the struct, or NOWHERE */
    size_t most;   /* code points */
    bool required; /* else it may be absent or null, and reads as "" */
    bool (*form)(const char *text);
};

static bool is_author(const char *text)
{
    return strcmp(text, "customer") == 0 || strcmp(text, "agent") == 0 || strcmp(text, "system") == 0;
}

/* As many digits as the form has; gives what is behind them. */
static const char *match(const char *p, const char *form)
{
    for (; *form; form++, p++) {
        if (*form == 'd' ? *p < '0' || *p > '9' : *p != *form)
            return NULL;
    }
    return p;
}

/* RFC 3339 with capitals: 2026-05-04T10:11:12.5Z or +02:00 at the end. */
static bool is_date_time(const char *text)
{
    const char *p = match(text, "dddd-dd-ddTdd:dd:dd");

    if (p && *p == '.') {
        size_t digits = strspn(p + 1, "0123456789");
        p = digits >= 1 && digits <= 9 ? p + 1 + digits : NULL;
    }
    if (!p)
        return false;
    if (strcmp(p, "Z") == 0)
        return true;
    p = *p == '+' || *p == '-' ? match(p + 1, "dd:dd") : NULL;
    return p && *p == '\0';
}

static const struct field ticket_fields[] = {
    {"tenant", offsetof(struct ticket, tenant), TICKET_PART_MAX, true, NULL},
    {"ticket_id", offsetof(struct ticket, ticket_id), TICKET_PART_MAX, true, NULL},
    {"subject", offsetof(struct ticket, subject), TICKET_SUBJECT_MAX, false, NULL},
    {"body_text", offsetof(struct ticket, body_text), TICKET_BODY_MAX, false, NULL},
    {"language", offsetof(struct ticket, language), TICKET_WORD_MAX, false, NULL},
    {"channel", offsetof(struct ticket, channel), TICKET_WORD_MAX, false, NULL},
    {"priority", offsetof(struct ticket, priority), TICKET_WORD_MAX, false, NULL},
    {"created_at", offsetof(struct ticket, created_at), TICKET_WORD_MAX, false, is_date_time},
    {"updated_at", offsetof(struct ticket, updated_at), TICKET_WORD_MAX, false, is_date_time},
};
static const struct field source_fields[] = {
    {"system", offsetof(struct ticket, source_system), TICKET_PART_MAX, true, NULL},
    {"instance", offsetof(struct ticket, source_instance), TICKET_PART_MAX, true, NULL},
    {"url", offsetof(struct ticket, source_url), TICKET_URL_MAX, false, NULL},
};
static const struct field requester_fields[] = {
    {"id", offsetof(struct ticket_requester, id), TICKET_PART_MAX, false, NULL},
    {"name", offsetof(struct ticket_requester, name), TICKET_TEXT_MAX, false, NULL},
    {"email", offsetof(struct ticket_requester, email), TICKET_TEXT_MAX, false, NULL},
    {"locale", offsetof(struct ticket_requester, locale), TICKET_WORD_MAX, false, NULL},
    {"tier", offsetof(struct ticket_requester, tier), TICKET_WORD_MAX, false, NULL},
};
static const struct field message_fields[] = {
    {"author", offsetof(struct ticket_message, author), TICKET_WORD_MAX, false, is_author},
    {"body_text", offsetof(struct ticket_message, body_text), TICKET_BODY_MAX, false, NULL},
    {"created_at", offsetof(struct ticket_message, created_at), TICKET_WORD_MAX, false, is_date_time},
};
static const struct field attachment_fields[] = {
    {"name", NOWHERE, TICKET_TEXT_MAX, false, NULL},
    {"content_type", NOWHERE, TICKET_TEXT_MAX, false, NULL},
    {"url", NOWHERE, TICKET_URL_MAX, false, NULL},
};

static int violates(struct err *reterr, const char *where, const char *name, const char *what)
{
    return err_reason(reterr, ERR_PERMANENT, "schema_violation", "%s%s: %s", where, name, what);
}

static bool is_absent(const cJSON *item)
{
    return !item || cJSON_IsNull(item);
}

static int check_text(const cJSON *item, const struct field *field, const char *where, struct err *reterr)
{
    size_t bytes;

    if (is_absent(item))
        return field->required ? violates(reterr, where, field->name, "is required") : 0;
    if (!cJSON_IsString(item))
        return violates(reterr, where, field->name, "must be a string");
    bytes = strlen(item->valuestring);
    if (field->required && bytes == 0)
        return violates(reterr, where, field->name, "must not be empty");
    if (bytes > field->most && utf8_count(item->valuestring, bytes) > field->most)
        return violates(reterr, where, field->name, "is longer than the schema allows");
    if (field->form && !field->form(item->valuestring))
        return violates(reterr, where, field->name, "is not of the form that the schema gives");
    return 0;
}

/* Reads the members that the table names into the struct at base; others are none of our business. */
static int read_fields(const cJSON *object, const struct field *fields, size_t n, const char *where, void *base,
                       struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        const cJSON *item = json_get(object, fields[i].name);
        if (check_text(item, &fields[i], where, reterr) < 0)
            return -1;
        if (fields[i].offset != NOWHERE)
            *(const char **)((char *)base + fields[i].offset) = is_absent(item) ? "" : item->valuestring;
    }
    return 0;
}

/* ---- members with a shape of their own ---- */

static int read_version(const cJSON *doc, struct err *reterr)
{
    int64_t version;

    if (!json_get(doc, "schema_version"))
        return violates(reterr, "", "schema_version", "is required");
    if (json_int64(doc, "schema_version", &version) < 0)
        return violates(reterr, "", "schema_version", "must be an integer");
    if (version != TICKET_SCHEMA_VERSION)
        return err_reason(reterr, ERR_PERMANENT, "schema_version_unknown", "schema_version: only %d is known",
                          TICKET_SCHEMA_VERSION);
    return 0;
}

static int read_event(const cJSON *doc, enum ticket_event *ret_event, struct err *reterr)
{
    const char *name = json_str(doc, "event", "");

    for (size_t i = 0; i < ARRAY_LEN(event_names); i++) {
        if (strcmp(event_names[i], name) == 0) {
            *ret_event = (enum ticket_event)i;
            return 0;
        }
    }
    return violates(reterr, "", "event", "must be created, updated, message_added or withdrawn");
}

static bool revision_of(const cJSON *doc, int64_t *ret_revision)
{
    int64_t revision;

    if (json_int64(doc, "revision", &revision) < 0 || revision < 1 || revision > TICKET_REVISION_MAX)
        return false;
    *ret_revision = revision;
    return true;
}

/* An object member or NULL where it is absent and may be. */
static int read_object(const cJSON *doc, const char *name, bool required, const cJSON **ret_object, struct err *reterr)
{
    const cJSON *item = json_get(doc, name);

    if (is_absent(item) && required)
        return violates(reterr, "", name, "is required");
    if (!is_absent(item) && !cJSON_IsObject(item))
        return violates(reterr, "", name, "must be an object");
    *ret_object = is_absent(item) ? NULL : item;
    return 0;
}

static int read_array(const cJSON *doc, const char *name, size_t most, const cJSON **ret_array, size_t *ret_n,
                      struct err *reterr)
{
    const cJSON *item = json_get(doc, name);

    *ret_array = NULL;
    *ret_n = 0;
    if (is_absent(item))
        return 0;
    if (!cJSON_IsArray(item))
        return violates(reterr, "", name, "must be an array");
    *ret_n = (size_t)cJSON_GetArraySize(item);
    if (*ret_n > most)
        return violates(reterr, "", name, "has more entries than the schema allows");
    *ret_array = item;
    return 0;
}

static int read_tags(struct ticket *self, const cJSON *doc, struct err *reterr)
{
    static const struct field tag = {"tags[]", NOWHERE, TICKET_TEXT_MAX, true, NULL};
    const cJSON *array, *item;
    size_t n;

    if (read_array(doc, "tags", TICKET_TAGS_MAX, &array, &n, reterr) < 0)
        return -1;
    self->tags = mem_array(n, sizeof *self->tags);
    cJSON_ArrayForEach(item, array)
    {
        if (check_text(item, &tag, "", reterr) < 0)
            return -1;
        self->tags[self->n_tags++] = item->valuestring;
    }
    return 0;
}

static int read_messages(struct ticket *self, const cJSON *doc, struct err *reterr)
{
    const cJSON *array, *item;
    size_t n;

    if (read_array(doc, "messages", TICKET_MESSAGES_MAX, &array, &n, reterr) < 0)
        return -1;
    self->messages = mem_array(n, sizeof *self->messages);
    cJSON_ArrayForEach(item, array)
    {
        if (!cJSON_IsObject(item))
            return violates(reterr, "", "messages[]", "must be an object");
        if (read_fields(item, message_fields, ARRAY_LEN(message_fields), "messages[].",
                        &self->messages[self->n_messages], reterr) < 0)
            return -1;
        self->n_messages++;
    }
    return 0;
}

static int check_size(const cJSON *attachment, struct err *reterr)
{
    int64_t size;

    if (is_absent(json_get(attachment, "size")))
        return 0;
    if (json_int64(attachment, "size", &size) < 0 || size < 0)
        return violates(reterr, "attachments[].", "size", "must be a count of bytes");
    return 0;
}

static int check_attachments(const cJSON *doc, struct err *reterr)
{
    const cJSON *array, *item;
    size_t n;

    if (read_array(doc, "attachments", TICKET_ATTACHMENTS_MAX, &array, &n, reterr) < 0)
        return -1;
    cJSON_ArrayForEach(item, array)
    {
        if (!cJSON_IsObject(item))
            return violates(reterr, "", "attachments[]", "must be an object");
        if (read_fields(item, attachment_fields, ARRAY_LEN(attachment_fields), "attachments[].", NULL, reterr) < 0 ||
            check_size(item, reterr) < 0)
            return -1;
    }
    return 0;
}

static int check_custom_fields(const cJSON *doc, struct err *reterr)
{
    const cJSON *fields = NULL;

    if (read_object(doc, "custom_fields", false, &fields, reterr) < 0)
        return -1;
    if (fields && cJSON_GetArraySize(fields) > TICKET_CUSTOM_FIELDS_MAX)
        return violates(reterr, "", "custom_fields", "has more members than the schema allows");
    return 0;
}

/* ---- the whole ---- */

/* Equal for documents that differ only in the order of members and in blanks. */
static uint64_t content_hash(const cJSON *item)
{
    uint64_t parts[4] = {(uint64_t)(item->type & 0xFF), 0, 0, 0};
    const cJSON *child;

    if (cJSON_IsString(item))
        return hash64(item->valuestring, strlen(item->valuestring));
    if (cJSON_IsNumber(item))
        memcpy(&parts[1], &item->valuedouble, sizeof parts[1]);
    cJSON_ArrayForEach(child, item)
    {
        uint64_t pair[2] = {child->string ? hash64(child->string, strlen(child->string)) : parts[2],
                            content_hash(child)};
        if (cJSON_IsObject(item))
            parts[2] += hash64(pair, sizeof pair); /* a sum does not see the order */
        else
            parts[2] = hash64(pair, sizeof pair);
        parts[3]++;
    }
    return hash64(parts, sizeof parts);
}

static int read_source(struct ticket *self, const cJSON *doc, struct err *reterr)
{
    const cJSON *source = NULL;

    if (read_object(doc, "source", true, &source, reterr) < 0)
        return -1;
    return read_fields(source, source_fields, ARRAY_LEN(source_fields), "source.", self, reterr);
}

static int read_requester(struct ticket *self, const cJSON *doc, struct err *reterr)
{
    const cJSON *requester = NULL;

    if (read_object(doc, "requester", false, &requester, reterr) < 0)
        return -1;
    return read_fields(requester, requester_fields, ARRAY_LEN(requester_fields), "requester.", &self->requester,
                       reterr);
}

static int read_ticket(struct ticket *self, const cJSON *doc, struct err *reterr)
{
    if (read_version(doc, reterr) < 0 ||
        read_fields(doc, ticket_fields, ARRAY_LEN(ticket_fields), "", self, reterr) < 0 ||
        read_source(self, doc, reterr) < 0 || read_event(doc, &self->event, reterr) < 0)
        return -1;
    if (!revision_of(doc, &self->revision))
        return violates(reterr, "", "revision", "must be an integer from 1 to 2^53 - 1");
    if (read_requester(self, doc, reterr) < 0 || read_tags(self, doc, reterr) < 0 ||
        read_messages(self, doc, reterr) < 0 || check_attachments(doc, reterr) < 0 ||
        check_custom_fields(doc, reterr) < 0)
        return -1;
    return 0;
}

static bool key_equals(const struct record *in, const char *key)
{
    return in->key && in->key_len == strlen(key) && memcmp(in->key, key, in->key_len) == 0;
}

/* Fills what identifies the ticket, whatever else is wrong with it. The key counts only where record and body agree: a
 * record that speaks for another's ticket must not end that ticket. */
static void identify(const struct record *in, const cJSON *doc, struct ticket_identity *ret_identity)
{
    const cJSON *source = json_get(doc, "source");
    const char *parts[4] = {json_str(doc, "tenant", ""), json_str(source, "system", ""),
                            json_str(source, "instance", ""), json_str(doc, "ticket_id", "")};
    char key[TICKET_KEY_MAX];
    struct err ignored;

    if (ticket_key(parts, key, &ignored) < 0 || !key_equals(in, key))
        return;
    memcpy(ret_identity->key, key, strlen(key) + 1);
    (void)revision_of(doc, &ret_identity->revision); /* stays 0 when it can't be told */
}

static int check_key(struct ticket *self, const struct record *in, struct err *reterr)
{
    const char *parts[4] = {self->tenant, self->source_system, self->source_instance, self->ticket_id};

    if (ticket_key(parts, self->key, reterr) < 0)
        return -1;
    if (!in->key)
        return err_reason(reterr, ERR_PERMANENT, "key_mismatch",
                          "the record has no key; it must be tenant/source.system/source.instance/ticket_id");
    if (!key_equals(in, self->key))
        return err_reason(reterr, ERR_PERMANENT, "key_mismatch",
                          "the record key is not the one that the ticket's tenant, source and ticket_id give");
    return 0;
}

int ticket_decode(const struct record *in, struct ticket **ret_ticket, struct ticket_identity *ret_identity,
                  struct err *reterr)
{
    struct ticket_doc doc = {0};
    char traceparent[TRACEPARENT_MAX] = "";
    struct ticket *self;

    *ret_identity = (struct ticket_identity){0};
    if (envelope_open(in, &doc, traceparent, reterr) < 0)
        return -1;
    self = mem_alloc(sizeof *self);
    self->doc = mem_dup(&doc, sizeof doc);
    memcpy(self->traceparent, traceparent, sizeof self->traceparent);
    identify(in, doc.ticket, ret_identity);
    if (read_ticket(self, doc.ticket, reterr) < 0 || check_key(self, in, reterr) < 0) {
        ticket_free(self);
        return -1;
    }
    self->content_hash = content_hash(doc.ticket);
    *ret_ticket = self;
    return 0;
}

void ticket_free(struct ticket *self)
{
    if (!self)
        return;
    mem_free(self->tags);
    mem_free(self->messages);
    if (self->doc)
        cJSON_Delete(self->doc->root);
    mem_free(self->doc);
    mem_free(self);
}
