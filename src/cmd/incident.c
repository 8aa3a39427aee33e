/* triaged incident: which tickets a version of policy, classifier, promise or knowledge has touched, what of that went
 * out without a person, and the earlier version back in force. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/jsonl.h"
#include "cmd/results_read.h"
#include "kafka/sender.h"
#include "snapshot/versions.h"
#include "triage/controls.h"

#define NAME            "incident"
#define HASH_SHOWN      12
#define HASH_LEAST      6 /* digits that name a version */
#define TIME_MAX        40
#define STATUS_NAME_MAX 16

enum { SEND_TIMEOUT_MS = 15000 };

struct options {
    struct cmd_common common;
    const char *since, *results;
    bool json, csv, roll_back, help;
};

struct touched {
    char *key;
    int64_t revision;
    char status[STATUS_NAME_MAX], label[LABEL_MAX], at[TIME_MAX];
    double confidence;
};

/* Another version of the same kind, seen in results. */
struct earlier {
    char hash[SHA256_HEX_MAX], last[TIME_MAX];
};

struct incident {
    const struct options *options;
    bool by_time;
    bool matched;
    enum version_kind kind; /* where not by time, once matched */
    char hash[SHA256_HEX_MAX], first[TIME_MAX];
    struct touched *list;
    size_t n, cap;
    struct earlier earlier[VERSION_KIND_COUNT][64];
    size_t n_earlier[VERSION_KIND_COUNT];
};

static void help(void)
{
    puts("usage: triaged incident --since V [--json | --csv] [--results F.jsonl] [--roll-back] [--config FILE]\n\n"
         "Lists every ticket that a version has touched: V is a hash of policy, classifier, promise or knowledge as "
         "results name\n"
         "it, at least six digits of it, or a time (2026-11-24T09:30): then everything decided since. Reads the topic "
         "of\n"
         "results. Says how many were answered without a person, by class.\n\n"
         "  --json         one object a line for each ticket; --csv  a table\n"
         "  --results F    results as JSON Lines instead of the topic\n"
         "  --roll-back    sends everything of the profile to people at once, in every worker, by a cap on "
         "triage.control; puts the\n"
         "                 version before V back in its file where triage.versions_dir has a copy of it, else says "
         "which file has\n"
         "                 to be restored. Then: SIGHUP to the workers, and 'triaged control lift --class \"*\"'.\n\n"
         "exit codes: 0 done, 65 no result names V, 69 a service is away, 75 capped, and the file is still to be "
         "restored by hand");
}

static int parse(struct options *self, int argc, char **argv)
{
    *self = (struct options){0};
    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&self->common, argc, argv, &i);
        const char **to = strcmp(argv[i], "--since") == 0     ? &self->since
                          : strcmp(argv[i], "--results") == 0 ? &self->results
                                                              : NULL;
        bool *flag = strcmp(argv[i], "--json") == 0        ? &self->json
                     : strcmp(argv[i], "--csv") == 0       ? &self->csv
                     : strcmp(argv[i], "--roll-back") == 0 ? &self->roll_back
                     : strcmp(argv[i], "--help") == 0      ? &self->help
                                                           : NULL;
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        if (!to && !flag)
            return cmd_misuse(NAME, argv[i]);
        if (to && i + 1 == argc)
            return cmd_needs_value(NAME, argv[i]);
        if (to)
            *to = argv[++i];
        else
            *flag = true;
    }
    if (self->help || (self->since && (strchr(self->since, '-') || strlen(self->since) >= HASH_LEAST)))
        return 0;
    fprintf(stderr, "triaged incident: --since is needed: a time, or at least %d digits of a hash; try --help\n",
            HASH_LEAST);
    return EX_USAGE;
}

/* ---- reading ---- */

static void note_earlier(struct incident *self, enum version_kind kind, const char *hash, const char *at)
{
    struct earlier *list = self->earlier[kind];
    size_t i = 0;

    while (i < self->n_earlier[kind] && strcmp(list[i].hash, hash) != 0)
        i++;
    if (i == ARRAY_LEN(self->earlier[kind]))
        return;
    if (i == self->n_earlier[kind]) {
        snprintf(list[i].hash, sizeof list[i].hash, "%s", hash);
        list[i].last[0] = '\0';
        self->n_earlier[kind]++;
    }
    if (strcmp(at, list[i].last) > 0)
        snprintf(list[i].last, sizeof list[i].last, "%s", at);
}

/* Whether this result was decided by V; notes what other versions there were. */
static bool named(struct incident *self, const cJSON *doc, const char *at)
{
    const cJSON *provenance = json_get(doc, "provenance");
    size_t len = strlen(self->options->since);
    bool found = false;

    for (enum version_kind kind = 0; kind < VERSION_KIND_COUNT; kind++) {
        const char *hash = json_str(provenance, version_kind_name(kind), "");
        if (!self->by_time && strncmp(hash, self->options->since, len) == 0) {
            self->kind = kind;
            self->matched = found = true;
            snprintf(self->hash, sizeof self->hash, "%s", hash);
        } else if (*hash) {
            note_earlier(self, kind, hash, at);
        }
    }
    return found;
}

