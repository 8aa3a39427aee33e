/* Finds the ticket's JSON in a record. Knows the CloudEvents 1.0 Kafka binding and the wire format of schema
 * registries, and nothing of tickets. */
#include "contract/envelope.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum {
    FRAME_BYTES = 5, /* 0x00 and the schema's number */
    CONTENT_TYPE_MAX = 128,
};

static const struct json_limits limits = {TICKET_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

static const struct record_header *header_find(const struct record *in, const char *name)
{
    for (size_t i = in->n_headers; i-- > 0;) { /* of repeated ones the last counts */
        if (strcasecmp(in->headers[i].name, name) == 0 && in->headers[i].value)
            return &in->headers[i];
    }
    return NULL;
}

static void header_copy(const struct record *in, const char *name, char *out, size_t cap)
{
    const struct record_header *header = header_find(in, name);

    out[0] = '\0';
    if (header && header->len < cap && !memchr(header->value, 0, header->len))
        snprintf(out, cap, "%.*s", (int)header->len, (const char *)header->value);
}

/* application/json, text/json, application/anything+json; parameters are ignored. */
static bool is_json_type(const char *content_type)
{
    size_t len = strcspn(content_type, "; ");

    return (len >= 5 && (strncasecmp(content_type + len - 5, "/json", 5) == 0 ||
                         strncasecmp(content_type + len - 5, "+json", 5) == 0));
}

static bool is_structured(const char *content_type)
{
    static const char wanted[] = "application/cloudevents+json";
    size_t len = strcspn(content_type, "; ");

    return len == sizeof wanted - 1 && strncasecmp(content_type, wanted, len) == 0;
}

/* W3C trace context: 00-<32 hex>-<16 hex>-<2 hex>, not all zero. Anything else is dropped, as the standard says. */
static void take_traceparent(const char *text, char out[TRACEPARENT_MAX])
{
    static const char form[] = "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";

    out[0] = '\0';
    if (strlen(text) != sizeof form - 1 || strncmp(text, "ff", 2) == 0)
        return;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return;
    }
    if (strspn(text + 3, "0") >= 32 || strspn(text + 36, "0") >= 16)
        return;
    memcpy(out, text, sizeof form);
}

/* Moves past the framing of a schema registry where JSON follows; refuses what is Avro or Protobuf. */
static int strip_frame(const char **value, size_t *len, struct err *reterr)
{
    const char *p = *value;
    size_t blanks = FRAME_BYTES;

    if (p[0] != 0)
        return 0;
    while (blanks < *len && strchr(" \t\r\n", p[blanks]) && p[blanks])
        blanks++;
    if (blanks >= *len || p[blanks] != '{')
        return err_reason(reterr, ERR_PERMANENT, "payload_not_json",
                          "send JSON: the value is framed for a schema registry and holds no JSON object (Avro or "
                          "Protobuf?)");
    *value += blanks;
    *len -= blanks;
    return 0;
}

static int open_structured(struct ticket_doc *doc, char ret_traceparent[TRACEPARENT_MAX], struct err *reterr)
{
    const char *version = json_str(doc->root, "specversion", "");
    const char *type = json_str(doc->root, "datacontenttype", "application/json");

    if (!cJSON_IsObject(doc->root) || strcmp(version, "1.0") != 0)
        return err_reason(reterr, ERR_PERMANENT, "schema_violation",
                          "specversion: the envelope must be CloudEvents 1.0, as its content type says");
    if (!is_json_type(type) || json_get(doc->root, "data_base64"))
        return err_reason(reterr, ERR_PERMANENT, "payload_not_json",
                          "the data of the CloudEvents envelope is not JSON");
    doc->ticket = json_get(doc->root, "data");
    if (!cJSON_IsObject(doc->ticket))
        return err_reason(reterr, ERR_PERMANENT, "schema_violation",
                          "data: the envelope must carry the ticket as an object");
    if (!*ret_traceparent)
        take_traceparent(json_str(doc->root, "traceparent", ""), ret_traceparent);
    return 0;
}

/* The binary form differs from a plain record only in its headers, so both are read alike. */
static int open_plain(struct ticket_doc *doc, const struct record *in, const char *content_type, struct err *reterr)
{
    if (header_find(in, "ce_specversion") && *content_type && !is_json_type(content_type))
        return err_reason(reterr, ERR_PERMANENT, "payload_not_json",
                          "the content-type header says that the value is not JSON");
    if (!cJSON_IsObject(doc->root))
        return err_reason(reterr, ERR_PERMANENT, "schema_violation", "a ticket must be a JSON object");
    doc->ticket = doc->root;
    return 0;
}

int envelope_open(const struct record *in, struct ticket_doc *ret_doc, char ret_traceparent[TRACEPARENT_MAX],
                  struct err *reterr)
{
    const char *value = in->value;
    size_t len = in->value_len;
    char content_type[CONTENT_TYPE_MAX] = "";
    char traceparent[CONTENT_TYPE_MAX] = "";
    struct ticket_doc doc = {0};
    int rc;

    if (len == 0)
        return err_reason(reterr, ERR_PERMANENT, "empty_value",
                          "the record has an empty value; a withdrawal has none at all");
    if (strip_frame(&value, &len, reterr) < 0 || json_parse(value, len, &limits, &doc.root, reterr) < 0)
        return -1;
    header_copy(in, "content-type", content_type, sizeof content_type);
    header_copy(in, "traceparent", traceparent, sizeof traceparent);
    if (!*traceparent)
        header_copy(in, "ce_traceparent", traceparent, sizeof traceparent);
    take_traceparent(traceparent, ret_traceparent);
    rc = is_structured(content_type) ? open_structured(&doc, ret_traceparent, reterr)
                                     : open_plain(&doc, in, content_type, reterr);
    if (rc < 0) {
        cJSON_Delete(doc.root);
        return -1;
    }
    *ret_doc = doc;
    return 0;
}
