/* What Kafka clients are set to, without a broker. */
#include "cmocka_all.h"

#include <string.h>

#include "base/attrs.h"
#include "kafka/settings.h"

static void a_reader_joins_no_group_commits_nothing_and_is_told_of_ends(UNUSED void **state)
{
    static const struct kafka_setting wanted[] = {
        {"group.id", "triaged-reader"},    {"enable.auto.commit", "false"},  {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "smallest"}, {"enable.partition.eof", "true"}, {"isolation.level", "read_uncommitted"},
    };
    const struct kafka_setting own[] = {{"isolation.level", "read_uncommitted"}, {NULL, NULL}};
    const struct config_kafka config = {.bootstrap_servers = "127.0.0.1:1"};
    rd_kafka_conf_t *conf = NULL;
    struct err err = {0};

    assert_int_equal(kafka_reader_conf(&config, "a-test", own, &conf, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        char value[64];
        size_t size = sizeof value;
        assert_int_equal(rd_kafka_conf_get(conf, wanted[i].name, value, &size), RD_KAFKA_CONF_OK);
        assert_string_equal(value, wanted[i].value);
    }
    rd_kafka_conf_destroy(conf);
}

static void a_setting_that_is_none_is_named(UNUSED void **state)
{
    const struct kafka_setting own[] = {{"no.such.setting", "1"}, {NULL, NULL}};
    const struct config_kafka config = {.bootstrap_servers = "127.0.0.1:1"};
    rd_kafka_conf_t *conf = NULL;
    struct err err = {0};

    assert_int_equal(kafka_reader_conf(&config, "a-test", own, &conf, &err), -1);
    assert_non_null(strstr(err.text, "no.such.setting"));
    assert_null(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_joins_no_group_commits_nothing_and_is_told_of_ends),
        cmocka_unit_test(a_setting_that_is_none_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
