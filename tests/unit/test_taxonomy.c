/* The doctor of the taxonomy on rows and guesses made by hand: each finding appears where it was planted only. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/taxonomy.h"

#define ROWS_MAX 200

static struct example examples[ROWS_MAX];
static char bodies[ROWS_MAX][128];
static struct held_guess guesses[ROWS_MAX];
static size_t n_rows;
static struct corpus *corpus;
static struct taxonomy taxonomy;

/* The guess is an index of the sorted labels. */
static void add(const char *label, const char *body, uint32_t guess, double confidence, double own)
{
    snprintf(bodies[n_rows], sizeof bodies[n_rows], "%s", body);
    examples[n_rows] = (struct example){
        .id = "row", .text = {.subject = "", .body = bodies[n_rows], .sender = "", .channel = ""}, .label = label};
    guesses[n_rows++] = (struct held_guess){guess, confidence, own};
}

/* Rows of a class, each with words of its own, guessed right. */
static void add_good(const char *label, uint32_t index, size_t n)
{
    char body[64];

    for (size_t i = 0; i < n; i++) {
        snprintf(body, sizeof body, "%s%c%c word%c%c", label, (int)('a' + i % 26), (int)('a' + i / 26),
                 (int)('a' + n_rows % 26), (int)('a' + n_rows / 26));
        add(label, body, index, 0.9, 0.9);
    }
}

static void examine(void)
{
    struct taxonomy_input input = {.examples = examples, .guesses = guesses};
    struct err err = {0};

    if (corpus_new(examples, n_rows, &corpus, &err) < 0)
        fail_msg("%s", err.text);
    input.corpus = corpus;
    taxonomy_make(&input, &taxonomy);
}

static int start(UNUSED void **state)
{
    n_rows = 0;
    return 0;
}

static int end(UNUSED void **state)
{
    taxonomy_done(&taxonomy);
    corpus_free(corpus);
    corpus = NULL;
    return 0;
}

static void good_labels_give_no_finding(UNUSED void **state)
{
    add_good("alpha", 0, 20);
    add_good("beta", 1, 20);
    examine();
    assert_int_equal(taxonomy.n_overlaps, 0);
    assert_int_equal(taxonomy.n_suspects, 0);
    assert_int_equal(taxonomy.n_same, 0);
    assert_int_equal(taxonomy.n_clusters, 0);
}

static void classes_that_swap_rows_overlap(UNUSED void **state)
{
    add_good("alpha", 0, 20);
    add_good("beta", 1, 20);
    add_good("gamma", 2, 20);
    for (size_t i = 0; i < 3; i++)
        guesses[i] = (struct held_guess){1, 0.6, 0.3};
    guesses[20] = (struct held_guess){0, 0.6, 0.3};
    examine();
    assert_int_equal(taxonomy.n_overlaps, 1);
    assert_int_equal(taxonomy.overlaps[0].one, 0);
    assert_int_equal(taxonomy.overlaps[0].other, 1);
    assert_int_equal(taxonomy.overlaps[0].one_as_other, 3);
    assert_int_equal(taxonomy.overlaps[0].other_as_one, 1);
    assert_true(fabs(taxonomy.overlaps[0].share - 0.1) < 1e-9);
    assert_int_equal(taxonomy.overlaps[0].n_examples, 3);
    assert_int_equal(taxonomy.overlaps[0].examples[2], 20);
}

static void guess_as_sure_as_the_other_class_makes_a_label_suspect(UNUSED void **state)
{
    add_good("alpha", 0, 20);
    add_good("beta", 1, 20);
    guesses[3] = (struct held_guess){1, 0.95, 0.01};
    guesses[4] = (struct held_guess){1, 0.80, 0.10}; /* beta's own rows reach 0.9 */
    examine();
    assert_int_equal(taxonomy.n_suspects, 1);
    assert_int_equal(taxonomy.suspects[0], 3);
}

static void equal_texts_conflict_or_repeat(UNUSED void **state)
{
    add_good("alpha", 0, 20);
    add_good("beta", 1, 20);
    add("alpha", "Where is it?", 0, 0.9, 0.9);
    add("beta", "where is it", 0, 0.6, 0.4);
    add("alpha", "the same again", 0, 0.9, 0.9);
    add("alpha", "The same, again", 0, 0.9, 0.9);
    add("alpha", "the same again!", 0, 0.9, 0.9);
    examine();
    assert_int_equal(taxonomy.n_same, 2);
    assert_int_equal(taxonomy.n_conflicts, 1);
    assert_int_equal(taxonomy.n_repeats, 2);
    assert_true(taxonomy.same[0].conflict);
    assert_int_equal(taxonomy.same_rows[taxonomy.same[0].first], 40);
    assert_int_equal(taxonomy.same[1].n, 3);
}

static void like_rows_that_fit_nothing_form_a_group(UNUSED void **state)
{
    static const char *const wishes[] = {"a gift voucher for my sister", "gift voucher please",
                                         "do you sell a gift voucher",   "can i have a gift voucher",
                                         "gift voucher for christmas",   "voucher as a gift, gift voucher"};
    add_good("alpha", 0, 40);
    add_good("beta", 1, 40);
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        add(i % 2 ? "alpha" : "beta", wishes[i], 0, 0.3, 0.2);
    examine();
    assert_int_equal(taxonomy.n_unsure, ARRAY_LEN(wishes));
    assert_int_equal(taxonomy.n_clusters, 1);
    assert_true(taxonomy.clusters[0].n >= TAXONOMY_CLUSTER_LEAST);
    for (size_t i = 0; i < taxonomy.clusters[0].n; i++)
        assert_true(taxonomy.cluster_rows[taxonomy.clusters[0].first + i] >= 80);
    assert_true(taxonomy.clusters[0].n_ngrams > 0);
    assert_true(strstr(taxonomy.clusters[0].ngrams[0], "voucher") || strstr(taxonomy.clusters[0].ngrams[0], "gift"));
}

static void guesses_beyond_the_labels_are_no_overlap(UNUSED void **state)
{
    add_good("alpha", 0, 20);
    add_good("beta", 1, 20);
    for (size_t i = 0; i < 10; i++)
        guesses[i] = (struct held_guess){7, 0.99, 0.001};
    examine();
    assert_int_equal(taxonomy.n_overlaps, 0);
    assert_int_equal(taxonomy.n_suspects, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_labels_give_no_finding, start, end),
        cmocka_unit_test_setup_teardown(classes_that_swap_rows_overlap, start, end),
        cmocka_unit_test_setup_teardown(guess_as_sure_as_the_other_class_makes_a_label_suspect, start, end),
        cmocka_unit_test_setup_teardown(equal_texts_conflict_or_repeat, start, end),
        cmocka_unit_test_setup_teardown(like_rows_that_fit_nothing_form_a_group, start, end),
        cmocka_unit_test_setup_teardown(guesses_beyond_the_labels_are_no_overlap, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
