/* triaged control show | cap | lift | stop | resume | takeover: what the machine may do, as every worker reads it from
 * triage.control, and the trace of what was lifted. Needs no Postgres. One table of the commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/control_topic.h"
#include "triage/controls.h"
#include "triage/policy.h"

enum { STOP_LASTS_S = 7 * 86400, TAKEOVER_LASTS_S = 8 * 3600 };

struct options {
    struct cmd_common common;
    const char *label, *profile, *key, *cap, *reason, *by, *lasts;
    bool all, json;
};

/* ---- options ---- */

#define REASON(must) ROW_REASON(reason, CONTROL_TEXT_MAX, must)
#define BY           ROW_TEXT("--by", "NAME", by, "who it is that decides, for the record (default: $USER)")
#define CLASS        ROW_NEEDED("--class", "LABEL", OPTION_TEXT, label, "a class; '*' is every class of the policy")
#define OF           ROW_TEXT("--profile", "P", profile, "of this profile, where several have such a class")
/* What a switch is about. */
#define WHAT                                                                                                           \
    ROW_TEXT("--key", "KEY", key, "one conversation: the record key tenant/system/instance/ticket_id"),                \
        ROW_EITHER("--class", "LABEL", OPTION_TEXT, label, "one class, with --profile where several have it"),         \
        ROW_EITHER("--profile", "P", OPTION_TEXT, profile, "one profile"),                                             \
        ROW_EITHER("--all", NULL, OPTION_FLAG, all, "everything")

static const struct option_row show_rows[] = {
    ROW_FLAG("--all", all, "besides, who lifted what, when and why"),
    ROW_FLAG("--json", json, "one object"),
};
static const struct option_row cap_rows[] = {
    CLASS,
    ROW_NEEDED("--cap", "off|shadow|suggest|hold", OPTION_CHOICE, cap,
               "hold: answers wait before they go out. suggest: nothing goes out without the helpdesk's own agent; "
               "shadow and off: a person decides"),
    REASON(true),
    OF,
    BY,
};
static const struct option_row lift_rows[] = {CLASS, REASON(true), OF, BY};
static const struct option_row stop_rows[] = {
    WHAT,
    REASON(true),
    ROW_TEXT("--for", "TIME", lasts,
             "so long the switch of a conversation holds, as 90s, 15m, 8h or 30d; at most 90 days (default 7 days)"),
    BY,
};
static const struct option_row resume_rows[] = {WHAT, REASON(false), BY};
static const struct option_row takeover_rows[] = {
    ROW_NEEDED("--key", "KEY", OPTION_TEXT, key, "the conversation: the record key tenant/system/instance/ticket_id"),
    ROW_TEXT("--for", "TIME", lasts, "so long, as 90s, 15m, 8h or 30d; at most 90 days (default 8 hours)"),
    REASON(false),
    BY,
};

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

static void print_lifting(const struct control_entry *one)
{
    CLEANUP(json_done) cJSON *doc = cJSON_Parse(one->value);
    const cJSON *was = json_get(doc, "was");

    printf("%-40s lifted %s, by %s: %s (it stood since %s, by %s: %s)\n", json_str(doc, "lifts", "?"),
           json_str(doc, "at", "?"), json_str(doc, "by", "?"), json_str(doc, "text", ""), json_str(was, "at", "?"),
           json_str(was, "by", "?"), json_str(was, "text", ""));
}

static void add_entry(cJSON *array, const struct control_entry *one, bool holds)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "key", one->key);
    cJSON_AddItemToObject(item, "value", cJSON_Parse(one->value));
    cJSON_AddBoolToObject(item, "in_force", holds);
    cJSON_AddItemToArray(array, item);
}

static void print_json(const struct control_list *list, const struct control_list *liftings, int64_t now)
{
    CLEANUP(json_done) cJSON *array = cJSON_CreateArray();
    CLEANUP(mem_freep) char *text = NULL;

    for (size_t i = 0; i < list->n; i++)
        add_entry(array, &list->entries[i], in_force(&list->entries[i], now));
    for (size_t i = 0; i < liftings->n; i++)
        add_entry(array, &liftings->entries[i], false);
    jsonl_print(array);
}

