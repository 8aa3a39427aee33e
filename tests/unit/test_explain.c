/* What an explanation promises: it adds up, what it says would flip the label does flip it, and neighbours are near. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "decide/explain.h"
#include "toy_model.h"

static char model_path[] = "/tmp/triaged-test-XXXXXX";
static struct classifier *model;

static const char *const bodies[] = {
    "where is my order, when will the parcel ship 100",
    "i want to send the valve back",
    "there is a smell of gas and smoke since the parcel came",
    "win a crypto prize",
    "completely other words",
    "",
};

static struct classifier_text text_of(const char *subject, const char *body)
{
    return (struct classifier_text){.subject = subject, .body = body, .sender = "", .channel = ""};
}

static void contributions_and_bias_sum_to_the_score(UNUSED void **state)
{
    for (size_t t = 0; t < ARRAY_LEN(bodies); t++) {
        const struct classifier_text text = text_of("Return", bodies[t]);
        struct explanation why;
        classifier_explain(model, &text, &why);
        for (int k = 0; k < 2; k++) {
            double sum = why.bias[k];
            for (size_t i = 0; i < why.n; i++)
                sum += why.contributions[i].to[k];
            assert_true(fabs(sum - why.score[k]) < 1e-5);
        }
        explanation_done(&why);
    }
}

static void label_and_probability_are_those_of_the_prediction(UNUSED void **state)
{
    struct classifier_scratch *scratch = classifier_scratch_new(model);

    for (size_t t = 0; t < ARRAY_LEN(bodies); t++) {
        const struct classifier_text text = text_of("", bodies[t]);
        struct prediction prediction;
        struct explanation why;
        classifier_predict(model, scratch, &text, &prediction);
        classifier_explain(model, &text, &why);
        assert_string_equal(why.label[0], prediction.top[0].label);
        assert_true(fabs(why.probability[0] - prediction.top[0].confidence) < 1e-9);
        assert_true(fabs(why.score[0] - why.score[1] - prediction.margin) < 1e-5);
        explanation_done(&why);
    }
    classifier_scratch_free(scratch);
}

/* Only the next label's contributions are listed, so only flips towards it can be added up here. */
static void smallest_set_flips_the_label_and_no_smaller_one_does(UNUSED void **state)
{
    size_t checked = 0;

    for (size_t t = 0; t < ARRAY_LEN(bodies); t++) {
        const struct classifier_text text = text_of("", bodies[t]);
        struct explanation why;
        double lead;
        classifier_explain(model, &text, &why);
        lead = why.score[0] - why.score[1];
        if (why.n_flip > 0 && strcmp(why.flip_label, why.label[1]) == 0) {
            for (size_t i = 0; i < why.n_flip; i++) {
                const struct contribution *c = &why.contributions[why.flip[i]];
                assert_true(lead > -1e-6);
                lead -= c->to[0] - c->to[1];
            }
            assert_true(lead < 1e-6);
            checked++;
        }
        explanation_done(&why);
    }
    assert_true(checked > 0);
}

static void taking_the_words_out_gives_the_label_named(UNUSED void **state)
{
    const struct classifier_text text = text_of("", "smell of gas near the boiler, where is my parcel and order");
    char body[128];
    struct classifier_scratch *scratch = classifier_scratch_new(model);
    struct prediction prediction;
    struct flip_words words;

    classifier_flip_words(model, &text, &words);
    assert_true(words.n > 0);
    snprintf(body, sizeof body, "%s", text.body);
    for (size_t i = 0; i < words.n; i++) {
        char *at = strstr(body, words.words[i]);
        assert_non_null(at);
        memset(at, ' ', strlen(words.words[i]));
    }
    classifier_predict(model, scratch,
                       &(struct classifier_text){.subject = "", .body = body, .sender = "", .channel = ""},
                       &prediction);
    assert_string_equal(prediction.top[0].label, words.label);
    classifier_scratch_free(scratch);
}

static void every_occurrence_of_a_word_is_taken_out(UNUSED void **state)
{
    const struct classifier_text text = text_of("Gas", "gas GAS gas");
    struct flip_words words;

    classifier_flip_words(model, &text, &words);
    assert_true(words.n <= 1);
}

static void empty_text_has_no_words_and_no_neighbours(UNUSED void **state)
{
    const struct classifier_text text = text_of("", ""), other = text_of("", bodies[0]);
    struct neighbours *neighbours = neighbours_new(model, &text, 3);
    const struct neighbour *list;
    struct flip_words words;

    classifier_flip_words(model, &text, &words);
    assert_int_equal(words.n, 0);
    assert_null(words.label);
    neighbours_offer(neighbours, 0, &other);
    assert_int_equal(neighbours_nearest(neighbours, &list), 0);
    neighbours_free(neighbours);
}

static void nearest_comes_first_and_the_same_text_has_cosine_one(UNUSED void **state)
{
    const struct classifier_text text = text_of("", bodies[1]);
    struct neighbours *neighbours = neighbours_new(model, &text, 3);
    const struct neighbour *list;

    for (size_t i = 0; i < 4; i++) {
        const struct classifier_text other = text_of("", bodies[i]);
        neighbours_offer(neighbours, i, &other);
    }
    assert_true(neighbours_nearest(neighbours, &list) >= 2);
    assert_int_equal(list[0].row, 1);
    assert_true(fabs(list[0].cosine - 1) < 1e-5);
    assert_true(list[1].cosine < list[0].cosine);
    neighbours_free(neighbours);
}

static int make_model(UNUSED void **state)
{
    struct train_report report;
    struct err err = {0};
    int fd = mkstemp(model_path);

    if (fd < 0)
        return -1;
    close(fd);
    return toy_train(model_path, &report, &err) < 0 || classifier_load(model_path, &model, &err) < 0 ? -1 : 0;
}

static int drop_model(UNUSED void **state)
{
    classifier_free(model);
    return unlink(model_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contributions_and_bias_sum_to_the_score),
        cmocka_unit_test(label_and_probability_are_those_of_the_prediction),
        cmocka_unit_test(smallest_set_flips_the_label_and_no_smaller_one_does),
        cmocka_unit_test(taking_the_words_out_gives_the_label_named),
        cmocka_unit_test(every_occurrence_of_a_word_is_taken_out),
        cmocka_unit_test(empty_text_has_no_words_and_no_neighbours),
        cmocka_unit_test(nearest_comes_first_and_the_same_text_has_cosine_one),
    };

    return cmocka_run_group_tests(tests, make_model, drop_model);
}
