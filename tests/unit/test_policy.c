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

static void staffing_is_given_as_json(void **state)
{
    struct policy *policy = good(HEAD PROMISE CLASSES
                                 "staffing: {zone: UTC, shifts: [{group: desk, days: [mon, sun], from: '08:30', to: '24:00', people: 2.5}]}\n");

    (void)state;
    assert_string_equal(policy_staffing(policy), "{\"shifts\":[{\"group\":\"desk\",\"from_minute\":510,\"to_minute\":1440,"
                                                 "\"people\":2.5,\"weekdays\":[1,7]}],\"zone\":\"UTC\"}");
    policy_free(policy);
    policy = good(HEAD PROMISE CLASSES);
    assert_string_equal(policy_staffing(policy), "");
    assert_int_equal(policy_relief(policy), REVIEW_NORMAL);
    policy_free(policy);
}

static void relief_is_given_only_where_it_is_named(void **state)
{
    static const char *const words[] = {"none", "thresholds", "defer"};

    (void)state;
    for (int i = REVIEW_NORMAL; i < REVIEW_STATES; i++) {
        CLEANUP(buf_free) struct buf text = {0};
        struct policy *policy;
        buf_puts(&text, HEAD PROMISE CLASSES);
        buf_printf(&text,
                   "staffing: {zone: UTC, relief: %s, shifts: [{group: desk, days: [mon], from: '08:30', to: '24:00', "
                   "people: 1}]}\n",
                   words[i]);
        policy = good(text.data);
        assert_int_equal(policy_relief(policy), i);
        policy_free(policy);
    }
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
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {planet: x}, then: review}]\n", "rules[0].when: unknown key 'planet'"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: []}, then: review}]\n",
     "rules[0].when.tag: give 1 to 200 values"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: {x: 1}}, then: review}]\n", "rules[0].when.tag: give text"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {text_matches: '(x'}, then: review}]\n",
     "rules[0].when.text_matches: correct the pattern: missing closing parenthesis"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: answer}]\n",
     "rules[0].then: give one of review, ignore"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: {}}]\n", "rules[0].then: give mode, group"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: {mode: on}}]\n", "mode: give one of off"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {label: order}, then: ignore}]\n",
     "rules[0].then: give review: a rule on label"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {probability: {least: 2, most: 1}}, then: review}]\n",
     "rules[0].when.probability: give least, most or both"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {business_hours: outside}, then: review}]\n",
     "rules[0].when.business_hours: add the key 'business_hours'"},
    {HEAD PROMISE CLASSES "business_hours: {zone: Mars/Base, days: [mon], from: '08:00', to: '09:00'}\n",
     "business_hours.zone: give a zone"},
    {HEAD PROMISE CLASSES "business_hours: {zone: ../../../etc/passwd, days: [mon], from: '08:00', to: '09:00'}\n",
     "business_hours.zone: give a zone"},
    {HEAD PROMISE CLASSES "business_hours: {zone: UTC, days: [mon], from: '08:00', to: '07:00'}\n",
     "business_hours: to: give a time after 08:00"},
    {HEAD PROMISE CLASSES "staffing: {zone: Mars/Base, shifts: [{group: g, days: [mon], from: '08:00', to: '09:00', people: 1}]}\n",
     "staffing.zone: give a zone"},
    {HEAD PROMISE CLASSES "staffing: {zone: UTC, shifts: [{group: g, days: [mo], from: '08:00', to: '09:00', people: 1}]}\n",
     "staffing.shifts[0]: days: give days such as mon"},
    {HEAD PROMISE CLASSES "staffing: {zone: UTC, shifts: [{group: g, days: [mon], from: '22:00', to: '06:00', people: 1}]}\n",
     "staffing.shifts[0]: to: give a time after 22:00; a night is two shifts"},
    {HEAD PROMISE CLASSES "staffing: {zone: UTC, shifts: [{group: g, days: [mon], from: '08:00', to: '09:00', people: 0}]}\n",
     "staffing.shifts[0].people"},
    {HEAD PROMISE CLASSES "staffing: {zone: UTC, shifts: []}\n", "staffing.shifts"},
    {HEAD PROMISE CLASSES "business_hours: {zone: UTC, days: [mo], from: '08:00', to: '09:00'}\n",
     "business_hours.days: give days such as mon"},
    {HEAD PROMISE CLASSES "rules: [{id: a, when: {tag: x}, then: review}, {id: a, when: {tag: y}, then: review}]\n",
     "the id a is taken"},
    {HEAD PROMISE "languages_: &a [en]\n" CLASSES, "anchors are not used"},
    {HEAD PROMISE "commitments: ['']\n" CLASSES, "commitments: give a sentence"},
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
    int rc = policy_match(policy, &(struct rule_view){.ticket = ticket, .language = "", .label = ""}, &hit, &err);

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
    assert_int_equal(policy_match(policy, &(struct rule_view){.ticket = &t, .language = "", .label = ""}, &hit, &err), -1);
    assert_non_null(strstr(err.text, "slow"));
    policy_free(policy);
}

