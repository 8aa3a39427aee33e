/* The delivery state machine, driven by hand: each test is one sentence of the promise. The simulation covers the rest.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "flow/feeder.h"
#include "triage/flow.h"

#define LOG_MAX 512

/* A shell that carries out commands by noting them; decisions need a model when the record's content is odd. */
struct shell {
    struct flow *flow;
    int64_t now;
    struct flow_command log[LOG_MAX];
    size_t n;
    size_t emitted;   /* EMIT commands of the running transaction */
    bool hold_commit; /* the test answers the commit itself */
    bool commit_pending;
    char text[WINDOW_TEXT_MAX + 1]; /* of the last committed position */
    int64_t base;
};

static void feed(struct shell *shell, struct flow_event event);

static void carry_out(struct shell *shell, const struct flow_command *command)
{
    const struct flow_position *positions;

    if (command->kind == FLOW_DECIDE)
        feed(shell, (struct flow_event){.kind = FLOW_EV_DECIDED,
                                        .ticket = command->ticket,
                                        .flag = command->verdict == FLOW_NEW && command->tag % 2 == 1});
    if (command->kind == FLOW_COMMIT) {
        if (flow_positions(shell->flow, &positions)) {
            shell->base = positions[0].base;
            snprintf(shell->text, sizeof shell->text, "%s", positions[0].text);
        }
        shell->commit_pending = shell->hold_commit;
        if (!shell->hold_commit)
            feed(shell, (struct flow_event){.kind = FLOW_EV_COMMITTED});
    }
}

static void feed(struct shell *shell, struct flow_event event)
{
    struct flow_command command;

    event.now_us = shell->now;
    flow_feed(shell->flow, &event);
    while (flow_next(shell->flow, &command)) {
        assert_true(shell->n < LOG_MAX);
        shell->log[shell->n++] = command;
        carry_out(shell, &command);
    }
}

static void tick(struct shell *shell, int64_t us)
{
    shell->now += us;
    feed(shell, (struct flow_event){.kind = FLOW_EV_TICK});
}

/* tag odd: the decision needs a model. */
static void record(struct shell *shell, int64_t offset, uint64_t key, int64_t revision, uint64_t tag)
{
    feed(shell, (struct flow_event){.kind = FLOW_EV_RECORD,
                                    .record = {.partition = 0,
                                               .offset = offset,
                                               .kind = FLOW_TICKET,
                                               .key_id = key,
                                               .revision = revision,
                                               .content_hash = 77,
                                               .bytes = 100,
                                               .tag = tag}});
}

static void assign(struct shell *shell, int64_t base, const char *text)
{
    feed(shell, (struct flow_event){
                    .kind = FLOW_EV_ASSIGNED, .partition = 0, .base = base, .start = base, .text = text, .flag = true});
    flow_admits(shell->flow, 0, base);
    tick(shell, 1);
}

static size_t count(const struct shell *shell, enum flow_command_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < shell->n; i++)
        n += shell->log[i].kind == kind;
    return n;
}

static const struct flow_command *last(const struct shell *shell, enum flow_command_kind kind)
{
    for (size_t i = shell->n; i > 0; i--) {
        if (shell->log[i - 1].kind == kind)
            return &shell->log[i - 1];
    }
    return NULL;
}

static int setup(void **state)
{
    static struct shell shell;
    const struct flow_settings settings = {.in_flight = 8,
                                           .in_flight_bytes = 1 << 20,
                                           .model_slots = 4,
                                           .dedup_memory = 16,
                                           .commit_batch = 8,
                                           .commit_interval_us = 1000,
                                           .model_deadline_us = 1000000,
                                           .stall_us = 100000};
    shell = (struct shell){.flow = flow_new(&settings), .now = 1000};
    *state = &shell;
    return 0;
}

static int teardown(void **state)
{
    struct shell *shell = *state;

    flow_free(shell->flow);
    return 0;
}

