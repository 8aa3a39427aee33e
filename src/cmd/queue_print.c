/* The queue's answers for people: tables, and one item as a card. Every text of a ticket is cleaned on its way out. */
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "cmd/columns.h"
#include "cmd/queue.h"
#include "triage/decision.h"

enum { CELLS_MAX = COLUMNS_MAX, CELL_TEXT = 128, DUE_SOON_S = 3600 };

/* ---- tables from rows ---- */

enum shown_as { AS_TEXT, AS_NUMBER, AS_WHOLE, AS_SHARE, AS_SECONDS, AS_DUE };

/* A column of a table and the member of a row that fills it. */
struct field {
    const char *title, *member;
    enum shown_as as;
    bool gives;
};

static const char *cell_of(const cJSON *row, const struct field *field, char out[CELL_TEXT])
{
    const cJSON *value = json_get(row, field->member);
    double number = cJSON_IsNumber(value) ? value->valuedouble : 0;

    if (cJSON_IsString(value))
        return value->valuestring;
    if (!cJSON_IsNumber(value))
        return cJSON_IsTrue(value) ? "yes" : "";
    switch (field->as) {
    case AS_SHARE:
        snprintf(out, CELL_TEXT, "%.0f %%", 100 * number);
        break;
    case AS_SECONDS:
        terminal_span(number, out);
        break;
    case AS_DUE:
        terminal_due(number, out);
        break;
    case AS_WHOLE:
        snprintf(out, CELL_TEXT, "%.0f", number);
        break;
    case AS_TEXT:
    case AS_NUMBER:
        snprintf(out, CELL_TEXT, "%.6g", number);
        break;
    }
    return out;
}

static enum tint tint_of(const cJSON *row)
{
    double due = json_num(row, "due_in_seconds", 2 * DUE_SOON_S);

    return due < 0 ? TINT_RED : due < DUE_SOON_S ? TINT_YELLOW : TINT_PLAIN;
}

static size_t print_rows(const cJSON *rows, const struct field *fields, size_t n, const struct terminal *terminal,
                         FILE *out)
{
    struct column titles[CELLS_MAX];
    struct columns *table;
    const cJSON *row;
    size_t rows_n;

    for (size_t i = 0; i < n; i++)
        titles[i] =
            (struct column){fields[i].title, fields[i].as != AS_TEXT && fields[i].as != AS_DUE, fields[i].gives};
    table = columns_new(titles, n);
    cJSON_ArrayForEach(row, rows)
    {
        char texts[CELLS_MAX][CELL_TEXT];
        const char *cells[CELLS_MAX];
        for (size_t i = 0; i < n; i++)
            cells[i] = cell_of(row, &fields[i], texts[i]);
        columns_add(table, cells, tint_of(row));
    }
    rows_n = columns_rows(table);
    if (rows_n)
        columns_print(table, terminal, out);
    columns_free(table);
    return rows_n;
}
#define PRINT_ROWS(rows, fields, terminal, out) print_rows(rows, fields, ARRAY_LEN(fields), terminal, out)

static void heading(const char *text, const struct terminal *terminal, FILE *out)
{
    fprintf(out, "%s%s%s\n", terminal_tint(terminal, TINT_BOLD), text, terminal_tint(terminal, TINT_PLAIN));
}

static void put_text(const char *text, FILE *out)
{
    CLEANUP(buf_free) struct buf clean = {0};

    terminal_clean(text, true, &clean);
    fputs(buf_str(&clean), out);
}

/* ---- lists ---- */

static const struct field queue_fields[] = {
    {"item", "item_id", AS_NUMBER, false}, {"due", "due_in_seconds", AS_DUE, false},
    {"label", "label", AS_TEXT, true},     {"sure", "confidence", AS_SHARE, false},
    {"risk", "risk", AS_TEXT, false},      {"group", "review_group", AS_TEXT, true},
    {"with", "claimed_by", AS_TEXT, true}, {"subject", "subject", AS_TEXT, true}};

void queue_print_list(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    if (PRINT_ROWS(rows, queue_fields, terminal, out) == 0)
        fputs("nothing waits\n", out);
}

