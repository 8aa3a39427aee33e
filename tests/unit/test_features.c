/* What counts as the newest text of a mail, and which features it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "decide/features.h"
#include "decide/text.h"
#include "triage/decide.h"

static struct classifier_text text_of(const char *subject, const char *body)
{
    return (struct classifier_text){.subject = subject, .body = body, .sender = "", .channel = ""};
}

static void plain(const char *body, const char *want)
{
    const struct ticket ticket = {.body_text = body};
    CLEANUP(mem_freep) char *got = ticket_plain_text(&ticket);

    assert_string_equal(got, want);
}

static void marked_quotes_are_cut(UNUSED void **state)
{
    plain("Still broken.\n\nOn Mon, 3 Nov 2026 at 10:02, Kestrel <help@kestrel.example> wrote:\n> Try a reset.\n> Bye\n",
          "Still broken.");
    plain("> Have you tried it?\nYes.\n> And now?\nNo.", "Yes.\nNo.");
}

static void unmarked_quotes_run_to_the_end(UNUSED void **state)
{
    plain("Danke!\n\nAm 3. Mai 2026 um 10:02 schrieb Eva Kern <eva@firma.example>:\nHallo,\nIhr Paket ist da.", "Danke!");
    plain("Danke!\nAm Mo., 3. Mai 2026 um 10:02 Uhr schrieb\nEva Kern <eva@firma.example>:\n\nIhr Paket.", "Danke!");
    plain("Thanks\r\n\r\n-----Original Message-----\r\nFrom: Eva\r\nold text", "Thanks");
    plain("Es geht.\n\nVon: Eva Kern\nGesendet: Montag\nAn: mir\nBetreff: AW\n\nalter Text", "Es geht.");
}

static void signatures_are_cut(UNUSED void **state)
{
    plain("Where is it?\n-- \nJ. Ferris\nAcme Ltd", "Where is it?");
    plain("Where is it?\n\nSent from my iPhone", "Where is it?");
    plain("Wo ist es?\n\nVon meinem iPhone gesendet", "Wo ist es?");
}

static void ordinary_sentences_stay(UNUSED void **state)
{
    plain("On Monday I wrote: nothing came back.\nFrom: now on I wait.\nAm Montag war ich da.",
          "On Monday I wrote: nothing came back.\nFrom: now on I wait.\nAm Montag war ich da.");
    plain("-- I mean it --", "-- I mean it --");
}

static void a_mail_that_is_all_quote_counts_whole(UNUSED void **state)
{
    plain("> forwarded for you\n> please look", "> forwarded for you\n> please look");
}

static void invisible_characters_go(UNUSED void **state)
{
    plain("re\xe2\x80\x8b" "fund \xe2\x80\xaenow\xe2\x80\xac\xf3\xa0\x81\xa1", "refund now");
    plain("bad \xff\xfe bytes", "bad  bytes");
}

static void the_newest_customer_message_is_taken(UNUSED void **state)
{
    struct ticket_message messages[] = {{.author = "customer", .body_text = "first"},
                                        {.author = "customer", .body_text = "second"},
                                        {.author = "agent", .body_text = "answer"}};
    struct ticket ticket = {.body_text = "body", .messages = messages, .n_messages = 3};

    assert_string_equal(ticket_newest_body(&ticket), "body");
    ticket.body_text = "";
    assert_string_equal(ticket_newest_body(&ticket), "second");
}

/* ---- features ---- */

static bool has(struct extractor *extractor, size_t n, const char *ngram)
{
    char out[FEATURE_NGRAM_MAX];

    for (size_t i = 0; i < n; i++) {
        if (strcmp(extractor_ngram(extractor, i, out), ngram) == 0)
            return true;
    }
    return false;
}

