/* A ticket as it came from the topic: one revision of one conversation, or word that it was withdrawn.
 * Contract: schemas/ticket.v1.json. */
#ifndef TRIAGE_TICKET_H
#define TRIAGE_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "triage/err.h"

#define TICKET_BYTES_MAX 262144   /* largest value we decode, in bytes */
#define TICKET_KEY_MAX 1024       /* bytes of the record key with the terminator */
#define TICKET_SUBJECT_MAX 2000   /* code points */
#define TICKET_BODY_MAX 100000    /* code points */
#define TICKET_MESSAGES_MAX 200
#define TICKET_TAGS_MAX 100
#define TICKET_ATTACHMENTS_MAX 200
#define TICKET_CUSTOM_FIELDS_MAX 500
#define TICKET_PART_MAX 200       /* code points of tenant, source.system, source.instance, ticket_id */
#define TICKET_TEXT_MAX 500       /* code points of a name, an address, a tag */
#define TICKET_WORD_MAX 64        /* code points of language, channel, priority, locale, tier */
#define TICKET_URL_MAX 2000       /* code points */
#define TICKET_SCHEMA_VERSION 1
#define TICKET_REVISION_MAX 9007199254740991 /* 2^53 - 1 */
#define TRACEPARENT_MAX 56        /* W3C trace context with the terminator */

enum ticket_event {
    TICKET_CREATED,
    TICKET_UPDATED,
    TICKET_MESSAGE_ADDED,
    TICKET_WITHDRAWN,
};

struct ticket_message {
    const char *author; /* customer | agent | system | "" */
    const char *body_text;
    const char *created_at;
};

struct ticket_requester {
    const char *id, *name, *email, *locale, *tier; /* "" when absent */
};

/* All strings are UTF-8 without NUL, "" when absent, and belong to the ticket: const after decoding. */
struct ticket {
    char key[TICKET_KEY_MAX]; /* tenant/source.system/source.instance/ticket_id, parts percent-encoded */
    const char *tenant, *source_system, *source_instance, *source_url, *ticket_id;
    int64_t revision; /* 1..TICKET_REVISION_MAX */
    enum ticket_event event;
    const char *subject, *body_text, *language, *channel, *priority;
    struct ticket_requester requester;
    const char **tags;
    size_t n_tags;
    struct ticket_message *messages;
    size_t n_messages;
    const char *created_at, *updated_at;
    char traceparent[TRACEPARENT_MAX]; /* "" when absent */
    uint64_t content_hash;             /* of the canonical document: tells a repeat from a changed one */
    struct ticket_doc *doc;            /* owns the strings */
};

/* One Kafka header; value is not terminated and may be NULL. */
struct record_header {
    const char *name;
    const void *value;
    size_t len;
};

/* One record as read; borrowed for the length of a call. value NULL is a tombstone, len 0 an empty value. */
struct record {
    const void *key;
    size_t key_len;
    const void *value;
    size_t value_len;
    const struct record_header *headers;
    size_t n_headers;
};

/* A header of the record: tickets of this class get of the model what nobody else wants. */
#define TICKET_CLASS_HEADER   "triage-class"
#define TICKET_CLASS_BACKFILL "backfill"

/* What a record identifies even when it can't be decoded in full. */
struct ticket_identity {
    char key[TICKET_KEY_MAX]; /* "" when it can't be told */
    int64_t revision;         /* 0 when it can't be told */
};

/* Decodes plain JSON, CloudEvents binary and CloudEvents structured; strips Schema Registry framing in front of JSON.
 * The record key must equal the body's key. On failure reterr->reason is one of the dead letter reasons (docs/SCHEMAS.md)
 * and ret_identity says what could be read. Caller: ticket_free. Tombstones are not for this function. */
int ticket_decode(const struct record *in, struct ticket **ret_ticket, struct ticket_identity *ret_identity,
                  struct err *reterr);
void ticket_free(struct ticket *self);

/* Builds the record key from its four parts. -1 (permanent) when it would exceed TICKET_KEY_MAX or a part is empty. */
int ticket_key(const char *const parts[4], char out[TICKET_KEY_MAX], struct err *reterr);
/* -1 unless the bytes have the form of a record key: four non-empty percent-encoded parts, shorter than TICKET_KEY_MAX. */
int ticket_key_check(const void *key, size_t len);
/* Splits a record key into its decoded parts (tenant, system, instance, id); the caller frees each with mem_free. */
int ticket_key_split(const char *key, char *ret_parts[4], struct err *reterr);

const char *ticket_event_name(enum ticket_event event);

#endif