void queue_print_mine(const cJSON *mine, const struct terminal *terminal, FILE *out)
{
    static const struct field claimed[] = {{"item", "item_id", AS_NUMBER, false},
                                           {"claim", "claim_no", AS_NUMBER, false},
                                           {"yours for", "claim_seconds", AS_SECONDS, false},
                                           {"due", "due_in_seconds", AS_DUE, false},
                                           {"label", "label", AS_TEXT, true},
                                           {"subject", "subject", AS_TEXT, true}};
    static const struct field held[] = {{"item", "item_id", AS_NUMBER, false},
                                        {"goes out in", "held_seconds", AS_SECONDS, false},
                                        {"as", "outcome", AS_TEXT, false},
                                        {"label", "final_label", AS_TEXT, true},
                                        {"others", "others", AS_NUMBER, false}};
    static const struct field notices[] = {{"item", "item_id", AS_NUMBER, false},
                                           {"ago", "seconds_ago", AS_SECONDS, false},
                                           {"what", "event", AS_TEXT, false},
                                           {"ticket", "key", AS_TEXT, true}};

    heading("Claimed", terminal, out);
    if (PRINT_ROWS(json_get(mine, "claimed"), claimed, terminal, out) == 0)
        fputs("nothing; 'triaged queue claim' takes the next\n", out);
    if (cJSON_GetArraySize(json_get(mine, "held"))) {
        heading("\nAnswered, can be undone", terminal, out);
        PRINT_ROWS(json_get(mine, "held"), held, terminal, out);
    }
    if (cJSON_GetArraySize(json_get(mine, "notices"))) {
        heading("\nWhat others did to yours, since yesterday", terminal, out);
        PRINT_ROWS(json_get(mine, "notices"), notices, terminal, out);
    }
}

void queue_print_alike(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    static const struct field fields[] = {{"item", "item_id", AS_NUMBER, false},
                                          {"alike", "likeness", AS_SHARE, false},
                                          {"same draft", "draft_is_same", AS_TEXT, false},
                                          {"due", "due_in_seconds", AS_DUE, false},
                                          {"subject", "subject", AS_TEXT, true}};

    if (PRINT_ROWS(rows, fields, terminal, out) == 0)
        fputs("nothing that waits is like it\n", out);
}

void queue_print_reasons(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    static const struct field fields[] = {{"used", "used", AS_NUMBER, false}, {"reason", "reason", AS_TEXT, true}};

    if (PRINT_ROWS(rows, fields, terminal, out) == 0)
        fputs("none yet\n", out);
}

/* ---- figures ---- */

static const struct field ageing_fields[] = {{"group", "review_group", AS_TEXT, true},
                                             {"risk", "risk", AS_TEXT, false},
                                             {"wait", "items", AS_NUMBER, false},
                                             {"late", "overdue", AS_NUMBER, false},
                                             {"due within 1 h", "due_within_hour", AS_NUMBER, false},
                                             {"asleep", "snoozed", AS_NUMBER, false},
                                             {"oldest", "oldest_seconds", AS_SECONDS, false}};
static const struct field sla_fields[] = {{"group", "review_group", AS_TEXT, true},
                                          {"risk", "risk", AS_TEXT, false},
                                          {"answered", "answered", AS_NUMBER, false},
                                          {"in time", "share_in_time", AS_SHARE, false},
                                          {"half within", "wait_median_seconds", AS_SECONDS, false},
                                          {"9 of 10 within", "wait_p90_seconds", AS_SECONDS, false},
                                          {"late now", "overdue_now", AS_NUMBER, false}};

/* Rows of a view whose columns nobody listed: as they come, text first. */
static void print_view(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    struct field fields[CELLS_MAX];
    const cJSON *member;
    size_t n = 0;

    cJSON_ArrayForEach(member, cJSON_GetArrayItem(rows, 0))
    {
        bool share = strncmp(member->string, "share_", 6) == 0;
        if (n < CELLS_MAX)
            fields[n++] = (struct field){member->string, member->string,
                                         share                    ? AS_SHARE
                                         : cJSON_IsString(member) ? AS_TEXT
                                                                  : AS_NUMBER,
                                         cJSON_IsString(member)};
    }
    if (n == 0 || print_rows(rows, fields, n, terminal, out) == 0)
        fputs("nothing yet\n", out);
}

void queue_print_stats(const cJSON *stats, const struct terminal *terminal, FILE *out)
{
    if (cJSON_IsArray(stats)) {
        print_view(stats, terminal, out);
        return;
    }
    heading("Waiting", terminal, out);
    if (PRINT_ROWS(json_get(stats, "ageing"), ageing_fields, terminal, out) == 0)
        fputs("nothing waits\n", out);
    heading("\nAnswered within thirty days", terminal, out);
    if (PRINT_ROWS(json_get(stats, "sla"), sla_fields, terminal, out) == 0)
        fputs("nothing yet\n", out);
}

