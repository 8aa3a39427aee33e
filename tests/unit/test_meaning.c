/* Ranking by meaning, with an encoder that is no more than a table of words: what is embedded, what is kept, what
 * happens when it fails. How well the real one ranks is measured by tests/bench/retrieval.py. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "triage/knowledge.h"

#define KEEP "/tmp/test_meaning.vectors"

/* ---- the encoder ---- */

static struct encoder {
    int calls;
    bool fails;
    const char *hash;
} encoder = {.hash = "e1"};

static const char *const topics[][3] = {{"parcel", "delivery", "package"}, {"refund", "money", "reimburse"}};

int encoder_embed(struct encoder *self, const char *text, float ret_vector[ENCODER_DIM], struct err *reterr)
{
    float left = 1;

    self->calls++;
    if (self->fails)
        return err_set(reterr, ERR_TRANSIENT, 0, "the encoder can't run");
    memset(ret_vector, 0, ENCODER_DIM * sizeof *ret_vector);
    for (size_t t = 0; t < ARRAY_LEN(topics); t++) {
        for (size_t w = 0; w < ARRAY_LEN(topics[t]); w++) {
            if (strstr(text, topics[t][w])) {
                ret_vector[t] = 1;
                left = 0;
            }
        }
    }
    ret_vector[ENCODER_DIM - 1] = left;
    return 0;
}

const char *encoder_hash(const struct encoder *self)
{
    return self->hash;
}

int encoder_open(UNUSED const char *dir, UNUSED size_t tokens_max, UNUSED size_t cache_entries,
                 UNUSED struct encoder **ret_encoder, UNUSED struct err *reterr)
{
    return -1;
}

void encoder_close(UNUSED struct encoder *self)
{
}

size_t encoder_tokens(UNUSED struct encoder *self, UNUSED const char *text, UNUSED int64_t *ret_ids, UNUSED size_t max)
{
    return 0;
}

/* ---- articles ---- */

static const char *const rows[] = {
    "{\"id\":\"b\",\"title\":\"Where a package is\",\"body\":\"Follow the link.\"}",
    "{\"id\":\"a\",\"title\":\"How we reimburse\",\"body\":\"It takes a week.\"}",
    "{\"id\":\"c\",\"title\":\"Wo ist das Paket\",\"language\":\"de\",\"body\":\"Im Link.\"}",
};
static const char changed[] = "{\"id\":\"a\",\"title\":\"How we reimburse\",\"body\":\"It takes two weeks.\"}";

static struct knowledge_base *base_of(const char *const *list, const struct knowledge_base *before, const char *path)
{
    struct knowledge_base *base;
    struct err err = {0};

    if (knowledge_base_of_rows(list, 3, &base, &err) < 0 ||
        knowledge_base_embed(base, &encoder, before, path, &err) < 0 || knowledge_base_keep(base, path, &err) < 0)
        fail_msg("%s", err.text);
    return base;
}

static const char *best(struct knowledge *knowledge, const char *question, const char *language)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    struct err err = {0};
    size_t n = 0;

    assert_int_equal(knowledge_search(knowledge, question, language, NULL, hits, KNOWLEDGE_HITS_MAX, &n, &err), 0);
    return n ? hits[0].article->id : "";
}

static int begin(UNUSED void **state)
{
    encoder = (struct encoder){.hash = "e1"};
    unlink(KEEP);
    return 0;
}

static void an_article_that_shares_no_word_is_found_by_meaning(UNUSED void **state)
{
    struct knowledge_base *base = base_of(rows, NULL, "");
    struct knowledge *by_meaning, *by_words;
    struct err err = {0};

    assert_int_equal(knowledge_open(base, &encoder, &by_meaning, &err), 0);
    assert_int_equal(knowledge_open(base, NULL, &by_words, &err), 0);
    assert_string_equal(best(by_meaning, "I want my money", "en"), "a");
    assert_true(knowledge_by_meaning(by_meaning));
    assert_true(knowledge_least(by_meaning) > knowledge_least(by_words));
    assert_string_equal(best(by_words, "I want my money", "en"), "");
    knowledge_base_unref(base); /* each knowledge holds it */
    assert_string_equal(best(by_meaning, "delivery", "en"), "b");
    knowledge_free(by_meaning);
    knowledge_free(by_words);
}

static void another_language_and_a_failing_encoder_leave_the_words(UNUSED void **state)
{
    struct knowledge_base *base = base_of(rows, NULL, "");
    struct knowledge *knowledge;
    struct err err = {0};

    assert_int_equal(knowledge_open(base, &encoder, &knowledge, &err), 0);
    assert_string_equal(best(knowledge, "Wo ist mein Paket", "de"), "c");
    assert_false(knowledge_by_meaning(knowledge));
    encoder.fails = true;
    assert_string_equal(best(knowledge, "where is my package", "en"), "b");
    assert_false(knowledge_by_meaning(knowledge));
    knowledge_free(knowledge);
    knowledge_base_unref(base);
}

static void what_did_not_change_is_not_embedded_again(UNUSED void **state)
{
    const char *const next[] = {changed, rows[0], rows[2]};
    struct knowledge_base *one = base_of(rows, NULL, ""), *other;

    assert_int_equal(encoder.calls, 4); /* two titles, two bodies; the encoder knows no German */
    other = base_of(next, one, "");
    assert_int_equal(encoder.calls, 5);
    assert_string_not_equal(knowledge_base_hash(one), knowledge_base_hash(other));
    knowledge_base_unref(one);
    knowledge_base_unref(other);
}

static void vectors_outlive_the_process_and_belong_to_one_encoder(UNUSED void **state)
{
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 4);
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 4);
    encoder.hash = "e2";
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 8);
}

static void a_damaged_file_is_made_anew(UNUSED void **state)
{
    FILE *file;

    knowledge_base_unref(base_of(rows, NULL, KEEP));
    file = fopen(KEEP, "r+");
    fseek(file, -8, SEEK_END);
    fputs("damaged!", file);
    fclose(file);
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 8);
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 8);
    assert_int_equal(truncate(KEEP, 100), 0);
    knowledge_base_unref(base_of(rows, NULL, KEEP));
    assert_int_equal(encoder.calls, 12);
}

static void vectors_of_another_encoder_are_not_searched(UNUSED void **state)
{
    struct knowledge_base *base = base_of(rows, NULL, "");
    struct knowledge *knowledge;
    struct err err = {0};

    encoder.hash = "e2";
    assert_int_equal(knowledge_open(base, &encoder, &knowledge, &err), 0);
    assert_string_equal(best(knowledge, "I want my money", "en"), "");
    knowledge_free(knowledge);
    knowledge_base_unref(base);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_article_that_shares_no_word_is_found_by_meaning),
        TEST(another_language_and_a_failing_encoder_leave_the_words),
        TEST(what_did_not_change_is_not_embedded_again),
        TEST(vectors_outlive_the_process_and_belong_to_one_encoder),
        TEST(a_damaged_file_is_made_anew),
        TEST(vectors_of_another_encoder_are_not_searched),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    unlink(KEEP);
    return failed;
}
