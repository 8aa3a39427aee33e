/* triaged control show | cap | lift | stop | resume | takeover: what the machine may do, as every worker reads it from
 * triage.control. Needs no Postgres. One table of the commands. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/control_topic.h"
#include "cmd/options.h"
#include "triage/controls.h"
#include "triage/policy.h"

enum { STOP_LASTS_S = 7 * 86400, TAKEOVER_LASTS_S = 8 * 3600 };

struct options {
    struct cmd_common common;
    const char *label, *profile, *key, *cap, *reason, *by, *lasts;
    bool all, json, help;
};

/* ---- options ---- */

static const struct option_row option_rows[] = {
    OPTION_ROW("--class", "LABEL", OPTION_TEXT, label), OPTION_ROW("--key", "KEY", OPTION_TEXT, key),
    OPTION_ROW("--cap", "MODE", OPTION_TEXT, cap),      OPTION_ROW("--reason", "TEXT", OPTION_TEXT, reason),
    OPTION_ROW("--by", "NAME", OPTION_TEXT, by),        OPTION_ROW("--for", "TIME", OPTION_TEXT, lasts),
    OPTION_ROW("--all", NULL, OPTION_FLAG, all),        OPTION_ROW("--json", NULL, OPTION_FLAG, json),
    OPTION_ROW("--help", NULL, OPTION_FLAG, help),
};

static int parse(struct options *self, const char *name, int argc, char **argv)
{
    const struct option_table table = {
        .command = name, .words = "", .rows = option_rows, .n_rows = ARRAY_LEN(option_rows), .configured = true};
    struct option_words words = {0};
    int rc;

    *self = (struct options){0};
    rc = options_parse(&table, argc, argv, self, &words, &self->common);
    self->profile = self->common.profile;
    self->common.profile = NULL;
    return rc;
}

/* 90s, 15m, 8h or 7d. */
static int lasts_of(const struct options *options, int otherwise_s, int64_t *ret_us, struct err *reterr)
{
    static const struct {
        char unit;
        int seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    long n, seconds = 0;
    char *end = NULL;

    *ret_us = otherwise_s * 1000000LL;
    if (!options->lasts)
        return 0;
    n = strtol(options->lasts, &end, 10);
    for (size_t i = 0; i < ARRAY_LEN(units) && n > 0 && n <= CONTROL_LASTS_MAX_S; i++) {
        if (*end == units[i].unit && end[1] == '\0')
            seconds = n * units[i].seconds;
    }
    if (seconds <= 0 || seconds > CONTROL_LASTS_MAX_S)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE,
                       "--for: give a time such as 90s, 15m, 8h or 7d, of at most 90 days");
    *ret_us = seconds * 1000000LL;
    return 0;
}

/* ---- show ---- */

static bool in_force(const struct control_entry *one, int64_t now)
{
    return !one->expires || one->until_wall_us > now;
}

static void print_entry(const struct control_entry *one, int64_t now)
{
    CLEANUP(json_done) cJSON *doc = cJSON_Parse(one->value);
    const char *says = json_str(doc, "cap", json_str(doc, "level", json_str(doc, "state", json_str(doc, "type", "?"))));

    printf("%-40s %-9s %-16s %s, by %s: %s", one->key, says, json_str(doc, "reason", "?"), json_str(doc, "at", "?"),
           json_str(doc, "by", "?"), json_str(doc, "text", ""));
    if (one->expires)
        printf(" (%s %s)", in_force(one, now) ? "until" : "expired", json_str(doc, "until", "?"));
    putchar('\n');
}

static void print_json(const struct control_list *list, int64_t now)
{
    CLEANUP(json_done) cJSON *array = cJSON_CreateArray();
    CLEANUP(mem_freep) char *text = NULL;

    for (size_t i = 0; i < list->n; i++) {
        const struct control_entry *one = &list->entries[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "key", one->key);
        cJSON_AddItemToObject(item, "value", cJSON_Parse(one->value));
        cJSON_AddBoolToObject(item, "in_force", in_force(one, now));
        cJSON_AddItemToArray(array, item);
    }
    text = json_text(array);
    puts(text);
}