static int show(const struct config *config, const struct options *options, struct err *reterr)
{
    CLEANUP(control_list_done) struct control_list list = {0}, liftings = {0};
    int64_t now = clock_wall_us();

    if (control_list_read(&config->kafka, &list, options->all ? &liftings : NULL, reterr) < 0)
        return -1;
    if (options->json) {
        print_json(&list, &liftings, now);
        return 0;
    }
    for (size_t i = 0; i < list.n; i++)
        print_entry(&list.entries[i], now);
    if (list.n == 0)
        puts("nothing is stopped, capped or taken over, and no level is on record: every class may do what its policy "
             "says");
    for (size_t i = 0; i < liftings.n; i++)
        print_lifting(&liftings.entries[i]);
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
    record->type = CONTROL_CAP;
    if (options->cap)
        (void)control_mode_of(options->cap, &record->mode); /* one of the choices */
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
    if (lasts_of(options, TAKEOVER_LASTS_S, &lasts, reterr) < 0)
        return -1;
    record->until_wall_us = record->now_wall_us + lasts;
    return name_record(config, options, profile, record, reterr);
}

/* ---- writing ---- */

/* What goes out together. */
struct batch {
    struct message *messages;
    size_t n, room;
};

static struct message *batch_add(struct batch *self)
{
    if (self->n == self->room) {
        self->room = self->room ? 2 * self->room : 4;
        self->messages = mem_grow(self->messages, self->room, sizeof *self->messages);
    }
    self->messages[self->n] = (struct message){0};
    return &self->messages[self->n++];
}

static void add_tombstone(struct batch *self, const char *key)
{
    *batch_add(self) = (struct message){.key = mem_strdup(key), .key_len = strlen(key)};
}

static void batch_done(struct batch *self)
{
    for (size_t i = 0; i < self->n; i++)
        message_free(&self->messages[i]);
    mem_free(self->messages);
}

/* Records of conversations that have expired go with the next one, so that the topic does not grow for ever. */
static int make_room(const struct config *config, struct batch *batch, struct err *reterr)
{
    CLEANUP(control_list_done) struct control_list list = {0};
    CLEANUP(mem_freep) char *own = mem_strdup(batch->messages[0].key);
    int64_t now = clock_wall_us();
    size_t live = 0;

    if (control_list_read(&config->kafka, &list, NULL, reterr) < 0)
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        const struct control_entry *one = &list.entries[i];
        bool same = strcmp(one->key, own) == 0;
        live += one->conversation && one->until_wall_us > now && !same;
        if (one->conversation && one->until_wall_us <= now && !same)
            add_tombstone(batch, one->key);
    }
    if (live >= CONTROL_CONVERSATIONS_MAX)
        return err_set(
            reterr, ERR_PERMANENT, EX_UNAVAILABLE,
            "lift some with 'triaged control resume --key KEY', or stop a class: %zu conversations are switched "
            "and there is room for %d",
            live, CONTROL_CONVERSATIONS_MAX);
    return 0;
}

/* A cap is never loosened in passing: who set the stricter one, and why, would be gone. */
static int refuse_looser(const struct config *config, const struct control_record *record, const char *key,
                         struct err *reterr)
{
    CLEANUP(control_list_done) struct control_list list = {0};
    CLEANUP(json_done) cJSON *stands = NULL;
    enum mode mode;

    if (control_list_read(&config->kafka, &list, NULL, reterr) < 0)
        return -1;
    mode = control_list_cap(&list, key);
    if (mode >= record->mode)
        return 0;
    stands = cJSON_Parse(control_list_find(&list, key));
    return err_set(reterr, ERR_PERMANENT, EX_UNAVAILABLE,
                   "lift the stricter cap first, with 'triaged control lift': %s stands at %s since %s, by %s: %s", key,
                   control_mode_word(mode), json_str(stands, "at", "?"), json_str(stands, "by", "?"),
                   json_str(stands, "text", ""));
}

static int put(const struct config *config, const struct control_record *record, struct batch *batch,
               struct err *reterr)
{
    control_encode(record, batch_add(batch));
    if (record->type == CONTROL_CAP && refuse_looser(config, record, batch->messages[0].key, reterr) < 0)
        return -1;
    if (record->key && make_room(config, batch, reterr) < 0)
        return -1;
    return control_publish(&config->kafka, batch->messages, batch->n, reterr);
}

/* The trace before the tombstone: nothing is lifted without one. Where nothing stood there is nothing to keep. */
static void lift_one(const struct control_record *record, const struct control_list *list, struct batch *batch)
{
    struct message tombstone;
    const char *stood;

    control_lift_encode(record, &tombstone);
    stood = control_list_find(list, tombstone.key);
    if (stood)
        control_lifted_encode(record, tombstone.key, stood, batch_add(batch));
    *batch_add(batch) = tombstone;
}

/* Of a conversation whichever of the two stands. */
static int lift(const struct config *config, const struct control_record *record, struct batch *batch,
                struct err *reterr)
{
    CLEANUP(control_list_done) struct control_list list = {0}, liftings = {0};
    struct control_record other = *record;

