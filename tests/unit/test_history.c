/* The checker is held to its word: a healthy history passes, and each way of spoiling it is found and named. */
#include "cmocka_all.h"

#include <string.h>

#include "base/attrs.h"
#include "check/history.h"

enum { KEY_ANSWERED = 11, KEY_REVIEWED, KEY_BAD, KEY_OVERTAKEN, KEY_GONE, INPUTS = 8 };

/* ---- a healthy history ---- */

static int64_t next_place; /* on the results topic */

static struct history_output result(enum result_status status, uint64_t key, int64_t revision, int64_t offset)
{
    return (struct history_output){.kind = OUTPUT_RESULT,
                                   .status = status,
                                   .placed = true,
                                   .offset = offset,
                                   .key = key,
                                   .revision = revision,
                                   .id = key * 1000 + (uint64_t)revision * 100 + (uint64_t)status +
                                         (result_status_notice(status) ? (uint64_t)offset * 100000 : 0),
                                   .at_offset = next_place++};
}

static struct history_output request(uint64_t key, int64_t revision, int64_t offset)
{
    return (struct history_output){.kind = OUTPUT_REQUEST,
                                   .placed = true,
                                   .offset = offset,
                                   .key = key,
                                   .revision = revision,
                                   .id = key * 1000 + (uint64_t)revision};
}

static struct history_output letter(int64_t offset)
{
    return (struct history_output){.kind = OUTPUT_DEADLETTER, .placed = true, .offset = offset};
}

static struct history_item item(uint64_t key, bool released)
{
    return (struct history_item){.review_id = key * 1000 + 1,
                                 .key = key,
                                 .revision = 1,
                                 .ticket_origin = true,
                                 .released = released,
                                 .superseded = !released};
}

static void add(struct history *history, struct history_output output)
{
    history_add_output(history, &output);
}

/* Offset 0 answered, 1 reviewed by a person, 2 failed with its dead letter, 3 a repeat, 4 overtaken in review by 5,
 * 6 a tombstone, 7 a dead letter nobody can name. */
static int make(void **state)
{
    static struct history history;
    struct history_item reviewed = item(KEY_REVIEWED, true), overtaken = item(KEY_OVERTAKEN, false);

    history = (struct history){.has_items = true, .settled = true, .positions_known = true};
    next_place = 0;
    for (int64_t offset = 0; offset < INPUTS; offset++)
        history_add_input(&history, &(struct history_input){0, offset});
    add(&history, result(STATUS_ANSWERED, KEY_ANSWERED, 1, 0));
    add(&history, result(STATUS_IN_REVIEW, KEY_REVIEWED, 1, 1));
    add(&history, request(KEY_REVIEWED, 1, 1));
    add(&history, letter(2));
    add(&history, result(STATUS_FAILED, KEY_BAD, 1, 2));
    add(&history, result(STATUS_DUPLICATE, KEY_ANSWERED, 1, 3));
    add(&history, result(STATUS_IN_REVIEW, KEY_OVERTAKEN, 1, 4));
    add(&history, request(KEY_OVERTAKEN, 1, 4));
    add(&history, result(STATUS_SUGGESTED, KEY_OVERTAKEN, 2, 5));
    add(&history, result(STATUS_SUPERSEDED, KEY_OVERTAKEN, 1, 4));
    add(&history, result(STATUS_WITHDRAWN, KEY_GONE, 0, 6));
    add(&history, letter(7));
    add(&history, result(STATUS_REVIEWED, KEY_REVIEWED, 1, 1));
    history_add_item(&history, &reviewed);
    history_add_item(&history, &overtaken);
    *state = &history;
    return 0;
}

static int unmake(void **state)
{
    history_free(*state);
    return 0;
}

/* ---- spoiling it ---- */

static struct history_output *find(struct history *history, enum output_kind kind, enum result_status status,
                                   uint64_t key)
{
    for (size_t i = 0; i < history->n_outputs; i++) {
        struct history_output *one = &history->outputs[i];
        if (one->kind == kind && one->key == key && (kind != OUTPUT_RESULT || one->status == status))
            return one;
    }
    fail_msg("the healthy history lacks what the test wants to spoil");
    return NULL;
}

static void take_away(struct history *history, struct history_output *output)
{
    *output = history->outputs[--history->n_outputs];
}

