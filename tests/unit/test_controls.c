/* What triage.control says and what the gate makes of it: records in, permission out. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmocka_all.h"
#include "contract/control_key.h"
#include "contract/heard.h"
#include "triage/controls.h"
#include "triage/gate.h"

#define NOW  1000000000LL
#define SOON (NOW + 60 * 1000000LL)
#define HOUR "1970-01-01T01:00:00Z" /* well after NOW */
#define KEY  "acme/zendesk/eu/77"

static const struct policy_class order = {.label = "order", .mode = MODE_AUTO};
static struct policy_autonomy autonomy;
static struct controls *controls;

const struct policy_autonomy *policy_autonomy(UNUSED const struct policy *self)
{
    return &autonomy;
}

const char *policy_profile(UNUSED const struct policy *self)
{
    return "p";
}

static int set_up(UNUSED void **state)
{
    autonomy.begins = MODE_AUTO;
    controls = controls_new((const char *const[]){"p", "q"}, 2);
    controls_set_ready(controls);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    controls_free(controls);
    return 0;
}

static int say(const char *key, const char *value)
{
    const struct record record = {
        .key = key, .key_len = strlen(key), .value = value, .value_len = value ? strlen(value) : 0};
    struct err err = {0};

    return controls_take(controls, &record, NOW, &err);
}

static struct control_answer ask(const char *profile, const char *label, const char *key, int64_t now)
{
    struct control_answer answer;

    controls_ask(controls, &(struct control_question){profile, label, key, now}, &answer);
    return answer;
}

static bool stopped(const char *profile, const char *label, const char *key)
{
    return ask(profile, label, key, NOW).stopped;
}

static void a_switch_stops_what_it_names_and_nothing_else(UNUSED void **state)
{
    say("stop/class/p/order", "{}");
    assert_true(stopped("p", "order", KEY));
    assert_false(stopped("p", "refund", KEY));
    assert_false(stopped("q", "order", KEY));
    say("stop/class/p/order", NULL);
    assert_false(stopped("p", "order", KEY));
    say("stop/profile/p", "{}");
    assert_true(stopped("p", "", KEY));
    assert_false(stopped("q", "", KEY));
    say("stop/profile/p", NULL);
    say("stop/all", "{}");
    assert_true(stopped("p", "refund", KEY) && stopped("q", "", ""));
    say("stop/all", NULL);
    assert_false(stopped("p", "refund", KEY));
}

static void a_conversation_is_stopped_or_taken_over_until_it_expires(UNUSED void **state)
{
    say("stop/key/" KEY, "{\"until\":\"" HOUR "\"}");
    assert_true(stopped("p", "order", KEY));
    assert_false(stopped("p", "order", "acme/zendesk/eu/78"));
    assert_false(ask("p", "order", KEY, 3600 * 1000000LL).stopped);
    say("takeover/" KEY, "{\"until\":\"" HOUR "\"}");
    say("stop/key/" KEY, NULL);
    assert_true(ask("p", "order", KEY, NOW).taken_over);
    assert_false(stopped("p", "order", KEY));
    say("takeover/" KEY, NULL);
    assert_false(ask("p", "order", KEY, NOW).taken_over);
}

static void an_unreadable_switch_of_a_conversation_holds_until_the_latest_expiry(UNUSED void **state)
{
    assert_int_equal(say("takeover/" KEY, "{\"until\":\"tomorrow\"}"), -1);
    assert_true(ask("p", "", KEY, NOW + (CONTROL_LASTS_MAX_S - 1) * 1000000LL).taken_over);
    assert_false(ask("p", "", KEY, NOW + (CONTROL_LASTS_MAX_S + 1) * 1000000LL).taken_over);
}

static void more_conversations_than_there_is_room_for_stop_everything(UNUSED void **state)
{
    char key[64];

    for (int i = 0; i < CONTROL_CONVERSATIONS_MAX; i++) {
        snprintf(key, sizeof key, "takeover/a/b/c/%d", i);
        assert_int_equal(say(key, "{\"until\":\"" HOUR "\"}"), 0);
    }
    assert_false(stopped("p", "order", KEY));
    assert_int_equal(say("takeover/" KEY, "{\"until\":\"" HOUR "\"}"), -1);
    assert_true(stopped("p", "order", KEY));
    say("takeover/" KEY, NULL);
    assert_false(stopped("p", "order", KEY));
    say("takeover/a/b/c/0", NULL);
    assert_int_equal(say("takeover/" KEY, "{\"until\":\"" HOUR "\"}"), 0);
    assert_true(ask("p", "", KEY, NOW).taken_over);
}

