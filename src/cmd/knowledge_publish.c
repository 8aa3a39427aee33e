/* triaged knowledge publish: makes the topic of articles hold what a folder holds, by writing what differs. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/article_topic.h"
#include "kafka/sender.h"
#include "triage/knowledge.h"

#define NAME "knowledge publish"

enum { SEND_TIMEOUT_MS = 30000 };

struct options {
    struct cmd_common common;
    struct option_words words; /* DIR */
    bool dry;
};

struct publishing {
    const struct options *options;
    const char *topic;
    struct article_rows *there;
    struct sender *sender;
    size_t written, same, gone;
};

static const struct option_row option_rows[] = {
    ROW_FLAG("--dry-run", dry, "only says what would be written"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    OPTION_WORDS("DIR", 1, 1),
    .about = "Makes the topic of articles (kafka.topics.knowledge) hold what DIR holds: writes what is new or other "
             "than there, and takes away what DIR no longer has. Running workers take the change within seconds. "
             "Nothing is written when a file of DIR can't be read.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .example = "triaged knowledge publish articles --dry-run",
};

/* ---- what differs ---- */

/* Takes the row; NULL is a tombstone. */
static int write_row(struct publishing *self, const char *id, char *row, struct err *reterr)
{
    struct message message = {
        .key = mem_strdup(id), .key_len = strlen(id), .value = row, .value_len = row ? strlen(row) : 0};
    int rc;

    printf("%s %s\n", row ? "write" : "remove", id);
    rc = self->options->dry ? 0 : sender_send(self->sender, self->topic, &message, reterr);
    message_free(&message);
    return rc;
}

static int write_articles(struct publishing *self, const struct knowledge_base *base, struct err *reterr)
{
    for (size_t i = 0; i < knowledge_base_count(base); i++) {
        const char *id = knowledge_base_at(base, i)->id, *there = article_rows_find(self->there, id);
        char *row = knowledge_base_row(base, i);
        if (there && strcmp(there, row) == 0) {
            mem_free(row);
            self->same++;
            continue;
        }
        self->written++;
        if (write_row(self, id, row, reterr) < 0)
            return -1;
    }
    return 0;
}

static int remove_articles(struct publishing *self, const struct knowledge_base *base, struct err *reterr)
{
    for (size_t i = 0; i < article_rows_count(self->there); i++) {
        const char *id = article_rows_id(self->there, i);
        if (knowledge_base_find(base, id))
            continue;
        self->gone++;
        if (write_row(self, id, NULL, reterr) < 0)
            return -1;
    }
    return 0;
}

static int send_all(struct publishing *self, const struct config_kafka *kafka, const struct knowledge_base *base,
                    struct err *reterr)
{
    long failed = 0;
    int rc;

    if (!self->options->dry && sender_open(kafka, &self->sender, reterr) < 0)
        return -1;
    rc = write_articles(self, base, reterr) < 0 || remove_articles(self, base, reterr) < 0 ? -1 : 0;
    if (rc == 0 && self->sender)
        rc = sender_finish(self->sender, SEND_TIMEOUT_MS, &failed, reterr);
    if (rc == 0 && failed)
        rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "%ld articles could not be written; run it again", failed);
    sender_close(self->sender);
    return rc;
}

static int publish(const struct options *options, const struct config_kafka *kafka, struct err *reterr)
{
    struct publishing self = {.options = options, .topic = kafka->topic_knowledge};
    struct knowledge_base *base;
    int rc;

    if (!*self.topic)
        return err_set(
            reterr, ERR_PERMANENT, EX_CONFIG,
            "set kafka.topics.knowledge, then run 'triaged topics create': without it the articles are those "
            "of triage.knowledge_dir");
    if (knowledge_base_read(options->words.at[0], &base, reterr) < 0)
        return -1;
    rc = article_topic_read(kafka, &self.there, reterr) < 0 || send_all(&self, kafka, base, reterr) < 0 ? -1 : 0;
    if (rc == 0)
        printf("%zu written, %zu removed, %zu as before; hash %.12s\n", self.written, self.gone, self.same,
               knowledge_base_hash(base));
    article_rows_free(self.there);
    knowledge_base_unref(base);
    return rc;
}

int cmd_knowledge_publish(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int code;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &code))
        return code;
    code = publish(&options, &config->kafka, &err) < 0 ? cmd_fail(NAME, &err) : 0;
    config_free(config);
    return code;
}
