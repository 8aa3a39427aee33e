/* Searching, choosing among what was found, and saying why the rest stays out. */
#include "draft/sources.h"

#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "knowledge/terms.h"

enum { QUERY_BYTES_MAX = 2000, LANGUAGES_SHOWN = 3, PARTS_MAX = 256 /* of one article that are looked at */ };

/* A source that scores below this share of the best one distracts more than it helps, and costs time. */
#define SOURCE_SHARE_LEAST 0.5

/* ---- cutting ---- */

size_t sources_cut(const char *text, size_t max)
{
    size_t most = utf8_cut(text, strlen(text), max), len = most;

    if (text[len] == '\0')
        return len;
    while (len > most / 2 && text[len - 1] != '\n' && !(strchr(".!?", text[len - 1]) && strchr(" \n", text[len])))
        len--;
    return len > most / 2 ? len : most;
}

/* ---- the part that is shown ---- */

/* The next place where a part may begin: a heading or a paragraph. NULL: no more. */
static const char *next_block(const char *text)
{
    for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) {
        if (at[1] == '#' || (at[1] == '\n' && at[2] && at[2] != '\n'))
            return at + (at[1] == '#' ? 1 : 2);
    }
    return NULL;
}

/* Of an article that is too long the part that shares most words with the question; of such one that begins with a
 * heading, and the earliest. The whole article stands behind the claim check all the same. */
static void choose_part(struct source *source, const char *question, const char *language)
{
    const char *body = source->article->body;
    size_t best = 0;
    int n = 0;

    source->start = 0;
    source->len = sources_cut(body, SOURCE_BYTES_MAX);
    if (body[source->len] == '\0')
        return;
    for (const char *at = body; at && n < PARTS_MAX; at = next_block(at), n++) {
        size_t len = sources_cut(at, SOURCE_BYTES_MAX),
               worth = 2 * terms_shared(question, language, at, len) + (*at == '#');
        if (worth > best) {
            best = worth;
            source->start = (size_t)(at - body);
            source->len = len;
        }
    }
}

/* ---- choosing ---- */

static void leave_out(struct sources *self, const struct article *article, const char *reason)
{
    if (self->n_left_out < SOURCES_LEFT_OUT_MAX)
        self->left_out[self->n_left_out++] = (struct left_out){article, reason};
}

/* What may not stand behind an answer to a customer: what is for agents, a template with open slots, a macro that
 * nobody approved. NULL when it may. */
static const char *unfit(const struct article *article)
{
    if (strcmp(article->audience, "agent") == 0)
        return "audience";
    if (strcmp(article->kind, "macro") == 0 && (article->n_slots > 0 || !*article->approved_by))
        return "template";
    return NULL;
}

static size_t tokens_of(const struct sources *self)
{
    size_t bytes = 0;

    for (size_t i = 0; i < self->n; i++)
        bytes += self->items[i].len;
    return bytes / SOURCE_BYTES_PER_TOKEN;
}

static void consider(struct sources *self, const struct knowledge_hit *hit, const char *question, const char *language,
                     size_t tokens_max)
{
    const char *why = unfit(hit->article);
    struct source source = {.article = hit->article, .score = hit->score};

    choose_part(&source, question, language);
    if (!why && self->n > 0 && hit->score < SOURCE_SHARE_LEAST * self->items[0].score)
        why = "weak";
    if (!why && self->n > 0 &&
        (self->n == DRAFT_ARTICLES_MAX || tokens_of(self) + source.len / SOURCE_BYTES_PER_TOKEN > tokens_max))
        why = "budget";
    if (why)
        leave_out(self, hit->article, why);
    else
        self->items[self->n++] = source;
}

/* A superseded article is never found by its words; it is named when the one in its place is used. */
static void name_superseded(struct sources *self, const struct knowledge *knowledge)
{
    for (size_t i = 0; i < knowledge_count(knowledge); i++) {
        const struct article *old = knowledge_at(knowledge, i);
        for (size_t s = 0; *old->superseded_by && s < self->n; s++) {
            if (strcmp(old->superseded_by, self->items[s].article->id) == 0)
                leave_out(self, old, "superseded");
        }
    }
}

static void name_other_languages(struct sources *self, const struct knowledge *knowledge, const char *language)
{
    struct knowledge_hit hits[LANGUAGES_SHOWN];
    size_t n = knowledge_other_languages(knowledge, language, hits, LANGUAGES_SHOWN);

    for (size_t i = 0; i < n; i++)
        leave_out(self, hits[i].article, "language");
}

void sources_query(const struct seen_text *seen, struct buf *out)
{
    buf_printf(out, "%s\n", seen->subject);
    buf_add(out, seen->text, utf8_cut(seen->text, strlen(seen->text), QUERY_BYTES_MAX));
}

int sources_find(struct knowledge *knowledge, const struct seen_text *seen, const char *language, size_t tokens_max,
                 struct sources *ret_sources, struct err *reterr)
{
    CLEANUP(buf_free) struct buf query = {0};
    struct knowledge_hit hits[KNOWLEDGE_HITS_MAX];
    struct sources sources = {0};
    size_t n;

    sources_query(seen, &query);
    if (knowledge_search(knowledge, buf_str(&query), language, NULL, hits, KNOWLEDGE_HITS_MAX, &n, reterr) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        consider(&sources, &hits[i], buf_str(&query), language, tokens_max);
    name_superseded(&sources, knowledge);
    name_other_languages(&sources, knowledge, language);
    *ret_sources = sources;
    return 0;
}
