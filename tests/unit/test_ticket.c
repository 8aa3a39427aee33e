/* Records to tickets: every way to wrap one, every reason to refuse one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "triage/ticket.h"

#define KEY "acme/zendesk/eu/77"
#define IDENTITY                                                                                                       \
    "\"schema_version\":1,\"tenant\":\"acme\",\"source\":{\"system\":\"zendesk\",\"instance\":\"eu\"},"                \
    "\"ticket_id\":\"77\""
#define REQUIRED IDENTITY ",\"revision\":3,\"event\":\"created\""
#define TRACE    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static int decode(const char *key, const void *value, size_t len, const struct record_header *headers, size_t n,
                  struct ticket **ret_ticket, struct ticket_identity *ret_identity, struct err *reterr)
{
    struct record in = {.key = key,
                        .key_len = key ? strlen(key) : 0,
                        .value = value,
                        .value_len = len,
                        .headers = headers,
                        .n_headers = n};

    return ticket_decode(&in, ret_ticket, ret_identity, reterr);
}

static struct ticket *good(const char *text)
{
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    if (decode(KEY, text, strlen(text), NULL, 0, &ticket, &identity, &err) < 0)
        fail_msg("%s: %s in %s", err.reason, err.text, text);
    return ticket;
}

/* Gives what could be identified. */
static struct ticket_identity refused(const char *key, const char *value, size_t len, const char *reason)
{
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    if (decode(key, value, len, NULL, 0, &ticket, &identity, &err) == 0)
        fail_msg("taken: %s", value);
    assert_null(ticket);
    if (strcmp(err.reason, reason) != 0)
        fail_msg("expected %s, got %s (%s) for %.200s", reason, err.reason, err.text, value);
    return identity;
}

static void a_whole_ticket_is_read(void **state)
{
    struct ticket *ticket = good(
        "{" REQUIRED ",\"source\\u005f\":0,\"subject\":\"Hello\",\"body_text\":\"Where is it?\",\"language\":\"en\","
        "\"channel\":\"email\",\"priority\":\"high\",\"requester\":{\"id\":\"9\",\"name\":\"Ada\",\"email\":\"a@b."
        "example\","
        "\"locale\":\"en-GB\",\"tier\":\"gold\"},\"tags\":[\"vip\",\"order\"],\"custom_fields\":{\"a\":[1,{\"b\":2}]},"
        "\"messages\":[{\"author\":\"agent\",\"body_text\":\"One\",\"created_at\":\"2026-05-04T10:11:12Z\"},{}],"
        "\"attachments\":[{\"name\":\"a.png\",\"size\":10}],\"created_at\":\"2026-05-04T10:11:12.123+02:00\","
        "\"updated_at\":null,\"later_member\":{\"x\":1}}");

    (void)state;
    assert_string_equal(ticket->key, KEY);
    assert_string_equal(ticket->tenant, "acme");
    assert_string_equal(ticket->source_system, "zendesk");
    assert_string_equal(ticket->source_url, "");
    assert_int_equal(ticket->revision, 3);
    assert_int_equal(ticket->event, TICKET_CREATED);
    assert_string_equal(ticket->subject, "Hello");
    assert_string_equal(ticket->requester.tier, "gold");
    assert_int_equal(ticket->n_tags, 2);
    assert_string_equal(ticket->tags[1], "order");
    assert_int_equal(ticket->n_messages, 2);
    assert_string_equal(ticket->messages[0].author, "agent");
    assert_string_equal(ticket->messages[1].body_text, "");
    assert_string_equal(ticket->updated_at, "");
    assert_string_equal(ticket->traceparent, "");
    ticket_free(ticket);
}

static void the_identifying_members_are_enough(void **state)
{
    struct ticket *ticket = good("{" IDENTITY ",\"revision\":9007199254740991,\"event\":\"withdrawn\"}");

    (void)state;
    assert_int_equal(ticket->event, TICKET_WITHDRAWN);
    assert_true(ticket->revision == TICKET_REVISION_MAX);
    assert_string_equal(ticket->body_text, "");
    assert_string_equal(ticket->requester.email, "");
    assert_int_equal(ticket->n_tags, 0);
    ticket_free(ticket);
}

