/* Policies: what is taken, what is refused and how it is said, and which rule matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "temp_file.h"
#include "triage/policy.h"

#define HEAD                                                                                                           \
    "version: 1\nprofile: shop\nowner: Ada\nexception_owner: Bob\nreview_group: desk\nreview_cadence: monthly\n"       \
    "success_measure: {metric: wrong answers, target: below 5 %}\ndata_source: audits\nlanguages: [en, de]\n"
#define PROMISE "promise: {max_error: 0.05, confidence: 0.9}\n"
#define CLASSES                                                                                                        \
    "classes:\n"                                                                                                       \
    "  - {label: order, description: Where is it, risk: low, mode: auto, threshold: 0.8, sla_minutes: 30,\n"           \
    "     guideline: Look it up., macro: {en: order-en, de: order-de}}\n"                                              \
    "  - {label: spam, description: Junk, risk: low, mode: auto, action: ignore}\n"

static int load(const char *text, struct policy **ret_policy, struct err *reterr)
{
    char path[TEMP_PATH_MAX];
    int rc;

    temp_file(text, path);
    rc = policy_load(path, ret_policy, reterr);
    unlink(path);
    return rc;
}

static struct policy *good(const char *text)
{
    struct policy *policy = NULL;
    struct err err = {0};

    if (load(text, &policy, &err) < 0)
        fail_msg("%s", err.text);
    return policy;
}

static void refused(const char *text, const char *words)
{
    struct policy *policy = NULL;
    struct err err = {0};

    if (load(text, &policy, &err) == 0)
        fail_msg("taken:\n%s", text);
    assert_null(policy);
    assert_int_equal(err.sysexit, EX_CONFIG);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

static void a_policy_is_read(void **state)
{
    struct policy *policy = good(HEAD PROMISE "default_sla_minutes: 99\n" CLASSES);
    const struct policy_class *order = policy_class_find(policy, "order");
    const struct policy_class *spam = policy_class_at(policy, 1);

    (void)state;
    assert_string_equal(policy_profile(policy), "shop");
    assert_string_equal(policy_owner(policy), "Ada");
    assert_string_equal(policy_review_group(policy), "desk");
    assert_int_equal(strlen(policy_hash(policy)), 64);
    assert_int_equal(policy_class_count(policy), 2);
    assert_int_equal(order->mode, MODE_AUTO);
    assert_true(order->threshold > 0.79 && order->threshold < 0.81);
    assert_int_equal(order->sla_minutes, 30);
    assert_string_equal(order->macro_de, "order-de");
    assert_int_equal(spam->action, ACTION_IGNORE);
    assert_int_equal(spam->sla_minutes, 99);
    assert_string_equal(spam->guideline, "");
    assert_string_equal(policy_macro(policy, "order", "en"), "order-en");
    assert_null(policy_macro(policy, "spam", "en"));
    assert_null(policy_macro(policy, "order", "fr"));
    assert_null(policy_class_at(policy, 2));
    assert_true(policy_language_supported(policy, "de"));
    assert_false(policy_language_supported(policy, "fr"));
    assert_true(policy_promise_max_error(policy) < 0.051 && policy_promise_confidence(policy) > 0.89);
    policy_free(policy);
}

static void a_policy_without_any_of_its_people_is_refused(void **state)
{
    static const char *const keys[] = {
        "version: ",         "owner: ",       "exception_owner: ", "review_group: ", "review_cadence: ",
        "success_measure: ", "data_source: ", "languages: ",       "promise: ",      "profile: "};
    static const char text[] = HEAD PROMISE CLASSES;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        CLEANUP(buf_free) struct buf without = {0};
        const char *at = strncmp(text, keys[i], strlen(keys[i])) == 0 ? text : NULL;
        char words[64];
        for (const char *p = text; !at && (p = strchr(p, '\n')); p++) {
            if (strncmp(p + 1, keys[i], strlen(keys[i])) == 0)
                at = p + 1;
        }
        buf_add(&without, text, (size_t)(at - text));
        buf_puts(&without, strchr(at, '\n') + 1);
        snprintf(words, sizeof words, "add the key '%.*s'", (int)strlen(keys[i]) - 2, keys[i]);
        refused(without.data, words);
    }
}

static const struct {
    const char *text, *words;
} faults[] = {
    {HEAD PROMISE CLASSES "clases: []\n", ":15: unknown key 'clases'"},
    {HEAD "promise: {max_error: 0.05, confidence: 0.9, words: 1}\n" CLASSES, ":10: promise: unknown key 'words'"},
    {HEAD "promise: {max_error: 0.05}\n" CLASSES, "promise: add the key 'confidence'"},
    {HEAD "promise: {max_error: 5 %, confidence: 0.9}\n" CLASSES,
     "promise.max_error: give a number from 0.0001 to 0.5"},
    {HEAD "promise: {max_error: 0.9, confidence: 0.9}\n" CLASSES, "promise.max_error: give a number"},
    {HEAD "promise: soon\n" CLASSES, "promise: give a group"},
    {HEAD PROMISE "owner: Eve\n" CLASSES, "the key owner stands here twice"},
    {HEAD PROMISE "classes: []\n", "classes: give 1 to 1024 entries"},
    {HEAD PROMISE "classes: {a: 1}\n", "classes: give a list"},
    {HEAD PROMISE "classes: [order]\n", "classes[0]: give a group"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low}]\n", "classes[0]: add the key 'mode'"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: none, mode: off}]\n",
     "classes[0].risk: give one of low, medium, high, not 'none'"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low, mode: on}]\n", "classes[0].mode: give one of off"},
    {HEAD PROMISE "classes: [{label: A b, description: x, risk: low, mode: off}]\n", "label: give small letters"},
    {HEAD PROMISE "classes: [{label: '', description: x, risk: low, mode: off}]\n", "classes[0].label: give 1 to 63"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low, mode: off, threshold: 1.1}]\n",
     "threshold: give a number"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low, mode: off, sla_minutes: 1.5}]\n",
     "give a whole number"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low, mode: off, macro: {fr: m}}]\n",
     "macro.fr: give one of the policy's languages"},
    {HEAD PROMISE "classes: [{label: a, description: x, risk: low, mode: off, macro: {en: ''}}]\n",
     "macro.en: give the id"},
    {HEAD PROMISE CLASSES "  - {label: order, description: x, risk: low, mode: off}\n", "the label order is taken"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {}, then: review}]\n", "rules[0].when: give at least one condition"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {sender: x}, then: review}]\n", "rules[0].when: unknown key 'sender'"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: []}, then: review}]\n",
     "rules[0].when.tag: give 1 to 200 values"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: {x: 1}}, then: review}]\n", "rules[0].when.tag: give text"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {text_matches: '(x'}, then: review}]\n",
     "rules[0].when.text_matches: correct the pattern: missing closing parenthesis"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: answer}]\n",
     "rules[0].then: give one of review, ignore"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: review}, {id: a, when: {tag: y}, then: review}]\n",
     "the id a is taken"},
    {HEAD PROMISE "languages_: &a [en]\n" CLASSES, "anchors are not used"},
    {"version: 2\n", "version: give a whole number from 1 to 1"},
    {"- a\n", "the file must hold 'key: value' lines"},
    {"a: [\n", ":2: "},
    {"a: 1\n---\nb: 2\n", "one YAML document"},
    {"a: \xFF\n", "invalid"},
    {"", "add the key 'version'"},
};

static void what_is_wrong_is_said_with_line_and_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        refused(faults[i].text, faults[i].words);
}

static void deep_nesting_is_refused(void **state)
{
    CLEANUP(buf_free) struct buf text = {0};

    (void)state;
    buf_puts(&text, "a: ");
    for (int i = 0; i < 2000; i++)
        buf_putc(&text, '[');
    refused(text.data, "nested deeper");
}

static void a_missing_file_is_said(void **state)
{
    struct policy *policy = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(policy_load("/nonexistent/policy.yaml", &policy, &err), -1);
    assert_int_equal(err.sysexit, EX_NOINPUT);
}

/* ---- rules ---- */