static void repeat(struct history *history, const struct history_output *output)
{
    struct history_output again = *output;

    again.at_offset = next_place++;
    history_add_output(history, &again);
}

static void expect(struct history *history, enum history_fault fault)
{
    struct verdict verdict;

    assert_false(history_judge(history, &verdict));
    if (verdict.faults[fault] == 0)
        fail_msg("%s was not found", history_fault_name(fault));
}

static void a_healthy_history_passes(void **state)
{
    struct verdict verdict;

    assert_int_equal(history_missing(*state), 0);
    assert_true(history_judge(*state, &verdict));
    assert_int_equal(verdict.inputs, INPUTS);
    assert_int_equal(verdict.outcomes, INPUTS);
    assert_int_equal(verdict.waiting, 0);
    assert_int_equal(verdict.deadletters, 2);
}

static void nothing_to_check_fails(UNUSED void **state)
{
    struct history empty = {.has_items = true, .settled = true, .positions_known = true};
    struct verdict verdict;

    assert_false(history_judge(&empty, &verdict));
    history_free(&empty);
}

static void a_lost_result_is_found(void **state)
{
    take_away(*state, find(*state, OUTPUT_RESULT, STATUS_ANSWERED, KEY_ANSWERED));
    assert_int_equal(history_missing(*state), 1);
    expect(*state, FAULT_LOST);
}

static void a_lost_dead_letter_is_found(void **state)
{
    struct history *history = *state;

    for (size_t i = 0; i < history->n_outputs; i++) {
        if (history->outputs[i].kind == OUTPUT_DEADLETTER && history->outputs[i].offset == INPUTS - 1)
            take_away(history, &history->outputs[i]);
    }
    expect(history, FAULT_LOST);
}

static void a_doubled_result_is_found(void **state)
{
    repeat(*state, find(*state, OUTPUT_RESULT, STATUS_ANSWERED, KEY_ANSWERED));
    expect(*state, FAULT_DOUBLED_OUTCOME);
    expect(*state, FAULT_DOUBLED_ID);
    expect(*state, FAULT_DOUBLED_DECISION);
    expect(*state, FAULT_DOUBLED_ENDING);
}

static void a_dead_letter_beside_an_answer_is_found(void **state)
{
    add(*state, letter(0));
    expect(*state, FAULT_DOUBLED_OUTCOME);
}

static void a_doubled_dead_letter_is_found(void **state)
{
    add(*state, letter(7));
    expect(*state, FAULT_DOUBLED_OUTCOME);
}

static void a_result_of_no_input_is_found(void **state)
{
    add(*state, result(STATUS_ANSWERED, 99, 1, INPUTS + 5));
    expect(*state, FAULT_UNKNOWN_POSITION);
}

static void a_second_decision_at_another_position_is_found(void **state)
{
    struct history *history = *state;

    history_add_input(history, &(struct history_input){0, INPUTS});
    add(history, result(STATUS_SUGGESTED, KEY_ANSWERED, 1, INPUTS));
    expect(history, FAULT_DOUBLED_DECISION);
}

static void an_answer_beside_a_review_is_found(void **state)
{
    struct history *history = *state;

    history_add_input(history, &(struct history_input){0, INPUTS});
    add(history, result(STATUS_ANSWERED, KEY_REVIEWED, 1, INPUTS));
    expect(history, FAULT_DOUBLED_ENDING);
}

static void an_ending_nobody_asked_for_is_found(void **state)
{
    add(*state, result(STATUS_REVIEWED, KEY_GONE, 3, 6));
    expect(*state, FAULT_ENDING_UNASKED);
}

static void two_endings_of_a_review_are_found(void **state)
{
    add(*state, result(STATUS_SUPERSEDED, KEY_REVIEWED, 1, 1));
    expect(*state, FAULT_DOUBLED_ENDING);
}

static void a_review_published_twice_is_found(void **state)
{
    repeat(*state, find(*state, OUTPUT_RESULT, STATUS_REVIEWED, KEY_REVIEWED));
    expect(*state, FAULT_DOUBLED_ID);
    expect(*state, FAULT_DOUBLED_ENDING);
}

static void an_ending_before_its_question_is_found(void **state)
{
    struct history_output *asked = find(*state, OUTPUT_RESULT, STATUS_IN_REVIEW, KEY_REVIEWED);

    asked->at_offset = next_place++;
    expect(*state, FAULT_ORDER);
}