static int show(const struct config *config, const struct options *options, struct err *reterr)
{
    struct control_list list;
    int64_t now = clock_wall_us();

    if (control_list_read(&config->kafka, &list, reterr) < 0)
        return -1;
    for (size_t i = 0; i < list.n && !options->json; i++)
        print_entry(&list.entries[i], now);
    if (options->json)
        print_json(&list, now);
    else if (list.n == 0)
        puts("nothing is stopped, capped or taken over, and no level is on record: every class may do what its policy "
             "says");
    control_list_done(&list);
    return 0;
}

/* ---- records ---- */

static int own_profile(const struct config *config, char out[CONTROL_PROFILE_MAX], const char *label,
                       struct err *reterr)
{
    struct policy *policy = NULL;
    int rc = 0;

    if (policy_load_on(config->triage.policy_file, config->triage.policy_floor_file, &policy, reterr) < 0)
        return -1;
    snprintf(out, CONTROL_PROFILE_MAX, "%s", policy_profile(policy));
    if (strcmp(label, CONTROL_ALL) != 0 && !policy_class_find(policy, label))
        rc = err_set(reterr, ERR_PERMANENT, EX_USAGE, "the policy has no class %s; * stands for all", label);
    policy_free(policy);
    return rc;
}

/* Whom the record is about: one of conversation, class, profile and everything. */
static int name_record(const struct config *config, const struct options *options, char profile[CONTROL_PROFILE_MAX],
                       struct control_record *record, struct err *reterr)
{
    if (!!options->key + !!options->label + options->all + (options->profile && !options->label) != 1)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE,
                       "say what: one of --key KEY, --class LABEL [--profile P], --profile P and --all");
    if (options->key && ticket_key_check(options->key, strlen(options->key)) < 0)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--key: give the record key: tenant/system/instance/ticket_id");
    record->key = options->key;
    record->label = options->label;
    record->profile = options->profile;
    if (!options->label || options->profile)
        return 0;
    record->profile = profile;
    return own_profile(config, profile, options->label, reterr);
}

static int cap_record(const struct config *config, const struct options *options, char profile[CONTROL_PROFILE_MAX],
                      struct control_record *record, struct err *reterr)
{
    if (!options->label || options->key || options->all)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "say what: --class LABEL, or --class '*' for every class");
    record->type = CONTROL_CAP;
    if (options->cap && (control_mode_of(options->cap, &record->mode) < 0 || record->mode == MODE_AUTO))
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "a cap is off, shadow, suggest or hold, not %s", options->cap);
    return name_record(config, options, profile, record, reterr);
}

static int stop_record(const struct config *config, const struct options *options, char profile[CONTROL_PROFILE_MAX],
                       struct control_record *record, struct err *reterr)
{
    int64_t lasts;

    record->type = CONTROL_STOP;
    if (lasts_of(options, STOP_LASTS_S, &lasts, reterr) < 0)
        return -1;
    if (options->lasts && !options->key)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--for: only a conversation's switch expires");
    record->until_wall_us = record->now_wall_us + lasts;
    return name_record(config, options, profile, record, reterr);
}

static int takeover_record(const struct config *config, const struct options *options,
                           char profile[CONTROL_PROFILE_MAX], struct control_record *record, struct err *reterr)
{
    int64_t lasts;

    record->type = CONTROL_TAKEOVER;
    if (!options->key)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "say which: --key tenant/system/instance/ticket_id");
    if (lasts_of(options, TAKEOVER_LASTS_S, &lasts, reterr) < 0)
        return -1;
    record->until_wall_us = record->now_wall_us + lasts;
    return name_record(config, options, profile, record, reterr);
}

