/* The keys of a backfill's positions: two jobs never share one. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "kafka/positions.h"

enum { NAME_LEN = 249 }; /* of a topic, at most */

static void id_of(const char *group, const struct positions_job *job, char out[SHA256_HEX_MAX])
{
    const struct config_kafka config = {.group = (char *)group};

    positions_job_id(&config, job, out);
}

/* A name of this length that only its last byte tells from others. */
static const char *ending(char text[NAME_LEN + 1], char last)
{
    memset(text, 'n', NAME_LEN);
    text[NAME_LEN - 1] = last;
    text[NAME_LEN] = '\0';
    return text;
}

static void jobs_that_differ_in_anything_have_positions_of_their_own(void **state)
{
    char a[NAME_LEN + 1], b[NAME_LEN + 1], ids[10][SHA256_HEX_MAX];
    const struct positions_job jobs[] = {
        {"topic", ending(a, 'a'), "tickets", ""},
        {"topic", ending(b, 'b'), "tickets", ""},
        {"topic", "archive", a, ""},
        {"topic", "archive", b, ""},
        {"topic", "archive", "tickets", a},
        {"topic", "archive", "tickets", b},
        {"file", "archive", "tickets", a},
        {"topic", "archive", "ticketsa", ""},
        {"topic", "archive", "tickets", "a"},
        {"topic", "archivetickets", "", "a"},
    };
    (void)state;

    assert_int_equal(ARRAY_LEN(jobs), ARRAY_LEN(ids));
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        id_of("triage", &jobs[i], ids[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ids[i], ids[k]);
    }
}

static void groups_that_begin_alike_have_positions_of_their_own(void **state)
{
    const struct positions_job job = {"topic", "archive", "tickets", ""};
    char a[NAME_LEN + 1], b[NAME_LEN + 1], one[SHA256_HEX_MAX], other[SHA256_HEX_MAX];
    (void)state;

    id_of(ending(a, 'a'), &job, one);
    id_of(ending(b, 'b'), &job, other);
    assert_string_not_equal(one, other);
}

static void the_same_job_finds_its_position_again_and_the_key_is_whole(void **state)
{
    const struct config_kafka config = {.group = "triage"};
    const struct positions_job job = {"topic", "archive", "tickets", ""};
    char one[SHA256_HEX_MAX], other[SHA256_HEX_MAX], key[POSITIONS_KEY_MAX], wanted[POSITIONS_KEY_MAX];
    (void)state;

    positions_job_id(&config, &job, one);
    positions_job_id(&config, &job, other);
    assert_string_equal(one, other);
    positions_job_key(&config, one, 12, key);
    snprintf(wanted, sizeof wanted, "backfill/triage/%s/12", one);
    assert_string_equal(key, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_that_differ_in_anything_have_positions_of_their_own),
        cmocka_unit_test(groups_that_begin_alike_have_positions_of_their_own),
        cmocka_unit_test(the_same_job_finds_its_position_again_and_the_key_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
