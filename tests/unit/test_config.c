/* The configuration: where values come from, what is refused, and that docs and schema say the same as the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "policy/config.h"
#include "temp_file.h"

static int load(const char *text, char *const *env, const char *const *overrides, struct config **ret_config,
                struct err *reterr)
{
    char path[TEMP_PATH_MAX];
    int rc;

    temp_file(text, path);
    rc = config_load(path, env, overrides, ret_config, reterr);
    unlink(path);
    return rc;
}

static struct config *good(const char *text, char *const *env, const char *const *overrides)
{
    struct config *config = NULL;
    struct err err = {0};

    if (load(text, env, overrides, &config, &err) < 0)
        fail_msg("%s", err.text);
    return config;
}

static void refused(const char *text, char *const *env, const char *const *overrides, const char *words)
{
    struct config *config = NULL;
    struct err err = {0};

    if (load(text, env, overrides, &config, &err) == 0)
        fail_msg("taken: %s", text);
    assert_null(config);
    assert_true(err.sysexit == EX_CONFIG || err.sysexit == EX_USAGE);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

static void an_empty_file_gives_the_defaults(void **state)
{
    struct config *config = good("# nothing\n", NULL, NULL);

    (void)state;
    assert_string_equal(config->kafka.topic_tickets, "triage.tickets");
    assert_string_equal(config->kafka.topic_control, "triage.control");
    assert_string_equal(config->kafka.start, "");
    assert_int_equal(config->kafka.partitions, 6);
    assert_int_equal(config->kafka.session_timeout_ms, 10000);
    assert_int_equal(config->triage.in_flight, 256);
    assert_true(config->triage.in_flight_bytes == 64 << 20);
    assert_int_equal(config->triage.draft_budget, -1);
    assert_int_equal(config->model.deadline_ms, 120000);
    assert_string_equal(config->model.url, "");
    assert_string_equal(config->kafka.sasl_password, "");
    assert_int_equal(config->postgres.hold_seconds, 10);
    assert_string_equal(config->log_level, "info");
    assert_true(*config->triage.instance);
    config_free(config);
}

static void the_environment_overrides_the_file_and_options_override_both(void **state)
{
    char *env[] = {"TRIAGED_KAFKA__GROUP=env",
                   "TRIAGED_TRIAGE__LANES=4",
                   "TRIAGED_KAFKA__TOPICS__TICKETS=in",
                   "TRIAGED_CONFIG=ignored",
                   "TRIAGED_SERVICE_HOST=1.2.3.4",
                   "HOME__X=/",
                   NULL};
    const char *overrides[] = {"triage.lanes=8", NULL};
    struct config *config = good("kafka:\n  group: file\n  start: latest\ntriage:\n  lanes: 2\n", env, overrides);

    (void)state;
    assert_string_equal(config->kafka.group, "env");
    assert_string_equal(config->kafka.start, "latest");
    assert_string_equal(config->kafka.topic_tickets, "in");
    assert_int_equal(config->triage.lanes, 8);
    config_free(config);
}

static void properties_are_passed_under_their_own_names(void **state)
{
    char *env[] = {"TRIAGED_KAFKA__PROPERTIES__FETCH_WAIT_MAX_MS=50", "TRIAGED_KAFKA__PROPERTIES__CLIENT_RACK=b", NULL};
    const char *overrides[] = {"kafka.properties.debug=all", NULL};
    struct config *config =
        good("kafka: {properties: {client.rack: a, socket.keepalive.enable: true}}\n", env, overrides);

    (void)state;
    assert_int_equal(config->kafka.n_properties, 4);
    assert_string_equal(config->kafka.property_names[0], "client.rack");
    assert_string_equal(config->kafka.property_values[0], "b");
    assert_string_equal(config->kafka.property_values[1], "true");
    assert_string_equal(config->kafka.property_names[2], "fetch.wait.max.ms");
    assert_string_equal(config->kafka.property_values[3], "all");
    config_free(config);
}

static const struct {
    const char *text, *words;
} faults[] = {
    {"kafk: {group: a}\n", "unknown key kafk.group"},
    {"kafka:\n  grup: a\n", ":2: unknown key kafka.grup"},
    {"group: a\n", "unknown key group"},
    {"kafka: [a]\n", "kafka: give one value, not a list"},
    {"kafka: {group: {a: b}}\n", "kafka.group: give one value, not a group"},
    {"kafka: {group: ''}\n", "kafka.group: give 1 to 2000 bytes of text"},
    {"kafka: {start: never}\n", "kafka.start: give one of: earliest latest, not 'never'"},
    {"kafka: {start: ear}\n", "kafka.start: give one of"},
    {"log: {level: }\n", "log.level: give 1"},
    {"triage: {lanes: 0}\n", "triage.lanes: give a whole number from 1 to 256, not '0'"},
    {"triage: {lanes: two}\n", "triage.lanes: give a whole number"},
    {"triage: {lanes: 1.5}\n", "triage.lanes: give a whole number"},
    {"triage: {lanes: 99999999999999999999}\n", "triage.lanes: give a whole number"},
    {"triage: {in_flight_bytes: 1}\n", "triage.in_flight_bytes: give a whole number from 1048576"},
    {"kafka: {properties: plain}\n", "unknown key kafka.properties"},
    {"kafka: {properties: {group.id: x}}\n", "kafka.properties.group.id: remove it: it is set by kafka.group"},
    {"kafka: {properties: {enable.auto.commit: true}}\n", "remove it: triaged needs its own value"},
    {"kafka: {sasl_password_file: /nonexistent/secret}\n", "kafka.sasl_password_file: give a file that can be read"},
    {"postgres: {conninfo: 'host=h password=pw'}\n", "put the password into the file"},
    {"postgres: {conninfo: 'host=h sslpassword = pw'}\n", "put the password into the file"},
    {"postgres: {conninfo: 'postgresql://u:pw@h/db'}\n", "put the password into the file"},
};

static void what_is_wrong_is_said_with_its_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        refused(faults[i].text, NULL, NULL, faults[i].words);
}

static void a_wrong_variable_or_option_is_named(void **state)
{
    char *env[] = {"TRIAGED_KAFKA__GRUP=x", NULL};
    const char *no_value[] = {"triage.lanes", NULL}, *unknown[] = {"triage.lane=1", NULL};

    (void)state;
    refused("", env, NULL, "environment TRIAGED_KAFKA__GRUP: unknown key kafka.grup");
    refused("", NULL, no_value, "--set: give section.key=value");
    refused("", NULL, unknown, "--set: unknown key triage.lane");
}

static void a_refused_secret_is_not_repeated(void **state)
{
    struct config *config = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(load("postgres: {conninfo: 'password=planted'}\n", NULL, NULL, &config, &err), -1);
    assert_null(strstr(err.text, "planted"));
}

static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    config_print(config, out);
    fclose(out);
    return text;
}

static void secrets_come_from_files_and_are_never_printed(void **state)
{
    char secret[TEMP_PATH_MAX], override[TEMP_PATH_MAX + 32];
    const char *overrides[] = {override, "kafka.properties.ssl.key.password=planted", NULL};

    (void)state;
    temp_file("planted-1\r\n", secret);
    snprintf(override, sizeof override, "postgres.password_file=%s", secret);
    struct config *config = good("", NULL, overrides);
    CLEANUP(mem_freep) char *text = printed(config);
    assert_string_equal(config->postgres.password, "planted-1");
    assert_null(strstr(text, "planted"));
    assert_non_null(strstr(text, secret));
    assert_non_null(strstr(text, "ssl.key.password: \"********\""));
    unlink(secret);
    config_free(config);
}

static void an_empty_or_binary_secret_is_refused(void **state)
{
    char secret[TEMP_PATH_MAX], override[TEMP_PATH_MAX + 32];
    const char *overrides[] = {override, NULL};

    (void)state;
    temp_file("\n", secret);
    snprintf(override, sizeof override, "model.api_key_file=%s", secret);
    refused("", NULL, overrides, "model.api_key_file");
    unlink(secret);
}

/* What is printed is a configuration file with the same meaning. */
static void what_is_printed_can_be_read_again(void **state)
{
    static const char text[] = "kafka: {group: 'a \"b\" \\c', properties: {client.rack: 'x: y'}}\n"
                               "postgres: {conninfo: 'host=h dbname=''d''', hold_seconds: 3}\n";
    struct config *one = good(text, NULL, NULL);
    CLEANUP(mem_freep) char *first = printed(one);
    struct config *two = good(first, NULL, NULL);
    CLEANUP(mem_freep) char *second = printed(two);

    (void)state;
    assert_string_equal(first, second);
    assert_string_equal(two->kafka.group, "a \"b\" \\c");
    assert_string_equal(two->kafka.property_values[0], "x: y");
    assert_string_equal(two->postgres.conninfo, "host=h dbname='d'");
    config_free(one);
    config_free(two);
}

