/* triaged incident: which tickets a version of policy, classifier, promise or knowledge has touched, what of that went
 * out without a person, and the earlier version back in force. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/control_topic.h"
#include "evaluation/results_read.h"
#include "evaluation/sightings.h"
#include "policy/profiles.h"
#include "snapshot/versions.h"
#include "triage/controls.h"

#define NAME            "incident"
#define HASH_SHOWN      12
#define HASH_LEAST      6 /* digits that name a version */
#define TIME_MAX        40
#define STATUS_NAME_MAX 16

static const enum mode CAP_MODE = MODE_SHADOW; /* of every class while a roll-back is looked at */

struct options {
    struct cmd_common common;
    const char *since, *results;
    bool json, csv, roll_back;
};

struct touched {
    char *key;
    int64_t revision;
    char status[STATUS_NAME_MAX], label[LABEL_MAX], at[TIME_MAX];
    double confidence;
};

/* A profile whose tickets were decided by V, or by anything else. */
struct affected {
    char name[CONTROL_PROFILE_MAX];
    bool hit;
};

struct incident {
    const struct options *options;
    bool by_time, ambiguous;
    enum version_kind kind; /* where not by time */
    char hash[SHA256_HEX_MAX], first[TIME_MAX];
    struct touched *list;
    size_t n, cap;
    struct affected profiles[PROFILES_MAX];
    size_t n_profiles;
    struct sightings sightings; /* only to roll back */
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--since", "V", OPTION_TEXT, since,
               "a hash of policy, classifier, promise or knowledge as results name it, at least six digits of it, or a "
               "time (2026-11-24T09:30): then everything decided since"),
    ROW_FLAG("--json", json, "one object a line for each ticket"),
    ROW_EITHER("--csv", NULL, OPTION_FLAG, csv, "a table"),
    ROW_TEXT("--results", "FILE", results, "results as JSON Lines instead of the topic"),
    ROW_FLAG("--roll-back", roll_back,
             "sends everything of each profile that it touched to people at once, in every worker, by a cap on "
             "triage.control; puts the version that was in force right before V (the last time that V came) back in "
             "its file where triage.versions_dir has a copy of it, else says which file has to be restored. Then: "
             "SIGHUP to the workers, and 'triaged control lift --class \"*\" --reason TEXT'."),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Lists every ticket that a version has touched. Reads the topic of results. Says how many were answered "
             "without a person, by class.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .notes = "exit codes: 0 done, 65 no result names V, 69 a service is away, 75 capped, and the file is still to be "
             "restored by hand",
    .example = "triaged incident --since 3f9a01c2 --roll-back",
};
_Static_assert(HASH_LEAST == 6, "the help says so");

/* ---- reading ---- */

/* NULL: it is of no profile, or of one more than a worker can have. */
static struct affected *affected_of(struct incident *self, const char *name)
{
    size_t i = 0;

    while (i < self->n_profiles && strcmp(self->profiles[i].name, name) != 0)
        i++;
    if (!*name || i == ARRAY_LEN(self->profiles))
        return NULL;
    if (i == self->n_profiles) {
        snprintf(self->profiles[i].name, sizeof self->profiles[i].name, "%s", name);
        self->n_profiles++;
    }
    return &self->profiles[i];
}

/* The least time that was seen; "" none yet. */
static void keep_least(char least[TIME_MAX], const char *at)
{
    if (!*least || strcmp(at, least) < 0)
        snprintf(least, TIME_MAX, "%s", at);
}

/* Whether this result was decided by V. */
static bool named(struct incident *self, const cJSON *provenance)
{
    size_t len = strlen(self->options->since);
    bool found = false;

    for (enum version_kind kind = 0; !self->by_time && kind < VERSION_KIND_COUNT; kind++) {
        const char *hash = json_str(provenance, version_kind_name(kind), "");
        if (strncmp(hash, self->options->since, len) != 0)
            continue;
        self->ambiguous |= *self->hash && (kind != self->kind || strcmp(hash, self->hash) != 0);
        self->kind = kind;
        found = true;
        snprintf(self->hash, sizeof self->hash, "%s", hash);
    }
    return found;
}

/* What the queue says later of a decision, such as how a person ended it, tells nothing of the version then in force.
 */
static bool of_worker(const char *status)
{
    static const char *const statuses[] = {"answered", "suggested", "ignored", "in_review"};
    size_t i = 0;

    while (i < ARRAY_LEN(statuses) && strcmp(statuses[i], status) != 0)
        i++;
    return i < ARRAY_LEN(statuses);
}

/* Which versions the profile had when this was decided. */
static void note(struct incident *self, const struct affected *profile, const cJSON *doc)
{
    const char *hashes[VERSION_KIND_COUNT];
    char ticket[TICKET_KEY_MAX + 24];
    int64_t at_us, revision = 0;

    if (!profile || !self->options->roll_back || self->by_time || !of_worker(json_str(doc, "status", "")) ||
        clock_parse(json_str(doc, "decided_at", ""), &at_us) < 0)
        return;
    (void)json_int64(doc, "revision", &revision);
    snprintf(ticket, sizeof ticket, "%.1023s@%" PRId64, json_str(doc, "key", ""), revision);
    for (enum version_kind kind = 0; kind < VERSION_KIND_COUNT; kind++)
        hashes[kind] = json_str(json_get(doc, "provenance"), version_kind_name(kind), "");
    sightings_note(&self->sightings, (size_t)(profile - self->profiles), ticket, at_us, hashes);
}