static void what_has_expired_makes_room(UNUSED void **state)
{
    char key[64];

    for (int i = 0; i < CONTROL_CONVERSATIONS_MAX + 10; i++) {
        snprintf(key, sizeof key, "takeover/a/b/c/%d", i);
        assert_int_equal(say(key, "{\"until\":\"1970-01-01T00:16:00Z\"}"), 0);
    }
    assert_false(stopped("p", "order", KEY));
}

static void a_level_lowers_and_a_class_without_one_begins_where_the_policy_says(UNUSED void **state)
{
    assert_int_equal(controls_mode(controls, "p", &order, MODE_AUTO), MODE_AUTO);
    assert_int_equal(controls_mode(controls, "p", &order, MODE_SHADOW), MODE_SHADOW);
    say("level/p/order", "{\"level\":\"hold\"}");
    assert_int_equal(controls_mode(controls, "p", &order, MODE_SHADOW), MODE_HOLD);
    say("cap/p/order", "{\"cap\":\"suggest\"}");
    assert_int_equal(controls_mode(controls, "p", &order, MODE_SHADOW), MODE_SUGGEST);
    say("cap/p/order", NULL);
    say("level/p/order", NULL);
    assert_int_equal(controls_mode(controls, "p", &order, MODE_AUTO), MODE_AUTO);
}

static void an_unreadable_level_is_none(UNUSED void **state)
{
    assert_int_equal(say("level/p/order", "{\"level\":\"highest\"}"), -1);
    assert_int_equal(controls_mode(controls, "p", &order, MODE_AUTO), MODE_OFF);
}

static void records_of_others_change_nothing(UNUSED void **state)
{
    uint64_t before = controls_version(controls);

    assert_int_equal(say("cap/other/order", "{"), 0);
    assert_int_equal(say("stop/everything", "{}"), 0);
    assert_int_equal(say("stop/class/p", "{}"), 0);
    assert_int_equal(say("weather/p/order", "{}"), 0);
    assert_true(controls_version(controls) == before);
    assert_int_equal(say("stop/all", NULL), 0);
    assert_true(controls_version(controls) == before + 1);
}

static void a_relay_without_lanes_hears_of_every_profile(UNUSED void **state)
{
    controls_free(controls);
    controls = controls_new_any();
    assert_int_equal(ask("else", "order", KEY, NOW).cap, MODE_OFF); /* before the topic is read */
    controls_set_ready(controls);
    assert_int_equal(ask("else", "order", KEY, NOW).cap, MODE_AUTO);
    assert_int_equal(say("stop/class/else/order", "{}"), 0);
    assert_int_equal(say("cap/other/*", "{\"cap\":\"suggest\"}"), 0);
    assert_true(stopped("else", "order", KEY) && !stopped("else", "sales", KEY) && !stopped("other", "order", KEY));
    assert_int_equal(ask("other", "order", KEY, NOW).cap, MODE_SUGGEST);
}

static void a_relay_that_can_not_keep_every_profile_stops_everything(UNUSED void **state)
{
    char key[CONTROL_KEY_MAX];

    controls_free(controls);
    controls = controls_new_any();
    controls_set_ready(controls);
    for (int i = 0; i < PROFILES_MAX; i++) {
        snprintf(key, sizeof key, "level/p%d/order", i);
        assert_int_equal(say(key, "{\"level\":\"auto\"}"), 0);
    }
    assert_false(stopped("p0", "order", KEY));
    assert_int_equal(say("stop/class/another/order", "{}"), -1);
    assert_true(stopped("p0", "order", KEY) && stopped("another", "order", KEY));
}

/* ---- what is written is read ---- */