static void parts_of_the_key_are_percent_encoded(void **state)
{
    static const char text[] = "{\"schema_version\":1,\"tenant\":\"a/b\",\"source\":{\"system\":\"z%\",\"instance\":"
                               "\"\xC3\xA4 1\"},\"ticket_id\":\"x@1\",\"revision\":1,\"event\":\"updated\"}";
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};
    char *parts[4];

    (void)state;
    assert_int_equal(decode("a%2Fb/z%25/%C3%A4%201/x%401", text, strlen(text), NULL, 0, &ticket, &identity, &err), 0);
    assert_string_equal(identity.key, ticket->key);
    assert_int_equal(ticket_key_split(ticket->key, parts, &err), 0);
    assert_string_equal(parts[0], "a/b");
    assert_string_equal(parts[2], "\xC3\xA4 1");
    for (size_t i = 0; i < 4; i++)
        mem_free(parts[i]);
    ticket_free(ticket);
}

static void keys_of_another_spelling_are_no_keys(void **state)
{
    static const char *const bad[] = {"",          "a",         "a/b/c",     "a/b/c/",    "a/b/c/d/e",
                                      "//c/d",     "a/b/c/d%",  "a/b/c/%2",  "a/b/c/%2f", "a/b/c/%41",
                                      "a/b/c/d e", "a/b/c/%00", "a/b/c/%zz", "a/b/c/d:1"};
    char *parts[4];
    char wide[TICKET_KEY_MAX + 8];
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(ticket_key_split(bad[i], parts, &err), -1);
        assert_int_equal(ticket_key_check(bad[i], strlen(bad[i])), -1);
    }
    memset(wide, 'a', sizeof wide);
    memcpy(wide, "a/b/c/", 6);
    assert_int_equal(ticket_key_check(wide, TICKET_KEY_MAX - 1), 0);
    assert_int_equal(ticket_key_check(wide, TICKET_KEY_MAX), -1);
    assert_int_equal(ticket_key_check("a/b/c/\0d", 8), -1);
    assert_int_equal(ticket_key_check("a/b/c/d", 7), 0);
}

