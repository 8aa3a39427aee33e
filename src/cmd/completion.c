/* triaged completion: a script that completes commands, verbs, options and their values, for bash, zsh or fish. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/known.h"

struct options {
    struct option_words words;
};

static const struct option_table table = {
    .command = "completion",
    OPTION_WORDS("bash|zsh|fish", 1, 1),
    .about = "Prints a script that completes commands, options and their values in the shell.",
    .notes = "bash: source <(triaged completion bash), in ~/.bashrc or once in "
             "/usr/share/bash-completion/completions/triaged\n"
             "zsh:  triaged completion zsh >\"${fpath[1]}/_triaged\"\n"
             "fish: triaged completion fish >~/.config/fish/completions/triaged.fish",
    .example = "source <(triaged completion bash)",
};

/* What completes a value: F files, D folders, or the words themselves; nothing for what only the user knows. */
static void print_kind(const char *value)
{
    if (strchr(value, '|') && !isupper((unsigned char)*value)) {
        for (const char *at = value; *at; at++)
            putchar(*at == '|' ? ' ' : *at);
    } else if (strncmp(value, "FILE", 4) == 0 || strstr(value, ".jsonl") || strncmp(value, "F|", 2) == 0 ||
               strcmp(value, "F") == 0 || strcmp(value, "POLICY") == 0 || strcmp(value, "M") == 0) {
        putchar('F');
    } else if (strncmp(value, "DIR", 3) == 0 || strcmp(value, "D") == 0 || strcmp(value, "FOLDER") == 0) {
        putchar('D');
    }
}

static size_t first_word(const char *path)
{
    return strcspn(path, " ");
}

static bool seen_before(const struct known_list *list, size_t row)
{
    size_t len = first_word(list->rows[row].path);

    for (size_t i = 0; i < row; i++) {
        if (first_word(list->rows[i].path) == len && strncmp(list->rows[i].path, list->rows[row].path, len) == 0)
            return true;
    }
    return false;
}

/* ---- bash and zsh: three tables as case statements ---- */

static void print_words(const struct known_list *list)
{
    puts("_triaged_words() {\n    case $1 in");
    printf("    '') echo '");
    for (size_t i = 0; i < list->n; i++) {
        if (!seen_before(list, i))
            printf("%.*s ", (int)first_word(list->rows[i].path), list->rows[i].path);
    }
    puts("' ;;");
    for (size_t i = 0; i < list->n; i++) {
        size_t len = first_word(list->rows[i].path);
        if (seen_before(list, i))
            continue;
        printf("    '%.*s') echo '", (int)len, list->rows[i].path);
        for (size_t k = i; k < list->n; k++) {
            if (strncmp(list->rows[k].path, list->rows[i].path, len) == 0 && list->rows[k].path[len] == ' ')
                printf("%s ", list->rows[k].path + len + 1);
        }
        puts("' ;;");
    }
    puts("    esac\n}");
}

static void print_options(const struct known_list *list)
{
    puts("_triaged_options() {\n    case $1 in");
    for (size_t i = 0; i < list->n; i++) {
        printf("    '%s') echo '", list->rows[i].path);
        for (size_t k = 0; k < list->rows[i].n_options; k++)
            printf("%s ", list->rows[i].options[k].name);
        puts("--help' ;;");
    }
    puts("    esac\n}");
}

/* Prints what completes the value; fails for a flag. */
static void print_values(const struct known_list *list)
{
    puts("_triaged_value() {\n    case $1 in");
    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; k < list->rows[i].n_options; k++) {
            if (!*list->rows[i].options[k].value)
                continue;
            printf("    '%s %s') echo '", list->rows[i].path, list->rows[i].options[k].name);
            print_kind(list->rows[i].options[k].value);
            puts("' ;;");
        }
    }
    puts("    *) return 1 ;;\n    esac\n}");
}

/* Longest first: "queue claim" before "queue". */
static const char bash_tail[] =
    "_triaged() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} path= kind i\n"
    "    for ((i = 1; i < COMP_CWORD && i < 3; i++)); do\n"
    "        [[ \" $(_triaged_words \"$path\") \" == *\" ${COMP_WORDS[i]} \"* ]] || break\n"
    "        path+=${path:+ }${COMP_WORDS[i]}\n"
    "    done\n"
    "    COMPREPLY=()\n"
    "    if kind=$(_triaged_value \"$path $prev\"); then\n"
    "        case $kind in\n"
    "        F) compopt -o default 2>/dev/null ;;\n"
    "        D) compopt -o dirnames 2>/dev/null ;;\n"
    "        *) COMPREPLY=($(compgen -W \"$kind\" -- \"$cur\")) ;;\n"
    "        esac\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$(_triaged_options \"$path\")\" -- \"$cur\"))\n"
    "    elif ((i == COMP_CWORD)) && [[ -n $(_triaged_words \"$path\") ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$(_triaged_words \"$path\")\" -- \"$cur\"))\n"
    "    else\n"
    "        compopt -o default 2>/dev/null\n"
    "    fi\n"
    "}\n"
    "complete -F _triaged triaged\n";