static void words_pairs_and_characters_come_out(UNUSED void **state)
{
    struct extractor *extractor = extractor_new();
    const struct feature *list;
    const struct classifier_text text = {.subject = "Refund", .body = "my Card!", .sender = "a@b.example", .channel = "email"};
    size_t n = extractor_run(extractor, &text, &list);
    static const char *const expected[] = {"refund",         "card",    "my card", " ca",          "ard ",
                                           "subject:refund", "sender:b.example", "channel:email", "subject: refu"};

    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_true(has(extractor, n, expected[i]));
    assert_false(has(extractor, n, "y c"));
    extractor_free(extractor);
}

static void writing_variants_are_the_same_text(UNUSED void **state)
{
    struct extractor *extractor = extractor_new();
    const struct feature *list;
    const struct classifier_text plain_text = text_of("", "grusse fur cafe haven't");
    const struct classifier_text fancy = text_of("", "GR\xc3\x9c\xc3\x9f" "E f\xc3\xbcr \xef\xbd\x83\xef\xbd\x81\xef\xbd\x86\xc3\xa9 haven\xe2\x80\x99t!");
    uint64_t identity;

    extractor_run(extractor, &plain_text, &list);
    identity = extractor_identity(extractor);
    extractor_run(extractor, &fancy, &list);
    assert_true(extractor_identity(extractor) == identity);
    extractor_free(extractor);
}

static void quoted_text_has_features_of_its_own(UNUSED void **state)
{
    struct extractor *extractor = extractor_new();
    const struct feature *list;
    const struct classifier_text text = text_of("", "thanks\n> refund");
    size_t n = extractor_run(extractor, &text, &list);

    assert_true(has(extractor, n, "thanks"));
    assert_true(has(extractor, n, "quoted:refund"));
    assert_false(has(extractor, n, "refund"));
    extractor_free(extractor);
}

/* U+FDFA becomes 18 code points; neither it nor a blob may run over a bound. */
static void hostile_texts_stay_within_bounds(UNUSED void **state)
{
    enum { REPEATS = 40000 };
    struct extractor *extractor = extractor_new();
    const struct feature *list;
    char *blob = mem_alloc(REPEATS * 3 + 1);
    const struct classifier_text text = {blob, blob, blob, blob};

    for (size_t i = 0; i < REPEATS; i++)
        memcpy(blob + 3 * i, "\xef\xb7\xba", 3);
    assert_true(extractor_run(extractor, &text, &list) <= FEATURE_LIST_MAX);
    for (size_t i = 0; i < REPEATS * 3; i++)
        blob[i] = (char)('!' + i * 7 % 94);
    assert_true(extractor_run(extractor, &text, &list) > 0);
    for (size_t i = 0; i < REPEATS * 3; i++)
        blob[i] = (char)(0x80 + i % 128);
    assert_true(extractor_run(extractor, &text, &list) <= FEATURE_LIST_MAX);
    mem_free(blob);
    extractor_free(extractor);
}

static void nothing_gives_no_features(UNUSED void **state)
{
    struct extractor *extractor = extractor_new();
    const struct feature *list;
    const struct classifier_text text = text_of("", " \n\t ");

    assert_int_equal(extractor_run(extractor, &text, &list), 0);
    assert_int_equal(extractor_letters(extractor), 0);
    extractor_free(extractor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marked_quotes_are_cut),
        cmocka_unit_test(unmarked_quotes_run_to_the_end),
        cmocka_unit_test(signatures_are_cut),
        cmocka_unit_test(ordinary_sentences_stay),
        cmocka_unit_test(a_mail_that_is_all_quote_counts_whole),
        cmocka_unit_test(invisible_characters_go),
        cmocka_unit_test(the_newest_customer_message_is_taken),
        cmocka_unit_test(words_pairs_and_characters_come_out),
        cmocka_unit_test(writing_variants_are_the_same_text),
        cmocka_unit_test(quoted_text_has_features_of_its_own),
        cmocka_unit_test(hostile_texts_stay_within_bounds),
        cmocka_unit_test(nothing_gives_no_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