    if (control_list_read(&config->kafka, &list, &liftings, reterr) < 0)
        return -1;
    lift_one(record, &list, batch);
    other.type = CONTROL_TAKEOVER;
    if (record->key)
        lift_one(&other, &list, batch);
    for (size_t i = 0; i + CONTROL_LIFTED_MAX <= liftings.n; i++)
        add_tombstone(batch, liftings.entries[i].key);
    return control_publish(&config->kafka, batch->messages, batch->n, reterr);
}

static int write_record(const struct config *config, const struct control_record *record, bool lifts,
                        struct err *reterr)
{
    struct batch batch = {0};
    struct message named;
    int rc = lifts ? lift(config, record, &batch, reterr) : put(config, record, &batch, reterr);

    batch_done(&batch);
    if (rc < 0)
        return -1;
    control_lift_encode(record, &named);
    printf("%s: %s\n", named.key,
           lifts                         ? "lifted"
           : record->type == CONTROL_CAP ? control_mode_word(record->mode)
                                         : "in force");
    message_free(&named);
    return 0;
}

/* ---- the commands ---- */

static const struct verb {
    struct option_table options;
    int (*make)(const struct config *config, const struct options *options, char profile[CONTROL_PROFILE_MAX],
                struct control_record *record, struct err *reterr); /* NULL: show */
    bool lifts;
} verbs[] = {
    {{.command = "control show",
      .about = "Lists what is in force: caps, levels, kill switches, conversations taken over, how the review budget "
               "stands; why, since when and by whom. What has expired is shown as expired until it is taken out. "
               "Changes nothing.",
      .example = "triaged control show --all",
      OPTION_ROWS(show_rows),
      OPTION_CONFIGURED},
     NULL,
     false},
    {{.command = "control cap",
      .about = "Lowers what a class may do, at once and in every worker. It stands on record in triage.control until "
               "it is lifted, and each decision that it changes carries the reason autonomy_capped. A stricter cap "
               "that stands already is not loosened: lift it first (exit code 69).",
      .example = "triaged control cap --class refunds --cap suggest --reason 'new terms from Monday'",
      OPTION_ROWS(cap_rows),
      OPTION_CONFIGURED},
     cap_record,
     false},
    {{.command = "control lift",
      .about = "Lifts a cap: policy and earned level count again. Who, when and why stay on record: 'triaged control "
               "show --all'.",
      .example = "triaged control lift --class refunds --reason 'the articles know the new terms'",
      OPTION_ROWS(lift_rows),
      OPTION_CONFIGURED},
     cap_record,
     true},
    {{.command = "control stop",
      .about = "The kill switch: within a second nothing of it is answered, ignored or suggested by any worker. What "
               "is in work comes out in review with the reason stopped, model calls for it end, answers on hold go to "
               "people. Needs no Postgres.",
      .notes = "Give one of --key, --class, --profile and --all. The switch of a conversation expires; all others "
               "stand until 'triaged control resume'.",
      .example = "triaged control stop --all --reason 'the shop is down'",
      OPTION_ROWS(stop_rows),
      OPTION_CONFIGURED},
     stop_record,
     false},
    {{.command = "control resume",
      .about = "Lifts a kill switch; with --key a take-over too, and --reason may be left out. What was stopped stays "
               "with people. Who, when and why stay on record: 'triaged control show --all'.",
      .notes = "Give one of --key, --class, --profile and --all.",
      .example = "triaged control resume --all --reason 'the shop is back'",
      OPTION_ROWS(resume_rows),
      OPTION_CONFIGURED},
     stop_record,
     true},
    {{.command = "control takeover",
      .about = "A person has the conversation: within a second the machine keeps out of it. What is in work, and what "
               "comes, gets the result suggested without a draft, reason taken_over. Ends after the time given, or by "
               "'triaged control resume'.",
      .example = "triaged control takeover --key acme/zendesk/main/4711 --for 2h",
      OPTION_ROWS(takeover_rows),
      OPTION_CONFIGURED},
     takeover_record,
     false},
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
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int rc;

    if (!options_parse(&verb->options, argc, argv, &options, &rc))
        return rc;
    if (verb->lifts && !options.key && !options.reason) {
        fprintf(stderr, "triaged %s: give --reason TEXT; only with --key it may be left out\n", verb->options.command);
        return EX_USAGE;
    }
    /* Only a class without its profile asks which one is meant. A record may be about a profile of other workers, which
     * this configuration does not know; the switch of everything, or of a conversation, is about none. */
    rc = options.label && !options.profile ? cmd_load_profile(&options.common, &config)
                                           : cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (carry_out(verb, config, &options, &err) < 0)
        rc = cmd_fail(verb->options.command, &err);
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
