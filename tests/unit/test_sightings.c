/* Which version was in force before another: what an incident is rolled back to. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "evaluation/sightings.h"

#define HOUR 3600000000LL

/* One ticket an hour, each letter the policy that decided it; ' ' none. */
static void note_hours(struct sightings *seen, size_t profile, const char *policies)
{
    for (size_t i = 0; policies[i]; i++) {
        const char policy[] = {policies[i], '\0'};
        char ticket[32];
        snprintf(ticket, sizeof ticket, "ticket-%zu", i);
        if (policies[i] != ' ')
            sightings_note(seen, profile, ticket, (int64_t)(i + 1) * HOUR, (const char *const[]){policy, "c", "", "k"});
    }
}

static void expect(struct sightings *seen, const char *policy, const char *wanted)
{
    int64_t last;
    const char *before = sightings_before(seen, 0, VERSION_POLICY, policy, &last);

    assert_string_equal(before ? before : "none", wanted);
}

static void right_before_is_what_was_in_force_when_the_version_last_came(void **state)
{
    static const struct {
        const char *hours, *policy, *wanted;
    } table[] = {
        {"AABB", "B", "A"},   {"ABAB", "B", "A"},     {"ABAB", "A", "B"},    {"ABACB", "B", "C"}, {"ABCA", "C", "B"},
        {"ABC", "C", "B"},    {"BAB", "B", "A"},      {"AABB", "A", "none"}, {"AB AB", "B", "A"}, {"CBBAB", "B", "A"},
        {"AB  BB", "B", "A"}, {"ABBBCCBB", "B", "C"}, {"ABAB", "D", "none"}, {"", "A", "none"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct sightings seen = {0};
        note_hours(&seen, 0, table[i].hours);
        note_hours(&seen, 1, "XYZXYZXYZ"); /* another profile */
        expect(&seen, table[i].policy, table[i].wanted);
        expect(&seen, table[i].policy, table[i].wanted); /* and again */
        sightings_done(&seen);
    }
}

static void however_many_versions_there_were_the_newest_counts(void **state)
{
    struct sightings seen = {0};
    char policy[32];
    int64_t last;
    (void)state;

    for (int i = 0; i < 200; i++) {
        snprintf(policy, sizeof policy, "policy-%d", i);
        sightings_note(&seen, 0, policy, i * HOUR, (const char *const[]){policy, "c", "", "k"});
    }
    assert_string_equal(sightings_before(&seen, 0, VERSION_POLICY, "policy-199", &last), "policy-198");
    assert_int_equal(last, 198 * HOUR);
    sightings_done(&seen);
}

static void the_order_of_reading_does_not_matter(void **state)
{
    static const int hours[] = {7, 2, 5, 1, 6, 3, 4};
    struct sightings seen = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(hours); i++) {
        const char policy[] = {" AABCBCC"[hours[i]], '\0'};
        sightings_note(&seen, 0, policy, hours[i] * HOUR, (const char *const[]){policy, "c", "", "k"});
    }
    expect(&seen, "C", "B");
    expect(&seen, "A", "none");
    sightings_done(&seen);
}

static void workers_that_change_one_after_the_other_made_one_change(void **state)
{
    static const char second[] = "AAABBABBBBCBCBCCCC                    DDCDD"; /* from B to C, and by hand to D */
    struct sightings seen = {0};
    (void)state;

    for (size_t i = 0; second[i]; i++) {
        const char policy[] = {second[i], '\0'};
        char ticket[32];
        snprintf(ticket, sizeof ticket, "ticket-%zu", i);
        if (second[i] != ' ')
            sightings_note(&seen, 0, ticket, (int64_t)i * 1000000, (const char *const[]){policy, "c", "", "k"});
    }
    expect(&seen, "C", "B");
    expect(&seen, "B", "A");
    sightings_done(&seen);
}

static void what_is_said_later_of_a_decision_moves_no_version(void **state)
{
    struct sightings seen = {0};
    (void)state;

    note_hours(&seen, 0, "ABBCC");
    /* The first ticket's answer was held back, and goes out while B is in force. */
    sightings_note(&seen, 0, "ticket-0", 3 * HOUR + 1, (const char *const[]){"A", "c", "", "k"});
    expect(&seen, "C", "B");
    sightings_done(&seen);
}

static void a_part_that_took_no_part_is_no_version(void **state)
{
    struct sightings seen = {0};
    int64_t last;
    (void)state;

    sightings_note(&seen, 0, "1", 1 * HOUR, (const char *const[]){"A", "c", "p", "k"});
    sightings_note(&seen, 0, "2", 2 * HOUR, (const char *const[]){"A", "", "", "k"});
    sightings_note(&seen, 0, "3", 3 * HOUR, (const char *const[]){"A", "d", "q", "k"});
    assert_string_equal(sightings_before(&seen, 0, VERSION_CLASSIFIER, "d", &last), "c");
    assert_string_equal(sightings_before(&seen, 0, VERSION_PROMISE, "q", &last), "p");
    assert_null(sightings_before(&seen, 0, VERSION_POLICY, "A", &last));
    sightings_done(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_before_is_what_was_in_force_when_the_version_last_came),
        cmocka_unit_test(however_many_versions_there_were_the_newest_counts),
        cmocka_unit_test(the_order_of_reading_does_not_matter),
        cmocka_unit_test(workers_that_change_one_after_the_other_made_one_change),
        cmocka_unit_test(what_is_said_later_of_a_decision_moves_no_version),
        cmocka_unit_test(a_part_that_took_no_part_is_no_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