static void answer(struct shell *shell, uint64_t ticket)
{
    feed(shell, (struct flow_event){.kind = FLOW_EV_MODEL_ENDED, .ticket = ticket, .flag = true});
}

static void first_commit_announces_the_takeover(void **state)
{
    struct shell *shell = *state;

    assign(shell, 5, "");
    assert_int_equal(count(shell, FLOW_COMMIT), 1);
    assert_int_equal(count(shell, FLOW_EMIT), 0);
    assert_memory_equal(shell->text, "w1.1.", 5);
    assert_true(flow_admits(shell->flow, 0, 5));
}

static void progress_forgets_the_takeover(void **state)
{
    struct shell *shell = *state;

    assign(shell, 5, "");
    record(shell, 5, 1, 1, 2);
    tick(shell, 2000);
    assert_int_equal(shell->base, 6);
    assert_memory_equal(shell->text, "w1.0.", 5);
}

static void a_stuck_ticket_delays_nobody_else(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 1, 1, 1); /* waits for the model */
    for (int i = 1; i < 5; i++)
        record(shell, i, 10 + (uint64_t)i, 1, 2);
    tick(shell, 2000);
    assert_int_equal(count(shell, FLOW_EMIT), 4);
    assert_int_equal(shell->base, 0);
    assert_true(strlen(shell->text) > strlen("w1.0..12345678"));
}

static void the_next_owner_skips_what_is_done(void **state)
{
    struct shell *shell = *state;

    a_stuck_ticket_delays_nobody_else(state);
    char text[WINDOW_TEXT_MAX + 1];
    snprintf(text, sizeof text, "%s", shell->text);
    teardown(state);
    setup(state);
    assign(shell, 0, text);
    for (int i = 0; i < 5; i++)
        record(shell, i, i ? 10 + (uint64_t)i : 1, 1, 2);
    tick(shell, 2000);
    assert_int_equal(count(shell, FLOW_EMIT), 1);
    assert_int_equal(last(shell, FLOW_EMIT)->partition, 0);
    assert_int_equal(shell->base, 5);
}

static void tickets_of_one_key_are_decided_in_order(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 9, 1, 1);
    record(shell, 1, 9, 2, 2);
    tick(shell, 2000);
    assert_int_equal(count(shell, FLOW_DECIDE), 1);
    answer(shell, last(shell, FLOW_CALL_MODEL)->ticket);
    tick(shell, 2000);
    assert_int_equal(count(shell, FLOW_DECIDE), 2);
    assert_true(last(shell, FLOW_DECIDE)->word);
    assert_int_equal(shell->base, 2);
}

static void repeats_and_older_revisions_get_notices(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 9, 3, 2);
    record(shell, 1, 9, 3, 2);
    assert_int_equal(last(shell, FLOW_DECIDE)->verdict, FLOW_DUPLICATE);
    record(shell, 2, 9, 2, 2);
    assert_int_equal(last(shell, FLOW_DECIDE)->verdict, FLOW_STALE);
    record(shell, 3, 9, 4, 2);
    assert_int_equal(last(shell, FLOW_DECIDE)->verdict, FLOW_NEW);
}

static void lost_work_is_never_emitted(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 1, 1, 1);
    uint64_t old = last(shell, FLOW_CALL_MODEL)->ticket;
    feed(shell, (struct flow_event){.kind = FLOW_EV_LOST, .partition = 0});
    size_t emitted = count(shell, FLOW_EMIT);
    answer(shell, old);
    tick(shell, 5000);
    assert_int_equal(count(shell, FLOW_EMIT), emitted);
}

static void a_parked_call_is_used_again_when_its_record_comes_back(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    char text[WINDOW_TEXT_MAX + 1];
    snprintf(text, sizeof text, "%s", shell->text);
    record(shell, 0, 1, 1, 1);
    uint64_t old = last(shell, FLOW_CALL_MODEL)->ticket;
    feed(shell, (struct flow_event){.kind = FLOW_EV_LOST, .partition = 0});
    assign(shell, 0, text);
    record(shell, 0, 1, 1, 1);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 1);
    assert_int_equal(last(shell, FLOW_ADOPT)->other, old);
    answer(shell, last(shell, FLOW_ADOPT)->ticket);
    tick(shell, 2000);
    assert_int_equal(shell->base, 1);
}

