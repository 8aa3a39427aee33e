/* Common settings and errors of the Kafka clients. */
#include "kafka/settings.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/log.h"

enum { LOG_WARNING_LEVEL = 4, LOG_QUOTED_MAX = 512 };

static void on_log(UNUSED const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    char quoted[LOG_QUOTED_MAX];

    log_line(level <= LOG_WARNING_LEVEL ? LOG_WARN : LOG_DEBUG, "kafka.client", "facility=%s text=%s", facility,
             log_quote(text, quoted, sizeof quoted));
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *reterr)
{
    char why[256];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
        return 0;
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "kafka.properties.%s: %s", name, why);
}

static int set_each(rd_kafka_conf_t *conf, const struct kafka_setting *settings, struct err *reterr)
{
    for (; settings && settings->name; settings++) {
        if (set(conf, settings->name, settings->value, reterr) < 0)
            return -1;
    }
    return 0;
}

static int set_all(rd_kafka_conf_t *conf, const struct config_kafka *config, const char *client_id,
                   const struct kafka_setting *settings, struct err *reterr)
{
    if (set(conf, "bootstrap.servers", config->bootstrap_servers, reterr) < 0 ||
        set(conf, "client.id", client_id, reterr) < 0)
        return -1;
    for (size_t i = 0; i < config->n_properties; i++) {
        if (set(conf, config->property_names[i], config->property_values[i], reterr) < 0)
            return -1;
    }
    if (config->sasl_password && *config->sasl_password &&
        set(conf, "sasl.password", config->sasl_password, reterr) < 0)
        return -1;
    return set_each(conf, settings, reterr);
}

int kafka_conf(const struct config_kafka *config, const char *client_id, const struct kafka_setting *settings,
               rd_kafka_conf_t **ret_conf, struct err *reterr)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set_log_cb(conf, on_log);
    if (set_all(conf, config, client_id, settings, reterr) < 0) {
        rd_kafka_conf_destroy(conf);
        return -1;
    }
    *ret_conf = conf;
    return 0;
}

int kafka_reader_conf(const struct config_kafka *config, const char *client_id, const struct kafka_setting *settings,
                      rd_kafka_conf_t **ret_conf, struct err *reterr)
{
    static const struct kafka_setting of_readers[] = {
        {"group.id", "triaged-reader"},    {"enable.auto.commit", "false"},  {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"}, {"enable.partition.eof", "true"}, {NULL, NULL},
    };
    rd_kafka_conf_t *conf;

    if (kafka_conf(config, client_id, of_readers, &conf, reterr) < 0)
        return -1;
    if (set_each(conf, settings, reterr) < 0) {
        rd_kafka_conf_destroy(conf);
        return -1;
    }
    *ret_conf = conf;
    return 0;
}

int kafka_open(rd_kafka_type_t type, rd_kafka_conf_t *conf_take, rd_kafka_t **ret_client, struct err *reterr)
{
    char why[512];
    rd_kafka_t *client = rd_kafka_new(type, conf_take, why, sizeof why);

    if (!client) {
        rd_kafka_conf_destroy(conf_take);
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "the Kafka client can't be made: %s", why);
    }
    *ret_client = client;
    return 0;
}

/* What codes mean. All that are not listed are worth a new try. */
static const struct {
    rd_kafka_resp_err_t code;
    enum err_class class;
    bool blames_message;
} error_table[] = {
    {RD_KAFKA_RESP_ERR__FENCED, ERR_FATAL, false},
    {RD_KAFKA_RESP_ERR__FATAL, ERR_FATAL, false},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, ERR_FATAL, false},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, ERR_FATAL, false},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, ERR_FATAL, false},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, ERR_PERMANENT, false},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ERR_PERMANENT, true},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, ERR_PERMANENT, true},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, ERR_PERMANENT, true},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, ERR_PERMANENT, true},
};

enum err_class kafka_err_class(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(error_table); i++) {
        if (error_table[i].code == code)
            return error_table[i].class;
    }
    return ERR_TRANSIENT;
}

bool kafka_err_blames_message(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(error_table); i++) {
        if (error_table[i].code == code)
            return error_table[i].blames_message;
    }
    return false;
}

int kafka_err(struct err *reterr, rd_kafka_resp_err_t code, const char *what)
{
    enum err_class class = kafka_err_class(code);

    return err_set(reterr, class, class == ERR_TRANSIENT ? EX_UNAVAILABLE : EX_SOFTWARE, "%s: %s", what,
                   rd_kafka_err2str(code));
}

void kafka_list_done(rd_kafka_topic_partition_list_t **list)
{
    if (*list)
        rd_kafka_topic_partition_list_destroy(*list);
}

void kafka_error_done(rd_kafka_error_t **error)
{
    if (*error)
        rd_kafka_error_destroy(*error);
}

void kafka_message_done(rd_kafka_message_t **message)
{
    if (*message)
        rd_kafka_message_destroy(*message);
}
