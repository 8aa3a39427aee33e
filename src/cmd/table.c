/* The table of subcommands: dispatch, --help and the completion all read it. */
#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct command cmd_table[] = {
    {"train", "make a model from labelled tickets", cmd_train},
    {"evaluate", "measure a model on labelled tickets", cmd_evaluate},
    {"classify", "classify JSON Lines from standard input", cmd_classify},
    {"version", "print the build", cmd_version},
};
const unsigned cmd_table_len = ARRAY_LEN(cmd_table);
