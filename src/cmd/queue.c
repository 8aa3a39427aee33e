/* triaged queue: the review queue from a terminal. Every verb is one call of an SQL function; the rules live there. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"
#include "triage/decision.h"

enum { LIST_DEFAULT = 20, LIST_MAX = 1000, KEY_BYTES = 16, ANSWER_JSON_MAX = 8 << 20 };

struct queue_options {
    struct cmd_common common;
    const char *reviewer, *label, *text, *reason, *seconds, *key, *outcome;
    int64_t item, claim;
    int count;
    bool json, help;
};

/* ---- options ---- */

static const struct {
    const char *name;
    size_t at;
} text_options[] = {
    {"--reviewer", offsetof(struct queue_options, reviewer)}, {"--label", offsetof(struct queue_options, label)},
    {"--text", offsetof(struct queue_options, text)},         {"--reason", offsetof(struct queue_options, reason)},
    {"--seconds", offsetof(struct queue_options, seconds)},   {"--key", offsetof(struct queue_options, key)},
    {"--outcome", offsetof(struct queue_options, outcome)},
};

static bool take_text_option(struct queue_options *options, const char *name, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(text_options); i++) {
        if (strcmp(text_options[i].name, name) == 0) {
            *(const char **)((char *)options + text_options[i].at) = value;
            return true;
        }
    }
    return false;
}

static int parse_one(struct queue_options *options, int argc, char **argv, int *i, int *positional)
{
    const char *word = argv[*i];
    char *end;

    if (strcmp(word, "--json") == 0) {
        options->json = true;
    } else if (strcmp(word, "--help") == 0) {
        options->help = true;
    } else if (strncmp(word, "--", 2) == 0 || strcmp(word, "-n") == 0) {
        if (*i + 1 >= argc)
            return cmd_misuse("queue", word);
        (*i)++;
        if (strcmp(word, "-n") == 0 || strcmp(word, "--count") == 0)
            options->count = (int)strtol(argv[*i], NULL, 10);
        else if (!take_text_option(options, word, argv[*i]))
            return cmd_misuse("queue", word);
    } else {
        int64_t number = strtoll(word, &end, 10);
        if (*end || end == word || *positional > 1)
            return cmd_misuse("queue", word);
        *((*positional)++ == 0 ? &options->item : &options->claim) = number;
    }
    return 0;
}

static int parse(struct queue_options *options, int argc, char **argv)
{
    int positional = 0;

    for (int i = 1; i < argc; i++) {
        int rc = cmd_common_take(&options->common, argc, argv, &i);
        if (rc < 0)
            return EX_USAGE;
        if (!rc) {
            rc = parse_one(options, argc, argv, &i, &positional);
            if (rc)
                return rc;
        }
    }
    return 0;
}

/* ---- printing ---- */

static cJSON *parse_json(const char *json)
{
    return cJSON_Parse(json); /* made by Postgres from jsonb: no gate needed */
}

static void print_row(const cJSON *row)
{
    const cJSON *claimed_by = json_get(row, "claimed_by");

    printf("%8.0f  %-8s %-20s %-7s %5.2f  %-16.16s  %s%s\n", json_num(row, "item_id", 0), json_str(row, "state", ""),
           json_str(row, "label", ""), json_str(row, "risk", ""), json_num(row, "confidence", 0),
           json_str(row, "due_at", ""), json_str(row, "subject", ""), cJSON_IsString(claimed_by) ? "  (claimed)" : "");
}

static void print_reasons(const cJSON *request)
{
    const cJSON *reason;

    const cJSON *decision = json_get(request, "decision");

    printf("Why it is here:\n");
    cJSON_ArrayForEach(reason, json_get(decision, "reasons"))
    {
        const char *code = cJSON_GetStringValue(reason);
        if (code && strcmp(code, reason_name(REASON_RULE)) == 0) {
            printf("  %-22s The policy's rule %s.\n", code, json_str(decision, "rule_id", ""));
            continue;
        }
        for (size_t i = 0; code && i < REASON_COUNT; i++) {
            if (strcmp(reason_name((enum reason)i), code) == 0)
                printf("  %-22s %s\n", code, reason_description((enum reason)i));
        }
    }
}

