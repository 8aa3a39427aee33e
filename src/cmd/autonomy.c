/* triaged autonomy [show] | promote | demote | reviewed: what each class has earned, what it lacks for the next step,
 * and the steps up and down. The proof is decide/ladder.c; the record is Postgres, and goes out by the relay. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "bridge/evidence.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/control_topic.h"
#include "evaluation/article_topic.h"
#include "queue/queue.h"
#include "snapshot/snapshot.h"

enum { REFUSED = 1, REASON_BYTES_MAX = 400 };

struct options {
    struct cmd_common common;
    struct option_words words; /* CLASS */
    const char *profile, *by, *reason, *note, *to;
    bool exception, dry_run, json;
};

/* What a command has at hand. */
struct autonomy {
    struct config *config;
    struct options options;
    struct controls *controls;
    struct snapshots *snapshots;
    struct snapshot *held;
    const struct snapshot_profile *now; /* of that one */
    struct queue *queue;
};

/* ---- options ---- */

#define PROFILE ROW_TEXT("--profile", "NAME", profile, "of this profile (default: the first)")
#define BY                                                                                                             \
    {                                                                                                                  \
        OPTION_ROW("--by", "NAME", OPTION_TEXT, by, "who it is that decides, for the record"), .least = 1,             \
                                                                                               .needed = true          \
    }
#define REASON    ROW_REASON(reason, REASON_BYTES_MAX, true)
#define DRY_RUN   ROW_FLAG("--dry-run", dry_run, "proves and changes nothing")
#define JSON      ROW_FLAG("--json", json, "one object")
#define ONE_CLASS OPTION_WORDS("CLASS", 1, 1)

static const struct option_row show_rows[] = {PROFILE, JSON};
static const struct option_row promote_rows[] = {
    BY,
    REASON,
    PROFILE,
    ROW_FLAG("--exception", exception,
             "the policy's exception owner (--by) does without evidence; never beyond the policy's mode and its floor, "
             "nor against a kill switch or cap. It stands on record as such."),
    DRY_RUN,
    JSON};
static const struct option_row demote_rows[] = {
    BY,      REASON, PROFILE, ROW_CHOICE("--to", "off|shadow|suggest|hold", to, "to this level (default: one down)"),
    DRY_RUN, JSON};
static const struct option_row reviewed_rows[] = {
    BY, ROW_NEEDED("--note", "TEXT", OPTION_TEXT, note, "what they found"), PROFILE};

enum verb { SHOW, PROMOTE, DEMOTE, REVIEWED };
static const struct option_table verbs[] = {
    [SHOW] = {.command = "autonomy",
              OPTION_WORDS("[CLASS]", 0, 1),
              .about = "Shows each class: its level, what its policy allows, what is in force, what it lacks for the "
                       "next step in words, and its history. Levels: off, shadow, suggest, hold (answers wait a "
                       "while), auto. Changes nothing.",
              .example = "triaged autonomy billing",
              OPTION_ROWS(show_rows),
              OPTION_CONFIGURED},
    [PROMOTE] = {.command = "autonomy promote",
                 .about = "One step up, on evidence alone: what is lacking is named and the step refused (exit 1).",
                 .example = "triaged autonomy promote billing --by ana --reason 'four good weeks' --dry-run",
                 ONE_CLASS,
                 OPTION_ROWS(promote_rows),
                 OPTION_CONFIGURED},
    [DEMOTE] = {.command = "autonomy demote",
                .about = "A step down, by one or to a level. The next step up asks for evidence gathered from now on. "
                         "Where Postgres is away, 'triaged control cap' does the same at once.",
                .example = "triaged autonomy demote billing --by ana --reason 'prices change on Monday' --to suggest",
                ONE_CLASS,
                OPTION_ROWS(demote_rows),
                OPTION_CONFIGURED},
    [REVIEWED] = {.command = "autonomy reviewed",
                  .about = "Puts on record that somebody looked at the quality of a class, and what they found.",
                  .example = "triaged autonomy reviewed billing --by ana --note 'twenty answers read, one too long'",
                  ONE_CLASS,
                  OPTION_ROWS(reviewed_rows),
                  OPTION_CONFIGURED},
};

