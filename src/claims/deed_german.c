/* German: the finite verb stands second or first, and its participle or infinitive ends the clause. */
#include "claims/deed_patterns.h"

#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_words.h"

/* The finite verb of a main clause stands before its participle: "wir haben ... erstattet", "wurde ... storniert". */
void deed_german_done(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    size_t from = clause_start(s, i), have = word_before(s, from, i, "habe haben hat hab"), be, will;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family};
    bool perfect;

    if (clause_conditional(s, i) || clause_negated(s, from, i))
        return;
    if (have < i && clause_beside(s, have, deed_words_we)) {
        deed_add(list, s, have, i, deed);
        return;
    }
    deed.passive = !words_have(s, from, i, deed_words_just_now);
    be = word_before(s, from, i, "wurde wurden");
    if (be < i) {
        deed_add(list, s, be, i, deed);
        return;
    }
    be = word_before(s, from, i, "ist sind");
    perfect = i < clause_last(s, i) && word_is(&s->words[i + 1], "worden", 6);
    if (be < i &&
        (perfect ||
         words_have(s, be, i,
                    "bereits schon heute jetzt hiermit nun damit somit inzwischen mittlerweile erfolgreich"))) {
        deed_add(list, s, be, i, deed);
        return;
    }
    will = word_before(s, from, i, "wird werden");
    if (will < i && !deed_families[family].soft && !clause_follows_condition(s, i)) {
        deed.passive = true;
        deed.kind = CLAIM_PROMISE;
        deed_add(list, s, will, i, deed);
    }
}

/* "wir werden ... erstatten", "wir erstatten", "erstatten wir", "Sie erhalten". */
void deed_german_plan(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family];
    size_t from = clause_start(s, i), will = word_before(s, from, i, "werde werden wird koennen kann moechten wollen");
    struct deed deed = {.kind = CLAIM_PROMISE, .family = family};
    bool sure = will < i && word_in(&s->words[will], "werde werden wird");

    if (clause_conditional(s, i) || clause_negated(s, from, i) || row->soft)
        return;
    if (word_in(&s->words[i], "schreiben schreibe") && word_in(&s->words[clause_last(s, i)], "gut"))
        deed.family = FAMILY_REFUND; /* "schreiben wir Ihnen gut" */
    if (row->gets) {
        deed.family = deed_got(s, i, family);
        deed.gets = true;
        if (clause_beside(s, i, "sie du ihr") || (sure && clause_beside(s, will, "sie du")))
            deed_add(list, s, i > from ? i - 1 : i, i, deed);
        return;
    }
    if (will < i) {
        if (clause_beside(s, will, deed_words_we))
            deed_add(list, s, will, i, deed);
    } else if (!words_have(s, i, clause_last(s, i) + 1,
                           "nicht nichts nie niemals kein keine keinen") && /* "bieten wir nicht an" */
               !words_have(s, from, i, "zu um") &&
               ((i > from && word_in(&s->words[i - 1], "wir ich")) ||
                (clause_beside(s, i, "wir ich") && !clause_beside(s, i, "sie")))) {
        deed_add(list, s, i, i, deed);
    }
}