static void check_round(const struct control_record *record, const char *key)
{
    struct message message;
    struct control_said said;
    struct record read;
    struct err err = {0};

    control_encode(record, &message);
    assert_string_equal(message.key, key);
    read = (struct record){
        .key = message.key, .key_len = message.key_len, .value = message.value, .value_len = message.value_len};
    assert_int_equal(control_key_read(&read, &said), 1);
    assert_int_equal(control_value_read(&read, &said, &err), 0);
    assert_int_equal(said.type, record->type);
    assert_int_equal(said.mode, record->mode);
    assert_true(said.until_wall_us == record->until_wall_us);
    assert_string_equal(said.key, record->key ? record->key : "");
    message_free(&message);
    control_lift_encode(record, &message);
    assert_string_equal(message.key, key);
    assert_null(message.value);
    message_free(&message);
}

static void what_is_written_is_read(UNUSED void **state)
{
    check_round(&(struct control_record){.type = CONTROL_CAP, .profile = "p", .label = "*", .mode = MODE_SUGGEST},
                "cap/p/*");
    check_round(&(struct control_record){.type = CONTROL_LEVEL, .profile = "p", .label = "order", .mode = MODE_HOLD},
                "level/p/order");
    check_round(&(struct control_record){.type = CONTROL_STOP}, "stop/all");
    check_round(&(struct control_record){.type = CONTROL_STOP, .profile = "p"}, "stop/profile/p");
    check_round(&(struct control_record){.type = CONTROL_STOP, .profile = "p", .label = "order"}, "stop/class/p/order");
    check_round(&(struct control_record){.type = CONTROL_STOP, .key = KEY, .until_wall_us = SOON}, "stop/key/" KEY);
    check_round(&(struct control_record){.type = CONTROL_TAKEOVER, .key = KEY, .until_wall_us = SOON}, "takeover/" KEY);
}

static void a_cap_names_the_owner_only_where_one_was_given(UNUSED void **state)
{
    struct control_record cap = {.type = CONTROL_CAP, .profile = "p", .label = "order", .mode = MODE_SUGGEST};
    struct message message;

    control_encode(&cap, &message);
    assert_null(strstr(message.value, "\"owner\""));
    message_free(&message);
    cap.owner = "Ines";
    control_encode(&cap, &message);
    assert_non_null(strstr(message.value, "\"owner\":\"Ines\""));
    message_free(&message);
    check_round(&cap, "cap/p/order");
}

/* ---- the gate ---- */

static struct decision decided(enum result_status status)
{
    struct decision decision = {.status = status, .label = "order", .action = "answer"};

    decision.unseen = status == STATUS_ANSWERED || status == STATUS_IGNORED;
    decision.draft.text = mem_strdup("Hello");
    return decision;
}

static void check_gate(struct decision decision, enum result_status status, enum reason reason, bool draft)
{
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};

    gate_apply(&gate, &decision);
    assert_int_equal(decision.status, status);
    if (reason != REASON_COUNT)
        assert_true(decision_has_reason(&decision, reason));
    assert_int_equal(decision.draft.text != NULL, draft);
    assert_false(gate_apply(&gate, &decision)); /* looked at again, it stays */
    assert_int_equal(decision.status, status);
    decision_clear(&decision);
}

static void without_a_word_of_the_topic_a_decision_passes(UNUSED void **state)
{
    check_gate(decided(STATUS_ANSWERED), STATUS_ANSWERED, REASON_COUNT, true);
    check_gate(decided(STATUS_IGNORED), STATUS_IGNORED, REASON_COUNT, true);
    check_gate(decided(STATUS_SUGGESTED), STATUS_SUGGESTED, REASON_COUNT, true);
    check_gate(decided(STATUS_WITHDRAWN), STATUS_WITHDRAWN, REASON_COUNT, true);
}

static void a_stop_sends_to_a_person_whatever_was_decided(UNUSED void **state)
{
    say("stop/all", "{}");
    check_gate(decided(STATUS_ANSWERED), STATUS_IN_REVIEW, REASON_STOPPED, false);
    check_gate(decided(STATUS_IGNORED), STATUS_IN_REVIEW, REASON_STOPPED, false);
    check_gate(decided(STATUS_SUGGESTED), STATUS_IN_REVIEW, REASON_STOPPED, false);
    check_gate(decided(STATUS_WITHDRAWN), STATUS_WITHDRAWN, REASON_COUNT, true);
    check_gate(decided(STATUS_DUPLICATE), STATUS_DUPLICATE, REASON_COUNT, true);
    check_gate(decided(STATUS_FAILED), STATUS_FAILED, REASON_COUNT, true);
}

