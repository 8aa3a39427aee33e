/* triaged control show | cap | lift: what each class may do at most, as every worker reads it from triage.control. */
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
#include "kafka/reader.h"
#include "kafka/sender.h"
#include "triage/controls.h"
#include "triage/policy.h"

enum { READ_MS = 200, SEND_TIMEOUT_MS = 15000, SHOWN_MAX = LABELS_MAX };

struct options {
    struct cmd_common common;
    const char *label, *cap, *reason;
    bool help;
};

static int parse(struct options *self, const char *name, int argc, char **argv)
{
    *self = (struct options){0};
    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&self->common, argc, argv, &i);
        const char **place = strcmp(argv[i], "--class") == 0    ? &self->label
                             : strcmp(argv[i], "--cap") == 0    ? &self->cap
                             : strcmp(argv[i], "--reason") == 0 ? &self->reason
                                                                : NULL;
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0) {
            self->help = true;
            continue;
        }
        if (!place)
            return cmd_misuse(name, argv[i]);
        if (i + 1 == argc)
            return cmd_needs_value(name, argv[i]);
        *place = argv[++i];
    }
    return 0;
}

/* ---- show ---- */

struct shown {
    char *key, *value; /* value NULL: lifted */
};

static struct shown *find(struct shown *list, size_t *n, const struct record *record)
{
    for (size_t i = 0; i < *n; i++) {
        if (strlen(list[i].key) == record->key_len && memcmp(list[i].key, record->key, record->key_len) == 0)
            return &list[i];
    }
    if (*n == SHOWN_MAX)
        return NULL;
    list[*n] = (struct shown){.key = mem_strndup(record->key, record->key_len)};
    return &list[(*n)++];
}

static int read_topic(const struct config_kafka *kafka, struct shown *list, size_t *n, struct err *reterr)
{
    struct reader *reader;
    struct reader_record in;
    int got = 0;

    if (reader_open(kafka, kafka->topic_control, true, &reader, reterr) < 0)
        return -1;
    while (got >= 0 && got != 2) {
        got = reader_next(reader, READ_MS, &in, reterr);
        if (got == 1 && in.record.key) {
            struct shown *one = find(list, n, &in.record);
            if (!one)
                continue;
            mem_free(one->value);
            one->value = in.record.value ? mem_strndup(in.record.value, in.record.value_len) : NULL;
        }
    }
    reader_close(reader);
    return got < 0 ? -1 : 0;
}

static void print_cap(const struct shown *one)
{
    CLEANUP(json_done) cJSON *doc = cJSON_Parse(one->value);

    printf("%-32s %-8s %-16s %s, by %s: %s\n", one->key, json_str(doc, "cap", "?"), json_str(doc, "reason", "?"),
           json_str(doc, "at", "?"), json_str(doc, "by", "?"), json_str(doc, "text", ""));
}

static int show(const struct config *config, struct err *reterr)
{
    struct shown *list = mem_array(SHOWN_MAX, sizeof *list);
    size_t n = 0, caps = 0;
    int rc = read_topic(&config->kafka, list, &n, reterr);

    for (size_t i = 0; i < n; i++) {
        if (rc == 0 && list[i].value) {
            print_cap(&list[i]);
            caps++;
        }
        mem_free(list[i].key);
        mem_free(list[i].value);
    }
    mem_free(list);
    if (rc == 0 && caps == 0)
        puts("nothing is capped: every class may do what its policy says");
    return rc;
}

int cmd_control_show(int argc, char **argv)
{
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int rc = parse(&options, "control show", argc, argv);

    if (rc)
        return rc;
    if (options.help) {
        puts("usage: triaged control show [--config FILE] [--set section.key=value]\n\n"
             "Lists the caps in force: class, what it may do at most, why, since when and by whom. Changes nothing.");
        return 0;
    }
    rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (show(config, &err) < 0)
        rc = cmd_fail("control show", &err);
    config_free(config);
    return rc;
}

/* ---- cap and lift ---- */

