/* What is asked of the language model and what is made of its answer: the label's further opinion, what is masked on
 * the way out and stands in the draft again, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "triage/draft.h"
#include "triage/pii.h"

static char folder[] = "/tmp/test_draft.XXXXXX";
static char paths[4][64];
static struct knowledge *knowledge;
static struct pii *pii;
static struct decision decision;
static struct ticket ticket = {.subject = "Where is my parcel?",
                               .body_text = "The tracking of my parcel has not moved. When will it come? "
                                            "Write to moira.kelly@example.org, order KH-251044. Moira Kelly",
                               .language = "en",
                               .channel = "email",
                               .priority = "",
                               .requester = {"", "Moira Kelly", "", "", ""}};

static void write_article(size_t number, const char *id, const char *rest)
{
    FILE *out;

    snprintf(paths[number], sizeof paths[number], "%s/%s.md", folder, id);
    out = fopen(paths[number], "w");
    fprintf(out, "---\nid: %s\n%s", id, rest);
    fclose(out);
}

static void write_long_article(void)
{
    CLEANUP(buf_free) struct buf text = {0};

    buf_puts(&text, "title: Streets\n---\n# Lanes\n");
    for (int i = 0; i < 100; i++)
        buf_puts(&text, "Nothing of interest stands here at all.\n\n");
    buf_puts(&text, "# Crossings\nZebra crossings are white.\n");
    write_article(3, "streets", text.data);
}

static int set_up(UNUSED void **state)
{
    struct err err = {0};

    if (!mkdtemp(folder))
        return -1;
    write_article(0, "tracking",
                  "title: Tracking of a parcel\naudience: public\nlanguage: en\nupdated: 2026-01-01\n---\n"
                  "A parcel's tracking moves within two working days after the parcel was sent.\n");
    write_article(1, "old-tracking",
                  "title: Tracking\nsuperseded_by: tracking\n---\nTracking moves on the next day.\n");
    write_article(2, "handling", "title: Tracking of a parcel that is lost\naudience: agent\n---\nOpen a trace.\n");
    write_long_article();
    if (knowledge_load(folder, &knowledge, &err) < 0 || pii_new(&pii, &err) < 0)
        fail_msg("%s", err.text);
    strcpy(decision.label, "order_status");
    strcpy(decision.language, "en");
    decision.n_alternatives = 2;
    strcpy(decision.alternatives[0].label, "order_status");
    strcpy(decision.alternatives[1].label, "address_change");
    return 0;
}

static int tear_down(UNUSED void **state)
{
    knowledge_free(knowledge);
    pii_free(pii);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        unlink(paths[i]);
    return rmdir(folder);
}

static void prompt(bool opinion, struct draft_request *ret_request)
{
    const struct draft_settings settings = {
        .model_name = "m", .max_tokens = 100, .label_opinion = opinion, .pii = pii, .retrieval_least = 0, .nonce = 7};
    struct err err = {0};

    if (draft_prompt(knowledge, &ticket, &decision, &settings, ret_request, &err) != 1)
        fail_msg("no prompt was made: %s", err.text);
}

static const cJSON *schema_of(const cJSON *body)
{
    return json_get(json_get(json_get(body, "response_format"), "json_schema"), "schema");
}

static void the_label_is_asked_for_only_when_told_to(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request with = {0};
    CLEANUP(draft_request_free) struct draft_request without = {0};

    prompt(true, &with);
    prompt(false, &without);
    CLEANUP(json_done) cJSON *asked = cJSON_Parse(with.body);
    CLEANUP(json_done) cJSON *plain = cJSON_Parse(without.body);
    const cJSON *label = json_get(json_get(schema_of(asked), "properties"), "label");
    assert_null(json_get(json_get(schema_of(plain), "properties"), "label"));
    assert_int_equal(cJSON_GetArraySize(json_get(label, "enum")), 3);
    assert_string_equal(cJSON_GetArrayItem(json_get(label, "enum"), 0)->valuestring, "address_change");
    assert_string_equal(cJSON_GetArrayItem(json_get(label, "enum"), 2)->valuestring, DRAFT_OPINION_OTHER);
}

/* The HTTP body of a server that answers this; the caller frees it. */
static char *envelope(const char *reply)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *choice = cJSON_CreateObject();

    cJSON_AddStringToObject(choice, "finish_reason", "stop");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(choice, "message"), "content", reply);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(doc, "choices"), choice);
    return json_text(doc);
}