/* ---- writing ---- */

/* Records of conversations that have expired go with the next one, so that the topic does not grow for ever. */
static int add_conversation(const struct config *config, const char *own_key, struct message **messages, size_t *n,
                            struct err *reterr)
{
    struct control_list list;
    int64_t now = clock_wall_us();
    size_t live = 0;

    if (control_list_read(&config->kafka, &list, reterr) < 0)
        return -1;
    *messages = mem_grow(*messages, *n + list.n, sizeof **messages);
    for (size_t i = 0; i < list.n; i++) {
        const struct control_entry *one = &list.entries[i];
        bool same = strcmp(one->key, own_key) == 0;
        live += one->conversation && one->until_wall_us > now && !same;
        if (one->conversation && one->until_wall_us <= now && !same)
            (*messages)[(*n)++] = (struct message){.key = mem_strdup(one->key), .key_len = strlen(one->key)};
    }
    control_list_done(&list);
    if (live >= CONTROL_CONVERSATIONS_MAX)
        return err_set(
            reterr, ERR_PERMANENT, EX_UNAVAILABLE,
            "lift some with 'triaged control resume --key KEY', or stop a class: %zu conversations are switched "
            "and there is room for %d",
            live, CONTROL_CONVERSATIONS_MAX);
    return 0;
}

static int write_record(const struct config *config, const struct control_record *record, bool lift, struct err *reterr)
{
    struct message *messages = mem_array(2, sizeof *messages);
    size_t n = 1;
    int rc = 0;

    if (!lift) {
        control_encode(record, &messages[0]);
        if (record->key)
            rc = add_conversation(config, messages[0].key, &messages, &n, reterr);
    } else {
        control_lift_encode(record, &messages[0]);
        if (record->key) { /* whichever of the two stands */
            const struct control_record other = {.type = CONTROL_TAKEOVER, .key = record->key};
            control_lift_encode(&other, &messages[n++]);
        }
    }
    if (rc == 0)
        rc = control_publish(&config->kafka, messages, n, reterr);
    if (rc == 0)
        printf("%s: %s\n", messages[0].key,
               lift                          ? "lifted"
               : record->type == CONTROL_CAP ? control_mode_word(record->mode)
                                             : "in force");
    for (size_t i = 0; i < n; i++)
        message_free(&messages[i]);
    mem_free(messages);
    return rc;
}

/* ---- the commands ---- */

static const struct verb {
    const char *name;
    int (*make)(const struct config *config, const struct options *options, char profile[CONTROL_PROFILE_MAX],
                struct control_record *record, struct err *reterr); /* NULL: show */
    bool lifts, wants_cap, wants_reason;
    const char *help;
} verbs[] = {
    {"control show", NULL, false, false, false,
     "usage: triaged control show [--json] [--config FILE] [--set section.key=value]\n\n"
     "Lists what is in force: caps, levels, kill switches, conversations taken over, how the review budget stands; "
     "why,\n"
     "since when and by whom. What has expired is shown as expired until it is taken out. Changes nothing."},
    {"control cap", cap_record, false, true, true,
     "usage: triaged control cap --class LABEL|'*' [--profile P] --cap off|shadow|suggest|hold --reason TEXT [--by "
     "NAME]\n"
     "                           [--config FILE]\n\n"
     "Lowers what a class may do, at once and in every worker; * is every class of the policy. hold: answers wait "
     "before\n"
     "they go out. suggest: nothing goes out without the helpdesk's own agent; shadow and off: a person decides. It "
     "stands\n"
     "on record in triage.control until it is lifted, and each decision that it changes carries the reason\n"
     "autonomy_capped."},
    {"control lift", cap_record, true, false, false,
     "usage: triaged control lift --class LABEL|'*' [--profile P] [--config FILE]\n\n"
     "Lifts a cap: policy and earned level count again."},
    {"control stop", stop_record, false, false, true,
     "usage: triaged control stop --key KEY [--for TIME] | --class LABEL [--profile P] | --profile P | --all\n"
     "                            --reason TEXT [--by NAME] [--config FILE]\n\n"
     "The kill switch: within a second nothing of it is answered, ignored or suggested by any worker. What is in work "
     "comes\n"
     "out in review with the reason stopped, model calls for it end, answers on hold go to people. Needs no Postgres.\n"
     "KEY is the record key tenant/system/instance/ticket_id; the switch of a conversation expires, after 7 days or "
     "TIME\n"
     "(90s, 15m, 8h, 30d; at most 90 days). All others stand until 'triaged control resume'."},
    {"control resume", stop_record, true, false, false,
     "usage: triaged control resume --key KEY | --class LABEL [--profile P] | --profile P | --all [--config FILE]\n\n"
     "Lifts a kill switch; with --key a take-over too. What was stopped stays with people."},
    {"control takeover", takeover_record, false, false, false,
     "usage: triaged control takeover --key KEY [--for TIME] [--reason TEXT] [--by NAME] [--config FILE]\n\n"
     "A person has the conversation: within a second the machine keeps out of it. What is in work, and what comes, "
     "gets the\n"
     "result suggested without a draft, reason taken_over. Ends after 8 hours or TIME, or by 'triaged control "
     "resume'."},
};

