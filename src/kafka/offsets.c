/* Reads offsets with a consumer that never joins, and sets them by the admin client. */
#include "kafka/offsets.h"

#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/settings.h"

enum { TIMEOUT_MS = 15000 };

int offsets_read(const struct config_kafka *config, struct consumer_position **ret_positions, size_t *ret_n,
                 struct err *reterr)
{
    const struct consumer_settings settings = {
        .config = config, .topic = config->topic_tickets, .group = config->group, .instance_id = "", .stays_out = true};
    struct consumer *consumer = NULL;
    struct consumer_position *positions;
    int n = 0, rc;
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (wake < 0)
        return err_set(reterr, ERR_FATAL, EX_OSERR, "no file descriptor is left");
    rc = consumer_open(&settings, wake, &consumer, reterr);
    if (rc == 0)
        rc = consumer_partition_count(consumer, TIMEOUT_MS, &n, reterr);
    positions = mem_array((size_t)n + 1, sizeof *positions);
    for (int i = 0; i < n; i++)
        positions[i].partition = i;
    if (rc == 0)
        rc = consumer_read_positions(consumer, positions, (size_t)n, TIMEOUT_MS, reterr);
    consumer_close(consumer);
    close(wake);
    if (rc < 0) {
        mem_free(positions);
        return -1;
    }
    *ret_positions = positions;
    *ret_n = (size_t)n;
    return 0;
}

void offsets_done(struct consumer_position *positions, size_t n)
{
    if (positions)
        consumer_positions_done(positions, n);
    mem_free(positions);
}

/* ---- setting ---- */

static int refused(const struct config_kafka *config, rd_kafka_resp_err_t code, struct err *reterr)
{
    if (code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
        code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
        return err_set(reterr, ERR_PERMANENT, EX_TEMPFAIL,
                       "group %s has members; stop every worker, wait for the session timeout, and run this again",
                       config->group);
    return err_set(reterr, ERR_PERMANENT, EX_UNAVAILABLE, "the offset of group %s can't be set: %s", config->group,
                   rd_kafka_err2str(code));
}

static int judge(const struct config_kafka *config, rd_kafka_event_t *event, struct err *reterr)
{
    const rd_kafka_AlterConsumerGroupOffsets_result_t *result;
    const rd_kafka_group_result_t **groups;
    const rd_kafka_topic_partition_list_t *list;
    size_t n = 0;

    if (!event)
        return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "Kafka does not answer");
    if (rd_kafka_event_error(event))
        return refused(config, rd_kafka_event_error(event), reterr);
    result = rd_kafka_event_AlterConsumerGroupOffsets_result(event);
    groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &n);
    if (n != 1)
        return err_set(reterr, ERR_PERMANENT, EX_PROTOCOL, "Kafka's answer names no group");
    if (rd_kafka_group_result_error(groups[0]))
        return refused(config, rd_kafka_error_code(rd_kafka_group_result_error(groups[0])), reterr);
    list = rd_kafka_group_result_partitions(groups[0]);
    if (list && list->cnt == 1 && list->elems[0].err)
        return refused(config, list->elems[0].err, reterr);
    return 0;
}

int offsets_set(const struct config_kafka *config, int partition, int64_t offset, struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_AlterConsumerGroupOffsets_t *request;
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue;
    rd_kafka_conf_t *conf;
    rd_kafka_t *client;
    char why[128];
    int rc;

    if (kafka_conf(config, "triaged-admin", NULL, &conf, reterr) < 0 ||
        kafka_open(RD_KAFKA_PRODUCER, conf, &client, reterr) < 0)
        return -1;
    rd_kafka_topic_partition_list_add(list, config->topic_tickets, partition)->offset = offset;
    request = rd_kafka_AlterConsumerGroupOffsets_new(config->group, list);
    options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(options, TIMEOUT_MS, why, sizeof why);
    queue = rd_kafka_queue_new(client);
    rd_kafka_AlterConsumerGroupOffsets(client, &request, 1, options, queue);
    event = rd_kafka_queue_poll(queue, TIMEOUT_MS + TIMEOUT_MS);
    rc = judge(config, event, reterr);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return rc;
}