static void take(void *opaque, const cJSON *doc)
{
    struct incident *self = opaque;
    const char *at = json_str(doc, "decided_at", ""), *status = json_str(doc, "status", "");
    bool hit = named(self, doc, at);
    struct touched *one;

    if (self->by_time)
        hit = strcmp(at, self->options->since) >= 0;
    if (!hit || strcmp(status, "duplicate") == 0 || strcmp(status, "stale") == 0)
        return;
    if (!*self->first || strcmp(at, self->first) < 0)
        snprintf(self->first, sizeof self->first, "%s", at);
    if (self->n == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 256;
        self->list = mem_grow(self->list, self->cap, sizeof *self->list);
    }
    one = &self->list[self->n++];
    *one = (struct touched){.key = mem_strdup(json_str(doc, "key", "")), .confidence = json_num(doc, "confidence", 0)};
    (void)json_int64(doc, "revision", &one->revision);
    snprintf(one->status, sizeof one->status, "%s", status);
    snprintf(one->label, sizeof one->label, "%s", json_str(doc, "label", ""));
    snprintf(one->at, sizeof one->at, "%s", at);
}

/* ---- what it was ---- */

/* An ending comes after the in_review of the same revision. */
static int compare(const void *a, const void *b)
{
    const struct touched *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    if (order)
        return order;
    if (x->revision != y->revision)
        return x->revision < y->revision ? -1 : 1;
    return (strcmp(y->status, "in_review") == 0) - (strcmp(x->status, "in_review") == 0);
}

/* The last word on each revision stays. */
static void fold(struct incident *self)
{
    size_t kept = 0;

    if (self->n)
        qsort(self->list, self->n, sizeof *self->list, compare);
    for (size_t i = 0; i < self->n; i++) {
        bool again = i + 1 < self->n && strcmp(self->list[i].key, self->list[i + 1].key) == 0 &&
                     self->list[i].revision == self->list[i + 1].revision;
        if (again)
            mem_free(self->list[i].key);
        else
            self->list[kept++] = self->list[i];
    }
    self->n = kept;
}

static bool no_person(const struct touched *one)
{
    return strcmp(one->status, "answered") == 0 || strcmp(one->status, "ignored") == 0;
}

static void print_list(const struct incident *self)
{
    if (self->options->csv)
        puts("key,revision,status,label,confidence,decided_at,no_person");
    for (size_t i = 0; i < self->n; i++) {
        const struct touched *one = &self->list[i];
        if (self->options->csv) {
            printf("\"%s\",%lld,%s,\"%s\",%.4f,%s,%s\n", one->key, (long long)one->revision, one->status, one->label,
                   one->confidence, one->at, no_person(one) ? "yes" : "no");
            continue;
        }
        CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
        cJSON_AddStringToObject(doc, "key", one->key);
        cJSON_AddNumberToObject(doc, "revision", (double)one->revision);
        cJSON_AddStringToObject(doc, "status", one->status);
        cJSON_AddStringToObject(doc, "label", one->label);
        cJSON_AddNumberToObject(doc, "confidence", one->confidence);
        cJSON_AddStringToObject(doc, "decided_at", one->at);
        cJSON_AddBoolToObject(doc, "no_person", no_person(one));
        jsonl_print(doc);
    }
}

static void count_by(const struct incident *self, FILE *out, const char *title, bool by_label, bool alone)
{
    char shown[LABELS_MAX][LABEL_MAX];
    size_t n_shown = 0;

    fprintf(out, "%s:", title);
    for (size_t i = 0; i < self->n; i++) {
        const char *name = by_label ? self->list[i].label : self->list[i].status;
        size_t seen = 0, n = 0;
        while (seen < n_shown && strcmp(shown[seen], name) != 0)
            seen++;
        if (seen < n_shown || n_shown == LABELS_MAX || (alone && !no_person(&self->list[i])))
            continue;
        snprintf(shown[n_shown++], LABEL_MAX, "%s", name);
        for (size_t k = i; k < self->n; k++)
            n += strcmp(by_label ? self->list[k].label : self->list[k].status, name) == 0 &&
                 (!alone || no_person(&self->list[k]));
        fprintf(out, " %s %zu,", *name ? name : "(none)", n);
    }
    fputs(n_shown ? "\n" : " none\n", out);
}

static void summarise(const struct incident *self, FILE *out)
{
    size_t alone = 0;

    for (size_t i = 0; i < self->n; i++)
        alone += no_person(&self->list[i]);
    if (self->by_time)
        fprintf(out, "decided since %s: %zu tickets\n", self->options->since, self->n);
    else
        fprintf(out, "%s %.*s: %zu tickets since %s\n", version_kind_name(self->kind), HASH_SHOWN, self->hash, self->n,
                self->first);
    count_by(self, out, "what became of them", false, false);
    fprintf(out, "ended without a person: %zu\n", alone);
    count_by(self, out, "  by class", true, true);
}