static const char *person(const struct options *options)
{
    return options->by ? options->by : cmd_user();
}

static int carry_out(const struct verb *verb, const struct config *config, const struct options *options,
                     struct err *reterr)
{
    struct control_record record = {.reason = "operator",
                                    .text = options->reason ? options->reason : "",
                                    .by = person(options),
                                    .promise = "",
                                    .now_wall_us = clock_wall_us()};
    char profile[CONTROL_PROFILE_MAX];

    if (!verb->make)
        return show(config, options, reterr);
    if (verb->make(config, options, profile, &record, reterr) < 0)
        return -1;
    return write_record(config, &record, verb->lifts, reterr);
}

static int run(const struct verb *verb, int argc, char **argv)
{
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int rc = parse(&options, verb->name, argc, argv);

    if (rc)
        return rc;
    if (options.help) {
        puts(verb->help);
        return 0;
    }
    if ((verb->wants_reason && !options.reason) || (verb->wants_cap && !options.cap) ||
        (options.reason && strlen(options.reason) > CONTROL_TEXT_MAX)) {
        fprintf(stderr, "triaged %s: give %s--reason TEXT of at most %d bytes; try --help\n", verb->name,
                verb->wants_cap ? "--cap and " : "", CONTROL_TEXT_MAX);
        return EX_USAGE;
    }
    if (verb->lifts && (options.reason || options.by)) {
        fprintf(stderr, "triaged %s: leave --reason and --by away: lifting takes the record out, and keeps none\n",
                verb->name);
        return EX_USAGE;
    }
    /* Only a class without its profile asks which one is meant. A record may be about a profile of other workers, which
     * this configuration does not know; the switch of everything, or of a conversation, is about none. */
    rc = options.label && !options.profile ? cmd_load_profile(&options.common, &config)
                                           : cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (carry_out(verb, config, &options, &err) < 0)
        rc = cmd_fail(verb->name, &err);
    config_free(config);
    return rc;
}

int cmd_control_show(int argc, char **argv)
{
    return run(&verbs[0], argc, argv);
}

int cmd_control_cap(int argc, char **argv)
{
    return run(&verbs[1], argc, argv);
}

int cmd_control_lift(int argc, char **argv)
{
    return run(&verbs[2], argc, argv);
}

int cmd_control_stop(int argc, char **argv)
{
    return run(&verbs[3], argc, argv);
}

int cmd_control_resume(int argc, char **argv)
{
    return run(&verbs[4], argc, argv);
}

int cmd_control_takeover(int argc, char **argv)
{
    return run(&verbs[5], argc, argv);
}
