/* The schemas and the code say the same: limits, words, verdicts; and the docs list every code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema_check.h"
#include "triage/decision.h"
#include "triage/draft.h"
#include "policy/profiles.h"
#include "policy/words.h"
#include "triage/policy.h"
#include "triage/result.h"
#include "triage/ticket.h"

#define KEY "acme/zendesk/eu/77"

/* ---- limits ---- */

static const struct {
    const char *file, *path; /* steps through members and definitions, separated by blanks */
    double limit;
} limits[] = {
    {"schemas/ticket.v1.json", "properties tenant maxLength", TICKET_PART_MAX},
    {"schemas/ticket.v1.json", "properties ticket_id maxLength", TICKET_PART_MAX},
    {"schemas/ticket.v1.json", "properties source properties system maxLength", TICKET_PART_MAX},
    {"schemas/ticket.v1.json", "properties source properties instance maxLength", TICKET_PART_MAX},
    {"schemas/ticket.v1.json", "properties source properties url maxLength", TICKET_URL_MAX},
    {"schemas/ticket.v1.json", "properties revision maximum", (double)TICKET_REVISION_MAX},
    {"schemas/ticket.v1.json", "properties schema_version const", TICKET_SCHEMA_VERSION},
    {"schemas/ticket.v1.json", "properties subject maxLength", TICKET_SUBJECT_MAX},
    {"schemas/ticket.v1.json", "properties body_text maxLength", TICKET_BODY_MAX},
    {"schemas/ticket.v1.json", "properties language maxLength", TICKET_WORD_MAX},
    {"schemas/ticket.v1.json", "properties requester properties name maxLength", TICKET_TEXT_MAX},
    {"schemas/ticket.v1.json", "properties tags maxItems", TICKET_TAGS_MAX},
    {"schemas/ticket.v1.json", "properties messages maxItems", TICKET_MESSAGES_MAX},
    {"schemas/ticket.v1.json", "properties messages items properties body_text maxLength", TICKET_BODY_MAX},
    {"schemas/ticket.v1.json", "properties attachments maxItems", TICKET_ATTACHMENTS_MAX},
    {"schemas/ticket.v1.json", "properties custom_fields maxProperties", TICKET_CUSTOM_FIELDS_MAX},
    {"schemas/result.v1.json", "properties schema_version const", RESULT_SCHEMA_VERSION},
    {"schemas/result.v1.json", "properties id maxLength", RESULT_ID_MAX - 1},
    {"schemas/result.v1.json", "properties key maxLength", TICKET_KEY_MAX - 1},
    {"schemas/result.v1.json", "properties label maxLength", LABEL_MAX - 1},
    {"schemas/result.v1.json", "properties alternatives maxItems", ALTERNATIVES_MAX},
    {"schemas/result.v1.json", "properties reasons maxItems", REASONS_MAX},
    {"schemas/result.v1.json", "properties rule_id maxLength", RULE_ID_MAX - 1},
    {"schemas/result.v1.json", "properties draft properties citations maxItems", CITATIONS_MAX},
    {"schemas/result.v1.json", "properties draft properties macro_id maxLength", ARTICLE_ID_MAX - 1},
    {"schemas/article.v1.json", "properties id maxLength", ARTICLE_ID_MAX - 1},
    {"schemas/article.v1.json", "properties body maxLength", ARTICLE_BYTES_MAX},
    {"schemas/result.v1.json", "properties context properties articles maxItems", DRAFT_ARTICLES_MAX},
    {"schemas/result.v1.json", "properties recorded properties model_answer maxLength", DRAFT_RECORDED_BYTES_MAX},
    {"schemas/result.v1.json", "properties recorded properties nonce maxLength", DRAFT_NONCE_MAX - 1},
    {"schemas/result.v1.json", "properties input properties topic maxLength", INPUT_TOPIC_MAX},
    {"schemas/result.v1.json", "properties error properties text maxLength", ERR_TEXT_MAX - 1},
    {"schemas/review.v1.json", "$defs request properties review_id maxLength", RESULT_ID_MAX - 1},
    {"schemas/review.v1.json", "$defs request properties traceparent maxLength", TRACEPARENT_MAX - 1},
    {"schemas/policy.v1.json", "properties classes maxItems", LABELS_MAX},
    {"schemas/profiles.v1.json", "properties profiles maxItems", PROFILES_MAX},
    {"schemas/profiles.v1.json", "properties profiles items properties weight maximum", PROFILE_WEIGHT_MAX},
    {"schemas/policy.v1.json", "properties rules maxItems", POLICY_RULES_MAX},
    {"schemas/policy.v1.json", "properties rules items properties id maxLength", RULE_ID_MAX - 1},
    {"schemas/policy.v1.json", "properties classes items properties label maxLength", LABEL_MAX - 1},
    {"schemas/floor.v1.json", "properties classes maxItems", LABELS_MAX},
    {"schemas/floor.v1.json", "properties rules maxItems", POLICY_RULES_MAX},
    {"schemas/floor.v1.json", "properties classes items properties label maxLength", LABEL_MAX - 1},
    {"schemas/floor.v1.json", "properties classes items properties sla_minutes maximum", POLICY_SLA_MINUTES_MAX},
};

