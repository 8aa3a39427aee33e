/* Phrases: several words that commit together, "on the house", "nothing to pay", "rest assured", "in Bearbeitung". */
#include "claims/deed_patterns.h"

#include "base/attrs.h"
#include "claims/deed_condition.h"
#include "claims/deed_list.h"
#include "claims/deed_words.h"

/* "Den Rueckversand bezahlen wir", "we pay the return postage": what would cost them, and not us. */
bool deed_we_pay(const struct sentence *s, size_t i)
{
    static const char *const ends[] = {"kosten",  "gebuehr", "gebuehren", "versand",
                                       "sendung", "porto",   "preis",     "rechnung"};
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (word_in(&s->words[i], "pay cover bear meet swallow absorb shoulder foot"))
        return word_shortly_before(s, i, "we") && !clause_negated(s, from, last + 1) &&
               words_have(s, i, last + 1, "postage shipping delivery carriage return returns cost costs fee label");
    if (word_in(&s->words[i], "uebernehmen bezahlen zahlen") && clause_beside(s, i, "wir") &&
        words_have(s, from, last + 1, "reparatur anfahrt abholung lieferung montage entsorgung transport"))
        return !clause_negated(s, from, last + 1);
    if (!word_in(&s->words[i],
                 "uebernehmen tragen bezahlen zahlen begleichen begleiche uebernehme trage bezahle zahle") ||
        !clause_beside(s, i, "wir ich") || clause_negated(s, from, last + 1))
        return false;
    for (size_t k = from; k <= last; k++) {
        if (fold_ends_in(s->words[k].at, s->words[k].len, ends, ARRAY_LEN(ends)))
            return true;
    }
    return false;
}

/* "on the house", "at our expense", "aufs Haus", "ohne Berechnung", "geht auf uns". */
static bool is_on_us(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (word_in(word, "house haus"))
        return (i > 1 && word_is(&s->words[i - 1], "the", 3) && word_is(&s->words[i - 2], "on", 2)) ||
               (i > 0 && word_is(&s->words[i - 1], "aufs", 4));
    if (word_in(word, "present gift geschenk dankeschoen"))
        return words_have(s, i > 3 ? i - 3 : 0, i, "as als") &&
               words_have(
                   s, clause_start(s, i), clause_last(s, i) + 1,
                   "keep us we uns wir get receive behalten behaltet bekommen bekommt bekommst erhalten"); /* "keep it
                                                                                                              as a
                                                                                                              present"
                                                                                                            */
    if (word_is(word, "treat", 5))
        return i > 0 && word_in(&s->words[i - 1], "our my");
    if (word_is(word, "expense", 7))
        return i > 0 && word_is(&s->words[i - 1], "our", 3);
    if (word_in(word, "berechnung gegenleistung"))
        return i > 0 && word_is(&s->words[i - 1], "ohne", 4);
    if (word_in(word, "us uns"))
        return i > 1 && word_in(&s->words[i - 1], "on auf") && word_in(&s->words[i - 2], "is 's be geht gehen");
    if (deed_we_pay(s, i) && !deed_costs_none(s, i))
        return true;
    return word_in(word, "spendieren spendiere schenken schenke") && clause_beside(s, i, "wir ich");
}

/* "no further charge", "without extra cost", "nothing to pay", "ohne Aufpreis", "die Kosten übernehmen wir". */
bool deed_costs_none(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (word_in(word, "cost costs kosten kostet") && i + 1 < s->n && word_in(&s->words[i + 1], "nothing nichts"))
        return true;
    if (word_is(word, "nothing", 7) && i > 0 && word_is(&s->words[i - 1], "for", 3))
        return words_have(s, from, i, "we you 'll will can");
    if (word_in(word, "cost costs charge charges fee fees payment"))
        return words_have(s, i > from + 3 ? i - 3 : from, i, "no without");
    if (word_in(word, "kosten gebuehr gebuehren aufpreis mehrkosten zuzahlung mehrpreis"))
        return (word_shortly_before(s, i, "keine keinerlei ohne") ||
                (word_is(word, "kosten", 6) && word_shortly_before(s, i, "unsere"))) &&
               !words_have(s, i, last + 1, "uebernehmen");
    if (word_in(word, "charged billed"))
        return words_have(s, from, i, "'t not never nicht nothing no") && words_have(s, from, i, "be is are");
    if (word_in(word, "pay zahlen bezahlen ueberweisen entrichten"))
        return words_have(s, i > from + 4 ? i - 4 : from, i, "nothing nichts 't not keinen never nie") ||
               (i + 1 < s->n && word_in(&s->words[i + 1], "nothing"));
    if (word_in(word, "uebernehmen uebernehme tragen trage"))
        return clause_beside(s, i, "wir ich") &&
               words_have(s, from, last + 1, "kosten gebuehr gebuehren porto versandkosten");
    if (word_in(word, "cover covered"))
        return words_have(s, from, last + 1, "we us") &&
               words_have(s, from, last + 1, "cost costs charge charges postage fee fees");
    return false;
}