static void a_review_kept_from_its_draft_says_so(UNUSED void **state)
{
    struct decision kept = {.status = STATUS_IN_REVIEW, .label = "order", .wants_draft = true};
    struct decision made = decided(STATUS_IN_REVIEW);
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};

    assert_false(gate_keeps_undrafted(&gate, &kept));
    say("stop/all", "{}");
    assert_true(gate_keeps_undrafted(&gate, &kept));
    assert_true(kept.controls.undrafted && decision_has_reason(&kept, REASON_STOPPED));
    assert_false(gate_apply(&gate, &kept));
    assert_int_equal(kept.controls.n_after, 1);
    made.wants_draft = true;
    assert_false(gate_apply(&gate, &made)); /* it had its draft before: nothing was stopped */
    assert_true(made.draft.text && made.controls.n_after == 0);
    decision_clear(&made);
}

static void an_answer_that_was_stopped_in_time_never_goes_out(UNUSED void **state)
{
    struct decision decision = decided(STATUS_ANSWERED);
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};

    say("stop/all", "{}");
    assert_true(gate_keeps_undrafted(&gate, &decision));
    say("stop/all", NULL); /* lifted before it is published: without its text it is no answer */
    assert_false(gate_apply(&gate, &decision));
    assert_int_equal(decision.status, STATUS_IN_REVIEW);
    decision_clear(&decision);
}

/* Through the result and back, as replay does. */
static void what_was_heard_makes_the_same_of_the_decision_again(UNUSED void **state)
{
    struct decision then = decided(STATUS_ANSWERED), again = decided(STATUS_ANSWERED);
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};
    CLEANUP(json_done) cJSON *member = NULL;
    struct decision_controls heard;

    then.held = again.held = true;
    assert_true(gate_apply(&gate, &then)); /* by the policy alone: nothing is written */
    assert_false(controls_were_heard(&then.controls));
    say("level/p/order", "{\"level\":\"suggest\"}");
    assert_true(gate_apply(&gate, &then));
    say("takeover/" KEY, "{\"until\":\"" HOUR "\"}");
    assert_true(gate_apply(&gate, &then));
    assert_true(controls_were_heard(&then.controls));
    member = heard_json(&then.controls);
    heard = heard_read(member);
    assert_int_equal(heard.n_after, 3);
    for (size_t i = 0; i < heard.n_after; i++)
        assert_true(gate_obey(&heard.after[i], &again));
    assert_int_equal(again.status, then.status);
    assert_int_equal(again.n_reasons, then.n_reasons);
    assert_memory_equal(again.reasons, then.reasons, then.n_reasons * sizeof *then.reasons);
    decision_clear(&then);
    decision_clear(&again);
}

static void what_a_person_took_over_is_theirs_without_a_draft(UNUSED void **state)
{
    say("stop/all", "{}");
    say("takeover/" KEY, "{\"until\":\"" HOUR "\"}");
    check_gate(decided(STATUS_ANSWERED), STATUS_SUGGESTED, REASON_TAKEN_OVER, false);
    check_gate(decided(STATUS_IN_REVIEW), STATUS_SUGGESTED, REASON_TAKEN_OVER, false);
    check_gate(decided(STATUS_IGNORED), STATUS_SUGGESTED, REASON_TAKEN_OVER, false);
}

static void an_answer_on_hold_waits_in_review_until_it_is_stopped(UNUSED void **state)
{
    struct decision decision = decided(STATUS_ANSWERED);
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};

    decision.held = true;
    assert_true(gate_apply(&gate, &decision));
    assert_int_equal(decision.status, STATUS_IN_REVIEW);
    assert_true(decision.held && decision.unseen && decision_has_reason(&decision, REASON_MODE_HOLD));
    assert_false(gate_apply(&gate, &decision));
    say("stop/class/p/order", "{}");
    assert_true(gate_apply(&gate, &decision));
    assert_false(decision.held || decision.unseen);
    decision_clear(&decision);
}