/* NULL: of every class. */
static const char *class_of(const struct options *self)
{
    return self->words.n ? self->words.at[0] : NULL;
}

/* ---- opening ---- */

static int read_controls(struct autonomy *self, struct err *reterr)
{
    struct control_list list;
    struct err ignored = {0};

    if (control_list_read(&self->config->kafka, &list, NULL, reterr) < 0)
        return -1;
    for (size_t i = 0; i < list.n; i++) {
        const struct record record = {.key = list.entries[i].key,
                                      .key_len = strlen(list.entries[i].key),
                                      .value = list.entries[i].value,
                                      .value_len = strlen(list.entries[i].value)};
        (void)controls_take(self->controls, &record, clock_wall_us(), &ignored); /* unreadable: no autonomy */
    }
    controls_set_ready(self->controls);
    control_list_done(&list);
    return 0;
}

/* The one that is asked for; the first where none is. */
static int pick_profile(struct autonomy *self, struct err *reterr)
{
    const char *name = self->options.profile;

    self->now = name ? snapshot_profile_named(self->held, name) : &self->held->profiles[0];
    if (!self->now)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "there is no profile %s", name);
    if (class_of(&self->options) && !policy_class_find(self->now->policy, class_of(&self->options)))
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "the policy of %s has no class %s", self->now->name,
                       class_of(&self->options));
    return 0;
}

/* Articles that come by the topic, as the worker has them: its own steps down look at the same. */
static int take_articles(struct autonomy *self, struct err *reterr)
{
    const struct config_kafka *kafka = &self->config->kafka;
    struct article_rows *rows;
    int rc;

    if (!*kafka->topic_knowledge)
        return 0;
    if (article_topic_read(kafka, &rows, reterr) < 0)
        return -1;
    rc = snapshots_take_articles(self->snapshots, article_rows_list(rows), article_rows_count(rows), reterr);
    article_rows_free(rows);
    return rc;
}

static int open_all(struct autonomy *self, bool asks_evidence, struct err *reterr)
{
    char *names[PROFILES_MAX] = {0};
    size_t n = 0;

    if (snapshot_profile_names(self->config, names, &n, reterr) < 0)
        return -1;
    self->controls = controls_new((const char *const *)names, n);
    for (size_t i = 0; i < n; i++)
        mem_free(names[i]);
    if (read_controls(self, reterr) < 0 || snapshots_new(self->config, self->controls, &self->snapshots, reterr) < 0)
        return -1;
    if (asks_evidence && take_articles(self, reterr) < 0)
        return -1;
    self->held = snapshots_ref(self->snapshots);
    if (pick_profile(self, reterr) < 0 ||
        queue_open(&self->config->postgres, "triaged-autonomy", &self->queue, reterr) < 0)
        return -1;
    return queue_check_schema(self->queue, reterr);
}

static void close_all(struct autonomy *self)
{
    queue_close(self->queue);
    snapshot_unref(self->held);
    snapshots_free(self->snapshots);
    controls_free(self->controls);
    config_free(self->config);
}

/* ---- showing ---- */

static void add_step(void *opaque, const struct queue_past_step *step)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, "at", step->at);
    cJSON_AddStringToObject(item, "from", step->from);
    cJSON_AddStringToObject(item, "to", step->to);
    cJSON_AddStringToObject(item, "reason", step->reason);
    cJSON_AddStringToObject(item, "text", step->text);
    cJSON_AddStringToObject(item, "by", step->by);
    cJSON_AddStringToObject(item, "owner", step->owner);
    cJSON_AddItemToObject(item, "evidence", cJSON_Parse(step->evidence));
    cJSON_AddItemToArray(opaque, item);
}

