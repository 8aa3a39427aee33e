/* The table of profiles: whose ticket it is, what a row leaves out, and what is refused. */
#include "cmocka_all.h"

#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "policy/profiles.h"
#include "temp_file.h"

static struct config config;

static int setup(UNUSED void **state)
{
    config = (struct config){.kafka.topic_knowledge = "",
                             .triage = {.profiles_file = "",
                                        .policy_file = "shared.yaml",
                                        .policy_floor_file = "",
                                        .classifier_file = "shared.model",
                                        .knowledge_dir = "articles",
                                        .knowledge_vectors_file = "articles.vectors",
                                        .promise_file = "shared.promise",
                                        .priority_classifier_file = "",
                                        .audit_key = "secret",
                                        .audit_percent = 5,
                                        .draft_budget = -1}};
    return 0;
}

static int load(const char *text, struct profiles **ret_profiles, struct err *reterr)
{
    static char path[TEMP_PATH_MAX];
    int rc;

    temp_file(text, path);
    config.triage.profiles_file = path;
    rc = profiles_load(&config, ret_profiles, reterr);
    unlink(path);
    return rc;
}

static struct profiles *good(const char *text)
{
    struct profiles *profiles = NULL;
    struct err err = {0};

    if (load(text, &profiles, &err) < 0)
        fail_msg("%s", err.text);
    return profiles;
}

static void refused(const char *text, const char *words)
{
    struct profiles *profiles = NULL;
    struct err err = {0};

    assert_int_equal(load(text, &profiles, &err), -1);
    assert_null(profiles);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static const char two[] = "version: 1\n"
                          "profiles:\n"
                          "  - name: shop\n"
                          "    when: {tenant: [acme, Zeta], source_system: zendesk, tag: [vip, gold]}\n"
                          "    policy_file: shop.yaml\n"
                          "    promise_file: ''\n"
                          "    weight: 3\n"
                          "  - name: rest\n"
                          "    policy_file: rest.yaml\n"
                          "    knowledge_dir: others\n"
                          "    draft_budget: 10\n";

static void without_a_table_there_is_one_profile_of_the_shared_files(UNUSED void **state)
{
    const struct ticket any = {.tenant = "whoever", .channel = ""};
    struct profiles *profiles;
    struct err err = {0};
    size_t index = 9;

    assert_int_equal(profiles_load(&config, &profiles, &err), 0);
    assert_int_equal(profiles_count(profiles), 1);
    assert_string_equal(profiles_at(profiles, 0)->policy_file, "shared.yaml");
    assert_string_equal(profiles_at(profiles, 0)->name, "");
    assert_null(profiles_at(profiles, 1));
    assert_int_equal(profiles_match(profiles, &any), 0);
    assert_int_equal(profiles_named(profiles, NULL, &index, &err), 0);
    assert_int_equal(index, 0);
    assert_int_equal(profiles_named(profiles, "shop", &index, &err), -1);
    profiles_free(profiles);
}

static void the_first_row_whose_conditions_all_hold_takes_a_ticket(UNUSED void **state)
{
    struct profiles *profiles = good(two);
    const char *tags[] = {"new", "GOLD"};
    struct ticket ticket = {.tenant = "zeta", .source_system = "zendesk", .channel = "", .tags = tags, .n_tags = 2};

    assert_int_equal(profiles_match(profiles, &ticket), 0);
    ticket.n_tags = 1;
    assert_int_equal(profiles_match(profiles, &ticket), 1);
    profiles_free(profiles);
}

static void a_ticket_that_no_row_takes_is_nobodys(UNUSED void **state)
{
    struct profiles *profiles =
        good("version: 1\nprofiles:\n"
             "  - {name: a, when: {tenant: acme}, policy_file: a.yaml}\n"
             "  - {name: b, when: {channel: email, source_instance: eu}, policy_file: b.yaml}\n");
    struct ticket ticket = {.tenant = "zeta", .source_system = "zendesk", .source_instance = "eu", .channel = "web"};

    assert_int_equal(profiles_match(profiles, &ticket), -1);
    ticket.channel = "email";
    assert_int_equal(profiles_match(profiles, &ticket), 1);
    profiles_free(profiles);
}

static void what_a_row_leaves_out_is_shared(UNUSED void **state)
{
    struct profiles *profiles = good(two);
    const struct profile *shop = profiles_at(profiles, 0), *rest = profiles_at(profiles, 1);

    assert_string_equal(shop->classifier_file, "shared.model");
    assert_string_equal(shop->promise_file, "");
    assert_string_equal(rest->promise_file, "shared.promise");
    assert_string_equal(shop->knowledge_vectors_file, "articles.vectors");
    assert_string_equal(rest->knowledge_vectors_file, ""); /* made for other articles */
    assert_string_equal(rest->audit_key, "secret");
    assert_int_equal(shop->weight, 3);
    assert_int_equal(rest->weight, 1);
    assert_int_equal(shop->draft_budget, -1);
    assert_int_equal(rest->draft_budget, 10);
    profiles_free(profiles);
}

static void one_of_several_is_chosen_by_its_name(UNUSED void **state)
{
    struct profiles *profiles = good(two);
    struct err err = {0};
    size_t index = 9;

    assert_int_equal(profiles_named(profiles, "rest", &index, &err), 0);
    assert_int_equal(index, 1);
    assert_int_equal(profiles_named(profiles, NULL, &index, &err), -1);
    assert_non_null(strstr(err.text, "one of shop, rest"));
    profiles_free(profiles);
}

static void a_table_that_means_nothing_is_refused(UNUSED void **state)
{
    refused("version: 1\nprofiles: []\n", "profiles");
    refused("version: 1\nprofiles:\n  - {name: a, policy_file: a}\n  - {name: b, policy_file: b}\n", "put a last");
    refused("version: 1\nprofiles:\n  - {name: a, when: {tenant: x}, policy_file: a}\n  - {name: a, policy_file: b}\n",
            "a is taken");
    refused("version: 1\nprofiles:\n  - {name: a, when: {label: x}, policy_file: a}\n", "when.label: give tenant");
    refused("version: 1\nprofiles:\n  - {name: a, when: {text_matches: x}, policy_file: a}\n", "give tenant");
    refused("version: 1\nprofiles:\n  - {name: a, when: {}, policy_file: a}\n", "at least one condition");
    refused("version: 1\nprofiles:\n  - {name: a}\n", "policy_file");
    refused("version: 1\nprofiles:\n  - {name: a, policy_file: a, weight: 0}\n", "weight");
    refused("version: 1\nprofiles:\n  - {name: a, policy_file: a, wait: 1}\n", "wait");
    config.kafka.topic_knowledge = "articles";
    refused("version: 1\nprofiles:\n  - {name: a, policy_file: a, knowledge_dir: b}\n", "remove knowledge_dir");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_a_table_there_is_one_profile_of_the_shared_files, setup),
        cmocka_unit_test_setup(the_first_row_whose_conditions_all_hold_takes_a_ticket, setup),
        cmocka_unit_test_setup(a_ticket_that_no_row_takes_is_nobodys, setup),
        cmocka_unit_test_setup(what_a_row_leaves_out_is_shared, setup),
        cmocka_unit_test_setup(one_of_several_is_chosen_by_its_name, setup),
        cmocka_unit_test_setup(a_table_that_means_nothing_is_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
