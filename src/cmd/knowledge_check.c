/* triaged knowledge check: what somebody should look at in the knowledge before the worker leans on it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "triage/knowledge.h"

#define NAME "knowledge check"

enum {
    STALE_DAYS = 365,
    STALE_DAYS_MOST = 36500,
    SHINGLE_WORDS = 3,
    SHINGLES_MAX = 4096, /* of one article; more are not looked at */
    DAY_S = 86400,
};

#define ALIKE 0.8 /* share of common shingles from which two articles count as duplicates */

struct options {
    const char *dir, *today, *results;
    int64_t stale_days;
    bool json;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--dir", "DIR", OPTION_TEXT, dir, "the articles and macros"),
    ROW_TEXT("--today", "YYYY-MM-DD", today, "as if it were this day"),
    ROW_INTEGER("--stale-days", "N", stale_days, 1, STALE_DAYS_MOST,
                "an article is stale that was not updated for so many days (default 365)"),
    ROW_TEXT("--results", "FILE", results,
             "the worker's results as JSON Lines: also articles that no draft ever cited"),
    ROW_FLAG("--json", json, "one object a line"),
};
static const struct option_table table_of_options = {
    .command = NAME,
    .about = "Names articles that are stale, past the day of their review_by, superseded, duplicate, and macros that "
             "nobody approved or whose slots do not agree with their text.",
    OPTION_ROWS(option_rows),
    .notes = "exit codes: 0 nothing found, 1 something found",
    .example = "triaged knowledge check --dir articles --stale-days 180",
};
_Static_assert(STALE_DAYS == 365, "the help says so");

/* ---- what is found ---- */

struct report {
    bool json;
    size_t findings;
};

static void finding(struct report *self, const char *what, const struct article *article, const char *detail)
{
    CLEANUP(json_done) cJSON *doc = NULL;

    self->findings++;
    if (!self->json) {
        printf("%-14s %-36s %s\n", what, article->id, detail);
        return;
    }
    doc = cJSON_CreateObject();
    cJSON_AddStringToObject(doc, "finding", what);
    cJSON_AddStringToObject(doc, "id", article->id);
    cJSON_AddStringToObject(doc, "detail", detail);
    jsonl_print(doc);
}

/* ---- age ---- */

static void check_age(struct report *report, const struct article *article, long today, int64_t stale_days)
{
    long updated = article_day(article->updated);
    char detail[128];

    if (!*article->updated)
        return;
    if (updated < 0) {
        finding(report, "bad_date", article, "updated must be YYYY-MM-DD");
    } else if (today - updated > stale_days) {
        snprintf(detail, sizeof detail, "updated %.10s, %ld days ago", article->updated, today - updated);
        finding(report, "stale", article, detail);
    } else if (updated > today) {
        finding(report, "bad_date", article, "updated lies in the future");
    }
}

static void check_review(struct report *report, const struct article *article, long today)
{
    char detail[128];

    if (!*article->review_by || *article->superseded_by)
        return;
    if (article_day(article->review_by) < 0) {
        finding(report, "bad_date", article, "review_by must be YYYY-MM-DD");
    } else if (article_review_overdue(article, (int64_t)today * DAY_S)) {
        snprintf(detail, sizeof detail, "to be reviewed by %.10s", article->review_by);
        finding(report, "review_overdue", article, detail);
    }
}

static void check_superseded(struct report *report, const struct knowledge *knowledge, const struct article *article)
{
    char detail[ARTICLE_ID_MAX + 64];
    const struct article *next;

    if (!*article->superseded_by)
        return;
    next = knowledge_find(knowledge, article->superseded_by);
    snprintf(detail, sizeof detail, "by %s%s", article->superseded_by,
             !next                  ? ", which does not exist"
             : *next->superseded_by ? ", which is superseded itself"
                                    : "; it is no longer found");
    finding(report, "superseded", article, detail);
}

/* ---- macros ---- */

/* Whether the list [a, b=FORM] holds the name. */
static bool has_entry(const char *list, const char *name, size_t len)
{
    for (const char *at = list; *at;) {
        at += strspn(at, "[], ");
        size_t entry = strcspn(at, "=[], ");
        if (entry == len && entry && memcmp(at, name, len) == 0)
            return true;
        at += strcspn(at, "], ");
    }
    return false;
}

static void check_macro(struct report *report, const struct article *article)
{
    char detail[128];

    if (strcmp(article->kind, "macro") != 0)
        return;
    if (!*article->approved_by || article_day(article->approved_on) < 0)
        finding(report, "unapproved", article, "a macro needs approved_by and approved_on");
    else if (article_day(article->updated) > article_day(article->approved_on))
        finding(report, "unapproved", article, "it was changed after it was approved");
    for (const char *open = strchr(article->body, '{'); open; open = strchr(open + 1, '{')) {
        size_t len = strcspn(open + 1, "}");
        if (!has_entry(article->slots, open + 1, len)) {
            snprintf(detail, sizeof detail, "its text has {%.*s}, its slots do not name it", (int)(len > 60 ? 60 : len),
                     open + 1);
            finding(report, "slot_unknown", article, detail);
        }
    }
}

/* ---- duplicates: articles that share most of their runs of three words (Broder, 1997) ---- */

struct shingles {
    uint64_t *hashes; /* sorted, each once */
    size_t n;
};

