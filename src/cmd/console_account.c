/* triaged console account add|list|lock|unlock|remove: who may sign in. Runs as somebody who may create roles
 * (postgres.conninfo), not as the console. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "console/session.h"
#include "queue/console.h"

enum { LIST_BYTES_MAX = 4 << 20 };

struct options {
    struct cmd_common common;
    struct option_words words;
    const char *name;
    bool auditor, no_password, json;
};

static const struct option_row option_rows[] = {
    ROW_FLAG("--auditor", auditor, "add: sees the figures of each reviewer too"),
    ROW_FLAG("--no-password", no_password, "add: signs in through the trusted proxy only"),
    ROW_FLAG("--json", json, "list: as JSON"),
};
static const struct option_table table_of_options = {
    .command = "console account",
    OPTION_WORDS("add NAME | list | lock NAME | unlock NAME | remove NAME", 1, 2),
    .about = "Who may sign in to the console. NAME is a database role: add makes it, without a login of its own, or "
             "takes the one that exists if it may do no more than a reviewer. The password is asked for on a terminal, "
             "else read from standard input, one line. add again gives another password. The user of postgres.conninfo "
             "needs the role triage_migrator and the right to create roles.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "lock ends the sessions; unlock also forgets wrong passwords. remove ends the sessions and takes the role "
             "from the console; the role itself stays, the history names it.",
    .example = "triaged console account add ana --auditor",
};

/* ---- the password ---- */

static size_t read_line(char *out, size_t max)
{
    size_t len;

    if (!fgets(out, (int)max, stdin))
        return 0;
    len = strlen(out);
    while (len && (out[len - 1] == '\n' || out[len - 1] == '\r'))
        out[--len] = '\0';
    return len;
}

/* On a terminal without echo. */
static size_t ask(const char *prompt, char *out, size_t max)
{
    struct termios before, quiet;
    size_t len;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return read_line(out, max);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fputs(prompt, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    len = read_line(out, max);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return len;
}

static int read_password(char hash[PASSWORD_HASH_MAX], struct err *reterr)
{
    char once[PASSWORD_MOST + 3], twice[PASSWORD_MOST + 3];
    bool terminal = isatty(STDIN_FILENO);
    int rc;

    if (sodium_init() < 0)
        return err_set(reterr, ERR_PERMANENT, EX_OSERR, "the system gives no random numbers");
    once[0] = twice[0] = '\0';
    ask("Password: ", once, sizeof once);
    if (terminal)
        ask("Again: ", twice, sizeof twice);
    if (terminal && strcmp(once, twice) != 0)
        rc = err_set(reterr, ERR_PERMANENT, EX_DATAERR, "type the same password twice: they differ");
    else
        rc = password_hash(once, hash, reterr);
    sodium_memzero(once, sizeof once);
    sodium_memzero(twice, sizeof twice);
    return rc;
}

/* ---- the verbs ---- */

static int add(struct queue *queue, const struct options *options, struct err *reterr)
{
    char hash[PASSWORD_HASH_MAX];
    CLEANUP(mem_freep) char *how = NULL;

    if (!options->no_password && read_password(hash, reterr) < 0)
        return -1;
    if (console_account_add(queue, options->name, options->no_password ? NULL : hash, options->auditor, &how, reterr) <
        0)
        return -1;
    printf("%s may sign in to the console%s; %s\n", options->name,
           options->no_password ? " through the trusted proxy" : "", how);
    return 0;
}

static int none_of(const struct options *options, struct err *reterr)
{
    return err_set(reterr, ERR_PERMANENT, EX_NOUSER, "check the name: there is no account %s", options->name);
}

static int lock_to(struct queue *queue, const struct options *options, bool lock, struct err *reterr)
{
    bool found;

    if (console_account_lock(queue, options->name, lock, &found, reterr) < 0)
        return -1;
    if (!found)
        return none_of(options, reterr);
    printf("%s is %s\n", options->name, lock ? "locked, and signed out" : "unlocked");
    return 0;
}

static int lock_it(struct queue *queue, const struct options *options, struct err *reterr)
{
    return lock_to(queue, options, true, reterr);
}

static int unlock_it(struct queue *queue, const struct options *options, struct err *reterr)
{
    return lock_to(queue, options, false, reterr);
}

static int remove_it(struct queue *queue, const struct options *options, struct err *reterr)
{
    bool found;

    if (console_account_remove(queue, options->name, &found, reterr) < 0)
        return -1;
    if (!found)
        return none_of(options, reterr);
    printf("%s can no longer sign in; the database role %s is still there\n", options->name, options->name);
    return 0;
}

static const char *state_of(const cJSON *account)
{
    if (json_bool(account, "locked", false))
        return "locked";
    if (json_num(account, "wait_seconds", 0) > 0)
        return "waits after wrong passwords";
    return json_bool(account, "has_password", false) ? "open" : "open, by the proxy only";
}

static int list(struct queue *queue, const struct options *options, struct err *reterr)
{
    const struct json_limits limits = {LIST_BYTES_MAX, JSON_DEPTH_MAX, LIST_BYTES_MAX};
    CLEANUP(mem_freep) char *json = NULL;
    CLEANUP(json_done) cJSON *accounts = NULL;
    const cJSON *account;

    if (console_account_list(queue, &json, reterr) < 0 ||
        json_parse(json, strlen(json), &limits, &accounts, reterr) < 0)
        return -1;
    if (options->json) {
        puts(json);
        return 0;
    }
    printf("%-24s %-28s %8s  %s\n", "name", "state", "sessions", "last signed in");
    cJSON_ArrayForEach(account, accounts)
        printf("%-24s %-28s %8.0f  %.19s\n", json_str(account, "name", ""), state_of(account),
               json_num(account, "sessions", 0), json_str(account, "signed_in_at", "never"));
    return 0;
}

static const struct verb {
    const char *name;
    int (*run)(struct queue *queue, const struct options *options, struct err *reterr);
    bool named;
} verb_table[] = {
    {"add", add, true},          {"list", list, false},       {"lock", lock_it, true},
    {"unlock", unlock_it, true}, {"remove", remove_it, true},
};

static const struct verb *verb_of(const struct option_words *words)
{
    for (size_t i = 0; i < ARRAY_LEN(verb_table); i++) {
        if (strcmp(verb_table[i].name, words->at[0]) == 0 && verb_table[i].named == (words->n > 1))
            return &verb_table[i];
    }
    fputs("triaged console account: give one of add NAME, list, lock NAME, unlock NAME, remove NAME; see --help\n",
          stderr);
    return NULL;
}

int cmd_console_account(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct queue *queue = NULL;
    const struct verb *verb;
    struct err err = {0};
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    verb = verb_of(&options.words);
    if (!verb)
        return EX_USAGE;
    options.name = options.words.n > 1 ? options.words.at[1] : NULL;
    rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (queue_open(&config->postgres, "triaged-console-account", &queue, &err) < 0 ||
        verb->run(queue, &options, &err) < 0)
        rc = cmd_fail("console account", &err);
    queue_close(queue);
    config_free(config);
    return rc;
}
