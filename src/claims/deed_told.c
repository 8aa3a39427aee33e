/* The verb may differ: what is got in the draft is sent, given or issued in the article. */
#include "claims/deed_told.h"

#include "base/attrs.h"
#include "claims/deed_words.h"
#include "claims/sentences.h"

/* One word of MISSING_PER may be missing. */
enum { MISSING_PER = 3, MISSING_PER_OF_MONEY = 4 };

/* How many of the words stand in one of the two. */
static size_t standing(const struct deed_content *content, const struct sentence *one, const struct sentence *other)
{
    size_t n = 0;

    for (size_t i = 0; i < content->n; i++)
        n += content_stands(&content->words[i], one) || content_stands(&content->words[i], other);
    return n;
}

/* "Wir versprechen fuenf Tage Frische" of the "Frischegarantie": guaranteed there, and by that name. */
static bool is_guarantee(const struct sentence *s)
{
    static const char *const ends[] = {"garantie",   "guarantee",   "guaranteed",
                                       "garantiert", "garantieren", "versprechen"};

    for (size_t i = 0; i < s->n; i++) {
        if (fold_ends_in(s->words[i].at, s->words[i].len, ends, ARRAY_LEN(ends)))
            return true;
    }
    return false;
}

/* What is given back, granted or repaired must be told as such; who gets what, or what comes, may be told by any verb.
 */
static bool may_differ(const struct deed *deed, size_t n)
{
    return deed->kind == CLAIM_PROMISE && !deed->thing && !deed->sure &&
           ((deed->gets && (deed->family == FAMILY_GETS || n > 1)) || (deed->family == FAMILY_ARRIVE && n > 1) ||
            (deed->passive && (deed->family < FAMILY_GUARANTEE || deed->family == FAMILY_ANY)));
}

#define BIT(family) (1u << (family))

/* Families whose deeds come to the same for who gets the thing: what is replaced is sent, handed over, got. A call is a
 * way to be in touch, and to be in touch is no call. */
static const unsigned kin_of[] = {
    [FAMILY_SEND] = BIT(FAMILY_REPLACE) | BIT(FAMILY_OFFER) | BIT(FAMILY_GETS) | BIT(FAMILY_ARRIVE),
    [FAMILY_REPLACE] = BIT(FAMILY_SEND) | BIT(FAMILY_OFFER) | BIT(FAMILY_GETS) | BIT(FAMILY_MAKE),
    [FAMILY_CONTACT] = BIT(FAMILY_CALL),
    [FAMILY_OFFER] = BIT(FAMILY_SEND) | BIT(FAMILY_REPLACE),
    [FAMILY_GETS] = BIT(FAMILY_SEND) | BIT(FAMILY_REPLACE) | BIT(FAMILY_OFFER) | BIT(FAMILY_ARRIVE),
    [FAMILY_ARRIVE] = BIT(FAMILY_SEND) | BIT(FAMILY_REPLACE) | BIT(FAMILY_GETS) | BIT(FAMILY_COLLECT),
    [FAMILY_MAKE] = BIT(FAMILY_REPLACE) | BIT(FAMILY_OFFER),
};

/* Whether the sentence tells of a deed that is as good as this one. To send is to replace only where it is something
 * new that is sent. */
static bool has_kin(const struct deed *deed, const struct sentence *s)
{
    bool anew = deed->family == FAMILY_REPLACE ? words_have(s, 0, s->n, deed_words_anew) : deed->anew;
    unsigned all = (size_t)deed->family < ARRAY_LEN(kin_of) ? kin_of[deed->family] : 0;
    struct deed kin = *deed;

    if (!anew)
        all = deed->family == FAMILY_REPLACE ? 0 : all & ~BIT(FAMILY_REPLACE);
    for (kin.family = 0; all >> kin.family; kin.family++) {
        if ((all >> kin.family & 1) && deed_mentioned_in(s, &kin))
            return true;
    }
    return false;
}

/* "Bei Frost legen wir eine Pause ein", "our florists set out the table pieces": how it is done, by whatever verb, and
 * nobody is promised it. What the clause speaks of is more than who does it. */
static bool goes_by_rule(const struct deed *deed, const struct deed_content *content)
{
    bool of_more = false;

    for (size_t i = 0; i < content->n; i++)
        of_more |= content->words[i].start < deed->start || content->words[i].start > deed->verb_start;
    return of_more && deed->family == FAMILY_ANY && deed->kind == CLAIM_PROMISE && !deed->toward && !deed->passive;
}

static bool is_told(const struct deed *deed, const struct deed_content *content, const struct sentence *one,
                    const struct sentence *before)
{
    size_t may_miss =
        deed->family == FAMILY_REFUND ? content->n / MISSING_PER_OF_MONEY : (content->n + 1) / MISSING_PER;

    if (deed->family == FAMILY_ON_US)
        return deed_costs_nothing(one) && 2 * standing(content, one, one) >= content->n; /* the same thing is free */
    if (deed->family == FAMILY_GUARANTEE)
        return (is_guarantee(one) || is_guarantee(before)) && standing(content, one, before) == content->n;
    if (deed->kind == CLAIM_PROMISE && !deed->thing && standing(content, one, before) == content->n &&
        (has_kin(deed, one) || has_kin(deed, before)))
        return true;
    if (goes_by_rule(deed, content) && standing(content, one, one) == content->n)
        return true;
    return may_differ(deed, content->n) && content->n - standing(content, one, before) <= may_miss;
}

bool deed_told(const struct deed *deed, const struct deed_content *content, const struct folded *text,
               size_t *ret_start, size_t *ret_end)
{
    static _Thread_local struct sentence s[2];
    size_t at = 0, start, end, k = 0;
    s[0].n = s[1].n = 0;
    while (content->n && sentence_next(text, &at, &start, &end)) {
        sentence_split(text, start, end, &s[k % 2]);
        if (words_have(&s[k % 2], 0, s[k % 2].n, "sofern provided vorausgesetzt")) {
            s[k % 2].n = 0; /* on a condition: not this draft's */
            continue;
        }
        if (is_told(deed, content, &s[k % 2], &s[(k + 1) % 2])) {
            *ret_start = start;
            *ret_end = end;
            return true;
        }
        k++;
    }
    return false;
}

bool deed_thing_near(const struct deed_content *content, const struct folded *text, size_t place)
{
    static _Thread_local struct sentence s[2];
    size_t at = 0, start, end, k = 0, reached = 0;

    s[0].n = s[1].n = 0;
    while (reached < 2 && sentence_next(text, &at, &start, &end)) {
        sentence_split(text, start, end, &s[k % 2]);
        reached += reached > 0 || (place >= start && place < end);
        if (reached && standing(content, &s[0], &s[1]))
            return true;
        k++;
    }
    return false;
}
