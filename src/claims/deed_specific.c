/* Ways to promise more, in groups of one meaning: a source that has any word of the group tells of it. */
#include "claims/deed_specific.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/deed_words.h"
#include "claims/sentences.h"

enum { NEW_WORDS_MOST = 1 };

/* Words between blanks, folded; + joins those that must follow each other. */
static const char *const groups[] = {
    "immediately within+the+hour first+thing straight+away right+away at+once instantly same+day that+day promptly "
    "as+soon sofort umgehend "
    "unverzueglich gleich selben+tag sobald directly direkt",
    "full fully whole entire entirely complete completely voll volle vollen voller volles vollem vollstaendig "
    "vollstaendige vollstaendigen komplett komplette kompletten gesamt gesamte gesamten gesamter saemtliche "
    "hundertprozentig",
    "courier couriers kurier express expressversand eilversand expresslieferung overnight bote boten eilpaket",
    "home doorstep door nach+hause zuhause haustuer address adresse anschrift",
    "personally persoenlich in+person",
    "vorab in+advance beforehand ahead upfront up+front vorher im+voraus earlier before bevor vor vorlaeufig prior "
    "notice announce announces kuendigt angekuendigt ankuendigung",
    "priority vorrang vorrangig vordringlich bevorzugt in+front first+in first+pick queue fast+track nach+vorn",
    "obendrein zusaetzlich additionally extra bonus on+top",
    "this+time dieses+mal diesmal ausnahmsweise exception exceptionally ausnahme gesture courtesy goodwill kulanz "
    "kulanterweise trouble entschuldigung umstaende ausgleich apology",
    "in+any+case regardless no+matter auf+jeden+fall in+jedem+fall jedenfalls definitely without+fail "
    "ganz+sicher",
    "end+of+the+month month+end monatsende ende+des+monats",
    "end+of+the+year year+end jahresende ende+des+jahres",
    "end+of+the+week wochenende weekend ende+der+woche",
    "on+your+behalf your+behalf in+ihrem+namen an+ihrer+stelle",
    "even+without auch+ohne selbst+ohne",
    "ourselves out+of+our+own+pocket aus+eigener+tasche",
    "permanently dauerhaft forever lifelong lebenslang",
};

/* What makes even something free a favour that no article has. */
static const char favour[] = "entschuldigung apology kulanz kulanterweise goodwill gesture courtesy dankeschoen+fuer "
                             "wiedergutmachung";

/* The words of the entry up to the blank, one behind the other from word i on. */
static bool entry_stands(const struct sentence *s, size_t i, const char *entry, size_t len)
{
    size_t part = strcspn(entry, "+ ");

    while (i < s->n && word_is(&s->words[i], entry, part)) {
        if (part >= len)
            return true;
        entry += part + 1;
        len -= part + 1;
        part = strcspn(entry, "+ ");
        i++;
    }
    return false;
}

static bool group_stands(const struct sentence *s, const char *group)
{
    while (*group) {
        size_t len = strcspn(group, " ");
        for (size_t i = 0; i < s->n; i++) {
            if (entry_stands(s, i, group, len))
                return true;
        }
        group += len + strspn(group + len, " ");
    }
    return false;
}

static bool group_stands_in(const struct folded *text, const char *group)
{
    static _Thread_local struct sentence s;
    size_t at = 0, start, end;

    while (sentence_next(text, &at, &start, &end)) {
        sentence_split(text, start, end, &s);
        if (group_stands(&s, group))
            return true;
    }
    return false;
}

static bool adds_manner_of(const char *group, const struct folded *draft, const struct deed *deed,
                           const struct ground *grounds, size_t n)
{
    static _Thread_local struct sentence clause;
    bool told;

    sentence_split(draft, deed->clause_start, deed->clause_end, &clause);
    told = !group_stands(&clause, group);
    for (size_t g = 0; g < n && !told; g++)
        told = !grounds[g].ticket && group_stands_in(&grounds[g].text, group);
    return !told;
}

static bool adds_manner(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n)
{
    for (size_t k = 0; k < ARRAY_LEN(groups); k++) {
        if (adds_manner_of(groups[k], draft, deed, grounds, n))
            return true;
    }
    return false;
}

static bool stands_in_any(const struct word *word, const struct ground *grounds, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        if (content_stands_in(word, &grounds[g].text))
            return true;
    }
    return false;
}

static bool adds_things(const struct deed *deed, const struct deed_content *content, const struct ground *grounds,
                        size_t n)
{
    size_t added = 0, of_article = 0;

    for (size_t i = 0; i < content->n; i++) {
        bool told = false, in_article = false;
        for (size_t g = 0; g < n; g++) {
            bool stands = content_stands_in(&content->words[i], &grounds[g].text);
            told |= stands;
            in_article |= stands && !grounds[g].ticket;
        }
        added += !told;
        of_article += in_article;
    }
    if (content->n && !of_article && (deed->gets || deed->family == FAMILY_REFUND))
        return true; /* nothing of what they get */
    return added > NEW_WORDS_MOST;
}

/* Where the part behind "and a" begins, or the clause's end. */
static size_t another_start(const struct folded *draft, const struct deed *deed)
{
    static _Thread_local struct sentence clause;

    sentence_split(draft, deed->clause_start, deed->clause_end, &clause);
    for (size_t k = 0; k + 1 < clause.n; k++) {
        if (clause.words[k].start > deed->verb_start && word_in(&clause.words[k], "and und plus") &&
            word_in(&clause.words[k + 1], "a an some ein eine einen"))
            return clause.words[k].start;
    }
    return deed->clause_end;
}

/* "You'll get a text and a courtesy bike": what stands behind an "and" is a thing of its own. */
static bool adds_another(const struct folded *draft, const struct deed *deed, const struct deed_content *content,
                         const struct ground *grounds, size_t n)
{
    size_t start = another_start(draft, deed);

    for (size_t i = 0; i < content->n; i++) {
        if (content->words[i].start >= start && !stands_in_any(&content->words[i], grounds, n))
            return true;
    }
    return false;
}

/* Benefits by their name are looked for by their own words. */
bool deed_adds(const struct folded *draft, const struct deed *deed, const struct deed_content *content,
               const struct ground *grounds, size_t n)
{
    if (deed->kind == CLAIM_PROMISE && deed->family == FAMILY_FREE)
        return adds_manner_of(favour, draft, deed, grounds, n);
    if (deed->kind != CLAIM_PROMISE || deed->thing || deed->family == FAMILY_ABSOLUTE)
        return false;
    return adds_manner(draft, deed, grounds, n) || (!deed->passive && adds_things(deed, content, grounds, n)) ||
           adds_another(draft, deed, content, grounds, n);
}
