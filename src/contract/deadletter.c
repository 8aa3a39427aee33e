/* Dead letters: the original key, bytes and headers, and beside them why they could not be worked on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "contract/message.h"

static const char own_prefix[] = "triaged_";

static const struct {
    const char *code, *description;
} reasons[] = {
    {"too_large", "The value is larger than 262144 bytes, or what came of it is larger than its topic takes."},
    {"empty_value", "The value has no bytes. A withdrawal by tombstone has no value at all."},
    {"payload_not_json",
     "The value is no JSON: another format, Avro or Protobuf behind registry framing, a byte order mark."},
    {"utf8_invalid", "A string holds ill-formed UTF-8 or a lone surrogate."},
    {"nul_character", "A string holds a NUL character, plain or escaped."},
    {"json_syntax", "The value begins like JSON and breaks its rules further on."},
    {"duplicate_key", "An object has the same key twice."},
    {"too_deep", "Nested deeper than 32 levels."},
    {"too_many_tokens", "More than 20000 values and keys."},
    {"schema_version_unknown", "schema_version is none that this build knows."},
    {"schema_violation", "A member is missing, of another type or out of bounds: the text names it."},
    {"key_mismatch",
     "The record has no key, or not the key that its body gives, or a tombstone's key is none of ours."},
    {"no_profile", "No row of the table of profiles takes the ticket."},
    {"crash_suspect", "The process ended each time while this record was the first in work."},
};

const char *deadletter_reason_at(size_t index)
{
    return index < ARRAY_LEN(reasons) ? reasons[index].code : NULL;
}

const char *deadletter_reason_description(size_t index)
{
    return index < ARRAY_LEN(reasons) ? reasons[index].description : NULL;
}

static void add_number(struct message *message, const char *name, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, number);
    message_add_header(message, name, text);
}

/* Headers of an earlier dead letter are replaced by ours, and what is too much for the topic is left out. */
static void copy_headers(const struct record *in, struct message *message)
{
    size_t bytes = 0;
    int64_t dropped = 0;

    for (size_t i = 0; i < in->n_headers; i++) {
        const struct record_header *header = &in->headers[i];
        size_t more = strlen(header->name) + (header->value ? header->len : 0);
        if (strncmp(header->name, own_prefix, sizeof own_prefix - 1) == 0)
            continue;
        if (bytes + more > DEADLETTER_HEADERS_BYTES_MAX) {
            dropped++;
            continue;
        }
        bytes += more;
        message_add_bytes(message, header->name, header->value, header->value ? header->len : 0);
    }
    if (dropped)
        add_number(message, "triaged_headers_dropped", dropped);
}

static void copy_key(const struct record *in, struct message *message)
{
    if (!in->key)
        return;
    if (in->key_len > DEADLETTER_KEY_BYTES_MAX) {
        add_number(message, "triaged_key_size", (int64_t)in->key_len);
        return;
    }
    message->key = mem_strndup(in->key_len ? in->key : "", in->key_len);
    message->key_len = in->key_len;
}

static void copy_value(const struct record *in, size_t value_max, struct message *message)
{
    char sha256[SHA256_HEX_MAX];
    size_t len = in->value_len < value_max ? in->value_len : value_max;

    if (in->value) {
        message->value = mem_strndup(len ? in->value : "", len);
        message->value_len = len;
    }
    add_number(message, "triaged_original_size", (int64_t)in->value_len);
    message_add_header(message, "triaged_sha256", sha256_hex(in->value ? in->value : "", in->value_len, sha256));
    message_add_header(message, "triaged_truncated", len < in->value_len ? "true" : "false");
}

void deadletter_encode(const struct record *in, const struct input_position *input, const struct err *why,
                       const char *stage, size_t value_max, struct message *ret_message)
{
    struct message message = {0};

    message_add_header(&message, "triaged_reason", why->reason);
    message_add_header(&message, "triaged_stage", stage);
    message_add_header(&message, "triaged_topic", input->topic);
    add_number(&message, "triaged_partition", input->partition);
    add_number(&message, "triaged_offset", input->offset);
    message_add_header(&message, "triaged_error", why->text);
    copy_value(in, value_max, &message);
    copy_key(in, &message);
    copy_headers(in, &message);
    *ret_message = message;
}
