/* The second opinion: nearness, the mixture, the scope scores of texts that the encoder does not see, damaged sections. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/second.h"

enum { LABELS = 3, STRIDE = 8, VECTORS = 6 };

struct section {
    struct second_params params;
    float head[(ENCODER_DIM + 1) * STRIDE];
    int16_t vectors[VECTORS * ENCODER_DIM];
};

static struct section section;

/* A vector of length one along an axis. */
static void axis(size_t which, float *ret_vector)
{
    memset(ret_vector, 0, ENCODER_DIM * sizeof *ret_vector);
    ret_vector[which] = 1;
}

static int fill(UNUSED void **state)
{
    float vector[ENCODER_DIM];

    memset(&section, 0, sizeof section);
    section.params = (struct second_params){.version = SECOND_VERSION,
                                            .n_labels = LABELS,
                                            .stride = STRIDE,
                                            .n_vectors = VECTORS,
                                            .encoder = "hash",
                                            .share = 0.25,
                                            .linear_unit = 2,
                                            .encoder_unit = 0.5,
                                            .deviation = {1, 1, 1}};
    for (size_t i = 0; i < VECTORS; i++) {
        axis(i % 2, vector);
        second_quantize(vector, section.vectors + i * ENCODER_DIM);
    }
    section.head[0] = 4;                              /* axis 0 speaks for label 0 */
    section.head[(size_t)ENCODER_DIM * STRIDE + 2] = 1; /* the bias for label 2 */
    for (size_t i = 0; i < SECOND_MAP; i++) {
        section.params.linear_at[i] = (double)i / 100;
        section.params.scope_at[i] = -3 + 6 * (double)i / (SECOND_MAP - 1);
    }
    return 0;
}

static struct second view(void)
{
    struct second second;

    assert_true(second_open(&section, sizeof section, LABELS, &second));
    return second;
}

static void scores_are_mixed_in_their_units(UNUSED void **state)
{
    const struct second second = view();
    const float linear[STRIDE] = {1, 2, 0};
    float vector[ENCODER_DIM], head[STRIDE], mixed[STRIDE];
    double scope;

    axis(0, vector);
    second_scores(&second, vector, linear, head, mixed, &scope);
    assert_true(fabsf(head[0] - 4) < 1e-5F && fabsf(head[2] - 1) < 1e-5F);
    assert_true(fabsf(mixed[0] - (0.75F * 1 / 2 + 0.25F * 4 / 0.5F)) < 1e-5F);
    assert_true(fabsf(mixed[1] - 0.75F * 2 / 2) < 1e-5F);
    assert_true(fabsf(mixed[2] - 0.25F * 1 / 0.5F) < 1e-5F);
    assert_true(isfinite(scope));
}

static void likeness_is_that_of_the_nearest(UNUSED void **state)
{
    const unsigned char marks[VECTORS] = {0, 1, 0, 1, 0, 1};
    int16_t quantized[ENCODER_DIM];
    float vector[ENCODER_DIM];

    axis(0, vector);
    second_quantize(vector, quantized);
    /* three of six are alike, and the five nearest count */
    assert_true(fabs(second_near(section.vectors, VECTORS, quantized, NULL, 0) - 3.0 / 5) < 1e-6);
    assert_true(fabs(second_near(section.vectors, VECTORS, quantized, marks, 1) - 3.0 / 5) < 1e-6);
    assert_true(fabs(second_near(section.vectors, VECTORS, quantized, marks, 0)) < 1e-6);
}

static void what_is_far_from_all_is_less_in_scope(UNUSED void **state)
{
    const struct second second = view();
    const float linear[STRIDE] = {1, 0, 0};
    float vector[ENCODER_DIM], head[STRIDE], mixed[STRIDE];
    double near, far;

    axis(0, vector);
    second_scores(&second, vector, linear, head, mixed, &near);
    axis(100, vector);
    second_scores(&second, vector, linear, head, mixed, &far);
    assert_true(far < near);
}

static void unseen_scores_keep_their_order(UNUSED void **state)
{
    const struct second second = view();
    double last = -INFINITY;

    for (double x = -5; x < 5; x += 0.01) {
        double scope = second_scope_unseen(&second, x);
        assert_true(isfinite(scope) && scope >= last);
        last = scope;
    }
    assert_true(fabs(second_scope_unseen(&second, 0) + 3) < 1e-9);
    assert_true(fabs(second_scope_unseen(&second, 1.99) - 3) < 1e-9);
}

static void a_damaged_section_is_refused(UNUSED void **state)
{
    struct second second;

    assert_false(second_open(&section, sizeof section - 1, LABELS, &second));
    assert_false(second_open(&section, sizeof section.params - 1, LABELS, &second));
    assert_false(second_open(&section, sizeof section, LABELS + 1, &second));
    section.params.n_vectors = VECTORS + 1;
    assert_false(second_open(&section, sizeof section, LABELS, &second));
    section.params.n_vectors = VECTORS;
    section.params.version = 0;
    assert_false(second_open(&section, sizeof section, LABELS, &second));
    section.params.version = SECOND_VERSION;
    section.params.encoder_unit = 0;
    assert_false(second_open(&section, sizeof section, LABELS, &second));
}

static void the_encoder_sees_subject_and_newest_part(UNUSED void **state)
{
    const struct classifier_text text = {
        .subject = "Parcel", .body = "Where is it?\n\nOn Monday Ann wrote:\n> It was sent.\n", .sender = "", .channel = ""};
    const struct classifier_text forwarded = {.subject = "", .body = "> only quoted\n", .sender = "", .channel = ""};
    struct buf seen = {0};

    second_text(&text, &seen);
    assert_non_null(strstr(buf_str(&seen), "Parcel\nWhere is it?"));
    assert_null(strstr(buf_str(&seen), "It was sent"));
    second_text(&forwarded, &seen);
    assert_non_null(strstr(buf_str(&seen), "only quoted"));
    buf_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(scores_are_mixed_in_their_units, fill),
        cmocka_unit_test_setup(likeness_is_that_of_the_nearest, fill),
        cmocka_unit_test_setup(what_is_far_from_all_is_less_in_scope, fill),
        cmocka_unit_test_setup(unseen_scores_keep_their_order, fill),
        cmocka_unit_test_setup(a_damaged_section_is_refused, fill),
        cmocka_unit_test_setup(the_encoder_sees_subject_and_newest_part, fill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