static void revocation_commits_what_is_finished(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    shell->hold_commit = false;
    record(shell, 0, 1, 1, 2);
    record(shell, 1, 2, 1, 1);
    feed(shell, (struct flow_event){.kind = FLOW_EV_REVOKING, .partition = 0});
    assert_false(flow_admits(shell->flow, 0, 2));
    tick(shell, 1);
    assert_true(flow_revocable(shell->flow));
    assert_int_equal(shell->base, 1);
}

static void repeated_crashes_isolate_and_then_give_up_the_suspect(void **state)
{
    struct shell *shell = *state;
    struct window window;
    char text[WINDOW_TEXT_MAX + 1];
    struct err err = {0};

    window_init(&window, 0);
    window_encode(&window, 2, text, &err);
    assign(shell, 0, text);
    record(shell, 0, 1, 1, 1);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_ISOLATED);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 0);
    teardown(state);
    setup(state);
    window_encode(&window, 3, text, &err);
    assign(shell, 0, text);
    assert_true(flow_suspect(shell->flow, 0, 0));
    feed(shell,
         (struct flow_event){.kind = FLOW_EV_RECORD,
                             .record = {.partition = 0, .offset = 0, .kind = FLOW_OPAQUE, .bytes = 1, .tag = 2}});
    assert_int_equal(last(shell, FLOW_DECIDE)->verdict, FLOW_SUSPECT);
    tick(shell, 2000);
    assert_int_equal(shell->base, 1);
    assert_false(flow_suspect(shell->flow, 0, 1));
}

static void isolation_goes_on_until_the_culprit_can_not_be_ahead(void **state)
{
    struct shell *shell = *state;
    struct window window;
    char text[WINDOW_TEXT_MAX + 1];
    int takeovers = -1;
    struct err err = {0};

    window_init(&window, 0);
    window_encode(&window, FLOW_ISOLATE_TAKEOVERS - 1, text, &err);
    assign(shell, 0, text);
    for (int offset = 0; offset < FLOW_ISOLATED_RECORDS; offset++) {
        record(shell, offset, 1 + (uint64_t)offset, 1, 1);
        assert_int_equal(count(shell, FLOW_CALL_MODEL), 0);
        tick(shell, 2000 * (offset + 1));
        assert_int_equal(shell->base, offset + 1);
        assert_int_equal(window_decode(shell->text, shell->base, &window, &takeovers, &err), 0);
        window_free(&window);
        assert_int_equal(takeovers, offset + 1 < FLOW_ISOLATED_RECORDS ? FLOW_ISOLATE_TAKEOVERS - 1 : 0);
    }
    record(shell, FLOW_ISOLATED_RECORDS, 1000, 1, 1);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 1);
}

static void at_most_half_of_in_flight_waits_for_the_model(void **state)
{
    struct shell *shell = *state;
    struct flow_figures figures;
    int offset = 0;

    assign(shell, 0, "");
    for (; flow_admits(shell->flow, 0, offset) && offset < 20; offset++)
        record(shell, offset, 100 + (uint64_t)offset, 1, 1);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.waiting_for_model, 4);
    assert_int_equal(offset, 4);
    tick(shell, 200000); /* no answer: the model stalls, others must not wait for it */
    assert_true(flow_admits(shell->flow, 0, offset));
    record(shell, offset++, 999, 1, 1);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_BUSY);
}

static void an_open_breaker_sends_tickets_on_at_once(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    feed(shell, (struct flow_event){.kind = FLOW_EV_MODEL_STATE, .flag = false});
    record(shell, 0, 1, 1, 1);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_UNAVAILABLE);
}