static const struct {
    const char *text, *reason;
    int64_t revision; /* what can be identified */
} violations[] = {
    {"[]", "schema_violation", 0},
    {"\"x\"", "schema_violation", 0},
    {"{}", "schema_violation", 0},
    {"<ticket/>", "payload_not_json", 0},
    {"{" REQUIRED, "json_syntax", 0},
    {"{" REQUIRED ",\"tenant\":\"acme\"}", "duplicate_key", 0},
    {"{" REQUIRED ",\"subject\":\"\\u0000\"}", "nul_character", 0},
    {"{" REQUIRED ",\"subject\":\"\xFF\"}", "utf8_invalid", 0},
    {"{\"schema_version\":2,\"tenant\":\"acme\",\"source\":{\"system\":\"zendesk\",\"instance\":\"eu\"},\"ticket_id\":"
     "\"77\","
     "\"revision\":5,\"event\":\"created\"}",
     "schema_version_unknown", 5},
    {"{\"schema_version\":\"1\",\"tenant\":\"acme\",\"source\":{\"system\":\"zendesk\",\"instance\":\"eu\"},\"ticket_"
     "id\":"
     "\"77\",\"revision\":5,\"event\":\"created\"}",
     "schema_violation", 5},
    {"{" IDENTITY ",\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":0,\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":-1,\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":1.5,\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":\"1\",\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":9007199254740992,\"event\":\"created\"}", "schema_violation", 0},
    {"{" IDENTITY ",\"revision\":4}", "schema_violation", 4},
    {"{" IDENTITY ",\"revision\":4,\"event\":\"deleted\"}", "schema_violation", 4},
    {"{" IDENTITY ",\"revision\":4,\"event\":1}", "schema_violation", 4},
    {"{" REQUIRED ",\"subject\":7}", "schema_violation", 3},
    {"{" REQUIRED ",\"body_text\":[]}", "schema_violation", 3},
    {"{" REQUIRED ",\"requester\":\"Ada\"}", "schema_violation", 3},
    {"{" REQUIRED ",\"requester\":{\"id\":9}}", "schema_violation", 3},
    {"{" REQUIRED ",\"tags\":\"vip\"}", "schema_violation", 3},
    {"{" REQUIRED ",\"tags\":[1]}", "schema_violation", 3},
    {"{" REQUIRED ",\"tags\":[\"\"]}", "schema_violation", 3},
    {"{" REQUIRED ",\"tags\":[null]}", "schema_violation", 3},
    {"{" REQUIRED ",\"custom_fields\":[]}", "schema_violation", 3},
    {"{" REQUIRED ",\"messages\":{}}", "schema_violation", 3},
    {"{" REQUIRED ",\"messages\":[1]}", "schema_violation", 3},
    {"{" REQUIRED ",\"messages\":[{\"author\":\"bot\"}]}", "schema_violation", 3},
    {"{" REQUIRED ",\"messages\":[{\"body_text\":1}]}", "schema_violation", 3},
    {"{" REQUIRED ",\"attachments\":[{\"size\":-1}]}", "schema_violation", 3},
    {"{" REQUIRED ",\"attachments\":[\"a.png\"]}", "schema_violation", 3},
    {"{" REQUIRED ",\"created_at\":\"yesterday\"}", "schema_violation", 3},
    {"{" REQUIRED ",\"created_at\":\"2026-05-04T10:11:12\"}", "schema_violation", 3},
    {"{" REQUIRED ",\"created_at\":\"2026-05-04T10:11:12.Z\"}", "schema_violation", 3},
    {"{" REQUIRED ",\"created_at\":\"2026-05-04T10:11:12Zx\"}", "schema_violation", 3},
};

static void what_breaks_the_contract_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(violations); i++) {
        struct ticket_identity identity =
            refused(KEY, violations[i].text, strlen(violations[i].text), violations[i].reason);
        if (identity.revision != violations[i].revision)
            fail_msg("revision %lld told for %s", (long long)identity.revision, violations[i].text);
        assert_true(!identity.revision || strcmp(identity.key, KEY) == 0);
    }
}

static void an_empty_value_is_no_ticket(void **state)
{
    (void)state;
    refused(KEY, "", 0, "empty_value");
}

static void a_value_that_is_too_large_is_not_even_scanned(void **state)
{
    CLEANUP(mem_freep) char *value = mem_alloc(TICKET_BYTES_MAX + 2);

    (void)state;
    memset(value, '{', TICKET_BYTES_MAX + 1);
    refused(KEY, value, TICKET_BYTES_MAX + 1, "too_large");
}

static void a_key_that_is_not_the_bodys_identifies_nothing(void **state)
{
    static const char text[] = "{" REQUIRED "}";
    static const char *const keys[] = {NULL, "", "acme/zendesk/eu/78", "acme/zendesk/eu/77 ", "ACME/zendesk/eu/77"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct ticket_identity identity = refused(keys[i], text, strlen(text), "key_mismatch");
        assert_string_equal(identity.key, "");
        assert_int_equal(identity.revision, 0);
    }
}

static void a_key_too_long_to_build_is_a_violation(void **state)
{
    CLEANUP(buf_free) struct buf text = {0};

    (void)state;
    buf_puts(&text, "{\"schema_version\":1,\"tenant\":\"");
    for (int i = 0; i < 200; i++)
        buf_puts(&text, "\xE2\x82\xAC");
    buf_puts(&text, "\",\"source\":{\"system\":\"z\",\"instance\":\"e\"},\"ticket_id\":\"1\",\"revision\":1,\"event\":"
                    "\"created\"}");
    refused(KEY, text.data, text.len, "schema_violation");
}