static void print_alternatives(const cJSON *request)
{
    const cJSON *one;

    printf("Proposed label:");
    cJSON_ArrayForEach(one, json_get(json_get(request, "decision"), "alternatives"))
        printf("  %s (%.2f)", json_str(one, "label", ""), json_num(one, "confidence", 0));
    puts("");
}

/* One item as a card: who asks, what, what is proposed, why, and what to type next. */
static void print_item(const cJSON *item, const cJSON *request, const cJSON *ticket, const char *draft)
{
    int64_t number = 0, claim = 0;

    (void)json_int64(item, "item_id", &number);
    (void)json_int64(item, "claim_no", &claim);
    printf("\nItem %" PRId64 "  claim %" PRId64 "  %s revision %.0f  risk %s  due %s\n", number, claim,
           json_str(item, "key", ""), json_num(item, "revision", 0), json_str(item, "risk", ""),
           json_str(item, "due_at", ""));
    printf("Subject: %s\n\n%s\n\n", json_str(ticket, "subject", ""), json_str(ticket, "body_text", ""));
    print_alternatives(request);
    print_reasons(request);
    if (*json_str(request, "guideline", ""))
        printf("Guideline: %s\n", json_str(request, "guideline", ""));
    printf("Draft:\n%s\n", draft && *draft ? draft : "(none)");
    if (claim)
        printf("\nAccept: triaged queue resolve %" PRId64 " %" PRId64
               "   change: --label L --text '…'   skip: triaged queue skip %" PRId64 " %" PRId64 " --reason '…'\n",
               number, claim, number, claim);
}

static void print_claimed(const char *json)
{
    cJSON *rows = parse_json(json);
    const cJSON *row;

    if (cJSON_GetArraySize(rows) == 0)
        puts("nothing to claim: the queue is empty, or everything in it is claimed or snoozed");
    cJSON_ArrayForEach(row, rows)
        print_item(row, json_get(row, "request"), json_get(row, "ticket"), json_str(row, "draft", ""));
    cJSON_Delete(rows);
}

static void print_list(const char *json)
{
    cJSON *rows = parse_json(json);
    const cJSON *row;

    printf("%8s  %-8s %-20s %-7s %5s  %-16s  %s\n", "item", "state", "label", "risk", "conf", "due", "subject");
    cJSON_ArrayForEach(row, rows) print_row(row);
    if (cJSON_GetArraySize(rows) == 0)
        puts("the queue is empty");
    cJSON_Delete(rows);
}

static void print_shown(const char *json)
{
    cJSON *shown = parse_json(json);
    const cJSON *event;

    print_item(json_get(shown, "item"), json_get(shown, "request"), json_get(shown, "ticket"),
               json_str(shown, "draft", ""));
    puts("History:");
    cJSON_ArrayForEach(event, json_get(shown, "history"))
        printf("  %-19.19s  %-12s %s\n", json_str(event, "at", ""), json_str(event, "event", ""),
               json_str(event, "actor", ""));
    cJSON_Delete(shown);
}

static void print_statistics(const char *json)
{
    cJSON *rows = parse_json(json);
    const cJSON *row;

    printf("%-12s %-16s %-22s %8s\n", "state", "group", "label", "items");
    cJSON_ArrayForEach(row, rows)
        printf("%-12s %-16s %-22s %8.0f\n", json_str(row, "state", ""), json_str(row, "review_group", ""),
               json_str(row, "label", ""), json_num(row, "items", 0));
    cJSON_Delete(rows);
}

static void print_resolved(const char *json)
{
    cJSON *answer = parse_json(json);

    printf("resolved; published after %s unless you undo it\n", json_str(answer, "held_until", "?"));
    cJSON_Delete(answer);
}

/* ---- verbs ---- */

typedef int verb_run(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr);

static int run_list(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr)
{
    int n = options->count > 0 && options->count <= LIST_MAX ? options->count : LIST_DEFAULT;

    return queue_list(queue, n, ret_json, reterr);
}

static int run_claim(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr)
{
    return queue_claim(queue, options->reviewer, options->count > 0 ? options->count : 1, ret_json, reterr);
}