static void a_call_that_never_ends_is_given_up_at_its_deadline(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 1, 1, 1);
    assert_true(flow_wake_us(shell->flow) <= shell->now + 1000000);
    tick(shell, 1000001);
    assert_int_equal(count(shell, FLOW_CANCEL_MODEL), 1);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_LATE);
    tick(shell, 2000);
    assert_int_equal(shell->base, 1);
}

static void an_aborted_set_is_emitted_again_in_order_without_a_new_decision(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    shell->hold_commit = true;
    record(shell, 0, 1, 1, 2);
    record(shell, 1, 2, 1, 4);
    tick(shell, 2000);
    assert_true(shell->commit_pending);
    feed(shell, (struct flow_event){.kind = FLOW_EV_ABORTED});
    shell->hold_commit = false;
    tick(shell, 2000000);
    assert_int_equal(count(shell, FLOW_DECIDE), 2);
    assert_int_equal(count(shell, FLOW_EMIT), 4);
    assert_int_equal(shell->log[shell->n - 1].kind, FLOW_RELEASE);
    assert_int_equal(shell->base, 2);
}

static void a_culprit_is_found_by_splitting_and_replaced(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    shell->hold_commit = true;
    for (int i = 0; i < 4; i++)
        record(shell, i, 1 + (uint64_t)i, 1, 2 + 2 * (uint64_t)i);
    for (int tries = 0; tries < 60 && count(shell, FLOW_REPLACE) == 0; tries++) {
        bool culprit = false;
        tick(shell, 2000000);
        for (size_t i = shell->n; i > 0 && shell->log[i - 1].kind != FLOW_BEGIN; i--)
            culprit |= shell->log[i - 1].kind == FLOW_EMIT && shell->log[i - 1].tag == 6;
        if (!shell->commit_pending)
            continue;
        shell->commit_pending = false;
        feed(shell, culprit ? (struct flow_event){.kind = FLOW_EV_ABORTED, .flag = true}
                            : (struct flow_event){.kind = FLOW_EV_COMMITTED});
    }
    assert_int_equal(last(shell, FLOW_REPLACE)->tag, 6);
}

static void a_doubt_is_settled_by_base_and_text(void **state)
{
    struct shell *shell = *state;
    char before[WINDOW_TEXT_MAX + 1];

    assign(shell, 0, "");
    snprintf(before, sizeof before, "%s", shell->text);
    record(shell, 0, 1, 1, 1);
    shell->hold_commit = true;
    record(shell, 1, 2, 1, 2); /* behind the stuck one: a commit that only moves the window */
    tick(shell, 2000);
    assert_int_equal(shell->base, 0);
    feed(shell, (struct flow_event){.kind = FLOW_EV_IN_DOUBT});
    assert_int_equal(count(shell, FLOW_SETTLE), 1);
    size_t emitted = count(shell, FLOW_EMIT);
    feed(shell, (struct flow_event){.kind = FLOW_EV_SETTLED, .partition = 0, .base = 0, .text = before});
    shell->hold_commit = false;
    feed(shell, (struct flow_event){.kind = FLOW_EV_SETTLED_ALL});
    tick(shell, 50000);
    assert_int_equal(count(shell, FLOW_EMIT), emitted + 1); /* it was not committed: again */
}

static void a_doubt_that_was_committed_is_not_emitted_again(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 1, 1, 1);
    shell->hold_commit = true;
    record(shell, 1, 2, 1, 2);
    tick(shell, 2000);
    feed(shell, (struct flow_event){.kind = FLOW_EV_IN_DOUBT});
    size_t emitted = count(shell, FLOW_EMIT);
    feed(shell, (struct flow_event){.kind = FLOW_EV_SETTLED, .partition = 0, .base = 0, .text = shell->text});
    feed(shell, (struct flow_event){.kind = FLOW_EV_SETTLED_ALL});
    tick(shell, 50000);
    assert_int_equal(count(shell, FLOW_EMIT), emitted);
}