static cJSON *lacks_json(const struct ladder_evidence *evidence, const struct policy_autonomy *bounds, unsigned lacks)
{
    cJSON *array = cJSON_CreateArray();
    char words[LADDER_WORDS_MAX];

    for (enum ladder_lack lack = 0; lack < LACK_COUNT; lack++) {
        cJSON *item;
        if (!(lacks >> lack & 1))
            continue;
        item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "code", ladder_lack_name(lack));
        cJSON_AddStringToObject(item, "text", ladder_lack_words(lack, evidence, bounds, words));
        cJSON_AddBoolToObject(item, "excusable", ladder_lack_excusable(lack));
        cJSON_AddItemToArray(array, item);
    }
    return array;
}

/* One class as a document; the table is printed from it. */
static int describe(struct autonomy *self, const struct policy_class *class, cJSON **ret_doc, struct err *reterr)
{
    const struct policy_autonomy *bounds = policy_autonomy(self->now->policy);
    const struct queue_class asked = evidence_class(self->now, class->label);
    const struct evidence_source source = {self->queue, self->now, self->controls};
    struct ladder_evidence evidence;
    struct queue_evidence found;
    CLEANUP(mem_freep) char *json = NULL;
    cJSON *doc, *history;
    enum mode next;

    if (evidence_of(&source, class, &evidence, &found, reterr) < 0)
        return -1;
    next = ladder_next(evidence.level);
    json = evidence_json(&evidence, &found, self->now->promise_id);
    doc = cJSON_CreateObject();
    cJSON_AddStringToObject(doc, "class", class->label);
    cJSON_AddStringToObject(doc, "level", found.level);
    cJSON_AddStringToObject(doc, "since", found.since);
    cJSON_AddStringToObject(doc, "policy", control_mode_word(class->mode));
    cJSON_AddStringToObject(doc, "in_force",
                            control_mode_word(controls_mode(self->controls, asked.profile, class, bounds->begins)));
    cJSON_AddStringToObject(doc, "owner", policy_owner(self->now->policy));
    cJSON_AddStringToObject(doc, "next", evidence.level == MODE_AUTO ? "" : control_mode_word(next));
    cJSON_AddItemToObject(
        doc, "lacks",
        lacks_json(&evidence, bounds, evidence.level == MODE_AUTO ? 0 : ladder_lacks(&evidence, bounds, next)));
    cJSON_AddItemToObject(doc, "evidence", cJSON_Parse(json));
    history = cJSON_AddArrayToObject(doc, "history");
    *ret_doc = doc;
    return queue_each_step(self->queue, &asked, add_step, history, reterr);
}

#define ROW "%-24s %-8s %-8s %s\n"

static bool on_record(const cJSON *doc)
{
    return *json_str(doc, "since", "") != '\0';
}

static void print_class(const cJSON *doc)
{
    const cJSON *one;
    const char *next = json_str(doc, "next", ""), *level = json_str(doc, "level", "");

    printf(ROW, json_str(doc, "class", ""), json_str(doc, "policy", ""), on_record(doc) ? level : "-",
           json_str(doc, "in_force", ""));
    if (*next && cJSON_GetArraySize(json_get(doc, "lacks")) == 0)
        printf("    for %s: nothing is lacking\n", next);
    cJSON_ArrayForEach(one, json_get(doc, "lacks")) printf("    for %s: %s\n", next, json_str(one, "text", ""));
    cJSON_ArrayForEach(one, json_get(doc, "history")) printf(
        "    %.19s %s to %s, %s by %s: %s\n", json_str(one, "at", ""), json_str(one, "from", ""),
        json_str(one, "to", ""), json_str(one, "reason", ""), json_str(one, "by", ""), json_str(one, "text", ""));
}

/* What keeps a class from what the table says of it. */
static void print_notes(const struct autonomy *self, const cJSON *array)
{
    const bool earned = policy_autonomy(self->now->policy)->begins == MODE_SHADOW;
    size_t unrecorded = 0;
    const cJSON *one;

    cJSON_ArrayForEach(one, array) unrecorded += !on_record(one);
    if (unrecorded)
        printf("\n- means that no level is on record: %s.\n",
               earned ? "the class begins in shadow" : "the policy alone says, until its autonomy is 'earned'");
    if (*self->now->promise_id && !self->now->promise.certified)
        puts("\nThe promise certifies nothing yet: what would be answered or ignored on the classifier's word is "
             "suggested, or goes to a\nperson, whatever is in force. 'triaged calibrate' says how many labels are "
             "missing.");
}

