/* Messages out, each held against its schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema_check.h"
#include "temp_file.h"
#include "triage/result.h"

#define KEY   "acme/zendesk/eu%201/77"
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static const char policy_text[] =
    "version: 1\nprofile: shop\nowner: Ada\nexception_owner: Bob\nreview_group: desk\nreview_cadence: monthly\n"
    "success_measure: {metric: wrong answers, target: below 5 %}\ndata_source: audits\nlanguages: [en, de]\n"
    "promise: {max_error: 0.05, confidence: 0.9}\ndefault_sla_minutes: 240\nclasses:\n"
    "  - {label: refund, description: Money back, risk: high, mode: off, sla_minutes: 60, guideline: Check the "
    "parcel.}\n"
    "  - {label: order, description: Where is it, risk: low, mode: auto, macro: {en: m1}}\n";

static const char ticket_text[] = "{\"schema_version\":1,\"tenant\":\"acme\",\"source\":{\"system\":\"zendesk\","
                                  "\"instance\":\"eu 1\"},\"ticket_id\":\"77\","
                                  "\"revision\":3,\"event\":\"created\",\"subject\":\"Money "
                                  "\\\"back\\\"\",\"priority\":\"urgent\",\"extra\":{\"n\":[1,2.5]}}";

struct fixture {
    struct policy *policy;
    struct ticket *ticket;
    struct result_context ctx;
    struct decision decision;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    struct record in = {KEY, strlen(KEY), ticket_text, strlen(ticket_text), NULL, 0};
    struct ticket_identity identity;
    struct err err = {0};
    char path[TEMP_PATH_MAX];

    temp_file(policy_text, path);
    assert_int_equal(policy_load(path, &f->policy, &err), 0);
    unlink(path);
    assert_int_equal(ticket_decode(&in, &f->ticket, &identity, &err), 0);
    f->ctx = (struct result_context){.key = KEY,
                                     .revision = 3,
                                     .ticket = f->ticket,
                                     .policy = f->policy,
                                     .input = {"triage.tickets", 4, 1234567890123},
                                     .provenance = {"aa", "bb", "", "dd", "model", "build", "promise-1"},
                                     .now_wall_us = 1789000000123000,
                                     .traceparent = TRACE};
    f->decision = (struct decision){.status = STATUS_IN_REVIEW,
                                    .label = "refund",
                                    .confidence = 0.87654321,
                                    .scope_score = 1.25,
                                    .n_alternatives = 2,
                                    .language = "en",
                                    .action = "answer",
                                    .screen_us = 10,
                                    .total_us = 99};
    f->decision.alternatives[0] = (struct alternative){"refund", 0.87654321};
    f->decision.alternatives[1] = (struct alternative){"order", 0.1};
    decision_add_reason(&f->decision, REASON_RISK_HIGH);
    decision_add_reason(&f->decision, REASON_MODE_OFF);
    f->decision.draft.text = mem_strdup("Dear Ada,\n\xC3\xA4");
    f->decision.draft.n_citations = 1;
    snprintf(f->decision.draft.citations[0], ARTICLE_ID_MAX, "returns");
    f->decision.draft.tokens_in = 700;
    f->decision.context = mem_strdup("{\"articles\":[{\"id\":\"returns\",\"hash\":\"ab\",\"chunk\":{\"start\":0,\"end\":9}}],"
                                     "\"left_out\":[{\"field\":\"body_text\",\"reason\":\"quoted\"}],"
                                     "\"turns\":{\"used\":[\"body_text\"],\"left_out\":2},\"fields\":[\"subject\"],"
                                     "\"prompt_hash\":\"cd\",\"tokens_budget\":3072}");
    f->decision.recorded = mem_strdup("{\"outcome\":\"answered\",\"nonce\":\"07\",\"model_answer\":\"{}\","
                                      "\"finish_reason\":\"stop\",\"tokens_in\":700,\"tokens_cached\":0,\"tokens_out\":9}");
    f->decision.draft.unsupported = mem_strdup("[{\"text\":\"5 days\",\"kind\":\"number\"}]");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    decision_clear(&f->decision);
    ticket_free(f->ticket);
    policy_free(f->policy);
    mem_free(f);
    return 0;
}

static const char *header(const struct message *message, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < message->n_headers; i++) {
        if (strcmp(message->header_names[i], name) == 0) {
            assert_null(value);
            value = message->header_values[i];
            assert_true(message->header_lens[i] >= strlen(value));
        }
    }
    return value;
}

static cJSON *parsed(const struct message *message)
{
    cJSON *doc = cJSON_Parse(message->value);

    assert_non_null(doc);
    assert_int_equal(message->value_len, strlen(message->value));
    return doc;
}

static void a_result_fits_its_schema_and_carries_cloud_events_headers(void **state)
{
    struct fixture *f = *state;
    struct message message;

    result_encode(&f->ctx, &f->decision, &message);
    schema_must_fit("schemas/result.v1.json", message.value);
    assert_string_equal(message.key, KEY);
    assert_int_equal(message.key_len, strlen(KEY));
    assert_string_equal(header(&message, "ce_specversion"), "1.0");
    assert_string_equal(header(&message, "ce_id"), KEY "@3:in_review");
    assert_string_equal(header(&message, "ce_type"), "triaged.result.v1");
    assert_string_equal(header(&message, "ce_source"), "/triaged/shop");
    assert_string_equal(header(&message, "ce_time"), "2026-09-10T00:26:40.123Z");
    assert_string_equal(header(&message, "content-type"), "application/json");
    assert_string_equal(header(&message, "traceparent"), TRACE);
    message_free(&message);
}

static void a_result_says_what_was_decided(void **state)
{
    struct fixture *f = *state;
    struct message message;

    result_encode(&f->ctx, &f->decision, &message);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_string_equal(json_str(doc, "label", ""), "refund");
    assert_true(fabs(json_num(doc, "confidence", 0) - 0.8765) < 1e-12);
    assert_string_equal(cJSON_GetArrayItem(json_get(doc, "reasons"), 1)->valuestring, "mode_off");
    assert_string_equal(json_str(json_get(doc, "draft"), "text", ""), "Dear Ada,\n\xC3\xA4");
    assert_true(cJSON_IsNull(json_get(json_get(doc, "draft"), "macro_id")));
    assert_string_equal(json_str(json_get(doc, "promise"), "id", ""), "promise-1");
    assert_string_equal(json_str(json_get(doc, "source"), "instance", ""), "eu 1");
    assert_true(json_num(json_get(doc, "input"), "offset", 0) > 1234567890122.0);
    message_free(&message);
}

static void a_result_says_what_the_model_saw_and_what_it_answered(void **state)
{
    struct fixture *f = *state;
    struct message message;

    result_encode(&f->ctx, &f->decision, &message);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    const cJSON *context = json_get(doc, "context");
    assert_string_equal(json_str(cJSON_GetArrayItem(json_get(context, "articles"), 0), "id", ""), "returns");
    assert_true(fabs(json_num(context, "tokens", 0) - 700) < 0.5);
    assert_string_equal(json_str(json_get(doc, "recorded"), "model_answer", ""), "{}");
    message_free(&message);
}

static void the_same_decision_gives_the_same_bytes(void **state)
{
    struct fixture *f = *state;
    struct message one, two;

    result_encode(&f->ctx, &f->decision, &one);
    result_encode(&f->ctx, &f->decision, &two);
    assert_string_equal(one.value, two.value);
    message_free(&one);
    message_free(&two);
}

static void every_status_makes_a_valid_result_with_an_id_of_its_own(void **state)
{
    struct fixture *f = *state;
    char ids[STATUS_COUNT][RESULT_ID_MAX];

    for (int status = 0; status < STATUS_COUNT; status++) {
        struct message message;
        f->decision.status = (enum result_status)status;
        result_encode(&f->ctx, &f->decision, &message);
        schema_must_fit("schemas/result.v1.json", message.value);
        snprintf(ids[status], sizeof ids[status], "%s", header(&message, "ce_id"));
        for (int other = 0; other < status; other++)
            assert_string_not_equal(ids[other], ids[status]);
        message_free(&message);
    }
    assert_string_equal(ids[STATUS_ANSWERED], KEY "@3:answered");
    assert_string_equal(ids[STATUS_DUPLICATE], KEY "@3:duplicate:triage.tickets/4/1234567890123");
}

static void an_empty_decision_makes_a_valid_result(void **state)
{
    struct fixture *f = *state;
    struct decision decision = {.status = STATUS_STALE};
    struct message message;

    f->ctx.provenance = (struct provenance){0};
    f->ctx.traceparent = "";
    result_encode(&f->ctx, &decision, &message);
    schema_must_fit("schemas/result.v1.json", message.value);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_true(cJSON_IsNull(json_get(doc, "label")) && cJSON_IsNull(json_get(doc, "promise")));
    assert_null(header(&message, "traceparent"));
    message_free(&message);
}

static void a_number_that_is_none_is_written_as_zero(void **state)
{
    struct fixture *f = *state;
    struct message message;

    f->decision.confidence = NAN;
    f->decision.scope_score = INFINITY;
    result_encode(&f->ctx, &f->decision, &message);
    schema_must_fit("schemas/result.v1.json", message.value);
    message_free(&message);
}

static void a_tombstone_has_no_revision_and_its_position_in_the_id(void **state)
{
    struct fixture *f = *state;
    struct decision decision = {.status = STATUS_WITHDRAWN};
    struct message message;

    f->ctx.ticket = NULL;
    f->ctx.revision = 0;
    result_encode(&f->ctx, &decision, &message);
    schema_must_fit("schemas/result.v1.json", message.value);
    assert_string_equal(header(&message, "ce_id"), KEY "@null:withdrawn:triage.tickets/4/1234567890123");
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_true(cJSON_IsNull(json_get(doc, "revision")));
    assert_string_equal(json_str(json_get(doc, "source"), "instance", ""), "eu 1");
    assert_string_equal(json_str(doc, "ticket_id", ""), "77");
    message_free(&message);
}

static void the_longest_id_is_not_cut(void **state)
{
    struct fixture *f = *state;
    char key[TICKET_KEY_MAX], topic[INPUT_TOPIC_MAX + 1], id[RESULT_ID_MAX];

    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    memset(topic, 't', sizeof topic - 1);
    topic[sizeof topic - 1] = '\0';
    f->ctx =
        (struct result_context){.key = key, .revision = TICKET_REVISION_MAX, .input = {topic, 2147483647, INT64_MAX}};
    result_id(&f->ctx, STATUS_DUPLICATE, id);
    assert_non_null(strstr(id, "/2147483647/9223372036854775807"));
}

static void a_failed_result_says_why(void **state)
{
    struct fixture *f = *state;
    struct err why = {.class = ERR_PERMANENT, .reason = "schema_violation", .text = "event: is required"};
    struct message message;

    f->ctx.ticket = NULL;
    failed_encode(&f->ctx, &why, &message);
    schema_must_fit("schemas/result.v1.json", message.value);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_string_equal(json_str(doc, "status", ""), "failed");
    assert_string_equal(json_str(json_get(doc, "error"), "reason", ""), "schema_violation");
    message_free(&message);
}

static void a_review_request_carries_ticket_decision_and_routing(void **state)
{
    struct fixture *f = *state;
    struct message message;

    review_encode(&f->ctx, &f->decision, &message);
    schema_must_fit("schemas/review.v1.json", message.value);
    assert_string_equal(header(&message, "ce_type"), "triaged.review.v1");
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    CLEANUP(json_done) cJSON *original = cJSON_Parse(ticket_text);
    assert_string_equal(json_str(doc, "review_id", ""), KEY "@3");
    assert_true(cJSON_Compare(json_get(doc, "ticket"), original, true));
    assert_string_equal(json_str(doc, "risk", ""), "high");
    assert_string_equal(json_str(doc, "guideline", ""), "Check the parcel.");
    assert_true(json_num(doc, "sla_minutes", 0) < 60.5 && json_num(doc, "priority", 0) > 89);
    assert_string_equal(json_str(cJSON_GetArrayItem(json_get(doc, "reasons"), 0), "code", ""), "risk_high");
    assert_string_equal(json_str(json_get(json_get(doc, "decision"), "draft"), "text", ""), "Dear Ada,\n\xC3\xA4");
    assert_string_equal(json_str(doc, "traceparent", ""), TRACE);
    message_free(&message);
    assert_string_equal(f->ticket->subject, "Money \"back\""); /* the document still is the ticket's */
}