static void draining_finishes_what_runs_and_says_so_once(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    record(shell, 0, 1, 1, 1);
    feed(shell, (struct flow_event){.kind = FLOW_EV_STOP});
    assert_false(flow_admits(shell->flow, 0, 1));
    tick(shell, 1);
    assert_int_equal(count(shell, FLOW_DRAINED), 0);
    answer(shell, last(shell, FLOW_CALL_MODEL)->ticket);
    tick(shell, 2000);
    tick(shell, 2000);
    assert_int_equal(count(shell, FLOW_DRAINED), 1);
    assert_int_equal(shell->base, 1);
}

static void unreadable_metadata_stops_its_partition(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "w9.nonsense");
    assert_int_equal(count(shell, FLOW_STOP_PARTITION), 1);
    assert_false(flow_admits(shell->flow, 0, 0));
    assert_non_null(flow_stop_reason(shell->flow, 0));
}

static void assign_at(struct shell *shell, int partition, int takeovers)
{
    struct window window;
    char text[WINDOW_TEXT_MAX + 1];
    struct err err = {0};

    window_init(&window, 0);
    window_encode(&window, takeovers, text, &err);
    feed(shell, (struct flow_event){.kind = FLOW_EV_ASSIGNED, .partition = partition, .text = text, .flag = true});
}

/* A failure ends its revision, so what is open of an older one is closed like by any newer revision. */
static void a_newer_revision_that_cannot_be_read_sends_word(void **state)
{
    struct shell *shell = *state;

    assign(shell, 0, "");
    feed(shell, (struct flow_event){
                    .kind = FLOW_EV_RECORD,
                    .record = {.partition = 0, .kind = FLOW_BAD, .key_id = 9, .revision = 2, .bytes = 1, .tag = 2}});
    assert_int_equal(last(shell, FLOW_DECIDE)->verdict, FLOW_UNDECODABLE);
    assert_true(last(shell, FLOW_DECIDE)->word);
}

/* Partition 0 is in isolation: until its ticket is committed, a ticket of partition 1 could end the process and be held
 * against it. */
static void a_partition_in_isolation_has_the_lane_for_itself(void **state)
{
    struct shell *shell = *state;

    assign_at(shell, 0, FLOW_ISOLATE_TAKEOVERS - 1);
    assign_at(shell, 1, 0);
    assert_false(flow_admits(shell->flow, 0, 0));
    assert_false(flow_admits(shell->flow, 1, 0));
    tick(shell, 1);
    assert_int_equal(count(shell, FLOW_COMMIT), 1); /* the takeover of partition 0, and not that of 1 */
    assert_true(flow_admits(shell->flow, 0, 0));
    assert_false(flow_admits(shell->flow, 1, 0));
    record(shell, 0, 1, 1, 2);
    tick(shell, 2000);
    assert_false(flow_admits(shell->flow, 1, 0)); /* asks for its takeover to be written */
    tick(shell, 1);
    assert_true(flow_admits(shell->flow, 1, 0));
}

/* Partitions of several lanes in one process would be counted against together: each waits for a turn of its own. */
static void partitions_in_isolation_begin_one_after_the_other(void **state)
{
    struct shell *shell = *state;

    assign_at(shell, 3, FLOW_ISOLATE_TAKEOVERS);
    assert_false(flow_admits(shell->flow, 3, 0));
    tick(shell, 1);
    assert_int_equal(count(shell, FLOW_COMMIT), 0);
    assert_true(flow_wake_us(shell->flow) < INT64_MAX);
    tick(shell, flow_wake_us(shell->flow) - shell->now);
    assert_false(flow_admits(shell->flow, 3, 0));
    tick(shell, 1);
    assert_int_equal(count(shell, FLOW_COMMIT), 1);
    assert_true(flow_admits(shell->flow, 3, 0));
}

