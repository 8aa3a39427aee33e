/* "Geht sie rechtzeitig ein, bekommen Sie", "nothing is charged beyond that": how the articles' rules come out. "Von
 * uns", "auf jeden Fall", "as an apology" commit us, and then it is a promise. */
#include "claims/deed_by_rule.h"

#include <string.h>

#include "claims/deed_content.h"
#include "claims/deed_words.h"
#include "claims/overlap.h"

enum { THING_WORDS_MOST = 4, THING_LETTERS_LEAST = 3 };

#define COMMITS                                                                                                        \
    "we us our i wir uns ich unser unsere unserer fall guaranteed garantiert natuerlich selbstverstaendlich "          \
    "certainly "                                                                                                       \
    "definitely apology entschuldigung dank dankeschoen trouble ausgleich wiedergutmachung unannehmlichkeiten kulanz " \
    "kulanterweise goodwill gesture ausnahmsweise exceptionally zusaetzlich ausserdem additionally extra obendrein "   \
    "house haus gift geschenk geschenkt sogar even all today heute morgen tomorrow sofort immediately"

/* "Geht sie ein, bekommen Sie ...": a condition that its verb begins, and the verb of what follows right behind it. */
static bool follows_verb_first(const struct sentence *s, size_t i)
{
    const struct word *first = &s->words[0];

    return clause_start(s, i) == i && i > 1 && clause_last(s, 0) + 1 == i && first->len >= 4 &&
           strchr("tn", first->at[first->len - 1]) &&
           word_in(&s->words[1], "er sie es das die der den ihr ihre dein deine ein eine etwas jemand man nichts");
}

/* "Bekommen Sie etwas zurueck": no thing is named, the rule is. */
static bool is_of_something(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i), last = clause_last(s, i), at = word_before(s, from, last, "etwas something");

    return at < last && word_in(&s->words[at + 1], "zurueck back davon of");
}

/* "Nothing is charged beyond that". */
static bool is_beyond(const struct sentence *s, size_t i)
{
    size_t last = clause_last(s, i);
    size_t at = word_before(s, clause_start(s, i), last + 1, "beyond darueber");

    return at < last && word_in(&s->words[at + 1], "that this it hinaus");
}

/* "You don't want to pay": what they want is no news. */
static bool is_wanted(const struct sentence *s, size_t i)
{
    return words_have(s, clause_start(s, i), clause_last(s, i) + 1,
                      "want wish wanted refuse moechten moechtest wollen wollten willst") &&
           words_have(s, clause_start(s, i), i, "you sie du ihr");
}

bool deed_by_rule(const struct sentence *s, size_t i, const struct deed *deed)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (deed->kind != CLAIM_PROMISE || deed->thing || !(deed->gets || deed->family == FAMILY_FREE))
        return false;
    if (deed->family == FAMILY_FREE && is_wanted(s, i))
        return true;
    if (words_have(s, from, last + 1, COMMITS))
        return false;
    return deed->gets ? follows_verb_first(s, i) || is_of_something(s, i) : is_beyond(s, i);
}

/* Where the noun phrase behind word i ends: its last word, or i. */
static size_t thing_behind(const struct sentence *s, size_t i)
{
    size_t at = i;
    bool german = strncmp(s->words[i].at, "kosten", strlen("kosten")) == 0;

    while (at < clause_last(s, i) && at - i < (german ? 1 : THING_WORDS_MOST) &&
           !word_is_little(s->words[at + 1].at, s->words[at + 1].len) &&
           !word_in(
               &s->words[at + 1],
               "to in at for with on by into of within until if when once and or from per every during before after as "
               "anyway too again today this next either though there here everywhere"))
        at++;
    return at;
}

bool deed_frees_new(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n)
{
    static _Thread_local struct sentence s;
    size_t i = 0, head;

    if (deed->family != FAMILY_FREE)
        return false;
    sentence_split(draft, deed->clause_start, deed->clause_end, &s);
    while (i < s.n && s.words[i].start != deed->verb_start)
        i++;
    if (i == s.n || i == 0 ||
        !word_in(&s.words[i], "free complimentary kostenlose kostenlosen kostenloses kostenloser"))
        return false;
    if (!words_have(&s, 0, i, "will 'll get receive give offer send bekommen bekommst erhalten erhaeltst wir we i"))
        return false;
    head = thing_behind(&s, i);
    if (head == i || s.words[head].len < THING_LETTERS_LEAST)
        return false;
    for (size_t g = 0; g < n; g++) {
        if (content_stands_in(&s.words[head], &grounds[g].text))
            return false;
    }
    return true;
}