static const struct {
    const char *name;
    enum mode mode;
} cap_words[] = {{"off", MODE_OFF}, {"shadow", MODE_SHADOW}, {"suggest", MODE_SUGGEST}};

static int publish(const struct config_kafka *kafka, const struct message *message, struct err *reterr)
{
    struct sender *sender = NULL;
    long failed = 0;
    int rc = sender_open(kafka, &sender, reterr);

    if (rc == 0)
        rc = sender_send(sender, kafka->topic_control, message, reterr);
    if (rc == 0)
        rc = sender_finish(sender, SEND_TIMEOUT_MS, &failed, reterr);
    if (rc == 0 && failed)
        rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "it could not be published: try again");
    sender_close(sender);
    return rc;
}

static int make(const struct options *options, const struct policy *policy, bool lift, struct message *ret_message,
                struct err *reterr)
{
    struct control_cap cap = {.profile = policy_profile(policy),
                              .label = options->label,
                              .reason = "operator",
                              .text = options->reason,
                              .by = getenv("USER") ? getenv("USER") : "",
                              .promise = "",
                              .now_wall_us = clock_wall_us()};
    size_t i = 0;

    if (strcmp(options->label, CONTROL_ALL) != 0 && !policy_class_find(policy, options->label))
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "the policy has no class %s; * stands for all", options->label);
    if (lift) {
        control_lift_encode(cap.profile, options->label, ret_message);
        return 0;
    }
    while (i < ARRAY_LEN(cap_words) && strcmp(cap_words[i].name, options->cap) != 0)
        i++;
    if (i == ARRAY_LEN(cap_words))
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "a cap is off, shadow or suggest, not %s", options->cap);
    cap.mode = cap_words[i].mode;
    control_encode(&cap, ret_message);
    return 0;
}

static int change(const struct config *config, const struct options *options, bool lift, struct err *reterr)
{
    struct policy *policy = NULL;
    struct message message = {0};
    int rc = policy_load_on(config->triage.policy_file, config->triage.policy_floor_file, &policy, reterr);

    if (rc == 0)
        rc = make(options, policy, lift, &message, reterr);
    if (rc == 0)
        rc = publish(&config->kafka, &message, reterr);
    if (rc == 0)
        printf("%s: %s\n", message.key, lift ? "lifted; the policy alone counts again" : options->cap);
    message_free(&message);
    policy_free(policy);
    return rc;
}

static int run(const char *name, int argc, char **argv, bool lift, const char *help)
{
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int rc = parse(&options, name, argc, argv);

    if (rc)
        return rc;
    if (options.help) {
        puts(help);
        return 0;
    }
    if (!options.label || (!lift && (!options.cap || !options.reason)) ||
        (options.reason && strlen(options.reason) > CONTROL_TEXT_MAX)) {
        fprintf(stderr, "triaged %s: --class%s needed, a reason of at most %d bytes; try --help\n", name,
                lift ? " is" : ", --cap and --reason are", CONTROL_TEXT_MAX);
        return EX_USAGE;
    }
    rc = cmd_load_profile(&options.common, &config);
    if (rc)
        return rc;
    if (change(config, &options, lift, &err) < 0)
        rc = cmd_fail(name, &err);
    config_free(config);
    return rc;
}

int cmd_control_cap(int argc, char **argv)
{
    return run("control cap", argc, argv, false,
               "usage: triaged control cap --class LABEL|'*' --cap off|shadow|suggest --reason TEXT [--config FILE]\n\n"
               "Lowers what a class may do, at once and in every worker; * is every class of the policy. suggest: nothing\n"
               "goes out without the helpdesk's own agent; shadow and off: a person decides. It stands on record in\n"
               "triage.control until it is lifted, and each decision that it changes carries the reason autonomy_capped.");
}

int cmd_control_lift(int argc, char **argv)
{
    return run("control lift", argc, argv, true,
               "usage: triaged control lift --class LABEL|'*' [--config FILE]\n\n"
               "Lifts a cap, an operator's or that of a broken promise: the policy alone counts again.");
}