/* in_flight 8: four may wait for the model. Four calls run when a record comes back whose call is still parked. */
static void a_parked_call_is_not_taken_over_above_the_bound(void **state)
{
    struct shell *shell = *state;
    struct flow_figures figures;

    assign_at(shell, 1, 0);
    assign(shell, 0, "");
    flow_admits(shell->flow, 1, 0);
    tick(shell, 1);
    record(shell, 0, 7, 1, 1);
    feed(shell, (struct flow_event){.kind = FLOW_EV_LOST, .partition = 0});
    for (int i = 0; i < 4; i++)
        feed(shell, (struct flow_event){.kind = FLOW_EV_RECORD,
                                        .record = {.partition = 1,
                                                   .offset = i,
                                                   .kind = FLOW_TICKET,
                                                   .bytes = 1,
                                                   .key_id = 20 + (uint64_t)i,
                                                   .revision = 1,
                                                   .tag = 1}});
    assign(shell, 0, "");
    record(shell, 0, 7, 1, 1);
    flow_figures(shell->flow, &figures);
    assert_true(figures.waiting_for_model <= 4);
    assert_int_equal(count(shell, FLOW_ADOPT), 0);
}

/* Reading back for the memory would end the process again, for ever. */
static void a_record_that_was_given_up_is_not_looked_into_by_the_next_owner(void **state)
{
    struct shell *shell = *state;
    char text[WINDOW_TEXT_MAX + 1];
    struct window window;
    struct err err = {0};
    int takeovers;

    assign_at(shell, 0, FLOW_SUSPECT_TAKEOVERS - 1);
    flow_admits(shell->flow, 0, 0);
    tick(shell, 1);
    feed(shell, (struct flow_event){.kind = FLOW_EV_RECORD,
                                    .record = {.partition = 0, .kind = FLOW_OPAQUE, .bytes = 1, .tag = 2}});
    record(shell, 1, 1, 1, 2);
    tick(shell, 2000);
    assert_int_equal(shell->base, 2);
    snprintf(text, sizeof text, "%s", shell->text);
    teardown(state);
    setup(state);
    feed(shell, (struct flow_event){
                    .kind = FLOW_EV_ASSIGNED, .partition = 0, .base = 2, .start = 0, .text = text, .flag = true});
    assert_true(flow_skips(shell->flow, 0, 0));
    assert_true(flow_suspect(shell->flow, 0, 0));
    assert_false(flow_suspect(shell->flow, 0, 1));
    assert_int_equal(window_decode(text, 2, &window, &takeovers, &err), 0);
    window_forget_suspects(&window, 1); /* nobody reads so far back any more */
    assert_false(window_is_suspect(&window, 0));
}

static void metadata_with_suspects_is_read_back_whole(UNUSED void **state)
{
    char text[WINDOW_TEXT_MAX + 1];
    struct window window, back;
    struct err err = {0};
    int takeovers;

    window_init(&window, 5000);
    for (int64_t i = 0; i < WINDOW_SUSPECTS_MAX + 1; i++)
        window_suspect(&window, 100 * i);
    window_mark(&window, 5003, 5005);
    assert_int_equal(window_encode(&window, 4, text, &err), 0);
    assert_int_equal(window_decode(text, 5000, &back, &takeovers, &err), 0);
    assert_int_equal(takeovers, 4);
    assert_true(window_equal(&window, &back));
    assert_false(window_is_suspect(&back, 0)); /* one too many: the oldest is forgotten */
    for (int64_t i = 1; i < WINDOW_SUSPECTS_MAX + 1; i++)
        assert_true(window_is_suspect(&back, 100 * i));
    window_free(&window);
    window_free(&back);
}

static void an_idle_feeder_notices_that_its_row_went_back(UNUSED void **state)
{
    struct feeder_partition partition;

    feeder_assigned(&partition, true, 40, 0);
    feeder_saw_row(&partition, true, 40);
    assert_false(partition.stopped);
    feeder_saw_row(&partition, true, 31); /* an older copy was restored */
    assert_true(partition.stopped);
    assert_false(feeder_takes(&partition, 41));
    feeder_assigned(&partition, true, 40, 0);
    feeder_saw_row(&partition, false, 0);
    assert_true(partition.stopped);
}