static void take(void *opaque, const cJSON *doc)
{
    struct incident *self = opaque;
    const char *at = json_str(doc, "decided_at", ""), *status = json_str(doc, "status", "");
    struct affected *profile = affected_of(self, json_str(doc, "profile", ""));
    bool hit = named(self, json_get(doc, "provenance"));
    struct touched *one;

    note(self, profile, doc);
    if (self->by_time)
        hit = strcmp(at, self->options->since) >= 0;
    if (!hit || strcmp(status, "duplicate") == 0 || strcmp(status, "stale") == 0)
        return;
    if (profile)
        profile->hit = true;
    keep_least(self->first, at);
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
        fprintf(out, "%s%s %zu", n_shown > 1 ? ", " : " ", *name ? name : "(none)", n);
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

static void cap_encode(const struct incident *self, const char *profile, struct message *ret_message)
{
    char text[CONTROL_TEXT_MAX];

    snprintf(text, sizeof text, "Incident: everything goes to people while %.64s is looked at.", self->options->since);
    const struct control_record cap = {.type = CONTROL_CAP,
                                       .profile = profile,
                                       .label = CONTROL_ALL,
                                       .reason = "operator",
                                       .text = text,
                                       .by = cmd_user(),
                                       .promise = "",
                                       .mode = CAP_MODE,
                                       .now_wall_us = clock_wall_us()};
    control_encode(&cap, ret_message);
}

/* Every profile that was touched, in one go; a class that is off already stays off. */
static int cap_all(const struct config *config, const struct incident *self, struct err *reterr)
{
    CLEANUP(control_list_done) struct control_list standing = {0};
    struct message caps[PROFILES_MAX];
    size_t n = 0;
    int rc;

    if (control_list_read(&config->kafka, &standing, NULL, reterr) < 0)
        return -1;
    for (size_t i = 0; i < self->n_profiles; i++) {
        if (!self->profiles[i].hit)
            continue;
        cap_encode(self, self->profiles[i].name, &caps[n]);
        if (control_list_cap(&standing, caps[n].key) < CAP_MODE)
            message_free(&caps[n]);
        else
            n++;
    }
    rc = control_publish(&config->kafka, caps, n, reterr);
    for (size_t i = 0; i < n; i++)
        message_free(&caps[i]);
    return rc;
}

/* Without a table there is one profile, whatever its policy was called when it decided; NULL: it left the table. */
static const struct profile *row_of(const struct profiles *table, const char *name)
{
    for (size_t i = 0; i < profiles_count(table); i++) {
        const struct profile *row = profiles_at(table, i);
        if (!*row->name || strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

/* 0 restored, 1 the file is still to be restored. */
static int put_back(const struct config *config, struct incident *self, const struct profiles *table,
                    const struct affected *profile)
{
    int64_t last_us = 0;
    char last[CLOCK_RFC3339_MAX];
    const char *before = self->by_time ? NULL
                                       : sightings_before(&self->sightings, (size_t)(profile - self->profiles),
                                                          self->kind, self->hash, &last_us);
    const struct profile *row = row_of(table, profile->name);
    const char *path = self->by_time || !row ? "" : version_path(row, self->kind);
    struct err err = {.text = "the profile is not in the table any more"};

    if (!before) {
        fprintf(stderr, "no earlier version of %s is known: nothing is restored\n", profile->name);
        return 1;
    }
    if (row && versions_restore(config, row, self->kind, before, &err) == 0) {
        fprintf(stderr,
                "%s is %s %.*s again: send the workers SIGHUP, look at reload.done in their logs, then 'triaged "
                "control lift --class \"*\"%s%s --reason TEXT'\n",
                path, version_kind_name(self->kind), HASH_SHOWN, before, *row->name ? " --profile " : "", row->name);
        return 0;
    }
    fprintf(stderr, "restore by hand: the version before of %s was %s %s, last seen %s%s%s (%s)\n", profile->name,
            version_kind_name(self->kind), before, clock_rfc3339(last_us, last), *path ? ", file " : "", path,
            err.text);
    return 1;
}

static int roll_back(const struct config *config, struct incident *self, struct err *reterr)
{
    struct profiles *table;
    int rc = 0;

    if (profiles_load(config, &table, reterr) < 0)
        return -1;
    if (cap_all(config, self, reterr) < 0) {
        profiles_free(table);
        return -1;
    }
    for (size_t i = 0; i < self->n_profiles; i++) {
        const struct affected *profile = &self->profiles[i];
        if (!profile->hit)
            continue;
        fprintf(stderr, "capped: every class of %s goes to people, in every worker\n", profile->name);
        rc |= put_back(config, self, table, profile);
    }
    profiles_free(table);
    return rc;
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
    if (rc == 0 && self->ambiguous)
        rc = err_set(reterr, ERR_PERMANENT, EX_USAGE, "give more digits: %s is the beginning of more than one version",
                     options->since);
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
    sightings_done(&self->sightings);
    mem_free(self);
    return rc < 0 ? -1 : 0;
}

int cmd_incident(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    if (!strchr(options.since, '-') && strlen(options.since) < HASH_LEAST) {
        fprintf(stderr, "triaged incident: --since takes a time, or at least %d digits of a hash, not %s\n", HASH_LEAST,
                options.since);
        return EX_USAGE;
    }
    code = cmd_load_config(&options.common, &config);
    if (code)
        return code;
    if (look(config, &options, &code, &err) < 0)
        code = cmd_fail(NAME, &err);
    config_free(config);
    return code;
}
