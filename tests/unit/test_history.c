/* The judge of `triaged verify`, held against histories that are corrupted on purpose: each corruption is found, and by
 * its own name. */
#include "cmocka_all.h"

#include <string.h>

#include "base/attrs.h"
#include "check/history.h"

enum { ANSWERED_KEY = 11, REVIEWED_KEY = 22, BAD_KEY = 33, LATER_KEY = 44 };

static void add_result(struct history *history, enum result_status status, int64_t offset, uint64_t key, int64_t revision)
{
    const struct history_output output = {.kind = OUTPUT_RESULT,
                                          .status = status,
                                          .placed = true,
                                          .offset = offset,
                                          .key = key,
                                          .id = key * 1000 + (uint64_t)revision * 100 + (uint64_t)status,
                                          .revision = revision,
                                          .at_offset = (int64_t)history->n_outputs};

    history_add_output(history, &output);
}

static void add_request(struct history *history, uint64_t key, int64_t revision)
{
    const struct history_output output = {.kind = OUTPUT_REQUEST,
                                          .key = key,
                                          .id = key * 10 + (uint64_t)revision,
                                          .revision = revision,
                                          .at_offset = (int64_t)history->n_outputs};

    history_add_output(history, &output);
}

/* Five inputs and all that belongs to them: an answer; a review that a person ended; a dead letter; two revisions of one
 * key, of which the second superseded the first. */
static void fill(struct history *history)
{
    const struct history_output letter = {.kind = OUTPUT_DEADLETTER, .placed = true, .offset = 2};

    *history = (struct history){.has_items = true, .settled = true, .positions_known = true};
    for (int64_t offset = 0; offset < 5; offset++)
        history_add_input(history, &(struct history_input){.offset = offset});
    add_result(history, STATUS_ANSWERED, 0, ANSWERED_KEY, 1);
    add_result(history, STATUS_IN_REVIEW, 1, REVIEWED_KEY, 1);
    add_request(history, REVIEWED_KEY, 1);
    add_result(history, STATUS_REVIEWED, 1, REVIEWED_KEY, 1);
    history_add_output(history, &letter);
    add_result(history, STATUS_IN_REVIEW, 3, LATER_KEY, 1);
    add_request(history, LATER_KEY, 1);
    add_result(history, STATUS_SUPERSEDED, 3, LATER_KEY, 1);
    add_result(history, STATUS_SUGGESTED, 4, LATER_KEY, 2);
    history_add_item(history, &(struct history_item){.review_id = REVIEWED_KEY * 10 + 1,
                                                     .key = REVIEWED_KEY,
                                                     .revision = 1,
                                                     .ticket_origin = true,
                                                     .released = true});
    history_add_item(history, &(struct history_item){.review_id = LATER_KEY * 10 + 1,
                                                     .key = LATER_KEY,
                                                     .revision = 1,
                                                     .ticket_origin = true,
                                                     .superseded = true});
}

static struct history_output *find(struct history *history, enum output_kind kind, enum result_status status)
{
    for (size_t i = 0; i < history->n_outputs; i++) {
        if (history->outputs[i].kind == kind && (kind != OUTPUT_RESULT || history->outputs[i].status == status))
            return &history->outputs[i];
    }
    fail();
    return NULL;
}

static void drop(struct history *history, struct history_output *output)
{
    *output = history->outputs[--history->n_outputs];
}

static void repeat(struct history *history, const struct history_output *output, uint64_t id)
{
    struct history_output again = *output;

    again.id = id ? id : again.id;
    again.at_offset = (int64_t)history->n_outputs;
    history_add_output(history, &again);
}

/* ---- corruptions ---- */

static void lose_a_result(struct history *history)
{
    drop(history, find(history, OUTPUT_RESULT, STATUS_ANSWERED));
}

static void lose_a_dead_letter(struct history *history)
{
    drop(history, find(history, OUTPUT_DEADLETTER, STATUS_COUNT));
}

static void double_a_dead_letter(struct history *history)
{
    repeat(history, find(history, OUTPUT_DEADLETTER, STATUS_COUNT), 0);
}

static void invent_a_position(struct history *history)
{
    add_result(history, STATUS_ANSWERED, 77, 99, 1);
}

static void repeat_a_result(struct history *history)
{
    repeat(history, find(history, OUTPUT_RESULT, STATUS_ANSWERED), 0);
}

static void decide_twice(struct history *history)
{
    history_add_input(history, &(struct history_input){.offset = 5});
    add_result(history, STATUS_SUGGESTED, 5, ANSWERED_KEY, 1);
}

static void end_twice(struct history *history)
{
    repeat(history, find(history, OUTPUT_RESULT, STATUS_REVIEWED), 4711);
}

