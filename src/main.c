/* triaged: one program, its subcommands in cmd/table.c. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/cmd.h"

/* How many words of argv the command's name takes: 0 when it is another command. */
static int words_matched(const struct command *command, int argc, char **argv)
{
    const char *blank = strchr(command->name, ' ');

    if (!blank)
        return strcmp(command->name, argv[1]) == 0 ? 1 : 0;
    size_t first = (size_t)(blank - command->name);
    if (argc < 3 || strncmp(command->name, argv[1], first) != 0 || argv[1][first] != '\0')
        return 0;
    return strcmp(blank + 1, argv[2]) == 0 ? 2 : 0;
}

static bool asks_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* The first word may still be that of a group ("control"): its commands are the help for it. */
static int no_such_command(int argc, char **argv)
{
    if (argc == 3 && asks_help(argv[2]) && cmd_list_group(argv[1], stdout))
        return 0;
    if (!cmd_list_group(argv[1], stderr))
        fprintf(stderr, "triaged: unknown command %s; 'triaged --help' lists them\n", argv[1]);
    else if (argc > 2)
        fprintf(stderr, "\ntriaged %s: unknown verb %s\n", argv[1], argv[2]);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        cmd_list(stderr);
        return EX_USAGE;
    }
    if (asks_help(argv[1])) {
        cmd_list(stdout);
        return 0;
    }
    for (unsigned i = 0; i < cmd_table_len; i++) {
        int words = words_matched(&cmd_table[i], argc, argv);
        if (words)
            return cmd_table[i].run(argc - words, argv + words);
    }
    return no_such_command(argc, argv);
}