/* ---- rolling back ---- */

/* The last version of this kind before V was first seen; NULL: none. */
static const struct earlier *version_before(const struct incident *self)
{
    const struct earlier *best = NULL;

    for (size_t i = 0; !self->by_time && i < self->n_earlier[self->kind]; i++) {
        const struct earlier *one = &self->earlier[self->kind][i];
        if (strcmp(one->hash, self->hash) != 0 && (!best || strcmp(one->last, best->last) > 0))
            best = one;
    }
    return best;
}

static int cap_all(const struct config *config, const struct incident *self, struct err *reterr)
{
    char text[CONTROL_TEXT_MAX];
    struct policy *policy = NULL;
    struct sender *sender = NULL;
    struct message message = {0};
    long failed = 0;
    int rc = policy_load_on(config->triage.policy_file, config->triage.policy_floor_file, &policy, reterr);

    if (rc < 0)
        return -1;
    snprintf(text, sizeof text, "Incident: everything goes to people while %.64s is looked at.", self->options->since);
    const struct control_record cap = {.type = CONTROL_CAP,
                                       .profile = policy_profile(policy),
                                       .label = CONTROL_ALL,
                                       .reason = "operator",
                                       .text = text,
                                       .by = getenv("USER") ? getenv("USER") : "incident",
                                       .promise = "",
                                       .mode = MODE_SHADOW,
                                       .now_wall_us = clock_wall_us()};
    control_encode(&cap, &message);
    rc = sender_open(&config->kafka, &sender, reterr);
    if (rc == 0)
        rc = sender_send(sender, config->kafka.topic_control, &message, reterr);
    if (rc == 0)
        rc = sender_finish(sender, SEND_TIMEOUT_MS, &failed, reterr);
    if (rc == 0 && failed)
        rc = err_set(reterr, ERR_TRANSIENT, EX_UNAVAILABLE, "the cap could not be published: try again");
    sender_close(sender);
    message_free(&message);
    policy_free(policy);
    return rc;
}

/* 0 restored, 1 the file is still to be restored, -1 error. */
static int put_back(const struct config *config, const struct incident *self)
{
    const struct earlier *before = version_before(self);
    const char *path = self->by_time ? "" : version_path(config, self->kind);
    struct err err = {0};

    if (!before) {
        fputs("no earlier version is known: nothing is restored\n", stderr);
        return 1;
    }
    if (versions_restore(config, self->kind, before->hash, &err) == 0) {
        fprintf(
            stderr,
            "%s is %s %.*s again: send the workers SIGHUP, look at reload.done in their logs, then 'triaged control "
            "lift --class \"*\"'\n",
            path, version_kind_name(self->kind), HASH_SHOWN, before->hash);
        return 0;
    }
    fprintf(stderr, "restore by hand: the version before was %s %s, last seen %s%s%s (%s)\n",
            version_kind_name(self->kind), before->hash, before->last, *path ? ", file " : "", path, err.text);
    return 1;
}

static int roll_back(const struct config *config, const struct incident *self, struct err *reterr)
{
    if (cap_all(config, self, reterr) < 0)
        return -1;
    fputs("capped: every class of the profile goes to people, in every worker\n", stderr);
    return put_back(config, self);
}

static int look(const struct config *config, const struct options *options, int *ret_code, struct err *reterr)
{
    struct incident *self = mem_alloc(sizeof *self);
    const struct results_source source = {.config = config, .file = options->results};
    int rc;

    self->options = options;
    self->by_time = strchr(options->since, '-') != NULL;
    rc = results_each(&source, take, self, reterr);
    if (rc == 0 && self->n == 0)
        rc = err_set(reterr, ERR_PERMANENT, EX_DATAERR, "look at a result's provenance: none names %s", options->since);
    if (rc == 0) {
        fold(self);
        if (options->json || options->csv)
            print_list(self);
        summarise(self, options->json || options->csv ? stderr : stdout);
    }
    if (rc == 0 && options->roll_back) {
        rc = roll_back(config, self, reterr);
        *ret_code = rc > 0 ? EX_TEMPFAIL : 0;
    }
    for (size_t i = 0; i < self->n; i++)
        mem_free(self->list[i].key);
    mem_free(self->list);
    mem_free(self);
    return rc < 0 ? -1 : 0;
}

int cmd_incident(int argc, char **argv)
{
    struct options options;
    struct config *config = NULL;
    struct err err = {0};
    int code = parse(&options, argc, argv);

    if (code || options.help) {
        if (!code)
            help();
        return code;
    }
    code = cmd_load_config(&options.common, &config);
    if (code)
        return code;
    if (look(config, &options, &code, &err) < 0)
        code = cmd_fail(NAME, &err);
    config_free(config);
    return code;
}
