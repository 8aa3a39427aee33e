/* Parsing and help from one table. */
#include "cmd/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"

enum { ABOUT_COLUMN_LEAST = 16, ABOUT_COLUMN_MOST = 28, LINE_COLUMNS = 118 };

static const struct option_row common_rows[] = {
    {.name = "--config",
     .value = "FILE",
     .about = "the configuration (default: $TRIAGED_CONFIG, else triaged.yaml)",
     .kind = OPTION_TEXT,
     .at = offsetof(struct cmd_common, config_path)},
    {.name = "--set",
     .value = "KEY=VALUE",
     .about = "another value than the configuration's, as section.key=value; may be repeated",
     .kind = OPTION_LIST,
     .at = offsetof(struct cmd_common, overrides)},
    {.name = "--profile",
     .value = "NAME",
     .about = "this profile of the configuration, where it has several",
     .kind = OPTION_TEXT,
     .at = offsetof(struct cmd_common, profile)},
};

/* Those of the common rows that the command's help names. All are taken: where --profile has no place
 * cmd_load_config says so. */
static size_t n_common(const struct option_table *table)
{
    return !table->configured ? 0 : table->profiled ? ARRAY_LEN(common_rows) : ARRAY_LEN(common_rows) - 1;
}

/* ---- parsing ---- */

struct parsing {
    const struct option_table *table;
    char *options;
    bool given[OPTION_ROWS_MAX]; /* as the table's rows */
};

static const struct option_row *find(const struct option_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
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
    fprintf(stderr, "triaged %s: %s takes ", table->command, row->name);
    switch (row->kind) {
    case OPTION_INTEGER:
    case OPTION_NUMBER:
        fprintf(stderr, "%s from %.16g to %.16g, not %s\n", row->kind == OPTION_INTEGER ? "a whole number" : "a number",
                row->least, row->most, value);
        break;
    case OPTION_SHARE:
        fprintf(stderr, "a number between 0 and 1, not %s\n", value);
        break;
    case OPTION_LIST:
        fprintf(stderr, "no more than %d values, and %s is one more\n", OPTION_LIST_MAX, value);
        break;
    case OPTION_TEXT:
        if ((double)strlen(value) < row->least)
            fputs("a text that is not empty\n", stderr);
        else
            fprintf(stderr, "at most %.0f bytes\n", row->most);
        break;
    case OPTION_CHOICE:
    case OPTION_FLAG:
        fprintf(stderr, "%s, not %s\n", row->value, value);
        break;
    }
    return EX_USAGE;
}

static bool set_number(const struct option_row *row, const char *value, char *field)
{
    char *end;
    double number = strtod(value, &end);

    if (end == value || *end)
        return false;
    if (row->kind == OPTION_SHARE ? !(number > 0 && number < 1) : !(number >= row->least && number <= row->most))
        return false;
    if (row->kind == OPTION_INTEGER && number != (double)(int64_t)number)
        return false;
    if (row->kind == OPTION_INTEGER)
        *(int64_t *)(void *)field = (int64_t)number;
    else
        *(double *)(void *)field = number;
    return true;
}

static bool fits(const struct option_row *row, const char *text)
{
    double bytes = (double)strlen(text);

    return bytes >= row->least && (row->most <= 0 || bytes <= row->most);
}

static bool set_value(const struct option_row *row, const char *value, char *field)
{
    struct option_list *list = (void *)field;

    switch (row->kind) {
    case OPTION_LIST:
        if (list->n == OPTION_LIST_MAX)
            return false;
        list->at[list->n++] = value;
        return true;
    case OPTION_TEXT:
    case OPTION_CHOICE:
        if (row->kind == OPTION_CHOICE ? !is_choice(row->value, value) : !fits(row, value))
            return false;
        *(const char **)(void *)field = value;
        return true;
    case OPTION_FLAG:
    case OPTION_INTEGER:
    case OPTION_NUMBER:
    case OPTION_SHARE:
        break;
    }
    return set_number(row, value, field);
}

