/* What is asked of the language model and what is made of its answer: the label's further opinion, what is masked on the way
 * out and stands in the draft again, what is refused. */
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
#include "base/json.h"
#include "base/mem.h"
#include "triage/draft.h"
#include "triage/pii.h"

static char folder[] = "/tmp/test_draft.XXXXXX";
static char article_path[64];
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

static int set_up(UNUSED void **state)
{
    struct err err = {0};
    FILE *out;

    if (!mkdtemp(folder))
        return -1;
    snprintf(article_path, sizeof article_path, "%s/tracking.md", folder);
    out = fopen(article_path, "w");
    fputs("---\nid: tracking\ntitle: Tracking of a parcel\naudience: public\nlanguage: en\nupdated: 2026-01-01\n---\n"
          "A parcel's tracking moves within two working days after the parcel was sent.\n",
          out);
    fclose(out);
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
    unlink(article_path);
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
    opinion_is(&with, "{\"label\": \"address_change\", \"answer\": \"Please wait.\", \"citations\": []}", "address_change");
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
    CLEANUP(decision_clear) struct decision heard = {
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
    refused(&request, "{\"citations\": [], \"answer\": \"The tracking of my parcel has not moved. When will it come? Write to "
                      "[EMAIL_1], order KH-251044.\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_label_is_asked_for_only_when_told_to),
        cmocka_unit_test(the_answer_says_it_and_silence_is_no_agreement),
        cmocka_unit_test(nothing_personal_is_in_the_prompt_and_what_is_needed_is),
        cmocka_unit_test(what_was_masked_stands_in_the_draft_again),
        cmocka_unit_test(an_unknown_placeholder_and_an_echo_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
