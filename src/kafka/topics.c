/* Creating and checking topics by the admin client. */
#include "kafka/topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/reader.h"
#include "kafka/settings.h"

enum {
    ADMIN_TIMEOUT_MS = 15000,
    TOPICS = 8,
    SAMPLE_RECORDS = 200,    /* of the ticket topic whose keys are looked at */
    SAMPLE_QUIET_MS = 2000,
};

#define RETENTION_30_DAYS "2592000000"
#define RETENTION_7_DAYS "604800000"

struct topic_rule {
    size_t name_at;      /* offset of the topic's name in struct config_kafka */
    bool one_partition;  /* the positions and control topics are read whole */
    const char *cleanup, *retention_ms; /* retention: at least; NULL: not checked */
};

static const struct topic_rule topic_table[TOPICS] = {
    {offsetof(struct config_kafka, topic_tickets), false, "delete", RETENTION_7_DAYS},
    {offsetof(struct config_kafka, topic_results), false, "delete", RETENTION_7_DAYS},
    {offsetof(struct config_kafka, topic_reviews), false, "delete", RETENTION_30_DAYS},
    {offsetof(struct config_kafka, topic_audits), false, "delete", RETENTION_30_DAYS},
    {offsetof(struct config_kafka, topic_deadletter), false, "delete", RETENTION_30_DAYS},
    {offsetof(struct config_kafka, topic_positions), true, "compact", NULL},
    {offsetof(struct config_kafka, topic_control), true, "compact", NULL},
    {offsetof(struct config_kafka, topic_knowledge), true, "compact", NULL},
};

static const char *name_of(const struct config_kafka *config, const struct topic_rule *rule)
{
    return *(const char *const *)((const char *)config + rule->name_at);
}

/* ---- the admin client ---- */

struct admin {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
};

static void admin_close(struct admin *self)
{
    if (self->queue)
        rd_kafka_queue_destroy(self->queue);
    if (self->client)
        rd_kafka_destroy(self->client);
}

static int admin_open(const struct config_kafka *config, struct admin *ret_admin, struct err *reterr)
{
    rd_kafka_conf_t *conf;

    *ret_admin = (struct admin){0};
    if (kafka_conf(config, "triaged-admin", NULL, &conf, reterr) < 0 ||
        kafka_open(RD_KAFKA_PRODUCER, conf, &ret_admin->client, reterr) < 0)
        return -1;
    ret_admin->queue = rd_kafka_queue_new(ret_admin->client);
    return 0;
}

static rd_kafka_AdminOptions_t *options_for(struct admin *admin, rd_kafka_admin_op_t op)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->client, op);
    char why[128];

    rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_TIMEOUT_MS, why, sizeof why);
    return options;
}

static int wait_event(struct admin *admin, rd_kafka_event_t **ret_event, struct err *reterr)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(admin->queue, ADMIN_TIMEOUT_MS + 5000);

    if (!event || rd_kafka_event_error(event)) {
        err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Kafka can't be reached, check kafka.bootstrap_servers: %s",
                event ? rd_kafka_event_error_string(event) : "no answer");
        if (event)
            rd_kafka_event_destroy(event);
        return -1;
    }
    *ret_event = event;
    return 0;
}

/* ---- create ---- */

static rd_kafka_NewTopic_t *new_topic(const struct config_kafka *config, const struct topic_rule *rule)
{
    char why[256];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        name_of(config, rule), rule->one_partition ? 1 : config->partitions, config->replication_factor, why, sizeof why);

    if (!topic)
        return NULL;
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", rule->cleanup);
    if (rule->retention_ms)
        rd_kafka_NewTopic_set_config(topic, "retention.ms", rule->retention_ms);
    return topic;
}

static int report_created(const rd_kafka_event_t *event, struct buf *report, struct err *reterr)
{
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)event);
    size_t n = 0;
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &n);
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);
        const char *name = rd_kafka_topic_result_name(topics[i]);
        if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            buf_printf(report, "%s: exists\n", name);
        else if (!code)
            buf_printf(report, "%s: created\n", name);
        else
            rc = err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s can't be created: %s", name,
                         rd_kafka_topic_result_error_string(topics[i]));
    }
    return rc;
}

int topics_create(const struct config_kafka *config, struct buf *ret_report, struct err *reterr)
{
    CLEANUP(admin_close) struct admin admin;
    rd_kafka_NewTopic_t *topics[TOPICS];
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event = NULL;
    size_t n = 0;
    int rc;

    if (admin_open(config, &admin, reterr) < 0)
        return -1;
    for (size_t i = 0; i < TOPICS; i++) {
        if (!*name_of(config, &topic_table[i]))
            continue; /* not in use */
        topics[n] = new_topic(config, &topic_table[i]);
        if (!topics[n]) {
            rd_kafka_NewTopic_destroy_array(topics, n);
            return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "kafka.topics: %s is no topic name, or partitions are wrong",
                           name_of(config, &topic_table[i]));
        }
        n++;
    }
    options = options_for(&admin, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(admin.client, topics, n, options, admin.queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy_array(topics, n);
    if (wait_event(&admin, &event, reterr) < 0)
        return -1;
    rc = report_created(event, ret_report, reterr);
    rd_kafka_event_destroy(event);
    return rc;
}

/* ---- check ---- */

static int check_partitions(struct admin *admin, const struct config_kafka *config, const struct topic_rule *rule,
                            int *ret_partitions, struct err *reterr)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(admin->client, name_of(config, rule), NULL);
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin->client, 0, topic, &metadata, ADMIN_TIMEOUT_MS);
    int count = 0;

    rd_kafka_topic_destroy(topic);
    if (code)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Kafka can't be reached, check kafka.bootstrap_servers: %s",
                       rd_kafka_err2str(code));
    if (metadata->topic_cnt == 1 && !metadata->topics[0].err)
        count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    *ret_partitions = count;
    if (count == 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s does not exist; run 'triaged topics create'",
                       name_of(config, rule));
    if (rule->one_partition && count != 1)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s must have one partition and has %d; make it anew",
                       name_of(config, rule), count);
    return 0;
}

