/* Writing the manifest. Spans count code points, half-open, as everywhere in the contract. */
#include "draft/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "decide/text.h"

enum { TURN_NAME_MAX = 32 };

/* ---- articles ---- */

static void add_articles(cJSON *doc, const struct manifest *self)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "articles");

    for (size_t i = 0; !self->weak && i < self->sources->n; i++) {
        const struct source *source = &self->sources->items[i];
        cJSON *item = cJSON_CreateObject(), *chunk;
        size_t start = utf8_count(source->article->body, source->start);
        cJSON_AddStringToObject(item, "id", source->article->id);
        cJSON_AddStringToObject(item, "hash", source->article->hash);
        chunk = cJSON_AddObjectToObject(item, "chunk");
        cJSON_AddNumberToObject(chunk, "start", (double)start);
        cJSON_AddNumberToObject(chunk, "end",
                                (double)(start + utf8_count(source->article->body + source->start, source->len)));
        cJSON_AddItemToArray(list, item);
    }
}

static void add_left_out(cJSON *list, const char *member, const char *name, const char *reason)
{
    cJSON *item = cJSON_CreateObject();

    cJSON_AddStringToObject(item, member, name);
    cJSON_AddStringToObject(item, "reason", reason);
    cJSON_AddItemToArray(list, item);
}

/* ---- the ticket ---- */

/* The turn that the text was taken from: body_text, or one of the messages where the body is empty. */
static void name_turn(const struct ticket *ticket, char out[TURN_NAME_MAX])
{
    const char *newest = ticket_newest_body(ticket);

    snprintf(out, TURN_NAME_MAX, "body_text");
    for (size_t i = 0; i < ticket->n_messages; i++) {
        if (newest == ticket->messages[i].body_text)
            snprintf(out, TURN_NAME_MAX, "messages/%zu", i);
    }
}

/* Whether lines of the text were left out as quoted replies or signature: the same test as ticket_plain_text's. */
static bool has_quoted(const char *text)
{
    size_t len = strlen(text);
    struct text_lines lines;
    struct text_line line;

    if (!text_has_newest(text, len))
        return false;
    text_lines_start(&lines, text, len);
    while (text_lines_next(&lines, &line)) {
        if (line.part != TEXT_NEWEST && strspn(line.text, " \t") < line.len)
            return true;
    }
    return false;
}

/* A carriage return is no secret. */
static bool has_invisible(const char *text)
{
    CLEANUP(buf_free) struct buf seen = {0};
    size_t returns = 0, len = strlen(text);

    for (const char *at = text; (at = strchr(at, '\r')); at++)
        returns++;
    text_add_visible(&seen, text, len);
    return seen.len + returns < len;
}

static void add_text_left_out(cJSON *list, const struct manifest *self, const char *turn)
{
    const char *newest = ticket_newest_body(self->ticket), *subject = self->ticket->subject;

    if (self->subject_hidden || has_invisible(subject))
        add_left_out(list, "field", "subject", "hidden");
    if (self->subject_doubted)
        add_left_out(list, "field", "subject", "addressed");
    if (self->subject_cut)
        add_left_out(list, "field", "subject", "budget");
    if (has_quoted(newest))
        add_left_out(list, "field", turn, "quoted");
    if (self->text_hidden || has_invisible(newest))
        add_left_out(list, "field", turn, "hidden");
    if (self->text_doubted)
        add_left_out(list, "field", turn, "addressed");
    if (self->text_cut)
        add_left_out(list, "field", turn, "budget");
}

/* ---- the whole ---- */

static void add_all_left_out(cJSON *doc, const struct manifest *self, const char *turn)
{
    cJSON *list = cJSON_AddArrayToObject(doc, "left_out");
    const struct sources *sources = self->sources;

    for (size_t i = 0; self->weak && i < sources->n; i++)
        add_left_out(list, "id", sources->items[i].article->id, "weak");
    for (size_t i = 0; i < sources->n_left_out; i++)
        add_left_out(list, "id", sources->left_out[i].article->id, sources->left_out[i].reason);
    if (self->prompt)
        add_text_left_out(list, self, turn);
}

static void add_turns(cJSON *doc, const struct manifest *self, const char *turn)
{
    cJSON *turns = cJSON_AddObjectToObject(doc, "turns"), *used = cJSON_AddArrayToObject(turns, "used");
    size_t all = self->ticket->n_messages + (*self->ticket->body_text ? 1 : 0);
    bool shown = self->prompt && *ticket_newest_body(self->ticket);

    if (shown)
        cJSON_AddItemToArray(used, cJSON_CreateString(turn));
    cJSON_AddNumberToObject(turns, "left_out", (double)(all - (shown ? 1 : 0)));
}

static void add_fields(cJSON *doc, const struct manifest *self)
{
    static const char *const shown[] = {"subject", "label", "language"};
    cJSON *fields = cJSON_AddArrayToObject(doc, "fields");

    for (size_t i = 0; self->prompt && i < ARRAY_LEN(shown); i++)
        cJSON_AddItemToArray(fields, cJSON_CreateString(shown[i]));
}

char *manifest_json(const struct manifest *self)
{
    CLEANUP(json_done) cJSON *doc = cJSON_CreateObject();
    char turn[TURN_NAME_MAX], hash[SHA256_HEX_MAX];

    name_turn(self->ticket, turn);
    add_articles(doc, self);
    add_all_left_out(doc, self, turn);
    add_turns(doc, self, turn);
    add_fields(doc, self);
    if (self->prompt || self->weak)
        cJSON_AddStringToObject(doc, "ranked_by", self->by_meaning ? "meaning" : "words");
    cJSON_AddStringToObject(doc, "prompt_hash",
                            self->prompt ? sha256_hex(self->prompt, strlen(self->prompt), hash) : "");
    cJSON_AddNumberToObject(doc, "tokens_budget", (double)self->tokens_budget);
    return json_text(doc);
}