static struct draft answered(const struct draft_request *request, const char *reply)
{
    CLEANUP(mem_freep) char *text = envelope(reply);
    struct draft draft = {0};
    struct err err = {0};

    if (draft_parse(knowledge, &ticket, request, text, strlen(text), &draft, &err) < 0)
        fail_msg("%s", err.text);
    return draft;
}

static void opinion_is(const struct draft_request *request, const char *reply, const char *wanted)
{
    CLEANUP(decision_clear) struct decision heard = {.draft = answered(request, reply)};

    assert_string_equal(heard.draft.opinion, wanted);
}

static void the_answer_says_it_and_silence_is_no_agreement(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request with = {0};
    CLEANUP(draft_request_free) struct draft_request without = {0};

    prompt(true, &with);
    prompt(false, &without);
    opinion_is(&with, "{\"label\": \"address_change\", \"answer\": \"Please wait.\", \"citations\": []}",
               "address_change");
    opinion_is(&with, "{\"answer\": \"Please wait.\", \"citations\": []}", DRAFT_OPINION_OTHER);
    opinion_is(&without, "{\"label\": \"address_change\", \"answer\": \"Please wait.\", \"citations\": []}", "");
}

static void nothing_personal_is_in_the_prompt_and_what_is_needed_is(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request request = {0};

    prompt(false, &request);
    assert_null(strstr(request.body, "moira.kelly@example.org"));
    assert_null(strstr(request.body, "Moira"));
    assert_null(strstr(request.body, "Kelly"));
    assert_non_null(strstr(request.body, "[EMAIL_1]"));
    assert_non_null(strstr(request.body, "KH-251044"));
}

static void what_was_masked_stands_in_the_draft_again(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request request = {0};

    prompt(false, &request);
    CLEANUP(decision_clear)
    struct decision heard = {
        .draft = answered(&request, "{\"citations\": [], \"answer\": \"We can write to [EMAIL_1] then.\"}")};
    assert_string_equal(heard.draft.text, "We can write to moira.kelly@example.org then.");
}

static void refused(const struct draft_request *request, const char *reply)
{
    CLEANUP(mem_freep) char *text = envelope(reply);
    struct draft draft = {0};
    struct err err = {0};

    assert_int_equal(draft_parse(knowledge, &ticket, request, text, strlen(text), &draft, &err), -1);
    assert_string_equal(err.reason, "model_invalid");
    assert_null(draft.text);
}

static void an_unknown_placeholder_and_an_echo_are_refused(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request request = {0};

    prompt(false, &request);
    refused(&request, "{\"citations\": [], \"answer\": \"We can write to [EMAIL_7] then.\"}");
    refused(&request,
            "{\"citations\": [], \"answer\": \"The tracking of my parcel has not moved. When will it come? Write to "
            "[EMAIL_1], order KH-251044.\"}");
}

/* ---- context and record ---- */

static const struct draft_settings plain_settings = {.model_name = "m", .max_tokens = 100, .nonce = 7};

static const cJSON *left_out(const cJSON *context, const char *member, const char *name)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, json_get(context, "left_out"))
    {
        if (strcmp(json_str(one, member, ""), name) == 0)
            return one;
    }
    return NULL;
}