/* "we'll make sure", "rest assured", "ich sorge dafür", "wir kümmern uns darum". */
static bool takes_care(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = clause_reach(s, i);

    if (word_is(word, "sure", 4))
        return word_shortly_before(s, i, "make making") && words_have(s, from, i, "we i") &&
               !words_have(s, from, i, "please you");
    if (word_is(word, "care", 4))
        return word_shortly_before(s, i, "take taking taken") && words_have(s, from, i, "we i team");
    if (word_is(word, "assured", 7))
        return word_shortly_before(s, i, "rest be");
    if (word_is(word, "dafuer", 6))
        return words_have(s, clause_start(s, i), clause_last(s, i) + 1, "sorge sorgen") &&
               words_have(s, clause_start(s, i), i, "wir ich werde");
    if (word_is(word, "see", 3) || word_is(word, "seeing", 6))
        return i + 2 < s->n && word_is(&s->words[i + 1], "to", 2) && word_is(&s->words[i + 2], "it", 2);
    if (word_in(word, "exception ausnahme"))
        return words_have(s, clause_start(s, i), i, "we i wir ich");
    return word_in(word, "kuemmere kuemmern") && clause_beside(s, i, "wir ich") && !clause_follows_condition(s, i);
}

/* "You won't be charged again", "das wird nicht wieder vorkommen". */
static bool never_again(const struct sentence *s, size_t i)
{
    size_t from = clause_start(s, i);

    from += word_before(s, from, i, "and und") < i ? word_before(s, from, i, "and und") - from : 0;
    return word_in(&s->words[i], "again wieder") && words_have(s, from, i, "won will wird werden") &&
           words_have(s, from, clause_last(s, i) + 1, "'t not nicht never nie") &&
           !words_have(s, from, i, "able sie need");
}

/* What somebody might want to hold us to. */
#define BENEFITS                                                                                                       \
    "charge charges charged fee fees free cost costs refund refunded money back lost restore restored replaced "       \
    "repaired "                                                                                                        \
    "covered cancel guaranteed dropped waived safe kostenlos kostenfrei gratis gebuehr gebuehren kosten geld "         \
    "erstattet "                                                                                                       \
    "erstattung verloren wiederherstellen ersetzt repariert gedeckt stornieren kuendigen garantiert erlassen sicher "  \
    "zurueckgeben umtauschen"

/* "Always", "at any time", "nothing will ever": what holds without exception must be said so. Whoever may always write
 * to us is told nothing. */
static bool without_exception(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];
    size_t from = clause_start(s, i), last = clause_last(s, i);
    bool anytime = word_is(word, "time", 4) && word_shortly_before(s, i, "any") && words_have(s, from, i, "at");

    if (!anytime && !word_in(word, "always anytime jederzeit stets immer ever niemals"))
        return false;
    if (i < last && word_in(&s->words[i + 1], "noch wieder"))
        return false;
    return words_have(s, clause_start(s, i), last + 1, BENEFITS) &&
           words_have(s, from, i, "is are can will be wird werden ist sind kann koennen") &&
           !words_have(s, from, last + 1, "please bitte ") &&
           !words_have(
               s, from, last + 1,
               "reply write contact call ask reach get welcome melden schreiben anrufen fragen wenden antworten "
               "erreichen erreichbar gern gerne");
}

/* "We'll keep you posted", "expect a call", "auf dem Laufenden". */
static bool stays_in_touch(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (word_in(word, "posted informed updated"))
        return word_shortly_before(s, i, "you") && words_have(s, clause_start(s, i), i, "keep keeping");
    if (word_in(word, "laufenden"))
        return words_have(s, clause_start(s, i), i, "halten halte");
    if (word_in(word, "hoeren"))
        return clause_beside(s, i, "sie") && words_have(s, i, clause_last(s, i) + 1, "uns");
    return word_in(word, "call reply answer email message") && words_have(s, clause_start(s, i), i, "expect expecting");
}