static void a_review_without_its_request_is_found(void **state)
{
    take_away(*state, find(*state, OUTPUT_REQUEST, STATUS_COUNT, KEY_REVIEWED));
    expect(*state, FAULT_REQUEST_MISSING);
    expect(*state, FAULT_ITEM_UNASKED);
}

static void a_request_without_its_review_is_found(void **state)
{
    struct history *history = *state;

    add(history, request(KEY_ANSWERED, 1, 0));
    expect(history, FAULT_REQUEST_UNASKED);
    expect(history, FAULT_ITEM_MISSING);
}

static void a_missing_item_is_found_once_the_feeder_has_caught_up(void **state)
{
    struct history *history = *state;
    struct verdict verdict;

    history->items[0] = history->items[--history->n_items];
    history->settled = false;
    assert_true(history_judge(history, &verdict));
    history->settled = true;
    expect(history, FAULT_ITEM_MISSING);
}

static void what_feeder_and_relay_have_still_to_do_is_counted(void **state)
{
    struct history *history = *state;

    assert_int_equal(history_under_way(history), 0);
    history->items[0] = history->items[--history->n_items];
    assert_int_equal(history_under_way(history), 1);
    take_away(history, find(history, OUTPUT_RESULT, STATUS_SUPERSEDED, KEY_OVERTAKEN));
    assert_int_equal(history_under_way(history), 2);
}

static void a_doubled_item_is_found(void **state)
{
    struct history *history = *state;
    struct history_item again = history->items[0];

    history_add_item(history, &again);
    expect(history, FAULT_ITEM_DOUBLED);
}

static void an_item_without_a_request_is_found(void **state)
{
    struct history_item stray = item(KEY_GONE, true);

    stray.released = stray.superseded = false;
    history_add_item(*state, &stray);
    expect(*state, FAULT_ITEM_UNASKED);
}

static void an_audit_item_needs_no_request_and_no_result(void **state)
{
    struct history_item audit = item(KEY_GONE, true);
    struct verdict verdict;

    audit.ticket_origin = false;
    history_add_item(*state, &audit);
    assert_true(history_judge(*state, &verdict));
}

static void an_answer_that_was_never_published_is_found(void **state)
{
    take_away(*state, find(*state, OUTPUT_RESULT, STATUS_REVIEWED, KEY_REVIEWED));
    expect(*state, FAULT_ANSWER_MISSING);
}

static void an_overtaken_item_that_was_never_told_is_found(void **state)
{
    take_away(*state, find(*state, OUTPUT_RESULT, STATUS_SUPERSEDED, KEY_OVERTAKEN));
    expect(*state, FAULT_ANSWER_MISSING);
}

static void results_of_a_key_that_fall_are_found(void **state)
{
    struct history_output *newer = find(*state, OUTPUT_RESULT, STATUS_SUGGESTED, KEY_OVERTAKEN);

    newer->at_offset = -1;
    expect(*state, FAULT_ORDER);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(a_healthy_history_passes),
        cmocka_unit_test(nothing_to_check_fails),
        ONE(a_lost_result_is_found),
        ONE(a_lost_dead_letter_is_found),
        ONE(a_doubled_result_is_found),
        ONE(a_dead_letter_beside_an_answer_is_found),
        ONE(a_doubled_dead_letter_is_found),
        ONE(a_result_of_no_input_is_found),
        ONE(a_second_decision_at_another_position_is_found),
        ONE(an_answer_beside_a_review_is_found),
        ONE(an_ending_nobody_asked_for_is_found),
        ONE(two_endings_of_a_review_are_found),
        ONE(a_review_published_twice_is_found),
        ONE(an_ending_before_its_question_is_found),
        ONE(a_review_without_its_request_is_found),
        ONE(a_request_without_its_review_is_found),
        ONE(a_missing_item_is_found_once_the_feeder_has_caught_up),
        ONE(what_feeder_and_relay_have_still_to_do_is_counted),
        ONE(a_doubled_item_is_found),
        ONE(an_item_without_a_request_is_found),
        ONE(an_audit_item_needs_no_request_and_no_result),
        ONE(an_answer_that_was_never_published_is_found),
        ONE(an_overtaken_item_that_was_never_told_is_found),
        ONE(results_of_a_key_that_fall_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