static int take(struct parsing *self, int argc, char **argv, int *i)
{
    const struct option_table *table = self->table;
    const struct option_row *row = find(table->rows, table->n_rows, argv[*i]);
    char *base = self->options;

    if (row) {
        self->given[row - table->rows] = true;
    } else if (table->configured) {
        row = find(common_rows, ARRAY_LEN(common_rows), argv[*i]);
        base += table->common_at;
    }
    if (!row)
        return cmd_misuse(table->command, argv[*i]);
    if (row->kind == OPTION_FLAG) {
        *(bool *)(void *)(base + row->at) = true;
        return 0;
    }
    if (*i + 1 >= argc) {
        fprintf(stderr, "triaged %s: %s needs a value; try 'triaged %s --help'\n", table->command, argv[*i],
                table->command);
        return EX_USAGE;
    }
    ++*i;
    return set_value(row, argv[*i], base + row->at) ? 0 : refuse(table, row, argv[*i]);
}

/* How many rows from this one on are ways to say the same. */
static size_t n_alike(const struct option_table *table, size_t row)
{
    size_t n = 1;

    while (row + n < table->n_rows && table->rows[row + n].either)
        n++;
    return n;
}

static size_t n_given(const struct parsing *self, size_t row)
{
    size_t n = 0;

    for (size_t i = 0; i < n_alike(self->table, row); i++)
        n += self->given[row + i];
    return n;
}

static void say_alike(const struct option_table *table, size_t row)
{
    size_t n = n_alike(table, row);

    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s%s", i ? i + 1 < n ? ", " : " or " : "", table->rows[row + i].name);
}

/* All that are needed are named: whoever has forgotten one may not know of the next. */
static int check_needed(const struct parsing *self)
{
    const struct option_table *table = self->table;
    size_t n = 0, said = 0;
    bool lacks = false;

    for (size_t i = 0; i < table->n_rows; i++) {
        n += table->rows[i].needed;
        lacks = lacks || (table->rows[i].needed && n_given(self, i) != 1);
    }
    if (!lacks)
        return 0;
    fprintf(stderr, "triaged %s: ", table->command);
    for (size_t i = 0; i < table->n_rows; i++) {
        if (!table->rows[i].needed)
            continue;
        fputs(said == 0 ? "" : said + 1 < n ? ", " : " and ", stderr);
        say_alike(table, i);
        said++;
    }
    fprintf(stderr, " %s needed; try 'triaged %s --help'\n", n == 1 ? "is" : "are", table->command);
    return EX_USAGE;
}

static int take_word(struct parsing *self, const char *word)
{
    struct option_words *words = (void *)(self->options + self->table->words_at);

    if (!self->table->words_most || words->n == self->table->words_most)
        return cmd_misuse(self->table->command, word);
    words->at[words->n++] = word;
    return 0;
}

