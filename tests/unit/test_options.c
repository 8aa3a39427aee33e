/* The options of a command: what the parser takes and refuses, and what help says. */
#include "cmd/options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmocka_all.h"

struct options {
    struct cmd_common common;
    struct option_words words;
    struct option_list data;
    const char *out, *format, *note, *file, *topic;
    double share, rate;
    int64_t count;
    bool json;
};

static const struct option_row rows[] = {
    ROW_NEEDED("--out", "FILE", OPTION_TEXT, out, "where to"),
    ROW_NEEDED("--file", "FILE", OPTION_TEXT, file, "from a file"),
    ROW_EITHER("--topic", "TOPIC", OPTION_TEXT, topic, "from a topic"),
    ROW_LIST("--data", "FILE", data, "rows"),
    ROW_CHOICE("--format", "md|html|csv", format, "as what"),
    {OPTION_ROW("--note", "TEXT", OPTION_TEXT, note, "for the record"), .least = 1, .most = 5},
    ROW_SHARE("--share", "S", share, "a part"),
    ROW_NUMBER("--rate", "R", rate, 0, 10,
               "so many a second, which is told here in so many words that they do not fit "
               "on one line of a terminal and have to be broken"),
    ROW_INTEGER("--count", "N", count, 1, 100, "so many"),
    ROW_FLAG("--json", json, "as JSON"),
};
static const struct option_table table = {
    .command = "try out",
    OPTION_WORDS("ITEM [CLAIM]", 1, 2),
    .streams = "< IN.jsonl",
    .about = "Tries things out.",
    OPTION_ROWS(rows),
    OPTION_PROFILED,
    .notes = "Nothing comes of it.",
    .example = "triaged try out 17 --out x --file y",
};

#define ARGS_MAX 256

/* The words of a line behind those that are needed. 0 and the options, or the code that the command ends with. */
static int parse_line(const char *line, struct options *ret_options)
{
    static char copy[8192];
    char *argv[ARGS_MAX] = {"out"}, *rest = copy, *word;
    int argc = 1, code = -1;

    snprintf(copy, sizeof copy, "%s", line);
    while (argc < ARGS_MAX && (word = strsep(&rest, " "))) {
        if (*word)
            argv[argc++] = word;
    }
    *ret_options = (struct options){.count = 20};
    return options_parse(&table, argc, argv, ret_options, &code) ? 0 : code;
}

#define WHOLE "17 --out o --file f "

static void assert_taken(const char *line)
{
    struct options options;

    assert_int_equal(parse_line(line, &options), 0);
}

static void assert_refused(const char *line)
{
    struct options options;

    assert_int_equal(parse_line(line, &options), EX_USAGE);
}

static void every_kind_lands_in_its_field(UNUSED void **state)
{
    struct options options;

    assert_int_equal(
        parse_line(WHOLE "18 --data a --data b --format csv --note five! --share 0.5 --rate 10 --json", &options), 0);
    assert_int_equal(options.words.n, 2);
    assert_string_equal(options.words.at[1], "18");
    assert_string_equal(options.out, "o");
    assert_int_equal(options.data.n, 2);
    assert_string_equal(options.data.at[1], "b");
    assert_null(options.data.at[2]);
    assert_string_equal(options.format, "csv");
    assert_string_equal(options.note, "five!");
    assert_true(options.share == 0.5 && options.rate == 10 && options.json);
    assert_int_equal(options.count, 20); /* its default */
}

static void what_every_configured_command_takes_is_taken(UNUSED void **state)
{
    struct options options;

    assert_int_equal(parse_line(WHOLE "--config c.yaml --set a.b=1 --set a.c=2 --profile shop", &options), 0);
    assert_string_equal(options.common.config_path, "c.yaml");
    assert_int_equal(options.common.overrides.n, 2);
    assert_string_equal(options.common.profile, "shop");
}

static void a_bound_is_inside_and_what_is_beyond_is_refused(UNUSED void **state)
{
    assert_taken(WHOLE "--count 1");
    assert_taken(WHOLE "--count 100");
    assert_refused(WHOLE "--count 0");
    assert_refused(WHOLE "--count 101");
    assert_refused(WHOLE "--count 1.5");
    assert_refused(WHOLE "--count 1x");
    assert_refused(WHOLE "--rate nan");
    assert_refused(WHOLE "--note sixsix");
    assert_refused(WHOLE "--format pdf");
    assert_refused(WHOLE "--format m");
}

static void a_share_is_neither_nothing_nor_all(UNUSED void **state)
{
    assert_taken(WHOLE "--share 0.01");
    assert_refused(WHOLE "--share 0");
    assert_refused(WHOLE "--share 1");
}

static void a_list_that_is_full_takes_no_more(UNUSED void **state)
{
    char line[4096] = WHOLE;

    for (int i = 0; i < OPTION_LIST_MAX; i++)
        strcat(line, " --data x");
    assert_taken(line);
    strcat(line, " --data x");
    assert_refused(line);
}

static void what_is_needed_is_asked_for(UNUSED void **state)
{
    assert_refused("17 --out o");
    assert_refused("17 --file f");
    assert_refused("--out o --file f");
    assert_taken("17 --out o --topic t");
    assert_refused("17 --out o --topic t --file f"); /* two ways to say one thing */
}

static void what_is_not_known_is_refused(UNUSED void **state)
{
    assert_refused(WHOLE "--outt o");
    assert_refused(WHOLE "18 19");
    assert_refused(WHOLE "--note");
}

static char *help_text(void)
{
    static char text[8192];
    FILE *out = fmemopen(text, sizeof text, "w");

    options_help(&table, out);
    fclose(out);
    return text;
}

static void help_names_everything(UNUSED void **state)
{
    static const char usage[] = "usage: triaged try out ITEM [CLAIM] --out FILE --file FILE | --topic TOPIC "
                                "[--data FILE ...] ";
    const char *text = help_text();

    assert_int_equal(strncmp(text, usage, sizeof usage - 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[80];
        snprintf(line, sizeof line, "\n  %s", rows[i].name);
        assert_non_null(strstr(text, line));
    }
    assert_non_null(strstr(text, "\n  --config FILE"));
    assert_non_null(strstr(text, "\n  --set KEY=VALUE"));
    assert_non_null(strstr(text, "\n  --profile NAME"));
    assert_non_null(strstr(text, "< IN.jsonl\n"));
    assert_non_null(strstr(text, "\nNothing comes of it.\n"));
    assert_non_null(strstr(text, "\nExample:\n  triaged try out 17"));
}

static void lines_of_help_fit(UNUSED void **state)
{
    for (const char *line = help_text(); *line; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        assert_true(len <= 118);
        assert_true(len == 0 || line[len - 1] != ' ');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_lands_in_its_field),
        cmocka_unit_test(what_every_configured_command_takes_is_taken),
        cmocka_unit_test(a_bound_is_inside_and_what_is_beyond_is_refused),
        cmocka_unit_test(a_share_is_neither_nothing_nor_all),
        cmocka_unit_test(a_list_that_is_full_takes_no_more),
        cmocka_unit_test(what_is_needed_is_asked_for),
        cmocka_unit_test(what_is_not_known_is_refused),
        cmocka_unit_test(help_names_everything),
        cmocka_unit_test(lines_of_help_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
