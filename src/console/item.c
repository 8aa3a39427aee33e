/* The queue gives one document; this puts it in the page's order and adds what only the program knows of its profile.
 */
#include "console/item.h"

#include <string.h>

#include "base/attrs.h"
#include "base/json.h"
#include "decide/explain.h"
#include "triage/decision.h"

enum { ITEM_DEPTH_MAX = 40, ITEM_TOKENS_MAX = 400000, FEATURES_SHOWN = 8 };

/* Takes a member out of one object and puts it into another, null where there is none. */
static void move(cJSON *from, const char *name, cJSON *to)
{
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(from, name);

    cJSON_AddItemToObject(to, name, item ? item : cJSON_CreateNull());
}

static void move_or_list(cJSON *from, const char *name, cJSON *to)
{
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(from, name);

    if (item && !cJSON_IsArray(item)) {
        cJSON_Delete(item);
        item = NULL;
    }
    cJSON_AddItemToObject(to, name, item ? item : cJSON_CreateArray());
}

/* ---- the draft and what it cites ---- */

static const char *title_in_context(const cJSON *decision, const char *id)
{
    const cJSON *articles = json_get(json_get(decision, "context"), "articles");
    const cJSON *article;

    cJSON_ArrayForEach(article, articles)
    {
        if (strcmp(json_str(article, "id", ""), id) == 0)
            return json_str(article, "title", NULL);
    }
    return NULL;
}

static void add_citation(cJSON *list, const struct console_profile *profile, const cJSON *decision, const char *id)
{
    const struct article *article = profile->knowledge ? knowledge_base_find(profile->knowledge, id) : NULL;
    const char *title = article ? article->title : title_in_context(decision, id);
    cJSON *citation = cJSON_CreateObject();

    cJSON_AddStringToObject(citation, "id", id);
    cJSON_AddStringToObject(citation, "title", title ? title : id);
    if (article)
        cJSON_AddStringToObject(citation, "text", article->body);
    else
        cJSON_AddNullToObject(citation, "text");
    cJSON_AddStringToObject(citation, "language", article ? article->language : "");
    cJSON_AddItemToArray(list, citation);
}

static void add_draft(cJSON *out, const struct console_profile *profile, cJSON *page, cJSON *decision)
{
    cJSON *draft = cJSON_DetachItemFromObjectCaseSensitive(decision, "draft");
    cJSON *shown = cJSON_AddObjectToObject(out, "draft");
    cJSON *text = cJSON_DetachItemFromObjectCaseSensitive(page, "draft");
    cJSON *citations, *list;
    const cJSON *id;

    cJSON_AddItemToObject(shown, "text", text ? text : cJSON_CreateNull());
    list = cJSON_AddArrayToObject(shown, "citations");
    citations = draft ? cJSON_GetObjectItemCaseSensitive(draft, "citations") : NULL;
    cJSON_ArrayForEach(id, citations)
    {
        if (cJSON_IsString(id))
            add_citation(list, profile, decision, id->valuestring);
    }
    move(draft, "macro_id", shown);
    move_or_list(draft, "unsupported", shown);
    cJSON_Delete(draft);
}

/* ---- reasons in words ---- */

static const char *words_of(const char *code)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        if (strcmp(reason_name((enum reason)i), code) == 0)
            return reason_description((enum reason)i);
    }
    return NULL;
}

/* The queue may carry a reason with its own words (a rule's, a recheck's): those stand where our table has none. */
static const char *words_in_request(const cJSON *request, const char *code)
{
    const cJSON *reason;

    cJSON_ArrayForEach(reason, json_get(request, "reasons"))
    {
        if (strcmp(json_str(reason, "code", ""), code) == 0)
            return json_str(reason, "text", NULL);
    }
    return NULL;
}

static void add_reasons(cJSON *out, const cJSON *request, const cJSON *decision)
{
    cJSON *list = cJSON_AddArrayToObject(out, "reasons");
    const cJSON *code;

    cJSON_ArrayForEach(code, json_get(decision, "reasons"))
    {
        cJSON *reason;
        const char *words;
        if (!cJSON_IsString(code))
            continue;
        words = words_of(code->valuestring);
        if (!words)
            words = words_in_request(request, code->valuestring);
        reason = cJSON_CreateObject();
        cJSON_AddStringToObject(reason, "code", code->valuestring);
        cJSON_AddStringToObject(reason, "text", words ? words : code->valuestring);
        cJSON_AddItemToArray(list, reason);
    }
}

/* How far the best label is ahead of the next. */
static void add_margin(cJSON *out, const cJSON *decision)
{
    const cJSON *alternatives = json_get(decision, "alternatives");
    const cJSON *first = cJSON_GetArrayItem(alternatives, 0), *second = cJSON_GetArrayItem(alternatives, 1);

    if (first && second)
        cJSON_AddNumberToObject(out, "margin", json_num(first, "confidence", 0) - json_num(second, "confidence", 0));
    else
        cJSON_AddNullToObject(out, "margin");
}