static void a_level_that_fell_meanwhile_counts(UNUSED void **state)
{
    say("level/p/order", "{\"level\":\"suggest\"}");
    check_gate(decided(STATUS_ANSWERED), STATUS_SUGGESTED, REASON_NOT_EARNED, true);
    say("level/p/order", "{\"level\":\"hold\"}");
    check_gate(decided(STATUS_ANSWERED), STATUS_IN_REVIEW, REASON_MODE_HOLD, true);
    say("level/p/order", "{\"level\":\"shadow\"}");
    check_gate(decided(STATUS_ANSWERED), STATUS_IN_REVIEW, REASON_NOT_EARNED, true);
    check_gate(decided(STATUS_SUGGESTED), STATUS_IN_REVIEW, REASON_NOT_EARNED, true);
    say("level/p/order", NULL);
    say("cap/p/*", "{\"cap\":\"suggest\"}");
    check_gate(decided(STATUS_ANSWERED), STATUS_SUGGESTED, REASON_AUTONOMY_CAPPED, true);
    check_gate(decided(STATUS_IGNORED), STATUS_IGNORED, REASON_COUNT, true);
}

static void where_autonomy_is_earned_a_new_class_begins_in_shadow(UNUSED void **state)
{
    autonomy.begins = MODE_SHADOW;
    check_gate(decided(STATUS_ANSWERED), STATUS_IN_REVIEW, REASON_NOT_EARNED, true);
}

static void a_closed_gate_wants_no_draft(UNUSED void **state)
{
    const struct gate gate = {.controls = controls, .key = KEY, .now_wall_us = NOW};
    const struct decision decision = {.status = STATUS_SUGGESTED, .label = "order"};
    enum reason reason;

    assert_false(gate_closed(&gate, &decision, &reason));
    say("stop/key/" KEY, "{\"until\":\"" HOUR "\"}");
    assert_true(gate_closed(&gate, &decision, &reason));
    assert_int_equal(reason, REASON_STOPPED);
    say("takeover/" KEY, "{\"until\":\"" HOUR "\"}");
    assert_true(gate_closed(&gate, &decision, &reason));
    assert_int_equal(reason, REASON_TAKEN_OVER);
}

#define BUDGET(state, minutes, until) "{\"state\":\"" state "\",\"defer_minutes\":" minutes ",\"until\":\"" until "\"}"

static struct control_budget budget_at(const char *profile, int64_t now)
{
    struct control_budget budget;

    controls_budget(controls, profile, now, &budget);
    return budget;
}

static void a_budget_is_normal_until_a_record_says_otherwise_and_when_that_expires(UNUSED void **state)
{
    assert_int_equal(budget_at("p", NOW).state, REVIEW_NORMAL);
    assert_int_equal(say("budget/p", BUDGET("over", "480", HOUR)), 0);
    assert_int_equal(budget_at("p", NOW).state, REVIEW_OVER);
    assert_int_equal(budget_at("p", NOW).defer_minutes, 480);
    assert_int_equal(budget_at("q", NOW).state, REVIEW_NORMAL);
    assert_int_equal(budget_at("nobody", NOW).state, REVIEW_NORMAL);
    assert_int_equal(budget_at("p", 3600 * 1000000LL).state, REVIEW_NORMAL);
    say("budget/p", BUDGET("tight", "0", HOUR));
    assert_int_equal(budget_at("p", NOW).state, REVIEW_TIGHT);
    assert_int_equal(budget_at("p", NOW).defer_minutes, 0);
    say("budget/p", NULL);
    assert_int_equal(budget_at("p", NOW).state, REVIEW_NORMAL);
}

static void a_budget_that_nobody_confirms_lasts_an_hour_at_most(UNUSED void **state)
{
    say("budget/p", BUDGET("over", "60", "1999-01-01T00:00:00Z"));
    assert_int_equal(budget_at("p", NOW + (CONTROL_BUDGET_LASTS_MAX_S - 1) * 1000000LL).state, REVIEW_OVER);
    assert_int_equal(budget_at("p", NOW + CONTROL_BUDGET_LASTS_MAX_S * 1000000LL).state, REVIEW_NORMAL);
}

