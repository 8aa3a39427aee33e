/* The gate in front of cJSON, and the readers of members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

static const struct json_limits limits = {4096, 4, 50};

#define TEXT(s) s, sizeof(s) - 1

static const struct {
    const char *bytes;
    size_t len;
    const char *reason; /* "" when the document is good */
} cases[] = {
    {TEXT("{}"), ""},
    {TEXT(" [1, -0.5, 2e3, true, false, null, \"x\"]\r\n\t"), ""},
    {TEXT("\"\\u00e4\\ud83d\\ude00\\n\\/\""), ""},
    {TEXT("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}"), ""},
    {TEXT("\"\xF0\x9F\x98\x80\xC3\xA4\xED\x9F\xBF\xF4\x8F\xBF\xBF\""), ""},
    {TEXT("0"), ""},
    {TEXT(""), "payload_not_json"},
    {TEXT("  \n"), "payload_not_json"},
    {TEXT("<html>"), "payload_not_json"},
    {TEXT("\xEF\xBB\xBF{}"), "payload_not_json"},
    {TEXT("\0\0\0\0\1{}"), "payload_not_json"},
    {TEXT("NaN"), "payload_not_json"},
    {TEXT("{"), "json_syntax"},
    {TEXT("{\"a\""), "json_syntax"},
    {TEXT("{\"a\":1,}"), "json_syntax"},
    {TEXT("{a:1}"), "json_syntax"},
    {TEXT("[1,]"), "json_syntax"},
    {TEXT("[1 2]"), "json_syntax"},
    {TEXT("[1}"), "json_syntax"},
    {TEXT("{} {}"), "json_syntax"},
    {TEXT("[01]"), "json_syntax"},
    {TEXT("[1.]"), "json_syntax"},
    {TEXT("[-]"), "json_syntax"},
    {TEXT("[1e]"), "json_syntax"},
    {TEXT("[1e999]"), "json_syntax"},
    {TEXT("[1111111111111111111111111111111111111111111111111111111111111]"), "json_syntax"},
    {TEXT("[tru]"), "json_syntax"},
    {TEXT("[nul"), "json_syntax"},
    {TEXT("\"a\tb\""), "json_syntax"},
    {TEXT("\"\\x\""), "json_syntax"},
    {TEXT("\"\\u12g4\""), "json_syntax"},
    {TEXT("\"\\u12"), "json_syntax"},
    {TEXT("\"open"), "json_syntax"},
    {TEXT("\"\\"), "json_syntax"},
    {TEXT("\"a\0b\""), "nul_character"},
    {TEXT("{\0}"), "nul_character"},
    {TEXT("\"\\u0000\""), "nul_character"},
    {TEXT("{\"a\\u0000\":1}"), "nul_character"},
    {TEXT("\"\xC0\xAF\""), "utf8_invalid"},         /* overlong slash */
    {TEXT("\"\xE0\x80\xAF\""), "utf8_invalid"},     /* overlong in three */
    {TEXT("\"\xF0\x80\x80\xAF\""), "utf8_invalid"}, /* overlong in four */
    {TEXT("\"\xED\xA0\x80\""), "utf8_invalid"},     /* a surrogate */
    {TEXT("\"\xF4\x90\x80\x80\""), "utf8_invalid"}, /* above U+10FFFF */
    {TEXT("\"\x80\""), "utf8_invalid"},
    {TEXT("\"\xC3\""), "utf8_invalid"},
    {TEXT("\"\xC3"), "utf8_invalid"},
    {TEXT("\"\\ud800\""), "utf8_invalid"},
    {TEXT("\"\\ud800\\u0041\""), "utf8_invalid"},
    {TEXT("\"\\udc00\""), "utf8_invalid"},
    {TEXT("{\"a\":1,\"a\":2}"), "duplicate_key"},
    {TEXT("{\"a\":1,\"\\u0061\":2}"), "duplicate_key"},
    {TEXT("{\"\xC3\xA4\":1,\"\\u00E4\":2}"), "duplicate_key"},
    {TEXT("{\"\":1,\"\":2}"), "duplicate_key"},
    {TEXT("[[[[1]]]]"), ""},
    {TEXT("[[[[[1]]]]]"), "too_deep"},
    {TEXT("[[[[["), "too_deep"},
    {TEXT("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"),
     "too_many_tokens"},
};

static void every_document_passes_or_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = {0};
        int rc = json_gate(cases[i].bytes, cases[i].len, &limits, &err);
        if ((rc == 0) != (*cases[i].reason == '\0') || strcmp(err.reason, cases[i].reason) != 0)
            fail_msg("case %zu (%s): expected '%s', got '%s' (%s)", i, cases[i].bytes, cases[i].reason, err.reason,
                     err.text);
    }
}

static void whatever_the_gate_passes_cjson_parses_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(json_done) cJSON *doc = NULL;
        struct err err = {0};
        if (*cases[i].reason == '\0')
            assert_int_equal(json_parse(cases[i].bytes, cases[i].len, &limits, &doc, &err), 0);
        assert_true((doc != NULL) == (*cases[i].reason == '\0'));
    }
}

/* What is cut off is never taken for a whole document, and nothing is read behind the end. */
static void no_prefix_of_an_object_is_a_document(void **state)
{
    static const char text[] = "{\"k\\u00e4\":[1.5e3,true,null,\"\xC3\xA4\\ud83d\\ude00\"],\"b\":{\"c\":-0}}";

    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        struct err err = {0};
        CLEANUP(mem_freep) char *exact = mem_dup(text, len);
        assert_int_equal(json_gate(exact, len, &limits, &err), -1);
        assert_true(err.class == ERR_PERMANENT && *err.reason);
    }
    assert_int_equal(json_gate(text, sizeof text - 1, &limits, &(struct err){0}), 0);
}

