/* Fair queueing of the model's slots: what the header promises, on loads made up here. Counts, never times. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "flow/fair.h"

enum { ITEMS = 4000, SHARES = 3, DEAREST = 500 };

struct load {
    struct fair *fair;
    struct fair_item items[ITEMS];
    size_t n;
    uint64_t random;
};

static const uint32_t weights[SHARES] = {1, 2, 5};

static int setup(void **state)
{
    static struct load load;

    load = (struct load){.fair = fair_new(weights, SHARES), .random = 7};
    *state = &load;
    return 0;
}

static int teardown(void **state)
{
    struct load *load = *state;

    fair_free(load->fair);
    return 0;
}

static uint64_t below(struct load *load, uint64_t n)
{
    load->random = load->random * 6364136223846793005u + 1442695040888963407u;
    return (load->random >> 33) % n;
}

/* A sender of each number has a queue of its own: the first that hashes there. */
static uint64_t sender(unsigned number)
{
    uint64_t sender = number;

    while (fair_sender_queue(sender) != number)
        sender += FAIR_SENDERS;
    return sender;
}

static struct fair_item *put(struct load *load, unsigned share, unsigned from, int64_t due)
{
    struct fair_item *item = &load->items[load->n++];

    *item = (struct fair_item){.share = share, .sender = sender(from), .due_us = due, .cost = 100};
    fair_put(load->fair, item);
    return item;
}

static struct fair_item *serve(struct load *load)
{
    struct fair_item *item = fair_next(load->fair, false);

    assert_non_null(item);
    fair_serve(load->fair, item);
    return item;
}

static void shares_get_slots_by_their_weights(void **state)
{
    struct load *load = *state;
    size_t served[SHARES] = {0};

    for (int i = 0; i < 800; i++) {
        for (unsigned share = 0; share < SHARES; share++)
            put(load, share, (unsigned)i % FAIR_SENDERS, i);
    }
    for (int i = 0; i < 800; i++)
        served[serve(load)->share]++;
    assert_int_equal(served[0], 100);
    assert_int_equal(served[1], 200);
    assert_int_equal(served[2], 500);
}

/* Over any interval in which two shares always had somebody waiting: the running difference never spans more than the
 * largest cost of each by its weight. */
static void service_of_backlogged_shares_differs_by_no_more_than_the_bound(void **state)
{
    struct load *load = *state;
    double paid[SHARES] = {0}, least[SHARES][SHARES] = {{0}}, most[SHARES][SHARES] = {{0}};

    while (load->n + 4 < ITEMS) {
        struct fair_item *item;
        for (unsigned share = 0; share < SHARES; share++) {
            while (fair_waiting(load->fair, share, false) < 3)
                put(load, share, (unsigned)below(load, 9), (int64_t)below(load, 1000))->cost =
                    1 + (uint32_t)below(load, DEAREST);
        }
        item = fair_next(load->fair, false);
        paid[item->share] += (double)item->cost / weights[item->share];
        fair_serve(load->fair, item);
        for (unsigned a = 0; a < SHARES; a++) {
            for (unsigned b = 0; b < SHARES; b++) {
                double now = paid[a] - paid[b];
                least[a][b] = now < least[a][b] ? now : least[a][b];
                most[a][b] = now > most[a][b] ? now : most[a][b];
                assert_true(most[a][b] - least[a][b] <=
                            (double)DEAREST / weights[a] + (double)DEAREST / weights[b] + 1);
            }
        }
    }
}

static void a_flood_of_one_share_changes_nothing_for_another_that_asks_for_less_than_its_part(void **state)
{
    struct load *load = *state;
    int64_t last = -1;

    for (int i = 0; i < 2000; i++)
        put(load, 1, (unsigned)i % FAIR_SENDERS, 0);
    for (int i = 0; i < 50; i++) {
        const struct fair_item *item;
        put(load, 2, (unsigned)i % FAIR_SENDERS, 1000 + i);
        do
            item = serve(load);
        while (item->share != 2 && load->n < ITEMS);
        assert_true(item->due_us > last);
        last = item->due_us;
    }
}

static void an_idle_share_saves_nothing_up(void **state)
{
    struct load *load = *state;
    int of_second = 0;

    for (int i = 0; i < 400; i++)
        put(load, 0, (unsigned)i % FAIR_SENDERS, i);
    for (int i = 0; i < 200; i++)
        serve(load);
    for (int i = 0; i < 100; i++)
        put(load, 1, (unsigned)i % FAIR_SENDERS, i);
    for (int i = 0; i < 30; i++)
        of_second += serve(load)->share == 1;
    assert_in_range(of_second, 18, 22);
}

static void within_a_share_who_is_due_first_goes_first(void **state)
{
    struct load *load = *state;
    int64_t last = -1;

    for (unsigned i = 0; i < FAIR_SENDERS; i++)
        put(load, 0, i, (int64_t)below(load, 100000));
    for (unsigned i = 0; i < FAIR_SENDERS; i++) {
        const struct fair_item *item = serve(load);
        assert_true(item->due_us >= last);
        last = item->due_us;
    }
    assert_null(fair_next(load->fair, false));
}

