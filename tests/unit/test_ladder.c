/* The ladder: evidence in, verdict out. */
#include <string.h>

#include "base/attrs.h"
#include "cmocka_all.h"
#include "decide/ladder.h"

static const struct policy_autonomy bounds = {.labels_least = 100, .override_most = 0.1, .quality_review_days = 30};
static const struct ladder_evidence good = {.level = MODE_SHADOW,
                                            .ceiling = MODE_AUTO,
                                            .owner_named = true,
                                            .promise_certified = true,
                                            .labels = 100,
                                            .looked = 100,
                                            .overrides = 10,
                                            .share_of_manual = 1,
                                            .reviewed_days = 30};

static void with_all_evidence_every_step_is_free(UNUSED void **state)
{
    for (enum mode to = MODE_SHADOW; to <= MODE_AUTO; to++)
        assert_int_equal(ladder_lacks(&good, &bounds, to), 0);
}

#define BAD(lack_, first_, ...) {lack_, first_, {.level = MODE_SHADOW, .ceiling = MODE_AUTO, .owner_named = true,      \
        .promise_certified = true, .labels = 100, .looked = 100, .overrides = 10, .share_of_manual = 1,                \
        .reviewed_days = 30, __VA_ARGS__}}

/* One piece of evidence is missing: from this level on a step lacks it, and nothing else. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const struct {
    enum ladder_lack lack;
    enum mode first;
    struct ladder_evidence evidence;
} cases[] = {
    BAD(LACK_CEILING, MODE_SUGGEST, .ceiling = MODE_SHADOW), BAD(LACK_CEILING, MODE_AUTO, .ceiling = MODE_HOLD),
    BAD(LACK_CONTROLS, MODE_SHADOW, .stopped = true),        BAD(LACK_CONTROLS, MODE_SHADOW, .capped = true),
    BAD(LACK_OWNER, MODE_SHADOW, .owner_named = false),      BAD(LACK_LABELS, MODE_SUGGEST, .labels = 99),
    BAD(LACK_SAMPLE, MODE_SUGGEST, .looked = 0, .overrides = 0), BAD(LACK_OVERRIDES, MODE_SUGGEST, .overrides = 11),
    BAD(LACK_SPEED_UNKNOWN, MODE_SUGGEST, .share_of_manual = -1), BAD(LACK_SPEED, MODE_SUGGEST, .share_of_manual = 1.1),
    BAD(LACK_REVIEW, MODE_SUGGEST, .reviewed_days = 30.1),   BAD(LACK_REVIEW, MODE_SUGGEST, .reviewed_days = -1),
    BAD(LACK_KNOWLEDGE, MODE_HOLD, .stale_macro = "where", .stale_why = "was superseded"), BAD(LACK_PROMISE, MODE_HOLD, .promise_certified = false),
    BAD(LACK_PROMISE_BROKEN, MODE_HOLD, .promise_was_broken = true), BAD(LACK_AUDITS, MODE_HOLD, .unwatched = true),
};
#pragma GCC diagnostic pop

static void what_is_missing_is_named_and_nothing_else(UNUSED void **state)
{
    unsigned seen = 0;
    char words[LADDER_WORDS_MAX];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (enum mode to = MODE_SHADOW; to <= MODE_AUTO; to++) {
            unsigned wanted = to >= cases[i].first ? 1u << cases[i].lack : 0;
            assert_int_equal(ladder_lacks(&cases[i].evidence, &bounds, to), wanted);
        }
        assert_true(strlen(ladder_lack_words(cases[i].lack, &cases[i].evidence, &bounds, words)) > 10);
        assert_true(strlen(ladder_lack_name(cases[i].lack)) > 3);
        seen |= 1u << cases[i].lack;
    }
    assert_int_equal(seen, (1u << LACK_COUNT) - 1);
}

static void no_exception_goes_beyond_the_policy_its_owner_or_an_operator(UNUSED void **state)
{
    assert_false(ladder_lack_excusable(LACK_CEILING));
    assert_false(ladder_lack_excusable(LACK_OWNER));
    assert_false(ladder_lack_excusable(LACK_CONTROLS));
    assert_true(ladder_lack_excusable(LACK_LABELS));
    assert_true(ladder_lack_excusable(LACK_PROMISE));
}

static void the_steps_are_in_order(UNUSED void **state)
{
    assert_int_equal(ladder_next(MODE_OFF), MODE_SHADOW);
    assert_int_equal(ladder_next(MODE_SUGGEST), MODE_HOLD);
    assert_int_equal(ladder_next(MODE_HOLD), MODE_AUTO);
    assert_int_equal(ladder_next(MODE_AUTO), MODE_AUTO);
}

static const char *falls(struct ladder_evidence evidence, enum mode level)
{
    evidence.level = level;
    return ladder_falls(&evidence, &bounds);
}

static void a_class_falls_by_overrides_an_overdue_review_and_stale_knowledge(UNUSED void **state)
{
    struct ladder_evidence evidence = good;

    assert_null(falls(good, MODE_AUTO));
    evidence.overrides = 11;
    assert_string_equal(falls(evidence, MODE_AUTO), "override_rate");
    assert_string_equal(falls(evidence, MODE_SUGGEST), "override_rate");
    assert_null(falls(evidence, MODE_SHADOW));
    evidence.looked = 50; /* too few to fall by */
    assert_null(falls(evidence, MODE_AUTO));
    evidence = good;
    evidence.reviewed_days = 31;
    assert_string_equal(falls(evidence, MODE_HOLD), "review_overdue");
    assert_null(falls(evidence, MODE_SUGGEST));
    evidence = good;
    evidence.stale_macro = "where";
    assert_string_equal(falls(evidence, MODE_AUTO), "knowledge_stale");
    assert_null(falls(evidence, MODE_SUGGEST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_all_evidence_every_step_is_free),
        cmocka_unit_test(what_is_missing_is_named_and_nothing_else),
        cmocka_unit_test(no_exception_goes_beyond_the_policy_its_owner_or_an_operator),
        cmocka_unit_test(the_steps_are_in_order),
        cmocka_unit_test(a_class_falls_by_overrides_an_overdue_review_and_stale_knowledge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
