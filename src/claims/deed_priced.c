/* The thing is what stands around the word "free"; all its words must stand in the sentence that has the price. */
#include "claims/deed_priced.h"

#include "claims/deed_content.h"
#include "claims/deed_words.h"
#include "claims/sentences.h"

enum { THING_REACH = 3, THING_WORDS_LEAST = 2 };

/* The words of the content next to the word of the deed. */
static void thing_of(const struct folded *draft, const struct deed *deed, struct deed_content *ret)
{
    static const struct fact_list none;
    static _Thread_local struct sentence s;
    struct deed_content all;
    size_t at = 0;

    deed_content(draft, &none, deed, &all);
    sentence_split(draft, deed->clause_start, deed->clause_end, &s);
    while (at + 1 < s.n && s.words[at].start < deed->verb_start)
        at++;
    ret->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        for (size_t k = at > THING_REACH ? at - THING_REACH : 0; k < s.n && k <= at + THING_REACH; k++) {
            if (s.words[k].start == all.words[i].start)
                ret->words[ret->n++] = all.words[i];
        }
    }
}

static bool all_stand(const struct deed_content *thing, const struct sentence *s)
{
    for (size_t i = 0; i < thing->n; i++) {
        if (!content_stands(&thing->words[i], s))
            return false;
    }
    return true;
}

static bool has_amount(const struct ground *ground, size_t start, size_t end)
{
    for (size_t i = 0; i < ground->facts.n; i++) {
        const struct fact *fact = &ground->facts.items[i];
        if (fact->kind == CLAIM_AMOUNT && fact->start >= start && fact->start < end)
            return true;
    }
    return false;
}

bool deed_priced(const struct folded *draft, const struct deed *deed, const struct ground *grounds, size_t n)
{
    static _Thread_local struct sentence s;
    struct deed_content thing;
    bool priced = false;

    if (deed->family != FAMILY_FREE)
        return false;
    thing_of(draft, deed, &thing);
    for (size_t g = 0; g < n && thing.n >= THING_WORDS_LEAST; g++) {
        size_t at = 0, start, end;
        while (!grounds[g].ticket && sentence_next(&grounds[g].text, &at, &start, &end)) {
            sentence_split(&grounds[g].text, start, end, &s);
            if (!all_stand(&thing, &s))
                continue;
            if (deed_costs_nothing(&s))
                return false;
            priced |= has_amount(&grounds[g], start, end);
        }
    }
    return priced;
}