static const char zsh_tail[] =
    "_triaged() {\n"
    "    local cur=$words[CURRENT] prev=$words[CURRENT-1] at= kind\n"
    "    local -i i\n"
    "    for ((i = 2; i < CURRENT && i < 4; i++)); do\n"
    "        [[ \" $(_triaged_words \"$at\") \" == *\" $words[i] \"* ]] || break\n"
    "        at+=${at:+ }$words[i]\n"
    "    done\n"
    "    if kind=$(_triaged_value \"$at $prev\"); then\n"
    "        case $kind in\n"
    "        F) _files ;;\n"
    "        D) _files -/ ;;\n"
    "        *) compadd -- ${=kind} ;;\n"
    "        esac\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        compadd -- ${=$(_triaged_options \"$at\")}\n"
    "    elif ((i == CURRENT)) && [[ -n $(_triaged_words \"$at\") ]]; then\n"
    "        compadd -- ${=$(_triaged_words \"$at\")}\n"
    "    else\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "if [[ $funcstack[1] == _triaged ]]; then _triaged \"$@\"; else compdef _triaged triaged; fi\n";

static void print_bash(const struct known_list *list)
{
    puts("# Completion of triaged for bash, printed by 'triaged completion bash'.");
    print_words(list);
    print_options(list);
    print_values(list);
    fputs(bash_tail, stdout);
}

static void print_zsh(const struct known_list *list)
{
    puts("#compdef triaged\n# Completion of triaged for zsh, printed by 'triaged completion zsh'.");
    print_words(list);
    print_options(list);
    print_values(list);
    fputs(zsh_tail, stdout);
}

/* ---- fish: one line for each word and option ---- */

static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++)
        printf("%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    putchar('\'');
}

static void print_fish_option(const char *path, const struct known_option *option)
{
    printf("complete -c triaged -n '__triaged_at %s' -l %s", path, option->name + 2);
    if (*option->value && (strncmp(option->value, "FILE", 4) == 0 || strncmp(option->value, "DIR", 3) == 0)) {
        printf(" -r -F");
    } else if (*option->value) {
        printf(" -x -a '");
        print_kind(option->value);
        putchar('\'');
    }
    putchar('\n');
}

static void print_fish(const struct known_list *list)
{
    puts("# Completion of triaged for fish, printed by 'triaged completion fish'.\n"
         "function __triaged_at\n"
         "    set -l words (commandline -opc)[2..-1]\n"
         "    test (count $words) -ge (count $argv); or return 1\n"
         "    test (count $argv) -eq 0; and return (test (count $words) -eq 0)\n"
         "    test \"$words[1..\"(count $argv)\"]\" = \"$argv\"\n"
         "end");
    for (size_t i = 0; i < list->n; i++) {
        const char *path = list->rows[i].path;
        size_t len = first_word(path);
        if (!seen_before(list, i)) {
            printf("complete -c triaged -f -n 'test (count (commandline -opc)) -eq 1' -a '%.*s'", (int)len, path);
            printf(path[len] ? "\n" : " -d ");
            if (!path[len]) {
                print_quoted(list->rows[i].summary);
                putchar('\n');
            }
        }
        if (path[len]) {
            printf(
                "complete -c triaged -f -n '__triaged_at %.*s; and test (count (commandline -opc)) -eq 2' -a '%s' -d ",
                (int)len, path, path + len + 1);
            print_quoted(list->rows[i].summary);
            putchar('\n');
        }
        for (size_t k = 0; k < list->rows[i].n_options; k++)
            print_fish_option(path, &list->rows[i].options[k]);
    }
}

int cmd_completion(int argc, char **argv)
{
    static const struct {
        const char *shell;
        void (*print)(const struct known_list *list);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    struct options options = {0};
    struct known_list list = {0};
    int rc;

    if (!options_parse(&table, argc, argv, &options, &rc))
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(options.words.at[0], shells[i].shell) != 0)
            continue;
        if (known_collect(&list) < 0)
            return EX_CANTCREAT;
        shells[i].print(&list);
        known_free(&list);
        return fflush(stdout) == 0 ? 0 : EX_IOERR;
    }
    return cmd_misuse("completion", options.words.at[0]);
}