static void a_refusal_never_quotes_the_ticket(void **state)
{
    static const char text[] =
        "{" REQUIRED ",\"created_at\":\"canary\",\"subject\":\"canary\",\"requester\":{\"name\":\"canary\"}}";
    struct ticket *ticket;
    struct ticket_identity identity;
    struct err err = {0};

    (void)state;
    assert_int_equal(decode(KEY, text, strlen(text), NULL, 0, &ticket, &identity, &err), -1);
    assert_null(strstr(err.text, "canary"));
    assert_non_null(strstr(err.text, "created_at"));
}

/* Limits in code points: at the limit taken, one beyond refused. */
static void lengths_are_counted_in_code_points(void **state)
{
    (void)state;
    for (int over = 0; over <= 1; over++) {
        CLEANUP(buf_free) struct buf text = {0};
        buf_puts(&text, "{" REQUIRED ",\"subject\":\"");
        for (int i = 0; i < TICKET_SUBJECT_MAX + over; i++)
            buf_puts(&text, "\xC3\xA4");
        buf_puts(&text, "\"}");
        if (over)
            refused(KEY, text.data, text.len, "schema_violation");
        else
            ticket_free(good(text.data));
    }
}

static void cloud_events_in_binary_mode_are_read(void **state)
{
    static const char text[] = "{" REQUIRED "}";
    const struct record_header headers[] = {{"ce_specversion", "1.0", 3},
                                            {"content-type", "application/json; charset=utf-8", 31},
                                            {"traceparent", TRACE, strlen(TRACE)}};
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    (void)state;
    assert_int_equal(decode(KEY, text, strlen(text), headers, 3, &ticket, &identity, &err), 0);
    assert_string_equal(ticket->traceparent, TRACE);
    ticket_free(ticket);
}

static void a_binary_event_of_another_type_is_refused(void **state)
{
    static const char text[] = "{" REQUIRED "}";
    const struct record_header headers[] = {{"ce_specversion", "1.0", 3}, {"content-type", "application/avro", 16}};
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    (void)state;
    assert_int_equal(decode(KEY, text, strlen(text), headers, 2, &ticket, &identity, &err), -1);
    assert_string_equal(err.reason, "payload_not_json");
}

static const struct {
    const char *text, *reason, *traceparent;
} structured[] = {
    {"{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"source\":\"s\",\"traceparent\":\"" TRACE
     "\",\"data\":{" REQUIRED "}}",
     "", TRACE},
    {"{\"specversion\":\"1.0\",\"datacontenttype\":\"application/vnd.acme+json\",\"data\":{" REQUIRED "}}", "", ""},
    {"{\"specversion\":\"1.0\",\"traceparent\":\"00-zz\",\"data\":{" REQUIRED "}}", "", ""},
    {"{\"specversion\":\"0.3\",\"data\":{" REQUIRED "}}", "schema_violation", ""},
    {"{\"data\":{" REQUIRED "}}", "schema_violation", ""},
    {"{\"specversion\":\"1.0\"}", "schema_violation", ""},
    {"{\"specversion\":\"1.0\",\"data\":\"{}\"}", "schema_violation", ""},
    {"{\"specversion\":\"1.0\",\"data_base64\":\"e30=\"}", "payload_not_json", ""},
    {"{\"specversion\":\"1.0\",\"datacontenttype\":\"text/xml\",\"data\":{" REQUIRED "}}", "payload_not_json", ""},
    {"{\"specversion\":\"1.0\",\"data\":{" IDENTITY "}}", "schema_violation", ""},
    {"[]", "schema_violation", ""},
};