static void a_request_without_a_class_takes_the_policys_defaults(void **state)
{
    struct fixture *f = *state;
    struct message message;

    f->decision.label[0] = '\0';
    f->decision.n_alternatives = 0;
    review_encode(&f->ctx, &f->decision, &message);
    schema_must_fit("schemas/review.v1.json", message.value);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_string_equal(json_str(doc, "risk", ""), "medium");
    assert_true(fabs(json_num(doc, "sla_minutes", 0) - 240) < 0.5);
    message_free(&message);
}

static double review_priority(struct fixture *f, const char *stated)
{
    struct ticket ticket = *f->ticket;
    struct message message;
    double priority;

    ticket.priority = stated;
    f->ctx.ticket = &ticket;
    review_encode(&f->ctx, &f->decision, &message);
    schema_must_fit("schemas/review.v1.json", message.value);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    priority = json_num(doc, "priority", 0);
    message_free(&message);
    f->ctx.ticket = f->ticket;
    return priority;
}

static void a_guessed_priority_orders_what_states_none_unless_it_is_unsure(void **state)
{
    struct fixture *f = *state;

    f->ctx.provenance.priority = "ff";
    strcpy(f->decision.priority, "urgent");
    f->decision.priority_confidence = 0.8;
    assert_true(review_priority(f, "") > 89 && review_priority(f, "low") < 31);
    f->decision.priority_confidence = 0.4;
    assert_true(review_priority(f, "") > 49 && review_priority(f, "") < 51);
}

