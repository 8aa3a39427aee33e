/* "Is cancelled": what has become so, or how things are. */
#include "claims/deed_patterns.h"

#include "claims/deed_condition.h"
#include "claims/deed_forms.h"
#include "claims/deed_list.h"
#include "claims/deed_words.h"

/* How things go in general, or in time: not what was done. */
static bool is_habit(const struct sentence *s, size_t i)
{
    return words_have(s, clause_start(s, i), clause_last(s, i) + 1,
                      "within innerhalb binnen usually normally typically generally ueblicherweise normalerweise meist "
                      "meistens every each jede jeden jedes always automatically automatisch then dann later spaeter "
                      "afterwards danach") &&
           !words_have(s, clause_start(s, i), clause_last(s, i) + 1, "already bereits schon just now jetzt soeben");
}

/* "is arranged for Tuesday". */
static bool is_set_for(const struct sentence *s, size_t i)
{
    if (i + 1 < s->n && word_is(&s->words[i + 1], "in", 2))
        i++;
    if (i + 1 < s->n && word_in(&s->words[i + 1], "for on fuer am zum") &&
        (i + 2 == s->n || s->words[i + 2].start > s->words[i + 1].start + s->words[i + 1].len + 1))
        return true; /* a number stands behind it */
    return i + 2 < s->n && word_in(&s->words[i + 1], "for on fuer am") &&
           word_in(&s->words[i + 2],
                   "monday tuesday wednesday thursday friday saturday sunday tomorrow today montag dienstag "
                   "mittwoch donnerstag freitag samstag sonntag morgen heute");
}

/* "Das ist bloed" has no English participle, "is urgent" no German one. */
static bool of_one_language(const struct sentence *s, size_t be, size_t i)
{
    const struct word *word = &s->words[i];
    bool english = deed_form_english(word->at, word->len), german = deed_form_german(word->at, word->len);

    return english == german || english == word_in(&s->words[be], "is are 's");
}

/* "Your booking is cancelled", "Ihre Adresse ist geaendert": said of the customer's own it is a deed, said of things in
 * general it is how they are. */
void deed_state(const struct sentence *s, size_t i, int family, struct deed_list *list)
{
    const struct deed_family *row = &deed_families[family == FAMILY_ANY ? 0 : family];
    size_t from = clause_start(s, i), be;
    struct deed deed = {.kind = CLAIM_ACTION, .family = family, .passive = true, .state = true};

    if ((family != FAMILY_ANY && (row->soft || row->gets)) || clause_conditional(s, i) || clause_negated(s, from, i) ||
        clause_follows_condition(s, i))
        return;
    be = word_before(s, from, i, "is are 's ist sind");
    if (be == i || be == from || !of_one_language(s, be, i) ||
        (i - be > 3 && !(i == clause_last(s, i) && word_in(&s->words[be], "ist sind"))) ||
        words_have(s, be, i, "being to not also demnach folglich")) /* a conclusion */
        return;
    deed.passive = !words_have(s, be, i, deed_words_just_now);
    if (is_habit(s, i) && deed.passive) { /* "within two days the bank is contacted" */
        deed.kind = CLAIM_PROMISE;
        deed.state = false;
    }
    deed.ground_only = i != clause_last(s, i) &&
                       !words_have(s, be, i + 2 < s->n ? i + 2 : s->n, "now already jetzt nun bereits schon") &&
                       !is_set_for(s, i);
    deed.ground_only |=
        !words_have(
            s, from, be,
            "your ihr ihre dein deine it das this change korrektur erstattung stornierung rueckzahlung gutschrift "
            "umbuchung "
            "aenderung kuendigung ueberweisung ersatzlieferung nachlieferung reparatur austausch lieferung abholung "
            "sperrung umleitung sendung refund repair cancellation correction swap exchange booking bookings "
            "appointment termin "
            "umtausch buchung") ||
        words_have(s, from, be, "you each every jede");
    deed.ground_only &= !words_have(s, be, i, "hereby hiermit");
    deed_add(list, s, be, i, deed);
}
