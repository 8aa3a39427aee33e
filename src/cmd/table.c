/* The table of subcommands: dispatch, --help and the completion all read it. */
#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct command cmd_table[] = {
    {"config", "print the configuration in force, or its reference", cmd_config},
    {"version", "print the build", cmd_version},
};
const unsigned cmd_table_len = ARRAY_LEN(cmd_table);
