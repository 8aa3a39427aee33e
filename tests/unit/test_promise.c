/* What a promise accepts, where its sequence begins, and that its file says what it holds. How often a promise is broken is
 * measured by tests/stats/promises.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/promise.h"
#include "decide/stats.h"
#include "schema_check.h"

enum { STEPS = 200, MOST = 20000, PARTS = 3 };

static double confidences[STEPS], joint[STEPS];
static struct promise_row rows[MOST], oos[MOST];
static const char *const part_names[PARTS] = {"large", "small", "wrong"};
static const struct promise_label labels[] = {{"bill", 0}, {"order", 0}, {"rare", 1}, {"stray", PROMISE_NO_PART}, {"wild", 2}};
static const struct promise_partition partition = {
    .per = PROMISE_PER_GROUP, .names = part_names, .n_parts = PARTS, .labels = labels, .n_labels = 5};

/* Confidences that fill 0..1 evenly, as the declared steps do; the last `wrong` of them all are wrong. */
static struct promise_input fill(size_t n, size_t wrong)
{
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct promise_row){.confidence = 1 - ((double)i + 0.5) / (double)n, .wrong = i >= n - wrong};
    for (size_t j = 0; j < STEPS; j++) {
        joint[j] = (double)(j + 1) / STEPS;
        confidences[j] = 1 - joint[j];
    }
    return (struct promise_input){.rows = rows,
                                  .n = n,
                                  .confidences = confidences,
                                  .scopes = confidences,
                                  .joint = joint,
                                  .n_sequence = STEPS,
                                  .max_error = 0.05,
                                  .confidence = 0.9};
}

static struct promise certify(const struct promise_input *input)
{
    struct promise promise;

    promise_certify(input, &promise);
    return promise;
}

static void rows_without_errors_are_all_accepted(UNUSED void **state)
{
    const struct promise_input input = fill(1000, 0);
    struct promise promise = certify(&input);

    assert_true(promise.certified);
    assert_int_equal(promise.accepted, 1000);
    assert_true(promise.coverage == 1 && promise.labels_missing == 0);
    assert_true(fabs(promise.bound - stats_binomial_upper(0, 1000, 0.1)) < 1e-9);
}

static void what_is_accepted_is_within_the_exact_bound(UNUSED void **state)
{
    const struct promise_input input = fill(2000, 400);
    struct promise promise = certify(&input);

    assert_true(promise.certified && promise.coverage > 0.8 && promise.coverage < 0.85);
    assert_true(promise.bound <= 0.05);
    assert_true(promise.bound == stats_binomial_upper(promise.errors, promise.accepted, 1 - input.confidence));
}

static void the_walk_ends_at_its_first_failure(UNUSED void **state)
{
    struct promise_input input = fill(2000, 0);

    for (size_t i = 600; i < 700; i++)
        rows[i].wrong = true; /* further on their share would be small enough again */
    struct promise promise = certify(&input);
    assert_true(promise.certified);
    assert_true(promise.accepted < 700);
}

/* The strictest rows are never the first step: a single error among few would end the walk. */
static void an_early_error_does_not_end_the_walk(UNUSED void **state)
{
    struct promise_input input = fill(1000, 100);

    rows[0].wrong = rows[1].wrong = true;
    struct promise promise = certify(&input);
    assert_true(promise.certified);
    assert_true(promise.coverage > 0.85);
}

static void few_rows_may_hold_no_error_and_fewer_still_prove_nothing(UNUSED void **state)
{
    struct promise_input input = fill(60, 0);
    struct promise none;

    assert_true(certify(&input).certified); /* 60 rows bear no error, and have none */
    rows[59].wrong = true;
    none = certify(&input);
    assert_true(!none.certified || none.accepted < 60);
    input = fill(40, 0); /* too few for anything */
    none = certify(&input);
    assert_false(none.certified);
    assert_true(none.reachable && none.labels_missing > 0 && none.bound == 1);
}

