/* The draw of audits: its rate, that it is repeatable, and that the key decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "decide/audit.h"

enum { TICKETS = 20000 };

static int drawn(const char *secret, double share, unsigned char *ret_which)
{
    unsigned char key[AUDIT_KEY_BYTES];
    int n = 0;

    audit_key_make(secret, key);
    for (int i = 0; i < TICKETS; i++) {
        char ticket[32];
        snprintf(ticket, sizeof ticket, "t/s/i/%d", i);
        ret_which[i] = audit_drawn(key, ticket, 1, share);
        n += ret_which[i];
    }
    return n;
}

static unsigned char first[TICKETS], second[TICKETS];

static void the_share_is_what_was_asked_for(UNUSED void **state)
{
    /* five standard deviations of a binomial with 20,000 draws at 5 %: 31 each */
    assert_in_range(drawn("secret", 0.05, first), 1000 - 155, 1000 + 155);
    assert_int_equal(drawn("secret", 0, first), 0);
    assert_int_equal(drawn("secret", 1, first), TICKETS);
}

static void a_replay_draws_the_same(UNUSED void **state)
{
    drawn("secret", 0.3, first);
    drawn("secret", 0.3, second);
    assert_memory_equal(first, second, TICKETS);
}

static void a_larger_share_keeps_what_a_smaller_one_draws(UNUSED void **state)
{
    drawn("secret", 0.05, first);
    drawn("secret", 0.2, second);
    for (int i = 0; i < TICKETS; i++)
        assert_true(!first[i] || second[i]);
}

static void another_key_draws_others(UNUSED void **state)
{
    int both = 0, n = drawn("secret", 0.1, first);

    drawn("another", 0.1, second);
    for (int i = 0; i < TICKETS; i++)
        both += first[i] && second[i];
    assert_in_range(both, n / 10 - 70, n / 10 + 70); /* independent: a tenth of them, 13 each way */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_share_is_what_was_asked_for),
        cmocka_unit_test(a_replay_draws_the_same),
        cmocka_unit_test(a_larger_share_keeps_what_a_smaller_one_draws),
        cmocka_unit_test(another_key_draws_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