/* "in Arbeit", "in progress", "liegt bei einer Kollegin". */
static bool goes_on(const struct sentence *s, size_t i)
{
    const struct word *word = &s->words[i];

    if (word_in(word, "arbeit bearbeitung progress"))
        return i > 0 && word_in(&s->words[i - 1], "in");
    if (word_in(word, "underway"))
        return true;
    if (word_in(word, "live sorted raus erledigt durch") &&
        !words_have(s, clause_start(s, i), i, "in nach danach dann damit within then minuten minutes"))
        return word_shortly_before(s, i, "is 's are ist sind been") &&
               (i == clause_last(s, i) || word_in(&s->words[i + 1], "and und"));
    if (word_in(word, "in on") && i < clause_last(s, i) && word_is(&s->words[i + 1], "your", 4))
        return i > 1 && word_is(&s->words[i - 1], "already", 7) && word_in(&s->words[i - 2], "is are 's 're");
    if (word_in(word, "with bei beim")) /* "is already with the court", "liegt schon bei" */
        return i > 1 && word_in(&s->words[i - 1], "already schon bereits") &&
               word_in(&s->words[i - 2], "is are 's liegt liegen ist sind");
    if (word_in(word, "through"))
        return i > 0 && word_in(&s->words[i - 1], "went gone came") &&
               !(i < clause_last(s, i) && word_in(&s->words[i + 1], "the our your their its this that")); /* a shop */
    if (word_in(word, "schon bereits"))
        return i > 0 && word_in(&s->words[i - 1], "steht liegt") && words_have(s, i, clause_last(s, i), "auf in bei") &&
               words_have(s, i, clause_last(s, i),
                          "ihrem deinem eurem ihrer deiner eurer"); /* "schon auf Ihrem Konto" */
    if (word_in(word, "laeuft"))
        return i < clause_last(s, i) && word_in(&s->words[i + 1], "bereits schon seit");
    if (word_is(word, "it", 2)) /* "our colleagues are on it" */
        return i > 2 && word_is(&s->words[i - 1], "on", 2) && word_in(&s->words[i - 2], "are is 're 's am 'm") &&
               word_in(&s->words[i - 3], deed_words_we);
    if (word_in(word, "eingetragen vorgemerkt eingeplant angemeldet abgemeldet"))
        return i == clause_last(s, i) && words_have(s, clause_start(s, i), i, "sind bist") &&
               words_have(s, clause_start(s, i), i, "sie du");
    if (word_is(word, "bescheid", 8))
        return i > 0 && word_in(&s->words[i - 1], "weiss wissen") &&
               !words_have(s, clause_start(s, i), i, "ich sie wir");
    if (word_in(word, "system") && word_shortly_before(s, i, "our in"))
        return words_have(s, clause_start(s, i), i, "now already");
    return word_in(word, "kollegin kollegen fachabteilung abteilung") && word_shortly_before(s, i, "bei beim") &&
           words_have(s, clause_start(s, i), i, "liegt ist");
}

/* "as long as you tell us a day before", "bis 24 Stunden vorher". */
static bool limited(const struct sentence *s, size_t i)
{
    return words_have(s, clause_start(s, i), clause_last(s, i) + 1,
                      "if provided long until before beforehand ahead earlier up bis vorher zuvor wenn sofern solange "
                      "rechtzeitig within innerhalb");
}

/* Without a look at negations: the phrase may hold one. */
void deed_phrase(const struct sentence *s, size_t i, struct deed_list *list)
{
    struct deed deed = {.kind = CLAIM_PROMISE};

    if (clause_conditional(s, i))
        return;
    if (is_on_us(s, i)) {
        deed.family = FAMILY_ON_US;
    } else if (deed_costs_none(s, i)) {
        deed.family = FAMILY_FREE;
        deed.limited = limited(s, i);
    } else if (stays_in_touch(s, i)) {
        deed.family = FAMILY_IN_TOUCH;
    } else if (takes_care(s, i) || never_again(s, i)) {
        deed.family = FAMILY_CARE;
    } else if (without_exception(s, i)) {
        deed.family = FAMILY_ABSOLUTE;
    } else if (goes_on(s, i)) {
        deed.kind = CLAIM_ACTION;
        deed.passive = true;
        deed.family = FAMILY_ON_THE_WAY;
    } else {
        return;
    }
    deed_add(list, s, i, i, deed);
}
