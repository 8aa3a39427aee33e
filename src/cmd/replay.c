/* triaged replay: decides the tickets of a run again, with the recorded answers of the model, and compares every result
 * with the one of then, member by member. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/progress.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "evaluation/past.h"
#include "evaluation/redo.h"
#include "evaluation/replay_compare.h"

#define NAME "replay"

enum { GROUPS_MAX = 64, EXAMPLES_MAX = 5, HASH_SHOWN = 10, PROVENANCE = 6, DIFFERS = 1 };

struct options {
    struct cmd_common common;
    const char *results, *tickets;
    struct redo_files files;
    bool live, json;
};

/* Results that name the same files. Strings are owned. */
struct group {
    char *names[PROVENANCE];
    bool of_these_files;
    size_t n, identical, differ, undrafted, undrafted_differ;
};

struct member {
    char name[LABEL_MAX];
    size_t n;
    char *examples[EXAMPLES_MAX]; /* ids */
};

struct replay {
    const struct options *options;
    struct past past;
    struct redo *redo;
    struct group groups[GROUPS_MAX];
    size_t n_groups, n_missing; /* n_missing: results whose ticket is not here */
    struct member members[REPLAY_MEMBERS_MAX];
    size_t n_members;
};

/* What groups results: all but the last must be those of the files for a comparison to prove anything. */
static const char *const provenance_names[PROVENANCE] = {"policy",    "classifier", "prompt",
                                                         "knowledge", "promise",    "build"};

static const struct option_row option_rows[] = {
    ROW_TEXT("--results", "FILE|TOPIC", results,
             "results: a file of JSON Lines, else a topic (default: the configuration's result topic)"),
    ROW_TEXT("--tickets", "FILE|TOPIC", tickets, "the same of the tickets (default: the configuration's ticket topic)"),
    ROWS_REDO(files),
    ROW_FLAG("--live", live, "asks the model server instead of the record; then a difference is no fault"),
    ROW_FLAG("--json", json, "one object"),
};
static void print_left_out(FILE *out)
{
    fputs("\nNot compared:\n", out);
    for (const struct replay_left_out *row = replay_left_out; row->path; row++)
        fprintf(out, "  %-22s %s\n", row->path, row->why);
}

static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Decides each ticket of a run again and compares every result with the one of then, as canonical JSON, "
             "member by member. The model's recorded answers are used, so nothing is asked of a server, and nothing is "
             "published. What triage.control said then counts as the result has it (controls).",
    OPTION_ROWS(option_rows),
    OPTION_PROFILED,
    .notes = "Results are grouped by the hashes of what decided them. Only those that name the files given can prove "
             "anything; the others are decided again too, and counted beside.\n\n"
             "exit codes: 0 all identical, 1 some differ, 65 no result was decided by these files, 66 a file is "
             "missing, 69 Kafka is away",
    .more = print_left_out,
    .example = "triaged replay --results results.jsonl --tickets tickets.jsonl",
};

/* ---- groups ---- */

static bool of_these_files(const struct replay *self, const cJSON *provenance)
{
    const struct provenance now = redo_provenance(self->redo);
    const char *const names[PROVENANCE - 1] = {now.policy, now.classifier, now.prompt, now.knowledge, now.promise};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *then = json_str(provenance, provenance_names[i], "");
        bool no_articles_yet = i == 3 && !*then; /* decided again without articles, too */
        if (strcmp(names[i], then) != 0 && !no_articles_yet)
            return false;
    }
    return true;
}

static struct group *group_of(struct replay *self, const cJSON *doc)
{
    const cJSON *provenance = json_get(doc, "provenance");
    struct group *group;

    for (size_t g = 0; g < self->n_groups; g++) {
        size_t i = 0;
        while (i < PROVENANCE && strcmp(self->groups[g].names[i], json_str(provenance, provenance_names[i], "")) == 0)
            i++;
        if (i == PROVENANCE)
            return &self->groups[g];
    }
    group = &self->groups[self->n_groups < GROUPS_MAX ? self->n_groups++ : GROUPS_MAX - 1];
    if (group->names[0])
        return group; /* more provenances than are told apart: the last takes the rest */
    for (size_t i = 0; i < PROVENANCE; i++)
        group->names[i] = mem_strdup(json_str(provenance, provenance_names[i], ""));
    group->of_these_files = of_these_files(self, provenance);
    return group;
}

/* ---- one result ---- */

static void note_member(struct replay *self, const char *name, const char *id)
{
    size_t i = 0, e = 0;

    while (i < self->n_members && strcmp(self->members[i].name, name) != 0)
        i++;
    if (i == REPLAY_MEMBERS_MAX)
        return;
    if (i == self->n_members) {
        self->n_members++;
        strncpy(self->members[i].name, name, LABEL_MAX - 1);
    }
    self->members[i].n++;
    while (e < EXAMPLES_MAX && self->members[i].examples[e])
        e++;
    if (e < EXAMPLES_MAX)
        self->members[i].examples[e] = mem_strdup(id);
}