static void the_context_names_what_was_shown_and_what_was_not(UNUSED void **state)
{
    static const char reply[] =
        "It has not moved \xe2\x80\x8b.\n\nOn 3 May 2026, Anna wrote:\n> the link is in the mail\n";
    struct ticket_message earlier[] = {{"customer", "Hello", ""}, {"agent", "Hi", ""}};
    struct ticket quoting = ticket;
    CLEANUP(draft_request_free) struct draft_request request = {0};
    struct err err = {0};

    quoting.body_text = reply;
    quoting.messages = earlier;
    quoting.n_messages = 2;
    assert_int_equal(draft_prompt(knowledge, &quoting, &decision, &plain_settings, &request, &err), 1);
    CLEANUP(json_done) cJSON *context = cJSON_Parse(request.context);
    const cJSON *article = cJSON_GetArrayItem(json_get(context, "articles"), 0), *list = json_get(context, "left_out");
    assert_string_equal(json_str(article, "id", ""), "tracking");
    assert_string_equal(json_str(article, "hash", ""), knowledge_find(knowledge, "tracking")->hash);
    assert_true(json_num(json_get(article, "chunk"), "end", 0) > 70);
    assert_string_equal(json_str(left_out(context, "field", "body_text"), "reason", ""), "quoted");
    assert_string_equal(json_str(cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1), "reason", ""), "hidden");
    assert_string_equal(json_str(left_out(context, "id", "handling"), "reason", ""), "audience");
    assert_string_equal(json_str(left_out(context, "id", "old-tracking"), "reason", ""), "superseded");
    assert_true(json_num(json_get(context, "turns"), "left_out", 0) > 1.5);
    assert_int_equal(strlen(json_str(context, "prompt_hash", "")), 64);
}

static void weak_retrieval_says_what_was_too_weak(UNUSED void **state)
{
    struct draft_settings strict = plain_settings;
    CLEANUP(draft_request_free) struct draft_request request = {0};
    struct err err = {0};

    strict.retrieval_least = 1e6;
    assert_int_equal(draft_prompt(knowledge, &ticket, &decision, &strict, &request, &err), 0);
    CLEANUP(json_done) cJSON *context = cJSON_Parse(request.context);
    assert_int_equal(cJSON_GetArraySize(json_get(context, "articles")), 0);
    assert_string_equal(json_str(left_out(context, "id", "tracking"), "reason", ""), "weak");
    assert_string_equal(json_str(context, "prompt_hash", "x"), "");
}

static void of_a_long_article_the_part_that_fits_is_shown(UNUSED void **state)
{
    struct ticket asking = ticket;
    CLEANUP(draft_request_free) struct draft_request request = {0};
    struct err err = {0};

    asking.subject = "Zebra crossing";
    asking.body_text = "What colour is the zebra crossing?";
    assert_int_equal(draft_prompt(knowledge, &asking, &decision, &plain_settings, &request, &err), 1);
    CLEANUP(json_done) cJSON *context = cJSON_Parse(request.context);
    const cJSON *article = cJSON_GetArrayItem(json_get(context, "articles"), 0);
    assert_string_equal(json_str(article, "id", ""), "streets");
    assert_true(json_num(json_get(article, "chunk"), "start", 0) > 3000);
    assert_non_null(strstr(request.body, "Zebra crossings are white."));
    assert_null(strstr(request.body, "Nothing of interest"));
}

static struct decision wanting(void)
{
    struct decision wanting = decision;

    wanting.status = STATUS_SUGGESTED;
    wanting.wants_draft = true;
    return wanting;
}

/* Decides again by what was recorded of the first time. */
static void replays_alike(const struct decision *first)
{
    struct draft_settings settings = plain_settings;
    CLEANUP(draft_request_free) struct draft_request request = {0};
    CLEANUP(decision_clear) struct decision again = wanting();
    struct err err = {0};

    settings.nonce = 0;
    settings.pii = pii;
    assert_int_equal(draft_recorded_nonce(first->recorded, &settings.nonce), 0);
    assert_true(draft_begin(knowledge, &ticket, &settings, &again, &request));
    assert_int_equal(draft_replay(knowledge, &ticket, &request, first->recorded, &again, &err), 0);
    assert_int_equal(again.status, first->status);
    assert_memory_equal(again.reasons, first->reasons, sizeof again.reasons);
    assert_string_equal(again.recorded, first->recorded);
    assert_string_equal(again.context, first->context);
    assert_string_equal(again.draft.text ? again.draft.text : "", first->draft.text ? first->draft.text : "");
    assert_int_equal(again.draft.tokens_in, first->draft.tokens_in);
}