static void what_is_missing_is_enough_when_nothing_changes(UNUSED void **state)
{
    struct promise_input input = fill(40, 0);
    struct promise few = certify(&input), more;

    input = fill(40 + few.labels_missing, 0);
    more = certify(&input);
    assert_true(more.certified);
}

static void hopeless_rows_say_so(UNUSED void **state)
{
    struct promise_input input = fill(1000, 0);
    struct promise promise;

    for (size_t i = 0; i < 1000; i += 3)
        rows[i].wrong = true;
    promise = certify(&input);
    assert_false(promise.certified);
    assert_false(promise.reachable);
    assert_true(promise.labels_missing > 0);
}

static void out_of_scope_rows_count_against_it_and_into_the_coverage(UNUSED void **state)
{
    struct promise_input input = fill(4000, 0), mixed;
    struct promise alone = certify(&input), promise;

    for (size_t i = 0; i < 4000; i++)
        rows[i].scope_score = rows[i].confidence;
    for (size_t i = 0; i < 500; i++)
        oos[i] = (struct promise_row){.confidence = 0.5, .scope_score = i < 50 ? 0.5 : 0.1, .wrong = true};
    mixed = input;
    mixed.oos = oos;
    mixed.n_oos = 500;
    mixed.oos_share = 0.2;
    promise = certify(&mixed);
    assert_true(promise.certified && promise.gated);
    assert_true(promise.bound <= 0.05 && promise.coverage < alone.coverage);
    assert_true(fabs(promise.coverage - (0.8 * (double)promise.accepted / 4000 + 0.2 * (double)promise.oos_accepted / 500)) <
                1e-9);
}

/* ---- parts ---- */

static struct promise_input fill_parts(void)
{
    struct promise_input input = fill(6000, 0);

    for (size_t i = 0; i < input.n; i++) {
        rows[i].part = i % 100 == 0 ? 1 : i % 4 == 1 ? 2 : i % 100 == 2 ? PROMISE_NO_PART : 0;
        rows[i].wrong = rows[i].part == 2 && i % 3 == 0;
    }
    return input;
}

static struct prediction predicted(const char *label, double confidence)
{
    struct prediction prediction = {.n_top = 1, .top = {{.confidence = confidence}}};

    strcpy(prediction.top[0].label, label);
    return prediction;
}

static bool accepts(const struct promise *promise, const char *label, double confidence)
{
    const struct prediction prediction = predicted(label, confidence);

    return promise_accepts(promise, &prediction);
}

static void each_part_has_its_own_promise(UNUSED void **state)
{
    const struct promise_input input = fill_parts();
    CLEANUP(promise_done) struct promise promise = {0};

    promise_certify_parts(&input, &partition, &promise);
    assert_true(promise.certified && promise.per == PROMISE_PER_GROUP);
    assert_int_equal(promise.n_tested, 2); /* the small part has too few rows to take a share of the allowance */
    assert_true(promise.parts[0].certified && !promise.parts[1].certified && !promise.parts[2].certified);
    assert_true(promise.parts[1].reachable && promise.parts[1].labels_missing > 0);
    assert_false(promise.parts[2].reachable);
    assert_true(accepts(&promise, "bill", 0.9) && accepts(&promise, "order", 0.9));
    assert_false(accepts(&promise, "rare", 0.99) || accepts(&promise, "stray", 0.99) || accepts(&promise, "wild", 0.99) ||
                 accepts(&promise, "unheard-of", 0.99));
    assert_true(promise.accepted == promise.parts[0].accepted && promise.coverage == promise.parts[0].coverage);
}

static void a_split_allowance_costs_coverage(UNUSED void **state)
{
    const struct promise_input input = fill(400, 44);
    CLEANUP(promise_done) struct promise halves = {0};
    struct promise whole = certify(&input);

    for (size_t i = 0; i < input.n; i++)
        rows[i].part = i % 2;
    promise_certify_parts(&input, &partition, &halves);
    assert_int_equal(halves.n_tested, 2);
    assert_true(halves.certified && halves.coverage < whole.coverage);
    assert_true(fabs(halves.parts[0].bound - stats_binomial_upper(halves.parts[0].errors, halves.parts[0].accepted, 0.05)) < 1e-9);
}