static cJSON *result_again(struct replay *self, const struct ticket *ticket, const cJSON *then,
                           const struct decision *decision)
{
    const cJSON *input = json_get(then, "input");
    struct result_context context = {.key = ticket->key,
                                     .revision = ticket->revision,
                                     .ticket = ticket,
                                     .policy = redo_policy(self->redo),
                                     .input = {.topic = json_str(input, "topic", "")},
                                     .provenance = redo_provenance(self->redo),
                                     .promise = redo_promise(self->redo)};
    struct message message = {0};
    cJSON *doc;

    if (decision->draft.text && !*decision->draft.macro_id)
        context.provenance.model = redo_model_name(self->redo);
    result_encode(&context, decision, &message);
    doc = cJSON_Parse(message.value);
    message_free(&message);
    return doc;
}

static void compare(struct replay *self, const struct past_result *result, cJSON *then, cJSON *now, enum redo_end end)
{
    const char *members[REPLAY_MEMBERS_MAX];
    struct group *group = group_of(self, then);
    size_t n = replay_differences(then, now, members);

    group->n++;
    group->undrafted += end == REDO_UNDRAFTED;
    group->undrafted_differ += end == REDO_UNDRAFTED && n > 0;
    group->identical += n == 0;
    group->differ += n > 0 && end == REDO_DECIDED;
    for (size_t i = 0; group->of_these_files && i < n; i++)
        note_member(self, members[i], result->id);
}

static int replay_one(struct replay *self, const struct past_result *result, struct err *reterr)
{
    const struct past_ticket *past = past_ticket_of(&self->past, result);
    CLEANUP(json_done) cJSON *then = past_document(result), *now = NULL;
    CLEANUP(decision_clear) struct decision decision = {0};
    struct ticket_identity identity;
    struct ticket *ticket = NULL;
    enum redo_end end;
    int rc;

    if (!past) {
        self->n_missing++;
        return 0;
    }
    if (ticket_decode(&past->record, &ticket, &identity, reterr) < 0)
        return -1; /* it could be decoded when it was read */
    const struct redo_ask ask = {.ticket = ticket,
                                 .past = then,
                                 .answers = REDO_RECORDED,
                                 .capped = true,
                                 .without_articles = !*json_str(json_get(then, "provenance"), "knowledge", "")};
    rc = redo_decide(self->redo, &ask, &decision, &end, reterr);
    if (rc == 0) {
        now = result_again(self, ticket, then, &decision);
        compare(self, result, then, now, end);
    }
    ticket_free(ticket);
    return rc < 0 ? err_context(reterr, "%s", result->id) : 0;
}

static int replay_all(struct replay *self, const struct config *config, struct err *reterr)
{
    const struct options *options = self->options;
    struct progress progress;

    if (past_read_results(&self->past, config, options->results ? options->results : config->kafka.topic_results,
                          reterr) < 0 ||
        past_read_tickets(&self->past, config, options->tickets ? options->tickets : config->kafka.topic_tickets,
                          reterr) < 0 ||
        redo_open(config, &options->files, options->live, &self->redo, reterr) < 0)
        return -1;
    past_sort(&self->past);
    progress = progress_begin(NAME, "results", self->past.decided.n);
    for (size_t i = 0; i < self->past.decided.n; i++) {
        if (replay_one(self, &self->past.decided.rows[i], reterr) < 0)
            return -1;
        progress_at(&progress, i + 1);
    }
    return 0;
}

/* ---- telling ---- */

static void sum_up(const struct replay *self, struct group *ret_these, struct group *ret_others)
{
    *ret_these = *ret_others = (struct group){0};
    for (size_t g = 0; g < self->n_groups; g++) {
        const struct group *group = &self->groups[g];
        struct group *sum = group->of_these_files ? ret_these : ret_others;
        sum->n += group->n;
        sum->identical += group->identical;
        sum->differ += group->differ;
        sum->undrafted += group->undrafted;
        sum->undrafted_differ += group->undrafted_differ;
    }
}

static void print_groups(const struct replay *self)
{
    puts("What decided, by hash; * these files\n");
    printf("   %-*s %-*s %-*s %-*s %-*s %8s %10s %8s %10s  %s\n", HASH_SHOWN, "policy", HASH_SHOWN, "classifier",
           HASH_SHOWN, "prompt", HASH_SHOWN, "knowledge", HASH_SHOWN, "promise", "results", "identical", "differ",
           "no answer", "build");
    for (size_t g = 0; g < self->n_groups; g++) {
        const struct group *group = &self->groups[g];
        printf(" %s", group->of_these_files ? "*" : " ");
        for (size_t i = 0; i < PROVENANCE - 1; i++)
            printf(" %-*.*s", HASH_SHOWN, HASH_SHOWN, *group->names[i] ? group->names[i] : "-");
        printf(" %8zu %10zu %8zu %10zu  %s\n", group->n, group->identical, group->differ, group->undrafted,
               group->names[PROVENANCE - 1]);
    }
}

static void print_members(const struct replay *self)
{
    if (!self->n_members)
        return;
    printf("\n%-16s %8s  for example\n", "member", "differs");
    for (size_t i = 0; i < self->n_members; i++) {
        const struct member *member = &self->members[i];
        printf("%-16s %8zu ", member->name, member->n);
        for (size_t e = 0; e < EXAMPLES_MAX && member->examples[e]; e++)
            printf(" %s", member->examples[e]);
        putchar('\n');
    }
}