static const char hours[] = HEAD PROMISE CLASSES
    "business_hours: {zone: Europe/Amsterdam, days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:30'}\n"
    "rules: [{id: night, when: {business_hours: outside}, then: review},\n"
    "  {id: day, when: {business_hours: inside}, then: review}]\n";

static void business_hours_follow_the_zone_through_summer_time(void **state)
{
    static const struct {
        const char *at, *rule;
    } times[] = {
        {"2026-01-05T08:00:00Z", "day"},        /* Monday, 9:00 in winter */
        {"2026-01-05T07:59:59Z", "night"},
        {"2026-07-06T07:00:00Z", "day"},        /* 9:00 in summer */
        {"2026-07-06T06:59:59.9Z", "night"},
        {"2026-07-06T15:29:00Z", "day"},
        {"2026-07-06T15:30:00Z", "night"},
        {"2026-07-06T09:00:00+02:00", "day"},
        {"2026-03-27T16:00:00Z", "day"},        /* Friday before the clocks change */
        {"2026-03-28T12:00:00Z", "night"},      /* Saturday */
        {"2026-03-30T07:30:00Z", "day"},        /* Monday after: 9:30 */
        {"2026-03-30T15:45:00Z", "night"},
        {"", ""},
        {"yesterday", ""},
    };
    struct policy *policy = good(hours);
    struct ticket t = blank();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        t.created_at = times[i].at;
        if (strcmp(matched(policy, &t), times[i].rule) != 0)
            fail_msg("%s: %s", times[i].at, matched(policy, &t));
    }
    policy_free(policy);
}

static const char changing[] = HEAD PROMISE CLASSES
    "rules:\n"
    "  - {id: sure, when: {label: order, probability: {most: 0.9}}, then: review}\n"
    "  - {id: desk, when: {sender: ['@bank.example', ceo@shop.example]}, then: {group: key-accounts, sla_minutes: 60}}\n"
    "  - {id: long, when: {messages: {least: 2}}, then: {mode: suggest, group: seniors, priority: high}}\n"
    "  - {id: german, when: {detected_language: de, label: [order, spam]}, then: {mode: shadow, sla_minutes: 90}}\n"
    "  - {id: low, when: {priority: low}, then: {priority: low}}\n";

static void a_rule_on_label_and_probability_runs_after_the_models(void **state)
{
    struct policy *policy = good(changing);
    struct ticket t = blank();
    struct rule_view view = {.ticket = &t, .language = "", .label = ""};
    struct rule_hit hit = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(policy_match(policy, &view, &hit, &err), 0);
    assert_int_equal(policy_match_after(policy, &view, &hit, &err), 0);
    view.label = "order";
    view.probability = 0.91;
    assert_int_equal(policy_match_after(policy, &view, &hit, &err), 0);
    view.probability = 0.9;
    assert_int_equal(policy_match(policy, &view, &hit, &err), 0);
    assert_int_equal(policy_match_after(policy, &view, &hit, &err), 1);
    assert_string_equal(hit.id, "sure");
    assert_true(hit.to_review);
    policy_free(policy);
}