void queue_print_budget(const cJSON *budget, const struct terminal *terminal, FILE *out)
{
    static const struct field groups[] = {
        {"group", "review_group", AS_TEXT, true},       {"wait", "waiting", AS_NUMBER, false},
        {"late", "overdue", AS_NUMBER, false},          {"to come", "requests_week", AS_WHOLE, false},
        {"each", "seconds_each", AS_SECONDS, false},    {"hours of work", "work_week", AS_WHOLE, false},
        {"of people", "staffed_week", AS_WHOLE, false}, {"lacking", "lacking_hours", AS_WHOLE, false},
        {"late from", "late_in_seconds", AS_DUE, false}};
    const cJSON *row;

    heading("The week to come", terminal, out);
    if (PRINT_ROWS(json_get(budget, "groups"), groups, terminal, out) == 0)
        fputs("nothing is planned yet: the relay does it every five minutes\n", out);
    cJSON_ArrayForEach(row, json_get(budget, "groups"))
    {
        if (json_bool(row, "overloaded", false) || !json_bool(row, "is_staffed", true)) {
            put_text(json_str(row, "review_group", ""), out);
            fputs(json_bool(row, "overloaded", false)
                      ? ": more is due than people can do in time\n"
                      : ": no policy says who is at work; give it 'staffing' (docs/CAPACITY.md)\n",
                  out);
        }
    }
    cJSON_ArrayForEach(row, json_get(budget, "states"))
    {
        put_text(json_str(row, "profile", ""), out);
        fputs(json_num(row, "defer_minutes", 0) > 0
                  ? " is over: thresholds are moved, and reviews of low risk are deferred (docs/CAPACITY.md)\n"
                  : " is tight: thresholds are moved within what the promise certifies (docs/CAPACITY.md)\n",
              out);
    }
}

/* ---- one item ---- */

static void put_line(const char *title, const char *text, const struct terminal *terminal, FILE *out)
{
    if (!*text)
        return;
    fprintf(out, "%s%-11s%s", terminal_tint(terminal, TINT_DIM), title, terminal_tint(terminal, TINT_PLAIN));
    put_text(text, out);
    fputs("\n", out);
}

/* The reason in words; a rule's by its name. */
static void put_reason(const cJSON *decision, const char *code, FILE *out)
{
    fputs("  ", out);
    put_text(code, out);
    if (strcmp(code, reason_name(REASON_RULE)) == 0) {
        fputs(": the policy's rule ", out);
        put_text(json_str(decision, "rule_id", ""), out);
    }
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (i != REASON_RULE && strcmp(reason_name((enum reason)i), code) == 0)
            fprintf(out, ": %s", reason_description((enum reason)i));
    }
    fputs("\n", out);
}

static void put_decision(const cJSON *request, const struct terminal *terminal, FILE *out)
{
    const cJSON *decision = json_get(request, "decision"), *one;

    heading("Suggested", terminal, out);
    if (!cJSON_GetArraySize(json_get(decision, "alternatives"))) {
        fputs("  ", out);
        put_text(json_str(decision, "label", "(no label)"), out);
        fputs("\n", out);
    }
    cJSON_ArrayForEach(one, json_get(decision, "alternatives"))
    {
        fprintf(out, "  %3.0f %%  ", 100 * json_num(one, "confidence", 0));
        put_text(json_str(one, "label", ""), out);
        fputs("\n", out);
    }
    heading("Why it is here", terminal, out);
    cJSON_ArrayForEach(one, json_get(decision, "reasons"))
    {
        if (cJSON_IsString(one))
            put_reason(decision, one->valuestring, out);
    }
    put_line("Guideline", json_str(request, "guideline", ""), terminal, out);
}

static void put_draft(const cJSON *request, const char *text, const struct terminal *terminal, FILE *out)
{
    const cJSON *draft = json_get(json_get(request, "decision"), "draft"), *one;

    heading("Draft", terminal, out);
    put_text(*text ? text : "(none)", out);
    fputs("\n", out);
    cJSON_ArrayForEach(one, json_get(draft, "unsupported"))
    {
        fprintf(out, "%s  no source for:%s ", terminal_tint(terminal, TINT_RED), terminal_tint(terminal, TINT_PLAIN));
        put_text(json_str(one, "text", ""), out);
        fputs("\n", out);
    }
    cJSON_ArrayForEach(one, json_get(draft, "citations")) if (cJSON_IsString(one))
        put_line("  from", one->valuestring, terminal, out);
}