static const cJSON *at_path(const cJSON *root, const char *path)
{
    const cJSON *at = root;

    for (const char *p = path; *p;) {
        size_t len = strcspn(p, " ");
        CLEANUP(mem_freep) char *name = mem_strndup(p, len);
        at = json_get(at, name);
        p += len + (p[len] == ' ');
    }
    return at;
}

static void limits_in_the_schemas_are_the_named_constants(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        CLEANUP(json_done) cJSON *schema = schema_read(limits[i].file);
        const cJSON *limit = at_path(schema, limits[i].path);
        if (!limit || fabs(limit->valuedouble - limits[i].limit) > 0.5)
            fail_msg("%s: %s is not %.0f", limits[i].file, limits[i].path, limits[i].limit);
    }
}

/* ---- words ---- */

static void the_statuses_of_the_schema_are_those_of_the_code(void **state)
{
    CLEANUP(json_done) cJSON *schema = schema_read("schemas/result.v1.json");
    const cJSON *words = at_path(schema, "properties status enum");

    (void)state;
    assert_int_equal(cJSON_GetArraySize(words), STATUS_COUNT);
    for (int status = 0; status < STATUS_COUNT; status++) {
        CLEANUP(json_done) cJSON *word = cJSON_CreateString(result_status_name((enum result_status)status));
        assert_true(schema_among(words, word));
    }
}

static void the_events_of_the_schema_are_those_of_the_code(void **state)
{
    CLEANUP(json_done) cJSON *schema = schema_read("schemas/ticket.v1.json");
    const cJSON *words = at_path(schema, "properties event enum");

    (void)state;
    assert_int_equal(cJSON_GetArraySize(words), TICKET_WITHDRAWN + 1);
    for (int event = TICKET_CREATED; event <= TICKET_WITHDRAWN; event++) {
        CLEANUP(json_done) cJSON *word = cJSON_CreateString(ticket_event_name((enum ticket_event)event));
        assert_true(schema_among(words, word));
    }
}

static void a_review_repeats_the_decision_as_a_result_has_it(void **state)
{
    CLEANUP(json_done) cJSON *review = schema_read("schemas/review.v1.json");
    CLEANUP(json_done) cJSON *result = schema_read("schemas/result.v1.json");
    const cJSON *member;

    (void)state;
    cJSON_ArrayForEach(member, at_path(review, "$defs request properties decision properties"))
    {
        if (!cJSON_Compare(member, json_get(json_get(result, "properties"), member->string), true))
            fail_msg("%s differs between result.v1 and review.v1", member->string);
    }
}

/* ---- descriptions ---- */

static size_t described(const cJSON *schema, const char *where)
{
    const cJSON *child;
    size_t n = 0;

    cJSON_ArrayForEach(child, json_get(schema, "properties"))
    {
        if (!*json_str(child, "description", ""))
            fail_msg("%s: %s has no description", where, child->string);
        n += 1 + described(child, where);
    }
    cJSON_ArrayForEach(child, json_get(schema, "$defs")) n += described(child, where);
    if (json_get(schema, "items"))
        n += described(json_get(schema, "items"), where);
    return n;
}