static void end_what_was_not_asked(struct history *history)
{
    add_result(history, STATUS_REVIEWED, 0, ANSWERED_KEY, 1);
}

static void lose_a_request(struct history *history)
{
    drop(history, find(history, OUTPUT_REQUEST, STATUS_COUNT));
}

static void ask_without_a_decision(struct history *history)
{
    add_request(history, ANSWERED_KEY, 1);
}

static void lose_an_item(struct history *history)
{
    history->n_items--;
}

static void double_an_item(struct history *history)
{
    const struct history_item again = history->items[0];

    history_add_item(history, &again);
}

static void invent_an_item(struct history *history)
{
    history_add_item(history, &(struct history_item){.review_id = 5, .key = 5, .revision = 1, .ticket_origin = true});
}

static void lose_an_answer(struct history *history)
{
    drop(history, find(history, OUTPUT_RESULT, STATUS_REVIEWED));
}

static void lose_a_superseding(struct history *history)
{
    drop(history, find(history, OUTPUT_RESULT, STATUS_SUPERSEDED));
}

static void swap_two_revisions(struct history *history)
{
    for (size_t i = 0; i < history->n_outputs; i++) {
        struct history_output *one = &history->outputs[i];
        if (one->key == LATER_KEY && one->status == STATUS_SUGGESTED)
            one->at_offset = -1;
    }
}

static const struct {
    enum history_fault fault;
    void (*corrupt)(struct history *history);
} corruptions[] = {
    {FAULT_LOST, lose_a_result},
    {FAULT_LOST, lose_a_dead_letter},
    {FAULT_DOUBLED_OUTCOME, double_a_dead_letter},
    {FAULT_DOUBLED_OUTCOME, repeat_a_result},
    {FAULT_UNKNOWN_POSITION, invent_a_position},
    {FAULT_DOUBLED_ID, repeat_a_result},
    {FAULT_DOUBLED_DECISION, decide_twice},
    {FAULT_DOUBLED_ENDING, end_twice},
    {FAULT_ENDING_UNASKED, end_what_was_not_asked},
    {FAULT_REQUEST_MISSING, lose_a_request},
    {FAULT_REQUEST_UNASKED, ask_without_a_decision},
    {FAULT_ITEM_MISSING, lose_an_item},
    {FAULT_ITEM_DOUBLED, double_an_item},
    {FAULT_ITEM_UNASKED, invent_an_item},
    {FAULT_ANSWER_MISSING, lose_an_answer},
    {FAULT_ANSWER_MISSING, lose_a_superseding},
    {FAULT_ORDER, swap_two_revisions},
};

/* ---- tests ---- */

static void a_sound_history_has_no_fault(UNUSED void **state)
{
    struct history history;
    struct verdict verdict;

    fill(&history);
    assert_true(history_judge(&history, &verdict));
    assert_int_equal(verdict.inputs, 5);
    assert_int_equal(verdict.outcomes, 5);
    assert_int_equal(history_missing(&history), 0);
    history_free(&history);
}

static void nothing_to_check_is_not_good(UNUSED void **state)
{
    struct history history = {.has_items = true, .settled = true, .positions_known = true};
    struct verdict verdict;

    assert_false(history_judge(&history, &verdict));
    history_free(&history);
}

static void each_corruption_is_found_by_its_name(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(corruptions); i++) {
        struct history history;
        struct verdict verdict;
        fill(&history);
        corruptions[i].corrupt(&history);
        assert_false(history_judge(&history, &verdict));
        assert_true(verdict.faults[corruptions[i].fault] > 0);
        history_free(&history);
    }
}

static void every_fault_has_a_corruption(UNUSED void **state)
{
    bool covered[FAULT_COUNT] = {false};

    for (size_t i = 0; i < ARRAY_LEN(corruptions); i++)
        covered[corruptions[i].fault] = true;
    for (size_t fault = 0; fault < FAULT_COUNT; fault++)
        assert_true(covered[fault]);
}

static void what_is_under_way_is_not_missing(UNUSED void **state)
{
    struct history history;
    struct verdict verdict;

    fill(&history);
    lose_an_item(&history);
    lose_an_answer(&history);
    history.settled = false;
    history_judge(&history, &verdict);
    assert_int_equal(verdict.faults[FAULT_ITEM_MISSING], 0);
    assert_int_equal(verdict.faults[FAULT_ANSWER_MISSING], 0);
    assert_int_equal(history_under_way(&history), 2); /* the item and the answer */
    history_free(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_history_has_no_fault),        cmocka_unit_test(nothing_to_check_is_not_good),
        cmocka_unit_test(each_corruption_is_found_by_its_name), cmocka_unit_test(every_fault_has_a_corruption),
        cmocka_unit_test(what_is_under_way_is_not_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
