/* Reading the topic of articles to its end. */
#include "evaluation/article_topic.h"

#include <stdio.h>

#include "kafka/reader.h"

enum { READ_MS = 500 };

static void take(struct article_rows *rows, const struct reader_record *record)
{
    struct err err = {0};
    bool changed;

    if (article_rows_take(rows, &record->record, &changed, &err) < 0)
        fprintf(stderr, "triaged: offset %lld of the topic of articles is passed over: %s\n", (long long)record->offset,
                err.text);
}

int article_topic_read(const struct config_kafka *config, struct article_rows **ret_rows, struct err *reterr)
{
    struct article_rows *rows;
    struct reader *reader;
    struct reader_record record;
    int got;

    if (reader_open(config, config->topic_knowledge, true, &reader, reterr) < 0)
        return -1;
    rows = article_rows_new();
    while ((got = reader_next(reader, READ_MS, &record, reterr)) != 2 && got >= 0) {
        if (got == 1)
            take(rows, &record);
    }
    reader_close(reader);
    if (got < 0) {
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
