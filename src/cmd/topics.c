/* triaged topics create | check */
#include <stdio.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/topics.h"

struct options {
    struct cmd_common common;
};

static int run(const struct option_table *table, int argc, char **argv,
               int (*verb)(const struct config_kafka *, struct buf *, struct err *))
{
    struct options options = {0};
    struct config *config = NULL;
    CLEANUP(buf_free) struct buf report = {0};
    struct err err = {0};
    int rc;

    if (!cmd_begin(table, argc, argv, &options, &config, &rc))
        return rc;
    rc = verb(&config->kafka, &report, &err) < 0 ? cmd_fail("topics", &err) : 0;
    fputs(buf_str(&report), stdout);
    config_free(config);
    return rc;
}

int cmd_topics_create(int argc, char **argv)
{
    static const struct option_table table = {
        .command = "topics create",
        .about =
            "Creates the topics that are missing, with the partitions of kafka.partitions and the settings they need.",
        OPTION_CONFIGURED,
        .example = "triaged topics create --config triaged.yaml",
    };

    return run(&table, argc, argv, topics_create);
}

int cmd_topics_check(int argc, char **argv)
{
    static const struct option_table table = {
        .command = "topics check",
        .about = "Checks that every topic exists and has the right settings, and samples the keys of the ticket topic: "
                 "the order of a conversation rests on the partitioner murmur2_random.",
        OPTION_CONFIGURED,
        .example = "triaged topics check --config triaged.yaml",
    };

    return run(&table, argc, argv, topics_check);
}