static void put_card(const cJSON *item, const cJSON *request, const cJSON *ticket, const char *draft,
                     const struct terminal *terminal, FILE *out)
{
    CLEANUP(buf_free) struct buf head = {0};
    char due[TERMINAL_SPAN_MAX], span[TERMINAL_SPAN_MAX];

    buf_printf(&head, "Item %.0f, due %s, risk %s", json_num(item, "item_id", 0),
               terminal_due(json_num(item, "due_in_seconds", 0), due), json_str(item, "risk", ""));
    if (cJSON_IsNumber(json_get(item, "claim_seconds")))
        buf_printf(&head, ", yours for %s (claim %.0f)", terminal_span(json_num(item, "claim_seconds", 0), span),
                   json_num(item, "claim_no", 0));
    heading(buf_str(&head), terminal, out);
    put_line("Ticket", json_str(item, "key", ""), terminal, out);
    put_line("From", json_str(json_get(ticket, "requester"), "name", ""), terminal, out);
    put_line("Subject", json_str(ticket, "subject", ""), terminal, out);
    fputs("\n", out);
    put_text(json_str(ticket, "body_text", json_str(ticket, "body", "")), out);
    fputs("\n\n", out);
    put_decision(request, terminal, out);
    put_draft(request, draft, terminal, out);
}

void queue_print_claimed(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    const cJSON *row;

    if (cJSON_GetArraySize(rows) == 0)
        fputs("nothing to claim: the queue is empty, or what is in it is claimed, asleep or skipped by you\n", out);
    cJSON_ArrayForEach(row, rows)
    {
        put_card(row, json_get(row, "request"), json_get(row, "ticket"), json_str(row, "draft", ""), terminal, out);
        double item = json_num(row, "item_id", 0), claim = json_num(row, "claim_no", 0);
        fprintf(
            out,
            "\n%s  triaged queue resolve %.0f %.0f          accepts it; --edit changes the draft, --label the label\n"
            "  triaged queue skip %.0f %.0f --reason …   gives it back%s\n",
            terminal_tint(terminal, TINT_DIM), item, claim, item, claim, terminal_tint(terminal, TINT_PLAIN));
    }
}

void queue_print_shown(const cJSON *shown, const struct terminal *terminal, FILE *out)
{
    static const struct field fields[] = {{"ago", "seconds_ago", AS_SECONDS, false},
                                          {"event", "event", AS_TEXT, false},
                                          {"by", "actor", AS_TEXT, true},
                                          {"claim", "claim_no", AS_NUMBER, false}};

    put_card(json_get(shown, "item"), json_get(shown, "request"), json_get(shown, "ticket"),
             json_str(shown, "draft", ""), terminal, out);
    heading("\nHistory", terminal, out);
    PRINT_ROWS(json_get(shown, "history"), fields, terminal, out);
}

/* ---- what came of an answer ---- */

void queue_print_resolved(const cJSON *answer, const struct terminal *terminal, FILE *out)
{
    const cJSON *first = cJSON_IsArray(answer) ? cJSON_GetArrayItem(answer, 0) : answer;
    char span[TERMINAL_SPAN_MAX];

    fprintf(out, "%sanswered%s", terminal_tint(terminal, TINT_GREEN), terminal_tint(terminal, TINT_PLAIN));
    if (cJSON_IsArray(answer))
        fprintf(out, " %d items", cJSON_GetArraySize(answer));
    if (json_num(first, "edit_distance", 0) > 0)
        fprintf(out, ", %.0f %% of the words changed", 100 * json_num(first, "edit_distance", 0));
    if (json_num(first, "held_seconds", 0) > 0)
        fprintf(out, "; goes out in %s unless you undo it", terminal_span(json_num(first, "held_seconds", 0), span));
    fputs("\n", out);
}

void queue_print_undone(const cJSON *rows, const struct terminal *terminal, FILE *out)
{
    const cJSON *first = cJSON_GetArrayItem(rows, 0);
    int others = cJSON_GetArraySize(rows) - 1;

    (void)terminal;
    fprintf(out, "taken back; item %.0f is yours again under claim %.0f", json_num(first, "item_id", 0),
            json_num(first, "claim_no", 0));
    if (others > 0)
        fprintf(out, ", %d others are open for everybody", others);
    fputs("\n", out);
}
