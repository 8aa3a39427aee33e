/* Training and prediction on a toy set: what is learnt, what a file must be, and that bytes repeat. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "decide/linear.h"
#include "toy_model.h"

static char folder[] = "/tmp/triaged-test-XXXXXX";
static char model_path[64], other_path[64];

static struct classifier *load(const char *path)
{
    struct classifier *model = NULL;
    struct err err = {0};

    if (classifier_load(path, &model, &err) < 0)
        fail_msg("%s", err.text);
    return model;
}

static void predict(const char *subject, const char *body, struct prediction *ret_prediction)
{
    struct classifier *model = load(model_path);
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    const struct classifier_text text = {.subject = subject, .body = body, .sender = "", .channel = ""};

    classifier_predict(model, scratch, &text, ret_prediction);
    classifier_scratch_free(scratch);
    classifier_free(model);
}

static char *read_all(const char *path, size_t *ret_len)
{
    FILE *in = fopen(path, "rb");
    char *bytes;

    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    *ret_len = (size_t)ftell(in);
    rewind(in);
    bytes = mem_alloc(*ret_len);
    assert_int_equal(fread(bytes, 1, *ret_len, in), *ret_len);
    fclose(in);
    return bytes;
}

static void write_all(const char *path, const char *bytes, size_t len)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    fclose(out);
}

static void learns_what_it_was_shown(UNUSED void **state)
{
    struct prediction prediction;

    predict("", "my parcel has not come, where is the order?", &prediction);
    assert_string_equal(prediction.top[0].label, "order");
    predict("R\xc3\xbc" "ckgabe", "bitte ein Etikett", &prediction);
    assert_string_equal(prediction.top[0].label, "return");
    assert_int_equal(prediction.n_top, 3);
    assert_true(prediction.top[0].confidence >= prediction.top[1].confidence);
    assert_true(prediction.margin > 0);
}

static void known_words_score_more_in_scope_than_unknown_ones(UNUSED void **state)
{
    struct prediction known, unknown;

    predict("Return", "please give me a return label", &known);
    predict("", "zebra quux flamingo xylophone", &unknown);
    assert_true(known.scope_score > unknown.scope_score);
    assert_true(known.in_scope);
}

static void empty_text_gives_the_prior(UNUSED void **state)
{
    struct prediction prediction;
    double sum = 0;

    predict("", "", &prediction);
    for (size_t i = 0; i < prediction.n_top; i++)
        sum += prediction.top[i].confidence;
    assert_true(sum > 0 && sum <= 1 + 1e-9);
    assert_true(prediction.top[0].confidence < 0.9);
}

static void same_rows_give_the_same_bytes(UNUSED void **state)
{
    struct train_report report;
    struct err err = {0};
    size_t one_len, other_len;
    char *one, *other;

    assert_int_equal(toy_train(other_path, &report, &err), 0);
    one = read_all(model_path, &one_len);
    other = read_all(other_path, &other_len);
    assert_int_equal(one_len, other_len);
    assert_memory_equal(one, other, one_len);
    mem_free(one);
    mem_free(other);
}

static void refuse(size_t at, char value, const char *must_say)
{
    struct classifier *model = NULL;
    struct err err = {0};
    size_t len;
    char *bytes = read_all(model_path, &len);

    bytes[at] = value;
    write_all(other_path, bytes, len);
    mem_free(bytes);
    assert_int_equal(classifier_load(other_path, &model, &err), -1);
    assert_null(model);
    assert_int_equal(err.class, ERR_PERMANENT);
    assert_non_null(strstr(err.text, must_say));
}

static void another_version_says_train_again(UNUSED void **state)
{
    refuse(8, 99, "train it again");
}

static void a_damaged_file_is_refused(UNUSED void **state)
{
    refuse(5000, 'x', "SHA-256");
    refuse(0, 'x', "not a model");
}

static void a_cut_or_missing_file_is_refused(UNUSED void **state)
{
    struct classifier *model = NULL;
    struct err err = {0};
    size_t len;
    char *bytes = read_all(model_path, &len);

    write_all(other_path, bytes, len / 2);
    assert_int_equal(classifier_load(other_path, &model, &err), -1);
    assert_non_null(strstr(err.text, "cut off"));
    write_all(other_path, bytes, 10);
    assert_int_equal(classifier_load(other_path, &model, &err), -1);
    assert_int_equal(classifier_load("/nowhere/model", &model, &err), -1);
    assert_non_null(strstr(err.text, "triaged train"));
    mem_free(bytes);
}

static void contributions_add_up_to_the_score(UNUSED void **state)
{
    struct classifier *model = load(model_path);
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    const struct classifier_text text = {.subject = "Order", .body = "where is my parcel", .sender = "", .channel = ""};
    struct classifier_view view;
    const struct entry *entries;
    float scores[LABELS_MAX];
    size_t n = classifier_scores(model, scratch, &text, scores, &entries);

    classifier_look(model, &view);
    assert_true(n > 0);
    for (size_t k = 0; k < classifier_label_count(model); k++) {
        double sum = (double)view.weights[view.params->n_rows * view.params->stride + k];
        for (size_t i = 0; i < n; i++)
            sum += (double)entries[i].value * (double)view.weights[entries[i].row * view.params->stride + k];
        assert_true(fabs(sum - (double)scores[k]) < 1e-5);
    }
    classifier_scratch_free(scratch);
    classifier_free(model);
}

static void rows_without_labels_are_named(UNUSED void **state)
{
    const struct example rows[] = {{.id = "a", .text = {"", "one", "", ""}, .label = "x"},
                                   {.id = "b", .text = {"", "two", "", ""}, .label = ""}};
    const struct train_input input = {.rows = rows, .n_rows = 2};
    struct train_report report;
    struct err err = {0};

    assert_int_equal(classifier_train(&input, other_path, &report, &err), -1);
    assert_non_null(strstr(err.text, "row 2 (id b)"));
}

static void duplicates_share_a_fold(UNUSED void **state)
{
    struct example rows[60];
    unsigned char folds[60];
    char bodies[60][32];
    struct corpus *corpus;
    struct err err = {0};

    for (size_t i = 0; i < 60; i++) {
        snprintf(bodies[i], sizeof bodies[i], i % 2 ? "TEXT number %zu!" : "text number %zu", i / 2);
        rows[i] = (struct example){.id = "", .text = {"", bodies[i], "", ""}, .label = i / 2 % 3 ? "x" : "y"};
    }
    assert_int_equal(corpus_new(rows, 60, &corpus, &err), 0);
    corpus_folds(corpus, TRAIN_FOLDS, folds);
    for (size_t i = 0; i < 60; i += 2)
        assert_int_equal(folds[i], folds[i + 1]);
    corpus_free(corpus);
}

static int set_up(UNUSED void **state)
{
    struct train_report report;
    struct err err = {0};

    if (!mkdtemp(folder))
        return -1;
    snprintf(model_path, sizeof model_path, "%s/model", folder);
    snprintf(other_path, sizeof other_path, "%s/other", folder);
    return toy_train(model_path, &report, &err);
}

static int tear_down(UNUSED void **state)
{
    unlink(model_path);
    unlink(other_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_what_it_was_shown),
        cmocka_unit_test(known_words_score_more_in_scope_than_unknown_ones),
        cmocka_unit_test(empty_text_gives_the_prior),
        cmocka_unit_test(same_rows_give_the_same_bytes),
        cmocka_unit_test(another_version_says_train_again),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(a_cut_or_missing_file_is_refused),
        cmocka_unit_test(contributions_add_up_to_the_score),
        cmocka_unit_test(rows_without_labels_are_named),
        cmocka_unit_test(duplicates_share_a_fold),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
