/* triaged: one program, its subcommands in cmd/table.c. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/cmd.h"

static int usage(FILE *out)
{
    fprintf(out, "triaged triages support tickets: Kafka in, decisions and drafts out, people where it is unsure.\n\n"
                 "usage: triaged COMMAND [OPTION...]   ('triaged COMMAND --help' tells more)\n\n");
    for (unsigned i = 0; i < cmd_table_len; i++)
        fprintf(out, "  %-18s %s\n", cmd_table[i].name, cmd_table[i].summary);
    return out == stdout ? 0 : EX_USAGE;
}

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

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    for (unsigned i = 0; i < cmd_table_len; i++) {
        int words = words_matched(&cmd_table[i], argc, argv);
        if (words)
            return cmd_table[i].run(argc - words, argv + words);
    }
    fprintf(stderr, "triaged: unknown command %s; 'triaged --help' lists them\n", argv[1]);
    return EX_USAGE;
}