static void cloud_events_in_structured_mode_are_read_or_refused(void **state)
{
    static const char type[] = "application/cloudevents+json; charset=UTF-8";
    const struct record_header header = {"Content-Type", type, sizeof type - 1};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(structured); i++) {
        struct ticket *ticket = NULL;
        struct ticket_identity identity;
        struct err err = {0};
        decode(KEY, structured[i].text, strlen(structured[i].text), &header, 1, &ticket, &identity, &err);
        if (strcmp(err.reason, structured[i].reason) != 0)
            fail_msg("case %zu: %s %s", i, err.reason, err.text);
        if (ticket)
            assert_string_equal(ticket->traceparent, structured[i].traceparent);
        ticket_free(ticket);
    }
}

static void an_ill_formed_trace_context_is_dropped(void **state)
{
    static const char *const bad[] = {"",
                                      "00",
                                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                      "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"};
    static const char text[] = "{" REQUIRED "}";

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct record_header headers[] = {{"traceparent", bad[i], strlen(bad[i])}, {"x", NULL, 0}};
        struct ticket *ticket = NULL;
        struct ticket_identity identity;
        struct err err = {0};
        assert_int_equal(decode(KEY, text, strlen(text), headers, 2, &ticket, &identity, &err), 0);
        assert_string_equal(ticket->traceparent, "");
        ticket_free(ticket);
    }
}

static void registry_framing_is_stripped_in_front_of_json_only(void **state)
{
    static const char framed[] = "\0\0\0\1\2 {" REQUIRED "}";
    static const char avro[] = "\0\0\0\1\2\x0A"
                               "acme\x0E"
                               "zendesk";
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};

    (void)state;
    assert_int_equal(decode(KEY, framed, sizeof framed - 1, NULL, 0, &ticket, &identity, &err), 0);
    ticket_free(ticket);
    refused(KEY, avro, sizeof avro - 1, "payload_not_json");
    refused(KEY, "\0", 1, "payload_not_json");
    refused(KEY, "\0\0\0\0\0", 5, "payload_not_json");
}

static void the_content_hash_ignores_order_and_blanks_and_nothing_else(void **state)
{
    struct ticket *one = good("{" REQUIRED ",\"subject\":\"a\",\"tags\":[\"x\",\"y\"]}");
    struct ticket *same = good("{ \"tags\" : [\"x\",\"y\"], \"subject\":\"\\u0061\"," REQUIRED "}");
    struct ticket *other = good("{" REQUIRED ",\"subject\":\"a\",\"tags\":[\"y\",\"x\"]}");
    struct ticket *more = good("{" REQUIRED ",\"subject\":\"a\",\"tags\":[\"x\",\"y\"],\"custom_fields\":{\"z\":0}}");

    (void)state;
    assert_true(one->content_hash == same->content_hash);
    assert_true(one->content_hash != other->content_hash);
    assert_true(one->content_hash != more->content_hash);
    ticket_free(one);
    ticket_free(same);
    ticket_free(other);
    ticket_free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_ticket_is_read),
        cmocka_unit_test(the_identifying_members_are_enough),
        cmocka_unit_test(parts_of_the_key_are_percent_encoded),
        cmocka_unit_test(keys_of_another_spelling_are_no_keys),
        cmocka_unit_test(what_breaks_the_contract_is_refused_with_its_reason),
        cmocka_unit_test(an_empty_value_is_no_ticket),
        cmocka_unit_test(a_value_that_is_too_large_is_not_even_scanned),
        cmocka_unit_test(a_key_that_is_not_the_bodys_identifies_nothing),
        cmocka_unit_test(a_key_too_long_to_build_is_a_violation),
        cmocka_unit_test(a_refusal_never_quotes_the_ticket),
        cmocka_unit_test(lengths_are_counted_in_code_points),
        cmocka_unit_test(cloud_events_in_binary_mode_are_read),
        cmocka_unit_test(a_binary_event_of_another_type_is_refused),
        cmocka_unit_test(cloud_events_in_structured_mode_are_read_or_refused),
        cmocka_unit_test(an_ill_formed_trace_context_is_dropped),
        cmocka_unit_test(registry_framing_is_stripped_in_front_of_json_only),
        cmocka_unit_test(the_content_hash_ignores_order_and_blanks_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