static void file_equals(const char *path, void (*print)(FILE *out))
{
    CLEANUP(buf_free) struct buf file = {0};
    CLEANUP(mem_freep) char *text = NULL;
    char chunk[4096];
    size_t len = 0, n;
    FILE *out = open_memstream(&text, &len);
    FILE *in = fopen(path, "r");

    print(out);
    fclose(out);
    assert_non_null(in);
    while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
        buf_add(&file, chunk, n);
    fclose(in);
    if (strcmp(buf_str(&file), text) != 0)
        fail_msg("%s is not what the table gives: write it again with 'triaged config'", path);
}

static void the_reference_is_what_the_table_gives(void **state)
{
    (void)state;
    file_equals("docs/CONFIGURATION.md", config_print_reference);
}

static void print_metrics(FILE *out)
{
    CLEANUP(buf_free) struct buf page = {0};

    metrics_print_reference(&page);
    fputs(buf_str(&page), out);
}

static void the_page_of_metrics_is_what_the_table_gives(void **state)
{
    (void)state;
    file_equals("docs/METRICS.md", print_metrics);
}

static void the_schema_is_what_the_table_gives(void **state)
{
    (void)state;
    file_equals("schemas/config.v1.json", config_print_schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(the_environment_overrides_the_file_and_options_override_both),
        cmocka_unit_test(properties_are_passed_under_their_own_names),
        cmocka_unit_test(what_is_wrong_is_said_with_its_key),
        cmocka_unit_test(a_wrong_variable_or_option_is_named),
        cmocka_unit_test(a_refused_secret_is_not_repeated),
        cmocka_unit_test(secrets_come_from_files_and_are_never_printed),
        cmocka_unit_test(an_empty_or_binary_secret_is_refused),
        cmocka_unit_test(what_is_printed_can_be_read_again),
        cmocka_unit_test(the_reference_is_what_the_table_gives),
        cmocka_unit_test(the_page_of_metrics_is_what_the_table_gives),
        cmocka_unit_test(the_schema_is_what_the_table_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