static const char *config_value(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    }
    return NULL;
}

static int check_values(const struct config_kafka *config, const struct topic_rule *rule,
                        const rd_kafka_ConfigResource_t *resource, struct err *reterr)
{
    const char *cleanup = config_value(resource, "cleanup.policy");
    const char *retention = config_value(resource, "retention.ms");

    if (cleanup && strcmp(cleanup, rule->cleanup) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s has cleanup.policy=%s and must have %s",
                       name_of(config, rule), cleanup, rule->cleanup);
    if (retention && rule->retention_ms && strtoll(retention, NULL, 10) >= 0 &&
        strtoll(retention, NULL, 10) < strtoll(rule->retention_ms, NULL, 10))
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s has retention.ms=%s and must keep at least %s",
                       name_of(config, rule), retention, rule->retention_ms);
    return 0;
}

static int check_settings(struct admin *admin, const struct config_kafka *config, const struct topic_rule *rule,
                          struct err *reterr)
{
    rd_kafka_ConfigResource_t *asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name_of(config, rule));
    rd_kafka_AdminOptions_t *options = options_for(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    const rd_kafka_ConfigResource_t **resources;
    rd_kafka_event_t *event = NULL;
    size_t n = 0;
    int rc;

    rd_kafka_DescribeConfigs(admin->client, &asked, 1, options, admin->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(asked);
    if (wait_event(admin, &event, reterr) < 0)
        return -1;
    resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n);
    rc = n == 1 ? check_values(config, rule, resources[0], reterr) : 0;
    rd_kafka_event_destroy(event);
    return rc;
}

/* The hash of org.apache.kafka.common.utils.Utils.murmur2: order per key rests on all producers using it. */
int topics_partition_of(const void *key, size_t len, int partitions)
{
    const unsigned char *bytes = key;
    const uint32_t m = 0x5bd1e995;
    uint32_t h = 0x9747b28cu ^ (uint32_t)len;
    size_t words = len / 4;

    for (size_t i = 0; i < words; i++) {
        uint32_t k = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
                     (uint32_t)bytes[4 * i + 3] << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        h = h * m ^ k;
    }
    for (size_t i = len % 4; i > 0; i--)
        h ^= (uint32_t)bytes[4 * words + i - 1] << (8 * (i - 1));
    if (len % 4)
        h *= m;
    h ^= h >> 13;
    h *= m;
    h ^= h >> 15;
    return (int)((h & 0x7fffffff) % (uint32_t)partitions);
}

static int check_keys(const struct config_kafka *config, struct buf *report, struct err *reterr)
{
    struct reader *reader;
    struct reader_record record;
    int seen = 0, elsewhere = 0;

    if (reader_open(config, config->topic_tickets, true, &reader, reterr) < 0)
        return -1;
    while (seen < SAMPLE_RECORDS && reader_next(reader, SAMPLE_QUIET_MS, &record, reterr) == 1) {
        if (!record.record.key)
            continue;
        seen++;
        elsewhere += topics_partition_of(record.record.key, record.record.key_len, reader_partition_count(reader)) !=
                     record.partition;
    }
    reader_close(reader);
    buf_printf(report, "%s: %d keys looked at, %d on another partition than murmur2 says\n", config->topic_tickets, seen,
               elsewhere);
    if (elsewhere)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                       "%d of %d sampled tickets lie on another partition than murmur2 gives their key; set the "
                       "producer's partitioner to murmur2_random, or tickets of one conversation lose their order",
                       elsewhere, seen);
    return 0;
}

int topics_check(const struct config_kafka *config, struct buf *ret_report, struct err *reterr)
{
    CLEANUP(admin_close) struct admin admin;
    int partitions = 0;

    if (admin_open(config, &admin, reterr) < 0)
        return -1;
    for (size_t i = 0; i < TOPICS; i++) {
        const struct topic_rule *rule = &topic_table[i];
        if (!*name_of(config, rule))
            continue; /* not in use */
        if (check_partitions(&admin, config, rule, &partitions, reterr) < 0 ||
            check_settings(&admin, config, rule, reterr) < 0)
            return -1;
        buf_printf(ret_report, "%s: %d partitions, %s\n", name_of(config, rule), partitions, rule->cleanup);
    }
    return check_keys(config, ret_report, reterr);
}