static void print_table(const struct autonomy *self, const cJSON *array)
{
    const cJSON *one;

    printf(ROW, "class", "policy", "level", "in force");
    cJSON_ArrayForEach(one, array) print_class(one);
    print_notes(self, array);
}

static int show(struct autonomy *self, struct err *reterr)
{
    CLEANUP(json_done) cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < policy_class_count(self->now->policy); i++) {
        const struct policy_class *class = policy_class_at(self->now->policy, i);
        cJSON *doc = NULL;
        int rc = 0;
        if (class_of(&self->options) && strcmp(class_of(&self->options), class->label) != 0)
            continue;
        rc = describe(self, class, &doc, reterr);
        if (doc)
            cJSON_AddItemToArray(array, doc);
        if (rc < 0)
            return -1;
    }
    if (self->options.json)
        jsonl_print(array);
    else
        print_table(self, array);
    return 0;
}

/* ---- steps ---- */

static void tell(struct autonomy *self, const char *class, const char *from, const char *to, bool done, unsigned lacks,
                 const struct ladder_evidence *evidence)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    CLEANUP(mem_freep) char *text = NULL;
    const cJSON *one;

    cJSON_AddStringToObject(doc, "class", class);
    cJSON_AddStringToObject(doc, "from", from);
    cJSON_AddStringToObject(doc, "to", to);
    cJSON_AddBoolToObject(doc, "done", done);
    cJSON_AddBoolToObject(doc, "dry_run", self->options.dry_run);
    cJSON_AddItemToObject(doc, "lacks", lacks_json(evidence, policy_autonomy(self->now->policy), lacks));
    text = json_text(doc);
    if (self->options.json) {
        puts(text);
        return;
    }
    printf("%s: %s to %s%s\n", class, from, to,
           done                    ? ""
           : lacks                 ? ": refused"
           : self->options.dry_run ? ": free"
                                   : ": no change");
    cJSON_ArrayForEach(one, json_get(doc, "lacks")) printf("    lacking: %s\n", json_str(one, "text", ""));
}

/* An exception excuses evidence, never the ceiling, and nothing for which the class would fall again at once; only the
 * exception owner of the policy may ask for it. */
static int check_exception(struct autonomy *self, const struct ladder_evidence *evidence, enum mode to, unsigned *lacks,
                           struct err *reterr)
{
    const char *owner = policy_exception_owner(self->now->policy), *falls;
    struct ladder_evidence there = *evidence;

    if (!self->options.exception)
        return 0;
    if (strncmp(self->options.by, owner, strlen(self->options.by)) != 0 || strlen(self->options.by) < 3)
        return err_set(reterr, ERR_PERMANENT, EX_NOPERM, "an exception is the exception owner's: --by \"%s\"", owner);
    for (enum ladder_lack lack = 0; lack < LACK_COUNT; lack++) {
        if (ladder_lack_excusable(lack))
            *lacks &= ~(1u << lack);
    }
    there.level = to;
    falls = *lacks ? NULL : ladder_falls(&there, policy_autonomy(self->now->policy));
    if (falls)
        return err_set(reterr, ERR_PERMANENT, EX_NOPERM,
                       "mend this first, an exception would be taken back at once: %s", falls);
    return 0;
}