/* ---- shares of the model's slots ---- */

static int setup_shares(void **state)
{
    static struct shell shell;
    const struct flow_settings settings = {.in_flight = 16,
                                           .in_flight_bytes = 1 << 20,
                                           .model_slots = 2,
                                           .dedup_memory = 16,
                                           .commit_batch = 8,
                                           .commit_interval_us = 1000,
                                           .model_deadline_us = 1000000,
                                           .stall_us = 100000,
                                           .n_shares = 2,
                                           .weights = {1, 1},
                                           .overflow = true};

    shell = (struct shell){.flow = flow_new(&settings), .now = 1000};
    *state = &shell;
    return 0;
}

/* A ticket that needs the model. */
static void record_of(struct shell *shell, int64_t offset, uint64_t key, int64_t revision, const struct flow_record *as)
{
    struct flow_record in = {.partition = 0,
                             .offset = offset,
                             .kind = FLOW_TICKET,
                             .key_id = key,
                             .revision = revision,
                             .content_hash = 77,
                             .bytes = 100,
                             .tag = 1,
                             .share = as->share,
                             .sender = as->sender,
                             .background = as->background};

    assert_true(flow_admits(shell->flow, 0, offset));
    feed(shell, (struct flow_event){.kind = FLOW_EV_RECORD, .record = in});
}

static void a_share_that_floods_keeps_no_other_out(void **state)
{
    struct shell *shell = *state;
    const struct flow_record flood = {.share = 0}, other = {.share = 1};
    struct flow_figures figures;
    int64_t offset = 0;

    assign(shell, 0, "");
    for (; offset < 40; offset++) {
        record_of(shell, offset, 100 + (uint64_t)offset, 1, &flood);
        tick(shell, 2000);
    }
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.waiting_for_model, 8);
    assert_int_equal(count(shell, FLOW_FINISH), 32);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_BUSY);
    for (; offset < 43; offset++)
        record_of(shell, offset, 100 + (uint64_t)offset, 1, &other);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.waiting_of[1], 3); /* for them three of the flood went on without a draft */
    assert_int_equal(figures.waiting_of[0], 3);
    answer(shell, last(shell, FLOW_CALL_MODEL)->ticket);
    answer(shell, last(shell, FLOW_CALL_MODEL)->ticket);
    flow_figures(shell->flow, &figures);
    assert_true(figures.waiting_of[1] < 3);
}

static void a_key_that_holds_up_too_many_goes_on_without_the_model(void **state)
{
    struct shell *shell = *state;
    const struct flow_record as = {.share = 0};
    struct flow_figures figures;

    assign(shell, 0, "");
    for (int i = 0; i < 5; i++)
        record_of(shell, i, 9, 1 + i, &as);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 1);
    assert_int_equal(count(shell, FLOW_CANCEL_MODEL), 0);
    record_of(shell, 5, 9, 6, &as);
    assert_int_equal(count(shell, FLOW_CANCEL_MODEL), 1);
    assert_int_equal(last(shell, FLOW_FINISH)->without, FLOW_MODEL_BUSY);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 2);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.held, 4);
}

static void background_gets_what_nobody_else_wants_and_fills_nothing_up(void **state)
{
    struct shell *shell = *state;
    const struct flow_record backfill = {.share = 0, .background = true}, live = {.share = 1};
    struct flow_figures figures;
    int64_t offset = 0;

    assign(shell, 0, "");
    for (; offset < 20; offset++) {
        record_of(shell, offset, 100 + (uint64_t)offset, 1, &backfill);
        tick(shell, 2000);
    }
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 1); /* one of two slots stays free for whoever comes */
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.waiting_for_model, 8);
    record_of(shell, offset++, 500, 1, &live);
    assert_int_equal(count(shell, FLOW_CALL_MODEL), 2);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.calling_of[1], 1);
    assert_int_equal(figures.waiting_for_model, 8);
    record_of(shell, offset++, 501, 1, &live);
    answer(shell, last(shell, FLOW_CALL_MODEL)->ticket);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.calling_of[1], 1);
    assert_int_equal(figures.calling_of[0], 1);
}