static void every_property_is_described(void **state)
{
    static const char *const files[] = {"schemas/ticket.v1.json", "schemas/result.v1.json",
                                        "schemas/review.v1.json", "schemas/deadletter.v1.json", "schemas/article.v1.json",
                                        "schemas/policy.v1.json", "schemas/config.v1.json", "schemas/profiles.v1.json",
                                        "schemas/floor.v1.json"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        CLEANUP(json_done) cJSON *schema = schema_read(files[i]);
        assert_true(described(schema, files[i]) > 5);
    }
}

/* ---- verdicts ---- */

static const char whole[] =
    "{\"schema_version\":1,\"tenant\":\"acme\",\"source\":{\"system\":\"zendesk\",\"instance\":\"eu\",\"url\":\"https:/"
    "/x\"},"
    "\"ticket_id\":\"77\",\"revision\":3,\"event\":\"created\",\"subject\":\"s\",\"body_text\":\"b\",\"language\":"
    "\"en\","
    "\"channel\":\"email\",\"priority\":\"low\",\"requester\":{\"id\":\"1\",\"name\":\"n\",\"email\":\"e\",\"locale\":"
    "\"l\","
    "\"tier\":\"t\"},\"tags\":[\"a\"],\"custom_fields\":{\"x\":1},\"messages\":[{\"author\":\"customer\",\"body_text\":"
    "\"m\","
    "\"created_at\":\"2026-05-04T10:11:12Z\"}],\"attachments\":[{\"name\":\"a\",\"content_type\":\"c\",\"url\":\"u\","
    "\"size\":1}],\"created_at\":\"2026-05-04T10:11:12+02:00\",\"updated_at\":\"2026-05-04T10:11:12.5Z\"}";

/* Values that are put in the place of each member, one at a time. A number N makes N letters. */
static const char *const replacements[] = {"null",
                                           "true",
                                           "0",
                                           "-1",
                                           "1",
                                           "1.5",
                                           "2",
                                           "9007199254740991",
                                           "9007199254740993",
                                           "\"\"",
                                           "\"x\"",
                                           "\"agent\"",
                                           "\"withdrawn\"",
                                           "\"2026-05-04T10:11:12Z\"",
                                           "\"2026-05-04t10:11:12z\"",
                                           "\"2026-05-04T10:11:12.1234567890Z\"",
                                           "\"2026-05-04T10:11:12-0200\"",
                                           "[]",
                                           "{}",
                                           "[null]",
                                           "[\"\"]",
                                           "[{}]",
                                           "[\"x\",1]",
                                           "{\"system\":\"zendesk\"}"};
static const size_t lengths[] = {64, 65, 200, 201, 500, 501, 2000, 2001};

static size_t disagreements(const cJSON *schema, const cJSON *doc, const char *member)
{
    CLEANUP(mem_freep) char *text = json_text(doc);
    struct record in = {KEY, strlen(KEY), text, strlen(text), NULL, 0};
    struct ticket *ticket = NULL;
    struct ticket_identity identity;
    struct err err = {0};
    const char *why = "";
    bool taken = ticket_decode(&in, &ticket, &identity, &err) == 0;

    ticket_free(ticket);
    if (strcmp(err.reason, "key_mismatch") == 0)
        taken = true; /* the schema can't see the record's key */
    if (taken == schema_fits(schema, schema, doc, &why))
        return 0;
    print_error("%s: the code says %s (%s), the schema does not: %.200s\n", member, taken ? "good" : "bad", err.text,
                text);
    return 1;
}

static size_t replace_by_all(const cJSON *schema, cJSON *doc, cJSON *parent, const char *name)
{
    size_t wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(replacements) + ARRAY_LEN(lengths); i++) {
        char letters[2048] = "";
        cJSON *old = cJSON_DetachItemFromObjectCaseSensitive(parent, name);
        if (i < ARRAY_LEN(replacements))
            cJSON_AddItemToObject(parent, name, cJSON_Parse(replacements[i]));
        else
            cJSON_AddStringToObject(parent, name, memset(letters, 'a', lengths[i - ARRAY_LEN(replacements)]));
        wrong += disagreements(schema, doc, name);
        cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
        wrong += disagreements(schema, doc, name); /* and without the member */
        cJSON_AddItemToObject(parent, name, old);
    }
    return wrong;
}