static int by_hash(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

static struct shingles shingles_of(const char *text)
{
    struct shingles self = {.hashes = mem_array(SHINGLES_MAX, sizeof *self.hashes)};
    const char *starts[SHINGLE_WORDS] = {0};
    size_t words = 0, kept = 0;

    while (*text && self.n < SHINGLES_MAX) {
        text += strspn(text, " \t\n.,;:!?#*-()");
        size_t len = strcspn(text, " \t\n.,;:!?#*-()");
        if (!len)
            break;
        starts[words++ % SHINGLE_WORDS] = text;
        text += len;
        if (words >= SHINGLE_WORDS)
            self.hashes[self.n++] =
                hash64(starts[words % SHINGLE_WORDS], (size_t)(text - starts[words % SHINGLE_WORDS]));
    }
    qsort(self.hashes, self.n, sizeof *self.hashes, by_hash);
    for (size_t i = 0; i < self.n; i++) {
        if (i == 0 || self.hashes[i] != self.hashes[kept - 1])
            self.hashes[kept++] = self.hashes[i];
    }
    self.n = kept;
    return self;
}

static double alike(const struct shingles *one, const struct shingles *other)
{
    size_t i = 0, j = 0, common = 0;

    while (i < one->n && j < other->n) {
        if (one->hashes[i] == other->hashes[j])
            common++, i++, j++;
        else if (one->hashes[i] < other->hashes[j])
            i++;
        else
            j++;
    }
    return common ? (double)common / (double)(one->n + other->n - common) : 0;
}

static void check_pair(struct report *report, const struct article *article, const struct article *other, double share)
{
    char detail[ARTICLE_ID_MAX + 64];

    if (*article->superseded_by || *other->superseded_by)
        return;
    if (share >= ALIKE)
        snprintf(detail, sizeof detail, "%.0f %% the same as %s", share * 100, other->id);
    else if (*article->title && strcmp(article->title, other->title) == 0 &&
             strcmp(article->language, other->language) == 0 && strcmp(article->kind, other->kind) == 0)
        snprintf(detail, sizeof detail, "has the title of %s", other->id);
    else
        return;
    finding(report, "duplicate", article, detail);
}

static void check_duplicates(struct report *report, const struct knowledge *knowledge)
{
    size_t n = knowledge_count(knowledge);
    struct shingles *all = mem_array(n + 1, sizeof *all);

    for (size_t i = 0; i < n; i++)
        all[i] = shingles_of(knowledge_at(knowledge, i)->body);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            check_pair(report, knowledge_at(knowledge, i), knowledge_at(knowledge, j), alike(&all[i], &all[j]));
    }
    for (size_t i = 0; i < n; i++)
        mem_free(all[i].hashes);
    mem_free(all);
}

/* ---- use ---- */

static void count_use(const struct knowledge *knowledge, const cJSON *result, bool *used)
{
    const cJSON *cited;

    cJSON_ArrayForEach(cited, json_get(json_get(result, "draft"), "citations"))
    {
        const char *id = cJSON_IsString(cited) ? cited->valuestring : json_str(cited, "id", "");
        for (size_t i = 0; i < knowledge_count(knowledge); i++)
            used[i] |= strcmp(knowledge_at(knowledge, i)->id, id) == 0;
    }
}

static int check_use(struct report *report, const struct knowledge *knowledge, const char *path, struct err *reterr)
{
    FILE *in = fopen(path, "re");
    struct jsonl *rows;
    const cJSON *row;
    bool *used;
    int got;

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", path, strerror(errno));
    rows = jsonl_new(in);
    used = mem_array(knowledge_count(knowledge) + 1, sizeof *used);
    while ((got = jsonl_next(rows, &row, reterr)) != 0) {
        if (got > 0)
            count_use(knowledge, row, used);
    }
    for (size_t i = 0; i < knowledge_count(knowledge); i++) {
        if (!used[i] && !*knowledge_at(knowledge, i)->superseded_by)
            finding(report, "never_used", knowledge_at(knowledge, i), "no draft cited it");
    }
    mem_free(used);
    jsonl_free(rows);
    fclose(in);
    return 0;
}

/* ---- running ---- */

static int check(const struct options *options, const struct knowledge *knowledge, struct report *report,
                 struct err *reterr)
{
    long today = options->today ? article_day(options->today) : (long)(clock_wall_us() / 1000000 / DAY_S);

    if (today < 0)
        return err_set(reterr, ERR_PERMANENT, EX_USAGE, "--today must be YYYY-MM-DD");
    for (size_t i = 0; i < knowledge_count(knowledge); i++) {
        const struct article *article = knowledge_at(knowledge, i);
        check_age(report, article, today, options->stale_days);
        check_review(report, article, today);
        check_superseded(report, knowledge, article);
        check_macro(report, article);
    }
    check_duplicates(report, knowledge);
    return options->results ? check_use(report, knowledge, options->results, reterr) : 0;
}

int cmd_knowledge_check(int argc, char **argv)
{
    struct options options = {.stale_days = STALE_DAYS};
    struct knowledge *knowledge = NULL;
    struct report report = {0};
    struct err err = {0};
    int code;

    if (!options_parse(&table_of_options, argc, argv, &options, &code))
        return code;
    report.json = options.json;
    if (knowledge_load(options.dir, &knowledge, &err) < 0)
        return cmd_fail(NAME, &err);
    code = check(&options, knowledge, &report, &err) < 0 ? cmd_fail(NAME, &err) : report.findings > 0;
    fprintf(stderr, "%zu articles, %zu findings, snapshot %.12s\n", knowledge_count(knowledge), report.findings,
            knowledge_hash(knowledge));
    knowledge_free(knowledge);
    return code;
}