/* The queue makes an ending from the request's decision and a few members of its own: that must be a result. */
static void the_decision_of_a_request_can_be_made_a_result(void **state)
{
    struct fixture *f = *state;
    struct message message;

    review_encode(&f->ctx, &f->decision, &message);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    CLEANUP(json_done) cJSON *ending = cJSON_Duplicate(json_get(doc, "decision"), true);
    CLEANUP(mem_freep) char *text = NULL;
    cJSON_AddNumberToObject(ending, "schema_version", 1);
    cJSON_AddStringToObject(ending, "id", KEY "@3:reviewed");
    cJSON_AddStringToObject(ending, "key", KEY);
    cJSON_AddNumberToObject(ending, "revision", 3);
    cJSON_AddStringToObject(ending, "status", "reviewed");
    cJSON_AddStringToObject(ending, "decided_at", "2026-09-10T00:26:40.123Z");
    cJSON_AddItemToObject(ending, "review",
                          cJSON_Parse("{\"outcome\":\"edited\",\"final_label\":\"order\",\"final_text\":\"Hi\","
                                      "\"reviewer_ref\":\"eve\",\"seconds\":12.5,\"edit_distance\":0.4}"));
    text = json_text(ending);
    schema_must_fit("schemas/result.v1.json", text);
    message_free(&message);
}