static void a_budget_that_cannot_be_read_is_normal_and_takes_no_autonomy(UNUSED void **state)
{
    static const char *const bad[] = {BUDGET("calm", "0", HOUR), BUDGET("over", "0", HOUR),
                                      BUDGET("over", "20000", HOUR), BUDGET("tight", "0", "soon"), "no"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        say("budget/p", BUDGET("over", "60", HOUR));
        assert_int_equal(say("budget/p", bad[i]), -1);
        assert_int_equal(budget_at("p", NOW).state, REVIEW_NORMAL);
        assert_int_equal(ask("p", "order", KEY, NOW).cap, MODE_AUTO);
        assert_false(stopped("p", "order", KEY));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* A lifting leaves who, when, why and what had stood there, as a record that moves nothing. */
static void a_lifting_leaves_a_trace_that_changes_nothing(UNUSED void **state)
{
    const struct control_record by_ines = {
        .reason = "operator", .text = "the shop is well again", .by = "Ines", .now_wall_us = NOW};
    struct message message;
    struct record read;
    struct err err = {0};
    uint64_t version;

    say("stop/all", "{\"by\":\"Ann\",\"text\":\"wrong prices\"}");
    version = controls_version(controls);
    control_lifted_encode(&by_ines, "stop/all", "{\"by\":\"Ann\",\"text\":\"wrong prices\"}", &message);
    read = (struct record){
        .key = message.key, .key_len = message.key_len, .value = message.value, .value_len = message.value_len};
    assert_true(control_is_lifting(&read));
    assert_memory_equal(message.key, "lifted/", 7);
    assert_string_equal(message.key + message.key_len - 9, "/stop/all");
    for (size_t i = 0; i < 4; i++) {
        static const char *const said[] = {"\"by\":\"Ines\"", "the shop is well again", "\"lifts\":\"stop/all\"",
                                           "\"was\":{\"by\":\"Ann\",\"text\":\"wrong prices\"}"};
        assert_non_null(strstr(message.value, said[i]));
    }
    assert_int_equal(controls_take(controls, &read, NOW, &err), 0);
    assert_true(controls_version(controls) == version && stopped("p", "order", KEY));
    message_free(&message);
    control_lifted_encode(&by_ines, "stop/all", "not to be read", &message);
    assert_null(strstr(message.value, "\"was\""));
    message_free(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_switch_stops_what_it_names_and_nothing_else),
        TEST(a_conversation_is_stopped_or_taken_over_until_it_expires),
        TEST(an_unreadable_switch_of_a_conversation_holds_until_the_latest_expiry),
        TEST(more_conversations_than_there_is_room_for_stop_everything),
        TEST(what_has_expired_makes_room),
        TEST(a_level_lowers_and_a_class_without_one_begins_where_the_policy_says),
        TEST(an_unreadable_level_is_none),
        TEST(records_of_others_change_nothing),
        TEST(a_lifting_leaves_a_trace_that_changes_nothing),
        TEST(a_relay_without_lanes_hears_of_every_profile),
        TEST(a_relay_that_can_not_keep_every_profile_stops_everything),
        TEST(what_is_written_is_read),
        cmocka_unit_test(a_cap_names_the_owner_only_where_one_was_given),
        TEST(without_a_word_of_the_topic_a_decision_passes),
        TEST(a_stop_sends_to_a_person_whatever_was_decided),
        TEST(a_review_kept_from_its_draft_says_so),
        TEST(an_answer_that_was_stopped_in_time_never_goes_out),
        TEST(what_was_heard_makes_the_same_of_the_decision_again),
        TEST(what_a_person_took_over_is_theirs_without_a_draft),
        TEST(an_answer_on_hold_waits_in_review_until_it_is_stopped),
        TEST(a_level_that_fell_meanwhile_counts),
        TEST(where_autonomy_is_earned_a_new_class_begins_in_shadow),
        TEST(a_closed_gate_wants_no_draft),
        TEST(a_budget_is_normal_until_a_record_says_otherwise_and_when_that_expires),
        TEST(a_budget_that_nobody_confirms_lasts_an_hour_at_most),
        TEST(a_budget_that_cannot_be_read_is_normal_and_takes_no_autonomy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
