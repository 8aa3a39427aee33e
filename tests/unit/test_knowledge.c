/* What the search over articles promises. The encoder's part is measured by tests/bench/retrieval.py. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "triage/knowledge.h"

static char folder[] = "/tmp/test_knowledge.XXXXXX";
static char path[64];
static struct knowledge *knowledge;

static const char rows[] =
    "{\"id\":\"returns\",\"title\":\"How to return an item\",\"body\":\"Send it back within 30 days.\"}\n"
    "{\"id\":\"returns-old\",\"title\":\"How to return an item\",\"body\":\"Send it back within 14 days.\","
    "\"superseded_by\":\"returns\"}\n"
    "{\"id\":\"tracking\",\"title\":\"Where is my parcel\",\"body\":\"Follow the tracking link.\"}\n"
    "{\"id\":\"retoure\",\"title\":\"Ware zur\xc3\xbc"
    "cksenden\",\"language\":\"de\",\"body\":\"Innerhalb von 30 Tagen.\"}\n";

static int set_up(UNUSED void **state)
{
    struct err err = {0};
    FILE *out;

    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/kb.jsonl", folder);
    out = fopen(path, "w");
    fputs(rows, out);
    fclose(out);
    return knowledge_load(folder, &knowledge, &err);
}

static int tear_down(UNUSED void **state)
{
    knowledge_free(knowledge);
    unlink(path);
    return rmdir(folder);
}

static size_t ask(const char *query, const char *language, struct knowledge_hit *hits)
{
    struct err err = {0};
    size_t n = 0;

    assert_int_equal(knowledge_search(knowledge, query, language, NULL, hits, KNOWLEDGE_HITS_MAX, &n, &err), 0);
    return n;
}

static void the_article_that_shares_its_words_comes_first(UNUSED void **state)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];

    assert_true(ask("I want to return the item I bought", "en", hits) > 0);
    assert_string_equal(hits[0].article->id, "returns");
}

static void a_superseded_article_is_found_by_id_alone(UNUSED void **state)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    size_t n = ask("return item 14 days", "en", hits);

    for (size_t i = 0; i < n; i++)
        assert_string_not_equal(hits[i].article->id, "returns-old");
    assert_non_null(knowledge_find(knowledge, "returns-old"));
}

static void another_language_is_not_offered(UNUSED void **state)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];

    assert_int_equal(ask("zur\xc3\xbc"
                         "cksenden",
                         "en", hits),
                     0);
    assert_int_equal(ask("zur\xc3\xbc"
                         "cksenden",
                         "de", hits),
                     1);
}

static void operators_in_a_question_are_words(UNUSED void **state)
{
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];

    assert_true(ask("parcel\" OR NEAR(tracking) AND (* ^", "en", hits) > 0);
    assert_string_equal(hits[0].article->id, "tracking");
    assert_int_equal(ask("", "en", hits), 0);
}

static void a_day_is_counted_from_1970_or_is_none(UNUSED void **state)
{
    assert_int_equal(article_day("1970-01-01"), 0);
    assert_int_equal(article_day("2000-02-29"), 11016);
    assert_int_equal(article_day("2000-03-01"), 11017);
    assert_int_equal(article_day("2026-11-28"), 20785);
    assert_int_equal(article_day("2026-11-28T07:50:00Z"), 20785);
    static const char *const none[] = {"",           "soon",       "2026-13-01", "2026-1-1",  "28.11.2026",
                                       "2026-11-00", "2026-+1-01", "2026- 1-01", "2026-11-2", "1969-12-31"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(article_day(none[i]), -1);
}

static void a_review_is_overdue_the_day_after_its_date(UNUSED void **state)
{
    const int64_t day = 86400;
    struct article article = {.review_by = "2026-11-28"};

    assert_false(article_review_overdue(&article, 20786 * day - 1));
    assert_true(article_review_overdue(&article, 20786 * day));
    article.review_by = "next spring"; /* somebody meant a bound */
    assert_true(article_review_overdue(&article, 0));
    article.review_by = "";
    assert_false(article_review_overdue(&article, 20786 * day));
}

/* Results name versions of articles: a key that came later must not rename those that do not have it. */
static void an_article_without_a_review_date_keeps_the_name_of_its_version(UNUSED void **state)
{
    static const char row[] = "{\"id\":\"a\",\"body\":\"b\"%s}";
    static const char *const more[] = {"", ",\"review_by\":\"\"", ",\"review_by\":\"2026-11-28\""};
    struct err err = {0};
    char hashes[3][80];

    for (size_t i = 0; i < 3; i++) {
        struct knowledge_base *base = NULL;
        char text[128];
        const char *const one[] = {text};
        snprintf(text, sizeof text, row, more[i]);
        assert_int_equal(knowledge_base_of_rows(one, 1, &base, &err), 0);
        snprintf(hashes[i], sizeof hashes[i], "%s", knowledge_base_at(base, 0)->hash);
        knowledge_base_unref(base);
    }
    assert_string_equal(hashes[0], hashes[1]);
    assert_string_not_equal(hashes[0], hashes[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_article_that_shares_its_words_comes_first),
        cmocka_unit_test(a_superseded_article_is_found_by_id_alone),
        cmocka_unit_test(another_language_is_not_offered),
        cmocka_unit_test(operators_in_a_question_are_words),
        cmocka_unit_test(a_day_is_counted_from_1970_or_is_none),
        cmocka_unit_test(a_review_is_overdue_the_day_after_its_date),
        cmocka_unit_test(an_article_without_a_review_date_keeps_the_name_of_its_version),
    };

    return cmocka_run_group_tests_name("knowledge", tests, set_up, tear_down);
}