static void a_closing_names_what_came(void **state)
{
    struct fixture *f = *state;
    struct message message;

    review_close_encode(&f->ctx, "superseded", &message);
    schema_must_fit("schemas/review.v1.json", message.value);
    assert_string_equal(header(&message, "ce_id"), KEY "@3:close:triage.tickets/4/1234567890123");
    message_free(&message);
    f->ctx.revision = 0;
    review_close_encode(&f->ctx, "withdrawn", &message);
    schema_must_fit("schemas/review.v1.json", message.value);
    CLEANUP(json_done) cJSON *doc = parsed(&message);
    assert_true(cJSON_IsNull(json_get(doc, "revision")));
    message_free(&message);
}

/* ---- dead letters ---- */

static const struct err bad = {
    .class = ERR_PERMANENT, .reason = "json_syntax", .text = "an unexpected character at byte 7"};
static const struct input_position position = {"triage.tickets", 2, 99};

static void dead_letter_headers_fit(const struct message *message)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(mem_freep) char *text = NULL;

    for (size_t i = 0; i < message->n_headers; i++) {
        if (strncmp(message->header_names[i], "triaged_", 8) == 0)
            cJSON_AddStringToObject(doc, message->header_names[i], message->header_values[i]);
    }
    text = json_text(doc);
    schema_must_fit("schemas/deadletter.v1.json", text);
}

