/* The options of a subcommand as one table: it parses them and prints --help; completion, the man page and
 * docs/COMMANDS.md read that. */
#ifndef TRIAGED_CMD_OPTIONS_H
#define TRIAGED_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define OPTIONS_WORDS_MAX 64
#define OPTION_ROWS_MAX   32
#define OPTION_LIST_MAX   64 /* so often an option may come that may be repeated */

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *; of `least` bytes, and at most `most` where that is given */
    OPTION_CHOICE,  /* const char *, one of the words of `value` */
    OPTION_LIST,    /* struct option_list: may be repeated */
    OPTION_INTEGER, /* int64_t */
    OPTION_NUMBER,  /* double */
    OPTION_SHARE,   /* double between 0 and 1, neither of them */
};

struct option_list {
    const char *at[OPTION_LIST_MAX + 1]; /* NULL-terminated */
    size_t n;
};

struct option_row {
    const char *name;   /* "--count" */
    const char *value;  /* what it takes: "N", "FILE", the choices as "train|calibrate"; NULL: a flag */
    const char *about;  /* lines that are too long are broken */
    size_t at;          /* of what the kind says, in the command's options */
    double least, most; /* of a number; of a text its bytes */
    enum option_kind kind;
    bool needed; /* must be given */
    bool either; /* another way to say what the row before says: usage has a bar between them; where the first of
                  * such rows is needed, one of them must be given, and no two */
};

struct option_words {
    const char *at[OPTIONS_WORDS_MAX];
    int n;
};

struct option_table {
    const char *command; /* "queue claim" */
    const char *words;   /* what stands without a name, as usage shows it: "ITEM [CLAIM]"; NULL: nothing does */
    int words_least, words_most;
    size_t words_at;                     /* of a struct option_words in the command's options */
    const char *streams;                 /* "< IN.jsonl", as usage shows it; NULL: none */
    const char *about, *example, *notes; /* about, notes: lines that are too long are broken; NULL: none */
    void (*more)(FILE *out);             /* prints what comes behind the notes, from another table; NULL: nothing */
    const struct option_row *rows;
    size_t n_rows;
    bool configured, profiled; /* takes --config and --set; and --profile */
    size_t common_at;          /* of a struct cmd_common in the command's options, where it is configured */
};

/* Fills the command's options, which hold their defaults already. False: the command ends with *ret_code: help was
 * asked for and is printed, or something is wrong and said on stderr (EX_USAGE). */
bool options_parse(const struct option_table *table, int argc, char **argv, void *options, int *ret_code);
void options_help(const struct option_table *table, FILE *out);

/* ---- rows of a command whose options are a struct options ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses): members and initialisers take none */

#define OPTION_ROW(row_name, row_value, row_kind, field, row_about)                                                    \
    .name = row_name, .value = row_value, .about = row_about, .kind = row_kind, .at = offsetof(struct options, field)
#define ROW_FLAG(name, field, about)                                                                                   \
    {                                                                                                                  \
        OPTION_ROW(name, NULL, OPTION_FLAG, field, about)                                                              \
    }
#define ROW_TEXT(name, value, field, about)                                                                            \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_TEXT, field, about)                                                             \
    }
#define ROW_CHOICE(name, value, field, about)                                                                          \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_CHOICE, field, about)                                                           \
    }
#define ROW_LIST(name, value, field, about)                                                                            \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_LIST, field, about)                                                             \
    }
#define ROW_SHARE(name, value, field, about)                                                                           \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_SHARE, field, about)                                                            \
    }
#define ROW_NEEDED(name, value, kind, field, about)                                                                    \
    {                                                                                                                  \
        OPTION_ROW(name, value, kind, field, about), .needed = true                                                    \
    }
#define ROW_EITHER(name, value, kind, field, about)                                                                    \
    {                                                                                                                  \
        OPTION_ROW(name, value, kind, field, about), .either = true                                                    \
    }
#define ROW_NUMBER(name, value, field, from, to, about)                                                                \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_NUMBER, field, about), .least = from, .most = to                                \
    }
#define ROW_INTEGER(name, value, field, from, to, about)                                                               \
    {                                                                                                                  \
        OPTION_ROW(name, value, OPTION_INTEGER, field, about), .least = from, .most = to                               \
    }
#define OPTION_COUNT(table) (sizeof(table) / sizeof(table)[0])
/* Does not compile where there are more than the parser can hold. */
#define OPTION_ROWS(table)                                                                                             \
    .rows = (table), .n_rows = OPTION_COUNT(table) * sizeof(char[OPTION_COUNT(table) <= OPTION_ROWS_MAX ? 1 : -1])

#define OPTION_CONFIGURED .configured = true, .common_at = offsetof(struct options, common)
#define OPTION_PROFILED   .profiled = true, OPTION_CONFIGURED
#define OPTION_WORDS(shown, least, most)                                                                               \
    .words = shown, .words_least = least, .words_most = most, .words_at = offsetof(struct options, words)

/* ---- rows that several commands have ---- */

#define ROW_REASON(field, bytes, must)                                                                                 \
    {                                                                                                                  \
        OPTION_ROW("--reason", "TEXT", OPTION_TEXT, field, "why, for the record"), .most = bytes, .needed = must       \
    }

#define ROW_TARGET(field)                                                                                              \
    ROW_TEXT("--target", "FIELD", field,                                                                               \
             "the field of a row that is learnt or measured (default: label); priority is another")
/* Other files to decide by than the configuration's: of a struct redo_files. */
#define ROWS_REDO(files)                                                                                               \
    ROW_TEXT("--policy", "F", files.policy, "another policy than the configuration's"),                                \
        ROW_TEXT("--floor", "F", files.floor, "another floor"),                                                        \
        ROW_TEXT("--model", "F", files.classifier, "another classifier"),                                              \
        ROW_TEXT("--promise", "F", files.promise, "another promise; '' for none"),                                     \
        ROW_TEXT("--knowledge", "D", files.knowledge, "other articles")
/* Costs of an hour, doubles of the struct options. */
#define OPTION_RATE_MOST 1e6
#define ROWS_RATES(reviewer, model, cpu)                                                                               \
    ROW_NUMBER("--reviewer-rate", "R", reviewer, 0, OPTION_RATE_MOST, "cost of a reviewer's hour (default 30)"),       \
        ROW_NUMBER("--model-rate", "R", model, 0, OPTION_RATE_MOST, "cost of an hour of a model slot (default 0.5)"),  \
        ROW_NUMBER("--cpu-rate", "R", cpu, 0, OPTION_RATE_MOST, "cost of an hour of a core (default 0.05)")

/* NOLINTEND(bugprone-macro-parentheses) */

#endif