static void changes_of_all_matching_rules_add_up_and_only_tighten(void **state)
{
    struct policy *policy = good(changing);
    struct ticket_message messages[2] = {{"customer", "", ""}, {"customer", "", ""}};
    struct ticket t = blank();
    struct rule_view view = {.ticket = &t, .language = "", .label = "order", .probability = 0.95};
    struct rule_changes changes;
    struct err err = {0};

    (void)state;
    assert_int_equal(policy_change(policy, &view, &changes, &err), 0);
    assert_int_equal(changes.n_ids, 0);
    assert_int_equal(changes.mode, MODE_AUTO);
    t.requester.email = "Jane@Bank.example";
    t.messages = messages;
    t.n_messages = 2;
    t.priority = "low";
    view.language = "de";
    assert_int_equal(policy_change(policy, &view, &changes, &err), 0);
    assert_int_equal(changes.n_ids, 4);
    assert_string_equal(changes.ids[1], "long");
    assert_int_equal(changes.mode, MODE_SHADOW);
    assert_string_equal(changes.group, "key-accounts");
    assert_string_equal(changes.priority, "high");
    assert_int_equal(changes.sla_minutes, 60);
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

/* ---- the floor ---- */

#define FLOOR "version: 1\nkind: floor\nowner: Eve\nreview_cadence: yearly\n"

static int load_on(const char *floor, const char *text, struct policy **ret_policy, struct err *reterr)
{
    char path[TEMP_PATH_MAX], floor_path[TEMP_PATH_MAX];
    int rc;

    temp_file(text, path);
    temp_file(floor, floor_path);
    rc = policy_load_on(path, floor_path, ret_policy, reterr);
    unlink(path);
    unlink(floor_path);
    return rc;
}

static const struct {
    const char *bounds, *words[3];
} looser[] = {
    {"promise: {max_error: 0.02}\n", {":10: promise.max_error: give 0.02 or less: 0.05 is looser", "says 0.02 at", ":5"}},
    {"promise: {confidence: 0.95}\n", {":10: promise.confidence: give 0.95 or more", "0.9 is looser", ":5"}},
    {"languages: [en]\n", {":9: languages: give en or a part of it", "en, de is looser", ":5"}},
    {"default_sla_minutes: 60\n", {"default_sla_minutes: give 60 or less", "1440 is looser", ":5"}},
    {"classes: [{label: order, mode: suggest}]\n",
     {":12: classes.order.mode: give suggest or less", "auto is looser", ":5"}},
    {"classes: [{label: order, risk: medium}]\n", {"classes.order.risk: give medium or more", "low is looser", ":5"}},
    {"classes: [{label: order, threshold: 0.9}]\n",
     {"classes.order.threshold: give 0.9 or more", "0.8 is looser", ":5"}},
    {"classes: [{label: spam, threshold: 0.95}]\n",
     {":14: classes.spam.threshold: give 0.95 or more", "0.9 is looser", ":5"}},
    {"classes: [{label: order, sla_minutes: 20}]\n",
     {"classes.order.sla_minutes: give 20 or less", "30 is looser", ":5"}},
    {"classes: [{label: spam, action: answer}]\n", {"classes.spam.action: give answer", "ignore is looser", ":5"}},
    {"classes: [{label: '*', sla_minutes: 60}]\n",
     {"classes.spam.sla_minutes: give 60 or less", "1440 is looser", ":5"}},
};

static void a_policy_looser_than_the_floor_is_refused_with_key_values_and_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(looser); i++) {
        CLEANUP(buf_free) struct buf floor = {0};
        struct policy *policy = NULL;
        struct err err = {0};
        buf_printf(&floor, FLOOR "%s", looser[i].bounds);
        assert_int_equal(load_on(floor.data, HEAD PROMISE CLASSES, &policy, &err), -1);
        assert_null(policy);
        assert_int_equal(err.sysexit, EX_CONFIG);
        for (size_t w = 0; w < ARRAY_LEN(looser[i].words); w++) {
            if (!strstr(err.text, looser[i].words[w]))
                fail_msg("'%s' does not say '%s'", err.text, looser[i].words[w]);
        }
    }
}

