/* The options of a subcommand as one table: it parses them and prints --help; completion and the man page read that. */
#ifndef TRIAGED_CMD_OPTIONS_H
#define TRIAGED_CMD_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "cmd/cmd.h"

#define OPTIONS_WORDS_MAX 4

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INTEGER, OPTION_NUMBER };

struct option_row {
    const char *name;  /* "--count" */
    const char *value; /* what it takes: "N", "FILE", "train|calibrate" (then nothing else is taken); NULL: a flag */
    const char *about; /* may hold newlines */
    enum option_kind kind;
    size_t at;          /* of a bool, const char *, int64_t or double in the command's options */
    double least, most; /* of a number */
};

/* A row without bounds and text, of a command whose options are a struct options. */
#define OPTION_ROW(name, value, kind, field)                                                                           \
    {                                                                                                                  \
        name, value, NULL, kind, offsetof(struct options, field), 0, 0                                                 \
    }

struct option_table {
    const char *command; /* "queue claim" */
    const char *words;   /* what stands without a name, as usage shows it: "ITEM [CLAIM]" */
    int words_least, words_most;
    const char *about, *example, *notes; /* NULL: none */
    const struct option_row *rows;
    size_t n_rows;
    bool configured; /* takes --config and --set too */
};

struct option_words {
    const char *at[OPTIONS_WORDS_MAX];
    int n;
};

/* Fills the command's options, which hold their defaults already. 0, or EX_USAGE with what is wrong said on stderr. */
int options_parse(const struct option_table *table, int argc, char **argv, void *options,
                  struct option_words *ret_words, struct cmd_common *ret_common);
void options_help(const struct option_table *table, FILE *out);

#endif
