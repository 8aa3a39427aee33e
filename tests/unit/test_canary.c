/* Which tickets a candidate has, and what a result tells of a shadow. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "contract/shadow.h"
#include "decide/canary.h"

#define TICKETS 20000

static const struct provenance candidate = {.policy = "p", .classifier = "c", .promise = ""};

static void the_draw_is_of_the_share_and_of_the_key_alone(UNUSED void **state)
{
    unsigned char key[AUDIT_KEY_BYTES], other[AUDIT_KEY_BYTES];
    size_t drawn = 0, both = 0;
    char ticket[64];

    audit_key_make("secret", key);
    audit_key_make("another", other);
    for (int i = 0; i < TICKETS; i++) {
        snprintf(ticket, sizeof ticket, "acme/zendesk/eu/%d", i);
        drawn += canary_drawn(key, ticket, 0.1);
        both += canary_drawn(key, ticket, 0.1) && canary_drawn(other, ticket, 0.1);
        assert_true(canary_drawn(key, ticket, 1));
        assert_false(canary_drawn(key, ticket, 0));
    }
    assert_true(drawn > TICKETS / 10 - 200 && drawn < TICKETS / 10 + 200);
    assert_true(both < TICKETS / 50);
}

static void the_draw_is_apart_from_that_of_audits(UNUSED void **state)
{
    unsigned char key[AUDIT_KEY_BYTES];
    size_t both = 0;
    char ticket[64];

    audit_key_make("secret", key);
    for (int i = 0; i < TICKETS; i++) {
        snprintf(ticket, sizeof ticket, "acme/zendesk/eu/%d", i);
        both += canary_drawn(key, ticket, 0.1) && audit_drawn(key, ticket, 1, 0.1);
    }
    assert_true(both > TICKETS / 100 - 80 && both < TICKETS / 100 + 80);
}

static void a_shadow_says_only_what_differs(UNUSED void **state)
{
    struct decision decision = {.status = STATUS_ANSWERED, .label = "order", .confidence = 0.91}, other;
    CLEANUP(mem_freep) char *same = NULL, *differs = NULL;

    decision_add_reason(&decision, REASON_CONFIDENT);
    other = decision;
    other.confidence = 0.91000001;
    same = shadow_json(&decision, &other, &candidate);
    assert_string_equal(same, "{\"policy\":\"p\",\"classifier\":\"c\",\"promise\":\"\"}");
    other.status = STATUS_IN_REVIEW;
    other.n_reasons = 0;
    decision_add_reason(&other, REASON_MODE_OFF);
    differs = shadow_json(&decision, &other, &candidate);
    assert_string_equal(differs, "{\"policy\":\"p\",\"classifier\":\"c\",\"promise\":\"\",\"status\":\"in_review\","
                                 "\"reasons\":[\"mode_off\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_draw_is_of_the_share_and_of_the_key_alone),
        cmocka_unit_test(the_draw_is_apart_from_that_of_audits),
        cmocka_unit_test(a_shadow_says_only_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