static void begin(struct decision *first, struct draft_request *request)
{
    struct draft_settings settings = plain_settings;

    settings.pii = pii;
    *first = wanting();
    assert_true(draft_begin(knowledge, &ticket, &settings, first, request));
}

static void a_recorded_answer_decides_again_and_holds_nothing_personal(UNUSED void **state)
{
    CLEANUP(draft_request_free) struct draft_request request = {0};
    CLEANUP(decision_clear) struct decision first = {0};
    CLEANUP(mem_freep)
    char *text = envelope("{\"citations\": [\"tracking\"], \"answer\": \"We refunded 99 EUR to [EMAIL_1].\"}");

    begin(&first, &request);
    assert_true(draft_end(knowledge, &ticket, &request, text, strlen(text), &first));
    assert_int_equal(first.status, STATUS_IN_REVIEW);
    assert_true(decision_has_reason(&first, REASON_UNSUPPORTED_CLAIM));
    assert_non_null(strstr(first.draft.text, "moira.kelly@example.org"));
    assert_null(strstr(first.recorded, "moira.kelly@example.org"));
    replays_alike(&first);
}

static void a_call_that_failed_replays_as_the_same_failure(UNUSED void **state)
{
    static const char *const answers[] = {"{\"choices\": []}", "not json",
                                          "{\"choices\": [{\"message\": {\"content\": \"x\"}}]}"};

    for (size_t i = 0; i <= ARRAY_LEN(answers); i++) {
        CLEANUP(draft_request_free) struct draft_request request = {0};
        CLEANUP(decision_clear) struct decision first = {0};
        begin(&first, &request);
        if (i == ARRAY_LEN(answers))
            draft_forgo(&request, &first, REASON_MODEL_TIMEOUT);
        else
            assert_false(draft_end(knowledge, &ticket, &request, answers[i], strlen(answers[i]), &first));
        assert_int_equal(first.status, STATUS_IN_REVIEW);
        assert_null(first.draft.text);
        replays_alike(&first);
    }
}

static void check_claim(const char *text, const char *commitments, bool supported)
{
    struct draft draft = {.text = mem_strdup(text), .commitments = commitments};
    CLEANUP(mem_freep) char *unsupported = draft_unsupported(knowledge, &ticket, &draft);

    if ((unsupported == NULL) != supported)
        fail_msg("%s, under %s: %s", text, commitments ? commitments : "no commitments",
                 unsupported ? unsupported : "supported");
    mem_free(draft.text);
}

static void a_claim_may_rest_on_the_policy_s_commitments(UNUSED void **state)
{
    const char *promise = "We reply within 36 hours.";

    check_claim(promise, NULL, false);
    check_claim(promise, "", false);
    check_claim(promise, "Returns are free.\nWe reply within 36 hours.\n", true);
    check_claim(promise, "We reply within 48 hours.\n", false);
    check_claim("Thank you for your message.", NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_may_rest_on_the_policy_s_commitments),
        cmocka_unit_test(the_label_is_asked_for_only_when_told_to),
        cmocka_unit_test(the_answer_says_it_and_silence_is_no_agreement),
        cmocka_unit_test(nothing_personal_is_in_the_prompt_and_what_is_needed_is),
        cmocka_unit_test(what_was_masked_stands_in_the_draft_again),
        cmocka_unit_test(an_unknown_placeholder_and_an_echo_are_refused),
        cmocka_unit_test(the_context_names_what_was_shown_and_what_was_not),
        cmocka_unit_test(of_a_long_article_the_part_that_fits_is_shown),
        cmocka_unit_test(weak_retrieval_says_what_was_too_weak),
        cmocka_unit_test(a_recorded_answer_decides_again_and_holds_nothing_personal),
        cmocka_unit_test(a_call_that_failed_replays_as_the_same_failure),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
