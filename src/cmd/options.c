/* Parsing and help from one table. */
#include "cmd/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { ABOUT_COLUMN = 24, LINE_COLUMNS = 118 };

/* ---- parsing ---- */

static const struct option_row *find(const struct option_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        if (strcmp(table->rows[i].name, name) == 0)
            return &table->rows[i];
    }
    return NULL;
}

/* "a|b|c" are all the values there are. */
static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        if (len && strcspn(at, "|") == len && strncmp(at, value, len) == 0)
            return true;
    }
    return false;
}

static int refuse(const struct option_table *table, const struct option_row *row, const char *value)
{
    if (row->kind == OPTION_TEXT)
        fprintf(stderr, "triaged %s: %s takes %s, not %s\n", table->command, row->name, row->value, value);
    else
        fprintf(stderr, "triaged %s: %s takes %s from %g to %g, not %s\n", table->command, row->name,
                row->kind == OPTION_INTEGER ? "a whole number" : "a number", row->least, row->most, value);
    return EX_USAGE;
}

static int set_value(const struct option_table *table, const struct option_row *row, const char *value, void *options)
{
    char *field = (char *)options + row->at, *end;
    double number;

    if (row->kind == OPTION_TEXT) {
        if (strchr(row->value, '|') && !is_choice(row->value, value))
            return refuse(table, row, value);
        *(const char **)(void *)field = value;
        return 0;
    }
    number = strtod(value, &end);
    if (end == value || *end || !(number >= row->least && number <= row->most) ||
        (row->kind == OPTION_INTEGER && number != (double)(int64_t)number))
        return refuse(table, row, value);
    if (row->kind == OPTION_INTEGER)
        *(int64_t *)(void *)field = (int64_t)number;
    else
        *(double *)(void *)field = number;
    return 0;
}

static int take(const struct option_table *table, int argc, char **argv, int *i, void *options)
{
    const struct option_row *row = find(table, argv[*i]);

    if (!row)
        return cmd_misuse(table->command, argv[*i]);
    if (row->kind == OPTION_FLAG) {
        *(bool *)(void *)((char *)options + row->at) = true;
        return 0;
    }
    if (*i + 1 >= argc)
        return cmd_needs_value(table->command, argv[*i]);
    return set_value(table, row, argv[++*i], options);
}

int options_parse(const struct option_table *table, int argc, char **argv, void *options,
                  struct option_words *ret_words, struct cmd_common *ret_common)
{
    for (int i = 1; i < argc; i++) {
        int rc = table->configured ? cmd_common_take(ret_common, argc, argv, &i) : 0;
        if (rc < 0)
            return EX_USAGE;
        if (rc)
            continue;
        if (argv[i][0] == '-' && argv[i][1]) {
            rc = take(table, argc, argv, &i, options);
            if (rc)
                return rc;
        } else if (ret_words->n == table->words_most) {
            return cmd_misuse(table->command, argv[i]);
        } else {
            ret_words->at[ret_words->n++] = argv[i];
        }
    }
    if (ret_words->n < table->words_least) {
        fprintf(stderr, "triaged %s: give %s; try 'triaged %s --help'\n", table->command, table->words, table->command);
        return EX_USAGE;
    }
    return 0;
}

/* ---- help ---- */

/* One more word of the usage, on a new line when the line is full. */
static void usage_word(FILE *out, const char *word, const char *value, int indent, int *column)
{
    int wide = (int)(strlen(word) + (value ? strlen(value) + 1 : 0)) + 3;

    if (*column + wide > LINE_COLUMNS) {
        fprintf(out, "\n%*s", indent, "");
        *column = indent;
    }
    fprintf(out, " [%s%s%s]", word, value ? " " : "", value ? value : "");
    *column += wide;
}

static void usage(const struct option_table *table, FILE *out)
{
    int indent = fprintf(out, "usage: triaged %s", table->command), column = indent;

    if (*table->words)
        column += fprintf(out, " %s", table->words);
    for (size_t i = 0; i < table->n_rows; i++)
        usage_word(out, table->rows[i].name, table->rows[i].value, indent, &column);
    if (table->configured) {
        usage_word(out, "--config", "FILE", indent, &column);
        usage_word(out, "--set", "section.key=value", indent, &column);
    }
    fputs("\n", out);
}

/* The option, and its words beside it; further lines below them. */
static void describe(FILE *out, const char *name, const char *value, const char *about)
{
    int wide = fprintf(out, "  %s%s%s", name, value ? " " : "", value ? value : "");

    fprintf(out, "%s%*s", wide < ABOUT_COLUMN ? "" : "\n", wide < ABOUT_COLUMN ? ABOUT_COLUMN - wide : ABOUT_COLUMN, "");
    for (const char *at = about; *at; at++) {
        fputc(*at, out);
        if (*at == '\n')
            fprintf(out, "%*s", ABOUT_COLUMN, "");
    }
    fputs("\n", out);
}

void options_help(const struct option_table *table, FILE *out)
{
    usage(table, out);
    fprintf(out, "\n%s\n", table->about);
    if (table->n_rows)
        fputs("\n", out);
    for (size_t i = 0; i < table->n_rows; i++)
        describe(out, table->rows[i].name, table->rows[i].value, table->rows[i].about);
    if (table->notes)
        fprintf(out, "\n%s\n", table->notes);
    if (table->example)
        fprintf(out, "\nExample:\n  %s\n", table->example);
}