static void a_sender_waits_for_at_most_one_call_of_each_other(void **state)
{
    struct load *load = *state;
    struct fair_item *late;
    int before = 0;

    for (int i = 0; i < 500; i++)
        put(load, 0, 1, i); /* all of them due before anybody else */
    for (int i = 0; i < 20; i++)
        serve(load);
    for (unsigned i = 2; i < 6; i++)
        put(load, 0, i, 50);
    late = put(load, 0, 7, 1000000);
    while (serve(load) != late)
        before++;
    assert_in_range(before, 0, 5);
}

static void senders_that_all_want_more_get_equal_parts(void **state)
{
    struct load *load = *state;
    size_t served[4] = {0};

    for (int i = 0; i < 300; i++) {
        for (unsigned from = 0; from < 4; from++)
            put(load, 0, from, from == 0 ? i : 100000 + (int64_t)below(load, 1000));
    }
    for (int i = 0; i < 400; i++) {
        const struct fair_item *item = serve(load);
        for (unsigned from = 0; from < 4; from++)
            served[from] += item->sender == sender(from);
    }
    for (unsigned from = 0; from < 4; from++)
        assert_in_range(served[from], 100 - 4, 100 + 4);
}

static void the_newest_of_the_longest_queue_gives_way(void **state)
{
    struct load *load = *state;
    struct fair_item newcomer = {.share = 2, .sender = sender(1), .due_us = 1, .cost = 1};
    struct fair_item *newest = NULL;

    for (int i = 0; i < 10; i++)
        newest = put(load, 0, 5, 100 - i);
    put(load, 0, 6, 1);
    put(load, 1, 5, 1);
    assert_ptr_equal(fair_victim(load->fair, &newcomer), newest);
    newcomer.share = 0;
    assert_ptr_equal(fair_victim(load->fair, &newcomer), newest);
    newcomer.sender = sender(5);
    assert_ptr_equal(fair_victim(load->fair, &newcomer), &newcomer);
}

static void who_is_within_its_share_gives_way_to_nobody(void **state)
{
    struct load *load = *state;
    struct fair_item newcomer = {.share = 0, .sender = sender(1), .cost = 1};

    for (unsigned i = 0; i < 11; i++)
        put(load, 2, i, 1);
    put(load, 0, 2, 1);
    assert_int_equal(fair_victim(load->fair, &newcomer)->share,
                     2); /* one of share 0 with weight 1, eleven of share 2 with 5 */
    put(load, 0, 3, 1);
    put(load, 0, 4, 1);
    assert_ptr_equal(fair_victim(load->fair, &newcomer), &newcomer);
}

static void background_comes_last_and_gives_way_first(void **state)
{
    struct load *load = *state;
    struct fair_item backfill = {.share = 2, .sender = sender(1), .due_us = 1, .cost = 1, .background = true};
    struct fair_item another = backfill, live = {.share = 0, .sender = sender(2), .due_us = 9, .cost = 1};

    fair_put(load->fair, &backfill);
    assert_int_equal(fair_waiting_in_background(load->fair), 1);
    assert_null(fair_next(load->fair, false));
    assert_ptr_equal(fair_victim(load->fair, &live), &backfill);
    assert_ptr_equal(fair_next(load->fair, true), &backfill);
    assert_ptr_equal(fair_victim(load->fair, &another), &another);
    fair_drop(load->fair, &backfill);
    fair_drop(load->fair, &backfill);
    assert_ptr_equal(fair_victim(load->fair, &another), &another);
    assert_int_equal(fair_waiting_in_background(load->fair), 0);
}

/* Whatever comes and leaves in whatever order, nobody is lost and none is given twice. */
static void who_waits_is_served_or_dropped_once(void **state)
{
    struct load *load = *state;
    size_t gone = 0;

    while (load->n < ITEMS - 1) {
        uint64_t dice = below(load, 10);
        if (dice < 5) {
            put(load, (unsigned)below(load, SHARES), (unsigned)below(load, 20), (int64_t)below(load, 50));
        } else if (dice < 8 && fair_next(load->fair, false)) {
            assert_false(serve(load)->queued);
            gone++;
        } else if (load->n) {
            struct fair_item *item = &load->items[below(load, load->n)];
            gone += item->queued;
            fair_drop(load->fair, item);
        }
    }
    while (fair_next(load->fair, false)) {
        serve(load);
        gone++;
    }
    assert_int_equal(gone, load->n);
    for (unsigned share = 0; share < SHARES; share++)
        assert_int_equal(fair_waiting(load->fair, share, false), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shares_get_slots_by_their_weights),
        TEST(service_of_backlogged_shares_differs_by_no_more_than_the_bound),
        TEST(a_flood_of_one_share_changes_nothing_for_another_that_asks_for_less_than_its_part),
        TEST(an_idle_share_saves_nothing_up),
        TEST(within_a_share_who_is_due_first_goes_first),
        TEST(a_sender_waits_for_at_most_one_call_of_each_other),
        TEST(senders_that_all_want_more_get_equal_parts),
        TEST(the_newest_of_the_longest_queue_gives_way),
        TEST(who_is_within_its_share_gives_way_to_nobody),
        TEST(background_comes_last_and_gives_way_first),
        TEST(who_waits_is_served_or_dropped_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