/* The next of the key of whoever gives way takes over a call that still runs, and with it the place. */
static void nobody_waits_above_the_bound_when_a_parked_call_takes_the_place(void **state)
{
    struct shell *shell = *state;
    const struct flow_record live = {.share = 1}, backfill = {.share = 0, .background = true};
    struct flow_figures figures;
    int64_t offset = 3;

    assign(shell, 0, "");
    record(shell, 0, 5, 1, 2);
    record(shell, 1, 9, 1, 2);
    record_of(shell, 2, 9, 2, &backfill); /* its call runs on when the partition is lost */
    feed(shell, (struct flow_event){.kind = FLOW_EV_LOST, .partition = 0});
    assign(shell, 0, "");
    record_of(shell, 0, 5, 1, &live); /* these two need the model now: one calls, one waits */
    record_of(shell, 1, 9, 1, &backfill);
    record_of(shell, 2, 9, 2, &backfill);
    for (; offset < 9; offset++)
        record_of(shell, offset, 100 + (uint64_t)offset, 1, &live);
    flow_figures(shell->flow, &figures);
    assert_int_equal(figures.waiting_for_model, 8);
    assert_int_equal(count(shell, FLOW_ADOPT), 0);
    record_of(shell, offset, 100 + (uint64_t)offset, 1, &live);
    flow_figures(shell->flow, &figures);
    assert_int_equal(count(shell, FLOW_ADOPT), 1);
    assert_int_equal(figures.waiting_for_model, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_commit_announces_the_takeover),
        TEST(progress_forgets_the_takeover),
        TEST(a_stuck_ticket_delays_nobody_else),
        TEST(the_next_owner_skips_what_is_done),
        TEST(tickets_of_one_key_are_decided_in_order),
        TEST(repeats_and_older_revisions_get_notices),
        TEST(lost_work_is_never_emitted),
        TEST(a_parked_call_is_used_again_when_its_record_comes_back),
        TEST(revocation_commits_what_is_finished),
        TEST(repeated_crashes_isolate_and_then_give_up_the_suspect),
        TEST(isolation_goes_on_until_the_culprit_can_not_be_ahead),
        TEST(at_most_half_of_in_flight_waits_for_the_model),
        TEST(an_open_breaker_sends_tickets_on_at_once),
        TEST(a_call_that_never_ends_is_given_up_at_its_deadline),
        TEST(an_aborted_set_is_emitted_again_in_order_without_a_new_decision),
        TEST(a_culprit_is_found_by_splitting_and_replaced),
        TEST(a_doubt_is_settled_by_base_and_text),
        TEST(a_doubt_that_was_committed_is_not_emitted_again),
        TEST(draining_finishes_what_runs_and_says_so_once),
        TEST(unreadable_metadata_stops_its_partition),
        TEST(a_newer_revision_that_cannot_be_read_sends_word),
        TEST(a_partition_in_isolation_has_the_lane_for_itself),
        TEST(partitions_in_isolation_begin_one_after_the_other),
        TEST(a_parked_call_is_not_taken_over_above_the_bound),
        TEST(a_record_that_was_given_up_is_not_looked_into_by_the_next_owner),
        cmocka_unit_test_setup_teardown(a_share_that_floods_keeps_no_other_out, setup_shares, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_holds_up_too_many_goes_on_without_the_model, setup_shares, teardown),
        cmocka_unit_test_setup_teardown(background_gets_what_nobody_else_wants_and_fills_nothing_up, setup_shares,
                                        teardown),
        cmocka_unit_test_setup_teardown(nobody_waits_above_the_bound_when_a_parked_call_takes_the_place, setup_shares,
                                        teardown),
        cmocka_unit_test(metadata_with_suspects_is_read_back_whole),
        cmocka_unit_test(an_idle_feeder_notices_that_its_row_went_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