static const char ruled[] = HEAD PROMISE CLASSES
    "rules:\n"
    "  - {id: gas, when: {text_matches: ['smell of gas', 'gasgeruch']}, then: review, reason: Safety}\n"
    "  - {id: news, when: {subject_matches: '^newsletter\\b', channel: email}, then: ignore}\n"
    "  - {id: gold, when: {tier: [gold, platinum], tag: vip}, then: review}\n"
    "  - {id: swiss, when: {language: fr}, then: review}\n"
    "  - {id: umlaut, when: {text_matches: '\\b\xC3\xBC"
    "ber\\b'}, then: review}\n";

static struct ticket blank(void)
{
    return (struct ticket){.subject = "",
                           .body_text = "",
                           .language = "",
                           .channel = "",
                           .priority = "",
                           .requester = {"", "", "", "", ""}};
}

static const char *matched(const struct policy *policy, const struct ticket *ticket)
{
    struct rule_hit hit = {0};
    struct err err = {0};
    int rc = policy_match(policy, ticket, &hit, &err);

    assert_true(rc == 0 || rc == 1);
    assert_true(rc == 0 || hit.to_review != hit.to_ignore);
    return rc ? hit.id : "";
}

static void a_rule_needs_all_of_its_conditions_and_one_value_of_each(void **state)
{
    struct policy *policy = good(ruled);
    const char *tags[] = {"x", "VIP"};
    struct ticket t = blank();

    (void)state;
    assert_string_equal(matched(policy, &t), "");
    t.subject = "Newsletter May";
    assert_string_equal(matched(policy, &t), "");
    t.channel = "email";
    assert_string_equal(matched(policy, &t), "news");
    t = blank();
    t.requester.tier = "Platinum";
    assert_string_equal(matched(policy, &t), "");
    t.tags = tags;
    t.n_tags = 2;
    assert_string_equal(matched(policy, &t), "gold");
    t = blank();
    t.language = "fr-CH";
    assert_string_equal(matched(policy, &t), "swiss");
    policy_free(policy);
}