static void decoder_and_schema_agree_on_every_member(void **state)
{
    static const char *const paths[] = {"", "source", "requester", "messages", "attachments"};
    CLEANUP(json_done) cJSON *schema = schema_read("schemas/ticket.v1.json");
    size_t wrong = 0, members = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        CLEANUP(json_done) cJSON *doc = cJSON_Parse(whole);
        cJSON *parent = *paths[i] ? cJSON_GetObjectItemCaseSensitive(doc, paths[i]) : doc;
        char names[32][32];
        size_t n = 0;
        if (cJSON_IsArray(parent))
            parent = cJSON_GetArrayItem(parent, 0);
        for (const cJSON *child = parent->child; child; child = child->next)
            snprintf(names[n++], sizeof names[0], "%s", child->string);
        for (size_t k = 0; k < n; k++, members++)
            wrong += replace_by_all(schema, doc, parent, names[k]);
    }
    assert_true(members > 25);
    assert_int_equal(wrong, 0);
}

static void counts_at_their_limits_are_judged_alike(void **state)
{
    static const struct {
        const char *name, *item;
        int most;
    } arrays[] = {{"tags", "\"t\"", TICKET_TAGS_MAX},
                  {"messages", "{}", TICKET_MESSAGES_MAX},
                  {"attachments", "{}", TICKET_ATTACHMENTS_MAX},
                  {"custom_fields", "1", TICKET_CUSTOM_FIELDS_MAX}};
    CLEANUP(json_done) cJSON *schema = schema_read("schemas/ticket.v1.json");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++) {
        CLEANUP(json_done) cJSON *doc = cJSON_Parse(whole);
        bool object = strcmp(arrays[i].name, "custom_fields") == 0;
        cJSON *into = object ? cJSON_CreateObject() : cJSON_CreateArray();
        cJSON_ReplaceItemInObjectCaseSensitive(doc, arrays[i].name, into);
        for (int n = 0; n <= arrays[i].most; n++) {
            char name[16];
            snprintf(name, sizeof name, "k%d", n);
            if (n == arrays[i].most)
                assert_int_equal(disagreements(schema, doc, arrays[i].name), 0);
            if (object)
                cJSON_AddItemToObject(into, name, cJSON_Parse(arrays[i].item));
            else
                cJSON_AddItemToArray(into, cJSON_Parse(arrays[i].item));
        }
        assert_int_equal(disagreements(schema, doc, arrays[i].name), 0);
    }
}

/* ---- docs ---- */

static void row_stands(const char *docs, const char *code, const char *description)
{
    CLEANUP(buf_free) struct buf row = {0};

    buf_printf(&row, "| `%s` | %s |\n", code, description);
    if (!strstr(docs, buf_str(&row)))
        fail_msg("docs/SCHEMAS.md lacks the row: %s", buf_str(&row));
}

static void the_docs_list_every_reason(void **state)
{
    CLEANUP(buf_free) struct buf docs = {0};
    char chunk[4096];
    FILE *file = fopen("docs/SCHEMAS.md", "r");
    size_t n;

    (void)state;
    assert_non_null(file);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(&docs, chunk, n);
    fclose(file);
    for (int reason = 0; reason < REASON_COUNT; reason++)
        row_stands(docs.data, reason_name((enum reason)reason), reason_description((enum reason)reason));
    for (size_t i = 0; deadletter_reason_at(i); i++)
        row_stands(docs.data, deadletter_reason_at(i), deadletter_reason_description(i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_in_the_schemas_are_the_named_constants),
        cmocka_unit_test(the_statuses_of_the_schema_are_those_of_the_code),
        cmocka_unit_test(the_events_of_the_schema_are_those_of_the_code),
        cmocka_unit_test(a_review_repeats_the_decision_as_a_result_has_it),
        cmocka_unit_test(every_property_is_described),
        cmocka_unit_test(decoder_and_schema_agree_on_every_member),
        cmocka_unit_test(counts_at_their_limits_are_judged_alike),
        cmocka_unit_test(the_docs_list_every_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
