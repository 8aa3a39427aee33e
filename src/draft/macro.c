/* Approved macros: the answer that somebody wrote once for a question that comes often. A slot has a form, such as
 * order_number=KH-*, and is filled only where exactly one word of the ticket has it. */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "draft/seen.h"
#include "draft/sources.h"
#include "triage/draft.h"

enum {
    SLOT_NAME_MAX = 64,
    SLOT_FORM_MAX = 64,
    SLOT_VALUE_MAX = 40, /* bytes: a number of something, no sentence */
    MACRO_HITS = 3,      /* a macro that fits the question is among so many */
};

/* Why this article may not go out as it stands; NULL when it may. */
static const char *macro_fault(const struct article *macro)
{
    if (!macro || strcmp(macro->kind, "macro") != 0)
        return "the knowledge has no macro of this name";
    if (*macro->superseded_by)
        return "it was superseded";
    if (!*macro->approved_by)
        return "nobody approved it";
    return strcmp(macro->audience, "agent") == 0 ? "it is for agents" : NULL;
}

/* ---- slots ---- */

/* The entry of a list "[a, b=FORM]" with this name; its form, "" without. False when there is none. */
static bool slot_form(const char *list, const char *name, size_t name_len, char form[SLOT_FORM_MAX])
{
    for (const char *at = list + strspn(list, "[ "); *at && *at != ']';) {
        size_t len = strcspn(at, ",]"), named = strcspn(at, "=,] ");
        if (named == name_len && strncmp(at, name, name_len) == 0) {
            size_t skip = at[named] == '=' ? named + 1 : len;
            size_t form_len = strcspn(at + skip, ",] ");
            snprintf(form, SLOT_FORM_MAX, "%.*s", (int)(skip < len ? form_len : 0), at + skip);
            return true;
        }
        at += len;
        at += strspn(at, ", ");
    }
    return false;
}

static bool in_code(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

/* The word of the text that has this form; a number is part of it. False when another was found before: then nobody
 * knows which one is meant. */
static bool find_value(const char *text, const char *form, char value[SLOT_VALUE_MAX])
{
    while (*text) {
        char word[SLOT_VALUE_MAX];
        size_t len = 0;
        while (in_code(text[len]))
            len++;
        if (len > 0 && len < SLOT_VALUE_MAX) {
            snprintf(word, sizeof word, "%.*s", (int)len, text);
            if (strpbrk(word, "0123456789") && fnmatch(form, word, 0) == 0) {
                if (*value && strcmp(value, word) != 0)
                    return false;
                memcpy(value, word, sizeof word);
            }
        }
        text += len ? len : 1;
    }
    return true;
}

/* 0 with the text, -1 when a slot can't be filled. */
static int fill_slots(const struct article *macro, const struct ticket *ticket, struct buf *out)
{
    const char *text = macro->body;

    while (*text) {
        size_t plain = strcspn(text, "{"), name_len;
        char form[SLOT_FORM_MAX] = "", value[SLOT_VALUE_MAX] = "";
        buf_add(out, text, plain);
        text += plain;
        if (!*text)
            break;
        name_len = strcspn(text + 1, "}");
        if (name_len >= SLOT_NAME_MAX || !slot_form(macro->slots, text + 1, name_len, form) || !*form ||
            !find_value(ticket->subject, form, value) || !find_value(ticket->body_text, form, value) || !*value)
            return -1;
        buf_puts(out, value);
        text += name_len + 2;
    }
    return 0;
}

/* ---- public ---- */

int draft_macro(struct knowledge *knowledge, const char *macro_id, const struct ticket *ticket, struct draft *ret_draft,
                struct err *reterr)
{
    const struct article *macro = knowledge_find(knowledge, macro_id);
    const char *fault = macro_fault(macro);
    CLEANUP(buf_free) struct buf text = {0};
    struct draft draft = {.n_citations = 1};

    if (!fault && macro->n_slots && fill_slots(macro, ticket, &text) < 0)
        fault = "a slot of it has no one value in the ticket";
    if (fault)
        return err_reason(reterr, ERR_PERMANENT, "no_macro", "the macro %s can't be used: %s", macro_id, fault);
    draft.text = mem_strdup(macro->n_slots ? buf_str(&text) : macro->body);
    snprintf(draft.citations[0], sizeof draft.citations[0], "%s", macro->id);
    snprintf(draft.macro_id, sizeof draft.macro_id, "%s", macro->id);
    *ret_draft = draft;
    return 0;
}

/* Whether a list "[a, b]" has this entry. */
static bool has_label(const char *list, const char *label)
{
    size_t len = strlen(label);

    for (const char *at = list + strspn(list, "[ "); *at && *at != ']';) {
        size_t entry = strcspn(at, ",] ");
        if (entry == len && strncmp(at, label, len) == 0)
            return true;
        at += entry;
        at += strspn(at, ", ");
    }
    return false;
}

/* A search costs much more than this look. */
static bool any_for(const struct knowledge *knowledge, const char *label)
{
    for (size_t i = 0; i < knowledge_count(knowledge); i++) {
        const struct article *article = knowledge_at(knowledge, i);
        if (has_label(article->labels, label) && !macro_fault(article))
            return true;
    }
    return false;
}

int draft_fitting_macro(struct knowledge *knowledge, const struct ticket *ticket, const struct decision *decision,
                        const struct draft_settings *settings, struct draft *ret_draft, struct err *reterr)
{
    CLEANUP(seen_free) struct seen_text seen = {0};
    CLEANUP(buf_free) struct buf query = {0};
    struct knowledge_hit hits[MACRO_HITS];
    struct err err = {0};
    size_t n = 0;

    if (!any_for(knowledge, decision->label))
        return 0;
    if (seen_make(settings->pii, NULL, ticket, &seen, reterr) < 0)
        return -1;
    sources_query(&seen, &query);
    if (knowledge_search(knowledge, buf_str(&query), *decision->language ? decision->language : "en", NULL, hits,
                         MACRO_HITS, &n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct article *article = hits[i].article;
        if (hits[i].score >= settings->retrieval_least * knowledge_least(knowledge) &&
            has_label(article->labels, decision->label) &&
            draft_macro(knowledge, article->id, ticket, ret_draft, &err) == 0)
            return 1;
    }
    return 0;
}