static void text_is_looked_for_in_subject_body_and_the_customers_messages(void **state)
{
    struct policy *policy = good(ruled);
    struct ticket_message messages[2] = {{"agent", "Is there a smell of gas?", ""}, {"customer", "no", ""}};
    struct ticket t = blank();

    (void)state;
    t.messages = messages;
    t.n_messages = 2;
    assert_string_equal(matched(policy, &t), "");
    messages[1].body_text = "GASGERUCH im Keller";
    assert_string_equal(matched(policy, &t), "gas");
    t = blank();
    t.subject = "Smell of gas";
    assert_string_equal(matched(policy, &t), "gas");
    t = blank();
    t.body_text = "da steht \xC3\x9C"
                  "BER alles";
    assert_string_equal(matched(policy, &t), "umlaut");
    policy_free(policy);
}

static void the_first_matching_rule_decides(void **state)
{
    struct policy *policy = good(ruled);
    struct ticket t = blank();

    (void)state;
    t.subject = "newsletter: a smell of gas";
    t.channel = "email";
    assert_string_equal(matched(policy, &t), "gas");
    policy_free(policy);
}

static void a_pattern_that_runs_away_is_stopped(void **state)
{
    struct policy *policy =
        good(HEAD PROMISE CLASSES "rules: [{id: slow, when: {text_matches: '(a+)+$'}, then: review}]\n");
    CLEANUP(mem_freep) char *text = mem_alloc(50002);
    struct ticket t = blank();
    struct rule_hit hit;
    struct err err = {0};

    (void)state;
    memset(text, 'a', 50000);
    text[50000] = 'b';
    t.body_text = text;
    assert_int_equal(policy_match(policy, &t, &hit, &err), -1);
    assert_non_null(strstr(err.text, "slow"));
    policy_free(policy);
}

static void a_very_long_text_is_cut_between_characters(void **state)
{
    struct policy *policy = good(ruled);
    CLEANUP(buf_free) struct buf text = {0};
    struct ticket t = blank();

    (void)state;
    buf_putc(&text, 'x');
    for (int i = 0; i < POLICY_MATCH_BYTES_MAX; i++)
        buf_puts(&text, "\xE2\x82\xAC");
    t.body_text = text.data;
    assert_string_equal(matched(policy, &t), "");
    policy_free(policy);
}

static void the_sample_policy_loads(void **state)
{
    static const char path[] = "deploy/sample/policy.yaml";
    struct policy *policy = NULL;
    struct err err = {0};

    (void)state;
    if (access(path, R_OK) < 0)
        skip();
    if (policy_load(path, &policy, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(policy_class_count(policy) >= 12);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_read),
        cmocka_unit_test(a_policy_without_any_of_its_people_is_refused),
        cmocka_unit_test(what_is_wrong_is_said_with_line_and_key),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_missing_file_is_said),
        cmocka_unit_test(a_rule_needs_all_of_its_conditions_and_one_value_of_each),
        cmocka_unit_test(text_is_looked_for_in_subject_body_and_the_customers_messages),
        cmocka_unit_test(the_first_matching_rule_decides),
        cmocka_unit_test(a_pattern_that_runs_away_is_stopped),
        cmocka_unit_test(a_very_long_text_is_cut_between_characters),
        cmocka_unit_test(the_sample_policy_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