static void a_policy_as_tight_as_the_floor_or_tighter_is_taken(void **state)
{
    static const char floor[] = FLOOR "languages: [en, de, fr]\npromise: {max_error: 0.05, confidence: 0.8}\n"
                                      "classes: [{label: order, mode: auto, risk: low, threshold: 0.5, sla_minutes: 30},\n"
                                      "  {label: '*', threshold: 0.8}, {label: unknown_here, mode: off}]\n";
    struct policy *on = NULL, *alone = good(HEAD PROMISE CLASSES);
    struct err err = {0};

    (void)state;
    if (load_on(floor, HEAD PROMISE CLASSES, &on, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_not_equal(policy_hash(on), policy_hash(alone));
    assert_true(policy_class_find(on, "order")->threshold_floor == 0.8);
    assert_true(policy_class_find(alone, "order")->threshold_floor == 0);
    policy_free(on);
    policy_free(alone);
}

static const struct {
    const char *floor, *own, *words; /* words NULL: the policy is taken */
} reliefs[] = {
    {"none", "relief: defer, ", "staffing.relief: give none or less: defer is looser than the floor allows, which says none"},
    {"none", "relief: thresholds, ", "staffing.relief: give none or less: thresholds is looser"},
    {"thresholds", "relief: defer, ", "staffing.relief: give thresholds or less: defer is looser"},
    {"thresholds", "relief: thresholds, ", NULL},
    {"thresholds", "relief: none, ", NULL},
    {"thresholds", "", NULL}, /* the default is none */
    {"defer", "relief: defer, ", NULL},
};

static void the_floor_bounds_how_far_reviews_are_relieved(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(reliefs); i++) {
        CLEANUP(buf_free) struct buf floor = {0};
        CLEANUP(buf_free) struct buf text = {0};
        struct policy *policy = NULL;
        struct err err = {0};
        buf_printf(&floor, FLOOR "staffing: {relief: %s}\n", reliefs[i].floor);
        buf_puts(&text, HEAD PROMISE CLASSES);
        buf_printf(&text,
                   "staffing: {zone: Europe/Amsterdam, %sshifts: [{group: g, days: [mon], from: '09:00', to: '17:00', "
                   "people: 1}]}\n",
                   reliefs[i].own);
        if (load_on(floor.data, text.data, &policy, &err) < 0 && !reliefs[i].words)
            fail_msg("%s", err.text);
        if (reliefs[i].words && !strstr(err.text, reliefs[i].words))
            fail_msg("'%s' does not say '%s'", err.text, reliefs[i].words);
        assert_true(!policy == !!reliefs[i].words);
        policy_free(policy);
    }
}

static void the_floor_says_nothing_of_people_but_their_relief(void **state)
{
    struct policy *policy = NULL;
    struct err err = {0};

    (void)state;
    if (load_on(FLOOR "staffing: {relief: none}\n", HEAD PROMISE CLASSES, &policy, &err) < 0)
        fail_msg("%s", err.text);
    policy_free(policy);
    policy = NULL;
    assert_int_equal(load_on(FLOOR "staffing: {zone: Europe/Amsterdam}\n", HEAD PROMISE CLASSES, &policy, &err), -1);
    assert_non_null(strstr(err.text, "staffing"));
    assert_int_equal(load_on(FLOOR "staffing: {relief: some}\n", HEAD PROMISE CLASSES, &policy, &err), -1);
    assert_non_null(strstr(err.text, "relief"));
}

static void rules_of_the_floor_run_first_and_keep_their_ids(void **state)
{
    static const char floor[] = FLOOR "rules: [{id: danger, when: {text_matches: gas}, then: review}]\n";
    struct policy *policy = NULL;
    struct ticket t = blank();
    struct err err = {0};

    (void)state;
    t.body_text = "gas";
    assert_int_equal(load_on(floor, HEAD PROMISE CLASSES "rules: [{id: any, when: {text_matches: gas}, then: ignore}]\n",
                             &policy, &err),
                     0);
    assert_string_equal(matched(policy, &t), "danger");
    policy_free(policy);
    policy = NULL;
    assert_int_equal(load_on(floor, HEAD PROMISE CLASSES "rules: [{id: danger, when: {tag: x}, then: ignore}]\n", &policy,
                             &err),
                     -1);
    assert_non_null(strstr(err.text, "rules.danger: give the rule another id"));
}

static void a_floor_needs_an_owner_and_a_cadence(void **state)
{
    struct policy *policy = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(load_on("version: 1\nkind: floor\nowner: Eve\n", HEAD PROMISE CLASSES, &policy, &err), -1);
    assert_non_null(strstr(err.text, "add the key 'review_cadence'"));
    assert_int_equal(load_on("version: 1\nkind: floor\nreview_cadence: x\n", HEAD PROMISE CLASSES, &policy, &err), -1);
    assert_non_null(strstr(err.text, "add the key 'owner'"));
    assert_int_equal(load_on(HEAD PROMISE CLASSES, HEAD PROMISE CLASSES, &policy, &err), -1);
    assert_non_null(strstr(err.text, "unknown key 'profile'"));
}

static void the_sample_policy_stands_on_the_sample_floor(void **state)
{
    static const char path[] = "deploy/sample/policy.yaml";
    struct policy *policy = NULL;
    struct err err = {0};

    (void)state;
    if (access(path, R_OK) < 0)
        skip();
    if (policy_load_on(path, "deploy/sample/floor.yaml", &policy, &err) < 0)
        fail_msg("%s", err.text);
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

static void commitments_are_read_one_a_line(UNUSED void **state)
{
    struct policy *policy = good(HEAD PROMISE "commitments:\n  - We reply within one working day.\n  - Returns are free.\n" CLASSES);

    assert_string_equal(policy_commitments(policy), "We reply within one working day.\nReturns are free.\n");
    policy_free(policy);
    policy = good(HEAD PROMISE CLASSES);
    assert_string_equal(policy_commitments(policy), "");
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commitments_are_read_one_a_line),
        cmocka_unit_test(a_policy_is_read),
        cmocka_unit_test(staffing_is_given_as_json),
        cmocka_unit_test(relief_is_given_only_where_it_is_named),
        cmocka_unit_test(a_policy_without_any_of_its_people_is_refused),
        cmocka_unit_test(what_is_wrong_is_said_with_line_and_key),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_missing_file_is_said),
        cmocka_unit_test(a_rule_needs_all_of_its_conditions_and_one_value_of_each),
        cmocka_unit_test(text_is_looked_for_in_subject_body_and_the_customers_messages),
        cmocka_unit_test(the_first_matching_rule_decides),
        cmocka_unit_test(a_pattern_that_runs_away_is_stopped),
        cmocka_unit_test(business_hours_follow_the_zone_through_summer_time),
        cmocka_unit_test(a_rule_on_label_and_probability_runs_after_the_models),
        cmocka_unit_test(changes_of_all_matching_rules_add_up_and_only_tighten),
        cmocka_unit_test(a_very_long_text_is_cut_between_characters),
        cmocka_unit_test(a_policy_looser_than_the_floor_is_refused_with_key_values_and_lines),
        cmocka_unit_test(a_policy_as_tight_as_the_floor_or_tighter_is_taken),
        cmocka_unit_test(the_floor_bounds_how_far_reviews_are_relieved),
        cmocka_unit_test(the_floor_says_nothing_of_people_but_their_relief),
        cmocka_unit_test(rules_of_the_floor_run_first_and_keep_their_ids),
        cmocka_unit_test(a_floor_needs_an_owner_and_a_cadence),
        cmocka_unit_test(the_sample_policy_stands_on_the_sample_floor),
        cmocka_unit_test(the_sample_policy_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
