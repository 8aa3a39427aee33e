/* The plain producer of 'triaged send'. */
#include "kafka/sender.h"

#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "kafka/settings.h"

enum { FULL_WAIT_MS = 100, FULL_TRIES = 300 };

struct sender {
    rd_kafka_t *client;
    long failed;
};

static void on_delivery(UNUSED rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    struct sender *self = opaque;

    self->failed += message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

int sender_open(const struct config_kafka *config, struct sender **ret_sender, struct err *reterr)
{
    const struct kafka_setting settings[] = {{"enable.idempotence", "true"},
                                             {"partitioner", "murmur2_random"},
                                             {"linger.ms", "5"},
                                             {"message.timeout.ms", "60000"},
                                             {NULL, NULL}};
    struct sender *self = mem_alloc(sizeof *self);
    rd_kafka_conf_t *conf;

    if (kafka_conf(config, "triaged-send", settings, &conf, reterr) < 0) {
        mem_free(self);
        return -1;
    }
    rd_kafka_conf_set_opaque(conf, self);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    if (kafka_open(RD_KAFKA_PRODUCER, conf, &self->client, reterr) < 0) {
        sender_close(self);
        return -1;
    }
    *ret_sender = self;
    return 0;
}

static rd_kafka_resp_err_t produce(struct sender *self, const char *topic, const struct message *message)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->n_headers);
    rd_kafka_resp_err_t code;

    for (size_t i = 0; i < message->n_headers; i++)
        rd_kafka_header_add(headers, message->header_names[i], -1, message->header_values[i],
                            (ssize_t)message->header_lens[i]);
    code = rd_kafka_producev(self->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_KEY(message->key, message->key_len),
                             RD_KAFKA_V_VALUE(message->value, message->value_len), RD_KAFKA_V_HEADERS(headers),
                             RD_KAFKA_V_END);
    if (code)
        rd_kafka_headers_destroy(headers);
    return code;
}

int sender_send(struct sender *self, const char *topic, const struct message *message, struct err *reterr)
{
    rd_kafka_resp_err_t code = produce(self, topic, message);

    for (int i = 0; code == RD_KAFKA_RESP_ERR__QUEUE_FULL && i < FULL_TRIES; i++) {
        rd_kafka_poll(self->client, FULL_WAIT_MS);
        code = produce(self, topic, message);
    }
    rd_kafka_poll(self->client, 0);
    return code ? kafka_err(reterr, code, "a record can't be sent") : 0;
}

int sender_finish(struct sender *self, int timeout_ms, long *ret_failed, struct err *reterr)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(self->client, timeout_ms);

    *ret_failed = self->failed;
    if (!code)
        return 0;
    kafka_err(reterr, code, "not all records were delivered, is Kafka up at kafka.bootstrap_servers?");
    reterr->sysexit = EX_UNAVAILABLE;
    return -1;
}

void sender_close(struct sender *self)
{
    if (!self)
        return;
    if (self->client)
        rd_kafka_destroy(self->client);
    mem_free(self);
}
