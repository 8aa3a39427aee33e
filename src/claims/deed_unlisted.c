/* What was done, with a verb that no list has: "we have exported it", "ich habe es abgeschaltet". */
#include "claims/deed_patterns.h"

#include "claims/deed_condition.h"
#include "claims/deed_forms.h"
#include "claims/deed_list.h"
#include "claims/deed_persons.h"
#include "claims/deed_words.h"

/* "has been excluded by the sender": not by us. */
static bool by_another(const struct sentence *s, size_t i)
{
    return i + 2 < s->n && word_is(&s->words[i + 1], "by", 2) &&
           word_in(&s->words[i + 2], "the your their its another") &&
           !(i + 3 < s->n && word_in(&s->words[i + 3], "team warehouse colleague support department"));
}

/* "has been switched off", "is being moved": where it begins, or i when word i is no passive of ours. */
static size_t passive_start(const struct sentence *s, size_t from, size_t have, size_t i)
{
    size_t be = word_before(s, from, i, "was were");

    if (words_have(s, clause_start(s, i), i, "means meaning usually perhaps maybe probably possibly likely") ||
        (have < i && have > from && word_in(&s->words[have - 1], "that which who whom"))) /* what it is, and no news */
        return i;
    if (have < i && i - have <= 3 && words_have(s, have, i, "been") && !by_another(s, i))
        return have;
    if (have < i && i - have <= 2 && word_in(&s->words[i], "gone left begun started shipped cleared") &&
        !words_have(s, from, i, "you i since as what"))
        return have;
    if (be < i && i - be <= 2 &&
        words_have(s, from, clause_last(s, i) + 1, "already just now today morning afternoon yesterday meanwhile"))
        return be;
    if (i > from + 1 && word_is(&s->words[i - 1], "being", 5) && word_in(&s->words[i - 2], "is are 's 're"))
        return i - 2;
    return i;
}

/* "I've had a pair set aside", "we have had it tested": by others, and for us. */
static bool had_done(const struct sentence *s, size_t from, size_t i)
{
    size_t had = word_before(s, from, i, "had");

    return had < i && had > from + 1 && word_in(&s->words[had - 1], "have 've") &&
           word_in(&s->words[had - 2], "we i team") && i > had + 1;
}

/* "I have exported", "we've told", "we attached", "has been switched off": nobody but us can have done it. */
static void any_english(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = clause_reach(s, i), have = word_before(s, from, i, deed_words_have), plain = i, passive;

    if (clause_conditional(s, i) || clause_negated(s, from, i) ||
        words_have(s, from, i, "will 'll would can could may might must to should as be you they"))
        return;
    if (have < i && words_have(s, from, have, "we i our colleague colleagues team") && i - have <= 3) {
        deed_add(list, s, have - 1, i, deed);
        return;
    }
    if (had_done(s, from, i)) {
        deed_add(list, s, from, i, deed);
        return;
    }
    passive = passive_start(s, from, have, i);
    if (passive < i) {
        deed.passive = true;
        deed_add(list, s, passive, i, deed);
        return;
    }
    while (plain > from && word_in(&s->words[plain - 1], deed_words_adverbs))
        plain--;
    if (word_in(&s->words[i], "set shut cut put let hit split cost read run") &&
        !words_have(s, clause_start(s, i), clause_last(s, i) + 1, "already just today yesterday now for your you i"))
        return; /* "we shut at five": what we do */
    if (plain > from && word_in(&s->words[plain - 1], "we i"))
        deed_add(list, s, plain - 1, i, deed);
}

/* "We have received your return": a message that came is known to have come, a parcel is not. */
static void arrived_here(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = clause_reach(s, i), last = clause_last(s, i);

    if (word_in(&s->words[i], "received") && words_have(s, from, i, "we 've") && !clause_conditional(s, i) &&
        !clause_negated(s, from, i) &&
        words_have(s, i, last < i + CLAUSE_REACH ? last + 1 : i + CLAUSE_REACH,
                   "return returned parcel package item items payment money device documents form"))
        deed_add(list, s, from, i, deed);
}

/* "Ich habe die Ruecksendung vorziehen lassen": by others, and for us. "Wir haben Sie warten lassen" is an apology. */
static bool had_it_done(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = clause_start(s, i), have = word_before(s, from, i, "habe haben hab hat");

    if (!word_is(&s->words[i], "lassen", 6) || have + 1 >= i || i != clause_last(s, i) ||
        word_in(&s->words[i - 1], "warten wissen haengen") ||
        !(clause_beside(s, have, "wir ich") || (have > from && person_of_ours(s, from, have))) ||
        clause_conditional(s, i) || clause_negated(s, from, i))
        return false;
    deed_add(list, s, have, i - 1, deed);
    return true;
}

/* "ich habe ... abgeschaltet": the participle ends its clause. */
static void any_german(const struct sentence *s, size_t i, struct deed_list *list)
{
    const struct deed deed = {.kind = CLAIM_ACTION, .family = FAMILY_ANY};
    size_t from = clause_start(s, i), have = word_before(s, from, i, "habe haben hab");
    bool worden = i < clause_last(s, i) && word_is(&s->words[i + 1], "worden", 6); /* "ist hinterlegt worden" */
    bool ends = i == clause_last(s, i) || worden || word_in(&s->words[i + 1], "und oder");
    size_t be = word_before(s, from, i, "wurde wurden ist sind");

    if (words_have(s, be, i, "also demnach folglich"))
        return; /* a conclusion */
    if (had_it_done(s, i, list))
        return;
    if (ends && be < i && !clause_conditional(s, i) && !clause_negated(s, from, i) && !clause_follows_condition(s, i) &&
        (worden ||
         words_have(
             s, from, i,
             "soeben gerade eben bereits schon jetzt heute nun inzwischen mittlerweile hiermit damit somit gestern"))) {
        struct deed happened = deed;
        happened.passive = !words_have(s, from, i, deed_words_just_now);
        deed_add(list, s, be, i, happened);
        return;
    }

    if (ends && have < i && have > from && clause_beside(s, have, "wir ich") && !clause_conditional(s, i) &&
        !clause_negated(s, from, i))
        deed_add(list, s, have, i, deed);
}

void deed_unlisted(const struct sentence *s, size_t i, struct deed_list *list)
{
    size_t before = list->n;

    deed_announced(s, i, list);
    arrived_here(s, i, list);
    if (list->n == before)
        deed_announced_by_verb(s, i, list);
    if (list->n == before && deed_form_english(s->words[i].at, s->words[i].len))
        any_english(s, i, list);
    if (list->n == before && deed_form_english(s->words[i].at, s->words[i].len)) {
        deed_by_another(s, i, FAMILY_ANY, false, list);
        deed_will_be(s, i, list);
        if (list->n == before)
            deed_state(s, i, FAMILY_ANY, list);
    }
    if (list->n == before && (deed_form_german(s->words[i].at, s->words[i].len) || word_is(&s->words[i], "lassen", 6)))
        any_german(s, i, list);
    if (list->n == before && deed_form_german(s->words[i].at, s->words[i].len)) {
        deed_by_another(s, i, FAMILY_ANY, true, list);
        if (list->n == before)
            deed_state(s, i, FAMILY_ANY, list);
    }
    if (list->n == before)
        deed_for_you(s, i, list);
}
