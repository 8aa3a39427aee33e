/* Approved macros: which may go out, and how their slots are filled. */
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
#include "triage/draft.h"

static char folder[] = "/tmp/test_macro.XXXXXX";
static struct knowledge *knowledge;

#define FRONT(id, more) "---\nid: " id "\nkind: macro\ntitle: Where is order {order}\nlanguage: en\nlabels: [order_status]\n" more "---\n"
#define APPROVED "approved_by: Ann\napproved_on: 2026-01-01\n"

static const struct {
    const char *file, *text;
} files[] = {
    {"slotted.md", FRONT("slotted", APPROVED "slots: [order=KH-*]\n") "Your order {order} is on its way. Order {order} comes soon.\n"},
    {"formless.md", FRONT("formless", APPROVED "slots: [carrier]\n") "It is with {carrier}.\n"},
    {"unapproved.md", FRONT("unapproved", "") "Where the order is, nobody knows.\n"},
    {"plain.md", FRONT("plain", APPROVED) "Please look at your account.\n"},
};

static void path_of(size_t i, char path[96])
{
    snprintf(path, 96, "%s/%s", folder, files[i].file);
}

static int set_up(UNUSED void **state)
{
    struct err err = {0};
    char path[96];

    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        FILE *out;
        path_of(i, path);
        out = fopen(path, "w");
        fputs(files[i].text, out);
        fclose(out);
    }
    if (knowledge_load(folder, &knowledge, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    char path[96];

    knowledge_free(knowledge);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        path_of(i, path);
        unlink(path);
    }
    return rmdir(folder);
}

static struct ticket ticket_with(const char *body)
{
    return (struct ticket){.subject = "Where is my order", .body_text = body, .language = "en", .channel = "", .priority = "",
                           .requester = {"", "", "", "", ""}};
}

/* The text of the macro for a ticket with this body; "" when it can't be used. */
static const char *text_of(const char *macro, const char *body)
{
    static char text[200];
    const struct ticket ticket = ticket_with(body);
    CLEANUP(decision_clear) struct decision decision = {0};
    struct err err = {0};

    text[0] = '\0';
    if (draft_macro(knowledge, macro, &ticket, &decision.draft, &err) == 0)
        snprintf(text, sizeof text, "%s", decision.draft.text);
    else
        assert_string_equal(err.reason, "no_macro");
    return text;
}

static void a_slot_takes_the_one_value_that_has_its_form(UNUSED void **state)
{
    assert_string_equal(text_of("slotted", "It is KH-1234. I wrote KH-1234 before."),
                        "Your order KH-1234 is on its way. Order KH-1234 comes soon.");
}

static void no_value_or_two_fill_no_slot(UNUSED void **state)
{
    assert_string_equal(text_of("slotted", "I don't know the number."), "");
    assert_string_equal(text_of("slotted", "Is it KH-1234 or KH-9999?"), "");
    assert_string_equal(text_of("slotted", "KH-https://evil.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "");
}

static void a_slot_without_a_form_is_for_people(UNUSED void **state)
{
    assert_string_equal(text_of("formless", "It is with DPD."), "");
}

static void what_nobody_approved_or_knows_does_not_go_out(UNUSED void **state)
{
    assert_string_equal(text_of("unapproved", ""), "");
    assert_string_equal(text_of("missing", ""), "");
    assert_string_equal(text_of("plain", ""), "Please look at your account.");
}

static int fitting(const char *label, const char *body, const char **ret_id)
{
    static char id[ARTICLE_ID_MAX];
    const struct ticket ticket = ticket_with(body);
    CLEANUP(decision_clear) struct decision decision = {.language = "en"};
    struct err err = {0};
    int found;

    strcpy(decision.label, label);
    found = draft_fitting_macro(knowledge, &ticket, &decision, &(struct draft_settings){0}, &decision.draft, &err);
    snprintf(id, sizeof id, "%s", decision.draft.macro_id);
    *ret_id = id;
    return found;
}

static void a_macro_fits_by_its_label_and_its_words(UNUSED void **state)
{
    const char *id;

    assert_int_equal(fitting("order_status", "Where is my order KH-77?", &id), 1);
    assert_true(strcmp(id, "slotted") == 0 || strcmp(id, "plain") == 0);
    assert_int_equal(fitting("refund", "Where is my order KH-77?", &id), 0);
    assert_string_equal(id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_takes_the_one_value_that_has_its_form),
        cmocka_unit_test(no_value_or_two_fill_no_slot),
        cmocka_unit_test(a_slot_without_a_form_is_for_people),
        cmocka_unit_test(what_nobody_approved_or_knows_does_not_go_out),
        cmocka_unit_test(a_macro_fits_by_its_label_and_its_words),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