static void with_nothing_certified_the_nearest_part_says_what_is_missing(UNUSED void **state)
{
    struct promise_input input = fill_parts();
    CLEANUP(promise_done) struct promise promise = {0};

    input.n = 50;
    promise_certify_parts(&input, &partition, &promise);
    assert_false(promise.certified);
    assert_true(promise.labels_missing > 0 && promise.labels_missing <= promise.parts[0].labels_missing);
    assert_true(promise.labels_missing <= promise.parts[1].labels_missing);
}

/* ---- the file ---- */

static char path[] = "/tmp/test_promise.XXXXXX";

static int make_path(UNUSED void **state)
{
    int fd = mkstemp(path);

    return fd < 0 ? -1 : close(fd);
}

static int drop_path(UNUSED void **state)
{
    return unlink(path);
}

static void keep(struct promise *promise, struct promise *ret_loaded)
{
    struct err err = {0};

    memset(promise->model, 'a', SHA256_HEX_MAX - 1);
    memset(promise->data, 'b', SHA256_HEX_MAX - 1);
    strcpy(promise->created, "2026-11-23T15:24:00.123Z");
    if (promise_save(promise, path, &err) < 0 || promise_load(path, NULL, ret_loaded, &err) < 0)
        fail_msg("%s", err.text);
}

static void a_promise_reads_back_as_it_was_written(UNUSED void **state)
{
    const struct promise_input input = fill(2000, 400);
    struct promise promise = certify(&input), loaded;

    keep(&promise, &loaded);
    assert_true(loaded.certified && loaded.per == PROMISE_PER_ALL && loaded.threshold == promise.threshold);
    assert_true(loaded.max_error == 0.05 && loaded.confidence == 0.9 && loaded.bound == promise.bound);
    assert_true(loaded.accepted == promise.accepted && loaded.errors == promise.errors && loaded.n == promise.n);
    assert_string_equal(loaded.model, promise.model);
    assert_int_equal(strlen(loaded.id), SHA256_HEX_MAX - 1);
}

static void a_promise_per_group_reads_back_as_it_was_written(UNUSED void **state)
{
    const struct promise_input input = fill_parts();
    CLEANUP(promise_done) struct promise promise = {0};
    CLEANUP(promise_done) struct promise loaded = {0};

    promise_certify_parts(&input, &partition, &promise);
    keep(&promise, &loaded);
    assert_true(loaded.certified && loaded.per == PROMISE_PER_GROUP && loaded.n_parts == PARTS);
    for (double confidence = 0; confidence < 1; confidence += 0.05) {
        for (size_t i = 0; i < ARRAY_LEN(labels); i++)
            assert_int_equal(accepts(&loaded, labels[i].label, confidence), accepts(&promise, labels[i].label, confidence));
    }
}

/* Of all rows each second is foreign, and of those the less sure half is wrong. */
static void foreign_texts_have_thresholds_of_their_own(UNUSED void **state)
{
    static const char *const names[PROMISE_LANGUAGES] = {"read", "foreign"};
    static const struct promise_partition languages = {
        .per = PROMISE_PER_LANGUAGE, .names = names, .n_parts = PROMISE_LANGUAGES};
    const struct promise_input input = fill(4000, 0);
    CLEANUP(promise_done) struct promise promise = {0};
    CLEANUP(promise_done) struct promise loaded = {0};
    struct prediction prediction = predicted("unheard-of", 0.4);

    for (size_t i = 0; i < input.n; i++) {
        rows[i].part = i % 2 ? PROMISE_FOREIGN : PROMISE_READ;
        rows[i].wrong = i % 2 && i >= input.n / 2;
    }
    promise_certify_parts(&input, &languages, &promise);
    keep(&promise, &loaded);
    assert_true(promise_accepts(&loaded, &prediction));
    prediction.foreign = true;
    assert_false(promise_accepts(&loaded, &prediction));
    prediction.top[0].confidence = 0.6;
    assert_true(promise_accepts(&loaded, &prediction));
}

