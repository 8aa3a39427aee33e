/* Subcommands: each parses its options, opens what it needs, runs and closes. They return a code of <sysexits.h>. */
#ifndef TRIAGED_CMD_CMD_H
#define TRIAGED_CMD_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "cmd/options.h"
#include "policy/config.h"
#include "triage/err.h"

struct command {
    const char *name;                  /* "db migrate" takes two words */
    const char *summary;               /* one line of --help */
    int (*run)(int argc, char **argv); /* argv[0] is the name */
};

/* What every command that needs the configuration shares: --config FILE, --set section.key=value (repeated), and, for
 * those that look at one profile, --profile NAME. */
struct cmd_common {
    const char *config_path; /* default: $TRIAGED_CONFIG, else triaged.yaml */
    struct option_list overrides;
    const char *profile; /* NULL: none named */
};

int cmd_load_config(const struct cmd_common *self, struct config **ret_config);
/* The same as one profile has it: profiles_choose. */
int cmd_load_profile(const struct cmd_common *self, struct config **ret_config);
/* options_parse, then the configuration, as one profile has it where the table takes --profile. False: the command ends
 * with *ret_code. The configuration is the caller's: config_free. */
bool cmd_begin(const struct option_table *table, int argc, char **argv, void *options, struct config **ret_config,
               int *ret_code);

/* The table of profiles behind a printed configuration, as comments. */
int cmd_print_profiles(const struct config *config);

/* Says "triaged NAME: text" on stderr and gives the exit code that the error stands for. */
int cmd_fail(const char *name, const struct err *err);
/* A wrong option: says which, points to --help, gives EX_USAGE. */
int cmd_misuse(const char *name, const char *option);

/* Who runs this command, for the record: $USER, else the name of the user id, else "unknown". */
const char *cmd_user(void);

/* Every command with a line about it. */
void cmd_list(FILE *out);
/* Those of two words that begin with this one; false, and nothing printed, where there are none. */
bool cmd_list_group(const char *word, FILE *out);

extern const struct command cmd_table[];
extern const unsigned cmd_table_len;

#endif
