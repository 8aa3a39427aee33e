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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_article_that_shares_its_words_comes_first),
        cmocka_unit_test(a_superseded_article_is_found_by_id_alone),
        cmocka_unit_test(another_language_is_not_offered),
        cmocka_unit_test(operators_in_a_question_are_words),
    };

    return cmocka_run_group_tests_name("knowledge", tests, set_up, tear_down);
}
