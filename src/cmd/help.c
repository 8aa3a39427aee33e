/* triaged help: the commands, one of them, or all as a manual page. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/version.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/known.h"

struct options {
    struct option_words words;
    bool man, markdown;
};

static const struct option_row rows[] = {
    ROW_FLAG("--man", man, "all of it as a manual page (troff); read it with man -l -"),
    ROW_EITHER("--markdown", NULL, OPTION_FLAG, markdown, "all of it as Markdown (docs/COMMANDS.md)"),
};
static const struct option_table table = {
    .command = "help",
    OPTION_WORDS("[COMMAND [VERB]]", 0, 2),
    .about = "Lists the commands, or tells about one.",
    .example = "triaged help queue claim",
    OPTION_ROWS(rows),
};

void cmd_list(FILE *out)
{
    fprintf(out, "triaged triages support tickets: Kafka in, decisions and drafts out, people where it is unsure.\n\n"
                 "usage: triaged COMMAND [OPTION...]   ('triaged COMMAND --help' tells more)\n\n");
    for (unsigned i = 0; i < cmd_table_len; i++)
        fprintf(out, "  %-18s %s\n", cmd_table[i].name, cmd_table[i].summary);
}

bool cmd_list_group(const char *word, FILE *out)
{
    size_t len = strlen(word);
    bool found = false;

    for (unsigned i = 0; i < cmd_table_len; i++) {
        const struct command *command = &cmd_table[i];
        if (strncmp(command->name, word, len) != 0 || command->name[len] != ' ')
            continue;
        if (!found)
            fprintf(out, "usage: triaged %s VERB [OPTION...]   ('triaged %s VERB --help' tells more)\n\n", word, word);
        found = true;
        fprintf(out, "  %-18s %s\n", command->name, command->summary);
    }
    return found;
}

/* ---- the manual page ---- */

/* As it stands: troff would take a leading dot or quote for a request. */
static void put_verbatim(const char *text)
{
    bool at_line = true;

    for (; *text; text++) {
        if (at_line && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        at_line = *text == '\n';
    }
    if (!at_line)
        putchar('\n');
}

static void put_manual(const struct known_list *list)
{
    printf(".TH TRIAGED 1 \"\" \"triaged %s\" \"User Commands\"\n", version_build());
    puts(".SH NAME\ntriaged \\- triage of support tickets between Kafka, models and people\n"
         ".SH SYNOPSIS\n.B triaged\n.I COMMAND\n[\\fIOPTION\\fR...]\n.SH COMMANDS");
    for (size_t i = 0; i < list->n; i++) {
        printf(".SS triaged %s\n", list->rows[i].path);
        put_verbatim(list->rows[i].summary);
        puts(".PP\n.nf");
        put_verbatim(list->rows[i].help);
        puts(".fi");
    }
    puts(".SH ENVIRONMENT\n.TP\n.B TRIAGED_CONFIG\nThe configuration file; without it triaged.yaml in the current "
         "folder.\n"
         ".TP\n.B VISUAL, EDITOR\nThe editor of \\fBtriaged queue resolve \\-\\-edit\\fR.\n"
         ".TP\n.B NO_COLOR\nSet: no colours.\n"
         ".SH EXIT STATUS\n0 done; else the codes of sysexits.h: 64 wrong usage, 65 wrong data, 66 no such input, 69 "
         "something "
         "is not there, 75 try again, 77 not allowed, 78 wrong configuration.");
}

/* ---- the page ---- */

static void put_anchor(const char *path)
{
    for (const char *at = path; *at; at++)
        putchar(*at == ' ' ? '-' : *at);
}

static void put_page(const struct known_list *list)
{
    puts("# Commands\n\n"
         "Printed by `triaged help --markdown`; a test keeps it equal. Each command prints its part with `--help`, the "
         "shell\n"
         "completes commands and options with `triaged completion`, and `triaged help --man` prints a manual page.\n\n"
         "The exit codes are those of sysexits.h: 64 wrong usage, 65 wrong data, 66 no such input, 69 something is not "
         "there,\n"
         "70 a fault, 75 try again, 77 not allowed, 78 wrong configuration; a command names its own.\n\n"
         "| command | what it does |\n|---|---|");
    for (size_t i = 0; i < list->n; i++) {
        printf("| [%s](#", list->rows[i].path);
        put_anchor(list->rows[i].path);
        printf(") | %s |\n", list->rows[i].summary);
    }
    for (size_t i = 0; i < list->n; i++)
        printf("\n## %s\n\n```text\n%s```\n", list->rows[i].path, list->rows[i].help);
}

static int about_one(const struct option_words *words)
{
    char name[KNOWN_NAME_MAX], word[KNOWN_NAME_MAX], help[] = "--help";
    char *argv[] = {name, word, help, NULL};

    snprintf(name, sizeof name, "%s", words->at[0]);
    snprintf(word, sizeof word, "%s", words->n > 1 ? words->at[1] : help);
    for (unsigned i = 0; i < cmd_table_len; i++) {
        char path[2 * KNOWN_NAME_MAX + 1];
        snprintf(path, sizeof path, "%s %s", name, word);
        if (strcmp(cmd_table[i].name, path) == 0)
            return cmd_table[i].run(2, argv + 1);
        if (strcmp(cmd_table[i].name, name) == 0)
            return cmd_table[i].run(words->n > 1 ? 3 : 2, argv);
    }
    if (words->n == 1 && cmd_list_group(name, stdout))
        return 0;
    return cmd_misuse("help", words->at[0]);
}

int cmd_help(int argc, char **argv)
{
    struct options options = {0};
    struct known_list list = {0};
    int rc;

    if (!options_parse(&table, argc, argv, &options, &rc))
        return rc;
    if (options.words.n)
        return about_one(&options.words);
    if (!options.man && !options.markdown) {
        cmd_list(stdout);
        return 0;
    }
    if (known_collect(&list) < 0)
        return EX_CANTCREAT;
    (options.man ? put_manual : put_page)(&list);
    known_free(&list);
    return fflush(stdout) == 0 ? 0 : EX_IOERR;
}