static void a_dead_letter_keeps_key_bytes_and_headers(void **state)
{
    const struct record_header headers[] = {{"x", "a\0b", 3}, {"triaged_reason", "older", 5}, {"none", NULL, 0}};
    const struct record in = {"k\0y", 3, "\0\1{", 3, headers, 3};
    struct message message;

    (void)state;
    deadletter_encode(&in, &position, &bad, "decode", 1000, &message);
    dead_letter_headers_fit(&message);
    assert_int_equal(message.key_len, 3);
    assert_memory_equal(message.key, "k\0y", 3);
    assert_int_equal(message.value_len, 3);
    assert_memory_equal(message.value, "\0\1{", 3);
    assert_string_equal(header(&message, "triaged_reason"), "json_syntax");
    assert_string_equal(header(&message, "triaged_stage"), "decode");
    assert_string_equal(header(&message, "triaged_offset"), "99");
    assert_string_equal(header(&message, "triaged_truncated"), "false");
    assert_string_equal(header(&message, "none"), "");
    assert_string_equal(header(&message, "x"), "a");
    message_free(&message);
}

static void a_dead_letter_too_large_is_cut_and_says_so(void **state)
{
    const struct record in = {NULL, 0, "0123456789", 10, NULL, 0};
    struct message message;

    (void)state;
    deadletter_encode(&in, &position, &bad, "produce", 4, &message);
    dead_letter_headers_fit(&message);
    assert_null(message.key);
    assert_int_equal(message.value_len, 4);
    assert_string_equal(header(&message, "triaged_truncated"), "true");
    assert_string_equal(header(&message, "triaged_original_size"), "10");
    assert_string_equal(header(&message, "triaged_sha256"),
                        "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882");
    message_free(&message);
}

static void a_dead_tombstone_stays_without_a_value(void **state)
{
    const struct record in = {"", 0, NULL, 0, NULL, 0};
    struct message message;

    (void)state;
    deadletter_encode(&in, &position, &bad, "decode", 1000, &message);
    dead_letter_headers_fit(&message);
    assert_null(message.value);
    assert_non_null(message.key);
    message_free(&message);
}

static void huge_keys_and_headers_do_not_make_a_dead_letter_undeliverable(void **state)
{
    CLEANUP(mem_freep) char *huge = mem_alloc(100000);
    const struct record_header headers[] = {{"big", huge, 100000}, {"small", "1", 1}};
    const struct record in = {huge, 100000, "{", 1, headers, 2};
    struct message message;

    (void)state;
    memset(huge, 'x', 100000);
    deadletter_encode(&in, &position, &bad, "decode", 1000, &message);
    dead_letter_headers_fit(&message);
    assert_null(message.key);
    assert_null(header(&message, "big"));
    assert_string_equal(header(&message, "small"), "1");
    assert_string_equal(header(&message, "triaged_headers_dropped"), "1");
    assert_string_equal(header(&message, "triaged_key_size"), "100000");
    message_free(&message);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_result_fits_its_schema_and_carries_cloud_events_headers),
        WITH_FIXTURE(a_result_says_what_was_decided),
        WITH_FIXTURE(a_result_says_what_the_model_saw_and_what_it_answered),
        WITH_FIXTURE(the_same_decision_gives_the_same_bytes),
        WITH_FIXTURE(every_status_makes_a_valid_result_with_an_id_of_its_own),
        WITH_FIXTURE(an_empty_decision_makes_a_valid_result),
        WITH_FIXTURE(a_number_that_is_none_is_written_as_zero),
        WITH_FIXTURE(a_tombstone_has_no_revision_and_its_position_in_the_id),
        WITH_FIXTURE(the_longest_id_is_not_cut),
        WITH_FIXTURE(a_failed_result_says_why),
        WITH_FIXTURE(a_review_request_carries_ticket_decision_and_routing),
        WITH_FIXTURE(a_request_without_a_class_takes_the_policys_defaults),
        WITH_FIXTURE(the_decision_of_a_request_can_be_made_a_result),
        WITH_FIXTURE(a_closing_names_what_came),
        cmocka_unit_test(a_dead_letter_keeps_key_bytes_and_headers),
        WITH_FIXTURE(a_guessed_priority_orders_what_states_none_unless_it_is_unsure),
        cmocka_unit_test(a_dead_letter_too_large_is_cut_and_says_so),
        cmocka_unit_test(a_dead_tombstone_stays_without_a_value),
        cmocka_unit_test(huge_keys_and_headers_do_not_make_a_dead_letter_undeliverable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
