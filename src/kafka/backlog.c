/* Reads the group's positions, then the topic from there to its end, or to as many records as were asked for. */
#include "kafka/backlog.h"

#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kafka/settings.h"
#include "triage/window.h"

enum { TIMEOUT_MS = 2000, POLL_MS = 50, COUNT_LONGEST_US = 3000000 };

struct place {
    bool committed, ended;
    struct window window; /* what is finished */
};

struct backlog {
    rd_kafka_t *member; /* bears the group's name and never joins */
    rd_kafka_t *reader;
    char *topic;
    struct place *places; /* one for each partition */
    int n_places;
};

/* ---- opening ---- */

/* The positions as last committed: the offsets that an open transaction holds are not waited for (read_uncommitted). */
static int open_member(struct backlog *self, const struct config_kafka *config, struct err *reterr)
{
    const struct kafka_setting settings[] = {
        {"group.id", config->group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"isolation.level", "read_uncommitted"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf;

    if (kafka_conf(config, "triaged-backlog", settings, &conf, reterr) < 0)
        return -1;
    return kafka_open(RD_KAFKA_CONSUMER, conf, &self->member, reterr);
}

/* Fetches little at a time: of a long backlog only the beginning is looked at. */
static int open_reader(struct backlog *self, const struct config_kafka *config, struct err *reterr)
{
    const struct kafka_setting settings[] = {
        {"isolation.level", "read_committed"},
        {"fetch.wait.max.ms", "10"},
        {"fetch.message.max.bytes", "65536"},
        {"queued.min.messages", "2000"},
        {"queued.max.messages.kbytes", "4096"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf;

    if (kafka_reader_conf(config, "triaged-backlog", settings, &conf, reterr) < 0 ||
        kafka_open(RD_KAFKA_CONSUMER, conf, &self->reader, reterr) < 0)
        return -1;
    rd_kafka_poll_set_consumer(self->reader);
    return 0;
}

static void forget_places(struct backlog *self)
{
    for (int i = 0; i < self->n_places; i++)
        window_free(&self->places[i].window);
    mem_free(self->places);
    self->places = NULL;
    self->n_places = 0;
}

int backlog_open(const struct config_kafka *config, const char *topic, struct backlog **ret_backlog, struct err *reterr)
{
    struct backlog *self = mem_alloc(sizeof *self);

    self->topic = mem_strdup(topic);
    if (open_member(self, config, reterr) < 0 || open_reader(self, config, reterr) < 0) {
        backlog_close(self);
        return -1;
    }
    *ret_backlog = self;
    return 0;
}

void backlog_close(struct backlog *self)
{
    if (!self)
        return;
    forget_places(self);
    if (self->reader) {
        rd_kafka_consumer_close(self->reader);
        rd_kafka_destroy(self->reader);
    }
    if (self->member)
        rd_kafka_destroy(self->member);
    mem_free(self->topic);
    mem_free(self);
}

/* ---- positions ---- */

/* Looked up each time: partitions may be added. */
static int find_places(struct backlog *self, struct err *reterr)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(self->member, self->topic, NULL);
    rd_kafka_resp_err_t code = rd_kafka_metadata(self->member, 0, topic, &metadata, TIMEOUT_MS);

    rd_kafka_topic_destroy(topic);
    if (code)
        return kafka_err(reterr, code, "the topic's partitions can't be read");
    forget_places(self);
    code = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    self->n_places = code ? 0 : metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (code && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return kafka_err(reterr, code, "the topic's partitions can't be read");
    if (self->n_places == 0)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "topic %s does not exist; run 'triaged topics create'",
                       self->topic);
    self->places = mem_array((size_t)self->n_places, sizeof *self->places);
    return 0;
}

/* Metadata that is no window of ours says nothing of what is finished beyond the offset. */
static void take_position(struct place *place, const rd_kafka_topic_partition_t *position)
{
    CLEANUP(mem_freep)
    char *text = position->metadata ? mem_strndup(position->metadata, position->metadata_size) : NULL;
    struct err ignored = {0};
    int takeovers;

    place->committed = position->offset >= 0;
    window_init(&place->window, place->committed ? position->offset : 0);
    if (place->committed && window_decode(text, position->offset, &place->window, &takeovers, &ignored) < 0)
        window_init(&place->window, position->offset);
}

static int read_places(struct backlog *self, struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(self->n_places);
    rd_kafka_resp_err_t code;

    for (int i = 0; i < self->n_places; i++)
        rd_kafka_topic_partition_list_add(list, self->topic, i);
    code = rd_kafka_committed(self->member, list, TIMEOUT_MS);
    for (int i = 0; !code && i < list->cnt; i++)
        code = list->elems[i].err;
    if (code)
        return kafka_err(reterr, code, "the group's positions can't be read");
    for (int i = 0; self->places && i < list->cnt; i++)
        take_position(&self->places[list->elems[i].partition], &list->elems[i]);
    return 0;
}

/* ---- records ---- */

static int begin_reading(struct backlog *self, struct err *reterr)
{
    CLEANUP(kafka_list_done) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(self->n_places);
    rd_kafka_resp_err_t code;

    for (int i = 0; i < self->n_places; i++)
        rd_kafka_topic_partition_list_add(list, self->topic, i)->offset =
            self->places[i].committed ? self->places[i].window.base : RD_KAFKA_OFFSET_BEGINNING;
    code = rd_kafka_assign(self->reader, list);
    return code ? kafka_err(reterr, code, "the topic can't be read") : 0;
}

/* At the end for a reader of what is committed; behind it may stand what an open transaction holds back. */
static size_t hidden_behind(struct backlog *self, int partition, int64_t end)
{
    int64_t low = 0, high = 0;

    if (rd_kafka_get_watermark_offsets(self->reader, self->topic, partition, &low, &high) || high <= end)
        return 0;
    return (size_t)(high - end);
}

/* How many the message adds; notes ends. */
static int take_message(struct backlog *self, const rd_kafka_message_t *message, size_t *waiting, struct err *reterr)
{
    struct place *place;

    if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return kafka_err_class(message->err) == ERR_TRANSIENT
                   ? 0
                   : kafka_err(reterr, message->err, "the topic can't be read");
    if (message->partition < 0 || message->partition >= self->n_places)
        return 0;
    place = &self->places[message->partition];
    if (!message->err) {
        *waiting += !window_is_done(&place->window, message->offset);
    } else if (!place->ended) {
        place->ended = true;
        *waiting += hidden_behind(self, message->partition, message->offset);
    }
    return 0;
}

static bool all_ended(const struct backlog *self)
{
    for (int i = 0; i < self->n_places; i++) {
        if (!self->places[i].ended)
            return false;
    }
    return true;
}

static int read_on(struct backlog *self, size_t bound, size_t *ret_waiting, struct err *reterr)
{
    int64_t deadline = clock_mono_us() + COUNT_LONGEST_US;
    size_t waiting = 0;

    while (waiting < bound && !all_ended(self)) {
        CLEANUP(kafka_message_done) rd_kafka_message_t *message = rd_kafka_consumer_poll(self->reader, POLL_MS);
        if (message && take_message(self, message, &waiting, reterr) < 0)
            return -1;
        if (clock_mono_us() > deadline)
            return err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "the end of topic %s can't be reached", self->topic);
    }
    *ret_waiting = waiting < bound ? waiting : bound;
    return 0;
}

int backlog_count(struct backlog *self, size_t bound, struct backlog_count *ret_count, struct err *reterr)
{
    struct backlog_count count = {0};
    int rc;

    if (find_places(self, reterr) < 0 || read_places(self, reterr) < 0 || begin_reading(self, reterr) < 0)
        return -1;
    rc = read_on(self, bound, &count.waiting, reterr);
    rd_kafka_assign(self->reader, NULL); /* until the next time nothing is fetched */
    if (rc < 0)
        return -1;
    for (int i = 0; i < self->n_places; i++) {
        const struct window *window = &self->places[i].window;
        count.known |= self->places[i].committed;
        count.finished += window->base;
        for (size_t run = 0; run < window->n_runs; run++)
            count.finished += window->runs[run].to - window->runs[run].from;
    }
    *ret_count = count;
    return 0;
}