static void a_promise_that_lost_its_scope_threshold_accepts_nothing(UNUSED void **state)
{
    FILE *out = fopen(path, "w");
    struct promise loaded;
    struct err err = {0};

    fputs("{\"version\": 1, \"n_oos\": 10, \"thresholds\": {\"confidence\": 0.1}}", out);
    fclose(out);
    assert_int_equal(promise_load(path, NULL, &loaded, &err), 0);
    assert_false(accepts(&loaded, "order", 0.9));
}

static void what_is_no_promise_is_refused(UNUSED void **state)
{
    static const char *const texts[] = {"", "[]", "{}", "{\"version\": 2}", "{\"version\": 1, \"per\": \"moon\"}",
                                        "{\"version\": 1, \"per\": \"class\"}", "{\"version\": 1, \"per\": \"class\", \"parts\": []}"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        FILE *out = fopen(path, "w");
        struct promise loaded = {0};
        struct err err = {0};
        fputs(texts[i], out);
        fclose(out);
        assert_int_equal(promise_load(path, NULL, &loaded, &err), -1);
        assert_non_null(strstr(err.text, "triaged calibrate"));
        assert_null(loaded.parts);
    }
}

static void fits_schema(const struct promise *promise)
{
    CLEANUP(json_done) cJSON *schema = schema_read("schemas/promise.v1.json");
    CLEANUP(mem_freep) char *text = promise_text(promise);
    CLEANUP(json_done) cJSON *doc = cJSON_Parse(text);
    const char *why = "";

    if (!schema_fits(schema, schema, doc, &why))
        fail_msg("%s: %s", why, text);
}

static void every_promise_fits_its_schema(UNUSED void **state)
{
    struct promise_input input = fill_parts();
    CLEANUP(promise_done) struct promise parts = {0};
    struct promise kept, promise;

    promise_certify_parts(&input, &partition, &parts);
    keep(&parts, &kept);
    fits_schema(&parts);
    promise_done(&kept);
    input = fill(1000, 10);
    promise = certify(&input);
    keep(&promise, &kept);
    fits_schema(&promise);
    input = fill(10, 5);
    promise = certify(&input);
    keep(&promise, &kept);
    fits_schema(&promise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_without_errors_are_all_accepted),
        cmocka_unit_test(what_is_accepted_is_within_the_exact_bound),
        cmocka_unit_test(the_walk_ends_at_its_first_failure),
        cmocka_unit_test(an_early_error_does_not_end_the_walk),
        cmocka_unit_test(few_rows_may_hold_no_error_and_fewer_still_prove_nothing),
        cmocka_unit_test(what_is_missing_is_enough_when_nothing_changes),
        cmocka_unit_test(hopeless_rows_say_so),
        cmocka_unit_test(out_of_scope_rows_count_against_it_and_into_the_coverage),
        cmocka_unit_test(each_part_has_its_own_promise),
        cmocka_unit_test(foreign_texts_have_thresholds_of_their_own),
        cmocka_unit_test(a_split_allowance_costs_coverage),
        cmocka_unit_test(with_nothing_certified_the_nearest_part_says_what_is_missing),
        cmocka_unit_test(a_promise_reads_back_as_it_was_written),
        cmocka_unit_test(a_promise_per_group_reads_back_as_it_was_written),
        cmocka_unit_test(a_promise_that_lost_its_scope_threshold_accepts_nothing),
        cmocka_unit_test(what_is_no_promise_is_refused),
        cmocka_unit_test(every_promise_fits_its_schema),
    };

    return cmocka_run_group_tests(tests, make_path, drop_path);
}
