/* triaged topics create | check */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "kafka/topics.h"

static void help(const char *name)
{
    printf("usage: triaged topics %s [--config FILE] [--set section.key=value]\n\n%s\n", name,
           strcmp(name, "create") == 0
               ? "Creates the topics that are missing, with the partitions of kafka.partitions and the settings they need."
               : "Checks that every topic exists and has the right settings, and samples the keys of the ticket topic:\n"
                 "the order of a conversation rests on the partitioner murmur2_random.");
}

static int run(const char *name, int argc, char **argv,
               int (*verb)(const struct config_kafka *, struct buf *, struct err *))
{
    struct cmd_common common = {0};
    struct config *config = NULL;
    CLEANUP(buf_free) struct buf report = {0};
    struct err err = {0};
    int rc;

    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&common, argc, argv, &i);
        if (taken < 0)
            return 64;
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0) {
            help(name);
            return 0;
        }
        return cmd_misuse(name, argv[i]);
    }
    rc = cmd_load_config(&common, &config);
    if (rc)
        return rc;
    rc = verb(&config->kafka, &report, &err) < 0 ? cmd_fail("topics", &err) : 0;
    fputs(buf_str(&report), stdout);
    config_free(config);
    return rc;
}

int cmd_topics_create(int argc, char **argv)
{
    return run("create", argc, argv, topics_create);
}

int cmd_topics_check(int argc, char **argv)
{
    return run("check", argc, argv, topics_check);
}