/* ---- what in the text speaks for the label ---- */

static bool is_word(const struct contribution *contribution)
{
    return contribution->block == BLOCK_WORD || contribution->block == BLOCK_SUBJECT_WORD;
}

static void add_feature(cJSON *list, const struct contribution *contribution)
{
    cJSON *feature = cJSON_CreateObject();

    cJSON_AddStringToObject(feature, "text", contribution->ngram);
    cJSON_AddNumberToObject(feature, "weight", contribution->to[0] - contribution->to[1]);
    cJSON_AddStringToObject(feature, "field", feature_block_name(contribution->block));
    cJSON_AddItemToArray(list, feature);
}

/* Words first: parts of words say little to a person, and stand only where there are not enough. */
static void add_features(cJSON *why, const struct explanation *explanation)
{
    cJSON *list = cJSON_AddArrayToObject(why, "features");
    int shown = 0;

    for (int words = 1; words >= 0; words--) {
        for (size_t i = 0; i < explanation->n && shown < FEATURES_SHOWN; i++) {
            const struct contribution *c = &explanation->contributions[i];
            if (c->to[0] - c->to[1] <= 0)
                break;
            if (is_word(c) == (words == 1)) {
                add_feature(list, c);
                shown++;
            }
        }
    }
}

static void add_why(cJSON *out, const struct console_profile *profile, const cJSON *ticket)
{
    const struct classifier_text text = {.subject = json_str(ticket, "subject", ""),
                                         .body = json_str(ticket, "body_text", ""),
                                         .sender = json_str(json_get(ticket, "requester"), "email", ""),
                                         .channel = json_str(ticket, "channel", "")};
    struct explanation explanation;
    char summary[3 * LABEL_MAX + 64];
    cJSON *why;

    if (!profile->classifier || !cJSON_IsObject(ticket)) {
        cJSON_AddNullToObject(out, "why");
        return;
    }
    classifier_explain(profile->classifier, &text, &explanation);
    why = cJSON_AddObjectToObject(out, "why");
    snprintf(summary, sizeof summary, "What speaks for %s rather than %s, by the words alone.", explanation.label[0],
             explanation.label[1]);
    cJSON_AddStringToObject(why, "summary", summary);
    cJSON_AddStringToObject(why, "label", explanation.label[0]);
    cJSON_AddStringToObject(why, "against", explanation.label[1]);
    add_features(why, &explanation);
    explanation_done(&explanation);
}

/* ---- the whole ---- */

/* The guideline that was in force when the request was made, else today's. */
static void add_guideline(cJSON *out, const struct console_profile *profile, const cJSON *request, const char *label)
{
    const struct policy_class *class = profile->policy ? policy_class_find(profile->policy, label) : NULL;
    const char *then = json_str(request, "guideline", "");

    cJSON_AddStringToObject(out, "guideline", *then ? then : class && class->guideline ? class->guideline : "");
}

static void add_decision(cJSON *out, cJSON *decision)
{
    static const char *const names[] = {"label", "confidence", "language", "rule_id", "rule_ids", "promise"};
    cJSON *shown = cJSON_AddObjectToObject(out, "decision");

    move_or_list(decision, "alternatives", shown);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        move(decision, names[i], shown);
}

/* Where there are several, another's guideline or articles would be wrong: an unknown profile has none. */
static const struct console_profile *profile_of(const struct console_parts *parts, const char *name)
{
    static const struct console_profile unknown = {.name = ""};

    if (parts->n_profiles == 1)
        return &parts->profiles[0];
    for (size_t i = 0; i < parts->n_profiles; i++) {
        if (strcmp(parts->profiles[i].name, name) == 0)
            return &parts->profiles[i];
    }
    return &unknown;
}

char *item_document(const struct console_parts *parts, const char *json)
{
    const struct json_limits limits = {ITEM_BYTES_MAX, ITEM_DEPTH_MAX, ITEM_TOKENS_MAX};
    CLEANUP(json_done) cJSON *page = NULL;
    CLEANUP(json_done) cJSON *out = cJSON_CreateObject();
    const struct console_profile *profile;
    cJSON *request, *decision;

    if (json_parse(json, strlen(json), &limits, &page, NULL) < 0)
        return NULL;
    profile = profile_of(parts, json_str(json_get(page, "item"), "profile", ""));
    request = cJSON_GetObjectItemCaseSensitive(page, "request");
    decision = cJSON_GetObjectItemCaseSensitive(request, "decision");
    add_reasons(out, request, decision);
    add_margin(out, decision);
    add_why(out, profile, json_get(page, "ticket"));
    add_guideline(out, profile, request, json_str(json_get(page, "item"), "label", ""));
    add_draft(out, profile, page, decision);
    move(decision, "provenance", out);
    add_decision(out, decision);
    move(page, "item", out);
    move(page, "ticket", out);
    move_or_list(page, "similar", out);
    move_or_list(page, "alike", out);
    move_or_list(page, "history", out);
    return json_text(out);
}
