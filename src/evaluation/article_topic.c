/* Reading the topic of articles to its end. */
#include "evaluation/article_topic.h"

#include <stdio.h>

#include "base/attrs.h"
#include "kafka/reader.h"

static int take(void *opaque, const struct reader_record *record, UNUSED struct err *reterr)
{
    struct article_rows *rows = opaque;
    struct err err = {0};
    bool changed;

    if (article_rows_take(rows, &record->record, &changed, &err) < 0)
        fprintf(stderr, "triaged: offset %lld of the topic of articles is passed over: %s\n", (long long)record->offset,
                err.text);
    return 0;
}

int article_topic_read(const struct config_kafka *config, struct article_rows **ret_rows, struct err *reterr)
{
    struct article_rows *rows = article_rows_new();

    if (reader_each(config, config->topic_knowledge, true, take, rows, reterr) < 0) {
        article_rows_free(rows);
        return -1;
    }
    *ret_rows = rows;
    return 0;
}

int article_topic_base(const struct config_kafka *config, struct knowledge_base **ret_base, struct err *reterr)
{
    struct article_rows *rows;
    int rc;

    if (article_topic_read(config, &rows, reterr) < 0)
        return -1;
    rc = knowledge_base_of_rows(article_rows_list(rows), article_rows_count(rows), ret_base, reterr);
    article_rows_free(rows);
    return rc;
}