static void size_is_checked_before_anything_else(void **state)
{
    char bytes[4097];
    struct err err = {0};

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(json_gate(bytes, sizeof bytes, &limits, &err), -1);
    assert_string_equal(err.reason, "too_large");
}

static void many_different_keys_are_no_duplicates(void **state)
{
    const struct json_limits wide = {1 << 20, 4, 20000};
    CLEANUP(buf_free) struct buf text = {0};
    struct err err = {0};

    (void)state;
    buf_puts(&text, "{\"k\":0");
    for (int i = 0; i < 9000; i++)
        buf_printf(&text, ",\"k%d\":%d", i, i);
    buf_puts(&text, "}");
    assert_int_equal(json_gate(text.data, text.len, &wide, &err), 0);
    text.len--;
    buf_puts(&text, ",\"k4711\":1}");
    assert_int_equal(json_gate(text.data, text.len, &wide, &err), -1);
    assert_string_equal(err.reason, "duplicate_key");
}

static void an_error_never_quotes_the_document(void **state)
{
    static const char text[] = "{\"secret-key\":\"canary\",\"secret-key\":\"canary\"}";
    struct err err = {0};

    (void)state;
    assert_int_equal(json_gate(text, sizeof text - 1, &limits, &err), -1);
    assert_null(strstr(err.text, "secret"));
    assert_null(strstr(err.text, "canary"));
}

static void members_of_another_type_give_the_fallback(void **state)
{
    static const char text[] = "{\"s\":\"x\",\"n\":1.5,\"i\":7,\"b\":true,\"S\":\"y\",\"big\":9007199254740993e3}";
    CLEANUP(json_done) cJSON *doc = NULL;
    struct err err = {0};
    int64_t value = 42;

    (void)state;
    assert_int_equal(json_parse(text, sizeof text - 1, &limits, &doc, &err), 0);
    assert_string_equal(json_str(doc, "s", "-"), "x");
    assert_string_equal(json_str(doc, "S", "-"), "y");
    assert_string_equal(json_str(doc, "n", "-"), "-");
    assert_string_equal(json_str(NULL, "n", "-"), "-");
    assert_true(json_num(doc, "n", 0) > 1.4 && json_num(doc, "s", 3) > 2.9);
    assert_true(json_bool(doc, "b", false) && json_bool(doc, "i", true));
    assert_int_equal(json_int64(doc, "n", &value), -1);
    assert_int_equal(json_int64(doc, "big", &value), -1);
    assert_int_equal(value, 42);
    assert_int_equal(json_int64(doc, "i", &value), 0);
    assert_int_equal(value, 7);
}

static void a_document_is_written_as_it_was_read(void **state)
{
    static const char text[] = "{\"a\":[1,2.5,true,null,\"\xC3\xA4\"],\"b\":{}}";
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *again = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(json_parse(text, sizeof text - 1, &limits, &doc, &err), 0);
    again = json_text(doc);
    assert_string_equal(again, text);
}

static void numbers_come_out_as_they_went_in(void **state)
{
    static const char text[] = "[9007199254740991,-9007199254740991,4503599627370497,1789000000123456,0,0.1,2.5,1e+300,"
                               "1.7976931348623157e+308,0.30000000000000004,123456.789,-1e-07]";
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *again = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(json_parse(text, sizeof text - 1, &limits, &doc, &err), 0);
    again = json_text(doc);
    assert_string_equal(again, text);
}

static void a_list_of_strings_is_searched_for_one(void **state)
{
    static const char text[] = "{\"reasons\":[1,\"mode_auto\"],\"label\":\"mode_auto\"}";
    CLEANUP(json_done) cJSON *doc = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(json_parse(text, sizeof text - 1, &limits, &doc, &err), 0);
    assert_true(json_lists(doc, "reasons", "mode_auto"));
    assert_false(json_lists(doc, "reasons", "mode_hold"));
    assert_false(json_lists(doc, "label", "mode_auto"));
    assert_false(json_lists(doc, "missing", "mode_auto"));
}

static void strings_are_escaped_where_they_must(void **state)
{
    static const char text[] = "\"\\b\\t\\n\\f\\r\\u000b\\u001f\\\\ \\\" / \x7F \xF0\x9F\x98\x80\"";
    CLEANUP(json_done) cJSON *doc = NULL;
    CLEANUP(mem_freep) char *again = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(json_parse(text, sizeof text - 1, &limits, &doc, &err), 0);
    again = json_text(doc);
    assert_string_equal(again, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_passes_or_is_refused_with_its_reason),
        cmocka_unit_test(whatever_the_gate_passes_cjson_parses_whole),
        cmocka_unit_test(no_prefix_of_an_object_is_a_document),
        cmocka_unit_test(size_is_checked_before_anything_else),
        cmocka_unit_test(many_different_keys_are_no_duplicates),
        cmocka_unit_test(an_error_never_quotes_the_document),
        cmocka_unit_test(members_of_another_type_give_the_fallback),
        cmocka_unit_test(a_document_is_written_as_it_was_read),
        cmocka_unit_test(numbers_come_out_as_they_went_in),
        cmocka_unit_test(strings_are_escaped_where_they_must),
        cmocka_unit_test(a_list_of_strings_is_searched_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