static int check_words(const struct parsing *self)
{
    const struct option_table *table = self->table;
    const struct option_words *words = (const void *)(self->options + table->words_at);

    if (!table->words_most || words->n >= table->words_least)
        return 0;
    fprintf(stderr, "triaged %s: give %s; try 'triaged %s --help'\n", table->command, table->words, table->command);
    return EX_USAGE;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

bool options_parse(const struct option_table *table, int argc, char **argv, void *options, int *ret_code)
{
    struct parsing self = {.table = table, .options = options};
    int code = 0;

    if (asks_help(argc, argv)) {
        options_help(table, stdout);
        *ret_code = 0;
        return false;
    }
    for (int i = 1; code == 0 && i < argc; i++)
        code = argv[i][0] == '-' && argv[i][1] ? take(&self, argc, argv, &i) : take_word(&self, argv[i]);
    if (code == 0)
        code = check_words(&self);
    if (code == 0)
        code = check_needed(&self);
    *ret_code = code;
    return code == 0;
}

/* ---- help ---- */

/* One more piece of the usage, on a new line when the line is full. */
static void usage_piece(FILE *out, const char *piece, int indent, int *column)
{
    int wide = (int)strlen(piece) + 1;

    if (*column + wide > LINE_COLUMNS && *column > indent) {
        fprintf(out, "\n%*s", indent, "");
        *column = indent;
    }
    fprintf(out, " %s", piece);
    *column += wide;
}

/* An option with its value, or several with bars between them, in brackets where it may be left out. */
static void usage_rows(FILE *out, const struct option_row *row, size_t n, int indent, int *column)
{
    char piece[LINE_COLUMNS];
    size_t len = 0;

    for (size_t i = 0; i < n && len < sizeof piece; i++)
        len += (size_t)snprintf(piece + len, sizeof piece - len, "%s%s%s%s%s%s",
                                i             ? " | "
                                : row->needed ? ""
                                              : "[",
                                row[i].name, row[i].value ? " " : "", row[i].value ? row[i].value : "",
                                row[i].kind == OPTION_LIST ? " ..." : "", i + 1 == n && !row->needed ? "]" : "");
    usage_piece(out, piece, indent, column);
}

static void usage(const struct option_table *table, FILE *out)
{
    int indent = fprintf(out, "usage: triaged %s", table->command), column = indent;

    if (table->words && *table->words)
        usage_piece(out, table->words, indent, &column);
    for (size_t i = 0; i < table->n_rows; i += n_alike(table, i))
        usage_rows(out, &table->rows[i], n_alike(table, i), indent, &column);
    for (size_t i = 0; i < n_common(table); i++)
        usage_rows(out, &common_rows[i], 1, indent, &column);
    if (table->streams)
        usage_piece(out, table->streams, indent, &column);
    fputs("\n", out);
}

/* Lines that are too long are broken at a blank; all but the first begin in this column. */
static void put_broken(FILE *out, const char *text, int indent)
{
    int room = LINE_COLUMNS - indent;

    while (*text) {
        int len = (int)strcspn(text, "\n"), take = len;
        if (len > room) {
            take = room;
            while (take > 0 && text[take] != ' ')
                take--;
            if (take == 0)
                take = len;
        }
        fprintf(out, "%.*s\n", take, text);
        text += take + (text[take] == ' ' || text[take] == '\n');
        if (*text && *text != '\n')
            fprintf(out, "%*s", indent, "");
    }
}

static int wide_of(const struct option_row *row)
{
    return (int)(strlen(row->name) + (row->value ? 1 + strlen(row->value) : 0)) + 2;
}

/* Behind the widest name that leaves room; what is wider has its words below it. */
static int about_column(const struct option_table *table)
{
    int column = ABOUT_COLUMN_LEAST;

    for (size_t i = 0; i < table->n_rows + n_common(table); i++) {
        int wide = wide_of(i < table->n_rows ? &table->rows[i] : &common_rows[i - table->n_rows]) + 2;
        if (wide > column && wide <= ABOUT_COLUMN_MOST)
            column = wide;
    }
    return column;
}

static void describe(FILE *out, const struct option_row *row, int column)
{
    int wide = fprintf(out, "  %s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");

    if (wide + 1 >= column)
        fprintf(out, "\n%*s", column, "");
    else
        fprintf(out, "%*s", column - wide, "");
    put_broken(out, row->about, column);
}

void options_help(const struct option_table *table, FILE *out)
{
    int column = about_column(table);

    usage(table, out);
    fputs("\n", out);
    put_broken(out, table->about, 0);
    if (table->n_rows + n_common(table))
        fputs("\n", out);
    for (size_t i = 0; i < table->n_rows; i++)
        describe(out, &table->rows[i], column);
    for (size_t i = 0; i < n_common(table); i++)
        describe(out, &common_rows[i], column);
    if (table->notes) {
        fputs("\n", out);
        put_broken(out, table->notes, 0);
    }
    if (table->more)
        table->more(out);
    if (table->example)
        fprintf(out, "\nExample:\n  %s\n", table->example);
}
