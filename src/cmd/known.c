/* Help is printed by each command itself, from its table. So what a person reads, what the shell
 * completes and what the man page says cannot differ; tests/cli/test_completion.py holds that the parsers take the
 * same. */
#include "cmd/known.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/queue.h"

/* ---- asking for help ---- */

static int ask(const struct command *command, int argc, char **argv, char **ret_help)
{
    CLEANUP(buf_free) struct buf text = {0};
    FILE *aside = tmpfile();
    int out = dup(STDOUT_FILENO), c;

    if (!aside || out < 0) {
        if (aside)
            fclose(aside);
        return -1;
    }
    fflush(stdout);
    dup2(fileno(aside), STDOUT_FILENO);
    (void)command->run(argc, argv);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    rewind(aside);
    while ((c = getc(aside)) != EOF)
        buf_putc(&text, (char)c);
    fclose(aside);
    *ret_help = buf_take(&text);
    return 0;
}

/* ---- options out of a help text ---- */

static struct known_option *option_named(struct known *self, const char *name, size_t len)
{
    for (size_t i = 0; i < self->n_options; i++) {
        if (strlen(self->options[i].name) == len && strncmp(self->options[i].name, name, len) == 0)
            return &self->options[i];
    }
    if (self->n_options == KNOWN_OPTIONS_MAX || len >= KNOWN_NAME_MAX)
        return NULL;
    memcpy(self->options[self->n_options].name, name, len);
    return &self->options[self->n_options++];
}

/* A value follows its option after one blank: capitals, or choices with bars; a bar by itself stands before another
 * option. */
static void take_value(struct known_option *option, const char *at)
{
    size_t len = strcspn(at, " ,;:)]\n");

    if (*option->value || len == 0 || len >= sizeof option->value || *at == '|')
        return;
    if (isupper((unsigned char)*at) || memchr(at, '|', len) || isdigit((unsigned char)*at))
        memcpy(option->value, at, len);
}

static void take_options(struct known *self, const char *line, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++) {
        size_t n = 2;
        if (strncmp(line + i, "--", 2) != 0 || !islower((unsigned char)line[i + 2]) ||
            (i && !strchr(" [(|", line[i - 1])))
            continue;
        while (i + n < len && (isalnum((unsigned char)line[i + n]) || line[i + n] == '-'))
            n++;
        struct known_option *option = option_named(self, line + i, n);
        if (option && line[i + n] == ' ')
            take_value(option, line + i + n + 1);
        i += n - 1;
    }
}

/* The usage, up to the first empty line, and the lines that begin with an option. */
static void read_help(struct known *self)
{
    bool usage = true;

    for (const char *line = self->help; *line;) {
        size_t len = strcspn(line, "\n"), lead = strspn(line, " ");
        if (len == 0)
            usage = false;
        if (usage || (lead && strncmp(line + lead, "--", 2) == 0))
            take_options(self, line, usage ? len : lead + strcspn(line + lead, "\n"));
        line += len + (line[len] == '\n');
    }
}

/* ---- all of them ---- */

static int add(struct known_list *list, const struct command *command, const char *verb, const char *summary)
{
    struct known *row = &list->rows[list->n];
    char name[KNOWN_NAME_MAX], word[KNOWN_NAME_MAX], help[] = "--help";
    char *argv[] = {name, word, help, NULL};

    snprintf(name, sizeof name, "%s", command->name);
    snprintf(word, sizeof word, "%s", verb ? verb : "--help");
    snprintf(row->path, sizeof row->path, "%s%s%s", command->name, verb ? " " : "", verb ? verb : "");
    row->summary = summary;
    if (ask(command, verb ? 3 : 2, argv, &row->help) < 0)
        return -1;
    read_help(row);
    list->n++;
    return 0;
}

int known_collect(struct known_list *ret_list)
{
    struct known_list list = {.rows = mem_array(cmd_table_len + queue_verbs_len, sizeof *list.rows)};
    int rc = 0;

    for (unsigned i = 0; rc == 0 && i < cmd_table_len; i++) {
        rc = add(&list, &cmd_table[i], NULL, cmd_table[i].summary);
        for (size_t k = 0; rc == 0 && strcmp(cmd_table[i].name, "queue") == 0 && k < queue_verbs_len; k++)
            rc = add(&list, &cmd_table[i], queue_verb_name(&queue_verbs[k]), queue_verbs[k].options.about);
    }
    if (rc < 0)
        known_free(&list);
    else
        *ret_list = list;
    return rc;
}

void known_free(struct known_list *self)
{
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->rows[i].help);
    mem_free(self->rows);
}
