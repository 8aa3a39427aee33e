/* The table of subcommands: dispatch, --help and the completion all read it. */
#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct command cmd_table[] = {
    {"run", "run the worker: decide tickets, fill the review queue, publish reviews", cmd_run},
    {"topics create", "create the Kafka topics that are missing", cmd_topics_create},
    {"topics check", "check the Kafka topics and the keys of the tickets", cmd_topics_check},
    {"db migrate", "bring the Postgres schema up to this version", cmd_db_migrate},
    {"config", "print the configuration in force, or its reference", cmd_config},
    {"version", "print the build", cmd_version},
};
const unsigned cmd_table_len = ARRAY_LEN(cmd_table);