static void print_text(const struct replay *self, const struct group *these, const struct group *others)
{
    const char *lacks = redo_lacks(self->redo);

    print_groups(self);
    if (*lacks)
        printf("\nThe encoder is missing here (%s): results that it had a part in will differ.\n", lacks);
    if (others->n)
        printf("\n%zu results were decided by other files: they prove nothing, and %zu of them come out the same.\n",
               others->n, others->identical);
    print_members(self);
    if (self->n_missing)
        printf("\n%zu results have no ticket here.\n", self->n_missing);
    if (self->past.other || self->past.bad_results)
        printf("%zu results are endings by delivery (notices, withdrawals, failures), and %zu lines were no result.\n",
               self->past.other, self->past.bad_results);
    if (these->undrafted)
        printf("%zu of these files have no recorded answer and were decided without one: %zu differ.\n",
               these->undrafted, these->undrafted_differ);
    printf("\n%zu of %zu results of these files are identical, %zu differ%s.\n", these->identical, these->n,
           these->differ, self->options->live ? " (the model was asked anew)" : "");
}

static cJSON *group_json(const struct group *group)
{
    cJSON *doc = cJSON_CreateObject();

    for (size_t i = 0; group->names[0] && i < PROVENANCE; i++)
        cJSON_AddStringToObject(doc, provenance_names[i], group->names[i]);
    if (group->names[0])
        cJSON_AddBoolToObject(doc, "these_files", group->of_these_files);
    cJSON_AddNumberToObject(doc, "results", (double)group->n);
    cJSON_AddNumberToObject(doc, "identical", (double)group->identical);
    cJSON_AddNumberToObject(doc, "differ", (double)group->differ);
    cJSON_AddNumberToObject(doc, "undrafted", (double)group->undrafted);
    cJSON_AddNumberToObject(doc, "undrafted_differ", (double)group->undrafted_differ);
    return doc;
}

static void print_json(const struct replay *self, const struct group *these, const struct group *others)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    cJSON *groups, *members, *left_out;

    cJSON_AddItemToObject(doc, "these_files", group_json(these));
    cJSON_AddItemToObject(doc, "other_files", group_json(others));
    groups = cJSON_AddArrayToObject(doc, "groups");
    for (size_t g = 0; g < self->n_groups; g++)
        cJSON_AddItemToArray(groups, group_json(&self->groups[g]));
    members = cJSON_AddArrayToObject(doc, "members");
    for (size_t i = 0; i < self->n_members; i++) {
        cJSON *one = cJSON_CreateObject(), *examples;
        cJSON_AddStringToObject(one, "member", self->members[i].name);
        cJSON_AddNumberToObject(one, "differs", (double)self->members[i].n);
        examples = cJSON_AddArrayToObject(one, "examples");
        for (size_t e = 0; e < EXAMPLES_MAX && self->members[i].examples[e]; e++)
            cJSON_AddItemToArray(examples, cJSON_CreateString(self->members[i].examples[e]));
        cJSON_AddItemToArray(members, one);
    }
    left_out = cJSON_AddArrayToObject(doc, "not_compared");
    for (const struct replay_left_out *row = replay_left_out; row->path; row++)
        cJSON_AddItemToArray(left_out, cJSON_CreateString(row->path));
    cJSON_AddNumberToObject(doc, "without_ticket", (double)self->n_missing);
    cJSON_AddNumberToObject(doc, "not_decisions", (double)self->past.other);
    jsonl_print(doc);
}

static int tell(const struct replay *self)
{
    struct group these, others;

    sum_up(self, &these, &others);
    if (self->options->json)
        print_json(self, &these, &others);
    else
        print_text(self, &these, &others);
    if (these.n == 0) {
        fputs("triaged replay: nothing is proved: no result here was decided by these files; give those that decided\n",
              stderr);
        return EX_DATAERR;
    }
    return these.differ + these.undrafted_differ > 0 && !self->options->live ? DIFFERS : 0;
}

static void replay_done(struct replay *self)
{
    for (size_t g = 0; g < self->n_groups; g++) {
        for (size_t i = 0; i < PROVENANCE; i++)
            mem_free(self->groups[g].names[i]);
    }
    for (size_t i = 0; i < self->n_members; i++) {
        for (size_t e = 0; e < EXAMPLES_MAX; e++)
            mem_free(self->members[i].examples[e]);
    }
    redo_close(self->redo);
    past_done(&self->past);
    mem_free(self);
}

int cmd_replay(int argc, char **argv)
{
    struct options options = {0};
    struct config *config = NULL;
    struct err err = {0};
    struct replay *self;
    int rc;

    if (!cmd_begin(&table_of_options, argc, argv, &options, &config, &rc))
        return rc;
    self = mem_alloc(sizeof *self);
    self->options = &options;
    rc = replay_all(self, config, &err) < 0 ? cmd_fail(NAME, &err) : tell(self);
    replay_done(self);
    config_free(config);
    return rc;
}