static int promote(struct autonomy *self, int *ret_exit, struct err *reterr)
{
    const struct options *options = &self->options;
    const struct policy_class *class = policy_class_find(self->now->policy, class_of(options));
    const struct policy_autonomy *bounds = policy_autonomy(self->now->policy);
    const struct evidence_source source = {self->queue, self->now, self->controls};
    struct ladder_evidence evidence;
    struct queue_evidence found;
    CLEANUP(mem_freep) char *json = NULL;
    unsigned lacks, open;
    enum mode to;

    if (evidence_of(&source, class, &evidence, &found, reterr) < 0)
        return -1;
    to = ladder_next(evidence.level);
    if (evidence.level == MODE_AUTO)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "%s is at the top already", class->label);
    lacks = open = ladder_lacks(&evidence, bounds, to);
    if (check_exception(self, &evidence, to, &open, reterr) < 0)
        return -1;
    json = evidence_json(&evidence, &found, self->now->promise_id);
    const struct queue_step step = {.class = evidence_class(self->now, class->label),
                                    .from = found.level,
                                    .to = control_mode_word(to),
                                    .reason = options->exception && lacks ? "exception" : "evidence",
                                    .text = options->reason,
                                    .by = options->by,
                                    .owner = policy_owner(self->now->policy),
                                    .promise = self->now->promise_id,
                                    .evidence = json,
                                    .incident = ""};
    if (!open && !options->dry_run && queue_promote(self->queue, &step, reterr) < 0)
        return -1;
    tell(self, class->label, step.from, step.to, !open && !options->dry_run, open, &evidence);
    *ret_exit = open ? REFUSED : 0;
    return 0;
}

static int demote(struct autonomy *self, struct err *reterr)
{
    const struct options *options = &self->options;
    struct queue_class class = evidence_class(self->now, class_of(options));
    struct queue_evidence found;
    struct queue_step step;
    enum mode from = MODE_OFF, to = MODE_OFF;
    bool done = false;

    if (queue_class_evidence(self->queue, &class, 1, &found, reterr) < 0)
        return -1;
    (void)control_mode_of(found.level, &from);
    if (options->to && control_mode_of(options->to, &to) < 0)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--to: off, shadow, suggest or hold");
    if (!options->to)
        to = from > MODE_OFF ? from - 1 : MODE_OFF;
    step = (struct queue_step){.class = class,
                               .to = control_mode_word(to),
                               .reason = "operator",
                               .text = options->reason,
                               .by = options->by,
                               .owner = policy_owner(self->now->policy),
                               .promise = self->now->promise_id,
                               .evidence = "{}",
                               .incident = ""};
    if (!options->dry_run && queue_demote(self->queue, &step, &done, reterr) < 0)
        return -1;
    tell(self, class.label, found.level, step.to, done, 0, &(struct ladder_evidence){0});
    return 0;
}

static int reviewed(struct autonomy *self, struct err *reterr)
{
    const struct options *options = &self->options;
    const struct queue_class class = evidence_class(self->now, class_of(options));

    if (queue_quality_reviewed(self->queue, &class, options->by, options->note, reterr) < 0)
        return -1;
    printf("%s: quality reviewed by %s\n", class_of(options), options->by);
    return 0;
}

/* ---- the commands ---- */

static int carry_out(struct autonomy *self, enum verb verb, int *ret_exit, struct err *reterr)
{
    if (open_all(self, verb == SHOW || verb == PROMOTE, reterr) < 0)
        return -1;
    switch (verb) {
    case SHOW:
        return show(self, reterr);
    case PROMOTE:
        return promote(self, ret_exit, reterr);
    case DEMOTE:
        return demote(self, reterr);
    case REVIEWED:
        return reviewed(self, reterr);
    }
    return 0;
}

static int run(enum verb verb, int argc, char **argv)
{
    struct autonomy self = {0};
    struct err err = {0};
    int rc, ended = 0;

    if (!cmd_begin(&verbs[verb], argc, argv, &self.options, &self.config, &rc))
        return rc;
    rc = carry_out(&self, verb, &ended, &err) < 0 ? cmd_fail(verbs[verb].command, &err) : ended;
    close_all(&self);
    return rc;
}

int cmd_autonomy(int argc, char **argv)
{
    return run(SHOW, argc, argv);
}

int cmd_autonomy_promote(int argc, char **argv)
{
    return run(PROMOTE, argc, argv);
}

int cmd_autonomy_demote(int argc, char **argv)
{
    return run(DEMOTE, argc, argv);
}

int cmd_autonomy_reviewed(int argc, char **argv)
{
    return run(REVIEWED, argc, argv);
}
