/* Any bytes as a record: decoding ends in a ticket or a named reason, and what is made of it is JSON that passes our
 * own gate. The first byte says how the record is wrapped, the rest is its value. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "triage/result.h"
#include "triage/ticket.h"

#define KEY "acme/zendesk/eu/77"
static const char structured[] = "application/cloudevents+json";
static const struct json_limits wide = {4 * TICKET_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void encode(const struct ticket *ticket, const struct ticket_identity *identity, const struct err *err)
{
    struct result_context ctx = {
        .key = identity->key, .revision = identity->revision, .ticket = ticket, .input = {"t", 0, 1}};
    struct decision decision = {.status = STATUS_ANSWERED};
    struct message message;
    struct err refused = {0};

    if (ticket)
        result_encode(&ctx, &decision, &message);
    else
        failed_encode(&ctx, err, &message);
    must(json_gate(message.value, message.value_len, &wide, &refused) == 0);
    message_free(&message);
}

static void put_aside(const struct record *in, const struct err *err)
{
    const struct input_position position = {"t", 0, 1};
    struct message message;

    must(err->class == ERR_PERMANENT && *err->reason && *err->text);
    deadletter_encode(in, &position, err, "decode", 64, &message);
    must(message.value_len <= 64);
    message_free(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct record_header headers[] = {{"content-type", structured, sizeof structured - 1},
                                            {"traceparent", data, size}};
    struct record in = {.key = KEY, .key_len = sizeof KEY - 1, .headers = headers};
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    if (size == 0)
        return 0;
    in.value = data + 1;
    in.value_len = size - 1;
    in.n_headers = data[0] == 's' ? 2 : 0;
    (void)ticket_key_check(data + 1, size - 1);
    if (ticket_decode(&in, &ticket, &identity, &err) < 0)
        put_aside(&in, &err);
    else
        must(strcmp(ticket->key, KEY) == 0 && identity.revision == ticket->revision);
    if (*identity.key)
        encode(ticket, &identity, &err);
    ticket_free(ticket);
    return 0;
}