static int run_show(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr)
{
    return queue_show(queue, options->item, ret_json, reterr);
}

static int run_stats(struct queue *queue, UNUSED struct queue_options *options, char **ret_json, struct err *reterr)
{
    return queue_statistics(queue, ret_json, reterr);
}

/* A resolution without --key gets one of its own: a second call is then a second answer, and refused. */
static int run_resolve(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr)
{
    unsigned char random[KEY_BYTES];
    char key[2 * KEY_BYTES + 1];
    const char *outcome = options->outcome;

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(key, sizeof key, random, sizeof random);
    if (!outcome)
        outcome = options->label ? "relabelled" : options->text ? "edited" : "accepted";
    const struct queue_answer answer = {.item = options->item,
                                        .claim_no = options->claim,
                                        .idempotency_key = options->key ? options->key : key,
                                        .outcome = outcome,
                                        .final_label = options->label,
                                        .final_text = options->text,
                                        .seconds = options->seconds};
    if (!options->key)
        fprintf(stderr, "idempotency key %s (for 'triaged queue undo %" PRId64 " --key …')\n", key, options->item);
    return queue_resolve(queue, &answer, ret_json, reterr);
}

static int run_release(struct queue *queue, struct queue_options *options, UNUSED char **ret_json, struct err *reterr)
{
    return queue_release(queue, options->item, options->claim, reterr);
}

static int run_skip(struct queue *queue, struct queue_options *options, UNUSED char **ret_json, struct err *reterr)
{
    return queue_skip(queue, options->item, options->claim, options->reason ? options->reason : "", reterr);
}

static int run_undo(struct queue *queue, struct queue_options *options, char **ret_json, struct err *reterr)
{
    return queue_undo(queue, options->item, options->key ? options->key : "", ret_json, reterr);
}

static const struct verb {
    const char *name, *usage, *about;
    verb_run *run;
    void (*print)(const char *json); /* for people; NULL: says "done" */
} verbs[] = {
    {"list", "[--count N]", "Shows what waits, the next best first.", run_list, print_list},
    {"claim", "[--reviewer NAME] [--count N]", "Takes the next best item for you and shows it.", run_claim,
     print_claimed},
    {"show", "ITEM", "Shows one item with its history.", run_show, print_shown},
    {"resolve", "ITEM CLAIM [--label L] [--text T] [--outcome O] [--seconds S] [--key K]",
     "Decides a claimed item: accepts what is proposed, or says what is right instead.", run_resolve, print_resolved},
    {"release", "ITEM CLAIM", "Gives a claimed item back.", run_release, NULL},
    {"skip", "ITEM CLAIM --reason TEXT", "Gives it back and is not offered it again for a while.", run_skip, NULL},
    {"undo", "ITEM --key K", "Takes a resolution back while it is held.", run_undo, NULL},
    {"stats", "", "Counts items by state, group and label.", run_stats, print_statistics},
};

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct queue_options options = {.reviewer = ""};
    struct config *config = NULL;
    struct queue *queue = NULL;
    struct err err = {0};
    char *json = NULL;
    int rc = parse(&options, argc, argv);

    if (rc)
        return rc;
    if (options.help) {
        printf("usage: triaged queue %s %s [--json] [--config FILE]\n\n%s\n", verb->name, verb->usage, verb->about);
        return 0;
    }
    rc = cmd_load_config(&options.common, &config);
    if (rc)
        return rc;
    if (queue_open(&config->postgres, "triaged-queue", &queue, &err) < 0 || verb->run(queue, &options, &json, &err) < 0)
        rc = cmd_fail("queue", &err);
    else if (options.json)
        puts(json ? json : "{}");
    else if (verb->print && json)
        verb->print(json);
    else
        puts("done");
    mem_free(json);
    queue_close(queue);
    config_free(config);
    return rc;
}

int cmd_queue(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            return run_verb(&verbs[i], argc - 1, argv + 1);
    }
    printf("usage: triaged queue VERB …   ('triaged queue VERB --help' tells more)\n\n");
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        printf("  %-8s %s\n", verbs[i].name, verbs[i].about);
    return argc > 1 && strcmp(argv[1], "--help") == 0 ? 0 : EX_USAGE;
}
