/* The reader of the topic of articles: to its end before anything is decided, then whatever comes. Changes are
 * gathered, so that a folder that is put on the topic makes a few new snapshots and not one an article. */
#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "bridge/follow.h"
#include "kafka/reader.h"
#include "knowledge/article_rows.h"
#include "metrics/metrics.h"

enum {
    READ_MS = 200,                /* silence that ends a burst of changes */
    REBUILD_EVERY_US = 3000000,   /* at least between two snapshots */
    REBUILD_LATEST_US = 15000000, /* while changes keep coming without a pause */
};

struct reading {
    const struct config *config;
    struct snapshots *snapshots;
    struct reader *reader;
    struct article_rows *rows;
    bool dirty, whole; /* whole: the topic was read to its end since it was opened */
    int64_t built_us;  /* 0: never */
};

static void take(struct reading *self, const struct reader_record *record)
{
    struct err err = {0};
    bool changed = false;

    if (article_rows_take(self->rows, &record->record, &changed, &err) < 0) {
        metrics_add(METRIC_KNOWLEDGE, "refused", 1);
        log_line(LOG_ERROR, "knowledge.unreadable", "offset=%lld text=\"%s\"", (long long)record->offset, err.text);
    }
    self->dirty |= changed;
}

/* What can't be made into a snapshot leaves the old one in force. */
static void rebuild(struct reading *self)
{
    struct snapshot *now;
    struct err err = {0};

    self->dirty = false;
    health_beat(HEALTH_KNOWLEDGE, 0, 0); /* making many vectors takes as long as it takes */
    if (snapshots_take_articles(self->snapshots, article_rows_list(self->rows), article_rows_count(self->rows), &err) <
        0) {
        metrics_add(METRIC_KNOWLEDGE, "refused", 1);
        log_line(LOG_ERROR, "knowledge.refused", "text=\"%s\"", err.text);
        self->built_us = clock_mono_us();
        return;
    }
    self->built_us = clock_mono_us();
    now = snapshots_ref(self->snapshots);
    metrics_add(METRIC_KNOWLEDGE, "taken", 1);
    log_line(LOG_INFO, "knowledge.changed", "articles=%zu hash=%.12s", article_rows_count(self->rows),
             now->knowledge_hash);
    snapshot_unref(now);
}

static bool is_due(const struct reading *self, bool quiet)
{
    int64_t since = clock_mono_us() - self->built_us;

    if (!self->whole)
        return false;
    if (!self->built_us)
        return true;
    return self->dirty && since >= (quiet ? REBUILD_EVERY_US : REBUILD_LATEST_US);
}

/* A topic that is read anew is read into an empty table: a tombstone may be gone by now. */
static int open_anew(struct reading *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;

    if (self->reader)
        return 0;
    if (reader_open(kafka, kafka->topic_knowledge, true, &self->reader, reterr) < 0)
        return -1;
    article_rows_free(self->rows);
    self->rows = article_rows_new();
    self->dirty = true;
    self->whole = false;
    return 0;
}

static int turn(void *opaque, struct err *reterr)
{
    struct reading *self = opaque;
    struct reader_record record;
    int got;

    if (open_anew(self, reterr) < 0)
        return -1;
    got = reader_next(self->reader, READ_MS, &record, reterr);
    if (got < 0)
        return -1;
    if (got == 1)
        take(self, &record);
    self->whole |= got == 2;
    if (is_due(self, got != 1))
        rebuild(self);
    health_set(HEALTH_KNOWLEDGE, 0, self->built_us ? "" : "the topic of articles is not read yet");
    return 0;
}

static void close_reader(void *opaque)
{
    struct reading *self = opaque;

    reader_close(self->reader);
    self->reader = NULL;
}

int knowledge_run(const struct config *config, struct snapshots *snapshots, const _Atomic int *stop, struct err *reterr)
{
    static const struct follow how = {.name = "knowledge",
                                      .waits = "knowledge.waits",
                                      .trouble = "the topic of articles can't be read",
                                      .part = HEALTH_KNOWLEDGE,
                                      .turn = turn,
                                      .close = close_reader};
    struct reading self = {.config = config, .snapshots = snapshots};
    int rc = follow_run(&how, &self, stop, reterr);

    article_rows_free(self.rows);
    return rc;
}
